//! The Sign tab: keys in, results and effects out.

use super::*;
use crate::app::tests::{START, demo, press};
use crate::app::{Effect, Msg, Place, Tab};
use crate::base::lang::Lang;

/// The tab with the form of a platform whose fields are known here. Its number is as it stands in the header.
fn open(app: &mut App) {
    app.sign.dialect = REGISTRY.iter().position(|dialect| dialect.spec().name == "onenet").unwrap();
    press(app, &[&Tab::Sign.number().to_string()]);
}

fn paste(app: &mut App, text: &str) {
    let now = app.now();
    app.update(Msg::Paste(text.to_owned()), now);
}

fn put(app: &mut App, name: &str, text: &str) {
    let at = app.sign.rows().iter().position(|row| matches!(row, SignRow::Field(field) if field.name == name));
    app.sign.cursor = at.unwrap();
    press(app, &["enter"]);
    assert_eq!(app.area(), Place::SignEdit);
    press(app, &["ctrl-u"]);
    paste(app, text);
    press(app, &["enter"]);
}

/// A login of that platform's app, made by filling the form.
fn calculated(app: &mut App) -> String {
    open(app);
    put(app, "user_id", "12321");
    put(app, "access_key", "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=");
    put(app, "expires_at", "2000000000");
    match app.sign.outcome() {
        SignOutcome::Signed(signed) => signed.password.as_ref().unwrap().expose().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_form_makes_a_login_whose_parts_are_copied_one_by_one() {
    let mut app = demo(Lang::En);
    let password = calculated(&mut app);
    assert!(password.contains("res=userid%2F12321"), "{password}");
    let items = app.sign_items();
    // Masked on the screen, whole on the clipboard.
    assert!(items.iter().all(|item| !item.value.contains("sign=")), "{items:?}");
    app.effects();
    app.focus(Place::SignResult);
    app.sign.result_cursor = items.iter().position(|item| item.label == "password").unwrap();
    press(&mut app, &["y"]);
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::Copy(text) if *text == password)));
    app.sign.result_cursor = items.iter().position(|item| item.label.contains("mosquitto_pub")).unwrap();
    press(&mut app, &["y"]);
    let command =
        app.effects().into_iter().find_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None });
    assert!(command.unwrap().starts_with("mosquitto_pub -h 183.230.102.116 -p 25002"));
    press(&mut app, &["v"]);
    assert!(app.sign_items().iter().any(|item| item.value == password));
}

#[test]
fn what_is_pasted_is_checked_and_the_mistake_is_named() {
    let mut app = demo(Lang::En);
    let password = calculated(&mut app);
    paste(&mut app, &password.replace("12321", "12322"));
    assert_eq!(app.sign.mode(), SignMode::Check);
    let SignOutcome::Checked(checked) = app.sign.outcome() else { panic!("{:?}", app.sign.outcome()) };
    assert!(checked.findings.iter().any(|finding| finding.code == "signed_other_value" && finding.certain));
    paste(&mut app, &password);
    let SignOutcome::Checked(checked) = app.sign.outcome() else { panic!("{:?}", app.sign.outcome()) };
    assert!(checked.is_right(), "{:?}", checked.findings);
}

#[test]
fn a_profile_fills_the_form() {
    let mut app = demo(Lang::Zh);
    open(&mut app);
    app.effects();
    app.sign.cursor = app.sign.rows().iter().position(|row| matches!(row, SignRow::Profile)).unwrap();
    press(&mut app, &["l", "l"]);
    let wanted = app.effects().into_iter().find_map(|effect| match effect {
        Effect::Fetch { profile, from } => Some((profile, from)),
        _ => None,
    });
    let (profile, from) = wanted.unwrap();
    let identity = from.settings.identity.clone();
    app.update(Msg::Fetched { profile, identity: Ok(identity.clone()) }, START);
    assert_eq!(app.sign.fields(), identity);
    assert_eq!(app.sign.role(), from.role);
    assert!(matches!(app.sign.outcome(), SignOutcome::Signed(_)), "{:?}", app.sign.outcome());
}

#[test]
fn without_enough_the_missing_field_is_named() {
    let mut app = demo(Lang::En);
    open(&mut app);
    let SignOutcome::Missing(fault) = app.sign.outcome() else { panic!("{:?}", app.sign.outcome()) };
    assert_eq!(fault.field, "user_id");
    press(&mut app, &["m"]);
    assert!(matches!(app.sign.outcome(), SignOutcome::NothingUsed));
    assert!(app.sign_items()[0].value.contains("Paste"));
}
