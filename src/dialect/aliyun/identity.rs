//! Whose login it was: the fields of a profile, read out of client id and user name. The secret cannot be.

use crate::dialect::aliyun::sign::ClientId;
use crate::dialect::check::Given;
use crate::model::{Fields, Role};

/// User name `{deviceName}&{productKey}`, client id `{id}|securemode=…,signmethod=…|`.
pub fn identity(given: &Given) -> Option<(Role, Fields)> {
    let (device, product) = given.username.as_deref()?.split_once('&')?;
    let client_id = ClientId::parse(given.client_id.as_deref()?).ok()?;
    let mut fields = Fields::new().with("product_key", product).with("device_name", device);
    fields.set("client_id", client_id.id.as_str());
    for (parameter, field) in [("signmethod", "sign_method"), ("securemode", "secure_mode")] {
        if let Some(value) = client_id.get(parameter) {
            fields.set(field, value);
        }
    }
    Some((Role::Device, fields))
}
