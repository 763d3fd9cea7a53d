//! The inspector's model: fields, bytes, text and header.

use super::*;
use crate::app::stream::scene::{Peer, Peers};
use crate::app::stream::testing::envelope;
use crate::model::{Batch, ConnectionId, Field, Problem, Severity};
use crate::store::Store;

fn field(name: &str, range: Range<usize>, children: Vec<Field>) -> Field {
    let value = if children.is_empty() { format!("{name}-value") } else { String::new() };
    Field { name: name.into(), value, offset: range.start, length: range.len(), note: None, children }
}

/// `{"a":{"b":1,"c":2},"d":3}` as a dialect gives it, and a byte that no field holds.
fn sample() -> Fields {
    Fields::new(Dissection {
        fields: vec![
            field("a", 5..18, vec![field("b", 10..11, vec![]), field("c", 16..17, vec![])]),
            field("d", 23..24, vec![]),
            field("from the topic", 0..0, vec![]),
        ],
        problems: vec![
            Problem { severity: Severity::Info, message: "small".into(), offset: 1, length: 1 },
            Problem { severity: Severity::Error, message: "bad".into(), offset: 16, length: 1 },
        ],
        ..Dissection::default()
    })
}

fn name(fields: &Fields) -> Option<&str> {
    match fields.selected()? {
        Row::Field(place) => fields.field(place).map(|field| field.name.as_str()),
        Row::Problem(place) => fields.problem(place).map(|problem| problem.message.as_str()),
    }
}

#[test]
fn problems_come_first_and_the_worst_of_them_first() {
    let mut fields = sample();
    assert_eq!(
        fields.rows(),
        [Row::Problem(0), Row::Problem(1)].into_iter().chain((0..5).map(Row::Field)).collect::<Vec<_>>()
    );
    assert_eq!((name(&fields), fields.range()), (Some("bad"), Some(16..17)));
    fields.step(2);
    assert_eq!((name(&fields), fields.range()), (Some("a"), Some(5..18)));
}

#[test]
fn every_byte_finds_its_innermost_field() {
    let fields = sample();
    let found: Vec<Option<&str>> = (0..25)
        .map(|byte| fields.innermost(byte).and_then(|place| fields.field(place)).map(|f| f.name.as_str()))
        .collect();
    for (byte, name) in found.iter().enumerate() {
        let expected = match byte {
            10 => Some("b"),
            16 => Some("c"),
            5..18 => Some("a"),
            23 => Some("d"),
            _ => None,
        };
        assert_eq!(*name, expected, "byte {byte}");
    }
}

#[test]
fn folding_hides_parts_and_a_byte_unfolds_what_hides_its_field() {
    let mut fields = sample();
    fields.select_row(2);
    fields.fold(true);
    assert_eq!(fields.rows().len(), 5);
    fields.select_field(fields.innermost(16).unwrap());
    assert_eq!((name(&fields), fields.rows().len()), (Some("c"), 7));
    fields.fold(true);
    assert_eq!(name(&fields), Some("a"), "a leaf goes to what it is part of");
    fields.toggle();
    fields.toggle();
    assert_eq!(fields.rows().len(), 7);
}

#[test]
fn very_many_and_very_deep_fields_are_cut_and_counted() {
    let many = (0..250_000).map(|n| field("x", n..n + 1, vec![])).collect();
    let fields = Fields::new(Dissection { fields: many, ..Dissection::default() });
    assert_eq!((fields.len(), fields.left_out()), (200_000, 50_000));
    let deep = (0..1_000).fold(field("leaf", 0..1, vec![]), |inner, _| field("x", 0..1, vec![inner]));
    let fields = Fields::new(Dissection { fields: vec![deep], ..Dissection::default() });
    assert_eq!((fields.len(), fields.left_out()), (200, 1));
}

#[test]
fn the_rows_drawn_hold_the_cursor() {
    let mut fields = sample();
    for (step, height) in [(6, 3), (-4, 3), (1, 1), (-9, 2), (0, 0)] {
        fields.step(step);
        let first = fields.first_row(height);
        assert!(height == 0 || (first..first + height).contains(&fields.cursor()));
        fields.settle(height);
    }
}

struct Nobody;
impl Peers for Nobody {
    fn peer(&self, _: ConnectionId, _: Lang) -> Option<Peer<'_>> {
        None
    }
}

fn inspected(payload: &[u8]) -> Inspector {
    let mut store = Store::new(0);
    let mut batch = Batch::new(ConnectionId(1));
    batch.push(envelope(0, Direction::In), "a/\u{202e}b", payload);
    store.push(&batch);
    let scene = Scene { store: &store, peers: &Nobody, now: crate::app::stream::testing::at(0), lang: Lang::En };
    let mut inspector = Inspector::default();
    inspector.look_at(&scene, Some(Seq(0)), &mut Decoders::default());
    inspector
}

#[test]
fn the_header_is_printable_and_tells_what_was_cut() {
    let inspector = inspected(&vec![b'x'; 3 * 1024 * 1024]);
    let header = inspector.header();
    assert_eq!(header.topic, "a/⟨U+202E⟩b");
    assert!(header.pieces.contains(&"truncated, 1 MiB of 3 MiB".to_owned()), "{:?}", header.pieces);
    assert_eq!(inspector.payload().len(), 1024 * 1024);
}

#[test]
fn a_message_that_left_the_store_stays_as_a_copy() {
    let mut inspector = inspected(b"kept");
    let empty = Store::new(0);
    let scene = Scene { store: &empty, peers: &Nobody, now: Time::ZERO, lang: Lang::En };
    let warns = |inspector: &Inspector| inspector.header_lines().iter().any(|(line, _)| *line == HeaderLine::Warning);
    assert!(!warns(&inspector));
    inspector.look_at(&scene, Some(Seq(0)), &mut Decoders::default());
    assert!(inspector.payload() == b"kept" && warns(&inspector));
}

#[test]
fn text_and_indented_text_follow_the_width() {
    let mut inspector = inspected(br#"{"a":[1,2]}"#);
    inspector.set_mode(Mode::Pretty);
    inspector.prepare(40);
    assert_eq!(inspector.lines().unwrap().0.len(), 6);
    inspector.set_mode(Mode::Raw);
    inspector.prepare(40);
    assert_eq!(inspector.lines().unwrap().0.len(), 1);
    inspector.prepare(4);
    assert_eq!(inspector.lines().unwrap().0.len(), 3);
}
