//! Every field of a frame with its type, its rule and where the rule comes from.

use crate::base::lang::{Lang, Text};
use crate::base::secret::MASK;
use crate::dialect::Context;
use crate::dialect::gizwits::frame::Form;
use crate::dialect::gizwits::lab::{CLOUD, LAN, SERIAL, SERVER, first_frame};
use crate::dialect::gizwits::{dissect, lan, model, p0, serial};
use crate::dialect::lab::{Bits, Cell, Sheet};
use crate::model::thing::{Coding, DataPoint, DataType};
use crate::model::{Field, ThingModel};

const CLOUD_DOC: &str = "App与云端通讯 v4.0.4";
const UART_DOC: &str = "giz-docs, Uart_Protocol";
const GAGENT: &str = "GAgent";
const GOKIT: &str = "GoKit, protocol.h";
const GATEWAY_DOC: &str = "giz-docs, light gateway guide";

const HEAD: Text = Text::new("always 00000003", "固定为 00000003");
const LENGTH: Text = Text::new(
    "bytes from flag to end; seven bits a byte, the lowest first, 80 says that another follows",
    "从 Flag 到末尾的字节数；每字节 7 位，低位在前，最高位为 1 表示还有后续字节",
);
const FLAG: Text = Text::new("00; 01 is seen on a local network", "固定为 00；局域网推送中可见 01");
const COMMAND: Text = Text::new("the highest byte first", "大端");
const SN: Text =
    Text::new("chosen by who asks; the acknowledgement 0x0094 repeats it", "由请求方生成，ACK（0x0094）原样带回");
const ACTION: Text = Text::new(
    "01 control, 02 read, 05 custom from an app; 03, 04, 06 from a device; 1x in products of variable length",
    "应用：01 控制、02 查询、05 透传；设备：03、04、06；变长产品为 1x",
);
const FLAGS_FIXED: Text = Text::new(
    "one number, the highest byte first; bit i names the i-th writable data point",
    "大端整数；第 i 位对应第 i 个可写数据点",
);
const FLAGS_VARIABLE: Text = Text::new(
    "one number, the highest byte first; bit i names the data point with id i",
    "大端整数；第 i 位对应 id 为 i 的数据点",
);
const DATA: Text = Text::new("as the definition of the product has it", "按产品数据点定义解释");
const CUSTOM: Text = Text::new("the product's own format", "产品自定义格式");
const COUNTED: Text = Text::new("text with its length before it", "前置 2 字节长度的文本");
const COUNT: Text = Text::new("bytes of what follows, the highest byte first", "其后内容的字节数，大端");
const ONLINE: Text = Text::new("1 online, 0 offline", "1 上线，0 离线");
const VERSION: Text = Text::new("the version of the protocol, 00000003", "通用协议版本号，00000003");
const LEVEL: Text = Text::new("1 Error, 2 Warning, 3 Info", "1 Error，2 Warning，3 Info");
const SWITCHES: Text = Text::new("what each bit switches is not documented", "各位含义无公开文档");
const APPS: Text = Text::new("apps that are online", "在线应用数");
const PART: Text = Text::new("1 Wi-Fi module, 2 MCU", "1 Wi-Fi 模组，2 MCU");
const BODY: Text = Text::new("no source tells more of it", "无公开资料说明");
const SUB_DEVICE: Text = Text::new(
    "length and bytes of its id, then its state or its own business data",
    "子设备 id 长度与 id，其后为状态或其业务数据",
);
const SERIAL_HEAD: Text =
    Text::new("always FFFF; later every FF is followed by 55", "固定为 FFFF；其后每个 FF 后跟 55");
const SERIAL_LENGTH: Text =
    Text::new("bytes from command to sum, without escapes", "从命令到校验和的字节数（不含转义）");
const SERIAL_SN: Text = Text::new("the acknowledgement repeats it", "应答原样带回");
const RESERVED: Text = Text::new("reserved, 0000", "保留，0000");
const SUM: Text = Text::new("the low byte of the sum of length to payload", "从长度到有效负载之和的低字节");
const STATE: Text = Text::new("one bit for each state of the module", "每位表示模组的一个状态");
const DEFINITION: Text = Text::new("data point definition", "数据点定义");
const POINT_BITS: Text = Text::new("id {}, byte {}, bits {}", "id {}，字节 {}，位 {}");
const POINT_PACKED: Text = Text::new("id {}, {} bits, packed behind the flags", "id {}，{} 位，紧随标志位打包");
const POINT_BYTES: Text = Text::new("id {}, byte {}", "id {}，字节 {}");
const POINT_ID: Text = Text::new("id {}", "id {}");
const LIMITS: Text = Text::new("{}, raw × {} + {}, {} … {}", "{}，原始值 × {} + {}，{} … {}");
const FLAG_BIT: Text = Text::new("1 where the value counts", "1 表示该数据点有效");

/// Takes a frame apart.
pub fn read(context: &Context<'_>, form: Form, topic: &str, bytes: &[u8]) -> Sheet {
    let mut parts = dissect::each_in(context, topic, form, bytes);
    let first = if parts.is_empty() { crate::model::Dissection::default() } else { parts.remove(0) };
    let mut sheet = Sheet {
        kind: first.kind,
        form: name(form, bytes),
        summary: first.summary,
        problems: first.problems,
        cells: Vec::new(),
    };
    let scribe = Scribe { context, form, bytes };
    scribe.take(&first.fields, "", 0, &mut sheet.cells);
    // What is left over behind a frame is told with it.
    for more in parts {
        sheet.problems.extend(more.problems);
        scribe.take(&more.fields, "", 0, &mut sheet.cells);
    }
    sheet
}

fn name(form: Form, bytes: &[u8]) -> &'static str {
    match form {
        Form::Serial => SERIAL,
        Form::Server => SERVER,
        Form::Peer if first_frame(form, bytes).is_some_and(|frame| lan::name(frame.command).is_some()) => LAN,
        Form::Peer => CLOUD,
    }
}

struct Scribe<'a> {
    context: &'a Context<'a>,
    form: Form,
    bytes: &'a [u8],
}

impl Scribe<'_> {
    fn take(&self, fields: &[Field], above: &str, depth: usize, cells: &mut Vec<Cell>) {
        for field in fields {
            let path = if above.is_empty() { field.name.clone() } else { format!("{above}/{}", field.name) };
            let mut cell = Cell {
                name: field.name.clone(),
                value: field.value.clone(),
                typed: self.typed(field),
                note: field.note.clone().filter(|note| !note.is_empty()),
                range: field.offset..field.offset + field.length,
                depth,
                has_parts: !field.children.is_empty(),
                path,
                ..Cell::default()
            };
            self.explain(&mut cell);
            let path = cell.path.clone();
            cells.push(cell);
            self.take(&field.children, &path, depth + 1, cells);
        }
    }

    /// What is masked on the screen has to be there where it is changed.
    fn typed(&self, field: &Field) -> String {
        if field.value != MASK {
            return field.value.clone();
        }
        let bytes = self.bytes.get(field.offset..field.offset + field.length).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn explain(&self, cell: &mut Cell) {
        let lang = self.context.lang;
        if self.point(cell) {
            cell.editable = true;
            return;
        }
        let (kind, rule, source) = if self.form == Form::Serial { serial_rule(&cell.path) } else { rule(&cell.path) };
        cell.kind = kind.to_owned();
        cell.rule = rule.map(|rule| rule.get(lang).to_owned()).unwrap_or_default();
        cell.source = if cell.rule.is_empty() { String::new() } else { source.to_owned() };
        cell.editable = !cell.path.contains("sub_device") && cell.path != "p0/count" && cell.path != "state/rssi";
        if cell.path == "p0/flags" && self.is_variable() {
            cell.rule = FLAGS_VARIABLE.get(lang).to_owned();
        }
        if let Some(bit) = cell.path.strip_prefix("p0/flags/") {
            let index = self.p0().and_then(|(known, data)| {
                p0::flag_bits(known, data).into_iter().find(|flag| flag.name == bit).map(|flag| flag.index % 8)
            });
            cell.bits = index.map(|from| Bits { from, width: 1 });
        }
        if let Some(bit) = cell.name.strip_prefix("bit").and_then(|bit| bit.parse::<usize>().ok()) {
            cell.bits = Some(Bits { from: bit % 8, width: 1 });
        }
        if self.form == Form::Serial
            && let Some(name) = cell.path.strip_prefix("state/")
        {
            cell.bits = match serial::state_bit(name) {
                Some(bit) => Some(Bits { from: bit % 8, width: 1 }),
                None => Some(Bits { from: 0, width: 3 }),
            };
        }
    }

    /// Business data, where a definition of it is known.
    fn p0(&self) -> Option<(&ThingModel, &[u8])> {
        let known = self.context.model.filter(|known| known.binary.is_some())?;
        Some((known, first_frame(self.form, self.bytes)?.p0(self.bytes)?))
    }

    fn is_variable(&self) -> bool {
        self.context.model.and_then(model::layout).is_some_and(|layout| layout.variable)
    }

    /// Tells the definition of a data point.
    fn point(&self, cell: &mut Cell) -> bool {
        let known = self.context.model.filter(|known| known.binary.is_some());
        let Some(identifier) = cell.path.strip_prefix("p0/") else { return false };
        let Some((known, layout)) = known.and_then(|known| Some((known, model::layout(known)?))) else { return false };
        let Some(point) = layout.points.iter().find(|point| point.identifier == identifier) else { return false };
        let lang = self.context.lang;
        let property = known.properties.iter().find(|property| property.identifier == identifier);
        cell.kind = kind_of(point, property.map(|property| &property.data_type));
        if let Some(property) = property.filter(|property| property.name != property.identifier) {
            let name = &property.name;
            cell.note = Some(cell.note.as_ref().map_or_else(|| name.clone(), |note| format!("{note} · {name}")));
        }
        if let Some(DataType::Int { range, .. } | DataType::Float { range, .. }) = property.map(|one| &one.data_type)
            && !range.unit.is_empty()
        {
            cell.value = format!("{} {}", cell.value, range.unit);
        }
        cell.rule = place(point, layout.variable, lang);
        cell.source = DEFINITION.get(lang).to_owned();
        let bits = match self.form {
            // Places on the wire may hold escapes; bits are told of whole frames only.
            Form::Serial if layout.variable => None,
            Form::Serial => match point.coding {
                Coding::Bits(width) => Some((point.bit_offset, width)),
                _ => None,
            },
            _ => self.p0().and_then(|(known, data)| p0::bits_of(known, data, identifier)),
        };
        cell.bits = bits.map(|(from, width)| Bits { from, width });
        true
    }
}

fn kind_of(point: &DataPoint, data_type: Option<&DataType>) -> String {
    match (&point.coding, data_type) {
        (_, Some(DataType::Bool { .. })) => "bool".to_owned(),
        (_, Some(DataType::Enum(choices))) => {
            let names: Vec<&str> = choices.iter().map(|(_, name)| name.as_str()).take(6).collect();
            let more = if choices.len() > 6 { "|…" } else { "" };
            format!("enum {}{more}", names.join("|"))
        }
        (Coding::Bits(width), _) => format!("{width} bits"),
        (Coding::Number { bytes, .. }, _) => format!("uint{}", bytes * 8),
        (Coding::Bytes(length), _) => format!("binary[{length}]"),
    }
}

fn place(point: &DataPoint, variable: bool, lang: Lang) -> String {
    let id = &point.id;
    let last = |width: &usize| point.bit_offset + width.saturating_sub(1);
    match &point.coding {
        Coding::Bits(width) if variable => POINT_PACKED.fill(lang, &[id, width]),
        Coding::Bits(1) => POINT_BITS.fill(lang, &[id, &point.byte_offset, &point.bit_offset]),
        Coding::Bits(width) => {
            POINT_BITS.fill(lang, &[id, &point.byte_offset, &format!("{}–{}", point.bit_offset, last(width))])
        }
        Coding::Number { ratio, addition, limits, .. } => {
            let at =
                if variable { POINT_ID.fill(lang, &[id]) } else { POINT_BYTES.fill(lang, &[id, &point.byte_offset]) };
            let (min, max) = (model::shown(limits.0, ratio, addition), model::shown(limits.1, ratio, addition));
            LIMITS.fill(lang, &[&at, ratio, addition, &min, &max])
        }
        Coding::Bytes(_) if variable => POINT_ID.fill(lang, &[id]),
        Coding::Bytes(_) => POINT_BYTES.fill(lang, &[id, &point.byte_offset]),
    }
}

type Rule = (&'static str, Option<Text>, &'static str);

/// Type, rule and source of a field between app and device, and of the server's.
fn rule(path: &str) -> Rule {
    match path {
        "head" => ("u32", Some(HEAD), CLOUD_DOC),
        "length" => ("varint", Some(LENGTH), CLOUD_DOC),
        "flag" => ("u8", Some(FLAG), CLOUD_DOC),
        "command" => ("u16", Some(COMMAND), CLOUD_DOC),
        "sn" => ("u32", Some(SN), CLOUD_DOC),
        "mac" | "passcode" | "business_version" | "tag" | "source" | "content" => ("text", Some(COUNTED), CLOUD_DOC),
        "online" => ("u8", Some(ONLINE), CLOUD_DOC),
        "protocol_version" => ("u32", Some(VERSION), CLOUD_DOC),
        "level" => ("u8", Some(LEVEL), CLOUD_DOC),
        "bits15_8" | "bits7_0" => ("8 bits", Some(SWITCHES), CLOUD_DOC),
        "apps" => ("u16", Some(APPS), GAGENT),
        "type" => ("u8", Some(PART), GAGENT),
        "body" => ("bytes", Some(BODY), GAGENT),
        path => business(path),
    }
}

/// Type, rule and source of a field of the serial line.
fn serial_rule(path: &str) -> Rule {
    match path {
        "head" => ("u16", Some(SERIAL_HEAD), UART_DOC),
        "length" => ("u16", Some(SERIAL_LENGTH), UART_DOC),
        "command" => ("u8", None, UART_DOC),
        "sn" => ("u8", Some(SERIAL_SN), UART_DOC),
        "flags" => ("u16", Some(RESERVED), UART_DOC),
        "sum" => ("u8", Some(SUM), UART_DOC),
        "state" => ("u16", Some(STATE), GOKIT),
        "error" | "way" => ("u8", None, GOKIT),
        "payload" => ("bytes", Some(BODY), UART_DOC),
        path => business(path),
    }
}

/// Type, rule and source of a part of business data.
fn business(path: &str) -> Rule {
    match path {
        "p0" => ("", None, UART_DOC),
        "p0/action" => ("u8", Some(ACTION), UART_DOC),
        "p0/flags" => ("bits", Some(FLAGS_FIXED), UART_DOC),
        "p0/data" => ("bytes", Some(DATA), UART_DOC),
        "p0/count" => ("u16", Some(COUNT), GATEWAY_DOC),
        path if path.starts_with("p0/flags/") => ("bit", Some(FLAG_BIT), UART_DOC),
        path if path.starts_with("p0/sub_device") => ("", Some(SUB_DEVICE), GATEWAY_DOC),
        path if path.starts_with("p0/") => ("bytes", Some(CUSTOM), UART_DOC),
        path if path.ends_with("_length") => ("u16", Some(COUNT), CLOUD_DOC),
        _ => ("bit", None, CLOUD_DOC),
    }
}
