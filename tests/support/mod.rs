//! What the black-box tests share: the real binary, in a pseudo-terminal or as a plain process.
#![allow(dead_code, reason = "every test file is a crate of its own and uses its own part of this")]

pub mod flood;
pub mod process;
pub mod terminal;

use std::time::{Duration, Instant};

/// How long a test waits for something that should happen at once. Generous: machines that test are busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The binary under test.
pub const IOTDBG: &str = env!("CARGO_BIN_EXE_iotdbg");

/// Asks again and again until `probe` gives something; panics with `what` and the words of `explain` at the deadline.
pub fn wait_until<T>(what: &str, mut probe: impl FnMut() -> Option<T>, explain: impl Fn() -> String) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}\n{}", explain());
        std::thread::sleep(Duration::from_millis(10));
    }
}
