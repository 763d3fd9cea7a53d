//! The cover over the names of devices, for a screen that others see.
//!
//! Everything that was drawn is searched, wherever it came from: a name is covered in topics, payloads, titles and
//! messages alike. A name that was cut (`…`) is covered as far as it is there.

use aho_corasick::{AhoCorasick, MatchKind};
use ratatui::buffer::Buffer;

/// What stands in the place of a name, once for each of its cells.
const COVER: &str = "•";
/// Parts of a cut name that are shorter than this tell nothing.
const LEAST_PART: usize = 3;
/// Shorter names would cover half of the words on the screen.
const LEAST_NAME: usize = 2;

/// Covers every one of these names in a buffer.
pub fn cover(buffer: &mut Buffer, names: &[&str]) {
    let names: Vec<&str> = names.iter().copied().filter(|name| name.chars().count() >= LEAST_NAME).collect();
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names);
    let (Ok(finder), false) = (finder, names.is_empty()) else { return };
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        let (text, columns) = line(buffer, y);
        let mut hidden: Vec<std::ops::Range<usize>> =
            finder.find_iter(&text).map(|found| found.range()).filter(|range| stands_alone(&text, range)).collect();
        hidden.extend(cut_names(&text, &names));
        for range in hidden {
            for (_, x) in columns.iter().filter(|(at, _)| range.contains(at)) {
                if let Some(cell) = buffer.cell_mut((*x, y)) {
                    cell.set_symbol(COVER);
                }
            }
        }
    }
}

/// A line as text, and which cell each byte of it that begins a cell belongs to. The second cell of a wide character is
/// empty and belongs to the first.
fn line(buffer: &Buffer, y: u16) -> (String, Vec<(usize, u16)>) {
    let area = buffer.area;
    let (mut text, mut columns) = (String::new(), Vec::new());
    let mut skip = 0;
    for x in area.left()..area.right() {
        let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
        if skip > 0 {
            // Belongs to the character before it, whose bytes end here.
            columns.push((text.len().saturating_sub(1), x));
            skip -= 1;
            continue;
        }
        skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
        columns.push((text.len(), x));
        text.push_str(symbol);
    }
    (text, columns)
}

/// Whether a name is a word of its own there, not the middle of another one.
fn stands_alone(text: &str, range: &std::ops::Range<usize>) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    !is_word(before) && !is_word(after)
}

/// The beginnings of names before a `…` and the ends of names behind one.
fn cut_names(text: &str, names: &[&str]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for (at, mark) in text.match_indices('…') {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + mark.len()..).unwrap_or_default());
        for name in names {
            let parts = name.char_indices().map(|(cut, _)| cut).filter(|cut| *cut > 0);
            let begins = parts.clone().rev().filter_map(|cut| name.get(..cut)).find(|part| before.ends_with(part));
            let ends = parts.filter_map(|cut| name.get(cut..)).find(|part| after.starts_with(part));
            if let Some(part) = begins.filter(|part| part.chars().count() >= LEAST_PART) {
                found.push(at - part.len()..at);
            }
            if let Some(part) = ends.filter(|part| part.chars().count() >= LEAST_PART) {
                let start = at + mark.len();
                found.push(start..start + part.len());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(line: &str, names: &[&str]) -> String {
        let mut buffer = Buffer::with_lines([line]);
        cover(&mut buffer, names);
        let mut wide = false;
        let symbols = buffer.content.iter().filter(|cell| {
            let skip = std::mem::replace(&mut wide, unicode_width::UnicodeWidthStr::width(cell.symbol()) > 1);
            !skip
        });
        symbols.map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn a_name_is_covered_wherever_it_stands_alone() {
        let names = ["lamp", "lamp-02", "x", "客厅灯"];
        assert_eq!(covered("$sys/p1/lamp/thing lamps x=1", &names), "$sys/p1/••••/thing lamps x=1");
        assert_eq!(covered("\"lamp-02\",\"lamp\"", &names), "\"•••••••\",\"••••\"");
        assert_eq!(covered("客厅灯 上线", &names), "•••••• 上线");
    }

    #[test]
    fn what_is_left_of_a_cut_name_is_covered_too() {
        let names = ["iotdbgDid0123"];
        assert_eq!(covered("iotdb… on", &names), "•••••… on");
        assert_eq!(covered("app2dev/…Did0123/set", &names), "app2dev/…•••••••/set");
        assert_eq!(covered("io… …23", &names), "io… …23");
        assert_eq!(covered("nothing", &[]), "nothing");
    }
}
