//! A thing model: the properties, events and services of a product, in terms that hold for every platform.
//!
//! Each dialect reads its own file format into this and maps a [`ValueFault`] to its own code.

use serde_json::Value;

use crate::base::lang::{Phrase, Text};

/// A thing model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ThingModel {
    /// Properties in the order of the file.
    pub properties: Vec<Property>,
    /// Events in the order of the file.
    pub events: Vec<Event>,
    /// Services (actions) in the order of the file.
    pub services: Vec<Service>,
    /// Where the properties lie in binary messages, for platforms that send them so.
    pub binary: Option<BinaryLayout>,
}

/// Where the properties of a product lie in binary messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BinaryLayout {
    /// Whether a message holds the values that it names only; otherwise always all of them, at fixed places.
    pub variable: bool,
    /// One for each property, in the order of their ids.
    pub points: Vec<DataPoint>,
}

/// One property in binary messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPoint {
    /// The property.
    pub identifier: String,
    /// Its number in the product, from 0.
    pub id: u16,
    /// Whether it can be set.
    pub writable: bool,
    /// First byte of its group in the fixed layout.
    pub byte_offset: usize,
    /// First bit in its group, from the lowest; for values made of bits.
    pub bit_offset: usize,
    /// How it is written.
    pub coding: Coding,
}

/// How a value is written in binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coding {
    /// So many bits of a group: a bool, or the index of an enum value.
    Bits(usize),
    /// An unsigned number of so many bytes, the highest first. What is shown is the number times `ratio` plus `addition`.
    Number {
        /// 1, 2 or 4.
        bytes: usize,
        /// Decimal number as text, exactly as the definition has it.
        ratio: String,
        /// Decimal number as text, exactly as the definition has it.
        addition: String,
        /// Smallest and largest number as it is written.
        limits: (u32, u32),
    },
    /// Exactly so many bytes.
    Bytes(usize),
}

/// A property.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// Identifier, unique in the model.
    pub identifier: String,
    /// Name for people.
    pub name: String,
    /// Whether it can be set.
    pub writable: bool,
    /// Type and limits.
    pub data_type: DataType,
}

/// A parameter of an event, a service or a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Identifier, unique among its siblings.
    pub identifier: String,
    /// Name for people.
    pub name: String,
    /// Whether the platform takes it as good where it is left out.
    pub optional: bool,
    /// Type and limits.
    pub data_type: DataType,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Identifier.
    pub identifier: String,
    /// Name for people.
    pub name: String,
    /// The platform's class of event: `info`, `alert`, `error`, `fault`.
    pub class: String,
    /// What it carries.
    pub outputs: Vec<Param>,
}

/// A service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Identifier.
    pub identifier: String,
    /// Name for people.
    pub name: String,
    /// Whether the caller waits for the device's answer.
    pub synchronous: bool,
    /// What it takes.
    pub inputs: Vec<Param>,
    /// What it gives.
    pub outputs: Vec<Param>,
}

/// A number with limits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Range {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Distance between values.
    pub step: Option<f64>,
    /// Unit for people.
    pub unit: String,
}

/// A type with its limits.
#[derive(Debug, Clone, PartialEq)]
pub enum DataType {
    /// A whole number of 32 or 64 bits.
    Int {
        /// 32 or 64.
        bits: u8,
        /// Limits.
        range: Range,
    },
    /// A decimal number.
    Float {
        /// Whether it has double precision.
        double: bool,
        /// Limits.
        range: Range,
    },
    /// True or false, with the names of both.
    Bool {
        /// Name of false.
        off: String,
        /// Name of true.
        on: String,
    },
    /// One of several, each with a number and a name.
    Enum(Vec<(i64, String)>),
    /// A set of bits.
    Bits {
        /// Number of bits.
        length: u8,
        /// Names of the bits from the lowest.
        names: Vec<String>,
    },
    /// Text with its largest length in characters.
    Text {
        /// Largest length; `None` for no limit.
        max_length: Option<usize>,
    },
    /// Bytes, written in hex: exactly so many.
    Binary(usize),
    /// A point in time: Unix milliseconds.
    Date,
    /// Named members.
    Struct(Vec<Param>),
    /// Elements of one type.
    Array {
        /// Type of the elements.
        element: Box<DataType>,
        /// Largest number of elements.
        max_length: Option<usize>,
    },
    /// A type that this version does not know; any value passes.
    Other(String),
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueFault {
    /// The model has no such identifier.
    UnknownIdentifier,
    /// The identifier cannot be set.
    ReadOnly,
    /// Another JSON type was expected.
    WrongType {
        /// What the model asks for, in the platform's word.
        expected: String,
        /// What was found.
        found: &'static str,
    },
    /// Outside the limits.
    OutOfRange {
        /// The limits, written for people.
        limits: String,
    },
    /// Too many characters or elements.
    TooLong {
        /// The largest length.
        max: usize,
        /// The length found.
        found: usize,
    },
    /// Another number of bytes.
    NotLength {
        /// The length that it has to have.
        wanted: usize,
        /// The length found.
        found: usize,
    },
    /// A member is missing.
    MissingMember(String),
    /// Something is wrong with a part: a member of a struct, or an element of an array (`[2]`, from 0).
    Inside(String, Box<ValueFault>),
}

/// The place of a part: `whole.member` or `whole[2]`.
pub fn join(whole: &str, part: &str) -> String {
    if part.starts_with('[') { format!("{whole}{part}") } else { format!("{whole}.{part}") }
}

/// Checks each element of an array; a fault names the place.
pub fn each<T>(elements: &[T], check: impl Fn(&T) -> Result<(), ValueFault>) -> Result<(), ValueFault> {
    elements
        .iter()
        .enumerate()
        .try_for_each(|(at, element)| check(element).map_err(|fault| fault.inside(format!("[{at}]"))))
}

impl ValueFault {
    /// The finding in words.
    pub fn describe(&self, identifier: &str) -> Phrase {
        match self {
            ValueFault::UnknownIdentifier => UNKNOWN.with(&[&identifier]),
            ValueFault::ReadOnly => READ_ONLY.with(&[&identifier]),
            ValueFault::WrongType { expected, found } => WRONG_TYPE.with(&[&identifier, expected, found]),
            ValueFault::OutOfRange { limits } => OUT_OF_RANGE.with(&[&identifier, limits]),
            ValueFault::TooLong { max, found } => TOO_LONG.with(&[&identifier, found, max]),
            ValueFault::NotLength { wanted, found } => NOT_LENGTH.with(&[&identifier, wanted, found]),
            ValueFault::MissingMember(member) => NO_MEMBER.with(&[&identifier, member]),
            ValueFault::Inside(part, fault) => fault.describe(&join(identifier, part)),
        }
    }

    /// The same as the fault of a whole, in whose part it was found.
    #[must_use]
    pub fn inside(self, part: impl Into<String>) -> ValueFault {
        ValueFault::Inside(part.into(), Box::new(self))
    }

    /// What is wrong, wherever inside of the value it is.
    pub fn innermost(&self) -> &ValueFault {
        match self {
            ValueFault::Inside(_, fault) => fault.innermost(),
            fault => fault,
        }
    }
}

impl Range {
    /// Whether a number lies within the limits. What is no number is taken as 0.
    pub fn check(&self, value: &Value) -> Result<(), ValueFault> {
        let number = value.as_f64().unwrap_or_default();
        let below = self.min.is_some_and(|min| number < min);
        let above = self.max.is_some_and(|max| number > max);
        if !below && !above {
            return Ok(());
        }
        let end = |limit: Option<f64>| limit.map_or("…".to_owned(), |limit| limit.to_string());
        Err(ValueFault::OutOfRange { limits: format!("{} – {}", end(self.min), end(self.max)) })
    }
}

/// Whether two values are the same to a person: 30 and 30.0 are, `true` and 1, a number and its digits as text; several
/// platforms change the form on the way.
pub fn same_value(left: &Value, right: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_value(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| same_value(left, right)))
        }
        _ => left == right || number(left).is_some_and(|left| number(right) == Some(left)),
    }
}

/// Whether a length is allowed.
pub fn within(max: Option<usize>, found: usize) -> Result<(), ValueFault> {
    match max {
        Some(max) if found > max => Err(ValueFault::TooLong { max, found }),
        _ => Ok(()),
    }
}

const UNKNOWN: Text = Text::new("the thing model has no “{}”", "物模型中没有“{}”");
const READ_ONLY: Text = Text::new("“{}” is read-only", "“{}”只读，不能设置");
const WRONG_TYPE: Text = Text::new("“{}” should be {}, found {}", "“{}”的类型应为 {}，实际是 {}");
const OUT_OF_RANGE: Text = Text::new("“{}” is outside {}", "“{}”超出取值范围 {}");
const TOO_LONG: Text = Text::new("“{}” is {} long, at most {} are allowed", "“{}”的长度为 {}，最多 {}");
const NOT_LENGTH: Text = Text::new("“{}” takes {} bytes, found {}", "“{}”应为 {} 字节，实际 {} 字节");
const NO_MEMBER: Text = Text::new("“{}” lacks the member “{}”", "“{}”缺少成员“{}”");

/// The JSON type of a value in one word.
pub fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
