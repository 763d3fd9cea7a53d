//! The tab as a person uses it: keys in, fields and bytes out.

use crate::app::effect::FileFor;
use crate::app::frames::Definition;
use crate::app::tests::{demo, press};
use crate::app::{App, Copied, Effect, Key, Mouse, MouseAct, Msg, Place, Target};
use crate::base::hex;
use crate::base::lang::Lang;

const QUERY: &str = "000000030400009002";

/// A state report of the demo product with these bytes of data.
fn log() -> String {
    let report = |power: u8, temperature: u8| {
        let data = format!("{power:02x}50{temperature:02x}");
        format!("000000030700009104{data}")
    };
    (0u8..30).map(|n| format!("[2024-05-01 10:00:{n:02}.000] RX {}\n", report(u8::from(n >= 17), 20 + n))).collect()
}

fn bench(text: &str) -> App {
    let mut app = demo(Lang::En);
    press(&mut app, &["4"]);
    paste(&mut app, text);
    app
}

fn paste(app: &mut App, text: &str) {
    let now = app.now();
    app.update(Msg::Paste(text.to_owned()), now);
    app.prepare(120, 40, now);
}

fn typed(app: &mut App, text: &str) {
    for c in text.chars() {
        let now = app.now();
        app.update(Msg::Key(Key::char(c)), now);
    }
}

/// Opens a definition from a file.
fn define(app: &mut App, text: &str) {
    let now = app.now();
    let read = Ok(text.as_bytes().to_vec());
    app.update(Msg::FileRead { wanted: FileFor::Definition, path: "product.json".to_owned(), read }, now);
    app.prepare(120, 40, now);
}

const PRODUCT: &str = r#"{"name": "p", "product_key": "k", "protocolType": "standard", "entities": [{"id": 0, "attrs": [
 {"id": 0, "name": "Power", "type": "status_writable", "data_type": "bool",
  "position": {"byte_offset": 0, "bit_offset": 0, "len": 1, "unit": "bit"}},
 {"id": 1, "name": "Bright", "type": "status_writable", "data_type": "uint8",
  "position": {"byte_offset": 1, "bit_offset": 0, "len": 1, "unit": "byte"},
  "uint_spec": {"min": 0, "max": 100, "ratio": 1, "addition": 0}},
 {"id": 2, "name": "Temp", "type": "status_readonly", "data_type": "uint8",
  "position": {"byte_offset": 2, "bit_offset": 0, "len": 1, "unit": "byte"},
  "uint_spec": {"min": 0, "max": 100, "ratio": 0.5, "addition": -10}}]}]}"#;

fn bytes(app: &App) -> String {
    hex::encode(app.frames.entry().unwrap().bytes())
}

fn select(app: &mut App, path: &str) {
    let place = app.frames.sheet.cells.iter().position(|cell| cell.path == path).unwrap();
    let mouse = Mouse {
        act: MouseAct::Press,
        target: Some(Target::Row(Place::FrameFields, place)),
        column: 0,
        row: 0,
        at: (0, 0),
    };
    let now = app.now();
    app.update(Msg::Mouse(mouse), now);
}

#[test]
fn the_moment_when_a_value_changed_is_found() {
    let mut app = bench(&log());
    define(&mut app, PRODUCT);
    assert_eq!(app.frames.entries().len(), 30);
    select(&mut app, "p0/Power");
    press(&mut app, &["n"]);
    assert_eq!(app.frames.cursor, 17);
    assert_eq!(app.frames.entry().unwrap().caught.stamp, "2024-05-01 10:00:17.000");
    assert_eq!(app.frames.changes(17), ["Power: false → true", "Temp: 8.0 → 8.5"]);
    press(&mut app, &["n"]);
    assert!(app.toast().unwrap().text.to_string().contains("“Power” does not change"));
}

#[test]
fn without_a_definition_the_bytes_that_change_are_shown() {
    let mut app = bench(&log());
    press(&mut app, &["m"]);
    app.prepare(120, 40, app.now());
    assert!(app.frames.heat_shown());
    assert_eq!(app.frames.heat.frames, 30);
    assert_eq!(app.frames.changes(1), ["data: 005014 → 005015"]);
    // Action, Power, brightness, temperature.
    assert_eq!([8, 9, 10, 11].map(|byte| app.frames.heat.level(byte)), [0, 1, 0, 4]);
}

#[test]
fn fields_and_bytes_follow_each_other() {
    let mut app = bench(&log());
    define(&mut app, PRODUCT);
    select(&mut app, "p0/Temp");
    assert_eq!(app.frames.hex.cursor(), 11);
    press(&mut app, &["enter", "ctrl-u"]);
    typed(&mut app, "15");
    press(&mut app, &["enter"]);
    assert_eq!(bytes(&app), "000000030700009104005032");
    // Bytes typed change the value.
    press(&mut app, &["i"]);
    typed(&mut app, "64");
    assert_eq!(app.area(), Place::FrameType);
    assert_eq!(app.frames.sheet.cells.iter().find(|cell| cell.path == "p0/Temp").unwrap().value, "40.0");
    press(&mut app, &["esc"]);
    for expected in ["000000030700009104005062", "000000030700009104005032", "000000030700009104005014"] {
        press(&mut app, &["u"]);
        assert_eq!(bytes(&app), expected);
    }
    press(&mut app, &["U"]);
    assert_eq!(bytes(&app), "000000030700009104005032");
}

#[test]
fn a_value_that_does_not_fit_is_told_and_the_edit_stays_open() {
    let mut app = bench(QUERY);
    define(&mut app, PRODUCT);
    select(&mut app, "flag");
    press(&mut app, &["enter"]);
    typed(&mut app, "zz");
    press(&mut app, &["enter"]);
    assert_eq!(app.area(), Place::FrameEdit);
    assert!(app.toast().unwrap().text.to_string().contains("takes 1 bytes in hex"));
    press(&mut app, &["esc"]);
    assert_eq!((app.area(), bytes(&app).as_str()), (Place::FrameFields, QUERY));
}

#[test]
fn a_frame_is_built_from_nothing_and_copied() {
    let mut app = demo(Lang::En);
    press(&mut app, &["4", "a"]);
    typed(&mut app, "query-ack");
    press(&mut app, &["enter"]);
    // The number is of the time, so that two requests do not share one.
    let built = bytes(&app);
    assert!(built.starts_with("0000000308000093") && built.ends_with("02"), "{built}");
    app.effects();
    let mut copied = |key: &str| {
        press(&mut app, &["y", key]);
        let copied = app.effects().into_iter().find_map(|effect| match effect {
            Effect::Copy(text) => Some(text),
            _ => None,
        });
        let now = app.now();
        app.update(Msg::Copied(Copied::Clipboard(1)), now);
        copied.unwrap()
    };
    assert_eq!(copied("h"), built);
    assert!(copied("p").starts_with("00 00 00 03 08 00 00 93 "));
    assert!(copied("b").starts_with("AAAAAwgAAJ"));
    assert!(copied("a").contains("frame[13] = {"));
    assert!(copied("c").ends_with(&format!("--hex {built}")));
}

#[test]
fn two_frames_are_compared_by_field_and_byte() {
    let mut app = bench(&log());
    define(&mut app, PRODUCT);
    press(&mut app, &["c", "G"]);
    app.prepare(120, 40, app.now());
    assert!(app.frames.differs(9) && app.frames.differs(11) && !app.frames.differs(10));
    assert_eq!(app.frames.differing_fields(), ["Power false → true", "Temp 0.0 → 14.5"]);
    let lines: Vec<String> = app.frame_lines().into_iter().map(|(_, words)| words).collect();
    assert!(lines.iter().any(|line| line.contains("against frame 1: 2 bytes differ")), "{lines:?}");
}

#[test]
fn a_byte_that_is_clicked_selects_its_field() {
    let mut app = bench(&log());
    define(&mut app, PRODUCT);
    let target = Some(Target::Part(Place::FrameBytes, 0, 10));
    let mouse = Mouse { act: MouseAct::Press, target, column: 0, row: 0, at: (0, 0) };
    let now = app.now();
    app.update(Msg::Mouse(mouse), now);
    assert_eq!(app.frames.cell().unwrap().path, "p0/Bright");
    assert_eq!(app.area(), Place::FrameBytes);
}

#[test]
fn the_largest_frame_is_taken_and_changed_without_delay() {
    let data: String = (0..65_534u32).map(|n| format!("{:02x}", n % 256)).collect();
    let frame = format!("000000038280040000910600{}", data.get(2..).unwrap());
    let started = std::time::Instant::now();
    let mut app = bench(&frame);
    assert_eq!(app.frames.entry().unwrap().bytes().len(), 65_545);
    assert_eq!(app.frames.sheet.problems, Vec::new());
    press(&mut app, &["tab", "i", "a", "5", "esc", "u", "u"]);
    app.prepare(120, 40, app.now());
    // Without optimisation; what is worked out must not grow with the square of the length.
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn nothing_pasted_is_said_and_frames_are_removed() {
    let mut app = bench("hello");
    assert!(app.frames.entries().is_empty());
    assert!(app.toast().unwrap().text.to_string().contains("no bytes were found"));
    paste(&mut app, &format!("{QUERY}\n{QUERY}"));
    press(&mut app, &["d", "D"]);
    assert!(app.frames.entries().is_empty());
    assert_eq!(app.frames.definition, Definition::Auto);
}
