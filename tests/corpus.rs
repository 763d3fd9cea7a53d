//! Every parser over the corpus of the fuzz targets (`fuzz/`): the samples that fuzzing begins with, and what once broke
//! something.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

/// Runs one target over its samples, and over every beginning of each of them.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let samples: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(samples.len() >= 4, "{}: {samples:?}", folder.display());
    for path in samples {
        let data = std::fs::read(&path).unwrap();
        target(&data);
        let step = data.len() / 50 + 1;
        for end in (0..data.len()).step_by(step) {
            target(&data[..end]);
        }
    }
}

#[test]
fn messages() {
    replay("messages", targets::messages);
}

#[test]
fn clouds() {
    replay("clouds", targets::clouds);
}

#[test]
fn models() {
    replay("models", targets::models);
}

#[test]
fn logins() {
    replay("logins", targets::logins);
}

#[test]
fn files() {
    replay("files", targets::files);
}

#[test]
fn filters() {
    replay("filters", targets::filters);
}

#[test]
fn texts() {
    replay("texts", targets::texts);
}
