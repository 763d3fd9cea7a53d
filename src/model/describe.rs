//! Types in a few signs that are the same in every language.

use crate::model::thing::{DataType, Range};

/// A type in a few signs: `int32 0 … 100 Δ5 %`, `enum(3)`, `[text ≤ 32] ≤ 4`.
pub fn describe(data_type: &DataType) -> String {
    let limits = |range: &Range| {
        let shown = |bound: Option<f64>| bound.map_or("…".to_owned(), |bound| bound.to_string());
        let span = match (range.min, range.max) {
            (None, None) => String::new(),
            _ => format!(" {} … {}", shown(range.min), shown(range.max)),
        };
        // Whole numbers go by ones; that needs no word.
        let step = range.step.filter(|step| *step > 0.0 && *step != 1.0).map(|step| format!(" Δ{step}"));
        let unit = if range.unit.is_empty() { String::new() } else { format!(" {}", range.unit) };
        format!("{span}{}{unit}", step.unwrap_or_default())
    };
    match data_type {
        DataType::Int { bits, range } => format!("int{bits}{}", limits(range)),
        DataType::Float { double, range } => format!("{}{}", if *double { "double" } else { "float" }, limits(range)),
        DataType::Bool { .. } => "bool".to_owned(),
        DataType::Enum(values) => format!("enum({})", values.len()),
        DataType::Bits { length, .. } => format!("bits({length})"),
        DataType::Text { max_length: Some(max) } => format!("text ≤ {max}"),
        DataType::Text { max_length: None } => "text".to_owned(),
        DataType::Binary(length) => format!("hex({length})"),
        DataType::Date => "date (ms)".to_owned(),
        DataType::Struct(members) => {
            let names: Vec<&str> = members.iter().map(|member| member.identifier.as_str()).collect();
            format!("{{{}}}", names.join(", "))
        }
        DataType::Array { element, max_length } => {
            let bound = max_length.map(|max| format!(" ≤ {max}")).unwrap_or_default();
            format!("[{}]{bound}", describe(element))
        }
        DataType::Other(name) => name.clone(),
    }
}
