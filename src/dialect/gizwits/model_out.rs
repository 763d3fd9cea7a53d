//! The platform's data point definition, written. Its form is that of [`super::model`].

use serde_json::{Value, json};

use crate::base::lang::{Phrase, Text};
use crate::dialect::model_out::file;
use crate::model::thing::{Coding, DataPoint, DataType, Property, ThingModel};

const NO_LAYOUT: Text = Text::new(
    "frames carry values without their names: a definition cannot be made of them. Fetch it (iotdbg model fetch) or \
     download it from the product's page",
    "帧里只有取值、没有数据点名称，无法由此生成定义。请获取定义（iotdbg model fetch），或在产品页面下载",
);

/// A model as a file; only a model that knows where its values lie can be one.
pub fn write(model: &ThingModel) -> Result<String, Phrase> {
    let layout = model.binary.as_ref().ok_or_else(|| Phrase::from(NO_LAYOUT))?;
    let attrs = layout.points.iter().filter_map(|point| {
        let property = model.properties.iter().find(|property| property.identifier == point.identifier)?;
        Some(attr(point, property))
    });
    Ok(file(&json!({
        "name": "", "product_key": "",
        "protocolType": if layout.variable { "var_len" } else { "standard" }, "packetVersion": "0x00000004",
        "entities": [{"id": 0, "name": "entity0", "display_name": "", "attrs": attrs.collect::<Vec<_>>()}],
    })))
}

fn attr(point: &DataPoint, property: &Property) -> Value {
    let (word, length, unit) = match (&point.coding, &property.data_type) {
        (Coding::Bits(width), DataType::Enum(_)) => ("enum", *width, "bit"),
        (Coding::Bits(width), _) => ("bool", *width, "bit"),
        (Coding::Number { bytes: 1, .. }, _) => ("uint8", 1, "byte"),
        (Coding::Number { bytes: 2, .. }, _) => ("uint16", 2, "byte"),
        (Coding::Number { bytes, .. }, _) => ("uint32", *bytes, "byte"),
        (Coding::Bytes(bytes), _) => ("binary", *bytes, "byte"),
    };
    let mut attr = json!({
        "id": point.id, "name": point.identifier, "display_name": property.name, "desc": "",
        "type": if point.writable { "status_writable" } else { "status_readonly" }, "data_type": word,
        "position": {"byte_offset": point.byte_offset, "bit_offset": point.bit_offset, "len": length, "unit": unit},
    });
    if let (Some(members), DataType::Enum(choices)) = (attr.as_object_mut(), &property.data_type) {
        members.insert("enum".to_owned(), choices.iter().map(|(_, name)| name.as_str()).collect());
    }
    if let (Some(members), Coding::Number { ratio, addition, limits, .. }) = (attr.as_object_mut(), &point.coding) {
        let number = |text: &String| serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text));
        let spec = json!({"min": limits.0, "max": limits.1, "ratio": number(ratio), "addition": number(addition)});
        members.insert("uint_spec".to_owned(), spec);
        if let DataType::Int { range, .. } | DataType::Float { range, .. } = &property.data_type
            && !range.unit.is_empty()
        {
            members.insert("unit".to_owned(), json!(range.unit));
        }
    }
    attr
}
