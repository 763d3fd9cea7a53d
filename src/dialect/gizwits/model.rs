//! Data points: the definition of a product as the platform gives it (giz-docs, openapi_apps, `/app/datapoint`), and values
//! checked against it.

use serde_json::Value;

use crate::base::json::{self, Node, line_column};
use crate::base::lang::{Phrase, Text};
use crate::dialect::ModelFault;
use crate::model::ThingModel;
use crate::model::thing::{BinaryLayout, Coding, DataPoint, DataType, Property, Range, ValueFault, json_type};

/// The definition of the demo product.
pub const DEMO: &str = include_str!("../../../profiles/gizwits-demo-datapoints.json");
/// The product key of the demo product.
pub const DEMO_PRODUCT: &str = "d0e1a2b3c4d5e6f708192a3b4c5d6e7f";
/// The code for a value that its definition does not allow.
pub const ATTR_INVALID: &str = "9025";

const NO_ENTITIES: Text = Text::new("“entities” with “attrs” is missing", "缺少“entities”及其“attrs”");
const NO_MEMBER: Text = Text::new("“{}” is missing", "缺少“{}”");
const BAD_TYPE: Text = Text::new(
    "data_type is one of bool, enum, uint8, uint16, uint32, binary, found “{}”",
    "data_type 应为 bool、enum、uint8、uint16、uint32、binary 之一，实际是“{}”",
);
const TWICE: Text = Text::new("{} is there twice", "{} 重复");
const NO_NUMBER: Text = Text::new("“{}” is a number, found {}", "“{}”应为数字，实际是 {}");
const TOO_WIDE: Text = Text::new("“{}” is beyond any product: {}", "“{}”超出合理范围：{}");

const UNKNOWN: Text = Text::new("the product has no data point “{}”", "产品没有数据点“{}”");
const READ_ONLY: Text = Text::new("the data point “{}” cannot be set", "数据点“{}”不可写");
const WRONG_TYPE: Text = Text::new("“{}” takes {}, found {}", "“{}”应为 {}，实际是 {}");
const OUT_OF_RANGE: Text = Text::new("“{}” must be {}", "“{}”应在 {} 之内");
const WRONG_LENGTH: Text = Text::new("“{0}” has {2} bytes, found {1}", "“{0}”应为 {2} 字节，实际 {1} 字节");

/// The largest offset and size that is read, in bytes: business data has 65,535.
const LARGEST: u64 = 65_535;
/// Bits that a value in a group may have.
const MOST_BITS: u64 = 32;

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn fault(&self, at: usize, reason: impl Into<Phrase>) -> ModelFault {
        let (line, column) = line_column(self.text.as_bytes(), at);
        ModelFault { line, column, reason: reason.into() }
    }

    fn member<'n>(&self, node: &'n Node, name: &'static str) -> Result<&'n Node, ModelFault> {
        node.get(name).ok_or_else(|| self.fault(node.offset, NO_MEMBER.with(&[&name])))
    }

    fn text_of<'n>(&self, node: &'n Node, name: &'static str) -> Result<&'n str, ModelFault> {
        let found = self.member(node, name)?;
        found.as_str().ok_or_else(|| self.fault(found.offset, NO_MEMBER.with(&[&name])))
    }

    fn number(&self, node: &Node, name: &'static str, most: u64) -> Result<u64, ModelFault> {
        let found = self.member(node, name)?;
        let text = found.scalar_text().unwrap_or_default();
        let number: u64 =
            text.parse().map_err(|_| self.fault(found.offset, NO_NUMBER.with(&[&name, &found.type_name()])))?;
        if number > most { Err(self.fault(found.offset, TOO_WIDE.with(&[&name, &number]))) } else { Ok(number) }
    }

    fn size(&self, node: &Node, name: &'static str) -> Result<usize, ModelFault> {
        self.number(node, name, LARGEST).map(|number| usize::try_from(number).unwrap_or_default())
    }

    /// A decimal number as text; the usual one where there is none.
    fn decimal(&self, spec: Option<&Node>, name: &'static str, usual: &str) -> Result<String, ModelFault> {
        let Some(found) = spec.and_then(|spec| spec.get(name)) else { return Ok(usual.to_owned()) };
        match found.scalar_text().filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite)) {
            Some(text) => Ok(text.to_owned()),
            None => Err(self.fault(found.offset, NO_NUMBER.with(&[&name, &found.type_name()]))),
        }
    }
}

/// Reads a definition.
pub fn read(text: &str) -> Result<ThingModel, ModelFault> {
    let reader = Reader { text };
    let parsed = json::parse(text.as_bytes());
    if let Some(problem) = parsed.problems.first() {
        return Err(reader.fault(problem.offset, problem.reason.clone()));
    }
    let root = parsed.root.ok_or_else(|| reader.fault(0, NO_ENTITIES))?;
    // Files that are passed around have the list of points alone.
    let attrs = match root.get("entities") {
        Some(entities) => {
            let attrs = entities.elements().first().and_then(|entity| entity.get("attrs"));
            attrs.ok_or_else(|| reader.fault(entities.offset, NO_ENTITIES))?
        }
        None => root.get("attrs").ok_or_else(|| reader.fault(root.offset, NO_ENTITIES))?,
    };
    let variable = root.get("protocolType").and_then(Node::as_str) == Some("var_len");
    let mut found: Vec<(DataPoint, Property)> = Vec::new();
    for node in attrs.elements() {
        let (point, property) = point(&reader, node, variable)?;
        let twice = |(known, _): &(DataPoint, Property)| known.id == point.id || known.identifier == point.identifier;
        if found.iter().any(twice) {
            return Err(reader.fault(node.offset, TWICE.with(&[&point.identifier])));
        }
        found.push((point, property));
    }
    found.sort_by_key(|(point, _)| point.id);
    let (points, properties) = found.into_iter().unzip();
    let binary = Some(BinaryLayout { variable, points });
    Ok(ThingModel { properties, binary, ..ThingModel::default() })
}

fn point(reader: &Reader<'_>, node: &Node, variable: bool) -> Result<(DataPoint, Property), ModelFault> {
    let identifier = reader.text_of(node, "name")?.to_owned();
    let id = u16::try_from(reader.number(node, "id", 1_023)?).unwrap_or_default();
    let writable = reader.text_of(node, "type")? == "status_writable";
    let position = reader.member(node, "position");
    let (byte_offset, bit_offset, len) = match (&position, variable) {
        // In products of variable length all positions are zero and mean nothing.
        (_, true) => (0, 0, None),
        (Ok(position), false) => {
            let bits = if position.get("bit_offset").is_some() { reader.size(position, "bit_offset")? } else { 0 };
            (reader.size(position, "byte_offset")?, bits, Some(reader.size(position, "len")?))
        }
        (Err(fault), false) => return Err(fault.clone()),
    };
    let kind = reader.member(node, "data_type")?;
    let (coding, data_type) = match kind.as_str().unwrap_or_default() {
        "bool" => (Coding::Bits(1), DataType::Bool { off: String::new(), on: String::new() }),
        "enum" => {
            let names = reader.member(node, "enum")?.elements();
            // Files that are passed around count some enums in bytes, and have numbers for names.
            let in_bytes = position.as_ref().is_ok_and(|at| at.get("unit").and_then(Node::as_str) == Some("byte"));
            let bits = len.map(|len| if in_bytes { len.saturating_mul(8) } else { len });
            let width = bits.filter(|bits| (1..=usize::try_from(MOST_BITS).unwrap_or(32)).contains(bits));
            let choices =
                (0..).zip(names).map(|(index, name)| (index, name.scalar_text().unwrap_or_default().to_owned()));
            (Coding::Bits(width.unwrap_or_else(|| bits_for(names.len()))), DataType::Enum(choices.collect()))
        }
        "uint8" => number(reader, node, 1)?,
        "uint16" => number(reader, node, 2)?,
        "uint32" => number(reader, node, 4)?,
        "binary" => {
            let length = match (len, &position) {
                (Some(len), _) => len,
                (None, Ok(position)) if position.get("len").is_some() => reader.size(position, "len")?,
                (None, _) => reader.size(node, "len")?,
            };
            (Coding::Bytes(length), DataType::Binary(length))
        }
        other => return Err(reader.fault(kind.offset, BAD_TYPE.with(&[&other]))),
    };
    let name = node.get("display_name").and_then(Node::as_str).unwrap_or(&identifier).to_owned();
    let point = DataPoint { identifier: identifier.clone(), id, writable, byte_offset, bit_offset, coding };
    Ok((point, Property { identifier, name, writable, data_type }))
}

/// Bits that hold the index of one of so many values.
fn bits_for(count: usize) -> usize {
    let largest = count.saturating_sub(1).max(1);
    usize::try_from(usize::BITS - largest.leading_zeros()).unwrap_or(1)
}

fn number(reader: &Reader<'_>, node: &Node, bytes: usize) -> Result<(Coding, DataType), ModelFault> {
    let spec = node.get("uint_spec");
    let ratio = reader.decimal(spec, "ratio", "1")?;
    let addition = reader.decimal(spec, "addition", "0")?;
    let most: u32 = match bytes {
        1 => u32::from(u8::MAX),
        2 => u32::from(u16::MAX),
        _ => u32::MAX,
    };
    // Some published definitions write limits as decimals; what lies outside the type is the type's own limit.
    let limit = |name: &'static str, usual: u32| {
        let text = reader.decimal(spec, name, &usual.to_string())?;
        let number = text.parse::<f64>().unwrap_or_default().clamp(0.0, f64::from(most)).round();
        Ok(format!("{number:.0}").parse().unwrap_or(usual))
    };
    let limits = (limit("min", 0)?, limit("max", most)?);
    let unit = node.get("unit").and_then(Node::as_str).unwrap_or_default().to_owned();
    let coding = Coding::Number { bytes, ratio: ratio.clone(), addition: addition.clone(), limits };
    let (min, max) = (shown(limits.0, &ratio, &addition), shown(limits.1, &ratio, &addition));
    let step = ratio.parse().ok();
    let range = Range { min: Some(min), max: Some(max), step, unit };
    let whole = decimals(&ratio) == 0 && decimals(&addition) == 0;
    let data_type = if whole { DataType::Int { bits: 64, range } } else { DataType::Float { double: true, range } };
    Ok((coding, data_type))
}

/// Digits after the point of a decimal number.
pub fn decimals(text: &str) -> usize {
    let digits = text.split(['e', 'E']).next().unwrap_or_default();
    let exact = digits.split_once('.').map_or(0, |(_, after)| after.trim_end_matches('0').len());
    if text.contains(['e', 'E']) { 6 } else { exact.min(9) }
}

/// What a raw number stands for: raw · ratio + addition, with as many digits as these have.
pub fn shown(raw: u32, ratio: &str, addition: &str) -> f64 {
    let factor = |text: &str, usual: f64| text.parse().unwrap_or(usual);
    let exact = f64::from(raw) * factor(ratio, 1.0) + factor(addition, 0.0);
    let digits = i32::try_from(decimals(ratio).max(decimals(addition))).unwrap_or(0);
    let scale = 10f64.powi(digits);
    (exact * scale).round() / scale
}

/// The layout of a model that was read here.
pub fn layout(model: &ThingModel) -> Option<&BinaryLayout> {
    model.binary.as_ref()
}

/// A fault and the platform's code for it.
pub type Finding = (ValueFault, Option<String>);

fn finding(fault: ValueFault) -> Finding {
    (fault, Some(ATTR_INVALID.to_owned()))
}

/// Checks a value against the definition.
pub fn check(model: &ThingModel, identifier: &str, value: &Value, writing: bool) -> Result<(), Finding> {
    let Some(property) = model.properties.iter().find(|property| property.identifier == identifier) else {
        return Err(finding(ValueFault::UnknownIdentifier));
    };
    if writing && !property.writable {
        return Err(finding(ValueFault::ReadOnly));
    }
    let wrong =
        |expected: &str| finding(ValueFault::WrongType { expected: expected.to_owned(), found: json_type(value) });
    match &property.data_type {
        DataType::Bool { .. } => match value {
            Value::Bool(_) => Ok(()),
            value if matches!(value.as_u64(), Some(0 | 1)) => Ok(()),
            _ => Err(wrong("bool")),
        },
        DataType::Enum(choices) => {
            let names: Vec<&str> = choices.iter().map(|(_, name)| name.as_str()).collect();
            let known = match value {
                Value::String(text) => names.contains(&text.as_str()),
                value => value.as_i64().is_some_and(|index| choices.iter().any(|(known, _)| *known == index)),
            };
            match value {
                _ if known => Ok(()),
                Value::String(_) | Value::Number(_) => {
                    Err(finding(ValueFault::OutOfRange { limits: names.join(" | ") }))
                }
                _ => Err(wrong("enum")),
            }
        }
        DataType::Int { range, .. } | DataType::Float { range, .. } => {
            let number = value.as_f64().ok_or_else(|| wrong("number"))?;
            let (min, max) = (range.min.unwrap_or(f64::MIN), range.max.unwrap_or(f64::MAX));
            // A hair beyond a limit is a matter of binary fractions.
            let hair = 1e-9 * (1.0 + max.abs());
            if number < min - hair || number > max + hair {
                return Err(finding(ValueFault::OutOfRange { limits: format!("{min} … {max}") }));
            }
            Ok(())
        }
        _ => {
            let text = value.as_str().ok_or_else(|| wrong("binary (hex)"))?;
            let length = match layout(model).and_then(|all| all.points.iter().find(|one| one.identifier == identifier))
            {
                Some(DataPoint { coding: Coding::Bytes(length), .. }) => *length,
                _ => return Ok(()),
            };
            let bytes = crate::base::hex::parse(text).map_err(|_| wrong("binary (hex)"))?;
            if bytes.len() == length {
                Ok(())
            } else {
                Err(finding(ValueFault::NotLength { wanted: length, found: bytes.len() }))
            }
        }
    }
}

/// A finding in words.
pub fn describe(identifier: &str, fault: &ValueFault) -> Phrase {
    match fault {
        ValueFault::UnknownIdentifier => UNKNOWN.with(&[&identifier]),
        ValueFault::ReadOnly => READ_ONLY.with(&[&identifier]),
        ValueFault::WrongType { expected, found } => WRONG_TYPE.with(&[&identifier, expected, found]),
        ValueFault::OutOfRange { limits } => OUT_OF_RANGE.with(&[&identifier, limits]),
        ValueFault::TooLong { max, found } | ValueFault::NotLength { wanted: max, found } => {
            WRONG_LENGTH.with(&[&identifier, found, max])
        }
        ValueFault::MissingMember(member) => NO_MEMBER.with(&[member]),
        ValueFault::Inside(part, fault) => describe(&crate::model::thing::join(identifier, part), fault),
    }
}
