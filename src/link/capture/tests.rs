//! Recordings that are written, cut off, rotated, and read again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;
use crate::base::time::Time;
use crate::capture::{Assumed, Loader};
use crate::model::{Batch, ConnectionId, Direction, Envelope, Fields, Meta, Notice, Origin, Role};

const ID: ConnectionId = ConnectionId(1);

fn origin() -> Origin {
    Origin {
        name: "lamp".into(),
        dialect: crate::dialect::REGISTRY[0].spec().name.into(),
        role: Role::Device,
        identity: Fields::new(),
        devices: Vec::new(),
    }
}

fn batch(from: u64, count: u64) -> Batch {
    let mut batch = Batch::new(ID);
    for number in from..from + count {
        let at = Time::from_millis(1_700_000_000_000 + number);
        let envelope =
            Envelope { at, direction: Direction::In, qos: 0, retain: false, dup: false, meta: Meta::default() };
        batch.push(envelope, "a/b", format!("{{\"number\":{number}}}").as_bytes());
    }
    batch
}

fn started(to: RecordTo) -> Recorder {
    let recorder = Recorder::start(to).unwrap();
    recorder.origin(ID, origin());
    recorder
}

fn read(paths: &[PathBuf]) -> (Batch, CaptureFile) {
    let mut file = CaptureFile::open(paths, Loader::new(Assumed::nothing("x"), 7..9, Time::ZERO)).unwrap();
    let mut batch = Batch::new(ConnectionId(7));
    while file.read_line(&mut batch) {}
    (batch, file)
}

fn numbers(batch: &Batch) -> Vec<u64> {
    let number = |payload: &[u8]| {
        std::str::from_utf8(payload).unwrap().trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    };
    batch.messages().map(|message| number(message.payload)).collect()
}

fn to(folder: &Path, name: &str) -> RecordTo {
    RecordTo { path: folder.join(name), ..RecordTo::default() }
}

#[test]
fn what_is_recorded_can_be_read_plain_and_compressed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lamp.jsonl", "lamp.jsonl.zst"] {
        let to = to(folder.path(), name);
        let recorder = started(to.clone());
        recorder.take(&batch(0, 1_000));
        let recorded = recorder.finish();
        assert_eq!((recorded.messages, recorded.lost, recorded.parts, recorded.fault), (1_000, 0, 1, None));
        let (batch, file) = read(&[to.path]);
        assert_eq!(numbers(&batch), (0..1_000).collect::<Vec<_>>());
        assert_eq!((file.messages(), file.fault_words()), (1_000, None));
        let played = file.played(true);
        assert_eq!(played.read, played.size);
        assert!(
            matches!(&batch.notices()[0], Notice::Origin { connection: ConnectionId(7), origin } if origin.name == "lamp")
        );
    }
}

#[test]
fn a_killed_recorder_loses_a_second_at_most() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lamp.jsonl", "lamp.jsonl.zst"] {
        let to = to(folder.path(), name);
        let recorder = started(to.clone());
        recorder.take(&batch(0, 10));
        let deadline = Instant::now() + Duration::from_secs(10);
        // The recorder is alive and has not ended its file; what is there is what a killed process would leave.
        loop {
            let (batch, _) = read(std::slice::from_ref(&to.path));
            if batch.len() == 10 {
                break;
            }
            assert!(Instant::now() < deadline, "{name}: {} messages", batch.len());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_full_part_is_followed_by_the_next_and_the_oldest_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let to = RecordTo { rotate: Some(200_000), keep: Some(2), ..to(folder.path(), "lamp.jsonl") };
    let recorder = started(to.clone());
    for part in 0..20 {
        recorder.take(&batch(part * 500, 500));
    }
    let recorded = recorder.finish();
    assert!(recorded.parts > 3, "{recorded:?}");
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    left.sort();
    let expected = [recorded.parts - 1, recorded.parts].map(|part| part_path(&to.path, part));
    assert_eq!(left, expected);
    let (batch, file) = read(&expected);
    assert_eq!(numbers(&batch).last(), Some(&9_999));
    assert_eq!(file.fault_words(), None);
    assert!(numbers(&batch).windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn a_filter_records_what_it_admits() {
    let folder = tempfile::tempdir().unwrap();
    let filter = "conn:lamp '\"number\":7}'".to_owned();
    let to = RecordTo { filter, ..to(folder.path(), "lamp.jsonl") };
    let recorder = started(to.clone());
    recorder.take(&batch(0, 100));
    assert_eq!(recorder.finish().messages, 1);
    assert_eq!(numbers(&read(&[to.path]).0), [7]);
}

#[test]
fn an_old_file_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let to = to(folder.path(), "lamp.jsonl");
    std::fs::write(&to.path, "some thing\n").unwrap();
    let fault = Recorder::start(to.clone()).err().unwrap().render(crate::base::lang::Lang::En);
    assert!(fault.contains("lamp.jsonl") && fault.contains("something in it already"), "{fault}");
    assert_eq!(std::fs::read_to_string(&to.path).unwrap(), "some thing\n");
    let recorder = started(RecordTo { append: true, ..to.clone() });
    recorder.take(&batch(0, 1));
    recorder.finish();
    let (batch, file) = read(&[to.path]);
    assert_eq!(batch.len(), 2, "the old line is a message on the topic “some”");
    assert_eq!(file.fault_words(), None);
}

#[test]
fn what_the_mailbox_has_no_room_for_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let recorder = started(to(folder.path(), "lamp.jsonl"));
    let mut big = Batch::new(ID);
    let envelope =
        Envelope { at: Time::ZERO, direction: Direction::In, qos: 0, retain: false, dup: false, meta: Meta::default() };
    for _ in 0..17 {
        big.push(envelope, "a", &[b'x'; 1 << 20]);
    }
    recorder.take(&big);
    recorder.take(&batch(0, 3));
    let recorded = recorder.finish();
    assert_eq!((recorded.messages, recorded.lost), (3, 17));
}

#[tokio::test]
async fn a_capture_is_played_at_once_or_in_its_own_time() {
    let folder = tempfile::tempdir().unwrap();
    let to = to(folder.path(), "lamp.jsonl");
    let recorder = started(to.clone());
    recorder.take(&batch(0, 200));
    recorder.finish();
    for (speed, least) in [(None, 0), (Some(2.0), 90)] {
        let file =
            CaptureFile::open(std::slice::from_ref(&to.path), Loader::new(Assumed::nothing("x"), 7..9, Time::ZERO))
                .unwrap();
        let (sender, mut mailbox) = tokio::sync::mpsc::channel(1);
        let begin = Instant::now();
        let playing = play(Player { file, id: ConnectionId(7), speed }, sender);
        let mut seen = Vec::new();
        let mut ended = false;
        while let Some(batch) = mailbox.recv().await {
            seen.extend(numbers(&batch));
            ended |= batch.notices().iter().any(|notice| matches!(notice, Notice::Played(played) if played.ended));
        }
        assert_eq!((seen, ended), ((0..200).collect::<Vec<_>>(), true));
        assert!(begin.elapsed() >= Duration::from_millis(least), "{:?}", begin.elapsed());
        drop(playing);
    }
}

#[test]
fn parts_are_named_after_the_first() {
    for (name, second) in [
        ("lamp.jsonl", "lamp.2.jsonl"),
        ("a.b.jsonl.zst", "a.b.2.jsonl.zst"),
        ("lamp", "lamp.2"),
        (".hidden", ".hidden.2"),
    ] {
        assert_eq!(part_path(Path::new(name), 2), Path::new(second));
        assert_eq!(part_path(Path::new(name), 1), Path::new(name));
    }
}
