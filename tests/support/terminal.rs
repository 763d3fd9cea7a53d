//! The real binary in a pseudo-terminal: keys go in, a screen comes out.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use super::{IOTDBG, process, wait_until};

/// How a program is started in a [`Terminal`].
pub struct Setup {
    program: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    files: Vec<(String, String)>,
    columns: u16,
    rows: u16,
}

impl Setup {
    /// `iotdbg` with these arguments, in English, at 80×24.
    pub fn iotdbg(args: &[&str]) -> Setup {
        Setup::program(IOTDBG, args)
    }

    /// Any program.
    pub fn program(program: &str, args: &[&str]) -> Setup {
        Setup {
            program: program.to_owned(),
            args: args.iter().map(ToString::to_string).collect(),
            env: Vec::new(),
            files: Vec::new(),
            columns: 80,
            rows: 24,
        }
    }

    /// The size of the terminal.
    pub fn size(mut self, columns: u16, rows: u16) -> Setup {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// An environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Setup {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A file below the home directory.
    pub fn file(mut self, path: &str, text: &str) -> Setup {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Starts it.
    pub fn start(self) -> Terminal {
        Terminal::start(self)
    }
}

/// A program in a pseudo-terminal of its own, with a home directory of its own. It ends with the test.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    shared: Arc<Mutex<Shared>>,
    modes_before: Option<String>,
    home: TempDir,
}

struct Shared {
    parser: vt100::Parser,
    raw: Vec<u8>,
}

impl Terminal {
    fn start(setup: Setup) -> Terminal {
        let home = tempfile::tempdir().unwrap();
        for (path, text) in &setup.files {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let size = PtySize { rows: setup.rows, cols: setup.columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(&setup.program);
        command.args(&setup.args);
        command.env_clear();
        for name in ["PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"] {
            if let Ok(value) = std::env::var(name) {
                command.env(name, value);
            }
        }
        command.env("TERM", "xterm-256color");
        // This terminal answers no questions: it tells its ground unasked.
        command.env("COLORFGBG", "15;0");
        command.env("LANG", "en_US.UTF-8");
        command.env("TZ", "UTC");
        command.env("HOME", home.path());
        command.env("XDG_CONFIG_HOME", home.path().join("config"));
        command.env("XDG_STATE_HOME", home.path().join("state"));
        command.env("XDG_CACHE_HOME", home.path().join("cache"));
        command.env("XDG_DATA_HOME", home.path().join("data"));
        for (name, value) in &setup.env {
            command.env(name, value);
        }
        command.cwd(home.path());
        let modes_before = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = vt100::Parser::new(setup.rows, setup.columns, 0);
        let shared = Arc::new(Mutex::new(Shared { parser, raw: Vec::new() }));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let sink = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(count) = reader.read(&mut buffer) {
                let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
                let mut shared = sink.lock().unwrap();
                shared.parser.process(bytes);
                shared.raw.extend_from_slice(bytes);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Terminal { child, master: pair.master, keys, shared, modes_before, home }
    }

    /// The home directory of the program; its configuration lives in `config/iotdbg`.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// What is on the screen, a line per row, trailing blanks removed.
    pub fn screen(&self) -> String {
        self.shared.lock().unwrap().parser.screen().contents()
    }

    /// Looks at the parsed screen: cells, colours, cursor, modes.
    pub fn inspect<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.lock().unwrap().parser.screen())
    }

    /// Every byte that the program wrote so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.lock().unwrap().raw.clone()
    }

    /// Frames drawn so far: each one shows or hides the cursor exactly once.
    pub fn frames(&self) -> usize {
        let shared = self.shared.lock().unwrap();
        memchr::memmem::find_iter(&shared.raw, b"\x1b[?25").count()
    }

    /// Types text as it stands.
    pub fn type_text(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Presses keys by name, one after the other: `enter`, `esc`, `tab`, `space`, `up`, `down`, `left`, `right`, `home`,
    /// `end`, `pageup`, `pagedown`, `backspace`, `delete`, `f12`, `ctrl-x`; anything else is typed as it stands.
    pub fn keys(&mut self, names: &[&str]) {
        for name in names {
            let text = key(name);
            self.type_text(&text);
            // An escape key is told from an escape sequence by the pause after it.
            std::thread::sleep(Duration::from_millis(if *name == "esc" { 60 } else { 5 }));
        }
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("“{text}” on the screen"), |screen| screen.contains(text));
    }

    /// Waits until the screen no longer shows `text`.
    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("“{text}” to leave the screen"), |screen| !screen.contains(text));
    }

    /// Waits until the screen satisfies `accept`, and returns it.
    pub fn wait_until(&self, what: &str, accept: impl Fn(&str) -> bool) -> String {
        wait_until(
            what,
            || Some(self.screen()).filter(|screen| accept(screen)),
            || format!("screen:\n{}", self.screen()),
        )
    }

    /// Changes the size of the terminal, as a person does with a window.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // What the program writes for the new size must not meet a screen of the old one.
        let mut shared = self.shared.lock().unwrap();
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        shared.parser.screen_mut().set_size(rows, columns);
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        process::signal(self.pid(), name);
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for the end of the program.
    pub fn wait(&mut self) -> ExitStatus {
        let shared = Arc::clone(&self.shared);
        let child = &mut self.child;
        let status = wait_until(
            "the end of the program",
            || child.try_wait().unwrap(),
            || format!("screen:\n{}", shared.lock().unwrap().parser.screen().contents()),
        );
        self.settle();
        status
    }

    /// Whether the program is still there.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Panics unless the terminal is as it was before the program started: main screen, cursor visible, no mouse
    /// reports, no bracketed paste, line discipline as before.
    pub fn assert_given_back(&self) {
        self.inspect(|screen| {
            assert!(!screen.alternate_screen(), "still on the alternate screen");
            assert!(!screen.hide_cursor(), "cursor still hidden");
            assert!(!screen.bracketed_paste(), "bracketed paste still on");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "mouse reports still on");
        });
        // The parser knows some modes only; whatever was switched has to be switched back.
        for (mode, on) in private_modes(&self.raw()) {
            assert_eq!(on, SHOW_CURSOR == mode, "private mode {mode} was left {}", if on { "on" } else { "off" });
        }
        if let (Some(before), Some(after)) = (&self.modes_before, modes(&*self.master)) {
            assert_eq!(*before, after, "line discipline not restored");
        }
    }

    /// Waits until nothing new has been written for a moment.
    fn settle(&self) {
        let deadline = Instant::now() + Duration::from_secs(2);
        let mut seen = self.raw().len();
        loop {
            std::thread::sleep(Duration::from_millis(40));
            let now = self.raw().len();
            if now == seen || Instant::now() > deadline {
                return;
            }
            seen = now;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one private mode that is on in a terminal that nobody borrowed.
const SHOW_CURSOR: u16 = 25;

/// The private modes (`ESC [ ? n h` and `… l`) that were switched, with what they were switched to last.
fn private_modes(raw: &[u8]) -> BTreeMap<u16, bool> {
    let text = String::from_utf8_lossy(raw);
    let mut modes = BTreeMap::new();
    for piece in text.split("\x1b[?").skip(1) {
        let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(piece.len());
        let (numbers, rest) = piece.split_at(end);
        if let Some(on) = rest.chars().next().filter(|c| matches!(c, 'h' | 'l')).map(|c| c == 'h') {
            modes.extend(numbers.split(';').filter_map(|number| number.parse().ok()).map(|mode: u16| (mode, on)));
        }
    }
    modes
}

/// The line discipline as text; the terminal's own state, not the program's idea of it.
fn modes(master: &dyn MasterPty) -> Option<String> {
    master.get_termios().map(|modes| {
        format!("{:?} {:?} {:?} {:?}", modes.input_flags, modes.output_flags, modes.control_flags, modes.local_flags)
    })
}

fn key(name: &str) -> String {
    let sequence = match name {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "backtab" => "\x1b[Z",
        "space" => " ",
        "backspace" => "\x7f",
        "delete" => "\x1b[3~",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pageup" => "\x1b[5~",
        "pagedown" => "\x1b[6~",
        "f12" => "\x1b[24~",
        _ => match name.strip_prefix("ctrl-").and_then(|rest| rest.bytes().next()) {
            Some(letter) => return char::from(letter & 0x1f).to_string(),
            None => name,
        },
    };
    sequence.to_owned()
}
