//! Operations and answers as messages.

use serde_json::{Map, Value, json};

use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::gizwits::frame::{self, command};
use crate::dialect::gizwits::p0::{self, action};
use crate::dialect::gizwits::spec::{DEVICE_TIMEOUT, SPEC};
use crate::dialect::gizwits::{http, model, sign, topic};
use crate::dialect::plan::CLIENT_ID_IN_USE;
use crate::dialect::{Answer, Context, EncodeFault, Encoded, HttpCall, Incoming, Method, Via};
use crate::model::thing::ValueFault;
use crate::model::{FieldFault, Fields, Kind, OpKind, Request, Role, ThingModel};

const NO_DEVICE: Text = Text::new("name the device: this connection knows none", "请指定设备：该连接没有配置设备");
const WHICH_DEVICE: Text = Text::new("name the device, one of: {}", "请指定设备：{}");
const NO_DID: Text = Text::new(
    "did is required: the topic is made of it (a device without one registers when it connects)",
    "必须填写 did：主题由它组成（没有 did 的设备在连接时注册取得）",
);
const NO_MODEL: Text = Text::new(
    "data points are written in binary: give the product's definition (model)",
    "数据点以二进制编码，请提供产品的数据点定义（model）",
);
const NO_VALUES: Text = Text::new("give at least one identifier=value", "至少给出一个 标识符=值");
const INCOMPLETE: Text = Text::new(
    "a report of this product carries every data point; missing: {} (--no-check sends them as zero)",
    "该产品的上报须包含全部数据点，缺少：{}（--no-check 时按 0 发送）",
);
const BAD_BITS: Text = Text::new(
    "bits is a number from 0 to 65535 or text such as 0x0105; or name single bits, bit0=true … bit15=true",
    "bits 为 0 到 65535 的数字或 0x0105 这样的文本；也可逐位指定 bit0=true … bit15=true",
);
const BAD_LEVEL: Text =
    Text::new("level is 1 (error), 2 (warning) or 3 (info)", "level 为 1（Error）、2（Warning）或 3（Info）");
const TOO_LONG: Text = Text::new("{} is longer than {} bytes", "{} 超过 {} 字节");
const FIELD: Text = Text::same("{} {}");
const NOTHING_TO_BIND: Text =
    Text::new("give did and passcode, or mac and product_key", "请给出 did 与 passcode，或 mac 与 product_key");
const NO_USER: Text = Text::new(
    "give username and password, email and password, phone, password and code, or phone_id",
    "请给出 username 与 password、email 与 password、phone、password 与 code，或 phone_id",
);

/// The largest business data (App与云端通讯 v4.0.4, section 4.7).
const LARGEST_P0: usize = 65_535;

fn argument(text: Text) -> EncodeFault {
    EncodeFault::Argument(text.into())
}

fn field(fault: FieldFault) -> EncodeFault {
    EncodeFault::Argument(FIELD.around([crate::base::lang::Phrase::verbatim(fault.field), fault.reason]))
}

/// Encodes an operation.
pub fn encode(
    context: &Context<'_>,
    request: &Request,
    id: u64,
    now: Time,
    check: bool,
) -> Result<Encoded, EncodeFault> {
    let operations = SPEC.role(context.role).map(|role| role.operations).unwrap_or_default();
    let Some(operation) = operations.iter().find(|operation| operation.op == request.op) else {
        return Err(EncodeFault::NoSuchOperation(operations.iter().map(|operation| operation.op).collect()));
    };
    if let Some(call) = call(context, request, id, now)? {
        let (topic, payload) = (call.topic(), call.body.clone());
        return Ok(Encoded {
            via: Via::Http(Box::new(call)),
            topic,
            payload,
            qos: 1,
            request_id: None,
            reply: operation.reply,
            timeout: operation.timeout,
        });
    }
    let did = target(context, request)?;
    let topic = match context.role {
        Role::App => topic::app2dev(&did, &client_id(context.identity)),
        Role::Device | Role::Cloud => topic::broadcast(&did),
    };
    // The number of a frame has 32 bits.
    let sn = u32::try_from(id & u64::from(u32::MAX)).unwrap_or_default();
    let (payload, ack) = match request.op {
        OpKind::Log if context.role == Role::App => (log_switches(log_bits(&request.params)?), false),
        OpKind::Log => (log_line(&request.params)?, false),
        _ => {
            let p0 = business(context, request, check)?;
            if p0.len() > LARGEST_P0 {
                return Err(EncodeFault::Argument(TOO_LONG.with(&[&"p0", &LARGEST_P0])));
            }
            let plain = if context.role == Role::App { command::CONTROL } else { command::REPORT };
            (if request.ack { with_ack(sn, &p0) } else { frame::write(plain, &p0) }, request.ack)
        }
    };
    Ok(Encoded {
        via: Via::Mqtt,
        topic,
        payload,
        qos: 0,
        request_id: ack.then(|| sn.to_string()),
        reply: if ack { Some(Kind::Ack) } else { operation.reply },
        timeout: operation.timeout,
    })
}

/// The AppClientId: that of the session, the one given, or one that stands for whatever a session will choose.
pub fn client_id(identity: &Fields) -> String {
    let known = identity.get(CLIENT_ID_IN_USE).or_else(|| identity.get("client_id"));
    known.map_or_else(|| sign::app_client_id(0), str::to_owned)
}

/// The device that the message is about.
fn target(context: &Context<'_>, request: &Request) -> Result<String, EncodeFault> {
    if context.role != Role::App {
        return context.identity.get("did").map(str::to_owned).ok_or_else(|| argument(NO_DID));
    }
    let dids: Vec<&str> = context.devices.iter().filter_map(|device| device.get("did")).collect();
    match (&request.device, dids.as_slice()) {
        (Some(wanted), _) => {
            let by_mac = context.devices.iter().find(|device| device.get("mac") == Some(wanted));
            Ok(by_mac.and_then(|device| device.get("did")).unwrap_or(wanted).to_owned())
        }
        (None, [one]) => Ok((*one).to_owned()),
        (None, []) => Err(argument(NO_DEVICE)),
        (None, several) => Err(EncodeFault::Argument(WHICH_DEVICE.with(&[&several.join(", ")]))),
    }
}

/// Business data of an operation.
fn business(context: &Context<'_>, request: &Request, check: bool) -> Result<Vec<u8>, EncodeFault> {
    match (request.op, context.role) {
        (OpKind::Raw, Role::App) => Ok(custom(&request.raw)),
        (OpKind::Raw, _) => Ok([&[action::CUSTOM_UP], request.raw.as_slice()].concat()),
        (OpKind::Get, _) => Ok(context.model.map_or_else(
            // The question for everything is the same for every product of fixed length.
            || vec![action::READ],
            |known| p0::query(known, &request.identifiers),
        )),
        (OpKind::Set, _) => {
            if request.params.is_empty() {
                return Err(argument(NO_VALUES));
            }
            control(context.model.ok_or_else(|| argument(NO_MODEL))?, &request.params, check)
        }
        _ => {
            if request.params.is_empty() {
                return Err(argument(NO_VALUES));
            }
            report(context.model.ok_or_else(|| argument(NO_MODEL))?, &request.params, check)
        }
    }
}

fn checked(known: &ThingModel, values: &Map<String, Value>, writing: bool) -> Result<(), EncodeFault> {
    values.iter().try_for_each(|(identifier, value)| {
        model::check(known, identifier, value, writing).map_err(|(fault, code)| EncodeFault::Value {
            reason: model::describe(identifier, &fault),
            identifier: identifier.clone(),
            fault,
            code,
        })
    })
}

/// What cannot be written at all, checked or not.
fn unwritable(known: &ThingModel, identifier: String) -> EncodeFault {
    let fault = if known.properties.iter().any(|property| property.identifier == identifier) {
        ValueFault::OutOfRange { limits: "0 … 2^n - 1".to_owned() }
    } else {
        ValueFault::UnknownIdentifier
    };
    let reason = model::describe(&identifier, &fault);
    EncodeFault::Value { identifier, fault, code: Some(model::ATTR_INVALID.to_owned()), reason }
}

/// p0 that sets data points.
pub fn control(known: &ThingModel, values: &Map<String, Value>, check: bool) -> Result<Vec<u8>, EncodeFault> {
    if check {
        checked(known, values, true)?;
    }
    p0::encode(known, action::CONTROL, values).map_err(|identifier| unwritable(known, identifier))
}

fn report(known: &ThingModel, values: &Map<String, Value>, check: bool) -> Result<Vec<u8>, EncodeFault> {
    if check {
        checked(known, values, false)?;
        let missing = p0::missing(known, values);
        if !missing.is_empty() {
            return Err(EncodeFault::Argument(INCOMPLETE.with(&[&missing.join(", ")])));
        }
    }
    p0::encode(known, action::REPORT, values).map_err(|identifier| unwritable(known, identifier))
}

/// p0 that asks for the state.
pub fn query(known: &ThingModel, identifiers: &[String]) -> Vec<u8> {
    p0::query(known, identifiers)
}

/// p0 with bytes of the product's own format, app to device.
pub fn custom(bytes: &[u8]) -> Vec<u8> {
    [&[action::CUSTOM_DOWN], bytes].concat()
}

/// 0x0090.
pub fn transparent(p0: &[u8]) -> Vec<u8> {
    frame::write(command::CONTROL, p0)
}

/// 0x0093.
pub fn with_ack(sn: u32, p0: &[u8]) -> Vec<u8> {
    frame::write_numbered(command::WITH_ACK, sn, p0)
}

/// 0x0094.
pub fn ack(sn: u32, p0: &[u8]) -> Vec<u8> {
    frame::write_numbered(command::ACK, sn, p0)
}

/// A frame to or from the server.
pub fn server(command: u16, body: &[u8]) -> Vec<u8> {
    frame::write_server(command, body)
}

fn counted(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(text.iter().take(usize::from(length)));
    bytes
}

/// 0x0092: mac, passcode, whether online, the protocol's version, no version of the product.
pub fn online(mac: &str, passcode: &str, online: bool) -> Vec<u8> {
    let body = [
        counted(mac.as_bytes()),
        counted(passcode.as_bytes()),
        vec![u8::from(online)],
        frame::HEAD.to_vec(),
        counted(&[]),
    ];
    frame::write(command::ONLINE, &body.concat())
}

/// 0x0010: sixteen switches, the upper eight first (App与云端通讯 v4.0.4, section 4.10; what each means is not documented).
pub fn log_switches(bits: u16) -> Vec<u8> {
    frame::write(command::LOG_SWITCHES, &bits.to_be_bytes())
}

/// The switches out of `bits`, or out of `bit0` … `bit15`.
pub fn log_bits(params: &Map<String, Value>) -> Result<u16, EncodeFault> {
    if let Some(bits) = params.get("bits") {
        let number = match bits {
            Value::String(text) => match text.strip_prefix("0x") {
                Some(digits) => u16::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            },
            bits => bits.as_u64().and_then(|bits| u16::try_from(bits).ok()),
        };
        return number.ok_or_else(|| argument(BAD_BITS));
    }
    let mut bits = 0;
    for (name, value) in params {
        let index: u32 = name
            .strip_prefix("bit")
            .and_then(|index| index.parse().ok())
            .filter(|index| *index < 16)
            .ok_or_else(|| argument(BAD_BITS))?;
        let on = value.as_bool().or_else(|| value.as_u64().map(|number| number != 0));
        if on.ok_or_else(|| argument(BAD_BITS))? {
            bits |= 1u16 << index;
        }
    }
    if params.is_empty() { Err(argument(BAD_BITS)) } else { Ok(bits) }
}

/// 0x0012: level, tag, source, content (App与云端通讯 v4.0.4, section 4.11).
fn log_line(params: &Map<String, Value>) -> Result<Vec<u8>, EncodeFault> {
    let level = match params.get("level") {
        None => 3,
        Some(Value::String(name)) => match name.to_ascii_lowercase().as_str() {
            "error" => 1,
            "warning" => 2,
            "info" => 3,
            _ => return Err(argument(BAD_LEVEL)),
        },
        Some(level) => level.as_u64().and_then(|level| u8::try_from(level).ok()).ok_or_else(|| argument(BAD_LEVEL))?,
    };
    let mut body = vec![level];
    for (name, longest) in [("tag", 256), ("source", 32), ("content", 65_535)] {
        let text = params.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        let text = text.unwrap_or_default();
        if text.len() > longest {
            return Err(EncodeFault::Argument(TOO_LONG.with(&[&name, &longest])));
        }
        body.extend(counted(text.as_bytes()));
    }
    Ok(frame::write(command::LOG, &body))
}

/// A frame that has to be sent at once.
pub fn due(topic: String, command: u16, sn: Option<u32>) -> Encoded {
    let payload = match sn {
        Some(sn) => frame::write_numbered(command, sn, &[]),
        None => frame::write(command, &[]),
    };
    let request_id = sn.map(|sn| sn.to_string());
    Encoded { via: Via::Mqtt, topic, payload, qos: 0, request_id, reply: None, timeout: DEVICE_TIMEOUT }
}

/// The answer of a device. A device of this platform has no words to refuse with: it keeps silent.
pub fn answer(context: &Context<'_>, request: &Incoming, answer: &Answer) -> Option<Encoded> {
    let address = topic::parse(&request.topic)?;
    if answer.code.is_some() {
        return None;
    }
    let (did, client) = (address.subject(&request.topic), address.client(&request.topic));
    let state = match request.op {
        OpKind::Get => p0::encode(context.model?, action::READ_REPLY, &answer.data).ok()?,
        _ => Vec::new(),
    };
    let sn = request.request_id.as_deref().and_then(|sn| sn.parse::<u32>().ok());
    let (topic, payload) = match sn {
        Some(sn) => (topic::dev2app(did, client), ack(sn, &state)),
        // Without a number the state goes to everybody (GAgent).
        None if !state.is_empty() => (topic::broadcast(did), frame::write(command::REPORT, &state)),
        None => return None,
    };
    let request_id = request.request_id.clone();
    Some(Encoded { via: Via::Mqtt, topic, payload, qos: 0, request_id, reply: None, timeout: DEVICE_TIMEOUT })
}

/// Operations that are calls over HTTP.
fn call(context: &Context<'_>, request: &Request, id: u64, now: Time) -> Result<Option<HttpCall>, EncodeFault> {
    let identity = context.identity;
    let call = match (context.role, request.op) {
        (Role::App, OpKind::List) => http::bindings(identity),
        (Role::App, OpKind::Bind) => return bind(context, request, now).map(Some),
        (Role::App, OpKind::Unbind) => {
            let did = named(request, "did").map_or_else(|| target(context, request), Ok)?;
            let body = json!({"devices": [{"did": did}]});
            http::app_call(identity, http::name::BINDINGS, Method::Delete, "/app/bindings", Some(&body))
        }
        (Role::App, OpKind::Register) => {
            let body = Value::Object(request.params.clone());
            if !["phone_id", "username", "email", "phone"].iter().any(|name| request.params.contains_key(*name)) {
                return Err(argument(NO_USER));
            }
            http::app_call(identity, http::name::USERS, Method::Post, "/app/users", Some(&body))
        }
        (Role::Device, OpKind::Register) if request.name.as_deref() == Some("provision") => http::provision(identity),
        (Role::Device, OpKind::Register) => http::register_device(identity, id),
        _ => return Ok(None),
    };
    call.map(Some).map_err(field)
}

fn named(request: &Request, name: &str) -> Option<String> {
    request.params.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// By did and passcode, or by MAC address with the signature of the product.
fn bind(context: &Context<'_>, request: &Request, now: Time) -> Result<HttpCall, EncodeFault> {
    let identity = context.identity;
    let wanted = named(request, "did").or_else(|| request.device.clone());
    let known = match &wanted {
        Some(did) => context.devices.iter().find(|device| device.get("did") == Some(did.as_str())),
        None => context.devices.first(),
    };
    let given =
        |name: &str| named(request, name).or_else(|| known.and_then(|device| device.get(name)).map(str::to_owned));
    let extra = ["remark", "dev_alias", "set_owner"];
    let extra = extra.into_iter().filter_map(|name| Some((name, request.params.get(name)?.clone())));
    let passcode = given("passcode").filter(|_| named(request, "mac").is_none());
    if let (Some(did), Some(passcode)) = (wanted.clone().or_else(|| given("did")), passcode) {
        let entry: Map<String, Value> =
            [("did", did.into()), ("passcode", passcode.into())].into_iter().chain(extra).map(owned).collect();
        let body = json!({"devices": [entry]});
        return http::app_call(identity, http::name::BINDINGS, Method::Post, "/app/bindings", Some(&body))
            .map_err(field);
    }
    let (Some(mac), Some(product)) = (given("mac"), given("product_key")) else {
        return Err(argument(NOTHING_TO_BIND));
    };
    let secret = identity.require("product_secret").map_err(field)?;
    let members = [("product_key", product.into()), ("mac", mac.into())].into_iter().chain(extra);
    let body = Value::Object(members.map(owned).collect());
    let mut call =
        http::app_call(identity, http::name::BIND_MAC, Method::Post, "/app/bind_mac", Some(&body)).map_err(field)?;
    let timestamp = identity.get("timestamp").map_or_else(|| now.as_secs().to_string(), str::to_owned);
    call.headers.push(("X-Gizwits-Signature", Secret::new(sign::bind_signature(secret, &timestamp))));
    call.headers.push(("X-Gizwits-Timestamp", Secret::new(timestamp)));
    Ok(call)
}

fn owned((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

/// Values as the HTTP API gives them: enum values by name.
pub fn http_values(known: &ThingModel, values: &Map<String, Value>) -> Map<String, Value> {
    let shown = |(identifier, value): (&String, &Value)| {
        let property = known.properties.iter().find(|property| property.identifier == *identifier);
        let name = property.and_then(|property| match &property.data_type {
            crate::model::thing::DataType::Enum(choices) => {
                let index = value.as_i64()?;
                choices.iter().find(|(known, _)| *known == index).map(|(_, name)| Value::from(name.as_str()))
            }
            _ => None,
        });
        (identifier.clone(), name.unwrap_or_else(|| value.clone()))
    };
    values.iter().map(shown).collect()
}
