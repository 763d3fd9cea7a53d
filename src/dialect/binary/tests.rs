//! Examples of the specifications, and bytes that nobody sent on purpose.

use super::*;
use crate::base::hex;

fn flat(fields: &[Field], into: &mut Vec<(String, String, std::ops::Range<usize>)>) {
    for field in fields {
        into.push((field.name.clone(), field.value.clone(), field.offset..field.offset + field.length));
        flat(&field.children, into);
    }
}

fn read(decode: fn(&[u8], Lang) -> Dissection, digits: &str) -> Vec<(String, String, std::ops::Range<usize>)> {
    let found = decode(&hex::parse(digits).unwrap(), Lang::En);
    assert_eq!(found.problems, [], "{digits}");
    let mut rows = Vec::new();
    flat(&found.fields, &mut rows);
    rows
}

fn row(name: &str, value: &str, range: std::ops::Range<usize>) -> (String, String, std::ops::Range<usize>) {
    (name.to_owned(), value.to_owned(), range)
}

#[test]
fn cbor_of_rfc_8949_is_read_with_its_places() {
    // Appendix A: {"a": 1, "b": [2, 3]}
    assert_eq!(
        read(cbor, "a26161016162820203"),
        [row("a", "1", 1..4), row("b", "", 4..9), row("0", "2", 7..8), row("1", "3", 8..9)]
    );
    // Appendix A: {_ "Fun": true, "Amt": -2}
    assert_eq!(read(cbor, "bf6346756ef563416d7421ff"), [row("Fun", "true", 1..6), row("Amt", "-2", 6..11)]);
    // Appendix A: (_ h'0102', h'030405'), 1.1, 18446744073709551615
    assert_eq!(read(cbor, "5f42010243030405ff"), [row("payload", "0102030405", 0..9)]);
    assert_eq!(read(cbor, "fb3ff199999999999a"), [row("payload", "1.1", 0..9)]);
    assert_eq!(read(cbor, "1bffffffffffffffff"), [row("payload", "18446744073709551615", 0..9)]);
    let tagged = cbor(&hex::parse("c11a514b67b0").unwrap(), Lang::En);
    assert_eq!(tagged.fields[0].note.as_deref(), Some("tag 1 · 2013-03-21 20:04:00"));
}

#[test]
fn messagepack_is_read_with_its_places() {
    // {"compact":true,"schema":0}, the example of msgpack.org
    assert_eq!(
        read(msgpack, "82a7636f6d70616374c3a6736368656d6100"),
        [row("compact", "true", 1..10), row("schema", "0", 10..18)]
    );
    assert_eq!(
        read(msgpack, "93 cd 01 00 d0 80 c4 02 00 ff"),
        [row("0", "256", 1..4), row("1", "-128", 4..6), row("2", "00ff", 6..10)]
    );
    let time = msgpack(&hex::parse("d6ff514b67b0").unwrap(), Lang::En);
    assert_eq!(time.fields[0].note.as_deref(), Some("extension -1 · 2013-03-21 20:04:00"));
}

#[test]
fn what_is_cut_off_or_left_over_is_said() {
    for (decode, digits) in [(cbor as fn(&[u8], Lang) -> Dissection, "a2616101"), (msgpack, "82a161")] {
        let found = decode(&hex::parse(digits).unwrap(), Lang::En);
        assert!(found.problems[0].message.contains("cannot be read from here"), "{found:?}");
    }
    assert!(cbor(&[1, 2], Lang::En).problems[0].message.contains("1 bytes follow"));
    assert!(msgpack(&[0x91; 100_000], Lang::En).problems[0].message.contains("levels"));
    assert!(cbor(&[0x81; 100_000], Lang::En).problems[0].message.contains("levels"));
    assert!(cbor(&hex::parse("9b00ffffffffffffff").unwrap(), Lang::En).problems.len() == 1);
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        for found in [cbor(&bytes, Lang::En), msgpack(&bytes, Lang::Zh)] {
            let mut rows = Vec::new();
            flat(&found.fields, &mut rows);
            assert!(rows.iter().all(|(.., range)| range.end <= bytes.len()));
        }
    }
}
