//! Numbers that lie between the steps of their type.

use serde_json::Value;

use crate::model::thing::{DataType, Range, join};

/// From where steps are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// From the smallest value.
    FromMin,
    /// From zero.
    FromZero,
    /// From either: the platform's documents do not say.
    Either,
}

/// A number between two steps.
#[derive(Debug, Clone, PartialEq)]
pub struct OffStep {
    /// Where inside the value it stands (`[2]`, `member`); empty for the value itself.
    pub part: String,
    /// The number.
    pub found: f64,
    /// The step.
    pub step: f64,
    /// The step nearest to it, written with the digits that the step has.
    pub nearest: String,
}

/// The first number in a value that is not on a step of its type.
pub fn off_step(data_type: &DataType, value: &Value, grid: Grid) -> Option<OffStep> {
    let inside = |off: OffStep, part: &str| {
        let part = if off.part.is_empty() { part.to_owned() } else { join(part, &off.part) };
        OffStep { part, ..off }
    };
    match (data_type, value) {
        (DataType::Int { range, .. } | DataType::Float { range, .. }, Value::Number(number)) => {
            beside(range, number.as_f64()?, grid)
        }
        (DataType::Struct(params), Value::Object(members)) => params.iter().find_map(|param| {
            let off = off_step(&param.data_type, members.get(&param.identifier)?, grid)?;
            Some(inside(off, &param.identifier))
        }),
        (DataType::Array { element, .. }, Value::Array(items)) => items.iter().enumerate().find_map(|(at, item)| {
            let off = off_step(element, item, grid)?;
            Some(inside(off, &format!("[{at}]")))
        }),
        _ => None,
    }
}

fn beside(range: &Range, number: f64, grid: Grid) -> Option<OffStep> {
    let step = range.step.filter(|step| *step > 0.0)?;
    let min = range.min.unwrap_or_default();
    let bases: &[f64] = match grid {
        Grid::FromMin => &[min],
        Grid::FromZero => &[0.0],
        Grid::Either => &[min, 0.0],
    };
    // A hair beside a step is a matter of binary fractions.
    let is_on = |base: &f64| {
        let steps = (number - base) / step;
        (steps - steps.round()).abs() <= 1e-6 * (1.0 + steps.abs()).min(1e3)
    };
    if bases.iter().any(is_on) {
        return None;
    }
    let base = bases.first().copied().unwrap_or_default();
    let nearest = ((number - base) / step).round() * step + base;
    let digits = decimals(step).max(decimals(base));
    Some(OffStep { part: String::new(), found: number, step, nearest: format!("{nearest:.digits$}") })
}

/// Digits after the point.
fn decimals(number: f64) -> usize {
    number.to_string().split_once('.').map_or(0, |(_, digits)| digits.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::thing::Param;

    fn float(min: f64, step: f64) -> DataType {
        let range = Range { min: Some(min), max: None, step: Some(step), unit: String::new() };
        DataType::Float { double: true, range }
    }

    #[test]
    fn a_number_between_two_steps_is_found_with_the_nearest_one() {
        let found = |value: Value| off_step(&float(0.0, 0.1), &value, Grid::Either).map(|off| off.nearest);
        assert_eq!(found(json!(12.34)).as_deref(), Some("12.3"));
        for on in [json!(12.3), json!(0.3), json!(1e6), json!(0.1 + 0.2), json!("12.34"), json!(true)] {
            assert_eq!(found(on.clone()), None, "{on}");
        }
    }

    #[test]
    fn steps_are_counted_from_where_the_platform_counts_them() {
        let odd = float(1.0, 2.0);
        assert_eq!(off_step(&odd, &json!(2), Grid::FromMin).unwrap().nearest, "3");
        assert_eq!(off_step(&odd, &json!(2), Grid::Either), None);
        assert_eq!(off_step(&odd, &json!(3), Grid::FromZero).unwrap().nearest, "4");
    }

    #[test]
    fn the_place_inside_a_value_is_named() {
        let point =
            Param { identifier: "x".to_owned(), name: String::new(), optional: false, data_type: float(0.0, 0.5) };
        let list = DataType::Array { element: Box::new(DataType::Struct(vec![point])), max_length: None };
        let off = off_step(&list, &json!([{"x": 1.5}, {"x": 1.6}]), Grid::Either).unwrap();
        assert_eq!((off.part.as_str(), off.nearest.as_str()), ("[1].x", "1.5"));
        assert_eq!(off_step(&DataType::Date, &json!(1), Grid::Either), None);
    }
}
