//! Breaks lines of Chinese, which have no blanks to break at.

use unicode_segmentation::UnicodeSegmentation;

use crate::base::text::width;

/// What may not begin a line.
const CLOSING: &str = "，。；：、！？）】》”’…,.;:!?)]";
/// What may not end a line.
const OPENING: &str = "（【《“‘([";

/// The text with line breaks, so that no line takes more than `cells` cells where that can be. Words of Latin letters stay
/// whole; marks that close stay with what is before them, marks that open with what is behind.
pub fn broken(text: &str, cells: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| broken_line(line, cells)).collect();
    lines.join("\n")
}

fn broken_line(line: &str, cells: usize) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut used = 0;
    for unit in units(line) {
        let wide = width(unit.trim_end());
        if used > 0 && used + wide > cells {
            out.truncate(out.trim_end().len());
            out.push('\n');
            used = 0;
        }
        out.push_str(unit);
        used += width(unit);
    }
    out
}

/// What is not broken, in order: a wide character, or a run of others up to and with its blank; with the marks around it.
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
    fn chinese_is_broken_between_characters_and_latin_between_words() {
        assert_eq!(broken("设置属性并等待应答", 8), "设置属性\n并等待应\n答");
        assert_eq!(broken("显示 CONNECT 报文", 8), "显示\nCONNECT\n报文");
    }

    #[test]
    fn no_line_begins_with_a_mark_that_closes_or_ends_with_one_that_opens() {
        assert_eq!(broken("设置属性。应答", 8), "设置属\n性。应答");
        assert_eq!(broken("设置属（性）", 8), "设置属\n（性）");
    }

    #[test]
    fn what_fits_and_what_has_lines_already_stays() {
        assert_eq!(broken("一行\n\n两行", 10), "一行\n\n两行");
        assert_eq!(broken("averyverylongword", 4), "averyverylongword");
    }
}
