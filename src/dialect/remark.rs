//! What is to be said of values that may be sent though they do not arrive as they were meant.

use serde_json::Value;

use crate::base::lang::{Phrase, Text};
use crate::dialect::Dialect;
use crate::model::step::{Grid, off_step};
use crate::model::thing::{DataType, join};
use crate::model::{OpKind, Request, ThingModel};

/// What becomes of a number between two steps is not known of the platform.
pub const BETWEEN: Text = Text::new(
    "“{}”: {} is between two steps of {}, the nearest is {}",
    "“{0}”：{1} 不是步长 {2} 的整数倍，最接近的是 {3}",
);
/// The platform keeps the nearest step.
pub const MOVED: Text = Text::new(
    "“{}”: {} is between two steps of {}, the platform makes {} of it",
    "“{0}”：{1} 不是步长 {2} 的整数倍，平台会改为 {3}",
);
/// Nothing else than the nearest step can be written.
pub const ROUNDED: Text = Text::new(
    "“{}”: {} is not a multiple of the ratio {}, {} is sent",
    "“{0}”：{1} 不是分辨率 {2} 的整数倍，实际发送 {3}",
);

/// The remark on the first number of a value that lies between two steps.
pub fn between_steps(words: Text, data_type: &DataType, identifier: &str, value: &Value, grid: Grid) -> Option<Phrase> {
    let off = off_step(data_type, value, grid)?;
    let place = if off.part.is_empty() { identifier.to_owned() } else { join(identifier, &off.part) };
    Some(words.with(&[&place, &off.found, &off.step, &off.nearest]))
}

/// The remarks on every value of a request.
pub fn remarks(dialect: &dyn Dialect, model: &ThingModel, request: &Request) -> Vec<Phrase> {
    let of_params = |params: &'_ [crate::model::thing::Param], name: &str| {
        params.iter().find(|param| param.identifier == name).map(|param| param.data_type.clone())
    };
    let called = request.name.as_deref();
    let type_of = |name: &str| match request.op {
        OpKind::Set | OpKind::DesiredSet | OpKind::Report => {
            let property = model.properties.iter().find(|property| property.identifier == name)?;
            Some(property.data_type.clone())
        }
        OpKind::Event => {
            of_params(&model.events.iter().find(|one| Some(one.identifier.as_str()) == called)?.outputs, name)
        }
        OpKind::Invoke => {
            of_params(&model.services.iter().find(|one| Some(one.identifier.as_str()) == called)?.inputs, name)
        }
        _ => None,
    };
    let remark = |(name, value): (&String, &Value)| dialect.remark_on_value(&type_of(name)?, name, value);
    request.params.iter().filter_map(remark).collect()
}
