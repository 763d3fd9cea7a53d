//! Business data (p0): the action, and values of data points at fixed places or named by flags (giz-docs, Uart_Protocol;
//! code that the vendor generates for microcontrollers).
//!
//! 1. Flags are one big-endian number; bit *i* is the *i*-th writable point (fixed layout) or the point with id *i*
//!    (variable layout).
//! 2. Fixed layout: all bit values with the same byte offset are one big-endian number as long as its widest value needs.
//! 3. Variable layout: the flagged bit values follow the flags without gaps, as one big-endian number, then the others.

use std::ops::Range;

use serde_json::{Map, Number, Value};

use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::dialect::gizwits::model;
use crate::model::ThingModel;
use crate::model::thing::{BinaryLayout, Coding, DataPoint, DataType};

/// Actions with all values at fixed places.
pub mod action {
    /// An app sets values.
    pub const CONTROL: u8 = 0x01;
    /// An app asks for the state.
    pub const READ: u8 = 0x02;
    /// The state as asked for.
    pub const READ_REPLY: u8 = 0x03;
    /// A device reports its state.
    pub const REPORT: u8 = 0x04;
    /// Bytes of the product's own format, app to device.
    pub const CUSTOM_DOWN: u8 = 0x05;
    /// Bytes of the product's own format, device to app.
    pub const CUSTOM_UP: u8 = 0x06;
    /// What is added to the first four in products of variable length.
    pub const VARIABLE: u8 = 0x10;
}

const SHORT: Text =
    Text::new("the data is {} bytes, the definition has {} ({})", "数据有 {} 字节，按数据点定义应为 {} 字节（{}）");
const LONG: Text =
    Text::new("the data is {} bytes longer than the definition ({} bytes)", "数据比数据点定义（{1} 字节）长 {0} 字节");
const UNKNOWN_FLAGS: Text =
    Text::new("flags name points that the definition does not have: {}", "标志位指向未定义的数据点：{}");
const REVERSED: Text = Text::new(
    "flags name points that the definition does not have: {}; in little-endian order? Reversed they would name {}",
    "标志位指向未定义的数据点：{}；疑为小端序，反转后为 {}",
);
const OTHER_TYPE: Text = Text::new(
    "action {} belongs to a product of another protocolType ({})",
    "动作 {} 属于另一种 protocolType 的产品（{}）",
);

/// A value found in a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The data point.
    pub identifier: String,
    /// Its bare value: bool, index of the enum value, number as shown, hex text.
    pub value: Value,
    /// The bytes that hold it, counted from the start of p0.
    pub bytes: Range<usize>,
}

/// Business data taken apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decoded {
    /// Where the flags stand, counted from the start of p0; empty where there are none.
    pub flags: Range<usize>,
    /// The points that the flags name.
    pub named: Vec<String>,
    /// The values.
    pub values: Vec<Found>,
    /// What is wrong, with its place in p0.
    pub faults: Vec<(Range<usize>, Phrase)>,
}

impl Decoded {
    /// The values by identifier.
    pub fn map(&self) -> Map<String, Value> {
        self.values.iter().map(|found| (found.identifier.clone(), found.value.clone())).collect()
    }
}

/// Bits and bytes of the points in the fixed layout.
struct Group {
    offset: usize,
    bytes: usize,
}

fn groups(points: &[DataPoint]) -> Vec<Group> {
    let mut all: Vec<Group> = Vec::new();
    for point in points {
        let Coding::Bits(width) = point.coding else { continue };
        let bytes = (point.bit_offset + width).div_ceil(8);
        match all.iter_mut().find(|group| group.offset == point.byte_offset) {
            Some(group) => group.bytes = group.bytes.max(bytes),
            None => all.push(Group { offset: point.byte_offset, bytes }),
        }
    }
    all
}

fn place(point: &DataPoint, groups: &[Group]) -> Range<usize> {
    let length = match &point.coding {
        Coding::Bits(_) => groups.iter().find(|group| group.offset == point.byte_offset).map_or(1, |group| group.bytes),
        Coding::Number { bytes, .. } => *bytes,
        Coding::Bytes(length) => *length,
    };
    point.byte_offset..point.byte_offset + length
}

/// Size of the state, or of its writable part.
fn size(layout: &BinaryLayout, writable: bool) -> usize {
    let groups = groups(&layout.points);
    let chosen = layout.points.iter().filter(|point| !writable || point.writable);
    chosen.map(|point| place(point, &groups).end).max().unwrap_or(0)
}

fn writable(layout: &BinaryLayout) -> impl Iterator<Item = &DataPoint> {
    layout.points.iter().filter(|point| point.writable)
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u32, |value, byte| (value << 8) | u32::from(*byte))
}

/// Bits `from .. from + width` of a big-endian number, counted from its lowest.
fn bits(bytes: &[u8], from: usize, width: usize) -> u32 {
    (0..width.min(32)).fold(0, |value, index| value | (u32::from(bit(bytes, from + index)) << index))
}

fn bit(bytes: &[u8], index: usize) -> bool {
    let byte = bytes.len().checked_sub(1 + index / 8).and_then(|at| bytes.get(at)).copied().unwrap_or(0);
    byte >> (index % 8) & 1 == 1
}

fn set_bits(bytes: &mut [u8], from: usize, width: usize, value: u32) {
    for index in 0..width.min(32) {
        let (at, length) = (from + index, bytes.len());
        if let Some(byte) = length.checked_sub(1 + at / 8).and_then(|at| bytes.get_mut(at)) {
            let mask = 1u8 << (at % 8);
            if value >> index & 1 == 1 {
                *byte |= mask;
            } else {
                *byte &= !mask;
            }
        }
    }
}

fn is_bool(known: &ThingModel, point: &DataPoint) -> bool {
    let property = known.properties.iter().find(|property| property.identifier == point.identifier);
    property.is_some_and(|property| matches!(property.data_type, DataType::Bool { .. }))
}

fn value(known: &ThingModel, point: &DataPoint, bytes: &[u8], bit_offset: usize) -> Value {
    match &point.coding {
        Coding::Bits(width) => {
            let raw = bits(bytes, bit_offset, *width);
            if is_bool(known, point) { Value::Bool(raw != 0) } else { raw.into() }
        }
        Coding::Number { ratio, addition, .. } => {
            let shown = model::shown(number(bytes), ratio, addition);
            if model::decimals(ratio) == 0 && model::decimals(addition) == 0 {
                // Whole numbers of at most 32 bits and a whole ratio are exact.
                format!("{shown:.0}").parse::<i64>().map_or(Value::Null, Value::from)
            } else {
                Number::from_f64(shown).map_or(Value::Null, Value::Number)
            }
        }
        Coding::Bytes(_) => Value::String(hex::encode(bytes)),
    }
}

/// Takes business data apart; without a definition only the action can be told.
pub fn decode(known: &ThingModel, p0: &[u8]) -> Decoded {
    let Some(layout) = model::layout(known) else { return Decoded::default() };
    let Some(&first) = p0.first() else { return Decoded::default() };
    let is_variable = matches!(first, 0x11..=0x14);
    if matches!(first, 0x01..=0x04) && layout.variable || is_variable && !layout.variable {
        let kind = if layout.variable { "var_len" } else { "standard" };
        let reason = OTHER_TYPE.with(&[&format!("{first:02x}"), &kind]);
        return Decoded { faults: vec![(0..1, reason)], ..Decoded::default() };
    }
    match first {
        action::CONTROL => fixed(known, layout, p0, true),
        action::READ_REPLY | action::REPORT => fixed(known, layout, p0, false),
        0x12 => variable(known, layout, p0, false),
        0x11 | 0x13 | 0x14 => variable(known, layout, p0, true),
        _ => Decoded::default(),
    }
}

fn fixed(known: &ThingModel, layout: &BinaryLayout, p0: &[u8], control: bool) -> Decoded {
    let mut decoded = Decoded::default();
    let width = if control { writable(layout).count().div_ceil(8) } else { 0 };
    let (start, groups) = (1 + width, groups(&layout.points));
    decoded.flags = 1..start.min(p0.len()).max(1);
    let flags = p0.get(1..start).unwrap_or_default();
    let wanted = size(layout, control);
    let image = p0.get(start..).unwrap_or_default();
    if image.len() < wanted || flags.len() < width {
        let what = if control { "attr_flags, attr_vals" } else { "dev_status" };
        decoded.faults.push((1..p0.len(), SHORT.with(&[&(p0.len() - 1), &(wanted + width), &what])));
    }
    if image.len() > wanted {
        let from = start + wanted;
        decoded.faults.push((from..p0.len(), LONG.with(&[&(p0.len() - from), &wanted])));
    }
    let chosen: Vec<&DataPoint> = if control {
        writable(layout).enumerate().filter(|(index, _)| bit(flags, *index)).map(|(_, point)| point).collect()
    } else {
        layout.points.iter().collect()
    };
    if control {
        let names: Vec<&str> = writable(layout).map(|point| point.identifier.as_str()).collect();
        note_flags(&mut decoded, flags, &names);
        decoded.named = chosen.iter().map(|point| point.identifier.clone()).collect();
    }
    for point in chosen {
        let at = place(point, &groups);
        let Some(bytes) = image.get(at.clone()) else { continue };
        decoded.values.push(Found {
            identifier: point.identifier.clone(),
            value: value(known, point, bytes, point.bit_offset),
            bytes: start + at.start..start + at.end,
        });
    }
    decoded
}

/// Flags beyond the last point. A device ignores the whole message; the usual reason is that the bytes are in the wrong
/// order. `names` holds the point of every bit, empty where there is none.
fn note_flags(decoded: &mut Decoded, flags: &[u8], names: &[&str]) {
    let unknown = |flags: &[u8]| -> Vec<String> {
        let free = |index: &usize| names.get(*index).is_none_or(|name| name.is_empty()) && bit(flags, *index);
        (0..flags.len() * 8).filter(free).map(|index| index.to_string()).collect()
    };
    let found = unknown(flags);
    if found.is_empty() {
        return;
    }
    let reversed: Vec<u8> = flags.iter().rev().copied().collect();
    let reason = if reversed != flags && unknown(&reversed).is_empty() {
        let meant = names.iter().enumerate().filter(|(index, _)| bit(&reversed, *index)).map(|(_, name)| *name);
        REVERSED.with(&[&found.join(", "), &meant.collect::<Vec<_>>().join(", ")])
    } else {
        UNKNOWN_FLAGS.with(&[&found.join(", ")])
    };
    decoded.faults.push((decoded.flags.clone(), reason));
}

fn variable(known: &ThingModel, layout: &BinaryLayout, p0: &[u8], with_values: bool) -> Decoded {
    let count = layout.points.iter().map(|point| usize::from(point.id) + 1).max().unwrap_or(0);
    let start = 1 + count.div_ceil(8);
    let flags = p0.get(1..start).unwrap_or_default();
    let mut decoded = Decoded { flags: 1..start.min(p0.len()).max(1), ..Decoded::default() };
    if flags.len() + 1 < start {
        decoded.faults.push((1..p0.len(), SHORT.with(&[&(p0.len() - 1), &(start - 1), &"attr_flags"])));
        return decoded;
    }
    let mut names = vec![""; count];
    for point in &layout.points {
        if let Some(name) = names.get_mut(usize::from(point.id)) {
            *name = &point.identifier;
        }
    }
    note_flags(&mut decoded, flags, &names);
    let chosen: Vec<&DataPoint> = layout.points.iter().filter(|point| bit(flags, usize::from(point.id))).collect();
    decoded.named = chosen.iter().map(|point| point.identifier.clone()).collect();
    if !with_values {
        return decoded;
    }
    let widths = |point: &&DataPoint| if let Coding::Bits(width) = point.coding { width } else { 0 };
    let group = start..start + chosen.iter().map(widths).sum::<usize>().div_ceil(8);
    let (mut from, mut at) = (0, group.end);
    for point in &chosen {
        let (bytes, bit_offset) = match &point.coding {
            Coding::Bits(width) => {
                let offset = from;
                from += width;
                (group.clone(), offset)
            }
            Coding::Number { bytes: length, .. } | Coding::Bytes(length) => {
                let bytes = at..at + length;
                at = bytes.end;
                (bytes, 0)
            }
        };
        if let Some(found) = p0.get(bytes.clone()) {
            let value = value(known, point, found, bit_offset);
            decoded.values.push(Found { identifier: point.identifier.clone(), value, bytes });
        }
    }
    if at > p0.len() {
        decoded.faults.push((start..p0.len(), SHORT.with(&[&(p0.len() - 1), &(at - 1), &"attr_vals"])));
    } else if at < p0.len() {
        decoded.faults.push((at..p0.len(), LONG.with(&[&(p0.len() - at), &(at - 1)])));
    }
    decoded
}

/// One bit of the flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagBit<'m> {
    /// The data point that it names.
    pub name: &'m str,
    /// Its place, from the lowest bit of the last byte.
    pub index: usize,
    /// Whether it is set.
    pub set: bool,
    /// The byte that holds it, counted from the start of p0.
    pub bytes: Range<usize>,
}

impl FlagBit<'_> {
    /// Its place in words that are the same in every language.
    pub fn note(&self) -> String {
        format!("bit {}", self.index)
    }
}

/// The flags of business data, one by one; only those that name a data point.
pub fn flag_bits<'m>(known: &'m ThingModel, p0: &[u8]) -> Vec<FlagBit<'m>> {
    let Some(layout) = model::layout(known) else { return Vec::new() };
    let numbered = |point: &'m DataPoint| (usize::from(point.id), point.identifier.as_str());
    let names: Vec<(usize, &str)> = match p0.first() {
        Some(&action::CONTROL) if !layout.variable => {
            writable(layout).enumerate().map(|(index, point)| (index, point.identifier.as_str())).collect()
        }
        Some(0x11..=0x14) if layout.variable => layout.points.iter().map(numbered).collect(),
        _ => Vec::new(),
    };
    let width = if layout.variable { variable_width(layout) } else { writable(layout).count().div_ceil(8) };
    let flags = p0.get(1..1 + width).unwrap_or_default();
    let bit_of = |(index, name)| {
        let at = (1 + width).checked_sub(1 + index / 8)?;
        (!flags.is_empty()).then(|| FlagBit { name, index, set: bit(flags, index), bytes: at..at + 1 })
    };
    names.into_iter().filter_map(bit_of).collect()
}

/// Bytes of the flags in products of variable length.
fn variable_width(layout: &BinaryLayout) -> usize {
    layout.points.iter().map(|point| usize::from(point.id) + 1).max().unwrap_or(0).div_ceil(8)
}

/// The bits of a value within the bytes that hold it: the lowest, counted from the lowest bit of the last byte, and how
/// many; `None` for a value that takes whole bytes.
pub fn bits_of(known: &ThingModel, p0: &[u8], identifier: &str) -> Option<(usize, usize)> {
    let layout = model::layout(known)?;
    let point = layout.points.iter().find(|point| point.identifier == identifier)?;
    let Coding::Bits(width) = point.coding else { return None };
    if !layout.variable {
        return Some((point.bit_offset, width));
    }
    let flags = p0.get(1..1 + variable_width(layout))?;
    let before = layout.points.iter().take_while(|other| other.id < point.id);
    let widths = before.filter(|other| bit(flags, usize::from(other.id))).map(|other| match other.coding {
        Coding::Bits(width) => width,
        _ => 0,
    });
    Some((widths.sum(), width))
}

/// Business data with another value in it. In a fixed layout the bytes of this value change and nothing else; in a control
/// its flag is set with it. `Err` names what cannot be written.
pub fn with_value(known: &ThingModel, p0: &[u8], identifier: &str, new: &Value) -> Result<Vec<u8>, String> {
    let unwritable = || identifier.to_owned();
    let layout = model::layout(known).ok_or_else(unwritable)?;
    let point = layout.points.iter().find(|point| point.identifier == identifier).ok_or_else(unwritable)?;
    let action = p0.first().copied().unwrap_or_default();
    if layout.variable {
        let mut values = decode(known, p0).map();
        values.insert(identifier.to_owned(), new.clone());
        return encode_variable(known, layout, action & !action::VARIABLE, &values);
    }
    let control = action == action::CONTROL;
    let start = 1 + if control { writable(layout).count().div_ceil(8) } else { 0 };
    let at = place(point, &groups(&layout.points));
    let mut changed = p0.to_vec();
    let bytes = changed.get_mut(start + at.start..start + at.end).ok_or_else(unwritable)?;
    if let Coding::Bits(width) = point.coding {
        set_bits(bytes, point.bit_offset, width, raw(known, point, new).ok_or_else(unwritable)?);
    } else {
        let written = bytes_of(known, point, new).ok_or_else(unwritable)?;
        bytes.iter_mut().zip(written).for_each(|(into, byte)| *into = byte);
    }
    if control && let Some(index) = writable(layout).position(|other| other.identifier == identifier) {
        set_bits(changed.get_mut(1..start).unwrap_or_default(), index, 1, 1);
    }
    Ok(changed)
}

/// Business data with a flag set or not. In a variable layout a value that was not there is zero, and one that is not
/// named any more leaves.
pub fn with_flag(known: &ThingModel, p0: &[u8], identifier: &str, set: bool) -> Result<Vec<u8>, String> {
    let unwritable = || identifier.to_owned();
    let layout = model::layout(known).ok_or_else(unwritable)?;
    let found = flag_bits(known, p0).into_iter().find(|bit| bit.name == identifier).ok_or_else(unwritable)?;
    let action = p0.first().copied().unwrap_or_default();
    if layout.variable && action != action::READ | action::VARIABLE {
        let mut values = decode(known, p0).map();
        if !set {
            values.remove(identifier);
        } else if !values.contains_key(identifier) {
            let point = layout.points.iter().find(|point| point.identifier == identifier).ok_or_else(unwritable)?;
            let zeros = match &point.coding {
                Coding::Bits(width) => vec![0; width.div_ceil(8)],
                Coding::Number { bytes, .. } | Coding::Bytes(bytes) => vec![0; *bytes],
            };
            values.insert(identifier.to_owned(), value(known, point, &zeros, 0));
        }
        return encode_variable(known, layout, action & !action::VARIABLE, &values);
    }
    let width = if layout.variable { variable_width(layout) } else { writable(layout).count().div_ceil(8) };
    let mut changed = p0.to_vec();
    set_bits(changed.get_mut(1..1 + width).ok_or_else(unwritable)?, found.index, 1, u32::from(set));
    Ok(changed)
}

/// The number that stands for a value; `None` where it stands for none.
fn raw(known: &ThingModel, point: &DataPoint, value: &Value) -> Option<u32> {
    match &point.coding {
        Coding::Bits(width) => {
            let property = known.properties.iter().find(|property| property.identifier == point.identifier)?;
            let number = match (value, &property.data_type) {
                (Value::Bool(on), _) => u64::from(*on),
                (Value::String(name), DataType::Enum(choices)) => {
                    u64::try_from(choices.iter().find(|(_, known)| known == name)?.0).ok()?
                }
                (value, _) => value.as_u64()?,
            };
            let fits = u32::try_from(width.saturating_sub(1)).map_or(true, |top| number >> top <= 1);
            u32::try_from(number).ok().filter(|_| fits)
        }
        Coding::Number { bytes, ratio, addition, .. } => {
            let factor = |text: &str| text.parse::<f64>().ok();
            let exact = (value.as_f64()? - factor(addition)?) / factor(ratio).filter(|ratio| *ratio != 0.0)?;
            let most = [0.0, 255.0, 65_535.0, 0.0, 4_294_967_295.0].get(*bytes).copied()?;
            let rounded = exact.round();
            (0.0..=most).contains(&rounded).then(|| format!("{rounded:.0}").parse().ok())?
        }
        Coding::Bytes(_) => None,
    }
}

/// The bytes of a value that is not made of bits.
fn bytes_of(known: &ThingModel, point: &DataPoint, value: &Value) -> Option<Vec<u8>> {
    match &point.coding {
        Coding::Number { bytes, .. } => {
            let all = raw(known, point, value)?.to_be_bytes();
            all.get(4usize.checked_sub(*bytes)?..).map(<[u8]>::to_vec)
        }
        // Values that were not checked (made up by a simulated device) may be any text: it is cut or filled with zeros.
        Coding::Bytes(length) => {
            let text = value.as_str()?;
            let exact = hex::parse(text).ok().filter(|bytes| bytes.len() == *length);
            exact.or_else(|| Some(text.bytes().chain(std::iter::repeat(0)).take(*length).collect()))
        }
        Coding::Bits(_) => None,
    }
}

/// Writes business data: `action` is one of the fixed actions, those of variable products follow from the definition.
/// Where a value cannot be written the identifier is given back. Values that a fixed layout wants and `values` does not
/// have are zero.
pub fn encode(known: &ThingModel, action: u8, values: &Map<String, Value>) -> Result<Vec<u8>, String> {
    let Some(layout) = model::layout(known) else { return Err(String::new()) };
    if let Some(unknown) = values.keys().find(|name| layout.points.iter().all(|point| point.identifier != **name)) {
        return Err(unknown.clone());
    }
    if layout.variable {
        encode_variable(known, layout, action, values)
    } else {
        encode_fixed(known, layout, action, values)
    }
}

fn encode_fixed(
    known: &ThingModel,
    layout: &BinaryLayout,
    action: u8,
    values: &Map<String, Value>,
) -> Result<Vec<u8>, String> {
    let control = action == action::CONTROL;
    let groups = groups(&layout.points);
    let mut flags = vec![0u8; if control { writable(layout).count().div_ceil(8) } else { 0 }];
    let mut image = vec![0u8; size(layout, control)];
    let chosen: Vec<&DataPoint> = layout.points.iter().filter(|point| !control || point.writable).collect();
    for (index, point) in chosen.iter().enumerate() {
        let Some(value) = values.get(&point.identifier) else { continue };
        let at = place(point, &groups);
        let Some(bytes) = image.get_mut(at) else { continue };
        match &point.coding {
            Coding::Bits(width) => {
                let raw = raw(known, point, value).ok_or_else(|| point.identifier.clone())?;
                set_bits(bytes, point.bit_offset, *width, raw);
            }
            Coding::Number { .. } | Coding::Bytes(_) => {
                let written = bytes_of(known, point, value).ok_or_else(|| point.identifier.clone())?;
                bytes.iter_mut().zip(written).for_each(|(into, byte)| *into = byte);
            }
        }
        set_bits(&mut flags, index, 1, 1);
    }
    Ok([vec![action], flags, image].concat())
}

fn encode_variable(
    known: &ThingModel,
    layout: &BinaryLayout,
    action: u8,
    values: &Map<String, Value>,
) -> Result<Vec<u8>, String> {
    let mut flags = variable_flags(layout, |point| values.contains_key(&point.identifier));
    let (mut packed, mut width_used, mut rest) = (Vec::new(), 0, Vec::new());
    for point in &layout.points {
        let Some(value) = values.get(&point.identifier) else { continue };
        if let Coding::Bits(width) = point.coding {
            packed.push((width_used, width, raw(known, point, value).ok_or_else(|| point.identifier.clone())?));
            width_used += width;
        } else {
            rest.extend(bytes_of(known, point, value).ok_or_else(|| point.identifier.clone())?);
        }
    }
    let mut group = vec![0u8; width_used.div_ceil(8)];
    for (from, width, raw) in packed {
        set_bits(&mut group, from, width, raw);
    }
    flags.insert(0, action | action::VARIABLE);
    Ok([flags, group, rest].concat())
}

fn variable_flags(layout: &BinaryLayout, named: impl Fn(&DataPoint) -> bool) -> Vec<u8> {
    let mut flags = vec![0u8; variable_width(layout)];
    for point in layout.points.iter().filter(|point| named(point)) {
        set_bits(&mut flags, usize::from(point.id), 1, 1);
    }
    flags
}

/// A question for the state; in products of variable length for these points, or for all where none is named.
pub fn query(known: &ThingModel, identifiers: &[String]) -> Vec<u8> {
    match model::layout(known) {
        Some(layout) if layout.variable => {
            let named = |point: &DataPoint| identifiers.is_empty() || identifiers.contains(&point.identifier);
            let mut flags = variable_flags(layout, named);
            flags.insert(0, action::READ | action::VARIABLE);
            flags
        }
        _ => vec![action::READ],
    }
}

/// The state in the answer of newer firmware, which writes bytes of its own before it: in a fixed layout it is counted from
/// the end (seen by a third-party LAN client).
pub fn from_the_end<'p>(known: &ThingModel, p0: &'p [u8]) -> Option<&'p [u8]> {
    let layout = model::layout(known).filter(|layout| !layout.variable)?;
    let start = p0.len().checked_sub(size(layout, false) + 1)?;
    let tail = p0.get(start..)?;
    matches!(tail.first(), Some(&(action::READ_REPLY | action::REPORT))).then_some(tail)
}

/// Points of the fixed layout for which there is no value.
pub fn missing<'m>(known: &'m ThingModel, values: &Map<String, Value>) -> Vec<&'m str> {
    match model::layout(known) {
        Some(layout) if !layout.variable => layout
            .points
            .iter()
            .map(|point| point.identifier.as_str())
            .filter(|name| !values.contains_key(*name))
            .collect(),
        _ => Vec::new(),
    }
}
