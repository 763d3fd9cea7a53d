//! Words for what is wrong with a frame, and how to mend it.

use crate::base::lang::Text;

pub const HEX_TEXT: Text = Text::new(
    "these are the characters of hex digits, not the bytes they name: send them as bytes",
    "这是十六进制字符的文本，不是它所表示的字节：应按字节发送",
);
pub const WHOLE_PACKET: Text = Text::new(
    "this is a whole MQTT PUBLISH packet; the frame begins at byte {}",
    "这是完整的 MQTT PUBLISH 报文，帧从第 {} 字节开始",
);
pub const HEAD_LATER: Text = Text::new(
    "{} bytes stand before the head 00000003, which begins at byte {}: remove them",
    "帧头 00000003 之前多出 {} 字节，帧从第 {} 字节开始：应去掉前面的字节",
);
pub const HEAD_SHORT: Text = Text::new(
    "the head is {} bytes short: 00000003 is a number of four bytes, the highest first",
    "帧头少了 {} 字节：00000003 为 4 字节大端数",
);
pub const HEAD_SWAPPED: Text =
    Text::new("the head is in little-endian order: write 00000003", "帧头按小端写了：应为 00000003");
pub const LINE_END: Text = Text::new(
    "a line end ({}) follows the frame: a tool sent text with it; remove it",
    "帧后多出换行符（{}），由发送工具附加：应去掉",
);
pub const LENGTH_IS: Text = Text::new(
    "the length of this frame says {}, but {} bytes follow to the end of the payload: write {}",
    "该帧长度为 {}，但其后到末尾共有 {} 字节：应写 {}",
);
pub const LENGTH_HOW: Text = Text::new("{}; {}", "{}；{}");
pub const COUNTS_ALL: Text = Text::new(
    "it counts head and length too, but counts only what follows it: write {}",
    "它把帧头和长度也算进去了，只应计其后的字节：应写 {}",
);
pub const COUNTS_ITSELF: Text =
    Text::new("it counts itself too, but counts only what follows it: write {}", "它把自身也算进去了：应写 {}");
pub const COUNTS_NO_FLAG: Text =
    Text::new("it leaves out the flag, which counts too: write {}", "它漏算了 Flag（1 字节）：应写 {}");
pub const COUNTS_NO_COMMAND: Text =
    Text::new("it leaves out flag and command, which count too: write {}", "它漏算了 Flag 与命令字（3 字节）：应写 {}");
pub const LENGTH_BIG_ENDIAN: Text = Text::new(
    "the length is written as a number of {} bytes, the highest first; a variable length is written {}",
    "长度按 {} 字节大端数写了；可变长度应写 {}",
);
pub const LENGTH_SHOULD: Text = Text::new("write {}, or append the missing bytes", "应写 {}，或补足缺少的字节");
pub const LENGTH_LONG: Text =
    Text::new("the length takes {} bytes where {} do: write {}", "长度用了 {} 字节，只需 {} 字节：应写 {}");
pub const HAS_LENGTH: Text = Text::new(
    "this is a frame between app and device, with length and flag; on the server's topics there are neither",
    "这是应用与设备之间的帧（带长度与 Flag）；服务器主题上的帧没有这两项",
);
pub const NO_FLAG: Text = Text::new(
    "the flag is missing: with a 00 before the command this is 0x{}",
    "缺少 Flag：在命令字前补 00 后即为 0x{}",
);
pub const SERVER_COMMAND: Text = Text::new(
    "0x{} is a command of the server: its frames have neither length nor flag, write {}",
    "0x{} 是服务器命令，其帧没有长度与 Flag：应写 {}",
);
pub const INTO_NEXT: Text = Text::new(
    "the length says {}, but the next frame begins after {} bytes: write {}",
    "长度为 {}，但 {} 字节之后就是下一帧：应写 {}",
);
pub const PART_SHORT: Text = Text::new(
    "{}_length says {}, but {} bytes follow to the end of the frame: write {}",
    "{} 长度为 {}，但其后到帧末尾共有 {} 字节：应写 {}",
);
pub const PART_WITH_ZERO: Text = Text::new(
    "{} takes in a byte 00, which is no text: {}_length should probably be {}",
    "{} 中含有非文本字节 00：{} 长度可能应为 {}",
);
pub const SERIAL_HEAD_SHORT: Text = Text::new(
    "this is a frame of the serial line whose head FFFF is one FF short",
    "这是串口帧，但帧头 FFFF 少了一个 FF",
);
pub const COMMAND_SWAPPED: Text =
    Text::new("the command is in little-endian order: swapped it is 0x{}", "命令字按小端写了：交换后为 0x{}");
pub const FLAG_SET: Text = Text::new(
    "the flag is 00 in frames over the cloud, found {} (01 is seen on a local network)",
    "经云端的帧 Flag 应为 00，实际是 {}（局域网推送中可见 01）",
);
pub const UNKNOWN: Text = Text::new(
    "no receiver knows the command 0x{}: it would be ignored without a word",
    "接收方不认识命令字 0x{}：会直接忽略，不做任何应答",
);
pub const NOT_FOR_DEVICE: Text = Text::new(
    "a device would ignore this without a word: 0x{} goes from device to app; to a device write 0x{}",
    "设备会直接忽略该帧：0x{} 是设备→应用方向，发给设备应写 0x{}",
);
pub const NOT_FOR_APP: Text = Text::new(
    "an app would ignore this without a word: 0x{} goes from app to device; to an app write 0x{}",
    "应用会直接忽略该帧：0x{} 是应用→设备方向，发给应用应写 0x{}",
);
pub const ACTION_TO_DEVICE: Text = Text::new(
    "a device would ignore this without a word: action {} is what a device says; an app sends 01, 02, 05, 11 or 12",
    "设备会直接忽略该指令：动作 {} 由设备发出；应用应发 01、02、05、11 或 12",
);
pub const ACTION_TO_APP: Text = Text::new(
    "action {} is what an app says; a device sends 03, 04, 06, 13 or 14",
    "动作 {} 由应用发出；设备应发 03、04、06、13 或 14",
);
pub const ACTION_UNKNOWN: Text = Text::new(
    "action {} does not exist (01–06, 11–14, 71–73): it would be ignored without a word",
    "动作 {} 不存在（应为 01–06、11–14、71–73）：会被直接忽略",
);
pub const SN_MISSING: Text = Text::new(
    "0x{} without sn: the action {} stands where the sn (4 bytes) is expected; insert it before",
    "0x{} 缺少 sn：应为 4 字节 sn 的位置是动作 {}；应在其前插入 sn",
);
pub const SN_SURPLUS: Text = Text::new(
    "0x{} carries no sn: these 4 bytes look like one; remove them or write 0x0093",
    "0x{} 不带 sn：这 4 字节像是 sn；应去掉，或改用 0x0093",
);
pub const NO_DATA: Text = Text::new(
    "0x{} without business data: at least an action was expected; a device would ignore it without a word",
    "0x{} 没有业务指令：至少应有动作；设备会直接忽略",
);
pub const NOTHING_NAMED: Text = Text::new(
    "attr_flags name no data point: a device would ignore this without a word",
    "attr_flags 没有指定任何数据点：设备会直接忽略该指令",
);
pub const FLAGS_SWAPPED: Text = Text::new(
    "attr_flags in little-endian order: reversed ({}) they would name {}",
    "attr_flags 按小端写了：反转后（{}）指向 {}",
);
pub const GROUP_SWAPPED: Text = Text::new(
    "the bit group is in little-endian order: reversed ({}) every value in it is valid",
    "位段按小端写了：反转后（{}）其中各值均有效",
);
pub const NUMBER_SWAPPED: Text = Text::new(
    "“{}” looks like little-endian order: reversed ({}) it is within its limits",
    "“{}”疑似按小端写了：反转后（{}）在取值范围内",
);
pub const SIZE_IGNORED: Text = Text::new(
    "a device would ignore this without a word: it compares the length of p0 with its own",
    "设备会直接忽略该指令：它会核对 p0 长度",
);
pub const PART_LONG: Text = Text::new("{} is {} bytes, at most {} are allowed", "{} 有 {} 字节，最多 {} 字节");
pub const PART_CUT: Text = Text::new("{}_length says {}, {} bytes follow", "{} 长度为 {}，其后只有 {} 字节");
pub const PART_SWAPPED: Text =
    Text::new("{}_length is in little-endian order: swapped it is {}", "{} 长度按小端写了：交换后为 {}");
pub const ONLINE_IS: Text = Text::new("online is 0 or 1, found {}", "在线标志应为 0 或 1，实际是 {}");
pub const VERSION_IS: Text =
    Text::new("the protocol version is 00000003, found {}", "通用协议版本号应为 00000003，实际是 {}");
pub const LEVEL_IS: Text = Text::new(
    "the log level is 1 (Error), 2 (Warning) or 3 (Info), found {}",
    "日志级别应为 1（Error）、2（Warning）或 3（Info），实际是 {}",
);
pub const NOT_UTF8: Text = Text::new("{} is not UTF-8", "{} 不是 UTF-8 文本");
pub const SPARE_BITS: Text = Text::new("bits are set that belong to no data point", "有不属于任何数据点的位被置 1");
