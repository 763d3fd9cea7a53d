//! Damaged frames, each with the damage that has to be named; and sound frames, about which there is nothing to say.

use crate::base::hex;
use crate::base::lang::Lang;
use crate::dialect::Context;
use crate::dialect::gizwits::{dissect, frame, model};
use crate::model::{Fields, Problem, Role, ThingModel};

fn bench() -> ThingModel {
    model::read(include_str!("../bench.json")).unwrap()
}

fn variable() -> ThingModel {
    model::read(include_str!("../bench-variable.json")).unwrap()
}

fn problems(known: Option<&ThingModel>, lang: Lang, topic: &str, payload: &[u8]) -> Vec<Problem> {
    let identity = Fields::new();
    let context = Context { role: Role::Device, identity: &identity, devices: &[], model: known, lang };
    dissect::each(&context, topic, payload).into_iter().flat_map(|part| part.problems).collect()
}

const APP2DEV: &str = "app2dev/D/usrA";
const DEV2APP: &str = "dev2app/D";
const SERVER: &str = "ser2cli_res/D";

/// Topic, bytes, where the damage is, words that name it.
const DAMAGED: [(&str, &str, usize, &str); 30] = [
    // A length that says too much, too little, or is no variable length.
    ("", "0000000309000090010201", 4, "the length says 9, 6 bytes follow"),
    ("", "0000000309000090010201", 4, "write 06, or append"),
    ("", "000000030900009002", 4, "counts head and length too"),
    ("", "000000030500009002", 4, "counts itself too"),
    ("", "000000030300009002", 4, "leaves out the flag"),
    ("", "000000031000009001000100010000000000000000000000", 4, "write 13"),
    ("", "00000003001300009001000100010000000000000000000000", 4, "variable length is written 13"),
    ("", "00000003000400009002", 4, "number of 2 bytes"),
    ("", "00000003840000009002", 4, "takes 2 bytes where 1 do"),
    // A head that is not there, not whole, or not alone.
    ("", "0000030400009002", 0, "the head is 1 bytes short"),
    ("", "030000000400009002", 0, "little-endian"),
    ("", "55aa000000030400009002", 0, "2 bytes stand before the head"),
    ("", "30140009 617070326465762f44 000000030400009002", 0, "the frame begins at byte 13"),
    ("", "3030303030303033 30343030303039303032", 0, "characters of hex digits"),
    ("", "0000000304000090020d0a", 9, "a line end (0d0a)"),
    // Flag and command.
    ("", "00000003130090010001000100000000000000000000000000", 6, "the flag is missing"),
    ("", "000000030400900002", 6, "swapped it is 0x0090"),
    ("", "000000030401009002", 5, "the flag is 00"),
    ("", "000000030400007702", 6, "ignored without a word"),
    (APP2DEV, "00000003020f", 4, "frame of the server"),
    (SERVER, "000000030400009002", 4, "with length and flag"),
    // Who says what to whom.
    (APP2DEV, "000000030400009102", 6, "to a device write 0x0090"),
    (DEV2APP, "000000030400009002", 6, "to an app write 0x0091"),
    // Business data.
    ("", "000000031300009301000100010000000000000000000000", 8, "0x0093 without sn"),
    ("", "00000003170000900000002a01000100010000000000000000000000", 8, "carries no sn"),
    ("", "000000031300009001010000010000000000000000000000", 9, "reversed (0001) they would name Power"),
    ("", "000000031300009001002000 00c800000000000000000000", 13, "Bright"),
    ("", "000000031300009001000000010000000000000000000000", 9, "name no data point"),
    ("", "00000003160000910435035001d1deadbeef075bcd1501015b0201", 9, "bit group is in little-endian order"),
    ("", "00000003160000910403355050d1deadbeef075bcd1501015b0201", 12, "SetTemp"),
];

#[test]
fn damage_is_named_with_its_place() {
    let known = bench();
    let mut missed = Vec::new();
    for (topic, text, at, words) in DAMAGED {
        let payload = hex::parse(text).unwrap();
        let found = problems(Some(&known), Lang::En, topic, &payload);
        if !found.iter().any(|problem| problem.offset == at && problem.message.contains(words)) {
            missed.push(format!("{text}: {words} at {at}\n  found {found:?}"));
        }
        assert_eq!(found.len(), problems(Some(&known), Lang::Zh, topic, &payload).len(), "{text}");
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn sound_frames_are_not_remarked_on() {
    let (bench, variable) = (bench(), variable());
    for text in [
        "000000030400009002",
        "00000003160000910303355001d1deadbeef075bcd1501015b0201",
        "000000031300009001000100010000000000000000000000",
        "000000031300009001004200060001d10000000000000000",
        "000000031300009001000801000000000000000000000000",
        "0000000313000090010100000000000000000000075bcd15",
        "00000003170000930000002a01000100010000000000000000000000",
        "00000003070000940000002a",
        "000000031a0000940000002a0303355001d1deadbeef075bcd1501015b0201",
        "000000031a000093010203040403355001d1deadbeef075bcd1501015b0201",
        "0000000324000092000c413443463132333435363738000a50415353434f4445303101000000030000",
        "00000003050000100105",
        "0000000303000011",
        "00000003230000120200047769666900036d63750012e4bfa1e58fb7e5bcb120727373693d2d3831",
        "00000003080000900511223344",
        "000000030600009106a1b2",
        "00000003070000940000002a00000003160000910403355001d1deadbeef075bcd1501015b0201",
        "00000003020f",
        "0000000302100002",
        "0000000303000003",
    ] {
        let payload = hex::parse(text).unwrap();
        assert_eq!(problems(Some(&bench), Lang::En, "", &payload), Vec::new(), "{text}");
        assert_eq!(problems(None, Lang::En, "", &payload), Vec::new(), "{text}");
    }
    for text in [
        "000000030700009011000101",
        "00000003090000901100220301d1",
        "0000000306000090120101",
        "000000030900009113010101015b",
        "000000030900009114009f033550",
    ] {
        let payload = hex::parse(text).unwrap();
        assert_eq!(problems(Some(&variable), Lang::En, "", &payload), Vec::new(), "{text}");
    }
}

#[test]
fn flags_of_variable_products_are_tried_the_other_way_round() {
    // V-2 with its flags reversed: they would name ids 9 and 13.
    let payload = frame::write(0x0090, &hex::parse("1122000301d1").unwrap());
    let found = problems(Some(&variable()), Lang::En, "", &payload);
    let words = "reversed (0022) they would name Mode, SetTemp";
    assert!(found.iter().any(|problem| problem.message.contains(words)), "{found:?}");
}

#[test]
fn lengths_of_parts_are_compared_with_what_is_there() {
    let body = hex::parse("0c00413443463132333435363738000a50415353434f4445303102000000040000").unwrap();
    let found = problems(None, Lang::En, "", &frame::write(0x0092, &body));
    assert!(found.iter().any(|problem| problem.message == "mac_length is in little-endian order: swapped it is 12"));
    let body = hex::parse("000141000142020000000400020102").unwrap();
    let found = problems(None, Lang::En, "", &frame::write(0x0092, &body));
    let words: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(words, ["online is 0 or 1, found 2", "the protocol version is 00000003, found 00000004"]);
    let found = problems(None, Lang::En, "", &frame::write(0x0012, &[9, 0, 0, 0, 0, 0, 2, 0xff, 0xfe]));
    let words: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(words, ["the log level is 1 (Error), 2 (Warning) or 3 (Info), found 9", "content is not UTF-8"]);
}

proptest::proptest! {
    #[test]
    fn no_damage_panics(at in 0usize..64, bit in 0u8..8, cut in 0usize..64, tail: Vec<u8>) {
        let (bench, variable) = (bench(), variable());
        for (known, text) in [
            (&bench, "00000003170000930000002a01000100010000000000000000000000"),
            (&bench, "00000003160000910303355001d1deadbeef075bcd1501015b0201"),
            (&bench, "0000000324000092000c413443463132333435363738000a50415353434f4445303101000000030000"),
            (&bench, "00000003230000120200047769666900036d63750012e4bfa1e58fb7e5bcb120727373693d2d3831"),
            (&variable, "000000030900009114009f033550"),
        ] {
            let mut payload = hex::parse(text).unwrap();
            if let Some(byte) = payload.get_mut(at) {
                *byte ^= 1 << bit;
            }
            payload.truncate(cut.max(1));
            payload.extend_from_slice(&tail);
            for topic in ["", APP2DEV, DEV2APP, SERVER] {
                for problem in problems(Some(known), Lang::En, topic, &payload) {
                    proptest::prop_assert!(problem.offset + problem.length <= payload.len(), "{problem:?}");
                }
            }
        }
    }
}
