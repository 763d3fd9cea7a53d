//! Whose login it was: the fields of a profile, read out of a login that was used.

use crate::dialect::check::Given;
use crate::model::{Fields, Role};

/// A device has its name as client id and its product as user name; an app has `userid/…` or `projectid/…/groupid/…` as
/// user name. Either has its token as password.
pub fn identity(given: &Given) -> Option<(Role, Fields)> {
    let username = given.username.as_deref()?;
    let levels: Vec<&str> = username.split('/').collect();
    let (role, mut fields) = match levels.as_slice() {
        ["userid", user] => (Role::App, Fields::new().with("user_id", *user)),
        ["projectid", project, "groupid", group] => {
            (Role::App, Fields::new().with("project_id", *project).with("group_id", *group))
        }
        // A user name without levels is not typical of anything; the token is.
        [product] if given.password().is_some_and(|password| password.contains("res=")) => {
            let device = given.client_id.as_deref()?;
            (Role::Device, Fields::new().with("product_id", *product).with("device_name", device))
        }
        _ => return None,
    };
    if let Some(token) = given.password() {
        fields.set("token", token);
    }
    Some((role, fields))
}
