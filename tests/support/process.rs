//! A plain process whose lines are read as they come, and which ends with the test that started it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::wait_until;

/// A running process with its output collected in the background.
pub struct Process {
    child: Child,
    stdout: Arc<Mutex<Vec<String>>>,
    stderr: Arc<Mutex<Vec<String>>>,
    /// The threads that collect them; each ends with its pipe.
    readers: [JoinHandle<()>; 2],
    /// The line of standard output that the next [`Process::next_line`] looks at.
    next: usize,
}

impl Process {
    /// Starts a command. Standard input is closed at once.
    pub fn start(command: &mut Command) -> Process {
        Process::start_with_input(command, &[])
    }

    /// Starts a command and feeds its standard input.
    pub fn start_with_input(command: &mut Command, input: &[u8]) -> Process {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|fault| panic!("cannot start {command:?}: {fault}"));
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The process may end without reading; that is its own business.
        std::thread::spawn(move || stdin.write_all(&input));
        let (stdout, first) = collect(child.stdout.take().unwrap());
        let (stderr, second) = collect(child.stderr.take().unwrap());
        Process { child, stdout, stderr, readers: [first, second], next: 0 }
    }

    /// The next line of standard output that satisfies `accept`; lines before it are passed over.
    pub fn next_line(&mut self, what: &str, accept: impl Fn(&str) -> bool) -> String {
        let (stdout, mut next) = (Arc::clone(&self.stdout), self.next);
        let found = wait_until(
            what,
            || {
                let lines = stdout.lock().unwrap();
                while let Some(line) = lines.get(next) {
                    next += 1;
                    if accept(line) {
                        return Some(line.clone());
                    }
                }
                None
            },
            || self.transcript(),
        );
        self.next = next;
        found
    }

    /// The next line of standard output that is a JSON object satisfying `accept`.
    pub fn next_json(&mut self, what: &str, accept: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let line = self.next_line(what, |line| serde_json::from_str(line).is_ok_and(|value| accept(&value)));
        serde_json::from_str(&line).unwrap()
    }

    /// Everything written to standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.lock().unwrap().join("\n")
    }

    /// Everything written to standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().join("\n")
    }

    /// Waits for the end, and until all that was written before it has been read.
    pub fn wait(&mut self) -> ExitStatus {
        let (child, readers) = (&mut self.child, &self.readers);
        let mut status = None;
        let (stdout, stderr) = (Arc::clone(&self.stdout), Arc::clone(&self.stderr));
        wait_until(
            "the end of the process",
            || {
                status = status.or(child.try_wait().unwrap());
                status.filter(|_| readers.iter().all(JoinHandle::is_finished))
            },
            || {
                format!(
                    "stdout:\n{}\nstderr:\n{}",
                    stdout.lock().unwrap().join("\n"),
                    stderr.lock().unwrap().join("\n")
                )
            },
        )
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name (`TERM`, `INT`, `HUP`).
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Ends it the hard way.
    pub fn kill(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn transcript(&self) -> String {
        format!("stdout:\n{}\nstderr:\n{}", self.stdout(), self.stderr())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process by name.
pub fn signal(pid: u32, name: &str) {
    // The shell's own `kill`: the program of that name is not on every machine.
    let status = Command::new("sh").args(["-c", &format!("kill -s {name} {pid}")]).status().unwrap();
    assert!(status.success(), "kill -s {name} {pid}");
}

fn collect(from: impl Read + Send + 'static) -> (Arc<Mutex<Vec<String>>>, JoinHandle<()>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let reader = std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            sink.lock().unwrap().push(text);
            line.clear();
        }
    });
    (lines, reader)
}
