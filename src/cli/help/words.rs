//! The words of help in both languages. English is the key: it is what the command line is defined with.

use crate::base::lang::Text;

/// Before how a command is called.
pub const USAGE: Text = Text::new("Usage: ", "用法：");
/// Heading.
pub const COMMANDS: Text = Text::new("Commands", "命令");
/// In place of a command.
pub const COMMAND: Text = Text::new("COMMAND", "命令");
/// Heading.
pub const ARGUMENTS: Text = Text::new("Arguments", "参数");
/// Heading.
pub const OPTIONS: Text = Text::new("Options", "选项");
/// In place of options.
pub const OPTIONS_OF_USAGE: Text = Text::new("[OPTIONS]", "[选项]");
/// Heading.
pub const GLOBAL: Text = Text::new("Global options", "全局选项");
/// Heading.
pub const FIELDS: Text = Text::new("Fields", "字段");
/// What an option may be.
pub const VALUES: Text = Text::new("possible values: {}", "可选值：{}");
/// What an option is where it is not given.
pub const DEFAULT: Text = Text::new("default: {}", "默认：{}");
/// Where an option may be given besides.
pub const VARIABLE: Text = Text::new("env: {}", "环境变量：{}");

/// Commands, options and values, in the order in which `--help` comes to them.
pub const WORDS: &[Text] = &[
    // clap's own
    Text::new("Print help (see more with '--help')", "显示简要帮助（详细帮助用 --help）"),
    Text::new("Print help (see a summary with '-h')", "显示帮助（简要帮助用 -h）"),
    Text::new("Print version", "显示版本、提交、特性与协议版本"),
    Text::new("Examples:", "示例："),
    Text::new("Example:", "示例："),
    // everywhere
    Text::new("A terminal debugger for the real-time channels of IoT clouds", "物联网云平台实时通道的终端调试工具"),
    GLOBAL,
    FIELDS,
    Text::new(
        "Language of words: en or zh-CN [default: from LC_ALL, LC_MESSAGES, LANG]",
        "界面语言：en 或 zh-CN [默认：取自 LC_ALL、LC_MESSAGES、LANG]",
    ),
    Text::new("When to use colours", "何时使用颜色"),
    Text::new("On a terminal, and unless `NO_COLOR` is set", "输出到终端且未设置 `NO_COLOR` 时使用"),
    Text::new("Always", "始终使用"),
    Text::new("Never", "从不使用"),
    Text::new(
        "Folder of profiles and settings [default: iotdbg in the XDG config directory]",
        "配置与设置所在目录 [默认：XDG 配置目录下的 iotdbg]",
    ),
    Text::new(
        "Theme of the terminal application: auto, terminal, light, dark, contrast, or one of your own",
        "界面主题：auto、terminal、light、dark、contrast，或自定义主题",
    ),
    Text::new("How much history to keep in memory, for example 64MiB", "内存中保留的历史消息总量，例如 64MiB"),
    Text::new(
        "Append one line per MQTT packet to this file, without secrets",
        "把每个 MQTT 报文写成一行，追加到此文件（不含密钥）",
    ),
    Text::new("Say more on standard error; twice for even more", "在标准错误输出更多信息；重复给出则更详细"),
    Text::new(
        "Profile to connect at once: a name or a path; may be given several times",
        "启动后立即连接的配置：名称或路径；可多次给出",
    ),
    Text::new("Workspace to open: several profiles with their layout", "要打开的工作区：一组配置及其布局"),
    Text::new("Profile: a name or a path", "配置：名称或路径"),
    Text::new("The thing model", "物模型文件"),
    Text::new("One JSON object per line", "每行输出一个 JSON 对象"),
    Text::new("One JSON object on one line", "在一行内输出一个 JSON 对象"),
    Text::new("One JSON object", "输出一个 JSON 对象"),
    Text::new("Stop after this time", "到达此时长后结束"),
    Text::new("End when the connection is lost instead of connecting again", "连接断开后结束，不再重连"),
    Text::new("Keep secrets in payloads", "保留报文中的密钥，不做掩码"),
    Text::new("Do not ask before sending to production", "向生产环境发送前不再确认"),
    Text::new("Send on production without asking", "向生产环境发送前不再确认"),
    // demo
    Text::new(
        "The terminal application over a simulated cloud; needs no account and no network",
        "在模拟云上打开终端界面，无需账号和网络",
    ),
    Text::new("Only this dialect; may be given several times", "只演示此平台；可多次给出"),
    Text::new("Seed of everything that is chosen at random", "随机数种子，决定一切随机内容"),
    // cloud
    Text::new("Run a simulated cloud until Ctrl-C", "运行模拟云，直到按 Ctrl-C"),
    Text::new(
        "The identities that are known [default: those of the shipped profiles]",
        "名册：模拟云认识的身份 [默认：内置配置中的身份]",
    ),
    Text::new("The address to listen on", "监听地址"),
    Text::new(
        "Ports by endpoint, and of the control address; 0 takes a free one, and lets endpoints that are not named do so",
        "各端点及控制地址的端口；0 表示取空闲端口，未列出的端点也随之取空闲端口",
    ),
    Text::new("Speak TLS, with certificates made at the start", "使用 TLS，启动时自动生成证书"),
    Text::new(
        "Write the certificate authority to trust to this file (PEM)",
        "把客户端需要信任的 CA 证书写入此文件（PEM）",
    ),
    Text::new("Behaviour that the platforms' documents leave open", "平台文档未规定之处采用的行为"),
    Text::new("Seed of the ids that the platforms choose", "平台所生成 id 的随机数种子"),
    Text::new("Print one JSON object per event", "每个事件输出一个 JSON 对象"),
    // tail
    Text::new("Print what arrives, decoded", "打印收到的消息（已解析）"),
    Text::new("Subscribe this filter too; may be given several times", "额外订阅此主题过滤器；可多次给出"),
    Text::new(
        "Show only messages for which this holds: words, fields, and, or, not",
        "只显示满足此条件的消息：词语、字段条件，以及 and、or、not",
    ),
    Text::new("Stop after so many received messages", "收到这么多条消息后结束"),
    Text::new(
        "Show control packets too: CONNECT, SUBACK, PUBACK, pings with their round trip, WebSocket frames",
        "同时显示控制报文：CONNECT、SUBACK、PUBACK、心跳及其往返时延、WebSocket 帧",
    ),
    // record
    Text::new("Record what flows to a file", "把收发的消息录制到文件"),
    Text::new(
        "The file; a name that ends in .zst is compressed, - is standard output",
        "输出文件；以 .zst 结尾则压缩，- 表示标准输出",
    ),
    Text::new(
        "Record only messages for which this holds: words, fields, and, or, not (see iotdbg tail --help)",
        "只录制满足此条件的消息：词语、字段条件，以及 and、or、not（见 iotdbg tail --help）",
    ),
    Text::new(
        "Begin another file after so many bytes: lamp.jsonl, lamp.2.jsonl, lamp.3.jsonl",
        "达到此大小后换新文件：lamp.jsonl、lamp.2.jsonl、lamp.3.jsonl",
    ),
    Text::new("Keep so many files, and delete the oldest", "最多保留这么多个文件，删除最旧的"),
    Text::new(
        "Record control packets too: CONNECT, SUBACK, PUBACK, pings with their round trip, WebSocket frames",
        "同时录制控制报文：CONNECT、SUBACK、PUBACK、心跳及其往返时延、WebSocket 帧",
    ),
    Text::new("Write on where the file is there already", "文件已存在时在其后追加"),
    Text::new("Print what was recorded as a JSON object", "以 JSON 对象输出录制统计"),
    // open
    Text::new("Open recorded messages in the terminal application", "在终端界面中打开录制文件"),
    Text::new(
        "Recordings of iotdbg (.jsonl, .zst), JSON lines of another program, or what `mosquitto_sub -v` printed",
        "iotdbg 的录制文件（.jsonl、.zst）、其他程序的 JSON 行，或 `mosquitto_sub -v` 的输出",
    ),
    Text::new(
        "The platform of messages that do not say it; guessed otherwise",
        "消息未注明平台时按此平台解析；不给出则自动判断",
    ),
    Text::new("The side that recorded them: app or device", "录制时所处的一侧：app 或 device"),
    Text::new("A profile that says both, and more", "由此配置确定平台与角色等信息"),
    // replay
    Text::new(
        "Play a recording again: on the screen, into a broker, or as a simulated device",
        "回放录制：在屏幕上、发布到 broker，或由模拟设备上报",
    ),
    Text::new(
        "So many times as fast as it was recorded; max is as fast as it can be",
        "回放速度，录制速度的倍数；max 表示尽可能快",
    ),
    Text::new("Publish the messages over the connection of this profile", "通过此配置的连接重新发布这些消息"),
    Text::new(
        "Let a simulated device report what the recording tells, and answer what it is asked",
        "由模拟设备按录制内容上报，并应答收到的请求",
    ),
    Text::new(
        "Which messages are published: out (sent by who recorded them), in, both [default: what the profile's side sent, or would have sent]",
        "发布哪些消息：out（录制方发出的）、in、both [默认：该配置一侧发出或应当发出的消息]",
    ),
    Text::new(
        "What is made new in published messages: ids, times; joined by a comma",
        "发布时更新哪些内容：ids（请求 id）、times（时间戳），以逗号分隔",
    ),
    Text::new(
        "Publish on another topic: every OLD in a topic becomes NEW; may be given several times",
        "改用其他主题发布：把主题中的 OLD 全部替换为 NEW；可多次给出",
    ),
    Text::new(
        "Play only messages for which this holds: words, fields, and, or, not (see iotdbg tail --help)",
        "只回放满足此条件的消息：词语、字段条件，以及 and、or、not（见 iotdbg tail --help）",
    ),
    Text::new("on the screen, in its own time", "在屏幕上按原有节奏回放"),
    Text::new("as lines", "逐行输出"),
    Text::new("published again", "重新发布"),
    Text::new("reported by a simulated device", "由模拟设备上报"),
    // export
    Text::new("Write recorded messages as JSON lines, a table or commands", "把录制导出为 JSON 行、表格或命令"),
    Text::new(
        "What is written: JSON lines, a table, or a script of mosquitto_pub commands",
        "导出格式：JSON 行（jsonl）、表格（csv）或 mosquitto_pub 脚本（commands）",
    ),
    Text::new(
        "Write only messages for which this holds: words, fields, and, or, not (see iotdbg tail --help)",
        "只导出满足此条件的消息：词语、字段条件，以及 and、or、not（见 iotdbg tail --help）",
    ),
    Text::new("Write to this file instead of standard output", "写入此文件，而不是标准输出"),
    // send
    Text::new("Publish a hand-made message", "发布一条手写消息"),
    Text::new(
        "The topic; not needed on a WebSocket, where the message is one text frame",
        "主题；WebSocket 连接无需给出，消息作为一个文本帧发送",
    ),
    Text::new(
        "A request of a collection, by its name: an operation or a message",
        "请求集中的一条请求（按名称）：操作或消息",
    ),
    Text::new(
        "Fill places such as {{now_ms}}, {{uuid}} and {{random 10 30}} in topic and text, anew for each sending",
        "填充主题和文本中的占位符，如 {{now_ms}}、{{uuid}}、{{random 10 30}}，每次发送重新取值",
    ),
    Text::new("The characters of the message", "消息文本"),
    Text::new("The bytes of the message in hex", "消息字节（十六进制）"),
    Text::new("A file with the bytes of the message", "内容为消息字节的文件"),
    Text::new("`-` reads the message from standard input", "`-` 表示从标准输入读取消息"),
    Text::new("MQTT quality of service", "MQTT 服务质量（QoS）"),
    Text::new("Set the MQTT retain flag", "设置 MQTT 保留（retain）标志"),
    Text::new("Send so many times", "发送次数"),
    Text::new("Wait so long between two messages", "两次发送之间的间隔"),
    Text::new("One JSON object for each operation of a collection", "请求集的每次操作输出一个 JSON 对象"),
    // operations
    Text::new("Set properties of a device and wait for the reply", "设置设备属性并等待应答"),
    Text::new("Work on the desired values kept by the platform", "改为操作平台保存的期望值"),
    Text::new(
        "KEY=VALUE, identifiers, or a name followed by KEY=VALUE; VALUE is JSON if it can be, otherwise text",
        "KEY=VALUE、标识符，或名称后接 KEY=VALUE；VALUE 能解析为 JSON 就按 JSON，否则按文本",
    ),
    Text::new("The device, where the profile knows several", "目标设备（配置中有多个设备时）"),
    Text::new(
        "Wait for the broker's acknowledgement only; where the platform can ask the device for one, ask and wait for that",
        "只等待 broker 确认；平台可要求设备确认时，则要求并等待设备确认",
    ),
    Text::new(
        "How long to wait for the reply [default: as long as the platform does]",
        "等待应答的时长 [默认：与平台一致]",
    ),
    Text::new("The thing model that gives values their types", "物模型文件，用于确定取值的类型"),
    Text::new("Send values that break the model as well", "不符合物模型的取值也照样发送"),
    Text::new("Ask for property values", "获取属性值"),
    Text::new("Report property values as a device", "以设备身份上报属性"),
    Text::new("Report an event as a device", "以设备身份上报事件"),
    Text::new("Call a service of a device", "调用设备服务"),
    Text::new("Bind an account or a device", "绑定账号或设备"),
    Text::new("Remove a binding", "解除绑定"),
    Text::new("Subscribe inside the application protocol", "在应用层协议内订阅"),
    Text::new("Any operation that the dialect and role has", "该平台、该角色支持的任意操作"),
    Text::new("The operation, any that the dialect and role has", "操作名，该平台、该角色支持的任意一种"),
    // device
    Text::new("A simulated device without a screen", "无界面的模拟设备"),
    Text::new("First values of properties; the others are made up", "属性初始值；其余自动生成"),
    Text::new(
        "The thing model [default: the profile's, or one for demonstrations]",
        "物模型文件 [默认：配置中的物模型，或演示用物模型]",
    ),
    Text::new(
        "Rules for answers, reports and events; read again whenever the file is saved. `example` is the one that is shipped",
        "应答、上报与事件的规则文件，保存后自动重新读取；`example` 为内置规则",
    ),
    Text::new(
        "Print the shipped rules, which show everything that rules can do, and end",
        "打印内置规则（涵盖规则的全部能力）后结束",
    ),
    Text::new("Seed of what is left to chance and of made-up values", "随机行为与自动生成取值的随机数种子"),
    Text::new(
        "So many devices at once. Their number, from 1, takes the place of n in braces, as in lamp-{n:03}, in the fields of the identity",
        "同时运行这么多台设备；身份字段中花括号内的 n（如 lamp-{n:03}）替换为从 1 开始的编号",
    ),
    Text::new(
        "Another value for a field of the identity, with n in braces for the number: lamp-{n:04}, lamp-{n:x}; may be given several times",
        "改写身份字段，以花括号内的 n 表示编号：lamp-{n:04}、lamp-{n:x}；可多次给出",
    ),
    Text::new("With --count: how often to print the summary", "与 --count 同用：输出汇总的间隔"),
    Text::new("Report all properties this often", "按此间隔上报全部属性"),
    Text::new("Report an event this often", "按此间隔上报事件"),
    Text::new("Let read-only numbers drift from report to report", "只读数值在每次上报时小幅变化"),
    Text::new("Refuse every request with this code", "以此错误码拒绝所有请求"),
    Text::new("Words beside the code", "错误码附带的说明"),
    Text::new("Answer nothing", "不应答任何请求"),
    Text::new("Answer everything twice", "每个请求应答两次"),
    Text::new("Wait so long before answering", "延时此时长后再应答"),
    Text::new(
        "One JSON object per line: messages as `tail` prints them, and what the device makes of them",
        "每行一个 JSON 对象：消息（格式同 `tail`）以及设备的处理结果",
    ),
    // doctor
    Text::new("Connect step by step and explain what is wrong", "逐步连接，指出问题所在"),
    Text::new(
        "Watch the connection so long for another client with the same identity; 0s does not",
        "连接成功后观察此时长，看是否有其他客户端使用相同身份；0s 表示不观察",
    ),
    Text::new(
        "The doctor logs in with the identity of the profile: a client that is connected with it is thrown out.",
        "诊断会以该配置的身份登录：正以此身份在线的客户端会被踢下线。",
    ),
    // sign
    Text::new("Signature calculator", "签名计算"),
    Text::new("Take the fields from a profile; flags go before them", "从配置读取字段；命令行参数优先"),
    Text::new(
        "Print the login to be pasted elsewhere: as lines, as a profile or as a command",
        "按可粘贴的形式输出登录信息：逐行、配置或命令",
    ),
    Text::new("Whose login", "登录角色"),
    Text::new(
        "Log in and print address and header fields of a call over HTTP, for `curl -K -`",
        "登录后输出 HTTP 调用的地址与请求头，供 `curl -K -` 使用",
    ),
    // check
    Text::new(
        "Signature checker: is this login right, and if not, what was done wrong",
        "签名校验：登录信息是否正确，错在哪里",
    ),
    Text::new("Take the secret and the other fields from a profile", "从配置读取密钥与其他字段"),
    Text::new("MQTT client id that was used", "实际使用的 MQTT client id"),
    Text::new("MQTT user name that was used", "实际使用的 MQTT 用户名"),
    Text::new("MQTT password that was used", "实际使用的 MQTT 密码"),
    Text::new("URL that was used", "实际使用的 URL"),
    Text::new(
        "A token, URL, CONNECT packet in hex, or code or AT snippet: the text, @FILE, or - for standard input",
        "token、URL、十六进制 CONNECT 报文、代码或 AT 指令片段：直接给出文本、@文件，或 - 表示标准输入",
    ),
    // encode
    Text::new("Print the topic and bytes that an operation would send", "打印某操作将发送的主题与字节"),
    Text::new(
        "set, get, report, event, invoke …; frame for a frame field by field, where there are any",
        "set、get、report、event、invoke 等；有二进制帧的平台可用 frame 逐字段组帧",
    ),
    Text::new("The operation's own words, KEY=VALUE …", "操作自身的参数，如 KEY=VALUE"),
    Text::new("Who sends it", "发送方角色"),
    Text::new("The device it is about", "目标设备"),
    Text::new("The request id [default: from the clock]", "请求 id [默认：取自时钟]"),
    Text::new("Encode values that break the model as well", "不符合物模型的取值也照样编码"),
    Text::new("set or get of the desired values kept by the platform", "对平台保存的期望值执行 set 或 get"),
    Text::new("Ask for an acknowledgement, where the platform leaves the choice", "要求确认（平台允许选择时）"),
    // decode
    Text::new("Take one message apart", "解析一条消息"),
    Text::new(
        "The bytes in hex; separators and 0x are ignored. `-` reads standard input",
        "十六进制字节，忽略分隔符与 0x；`-` 表示读取标准输入",
    ),
    Text::new("The file or standard input holds hex", "文件或标准输入的内容是十六进制"),
    Text::new(
        "Frames in a log, in code, in a dump, in base64, in a packet capture; `-` reads standard input",
        "含有帧的日志、代码、十六进制转储、base64 或抓包文件；`-` 表示读取标准输入",
    ),
    Text::new(
        "How the frames are written, where their bytes do not tell: cloud, lan, server, serial",
        "帧格式，用于字节本身无法判断时：cloud、lan、server、serial",
    ),
    Text::new("One line for each frame, with what changed", "每帧一行，注明变化的内容"),
    Text::new(
        "The platform; without it, the one that makes most of the message",
        "平台；不给出时取解析结果最完整的平台",
    ),
    Text::new("The side that receives the message: app or device", "接收消息的一侧：app 或 device"),
    Text::new("The topic of the message", "消息的主题"),
    // model
    Text::new("Fetch a thing model, learn one from traffic, or read one", "获取、推断或读取物模型"),
    Text::new("Fetch the model of a profile's product from the platform", "从平台获取配置所属产品的物模型"),
    Text::new("A new file for the model; standard output otherwise", "物模型写入此新文件；不给出则写到标准输出"),
    Text::new("Write over a file that is there", "文件已存在时覆盖"),
    Text::new("Learn a model from recorded messages", "由录制的消息推断物模型"),
    Text::new(
        "The product, where several speak; the one that speaks most otherwise",
        "产品（录制中有多个产品时）；不给出则取消息最多的产品",
    ),
    Text::new("Read a model and list what is in it", "读取物模型并列出内容"),
    Text::new("The model file; without it, the model of the profile", "物模型文件；不给出则取配置中的物模型"),
    Text::new("The platform whose format the file has", "文件格式所属的平台"),
    Text::new("from the platform", "从平台获取"),
    Text::new("from what was recorded", "由录制推断"),
    Text::new("what is in it, or what is wrong with it", "列出内容，或指出错误"),
    // profiles
    Text::new("List, show, make, check, import and export profiles", "列出、查看、新建、检查、导入导出配置"),
    Text::new("List all profiles", "列出全部配置"),
    Text::new("Show what a profile says, secrets masked", "显示配置内容（密钥以掩码显示）"),
    Text::new("Name or path", "名称或路径"),
    Text::new("Write a commented profile to be filled in", "生成带注释、待填写的配置"),
    Text::new("Name of the profile, or a path that ends in .toml", "配置名称，或以 .toml 结尾的路径"),
    Text::new("The platform", "平台"),
    Text::new("app or device", "app 或 device"),
    Text::new("Check a profile, or all of them", "检查一个或全部配置"),
    Text::new("Name or path; all profiles if it is left out", "名称或路径；不给出则检查全部"),
    Text::new("Print the folder of profiles", "打印配置所在目录"),
    Text::new(
        "Make profiles of an MQTTX export, of a .json with triples, of a triple, a login or code as text",
        "由 MQTTX 导出文件、含三元组的 .json，或三元组、登录信息、代码文本生成配置",
    ),
    Text::new("A file, the text itself, or - for standard input", "文件、文本本身，或 - 表示标准输入"),
    Text::new("Name of the profile, where there is only one", "配置名称（只有一个时）"),
    Text::new("Print the profiles instead of saving them", "只打印生成的配置，不保存"),
    Text::new("Print a profile without its secrets, to be passed on", "打印不含密钥的配置，便于转交他人"),
    // keys, codes, completions, man
    Text::new("Print the keys of the terminal application", "打印终端界面的按键表"),
    Text::new("Tables for the manual: keys, exit codes, commands", "供手册使用的表格：按键、退出码"),
    Text::new("Explain the codes of the platforms", "解释平台错误码"),
    Text::new("The code; every code if it is left out", "错误码；不给出则列出全部"),
    Text::new("Only codes of this dialect", "只列出此平台的错误码"),
    Text::new("Print a completion script for a shell", "打印 shell 补全脚本"),
    Text::new("The shell", "shell 名称"),
    Text::new("Print the manual page (roff)", "打印手册页（roff 格式）"),
    Text::new("The page of this command; the main page if it is left out", "某命令的手册页；不给出则为主页"),
    Text::new("Print the names of the commands that have a page", "列出有手册页的命令"),
    // operate
    Text::new("Do what a person would do at the console of a simulated cloud", "在模拟云上执行平台控制台的操作"),
    Text::new(
        "The control address of the simulated cloud: the first line of `iotdbg cloud` names it",
        "模拟云的控制地址，见 `iotdbg cloud` 输出的第一行",
    ),
    Text::new(
        "The platform; may be left out where the simulated cloud has only one",
        "平台；模拟云只有一个平台时可省略",
    ),
    Text::new("The device as the platform names it, for example product/name", "设备，按平台的命名，例如 产品/设备名"),
    Text::new("Print the request as one JSON object", "以一个 JSON 对象输出该请求"),
    Text::new(
        "set, get, invoke, desired, ota, raw, kick, disable, enable, fault",
        "操作：set、get、invoke、desired、ota、raw、kick、disable、enable、fault",
    ),
    Text::new(
        "KEY=VALUE (a JSON value, or else text); names for `get`, `invoke` and `fault`",
        "KEY=VALUE（能解析为 JSON 就按 JSON，否则按文本）；`get`、`invoke`、`fault` 则为名称",
    ),
    Text::new(
        "Faults: delay (time=2s or time=1s..3s), drop, duplicate, reorder, code (code=500), token, list, clear; each but the last two with direction=down|up, topic=FILTER, probability=0.1, times=3 where wanted",
        "故障：delay（time=2s 或 time=1s..3s）、drop、duplicate、reorder、code（code=500）、token、list、clear；除最后两个外均可再加 direction=down|up、topic=过滤器、probability=0.1、times=3",
    ),
];
