//! L0: what every layer needs and no layer owns — time, language, text from outside made printable,
//! JSON with byte ranges, hexadecimal, topic filters, digests, secrets, words for a shell, repeatable chance.

pub mod digest;
pub mod hex;
pub mod json;
pub mod lang;
pub mod moment;
pub mod pattern;
pub mod placeholder;
pub mod random;
pub mod secret;
pub mod shell;
pub mod text;
pub mod time;
pub mod toml;
pub mod topic;
pub mod units;
pub mod wrap;
