//! What the black-box tests share: the real binary, in a pseudo-terminal or as a plain process.
#![allow(dead_code, reason = "every test file is a crate of its own and uses its own part of this")]

pub mod flood;
pub mod ingest;
pub mod process;
pub mod terminal;

use std::path::Path;
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

/// Writes a profile of a device that logs in at a port of the loopback interface, and gives its path.
pub fn device_profile(folder: &Path, port: u16) -> String {
    let path = folder.join("lamp.toml");
    let text = format!(
        "dialect = \"onenet\"\nrole = \"device\"\nserver = \"mqtt://127.0.0.1:{port}\"\n\n\
         [identity]\nproduct_id = \"p1\"\ndevice_name = \"lamp\"\naccess_key = \"aW90ZGJnLXRlc3Qta2V5\"\n"
    );
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Kilobytes of memory that a process has resident now, and at most had so far (`VmRSS` and `VmHWM` of Linux).
pub fn memory_of(pid: u32) -> Option<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// Processor time that a process has used so far, to 10 ms (`/proc/PID/stat` of Linux).
pub fn busy_of(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // User and system time in ticks of 10 ms.
    Duration::from_millis((fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10)
}

/// Waits until the status line accounts for a whole flood and for what the program published itself, and gives the
/// messages that were stored and those said to be lost: `88,310 msgs · 12/s · 41 MiB of 256 MiB · lost 0`.
pub fn flooded(terminal: &terminal::Terminal, source: &flood::Source, count: u64) -> (u64, u64) {
    let counts = || {
        let screen = terminal.screen();
        let status = screen.lines().find(|line| line.contains(" msgs · "))?;
        let (before, after) = status.split_once(" msgs · ")?;
        let number = |text: &str| text.replace(',', "").parse::<u64>().ok();
        Some((number(before.rsplit(' ').next()?)?, number(after.trim_end().rsplit(' ').next()?)?))
    };
    wait_until(
        "the whole flood in the status line, no more and no less",
        || counts().filter(|(stored, lost)| stored + lost == count + source.heard()),
        || terminal.screen(),
    )
}
