//! The loop: what happens outside goes in, frames come out.
//!
//! 1. A key is drawn at once; so is everything else that a person did.
//! 2. What comes from the network is drawn at most every [`FRAME`]: the first change sets the deadline. After a large
//!    frame the next one waits longer, so that a list that rushes past unfiltered does not fill a slow line
//!    ([`pause_after`]).
//! 3. Nothing is drawn without a change, and nothing wakes the loop without a reason.
//! 4. Signals come before keys, keys before frames, frames before batches: under a flood the screen stays alive, and
//!    the mailbox of one slows the flood.

use std::io::Write;
use std::time::Duration;

use anyhow::Context as _;
use crossterm::event::{self, Event, EventStream, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use crate::app::{App, Copied, EditSubject, Effect, Mouse, MouseAct, Msg, Target};
use crate::base::lang::{Phrase, Text};
use crate::base::time::{self, Time};
use crate::model::Batch;
use crate::profile::stream_file::{self, StreamFile};
use crate::profile::{Dirs, collection, workspace};
use crate::tui::clipboard::{self, Clipboard};
use crate::tui::errands::Errands;
use crate::tui::files::Files;
use crate::tui::hits::Hits;
use crate::tui::links::{Links, Resolved};
use crate::tui::rules::{self, RulesFiles};
use crate::tui::signals::{self, Signals, Wanted};
use crate::tui::terminal::{self, Guard};
use crate::tui::theme::Theme;
use crate::tui::{Next, TuiConfig, convert, draw, editor, profiles};

/// The shortest time between frames that only the network asked for.
const FRAME: Duration = Duration::from_millis(15);
/// Bytes that frames of the network may write in a second: enough for a line over which others work too.
const BYTES_PER_SECOND: usize = 32_000;
/// However large frames are, the screen is never older than this.
const LONGEST_PAUSE: Duration = Duration::from_millis(150);
/// Two presses within this time at the same cell are a double press.
const DOUBLE: Duration = Duration::from_millis(400);
/// Keys taken in a row before a frame is drawn: a held key must not outrun the screen for long.
const KEYS_IN_A_ROW: usize = 64;

const NOT_WRITTEN: Text = Text::new("{} cannot be written: {}", "无法写入 {}：{}");
const COPY_FAILED: Text = Text::new("could not copy: {}", "复制失败：{}");

/// Runs the application until it quits.
///
/// # Errors
///
/// Where the terminal cannot be used, or something panicked.
pub async fn run(config: TuiConfig) -> anyhow::Result<Next> {
    let guard = Guard::enter(config.mouse).context("the terminal cannot be used")?;
    let (mailbox, inbox) = mpsc::channel(1);
    let (resolved, ready) = mpsc::unbounded_channel();
    let files = Files::new(mailbox.clone());
    let links = Links::new(mailbox, resolved, config.trace);
    let (told, errands) = mpsc::unbounded_channel();
    let mut looping = Loop {
        app: App::new(config.app, time::now()),
        guard,
        theme: config.theme,
        hits: Hits::default(),
        links,
        rules: RulesFiles::default(),
        dirs: config.dirs,
        errands: Errands::new(told),
        files,
        clipboard: Clipboard::default(),
        keys: EventStream::new(),
        last_press: None,
        resized: false,
        dirty: Dirt::Now,
        last_frame: 0,
    };
    let result = looping.begin(config.settled);
    let result = match result {
        Ok(()) => looping.turn(inbox, ready, errands).await,
        Err(error) => Err(error),
    };
    let Loop { app, guard, links, dirs, files, .. } = looping;
    drop(guard);
    files.finish();
    // The next run begins as this one ended; a folder that cannot be written is no reason to fail at the very end.
    if !app.demo {
        let _ = workspace::keep_layout(&dirs, &app.screen_layout());
    }
    // The inbox is gone by now, so no link waits for a place in it.
    links.finish().await;
    result.map(|()| if app.demo_next { Next::Demo } else { Next::End })
}

/// Whether a frame is wanted, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dirt {
    Clean,
    By(Time),
    Now,
}

struct Loop {
    app: App,
    guard: Guard,
    theme: Theme,
    hits: Hits,
    links: Links,
    rules: RulesFiles,
    dirs: Dirs,
    errands: Errands,
    files: Files,
    clipboard: Clipboard,
    keys: EventStream,
    last_press: Option<(Time, u16, u16)>,
    /// A window that was made small and large again has lost what was drawn, though its size is the one last drawn for.
    resized: bool,
    dirty: Dirt,
    /// Bytes of the last frame.
    last_frame: usize,
}

/// How long the network may wait for its next frame after one of so many bytes.
fn pause_after(bytes: usize) -> Duration {
    let millis = u64::try_from(bytes * 1_000 / BYTES_PER_SECOND).unwrap_or(u64::MAX);
    Duration::from_millis(millis).clamp(FRAME, LONGEST_PAUSE)
}

impl Loop {
    /// Draws the first frame, then asks the terminal what is to be asked, then lets it send everything.
    fn begin(&mut self, settled: Option<Box<dyn FnOnce() -> Theme + Send>>) -> anyhow::Result<()> {
        self.draw()?;
        if let Some(settled) = settled {
            self.theme = settled();
            self.dirty = Dirt::Now;
        }
        self.guard.listen().context("the terminal cannot be used")
    }

    async fn turn(
        &mut self,
        mut inbox: mpsc::Receiver<Batch>,
        mut ready: mpsc::UnboundedReceiver<Resolved>,
        mut errands: mpsc::UnboundedReceiver<Msg>,
    ) -> anyhow::Result<()> {
        let mut signals = Signals::new().context("signals cannot be taken over")?;
        loop {
            self.carry_out()?;
            if self.app.is_quitting() {
                return Ok(());
            }
            anyhow::ensure!(terminal::is_borrowed(), "something went wrong inside iotdbg; its words are above");
            if self.dirty == Dirt::Now {
                self.draw()?;
                // What was drawn may want something done: a payload that a command decodes.
                self.carry_out()?;
            }
            let deadline = match self.dirty {
                Dirt::By(at) => Some(at),
                Dirt::Clean | Dirt::Now => None,
            };
            let wake = self.app.next_wake(time::now());
            let look = self.rules.next_look();
            tokio::select! {
                biased;
                wanted = signals.received() => match wanted {
                    Wanted::End => return Ok(()),
                    Wanted::Pause => self.pause()?,
                },
                event = self.keys.next() => match event {
                    Some(event) => self.events(event.context("the terminal cannot be read")?)?,
                    None => return Ok(()),
                },
                () = sleep_until(deadline), if deadline.is_some() => self.dirty = Dirt::Now,
                Some(resolved) = ready.recv() => self.resolved(resolved),
                Some(msg) = errands.recv() => {
                    self.app.update(msg, time::now());
                    self.soon();
                }
                Some(batch) = inbox.recv() => {
                    self.files.take(&batch);
                    self.app.update(Msg::Batch(batch), time::now());
                    // Work must not starve under a flood that never lets the loop idle.
                    self.work();
                    self.soon();
                }
                () = std::future::ready(()), if self.app.has_work() => {
                    self.work();
                    self.soon();
                    tokio::task::yield_now().await;
                }
                () = sleep_until(look), if look.is_some() => self.look_at_rules(),
                () = sleep_until(wake), if wake.is_some() => {
                    self.app.update(Msg::Tick, time::now());
                    self.dirty = Dirt::Now;
                }
            }
        }
    }

    /// Reads the rules files that were saved.
    fn look_at_rules(&mut self) {
        let now = time::now();
        for read in self.rules.look(now) {
            self.app.update(read, now);
            self.dirty = Dirt::Now;
        }
    }

    fn work(&mut self) {
        if self.app.has_work() {
            self.app.update(Msg::Work, time::now());
        }
    }

    /// A frame is wanted, but not at once.
    fn soon(&mut self) {
        if self.dirty == Dirt::Clean {
            // Who filters waits for something: that is shown at once, and most of the flood is not.
            let filtered = self.app.stream.filter.is_active();
            let pause = if filtered { FRAME } else { pause_after(self.last_frame) };
            self.dirty = Dirt::By(time::now() + pause);
        }
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        if let Some(news) = self.files.news() {
            self.app.update(news, time::now());
        }
        let Loop { app, guard, theme, hits, resized, .. } = self;
        hits.clear();
        if std::mem::take(resized) {
            guard.redraw_all().context("the terminal cannot be written")?;
        }
        let before = terminal::written();
        let paint = |frame: &mut ratatui::Frame<'_>| {
            let area = frame.area();
            app.prepare(area.width, area.height, time::now());
            draw::draw(frame, app, *theme, hits);
        };
        guard.screen().draw(paint).context("the terminal cannot be written")?;
        self.last_frame = terminal::written().saturating_sub(before);
        self.dirty = Dirt::Clean;
        Ok(())
    }

    /// Takes an event and those that came with it (a paste, a held key) before the next frame.
    fn events(&mut self, first: Event) -> anyhow::Result<()> {
        #[cfg(debug_assertions)]
        crate::tui::sabotage::on(&first)?;
        self.event(first);
        for _ in 0..KEYS_IN_A_ROW {
            // What a key asks for (an editor, the end) comes before the next key.
            self.carry_out()?;
            if self.app.is_quitting() {
                break;
            }
            match waiting()? {
                Some(event) => self.event(event),
                None => break,
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event) {
        if convert::is_idle(&event) {
            return;
        }
        self.resized |= matches!(event, Event::Resize(..));
        let now = time::now();
        let msg = match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => convert::key(key).map(Msg::Key),
            Event::Mouse(mouse) => self.mouse(mouse, now).map(Msg::Mouse),
            Event::Paste(text) => Some(Msg::Paste(convert::pasted(&text))),
            Event::Resize(..) | Event::FocusGained => Some(Msg::Resize),
            _ => None,
        };
        if let Some(msg) = msg {
            self.app.update(msg, now);
            self.dirty = Dirt::Now;
        }
    }

    fn mouse(&mut self, event: MouseEvent, now: Time) -> Option<Mouse> {
        let MouseEvent { kind, column, row, .. } = event;
        let act = match kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let twice = self.last_press.is_some_and(|(at, x, y)| (x, y) == (column, row) && now.since(at) < DOUBLE);
                self.last_press = (!twice).then_some((now, column, row));
                if twice { MouseAct::DoublePress } else { MouseAct::Press }
            }
            MouseEventKind::Drag(MouseButton::Left) => MouseAct::Drag,
            MouseEventKind::ScrollUp => MouseAct::ScrollUp,
            MouseEventKind::ScrollDown => MouseAct::ScrollDown,
            _ => return None,
        };
        let hit: Option<(Target, ratatui::layout::Rect)> = self.hits.at(column, row);
        let (x, y) = hit.map_or((0, 0), |(_, area)| (column.saturating_sub(area.x), row.saturating_sub(area.y)));
        Some(Mouse { act, target: hit.map(|(target, _)| target), column: x, row: y, at: (column, row) })
    }

    fn resolved(&mut self, resolved: Resolved) {
        if let Err(fault) = self.links.take(resolved) {
            let reason = Phrase::verbatim(fault.fault.render(self.app.lang));
            self.app.update(Msg::OpenFailed(fault.id, reason), time::now());
            self.dirty = Dirt::Now;
        }
    }

    /// Carries out what the application asked for.
    fn carry_out(&mut self) -> anyhow::Result<()> {
        loop {
            let effects = self.app.effects();
            if effects.is_empty() {
                return Ok(());
            }
            for effect in effects {
                match effect {
                    Effect::Open { id, profile, config } => self.links.open(id, profile, config),
                    Effect::Close(id) => {
                        self.rules.forget(id);
                        self.links.close(id);
                    }
                    Effect::Rules(wanted) => {
                        let now = time::now();
                        let read = self.rules.follow(&wanted, now);
                        self.app.update(read, now);
                        self.dirty = Dirt::Now;
                    }
                    Effect::Command(id, command) => self.links.command(id, command),
                    Effect::Fetch { profile, from } => self.errands.fetch(profile, from),
                    Effect::Examine { profile, from } => self.errands.examine(profile, from),
                    Effect::FetchModel { id, profile } => self.errands.fetch_model(id, profile),
                    Effect::StopExamining => self.errands.stop(),
                    Effect::Copy(text) => self.copy(&text),
                    Effect::Edit { subject, text } => self.edit(subject, &text)?,
                    Effect::LoadRequests { beside } => {
                        let (requests, faults) = collection::all(&self.dirs, beside.as_deref());
                        self.app.update(Msg::Requests(requests, faults), time::now());
                    }
                    Effect::KeepRequest { name, content } => {
                        let kept = collection::save(&self.dirs, &name, &content);
                        let kept = kept.map_err(|fault| Phrase::verbatim(fault.render(self.app.lang)));
                        self.app.update(Msg::Saved(kept), time::now());
                    }
                    Effect::Profiles(deed) => {
                        let done = profiles::deed(&self.dirs, deed, self.app.lang);
                        self.app.update(Msg::Profiles(done), time::now());
                        self.dirty = Dirt::Now;
                    }
                    Effect::SaveFile { name, bytes } => self.save(&name, &bytes),
                    Effect::Mouse(taken) => self.guard.set_mouse(taken).context("the terminal cannot be written")?,
                    Effect::Pause => self.pause()?,
                    Effect::LoadStreamFile => {
                        let read = StreamFile::load(&self.dirs);
                        self.app.update(Msg::StreamFile(read), time::now());
                    }
                    Effect::KeepFilter { name, expr } => {
                        let kept = stream_file::keep_filter(&self.dirs, &name, &expr);
                        let kept = kept.map_err(|fault| Phrase::verbatim(fault.render(self.app.lang)));
                        let now = time::now();
                        self.app.update(Msg::Saved(kept), now);
                        self.app.update(Msg::StreamFile(StreamFile::load(&self.dirs)), now);
                    }
                    Effect::Operate(wanted) => self.errands.operate(wanted),
                    Effect::Decode(wanted) => self.errands.decode(wanted),
                    Effect::ReadFile { wanted, path } => {
                        let read = read_file(&path);
                        let path = path.display().to_string();
                        self.app.update(Msg::FileRead { wanted, path, read }, time::now());
                        self.dirty = Dirt::Now;
                    }
                    Effect::ShowPackets(on) => self.links.show_packets(on),
                    Effect::Record(_)
                    | Effect::RecordOrigin(..)
                    | Effect::StopRecording
                    | Effect::OpenCapture(_)
                    | Effect::Export(_) => {
                        if let Some(msg) = self.files.carry_out(effect) {
                            self.app.update(msg, time::now());
                            self.dirty = Dirt::Now;
                        }
                    }
                    Effect::Quit => {}
                }
            }
        }
    }

    /// Writes a new file into the working directory; an old one is never written over.
    fn save(&mut self, name: &str, bytes: &[u8]) {
        let path = std::env::current_dir().unwrap_or_default().join(name);
        let written = std::fs::File::create_new(&path).and_then(|mut file| file.write_all(bytes));
        let result = written.map(|()| path.clone()).map_err(|error| NOT_WRITTEN.with(&[&path.display(), &error]));
        self.app.update(Msg::Saved(result), time::now());
        self.dirty = Dirt::Now;
    }

    fn copy(&mut self, text: &str) {
        let copied = match self.clipboard.copy(text) {
            Ok(clipboard::Copied::Desktop) => Copied::Clipboard(text.len()),
            Ok(clipboard::Copied::Terminal) => Copied::Terminal(text.len()),
            Ok(clipboard::Copied::File(path)) => Copied::File(path),
            Err(fault) => Copied::Failed(COPY_FAILED.with(&[&fault])),
        };
        self.app.update(Msg::Copied(copied), time::now());
        self.dirty = Dirt::Now;
    }

    /// Lets a person edit. While the editor runs nothing may read the keyboard but the editor; the links go on by
    /// themselves until their batches are full.
    /// Goes into the background and comes back, as other programs do with ctrl-z. The connections wait meanwhile.
    fn pause(&mut self) -> anyhow::Result<()> {
        if !signals::can_pause() {
            self.app.update(Msg::NoShell, time::now());
            self.dirty = Dirt::Now;
            return Ok(());
        }
        self.keys = EventStream::new();
        let paused = self.guard.suspend(signals::pause).context("the terminal cannot be borrowed again")?;
        paused.context("the program cannot be stopped")?;
        self.dirty = Dirt::Now;
        Ok(())
    }

    fn edit(&mut self, subject: EditSubject, text: &str) -> anyhow::Result<()> {
        // A stream that was polled reads the keyboard on a thread of its own for as long as it lives; a new one does
        // not before it is polled.
        self.keys = EventStream::new();
        let run = || -> Result<Option<String>, Phrase> {
            match &subject {
                EditSubject::File(path) => editor::edit_file(path).and_then(|()| editor::read(path)).map(Some),
                EditSubject::Rules { path, name, .. } => {
                    let path = path.clone().map_or_else(|| rules::first_file(&self.dirs, name), Ok)?;
                    editor::edit_file(&path).map(|()| Some(path.display().to_string()))
                }
                EditSubject::StreamFile => {
                    let path =
                        stream_file::make(&self.dirs).map_err(|fault| Phrase::verbatim(fault.render(self.app.lang)))?;
                    editor::edit_file(&path).map(|()| None)
                }
                EditSubject::Payload => editor::edit_text(text, ".json").map(Some),
            }
        };
        let result = self.guard.suspend(run).context("the terminal cannot be borrowed again")?;
        // What was typed while the editor closed is not meant for iotdbg.
        while waiting()?.is_some() {}
        self.app.update(Msg::Edited(subject, result), time::now());
        self.dirty = Dirt::Now;
        Ok(())
    }
}

/// Reads a file that somebody wants to look at.
fn read_file(path: &std::path::Path) -> Result<Vec<u8>, Phrase> {
    const MOST: u64 = 64 << 20;
    let length = std::fs::metadata(path).map_err(|error| NOT_READ.with(&[&path.display(), &error]))?.len();
    if length > MOST {
        return Err(TOO_LARGE.with(&[&path.display(), &(length >> 20), &(MOST >> 20)]));
    }
    std::fs::read(path).map_err(|error| NOT_READ.with(&[&path.display(), &error]))
}

const NOT_READ: Text = Text::new("{}: {}", "{}：{}");
const TOO_LARGE: Text = Text::new("{} has {} MiB, at most {} are read", "{} 有 {} MiB，最多读取 {} MiB");

/// The next event if it is there already.
///
/// The stream must not be asked this: it would remember a waker that wakes nobody, and the next key would have to wait
/// for something else to happen.
fn waiting() -> anyhow::Result<Option<Event>> {
    let there = event::poll(Duration::ZERO).context("the terminal cannot be read")?;
    if there { event::read().map(Some).context("the terminal cannot be read") } else { Ok(None) }
}

/// Waits for a point in time; for ever where there is none.
async fn sleep_until(at: Option<Time>) {
    match at {
        Some(at) => tokio::time::sleep(at.since(time::now())).await,
        None => std::future::pending().await,
    }
}
