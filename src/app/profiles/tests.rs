//! Profiles in the application: keys in, deeds out.

use super::*;
use crate::app::tests::{START, config, press};
use crate::app::{AppConfig, Msg};
use crate::base::lang::Lang;

const DEVICE: &str = include_str!("../../../profiles/onenet-device.toml");

fn empty() -> App {
    let config = AppConfig { open: Vec::new(), ..config(Lang::En, include_str!("../../../profiles/onenet-app.toml")) };
    let mut app = App::new(config, START);
    press(&mut app, &["esc", "1"]);
    app.effects();
    app
}

/// The start page, without profiles of the user's own.
fn started() -> App {
    let mut shipped = KnownProfile::new(Profile::parse(DEVICE, "onenet-device", None).unwrap(), None);
    shipped.profile.builtin = true;
    let app = App::new(AppConfig { profiles: vec![shipped], has_demo: true, ..AppConfig::default() }, START);
    assert_eq!(app.place(), Place::Start);
    app
}

fn deeds(app: &mut App) -> Vec<ProfileDeed> {
    app.effects().into_iter().filter_map(|e| if let Effect::Profiles(deed) = e { Some(deed) } else { None }).collect()
}

fn ctrl(app: &mut App, c: char) {
    app.update(Msg::Key(Key::ctrl(c)), START);
}

fn form(app: &App) -> &ProfileForm {
    match app.overlays().last() {
        Some(Overlay::ProfileForm(form)) => form,
        other => panic!("no form, but {other:?}"),
    }
}

/// Gives a profile its file, as the loop does.
fn saved(app: &mut App, deed: ProfileDeed) {
    let ProfileDeed::Save { profile, name, text, connect, .. } = deed else { panic!("no save") };
    let path = std::path::Path::new("/profiles").join(format!("{name}.toml"));
    let known = KnownProfile::new(Profile::parse(&text, &name, Some(&path)).unwrap(), None);
    let done = ProfileDone::Saved { profile, known: Box::new(known), connect, quiet: false };
    app.update(Msg::Profiles(done), START);
}

#[test]
fn a_pasted_triple_fills_the_form_and_the_profile_is_saved_and_connected() {
    let mut app = empty();
    press(&mut app, &["n"]);
    assert_eq!(app.place(), Place::ProfileForm);
    let triple = r#"{"product_id":"p1","device_name":"lamp","access_key":"a2V5"}"#;
    app.update(Msg::Paste(triple.to_owned()), START);
    let filled = form(&app);
    assert_eq!((filled.draft.dialect.spec().name, filled.draft.role), ("onenet", Role::Device));
    assert_eq!((filled.name.as_str(), filled.fault().map(|fault| fault.field.clone())), ("lamp", None));
    let secret = filled.rows().into_iter().find(|row| filled.is_secret(row) && !filled.value(row).is_empty()).unwrap();
    assert!(!filled.shown(&secret).contains("a2V5"));
    ctrl(&mut app, 'o');
    let deed = deeds(&mut app).remove(0);
    saved(&mut app, deed);
    assert!(app.overlays().is_empty());
    assert_eq!(app.connections.selected().unwrap().profile.name, "lamp");
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::Open { .. })));
}

#[test]
fn what_is_typed_is_checked_at_once_and_leaving_asks() {
    let mut app = empty();
    press(&mut app, &["n"]);
    assert!(form(&app).fault().is_some());
    press(&mut app, &["x"]);
    assert_eq!(form(&app).name, "newx");
    press(&mut app, &["esc"]);
    assert_eq!(app.place(), Place::Confirm);
    press(&mut app, &["n", "esc", "y"]);
    assert!(app.overlays().is_empty());
    assert!(deeds(&mut app).is_empty());
}

#[test]
fn a_shipped_profile_is_duplicated_not_edited_and_the_copy_can_be_renamed_marked_and_deleted() {
    let mut app = empty();
    press(&mut app, &["e"]);
    assert!(app.overlays().is_empty() && app.toast().unwrap().text.to_string().contains("(D)"));
    press(&mut app, &["D"]);
    ctrl(&mut app, 's');
    let copy = deeds(&mut app).remove(0);
    saved(&mut app, copy);
    let place = app.connections.cursor;
    press(&mut app, &["P"]);
    let ProfileDeed::Save { profile, text, .. } = &deeds(&mut app)[0] else { panic!() };
    assert_eq!((*profile, text.contains("production = true")), (Some(place), true));
    press(&mut app, &["r", "ctrl-u", "z", "enter"]);
    assert!(matches!(&deeds(&mut app)[..], [ProfileDeed::Rename { name, .. }] if name == "z"));
    press(&mut app, &["X", "y"]);
    assert!(matches!(&deeds(&mut app)[..], [ProfileDeed::Delete { profile, .. }] if *profile == place));
    let before = app.connections.order().len();
    app.update(Msg::Profiles(ProfileDone::Deleted(place)), START);
    assert_eq!(app.connections.order().len(), before - 1);
    assert!(!app.connections.order().contains(&place));
}

#[test]
fn an_export_holds_no_secret() {
    let mut app = empty();
    press(&mut app, &["s"]);
    let effects = app.effects();
    let Some(Effect::SaveFile { name, bytes }) = effects.first() else { panic!("no file") };
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(name.ends_with(".shared.toml"));
    assert!(text.contains("env:ACCESS_KEY") && !text.contains("aW90ZGJn"), "{text}");
}

#[test]
fn without_own_profiles_the_application_asks_where_to_begin() {
    let mut app = started();
    press(&mut app, &["j", "enter"]);
    assert_eq!(form(&app).draft.dialect.spec().name, REGISTRY[0].spec().name);
    press(&mut app, &["esc", "S", "enter"]);
    assert!(app.is_quitting() && app.demo_next);
}

#[test]
fn a_workspace_connects_its_profiles_and_divides_the_screen() {
    let mut app = empty();
    let layout = crate::profile::workspace::Layout {
        tab: Some("tab-events".to_owned()),
        tree: Some(false),
        splits: [("tree".to_owned(), 400)].into(),
    };
    let workspace =
        Workspace { name: "bench".to_owned(), profiles: vec!["lamp".to_owned(), "gone".to_owned()], layout };
    app.open_workspace(&workspace);
    assert_eq!(app.tab(), Tab::Events);
    assert_eq!(app.screen_layout().splits.get("tree"), Some(&400));
    assert_eq!(app.connections.all().len(), 1);
    assert!(app.toast().unwrap().text.to_string().contains("gone"));
    press(&mut app, &["1", "w"]);
    press(&mut app, &["b", "enter"]);
    let saved = deeds(&mut app);
    let [ProfileDeed::SaveWorkspace(kept)] = &saved[..] else { panic!("nothing saved") };
    assert_eq!((kept.name.as_str(), kept.layout.splits.get("tree")), ("b", Some(&400)));
}

#[test]
fn several_profiles_are_imported_at_once() {
    let mut app = empty();
    press(&mut app, &["i"]);
    let text = "[{\"product_id\":\"p\",\"device_name\":\"a\",\"access_key\":\"a2V5\"},\n{\"product_id\":\"p\",\"device_name\":\"b\",\"access_key\":\"a2V5\"}]";
    app.update(Msg::Paste(text.to_owned()), START);
    let material = deeds(&mut app).remove(0);
    let ProfileDeed::Import(from) = material else { panic!("no import") };
    let import = crate::profile::import::import(&from, "x", Lang::En);
    app.update(Msg::Profiles(ProfileDone::Imported(import)), START);
    assert_eq!(deeds(&mut app).len(), 2);
    assert!(app.toast().unwrap().text.to_string().contains("a, b"));
}

#[test]
fn text_that_nothing_takes_does_not_end_the_program_with_its_q() {
    let mut app = started();
    press(&mut app, &["m", "a", "q", "t", "t"]);
    assert!(!app.is_quitting());
    app.update(Msg::Key(Key::char('q')), START + std::time::Duration::from_secs(2));
    assert!(app.is_quitting(), "q alone quits");
}

#[test]
fn a_triple_pasted_onto_the_start_page_or_the_list_is_imported() {
    for start in [true, false] {
        let mut app = started();
        if !start {
            press(&mut app, &["esc"]);
        }
        app.update(Msg::Paste("{\"product_id\":\"p1\",\"device_name\":\"lamp\"}".to_owned()), START);
        assert!(matches!(deeds(&mut app).as_slice(), [ProfileDeed::Import(text)] if text.contains("lamp")));
        assert_eq!(app.place(), Place::Connections);
    }
}

#[test]
fn escape_and_a_key_in_one_packet_are_two_keys() {
    let mut app = started();
    press(&mut app, &["esc", "n"]);
    assert_eq!(app.place(), Place::ProfileForm);
    app.update(Msg::Key(Key::alt('n')), START);
    assert_eq!(app.place(), Place::ProfileForm, "alt-n edits text");
    let mut app = started();
    app.update(Msg::Key(Key::alt('n')), START);
    assert_eq!(app.place(), Place::ProfileForm, "esc leaves the start page, n makes a profile");
}
