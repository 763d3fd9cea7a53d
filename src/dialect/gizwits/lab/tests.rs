//! Frames caught in what people paste, changed and built.

use super::*;
use crate::base::hex;
use crate::base::lang::Lang;
use crate::dialect::gizwits::model;
use crate::dialect::lab::catch;
use crate::model::{Fields, ThingModel};

fn bench() -> ThingModel {
    model::read(include_str!("../bench.json")).unwrap()
}

fn variable() -> ThingModel {
    model::read(include_str!("../bench-variable.json")).unwrap()
}

fn with<R>(known: Option<&ThingModel>, act: impl FnOnce(&Context<'_>) -> R) -> R {
    let identity = Fields::new();
    act(&Context { role: Role::App, identity: &identity, devices: &[], model: known, lang: Lang::En })
}

fn caught(text: &str) -> Vec<String> {
    catch::text(&Bench, AUTO, text).frames.iter().map(|frame| hex::encode(&frame.bytes)).collect()
}

const QUERY: &str = "000000030400009002";
const ACK: &str = "00000003070000940000002a";
const REPORT: &str = "00000003160000910403355001d1deadbeef075bcd1501015b0201";

/// The vectors of others: name, frame, template to begin with, definition.
const VECTORS: [(&str, &str, &str, u8); 38] = [
    ("G-01", QUERY, "query", 0),
    ("G-02", "00000003160000910303355001d1deadbeef075bcd1501015b0201", "reply", 1),
    ("G-03", "000000031300009001000100010000000000000000000000", "control", 1),
    ("G-04", "000000031300009001004200060001d10000000000000000", "control", 1),
    ("G-05", "000000031300009001000801000000000000000000000000", "control", 1),
    ("G-06", "0000000313000090010100000000000000000000075bcd15", "control", 1),
    ("G-07", "00000003170000930000002a01000100010000000000000000000000", "control-ack", 1),
    ("G-08", ACK, "ack", 1),
    ("G-09", "000000031a0000940000002a0303355001d1deadbeef075bcd1501015b0201", "ack-reply", 1),
    ("G-10", REPORT, "report", 1),
    ("G-11", "000000031a000093010203040403355001d1deadbeef075bcd1501015b0201", "report-ack", 1),
    ("G-12", "0000000324000092000c413443463132333435363738000a50415353434f4445303101000000030000", "0092", 0),
    ("G-13", "0000000325000092000c413443463132333435363738000a50415353434f444530310000000003000134", "0092", 0),
    ("G-14", "00000003050000100105", "0010", 0),
    ("G-15", "0000000303000011", "0011", 0),
    ("G-16", "00000003230000120200047769666900036d63750012e4bfa1e58fb7e5bcb120727373693d2d3831", "0012", 0),
    ("G-17", "", "custom", 123),
    ("G-18", "", "custom", 124),
    ("G-23", "00000003080000900511223344", "custom", 0),
    ("G-24", "000000030600009106a1b2", "custom-up", 0),
    ("G-26", "0000000309000090010200000010", "control", 0),
    ("G-27", "000000030b0000910400000010000000", "report", 0),
    ("V-1", "000000030700009011000101", "control", 2),
    ("V-2", "00000003090000901100220301d1", "control", 2),
    ("V-3", "0000000306000090120101", "query", 2),
    ("V-4", "000000030900009113010101015b", "reply", 2),
    ("V-5", "000000030900009114009f033550", "report", 2),
    ("S-1", "00000003020f", "020f", 0),
    ("S-2", "0000000302100002", "0210", 0),
    ("S-3", "00000003021102", "0211", 0),
    ("S-4", "00000003021e0000", "021e", 0),
    ("LAN discovery", "0000000303000003", "0003", 0),
    ("LAN passcode query", "0000000303000006", "0006", 0),
    ("LAN ping", "0000000303000015", "0015", 0),
    ("serial control", "ffff000d03160000051122334455667707", "serial-control", 0),
    ("serial report", "ffff000d050000000611223344556677f4", "serial-report", 0),
    ("serial heartbeat", "ffff0005070000000c", "serial-07", 0),
    ("serial state", "ffff00070d05000000344d", "serial-0d", 0),
];

/// The business data of G-17 and G-18.
fn vector(text: &str, size: u8) -> Vec<u8> {
    if !text.is_empty() {
        return hex::parse(text).unwrap();
    }
    let data: Vec<u8> = std::iter::once(5).chain(0..size).collect();
    frame::write(0x90, &data)
}

#[test]
fn every_vector_is_built_from_nothing_field_by_field() {
    let (bench, variable) = (bench(), variable());
    for (name, text, template, definition) in VECTORS {
        let target = vector(text, definition);
        let known = match definition {
            1 => Some(&bench),
            2 => Some(&variable),
            _ => None,
        };
        with(known, |context| {
            let sheet = Bench.read(context, AUTO, "", &target);
            assert_eq!(sheet.problems, Vec::new(), "{name}");
            let mut built = Bench.make(context, template).unwrap();
            for cell in sheet.cells.iter().filter(|cell| cell.editable && !cell.has_parts) {
                // Lengths and sums follow by themselves; a head is always there.
                let follows = cell.path.ends_with("length") || cell.path == "sum" || cell.path == "head";
                // A value names itself.
                if follows || cell.path.starts_with("p0/flags/") && definition == 1 {
                    continue;
                }
                // Templates of business data without a definition have no data yet.
                let there = Bench.read(context, AUTO, "", &built).cells.iter().any(|other| other.path == cell.path);
                let (path, typed) = if there || !cell.path.starts_with("p0/") {
                    (cell.path.clone(), cell.typed.clone())
                } else {
                    let data = first_data(&target);
                    ("p0".to_owned(), data)
                };
                built = Bench.edit(context, AUTO, &built, &path, &typed).unwrap_or_else(|reason| {
                    panic!("{name}: {path} = {typed}: {reason}\n{}", hex::encode(&built));
                });
            }
            assert_eq!(hex::encode(&built), hex::encode(&target), "{name}");
        });
    }
}

fn first_data(bytes: &[u8]) -> String {
    match first_frame(Form::of(None, bytes), bytes) {
        Some(frame) => hex::encode(frame.p0(bytes).unwrap_or_default()),
        None => hex::encode(crate::dialect::gizwits::serial::frames(bytes)[0].p0().unwrap_or_default()),
    }
}

#[test]
fn every_template_makes_a_frame_without_a_fault() {
    let (bench, variable) = (bench(), variable());
    for known in [None, Some(&bench), Some(&variable)] {
        with(known, |context| {
            for template in Bench.templates() {
                let made = Bench.make(context, &template.name).unwrap();
                let sheet = Bench.read(context, AUTO, "", &made);
                assert_eq!(sheet.form, template.form, "{}", template.name);
                // A control that names nothing is ignored; so is one that has no data.
                let empty = template.name.contains("control") || known.is_none();
                let errors = sheet.problems.iter().filter(|problem| problem.severity == crate::model::Severity::Error);
                assert!(empty || errors.count() == 0, "{}: {:?}", template.name, sheet.problems);
            }
        });
    }
}

#[test]
fn frames_of_a_log_are_caught_with_their_times() {
    let log = format!(
        "[2024-05-01 10:00:00.001] boot ok, mac a4:cf:12:34:56:78\n\
         [2024-05-01 10:00:01.250] RX dev2app/D: {REPORT}\n\
         [2024-05-01 10:00:02.100] TX app2dev/D/usr1 len=9 00 00 00 03 04 00 00 90 02\n\
         10:00:03 MCU>> ff ff 00 05 07 00 00 00 0c\n"
    );
    let all = catch::text(&Bench, AUTO, &log);
    let told: Vec<(usize, &str, &str)> =
        all.frames.iter().map(|frame| (frame.line, frame.stamp.as_str(), frame.topic.as_str())).collect();
    assert_eq!(
        told,
        [
            (2, "2024-05-01 10:00:01.250", "dev2app/D"),
            (3, "2024-05-01 10:00:02.100", "app2dev/D/usr1"),
            (4, "10:00:03", ""),
        ]
    );
    assert_eq!(hex::encode(&all.frames[1].bytes), QUERY);
    assert_eq!(all.left_out, 1);
}

#[test]
fn several_frames_and_frames_over_lines_are_caught() {
    assert_eq!(caught(&format!("{ACK}{REPORT}")), [ACK, REPORT]);
    assert_eq!(caught(&format!("{ACK}\n{REPORT}")), [ACK, REPORT]);
    let (head, tail) = REPORT.split_at(20);
    assert_eq!(caught(&format!("{head}\n{tail}")), [REPORT]);
    assert_eq!(caught(&format!("10:00:01 RX {head}\n10:00:01 TX {ACK}\n10:00:02 RX {tail}")), [REPORT, ACK]);
    assert_eq!(caught("ffff0005070000000cffff0005080000000d"), ["ffff0005070000000c", "ffff0005080000000d"]);
    assert_eq!(caught("AAAAAwQAAJAC"), [QUERY]);
    assert_eq!(caught("00000003020f"), ["00000003020f"]);
}

#[test]
fn a_packet_of_mqtt_tells_its_topic() {
    let packet = "30540036617070326465762f696f74646267446964303132333435363738394142432f7573724131623243336434\
                  453566364737683849396a3000000003170000930000002a01000100010000000000000000000000";
    let all = catch::text(&Bench, AUTO, packet);
    assert_eq!(all.frames[0].topic, "app2dev/iotdbgDid0123456789ABC/usrA1b2C3d4E5f6G7h8I9j0");
    assert_eq!(all.frames[0].bytes.len(), 28);
}

#[test]
fn a_damaged_frame_is_not_lost() {
    // Garbage in front, a head that is cut, a length that says too little: each comes out whole, to be explained.
    for text in
        ["55aa000000030400009002", "0000030400009002", "000000030300009002", "ffff000d03160000051122334455667708"]
    {
        assert_eq!(caught(text), [text]);
    }
    // The next frame is not swallowed by a length that says too much.
    assert_eq!(caught(&format!("0000000309000090010201{ACK}")).last().map(String::as_str), Some(ACK));
}

#[test]
fn a_changed_field_changes_its_bytes_only() {
    let known = bench();
    with(Some(&known), |context| {
        let edit = |text: &str, path: &str, value: &str| {
            Bench.edit(context, AUTO, &hex::parse(text).unwrap(), path, value).map(|bytes| hex::encode(&bytes))
        };
        assert_eq!(edit(REPORT, "p0/SetTemp", "30").unwrap(), "00000003160000910403355001f4deadbeef075bcd1501015b0201");
        assert_eq!(edit(REPORT, "p0/Power", "off").unwrap(), "00000003160000910403345001d1deadbeef075bcd1501015b0201");
        assert_eq!(edit(QUERY, "command", "0x0091").unwrap(), "000000030400009102");
        assert_eq!(edit(QUERY, "length", "9").unwrap(), "000000030900009002");
        // A wrong length stays wrong.
        assert_eq!(edit("000000030900009002", "flag", "00").unwrap_err().to_string(), UNREADABLE_EN);
        let reason = edit(REPORT, "p0/Mode", "warm").unwrap_err().to_string();
        assert_eq!(reason, "“warm” cannot stand for Mode: expected off | auto | cool | heat | fan");
        assert_eq!(edit(QUERY, "sn", "1").unwrap_err().to_string(), "this frame has no field “sn”");
        let log = hex::encode(&Bench.make(context, "0012").unwrap());
        let long = edit(&log, "content", &"x".repeat(200)).unwrap();
        assert!(long.starts_with("00000003d20100001203") && long.ends_with("7878"), "{long}");
    });
}

const UNREADABLE_EN: &str = "the frame cannot be read as it stands: change its bytes";

/// Damage that others make, with words that have to be found in what is said of it.
const DAMAGED: [(&str, &str, &str); 33] = [
    ("length one short", "00000003150000910403355001d1deadbeef075bcd1501015b0201", "write 16"),
    ("length far too long", "00000003ff0000910403355001d1deadbeef075bcd1501015b0201", "length"),
    ("length counts the head", "000000031b0000910403355001d1deadbeef075bcd1501015b0201", "counts head and length too"),
    (
        "length in two bytes",
        "0000000300160000910403355001d1deadbeef075bcd1501015b0201",
        "variable length is written 16",
    ),
    ("head of three bytes", "000003160000910403355001d1deadbeef075bcd1501015b0201", "head is 1 bytes short"),
    ("head of another version", "000000040400009002", "00000003"),
    ("head reversed", "030000000400009002", "little-endian"),
    ("no flag", "000000030300900200", "flag"),
    ("command reversed", "00000003160091000403355001d1deadbeef075bcd1501015b0201", "swapped it is 0x0091"),
    ("unknown command", "000000030400009902", "ignored without a word"),
    ("0093 without sn", "000000031300009301000100010000000000000000000000", "0x0093 without sn"),
    ("0090 with sn", "00000003170000900000002a01000100010000000000000000000000", "carries no sn"),
    ("0094 without sn", "0000000303000094", "sn"),
    ("flags reversed", "000000031300009001010000010000000000000000000000", "would name Power"),
    ("no point named", "000000031300009001000000010000000000000000000000", "name no data point"),
    ("flag of a point that is not there", "000000031300009001020000000000000000000000000000", "does not have"),
    ("report one byte short", "00000003150000910403355001d1deadbeef075bcd1501015b02", "definition"),
    ("report two bytes long", "00000003180000910403355001d1deadbeef075bcd1501015b02010000", "2 bytes longer"),
    ("bits reversed", "00000003160000910435035001d1deadbeef075bcd1501015b0201", "bit group is in little-endian order"),
    ("number reversed", "0000000316000091040335500200deadbeef075bcd1501015b0201", ""),
    ("value out of range", "00000003160000910403359601d1deadbeef075bcd1501015b0201", "Bright"),
    ("action of the device", "000000030400009003", "a device would ignore this"),
    ("action unknown", "000000030400009042", "does not exist"),
    ("variable action in a fixed product", "000000030700009011000101", "another protocolType"),
    ("server command with a length", "000000030300020f", "command of the server"),
    (
        "length into the next frame",
        "00000003090000940000002a00000003160000910403355001d1deadbeef075bcd1501015b0201",
        "the next frame begins after 7 bytes: write 07",
    ),
    (
        "mac too long",
        "0000000324000092000d413443463132333435363738000a50415353434f4445303101000000030000",
        "mac_length should probably be 12",
    ),
    (
        "log content too short",
        "00000003230000120200047769666900036d63750010e4bfa1e58fb7e5bcb120727373693d2d3831",
        "content_length says 16, but 18 bytes follow",
    ),
    ("serial head", "ff000d03160000051122334455667707", "one FF short"),
    ("serial length reversed", "ffff0d0003160000051122334455667707", "swapped it is 13"),
    ("serial sum missing", "ffff000d031600000511223344556677", "the length says 13, 12 bytes follow"),
    ("serial sum", "ffff000d03160000051122334455667708", "the sum is 08"),
    ("serial escape", "ffff000605000000ff0a", "FF is not followed by 55"),
];

#[test]
fn damage_of_others_is_named() {
    let known = bench();
    with(Some(&known), |context| {
        let mut missed = Vec::new();
        for (name, text, words) in DAMAGED {
            let bytes = hex::parse(text).unwrap();
            let said: Vec<String> =
                Bench.read(context, AUTO, "", &bytes).problems.into_iter().map(|problem| problem.message).collect();
            if !words.is_empty() && !said.iter().any(|message| message.contains(words)) {
                missed.push(format!("{name}: {said:?}"));
            }
        }
        assert!(missed.is_empty(), "{}", missed.join("\n"));
    });
}

#[test]
fn bits_and_rules_are_told() {
    let known = bench();
    with(Some(&known), |context| {
        let sheet = Bench.read(context, AUTO, "", &hex::parse(REPORT).unwrap());
        let cell = |path: &str| sheet.cells.iter().find(|cell| cell.path == path).unwrap();
        assert_eq!(cell("p0/Swing").bits, Some(lab::Bits { from: 7, width: 2 }));
        assert_eq!(cell("p0/Swing").range, 9..11);
        assert_eq!(cell("p0/SetTemp").rule, "id 6, byte 3, raw × 0.1 + -20, -20 … 60");
        assert_eq!(cell("p0/SetTemp").kind, "uint16");
        assert_eq!(cell("length").source, "App与云端通讯 v4.0.4");
    });
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(form in 0usize..5, bytes: Vec<u8>) {
        let name = FORMS[form].name;
        let known = bench();
        let _ = (Bench.first(name, &bytes), Bench.lacks(name, &bytes));
        for range in Bench.cut(name, &bytes) {
            proptest::prop_assert!(range.end <= bytes.len() && range.start < range.end);
        }
        with(Some(&known), |context| {
            let sheet = Bench.read(context, name, "", &bytes);
            for cell in &sheet.cells {
                assert!(cell.range.end <= bytes.len(), "{cell:?}");
                let _ = Bench.edit(context, name, &bytes, &cell.path, &cell.typed);
            }
        });
    }

    #[test]
    fn every_byte_belongs_to_one_frame(parts in proptest::collection::vec(0usize..4, 1..6)) {
        let frames = [QUERY, ACK, REPORT, "0000000303000011"];
        let text: String = parts.iter().map(|part| frames[*part]).collect();
        let bytes = hex::parse(&text).unwrap();
        let cut: Vec<String> = Bench.cut(AUTO, &bytes).into_iter().map(|range| hex::encode(&bytes[range])).collect();
        let expected: Vec<&str> = parts.iter().map(|part| frames[*part]).collect();
        proptest::prop_assert_eq!(cut, expected);
    }
}

/// A paste of a megabyte once froze the screen for minutes: each frame looked for its line from the beginning of the text.
#[test]
fn thousands_of_frames_in_one_line_or_in_as_many_are_all_caught() {
    let lines = format!("{QUERY}\n").repeat(20_000);
    assert_eq!(caught(&lines).len(), 20_000);
    assert_eq!(caught(&lines.replace('\n', " ")).len(), 20_000);
}
