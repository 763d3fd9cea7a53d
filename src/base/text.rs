//! The one gate for text from outside, and the few ways in which numbers and times are written for people.
//!
//! Topics, payloads, device names and error words of a peer may hold anything. Before they reach a cell of the screen,
//! a terminal or a log they pass [`printable`] (or [`printable_bytes`]), which gives one line that shows what is there
//! and does nothing else:
//!
//! 1. C0 controls and DEL become their Unicode pictures: newline `␊`, tab `␉`, escape `␛`.
//! 2. What has no shape of its own — C1 controls, bidirectional overrides and isolates, zero-width and other
//!    default-ignorable characters, format characters, line separators, private use, noncharacters — becomes its number:
//!    `⟨U+202E⟩`.
//! 3. Marks that join the character before them stay, but not without such a character and not more than
//!    [`MAX_MARKS`] in a row: what is beyond becomes its number too.
//! 4. Bytes that are not UTF-8 become their value: `⟨FF⟩`.
//!
//! Clean text, which is nearly all of it, is borrowed and not copied.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::base::time::Time;

/// How many zero-width marks in a row are taken for a script's own; more only serve to smear over other lines.
pub const MAX_MARKS: usize = 8;

/// What stands at the end of a text that was cut.
pub const ELLIPSIS: char = '…';

/// Characters outside ASCII that are shown by number, as inclusive ranges in order.
///
/// General categories Cc, Cf, Zl, Zp and Co, noncharacters, and the property `Default_Ignorable_Code_Point` of the
/// Unicode Character Database, version 14 (`UnicodeData.txt`, `DerivedCoreProperties.txt`).
const BY_NUMBER: &[(u32, u32)] = &[
    (0x0080, 0x009F),
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xE000, 0xF8FF),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0x1FFFE, 0x1FFFF),
    (0x2FFFE, 0x2FFFF),
    (0x3FFFE, 0x3FFFF),
    (0x4FFFE, 0x4FFFF),
    (0x5FFFE, 0x5FFFF),
    (0x6FFFE, 0x6FFFF),
    (0x7FFFE, 0x7FFFF),
    (0x8FFFE, 0x8FFFF),
    (0x9FFFE, 0x9FFFF),
    (0xAFFFE, 0xAFFFF),
    (0xBFFFE, 0xBFFFF),
    (0xCFFFE, 0xCFFFF),
    (0xDFFFE, 0xE0FFF),
    (0xEFFFE, 0x10FFFF),
];

/// Whether a character would act on a terminal or a reader instead of being seen, and so is never let through.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let code = u32::from(c);
    BY_NUMBER
        .binary_search_by(|&(first, last)| {
            if last < code {
                std::cmp::Ordering::Less
            } else if first > code {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        })
        .is_ok()
}

/// Text from outside as one line that is safe to show. Borrows what is clean.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    if text.as_bytes().iter().all(is_plain) {
        return Cow::Borrowed(text);
    }
    if text.chars().all(|c| !is_hidden(c) && c.width() != Some(0)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 32);
    for cluster in text.graphemes(true) {
        push_cluster(&mut out, cluster);
    }
    Cow::Owned(out)
}

/// Bytes from outside as one line that is safe to show; bytes that are not UTF-8 show their value.
pub fn printable_bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return printable(text);
    }
    let mut out = String::with_capacity(bytes.len() + 32);
    for chunk in bytes.utf8_chunks() {
        out.push_str(&printable(chunk.valid()));
        for byte in chunk.invalid() {
            push_formatted(&mut out, format_args!("⟨{byte:02X}⟩"));
        }
    }
    Cow::Owned(out)
}

fn push_cluster(out: &mut String, cluster: &str) {
    // A cluster without a width has no character that its marks could join.
    let mut marks = if cluster.width() == 0 { MAX_MARKS } else { 0 };
    for c in cluster.chars() {
        if is_hidden(c) {
            push_mark(out, c);
        } else if c.width() == Some(0) {
            marks += 1;
            if marks > MAX_MARKS { push_mark(out, c) } else { out.push(c) }
        } else {
            out.push(c);
        }
    }
}

fn push_mark(out: &mut String, c: char) {
    let picture = match c {
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(c)),
        '\x7F' => Some('␡'),
        _ => None,
    };
    match picture {
        Some(picture) => out.push(picture),
        None => push_formatted(out, format_args!("⟨U+{:04X}⟩", u32::from(c))),
    }
}

/// Appends formatted text; writing to a `String` cannot fail.
fn push_formatted(out: &mut String, args: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(args);
}

/// The cells that a text takes on a terminal: the sum over what the terminal draws as one character.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The text cut so that it takes at most `cells` cells, with [`ELLIPSIS`] as the last of them where something was cut.
/// A character of two cells is never halved, so the result may take one cell less.
pub fn fit(text: &str, cells: usize) -> Cow<'_, str> {
    // No character takes more cells than it has bytes.
    if text.len() <= cells || width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 0;
    let mut out = String::with_capacity(cells + 4);
    for cluster in text.graphemes(true) {
        used += cluster.width();
        if used > cells - 1 {
            break;
        }
        out.push_str(cluster);
    }
    out.push(ELLIPSIS);
    Cow::Owned(out)
}

/// The text cut in its middle so that it takes at most `cells` cells: for names whose ends tell them apart.
pub fn fit_middle(text: &str, cells: usize) -> Cow<'_, str> {
    if text.len() <= cells || width(text) <= cells || cells < 5 {
        return fit(text, cells);
    }
    let head = fit(text, cells / 2);
    let room = cells - width(&head);
    let (mut used, mut start) = (0, text.len());
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += cluster.width();
        if used > room {
            break;
        }
        start = at;
    }
    Cow::Owned(format!("{head}{}", text.get(start..).unwrap_or_default()))
}

/// A number of bytes for people, in binary units with one decimal below ten: `512 B`, `3.1 MiB`, `64 KiB`.
pub fn human_size(bytes: u64) -> String {
    const UNITS: &[&str] = &["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Counted in tenths of the unit, so that 1023.95 KiB rounds up to the next unit and not to “1024 KiB”.
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = "B";
    for name in UNITS {
        tenths = (tenths + 512) / 1024;
        unit = name;
        if tenths < 10_235 {
            break;
        }
    }
    match (tenths / 10, tenths % 10) {
        (whole, _) if whole >= 10 => format!("{} {unit}", (tenths + 5) / 10),
        (whole, 0) => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}

/// A number with its digits in groups of three: `88,310`.
pub fn group_digits(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A duration for people, with two or three digits: `850 µs`, `3.4 ms`, `34 ms`, `1.25 s`, `12.5 s`, `2 min 5 s`,
/// `3 h 4 min`, `2 d 3 h`. Rounded down, so that nothing looks later than it was.
pub fn duration_short(duration: Duration) -> String {
    let micros = duration.as_micros();
    let seconds = duration.as_secs();
    let millis = duration.subsec_millis();
    match seconds {
        0 if micros < 1_000 => format!("{micros} µs"),
        0 if micros < 10_000 => format!("{}.{} ms", micros / 1_000, micros / 100 % 10),
        0 => format!("{millis} ms"),
        1..10 => format!("{seconds}.{:02} s", millis / 10),
        10..60 => format!("{seconds}.{} s", millis / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// `11:59:48`, or days and hours.
pub fn countdown(left: Duration) -> String {
    let seconds = left.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    if days > 0 { format!("{days} d {hours} h") } else { format!("{hours:02}:{minutes:02}:{:02}", seconds % 60) }
}

/// The time of day in the local time zone with milliseconds: `14:02:11.204`.
pub fn local_time(time: Time) -> String {
    formatted(time, zone(), "%H:%M:%S%.3f")
}

/// Date and time of day in the local time zone, to the second: `2026-11-21 14:02:11`.
pub fn local_date_time(time: Time) -> String {
    formatted(time, zone(), "%Y-%m-%d %H:%M:%S")
}

/// Date and time with milliseconds and offset from UTC, as JSON lines carry it: `2026-11-21T14:02:11.204+08:00`.
pub fn rfc3339(time: Time) -> String {
    formatted(time, zone(), "%Y-%m-%dT%H:%M:%S%.3f%:z")
}

/// The local time of day.
pub fn local_time_of_day(time: Time) -> Duration {
    let Some(timestamp) = timestamp(time) else { return Duration::ZERO };
    let clock = zone().to_datetime(timestamp).time();
    let [hour, minute, second] =
        [clock.hour(), clock.minute(), clock.second()].map(|part| u64::from(part.unsigned_abs()));
    Duration::from_secs(hour * 3_600 + minute * 60 + second)
        + Duration::from_nanos(u64::try_from(clock.subsec_nanosecond()).unwrap_or(0))
}

/// When a day begins in the local time zone.
pub fn local_midnight(date: jiff::civil::Date) -> Option<Time> {
    let midnight = date.to_zoned(zone().clone()).ok()?;
    u64::try_from(midnight.timestamp().as_microsecond()).ok().map(Time::from_micros)
}

fn timestamp(time: Time) -> Option<Timestamp> {
    i64::try_from(time.as_micros()).ok().and_then(|micros| Timestamp::from_microsecond(micros).ok())
}

/// Reads a time as [`rfc3339`] writes it; `None` for what is none, or before 1970.
pub fn parse_rfc3339(text: &str) -> Option<Time> {
    let timestamp: Timestamp = text.parse().ok()?;
    u64::try_from(timestamp.as_microsecond()).ok().map(Time::from_micros)
}

fn formatted(time: Time, zone: &TimeZone, pattern: &str) -> String {
    match timestamp(time) {
        Some(timestamp) => timestamp.to_zoned(zone.clone()).strftime(pattern).to_string(),
        // Beyond the year 9999: the bare seconds say more than nothing.
        None => format!("@{}", time.as_secs()),
    }
}

/// The time zone of the environment, read once. Unit tests see UTC.
fn zone() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(|| if cfg!(test) { TimeZone::UTC } else { TimeZone::system() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "$sys/p1/lamp/thing/property/post", "温度=30.5 ℃，正常", "Grüße, мир, 🙂"] {
            let shown = printable(text);
            assert_eq!(shown, text);
            assert!(matches!(shown, Cow::Borrowed(_)), "{text} was copied");
        }
    }

    #[test]
    fn controls_become_pictures_and_the_text_stays_one_line() {
        assert_eq!(printable("a\x1b[2Jb"), "a␛[2Jb");
        assert_eq!(printable("one\r\n\ttwo\0\x07\x7f"), "one␍␊␉two␀␇␡");
        assert_eq!(printable("\x1b]52;c;aGk=\x07"), "␛]52;c;aGk=␇");
    }

    #[test]
    fn c1_controls_show_their_number() {
        assert_eq!(printable("\u{9b}31m\u{85}"), "⟨U+009B⟩31m⟨U+0085⟩");
    }

    #[test]
    fn bidirectional_and_invisible_characters_show_their_number() {
        assert_eq!(printable("a\u{202e}txt.exe"), "a⟨U+202E⟩txt.exe");
        assert_eq!(printable("\u{2066}x\u{2069}"), "⟨U+2066⟩x⟨U+2069⟩");
        assert_eq!(printable("灯\u{200b}泡\u{feff}"), "灯⟨U+200B⟩泡⟨U+FEFF⟩");
        assert_eq!(printable("so\u{ad}ft\u{2028}line"), "so⟨U+00AD⟩ft⟨U+2028⟩line");
        assert_eq!(printable("\u{e0041}\u{e000}\u{3164}"), "⟨U+E0041⟩⟨U+E000⟩⟨U+3164⟩");
        assert_eq!(printable("☀\u{fe0f}"), "☀⟨U+FE0F⟩");
    }

    #[test]
    fn marks_stay_with_their_character_but_cannot_pile_up_or_stand_alone() {
        assert_eq!(printable("e\u{301}"), "e\u{301}");
        assert_eq!(printable("\u{301}e"), "⟨U+0301⟩e");
        let piled = format!("x{}", "\u{336}".repeat(MAX_MARKS + 2));
        assert_eq!(printable(&piled), format!("x{}⟨U+0336⟩⟨U+0336⟩", "\u{336}".repeat(MAX_MARKS)));
    }

    #[test]
    fn broken_bytes_show_their_value() {
        assert_eq!(printable_bytes(b"ok"), "ok");
        assert_eq!(printable_bytes(b"a\xff\xfeb\x1b"), "a⟨FF⟩⟨FE⟩b␛");
        assert_eq!(printable_bytes(&[0xE6, 0xB8, b'x']), "⟨E6⟩⟨B8⟩x");
        assert_eq!(printable_bytes("温度".as_bytes()), "温度");
    }

    #[test]
    fn the_table_of_hidden_characters_is_in_order() {
        assert!(BY_NUMBER.iter().all(|(first, last)| first <= last));
        assert!(BY_NUMBER.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn chinese_takes_two_cells_and_is_never_halved() {
        assert_eq!(width("温度=30"), 7);
        assert_eq!(fit("温度传感器", 10), "温度传感器");
        assert_eq!(fit("温度传感器", 9), "温度传感…");
        assert_eq!(fit("温度传感器", 8), "温度传…");
        assert_eq!(fit("温度传感器", 1), "…");
        assert_eq!(fit("温度传感器", 0), "");
        assert_eq!(fit("lamp", 4), "lamp");
        assert_eq!(fit("lamps", 4), "lam…");
    }

    #[test]
    fn names_are_cut_in_the_middle() {
        for (text, cells, cut) in [
            ("unitedrhino-device", 18, "unitedrhino-device"),
            ("unitedrhino-device", 12, "unite…device"),
            ("unitedrhino-app", 11, "unit…no-app"),
            ("联犀设备接入测试", 10, "联犀…测试"),
            ("abcdef", 3, "ab…"),
        ] {
            let found = fit_middle(text, cells);
            assert_eq!(found, cut);
            assert!(width(&found) <= cells);
        }
    }

    #[test]
    fn sizes_are_short_and_never_round_to_a_thousand_of_a_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (64 * 1024, "64 KiB"),
            (3_250_586, "3.1 MiB"),
            (256 << 20, "256 MiB"),
            ((1 << 20) - 1, "1 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(human_size(bytes), text, "{bytes} bytes");
        }
    }

    #[test]
    fn digits_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (88_310, "88,310"), (1_234_567, "1,234,567")] {
            assert_eq!(group_digits(number), text);
        }
    }

    #[test]
    fn durations_are_short() {
        for (micros, text) in [
            (0, "0 µs"),
            (850, "850 µs"),
            (3_490, "3.4 ms"),
            (34_900, "34 ms"),
            (999_999, "999 ms"),
            (1_250_000, "1.25 s"),
            (12_590_000, "12.5 s"),
            (125_000_000, "2 min 5 s"),
            (11_040_000_000, "3 h 4 min"),
            (183_600_000_000, "2 d 3 h"),
        ] {
            assert_eq!(duration_short(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn times_are_written_in_the_zone_asked_for() {
        let time = Time::from_millis(1_700_000_000_204);
        assert_eq!(local_time(time), "22:13:20.204");
        assert_eq!(local_date_time(time), "2023-11-14 22:13:20");
        assert_eq!(rfc3339(time), "2023-11-14T22:13:20.204+00:00");
        let shanghai = TimeZone::fixed(jiff::tz::offset(8));
        assert_eq!(formatted(time, &shanghai, "%H:%M:%S%.3f"), "06:13:20.204");
        assert_eq!(local_time(Time::from_micros(u64::MAX)), "@18446744073709");
        assert_eq!(parse_rfc3339("2023-11-15T06:13:20.204+08:00"), Some(time));
        assert_eq!(parse_rfc3339("yesterday"), None);
    }

    proptest! {
        #[test]
        fn nothing_hidden_ever_passes(text in any::<String>()) {
            let shown = printable(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{:?}", shown);
        }

        #[test]
        fn no_bytes_ever_pass_unseen(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let shown = printable_bytes(&bytes);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{:?}", shown);
            prop_assert!(bytes.is_empty() || width(&shown) > 0);
        }

        #[test]
        fn what_is_printable_stays_as_it_is(text in any::<String>()) {
            let once = printable(&text).into_owned();
            prop_assert_eq!(printable(&once), once.as_str());
        }

        #[test]
        fn a_fitted_text_fits(text in any::<String>(), cells in 0usize..40) {
            prop_assert!(width(&fit(&text, cells)) <= cells);
        }

        #[test]
        fn a_fitted_chinese_text_fits(text in "[温度a\u{301}🙂 ]{0,30}", cells in 0usize..40) {
            prop_assert!(width(&fit(&text, cells)) <= cells);
        }
    }
}
