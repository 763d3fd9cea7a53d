//! Whose login it was: the fields of a profile, read out of a login that was used.

use crate::dialect::check::Given;
use crate::dialect::gizwits::sign;
use crate::model::{Fields, Role};

/// An app has `2$appid$uid` as user name and its token as password; a device its DID, and its passcode unless the login
/// is the newer one, which is signed.
pub fn identity(given: &Given) -> Option<(Role, Fields)> {
    let username = given.username.as_deref()?;
    let password = given.password().unwrap_or_default();
    if let Some((appid, uid)) = username.strip_prefix("2$").and_then(|rest| rest.split_once('$')) {
        let fields = Fields::new().with("appid", appid).with("uid", uid).with("token", password);
        return Some((Role::App, fields));
    }
    if let Some(read) = sign::read_device_username(username) {
        return read.ok().map(|(did, _)| (Role::Device, Fields::new().with("did", did)));
    }
    let same = given.client_id.as_deref() == Some(username);
    same.then(|| (Role::Device, Fields::new().with("did", username).with("passcode", password)))
}
