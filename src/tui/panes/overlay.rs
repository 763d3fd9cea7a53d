//! Help, palette, questions.

use ratatui::layout::Rect;

use crate::app::picker::Picker;
use crate::app::stream::Choice;
use crate::app::{App, Overlay, Palette, Place, Tab, Target, keys};
use crate::base::lang::Text;
use crate::base::text::{group_digits, width};
use crate::base::wrap::wrap;
use crate::profile::collection::{Content, SavedRequest};
use crate::store::{FIELDS, FieldInfo};
use crate::tui::frame::Canvas;
use crate::tui::panes::profiles;
use crate::tui::theme::Role;
use crate::tui::widgets::input;

/// Draws an overlay over the whole window.
pub fn draw(canvas: &mut Canvas<'_>, window: Rect, overlay: &Overlay, app: &App) {
    match overlay {
        Overlay::Help { of, scroll } => help(canvas, window, *of, *scroll, app),
        Overlay::Palette(palette) => self::palette(canvas, window, palette, app),
        Overlay::Requests(picker) => requests(canvas, window, picker),
        Overlay::Templates(picker) => crate::tui::panes::frames::templates(canvas, window, picker),
        Overlay::Start(row) => profiles::start(canvas, window, *row, app),
        Overlay::ProfileForm(form) => profiles::form(canvas, window, form),
        Overlay::Workspaces(picker) => profiles::workspaces(canvas, window, picker),
        Overlay::Confirm { question, .. } => confirm(canvas, window, &question.render(app.lang), app),
        Overlay::Pick(title, picker) => pick(canvas, window, title, picker),
        Overlay::Prompt { title, hint, edit, .. } => {
            let area = centred(window, 60, 6);
            let inner = open(canvas, area, &title.render(app.lang), Place::Prompt);
            input::draw(canvas, Rect { height: 1, ..inner }, edit, true);
            let style = canvas.style(Role::Dim);
            let below = Rect::new(inner.x, inner.y + 2, inner.width, inner.height.saturating_sub(2));
            canvas.paragraph(below, &hint.render(app.lang), style);
        }
    }
}

/// An area in the middle of the window, as large as asked or as fits.
pub(super) fn centred(window: Rect, cells: u16, rows: u16) -> Rect {
    let cells = cells.min(window.width.saturating_sub(2));
    let rows = rows.min(window.height.saturating_sub(2));
    Rect::new(window.x + (window.width - cells) / 2, window.y + (window.height - rows) / 2, cells, rows)
}

/// Clears an area and puts a box around it; what is inside has a cell of air at both sides.
pub(super) fn open(canvas: &mut Canvas<'_>, area: Rect, title: &str, place: Place) -> Rect {
    let style = canvas.style(Role::Text);
    canvas.clear(area, style);
    canvas.hit(area, Target::Area(place));
    let inner = canvas.frame(area, title, true);
    Rect::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), inner.height)
}

fn confirm(canvas: &mut Canvas<'_>, window: Rect, question: &str, app: &App) {
    let cells = u16::try_from(width(question) + 6).unwrap_or(u16::MAX).clamp(40, 70);
    let lines = u16::try_from(wrap(question, usize::from(cells - 4)).len()).unwrap_or(4);
    let inner = open(canvas, centred(window, cells, lines + 4), canvas.words(&Place::Confirm.title()), Place::Confirm);
    let style = canvas.style(Role::Title);
    let used = canvas.paragraph(inner, question, style);
    let mut x = inner.x;
    let y = inner.y + used + 1;
    for binding in keys::of(Place::Confirm) {
        let Some(key) = app.keymap.keys(binding).first() else { continue };
        let title = canvas.words(&binding.action.title());
        let room = inner.right().saturating_sub(x);
        let pieces = [(&*key.to_string(), Role::Key), (" ", Role::Text), (title, Role::Text)];
        let used = canvas.pieces(x, y, room, &pieces);
        canvas.hit(Rect::new(x, y, used, 1), Target::Action(binding.action));
        x = x.saturating_add(used + 3);
    }
}

fn palette(canvas: &mut Canvas<'_>, window: Rect, palette: &Palette, app: &App) {
    let area = Rect { y: window.y + 2, ..centred(window, 72, window.height.saturating_sub(6).min(20)) };
    let inner = open(canvas, area, canvas.words(&Place::Palette.title()), Place::Palette);
    let colon = canvas.style(Role::Key);
    canvas.text(inner.x, inner.y, 2, ":", colon);
    let field = Rect::new(inner.x + 2, inner.y, inner.width.saturating_sub(2), 1);
    input::draw(canvas, field, &palette.edit, true);
    let rows = Rect::new(inner.x, inner.y + 2, inner.width, inner.height.saturating_sub(2));
    let height = usize::from(rows.height);
    let first = (palette.cursor + 1).saturating_sub(height);
    for (index, (action, reason)) in palette.rows().iter().enumerate().skip(first).take(height) {
        let y = rows.y + u16::try_from(index - first).unwrap_or_default();
        let row = Rect::new(rows.x, y, rows.width, 1);
        let weight = if reason.is_some() { Role::Dim } else { Role::Text };
        let style = canvas.style(weight);
        canvas.text(row.x, y, 30, canvas.words(&action.title()), style);
        let dim = canvas.style(Role::Dim);
        match reason {
            Some(reason) => canvas.text(row.x + 31, y, row.width.saturating_sub(31), canvas.words(reason), dim),
            None => {
                let number = Tab::ALL.iter().find(|tab| tab.action() == *action).map(|tab| tab.number().to_string());
                let key = keys::row_of(*action).map(|row| app.keymap.shown(row)).or(number);
                canvas.text(row.x + 31, y, 22, action.name(), dim);
                let keys = canvas.style(Role::Key);
                canvas.text(row.x + 54, y, row.width.saturating_sub(54), &key.unwrap_or_default(), keys)
            }
        };
        if index == palette.cursor {
            let selected = canvas.style(Role::Selected);
            canvas.paint(row, selected);
        }
        canvas.hit(row, Target::Row(Place::Palette, index));
    }
    if palette.rows().is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.text(rows.x, rows.y, rows.width, canvas.words(&NO_ACTION), style);
    }
}

/// The requests that are kept, with what they are for.
fn requests(canvas: &mut Canvas<'_>, window: Rect, picker: &Picker<SavedRequest>) {
    let area = Rect { y: window.y + 2, ..centred(window, 72, window.height.saturating_sub(6).min(20)) };
    let inner = open(canvas, area, canvas.words(&Place::Requests.title()), Place::Requests);
    let field = Rect::new(inner.x, inner.y, inner.width, 1);
    input::draw(canvas, field, &picker.edit, true);
    let rows = Rect::new(inner.x, inner.y + 2, inner.width, inner.height.saturating_sub(2));
    let height = usize::from(rows.height);
    let first = (picker.cursor + 1).saturating_sub(height);
    for (index, request) in picker.rows().enumerate().skip(first).take(height) {
        let y = rows.y + u16::try_from(index - first).unwrap_or_default();
        let row = Rect::new(rows.x, y, rows.width, 1);
        let style = canvas.style(Role::Text);
        canvas.text(row.x, y, 26, &request.name, style);
        let what = match &request.content {
            Content::Operation(request) => request.op.name(),
            Content::Message { topic, .. } => topic,
        };
        let name = canvas.style(Role::Name);
        canvas.text(row.x + 27, y, 20, what, name);
        let dim = canvas.style(Role::Dim);
        canvas.text(row.x + 48, y, row.width.saturating_sub(48), &request.note, dim);
        if index == picker.cursor {
            let selected = canvas.style(Role::Selected);
            canvas.paint(row, selected);
        }
        canvas.hit(row, Target::Row(Place::Requests, index));
    }
    if picker.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.text(rows.x, rows.y, rows.width, canvas.words(&NO_REQUEST), style);
    }
}

/// What the second key of a chord can be: a box at the lower right that goes with the key.
pub fn chord(canvas: &mut Canvas<'_>, window: Rect, app: &App, place: Place) {
    let rows: Vec<&keys::Binding> = keys::of(place).filter(|row| !app.keymap.keys(row).is_empty()).collect();
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(window.height);
    let cells = 34.min(window.width);
    let area = Rect::new(window.right() - cells, window.bottom() - height, cells, height);
    let inner = open(canvas, area, canvas.words(&place.title()), place);
    for (line, row) in (0..inner.height).zip(rows) {
        let keys: Vec<String> = app.keymap.keys(row).iter().map(ToString::to_string).collect();
        let weight = if (row.when)(app).is_ok() { Role::Text } else { Role::Dim };
        let pieces = [(&*format!("{:<5}", keys.join(" ")), Role::Key), (canvas.words(&row.action.title()), weight)];
        canvas.pieces(inner.x, inner.y + line, inner.width, &pieces);
        canvas.hit(Rect::new(inner.x, inner.y + line, inner.width, 1), Target::Action(row.action));
    }
}

/// A list of the stream, its names at the left and what is known of them beside.
fn pick(canvas: &mut Canvas<'_>, window: Rect, title: &Text, picker: &Picker<Choice>) {
    let area = centred(window, 110, window.height * 3 / 4);
    let count = group_digits(u64::try_from(picker.len()).unwrap_or(u64::MAX));
    let inner = open(canvas, area, &format!("{} {count}", canvas.words(title)), Place::Pick);
    let field = Rect { height: 1, ..inner };
    input::draw(canvas, field, &picker.edit, true);
    let rows = Rect::new(inner.x, inner.y + 1, inner.width, inner.height.saturating_sub(1));
    let height = usize::from(rows.height);
    let first = (picker.cursor + 1).saturating_sub(height);
    for (row, (index, choice)) in (0..rows.height).zip(picker.rows().enumerate().skip(first)) {
        let line = Rect::new(rows.x, rows.y + row, rows.width, 1);
        let room = line.width / 2;
        let (name, dim) = (canvas.style(Role::Text), canvas.style(Role::Dim));
        let used = canvas.text(line.x, line.y, room, &choice.label, name).max(room.min(30));
        canvas.text(line.x + used + 1, line.y, line.width.saturating_sub(used + 1), &choice.detail, dim);
        if index == picker.cursor {
            let selected = canvas.style(Role::Selected);
            canvas.paint(line, selected);
        }
        canvas.hit(line, Target::Row(Place::Pick, index));
    }
    if picker.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.text(rows.x, rows.y, rows.width, canvas.words(&NOTHING_TO_PICK), style);
    }
    canvas.scrollbar(rows, first, height, picker.len());
}

fn help(canvas: &mut Canvas<'_>, window: Rect, of: Place, scroll: usize, app: &App) {
    let area = centred(window, 76, window.height.saturating_sub(2));
    let title = HELP_TITLE.fill(app.lang, &[&of.title().get(app.lang)]);
    let inner = open(canvas, area, &title, Place::Help);
    let mut lines: Vec<HelpLine> = Vec::new();
    for place in [of, Place::Global] {
        if !lines.is_empty() {
            lines.push(HelpLine::Blank);
        }
        lines.push(HelpLine::Title(place.title().get(app.lang)));
        for binding in keys::of(place) {
            let keys: Vec<String> = app.keymap.keys(binding).iter().map(ToString::to_string).collect();
            lines.push(HelpLine::Key(keys.join("  "), binding, (binding.when)(app).err()));
        }
        if place == Place::Global {
            break;
        }
    }
    if of == Place::Filter || of == Place::Stream {
        lines.push(HelpLine::Blank);
        lines.push(HelpLine::Title(canvas.words(&FILTERS)));
        lines.extend(FIELDS.iter().map(HelpLine::Field));
        lines.push(HelpLine::Words(canvas.words(&JOINS)));
        lines.push(HelpLine::Blank);
    }
    lines.push(HelpLine::Words(canvas.words(&TAB_NUMBERS)));
    lines.push(HelpLine::Words(canvas.words(&MOUSE)));
    let height = usize::from(inner.height);
    let first = scroll.min(lines.len().saturating_sub(height));
    for (row, line) in (0..inner.height).zip(lines.iter().skip(first)) {
        let y = inner.y + row;
        match line {
            HelpLine::Blank => {}
            HelpLine::Title(words) => {
                let style = canvas.style(Role::Title);
                canvas.text(inner.x, y, inner.width, words, style);
            }
            HelpLine::Words(words) => {
                let style = canvas.style(Role::Dim);
                canvas.text(inner.x, y, inner.width, words, style);
            }
            HelpLine::Field(info) => {
                let style = canvas.style(Role::Key);
                canvas.text(inner.x + 2, y, 30, info.example, style);
                let style = canvas.style(Role::Text);
                canvas.text(inner.x + 33, y, inner.width.saturating_sub(33), canvas.words(&info.help), style);
            }
            HelpLine::Key(keys, binding, reason) => {
                let style = canvas.style(Role::Key);
                canvas.text(inner.x + 2, y, 18, keys, style);
                let style = canvas.style(if reason.is_some() { Role::Dim } else { Role::Text });
                let mut words = canvas.words(&binding.action.title()).to_owned();
                if let Some(reason) = reason {
                    words = format!("{words} — {}", canvas.words(reason));
                }
                canvas.text(inner.x + 21, y, inner.width.saturating_sub(21), &words, style);
            }
        }
    }
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, height, lines.len());
}

enum HelpLine {
    Blank,
    Title(&'static str),
    Words(&'static str),
    Field(&'static FieldInfo),
    Key(String, &'static keys::Binding, Option<Text>),
}

const HELP_TITLE: Text = Text::new("Help: {}", "帮助：{}");
const FILTERS: Text = Text::new("Filters", "过滤条件");
const JOINS: Text = Text::new(
    "  words are found anywhere; and, or, not, ( ) join; quotes take text as it is",
    "  单词在任意位置查找；用 and、or、not、( ) 组合；引号内按原文查找",
);
const NO_REQUEST: Text = Text::new("no request matches", "没有匹配的请求");
const NOTHING_TO_PICK: Text = Text::new("nothing matches", "没有匹配项");
const NO_ACTION: Text = Text::new("no action matches", "没有匹配的命令");
const TAB_NUMBERS: Text =
    Text::new("  1 2 3 …            open the tab of that number", "  1 2 3 …            打开对应编号的标签页");
const MOUSE: Text = Text::new(
    "  mouse              click, double-click, drag borders, wheel; F2: on or off (shift selects text)",
    "  鼠标               单击、双击、拖动边框、滚轮；F2 开关（按住 shift 可选择文字）",
);
