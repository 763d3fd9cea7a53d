//! A profile to give away: every secret replaced by the place that it is to be fetched from.

use toml_edit::{DocumentMut, Item, TableLike, value};

use super::{Profile, secrets};
use crate::dialect::FieldSpec;

/// The text of a profile without its secrets: a literal one becomes `env:NAME`, also where it was commented out.
pub fn without_secrets(profile: &Profile) -> String {
    let Some(spec) = profile.role_spec() else { return String::new() };
    // Comments first: what is behind `#` is not part of the document.
    let text: String = profile.text.split_inclusive('\n').map(|line| comment_without(line, spec.identity)).collect();
    let Ok(mut document) = text.parse::<DocumentMut>() else { return String::new() };
    if let Some(identity) = document.get_mut("identity").and_then(Item::as_table_like_mut) {
        replace(identity, spec.identity);
    }
    match document.get_mut("device") {
        Some(Item::ArrayOfTables(devices)) => devices.iter_mut().for_each(|device| replace(device, spec.device)),
        Some(item) => {
            if let Some(device) = item.as_table_like_mut() {
                replace(device, spec.device);
            }
        }
        None => {}
    }
    document.to_string()
}

fn replace(table: &mut dyn TableLike, specs: &[FieldSpec]) {
    for spec in specs.iter().filter(|spec| spec.secret) {
        let Some(old) = table.get_mut(spec.name) else { continue };
        if old.as_str().is_none_or(secrets::is_literal) {
            // What is written behind the value may be the secret's own story.
            *old = value(place(spec));
        }
    }
}

fn place(spec: &FieldSpec) -> String {
    format!("env:{}", spec.name.to_uppercase())
}

/// A line whose comment gives a value to a secret field says where to fetch it instead.
fn comment_without(line: &str, specs: &[FieldSpec]) -> String {
    let Some(rest) = line.trim_start().strip_prefix('#') else { return line.to_owned() };
    let named = rest.split_once('=').map(|(key, _)| key.trim());
    match specs.iter().filter(|spec| spec.secret).find(|spec| Some(spec.name) == named) {
        Some(spec) => format!("# {} = \"{}\"\n", spec.name, place(spec)),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_shipped_profile_leaves_with_it() {
        for (name, text) in super::super::shipped::all() {
            let text = format!(
                "{text}\n# device_secret = \"iotdbg-demo-old\"\n# access_key = \"iotdbg-demo-old\"\n# passcode = \"iotdbg-demo-old\"\n"
            );
            let profile = Profile::parse(&text, name, None).unwrap();
            let shared = without_secrets(&profile);
            let made = Profile::parse(&shared, name, None).unwrap_or_else(|e| panic!("{e}\n{shared}"));
            assert!(!made.has_literal_secrets(), "{shared}");
            let spec = profile.role_spec().unwrap();
            for field in spec.identity.iter().filter(|field| field.secret) {
                if let Some(secret) = profile.settings.identity.get(field.name) {
                    assert!(!shared.contains(&format!("\"{secret}\"")), "{name}: {} is still in\n{shared}", field.name);
                    assert_eq!(made.settings.identity.get(field.name), Some(place(field).as_str()));
                }
            }
        }
    }
}
