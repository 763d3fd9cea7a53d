//! The words of this folder.

use crate::base::lang::Text;

pub(super) const UNCLOSED_QUOTE: Text = Text::new("this {} is never closed", "缺少与此 {} 配对的引号");
pub(super) const EMPTY_WORD: Text = Text::new("there is nothing between these quotes", "引号内没有内容");
pub(super) const TOO_MANY_WORDS: Text = Text::new("at most {} words", "最多 {} 个词");
pub(super) const WORD_TOO_LONG: Text = Text::new("a word has at most {} bytes", "每个词最多 {} 字节");
