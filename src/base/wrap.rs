//! Breaks lines where a reader would: between words of Latin letters, between characters of Chinese, which has no blanks.

use unicode_segmentation::UnicodeSegmentation;

use crate::base::text::width;

/// What no line begins with: marks that belong to what is before them, in both scripts.
const CLOSING: &str = "，。、；：！？）】」』》〉”’…,.;:!?)]}%";
/// What no line ends with.
const OPENING: &str = "（【「『《〈“‘([{";

/// Breaks text into lines of at most `cells` cells. What stands between blanks stays whole where it fits a line: an option
/// such as `--help`, an address. Marks that close stay with what is before them, marks that open with what is behind.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    if cells == 0 {
        return Vec::new();
    }
    text.split('\n').flat_map(|line| Lines { cells, ..Lines::default() }.of(line)).collect()
}

/// The lines of one line of a text.
#[derive(Default)]
struct Lines {
    cells: usize,
    done: Vec<String>,
    current: String,
    used: usize,
}

impl Lines {
    fn of(mut self, line: &str) -> Vec<String> {
        for unit in units(line) {
            if width(unit.trim_end()) <= self.cells {
                self.put(unit);
                continue;
            }
            if self.used > 0 {
                self.end_line();
            }
            for word in unit.split_word_bounds() {
                if width(word) <= self.cells {
                    self.put(word);
                } else {
                    word.graphemes(true).for_each(|cluster| self.put(cluster));
                }
            }
        }
        self.done.push(self.current);
        self.done
    }

    fn end_line(&mut self) {
        self.done.push(std::mem::take(&mut self.current).trim_end().to_owned());
        self.used = 0;
    }

    fn put(&mut self, piece: &str) {
        let needs = width(piece.trim_end());
        if self.used > 0 && self.used + needs > self.cells {
            self.end_line();
        }
        // A blank at which a line was broken is not needed any more.
        if !(piece.trim().is_empty() && self.current.is_empty() && !self.done.is_empty()) {
            self.current.push_str(piece);
            self.used += width(piece);
        }
    }
}

/// What is not broken where it fits, in order: a wide character, or a run of others up to and with its blank; with the marks
/// around it.
fn units(line: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut before: Option<&str> = None;
    for (at, cluster) in line.grapheme_indices(true) {
        if let Some(before) = before {
            let wide = width(before) > 1 || width(cluster) > 1;
            let glued = CLOSING.contains(cluster) || OPENING.contains(before) || cluster == " ";
            if (wide || before == " ") && !glued {
                cuts.push(at);
            }
        }
        before = Some(cluster);
    }
    cuts.push(line.len());
    cuts.windows(2).filter_map(|pair| line.get(*pair.first()?..*pair.last()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_between_words_and_within_long_ones() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("from 10.0.0.1:41038 on", 13), ["from", "10.0.0.1:", "41038 on"]);
        assert_eq!(wrap("see iotdbg tail --help", 16), ["see iotdbg tail", "--help"]);
        assert_eq!(wrap("one\n\ntwo", 7), ["one", "", "two"]);
        assert!(wrap("x", 0).is_empty());
    }

    #[test]
    fn chinese_is_broken_between_characters() {
        assert_eq!(wrap("属性设置应答", 5), ["属性", "设置", "应答"]);
        assert_eq!(wrap("显示 CONNECT 报文", 8), ["显示", "CONNECT", "报文"]);
    }

    #[test]
    fn no_line_begins_with_a_mark_that_closes_or_ends_with_one_that_opens() {
        assert_eq!(wrap("保活时间，六十秒", 8), ["保活时", "间，六十", "秒"]);
        assert_eq!(wrap("设置属（性）", 8), ["设置属", "（性）"]);
        assert_eq!(wrap("，，，，", 4), ["，，", "，，"]);
    }
}
