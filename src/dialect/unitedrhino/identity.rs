//! Whose login it was: the fields of a profile, read out of a login that was used. The secret cannot be.

use crate::dialect::check::Given;
use crate::dialect::unitedrhino::sign;
use crate::model::{Fields, Role};

/// User name `{clientID};12010126;{connid};{expiry}`, client id `{productID}&{deviceName}`; an app logs in by a token.
pub fn identity(given: &Given) -> Option<(Role, Fields)> {
    let username = sign::UserName::parse(given.username.as_deref()?).ok()?;
    let (product, device) = sign::client_parts(username.client_id)?;
    let mut fields = Fields::new().with("product_id", product).with("device_name", device);
    if !username.client_id.contains('&') {
        fields.set("legacy", "true");
    }
    if let Some((_, method)) = given.password().and_then(|password| password.rsplit_once(';')) {
        fields.set("sign_method", method);
    }
    Some((Role::Device, fields))
}
