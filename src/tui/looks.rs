//! Which theme, with how many colours: from the settings, the terminal's own words, and its environment.
//!
//! 1. `NO_COLOR` and `--color never` leave weight, underlining and reversal.
//! 2. How many colours there are is told by `COLORTERM` and `TERM`, unless the settings say so.
//! 3. With 16 colours the theme is `terminal`: the user has chosen these colours, and they fit the ground.
//! 4. With more, `auto` asks the terminal for its ground and takes `light` or `dark`; a terminal that does not answer
//!    gets `terminal`. It is asked before anything reads its keys, so an answer cannot be taken for one.

use std::time::Duration;

use ratatui::style::{Color, Modifier, Style};
use terminal_colorsaurus::{QueryOptions, ThemeMode};

use crate::base::lang::Text;
use crate::base::toml::suggestion;
use crate::profile::ProfileError;
use crate::profile::settings::{OwnTheme, Settings};
use crate::tui::theme::{Role, Theme};

/// How long a terminal may take to tell its ground. Those that cannot tell say so at once.
const PATIENCE: Duration = Duration::from_millis(400);

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    None,
    Sixteen,
    Indexed,
    True,
}

/// The themes that are part of iotdbg.
const NAMES: [&str; 5] = ["auto", "terminal", "light", "dark", "contrast"];

/// What the environment says.
pub struct Surroundings<'a> {
    /// Whether colours are wanted at all.
    pub colours: bool,
    /// Reads an environment variable.
    pub var: &'a dyn Fn(&str) -> Option<String>,
    /// Asks the terminal whether its ground is light; `None` where it does not say.
    pub is_light: &'a dyn Fn() -> Option<bool>,
}

/// Asks the terminal of this process.
pub fn ask_terminal() -> Option<bool> {
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    terminal_colorsaurus::theme_mode(options).ok().map(|mode| mode == ThemeMode::Light)
}

/// The theme, and what is wrong with the settings. A theme named on the command line wins.
pub fn theme(settings: &Settings, named: Option<&str>, around: &Surroundings<'_>) -> (Theme, Vec<ProfileError>) {
    let mut faults = Vec::new();
    let mut theme = choose(settings, named, around, &mut faults);
    if let Some(borders) = &settings.borders {
        match borders.value.as_str() {
            "ascii" => theme.ascii = true,
            "lines" => {}
            other => faults.push(settings.fault(borders, NO_BORDERS.with(&[&other]))),
        }
    }
    (theme, faults)
}

fn choose(
    settings: &Settings,
    named: Option<&str>,
    around: &Surroundings<'_>,
    faults: &mut Vec<ProfileError>,
) -> Theme {
    let depth = depth(settings, around, faults);
    let name = named.map(str::to_owned).or(settings.theme.as_ref().map(|theme| theme.value.clone()));
    let name = name.unwrap_or_else(|| "auto".to_owned());
    if depth == Depth::None {
        return Theme::plain();
    }
    let base = match settings.themes.iter().find(|theme| theme.name == name) {
        Some(own) => own_theme(own, settings, depth, around, faults),
        None => shipped(&name, depth, around).unwrap_or_else(|| {
            if let Some(written) = settings.theme.as_ref().filter(|_| named.is_none()) {
                let own = settings.themes.iter().map(|theme| theme.name.as_str());
                let known: Vec<&str> = NAMES.into_iter().chain(own).collect();
                let meant = suggestion(&name, &known).map_or_else(|| known.join(", "), str::to_owned);
                faults.push(settings.fault(written, NO_THEME.with(&[&name, &meant])));
            }
            Theme::terminal()
        }),
    };
    base.mapped(|colour| fit(colour, depth))
}

/// Whether there is such a theme.
pub fn is_known(name: &str, settings: &Settings) -> bool {
    NAMES.contains(&name) || settings.themes.iter().any(|theme| theme.name == name)
}

fn depth(settings: &Settings, around: &Surroundings<'_>, faults: &mut Vec<ProfileError>) -> Depth {
    if !around.colours {
        return Depth::None;
    }
    let var = |name: &str| (around.var)(name).unwrap_or_default();
    let told = match var("COLORTERM").as_str() {
        "truecolor" | "24bit" => Depth::True,
        _ if var("TERM").contains("direct") => Depth::True,
        _ if var("TERM").contains("256color") => Depth::Indexed,
        _ if var("TERM") == "dumb" => Depth::None,
        _ => Depth::Sixteen,
    };
    let Some(written) = &settings.colours else { return told };
    match written.value.as_str() {
        "auto" => told,
        "none" => Depth::None,
        "16" => Depth::Sixteen,
        "256" => Depth::Indexed,
        "true" => Depth::True,
        other => {
            faults.push(settings.fault(written, NO_DEPTH.with(&[&other])));
            told
        }
    }
}

fn shipped(name: &str, depth: Depth, around: &Surroundings<'_>) -> Option<Theme> {
    // `COLORFGBG` is what some terminals say unasked: the last number is the ground.
    let said = || {
        let ground = (around.var)("COLORFGBG")?.rsplit(';').next()?.parse::<u8>().ok()?;
        Some(ground == 7 || ground == 15)
    };
    let light = || said().or_else(|| (around.is_light)());
    Some(match name {
        "auto" if depth == Depth::Sixteen => Theme::terminal(),
        "auto" => match light() {
            Some(true) => self::light(depth),
            Some(false) => dark(depth),
            None => Theme::terminal(),
        },
        "terminal" => Theme::terminal(),
        "light" => self::light(depth),
        "dark" => dark(depth),
        "contrast" => contrast(light().unwrap_or(false)),
        _ => return None,
    })
}

const fn rgb(colour: u32) -> Color {
    let [_, red, green, blue] = colour.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// On a dark ground. Blue and orange carry what red and green would, for those who cannot tell these apart.
fn dark(depth: Depth) -> Theme {
    let of = |role| {
        Some(rgb(match role {
            Role::Dim => 0x8b949e,
            Role::Border => 0x4b5563,
            Role::Focus | Role::Key | Role::Name => 0x5ccfe6,
            Role::Good => 0x5fd7af,
            Role::Incoming => 0x73d0ff,
            Role::Outgoing => 0xd4a5ff,
            Role::Warning | Role::Hit => 0xffcc66,
            Role::Bad => 0xff8059,
            Role::Busy => 0x80bfff,
            _ => return None,
        }))
    };
    let connections = [0x5ccfe6, 0xd4a5ff, 0xffcc66, 0x80bfff, 0x5fd7af, 0xffa07a].map(rgb);
    let mut theme = Theme::coloured(of, connections);
    theme.set(Role::SelectedElsewhere, elsewhere(0x343b45, (Color::White, Color::DarkGray), depth));
    theme
}

/// A row selected in another area: a ground between the others. 16 colours have none that no text has as its own, so there
/// the whole row gets one colour.
fn elsewhere(ground: u32, (ink, of_sixteen): (Color, Color), depth: Depth) -> Style {
    if depth == Depth::Sixteen { Style::new().fg(ink).bg(of_sixteen) } else { Style::new().bg(rgb(ground)) }
}

/// On a light ground.
fn light(depth: Depth) -> Theme {
    let of = |role| {
        Some(rgb(match role {
            Role::Dim => 0x5f6873,
            Role::Border => 0x9aa3ad,
            Role::Focus | Role::Key | Role::Name => 0x00628a,
            Role::Good => 0x00704a,
            Role::Incoming => 0x005fae,
            Role::Outgoing => 0x7a2fb5,
            Role::Warning | Role::Hit => 0x8a5a00,
            Role::Bad => 0xb3330a,
            Role::Busy => 0x1a56b8,
            _ => return None,
        }))
    };
    let connections = [0x00628a, 0x7a2fb5, 0x8a5a00, 0x1a56b8, 0x00704a, 0xb3330a].map(rgb);
    let mut theme = Theme::coloured(of, connections);
    theme.set(Role::SelectedElsewhere, elsewhere(0xdbe1e8, (Color::Black, Color::Gray), depth));
    theme
}

/// Nothing is pale, everything that matters is bold, and the selection is a block.
fn contrast(light: bool) -> Theme {
    let (ink, ground) = if light { (0x00_0000, 0xff_ffff) } else { (0xff_ffff, 0x00_0000) };
    let of = |role| {
        Some(rgb(match (role, light) {
            (Role::Text | Role::Dim | Role::Border | Role::Input | Role::Title, _) => ink,
            (Role::Focus | Role::Key | Role::Name | Role::Busy | Role::Incoming, true) => 0x0000c0,
            (Role::Focus | Role::Key | Role::Name | Role::Busy | Role::Incoming, false) => 0x66ffff,
            (Role::Warning | Role::Hit, true) => 0x6b4200,
            (Role::Warning | Role::Hit, false) => 0xffff00,
            (Role::Bad, true) => 0xa00000,
            (Role::Bad, false) => 0xffa060,
            (Role::Good, true) => 0x005000,
            (Role::Good, false) => 0x80ff80,
            (Role::Outgoing, true) => 0x700090,
            (Role::Outgoing, false) => 0xffa0ff,
            _ => return None,
        }))
    };
    let connections = if light {
        [0x0000c0, 0x700090, 0x6b4200, 0x005000, 0x00_5060, 0xa00000]
    } else {
        [0x66ffff, 0xffa0ff, 0xffff00, 0x80ff80, 0xa0c0ff, 0xffa060]
    };
    let mut theme = Theme::coloured(of, connections.map(rgb));
    let block = Style::new().fg(rgb(ground)).bg(rgb(ink)).add_modifier(Modifier::BOLD);
    theme.set(Role::Selected, block);
    theme.set(Role::Tab, block);
    theme.set(Role::SelectedElsewhere, Style::new().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)));
    theme
}

/// A theme of the user's own: a shipped one, and what is changed of it.
fn own_theme(
    own: &OwnTheme,
    settings: &Settings,
    depth: Depth,
    around: &Surroundings<'_>,
    faults: &mut Vec<ProfileError>,
) -> Theme {
    let name = own.base.as_ref().map_or("auto", |base| base.value.as_str());
    let mut theme = shipped(name, depth, around).unwrap_or_else(|| {
        if let Some(base) = &own.base {
            faults.push(settings.fault(base, NO_THEME.with(&[&name, &NAMES.join(", ")])));
        }
        Theme::terminal()
    });
    let names = Role::ALL.map(|(_, name)| name);
    for (name, style) in &own.styles {
        let Some((role, _)) = Role::ALL.into_iter().find(|(_, known)| known == name) else {
            let meant = suggestion(name, &names).map_or_else(|| names.join(", "), str::to_owned);
            faults.push(settings.fault(style, NO_ROLE.with(&[name, &meant])));
            continue;
        };
        match read_style(&style.value) {
            Ok(read) => theme.set(role, read),
            Err(word) => faults.push(settings.fault(style, NO_STYLE.with(&[&word]))),
        }
    }
    theme
}

/// Reads `#ffaa00 on black bold`; `Err` is the word that means nothing.
fn read_style(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut behind = false;
    for word in text.split_whitespace() {
        let weight = match word {
            "on" => {
                behind = true;
                continue;
            }
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underline" | "underlined" => Modifier::UNDERLINED,
            "reverse" | "reversed" => Modifier::REVERSED,
            _ => {
                let colour = word.parse::<Color>().map_err(|_| word.to_owned())?;
                style = if behind { style.bg(colour) } else { style.fg(colour) };
                continue;
            }
        };
        style = style.add_modifier(weight);
    }
    Ok(style)
}

/// A colour as a terminal of that many can show it.
fn fit(colour: Color, depth: Depth) -> Color {
    let Color::Rgb(red, green, blue) = colour else { return colour };
    match depth {
        Depth::True => colour,
        Depth::Indexed => Color::Indexed(indexed(red, green, blue)),
        Depth::None | Depth::Sixteen => sixteen(red, green, blue),
    }
}

/// The steps of the colour cube of 256 colours.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn indexed(red: u8, green: u8, blue: u8) -> u8 {
    let near = |value: u8| {
        let distance = |(_, step): &(u8, u8)| step.abs_diff(value);
        (0..).zip(CUBE).min_by_key(distance).unwrap_or_default()
    };
    let (cube, grey) = (
        [near(red), near(green), near(blue)],
        u8::try_from((u16::from(red) + u16::from(green) + u16::from(blue)) / 3).unwrap_or(u8::MAX),
    );
    let [(r, r_value), (g, g_value), (b, b_value)] = cube;
    let step = grey.saturating_sub(3) / 10;
    let step = step.min(23);
    let grey_value = 8 + step * 10;
    let away = |r: u8, g: u8, b: u8| {
        [(r, red), (g, green), (b, blue)].map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).iter().sum::<u32>()
    };
    if away(grey_value, grey_value, grey_value) < away(r_value, g_value, b_value) {
        232 + step
    } else {
        16 + 36 * r + 6 * g + b
    }
}

fn sixteen(red: u8, green: u8, blue: u8) -> Color {
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    if most - least < 40 {
        return match most {
            0..=63 => Color::Black,
            64..=159 => Color::DarkGray,
            160..=223 => Color::Gray,
            _ => Color::White,
        };
    }
    let middle = u8::midpoint(most, least);
    match (red > middle, green > middle, blue > middle) {
        (true, true, false) => Color::Yellow,
        (true, false, true) => Color::Magenta,
        (false, true, true) => Color::Cyan,
        (true, ..) => Color::Red,
        (_, true, _) => Color::Green,
        _ => Color::Blue,
    }
}

const NO_THEME: Text = Text::new("there is no theme “{}”; there are: {}", "没有主题“{}”；可用：{}");
const NO_DEPTH: Text = Text::new(
    "“colours” is auto, none, 16, 256 or true, found “{}”",
    "“colours”可为 auto、none、16、256、true，实际是“{}”",
);
const NO_BORDERS: Text =
    Text::new("“borders” is lines or ascii, found “{}”", "“borders”可为 lines 或 ascii，实际是“{}”");
const NO_ROLE: Text = Text::new("a theme has no “{}”; it has: {}", "主题没有“{}”；可用：{}");
const NO_STYLE: Text = Text::new(
    "“{}” is no colour; a style is written like “#ffaa00 on black bold” (a name, a number to 255, or #rrggbb)",
    "“{}”不是颜色；写法如“#ffaa00 on black bold”（颜色名、0–255 的编号或 #rrggbb）",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::settings;

    fn made(text: &str, env: &[(&str, &str)], light: Option<bool>) -> (Theme, Vec<ProfileError>) {
        let (settings, faults) = settings::read(text, None);
        assert_eq!(faults, []);
        let var = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        theme(&settings, None, &Surroundings { colours: true, var: &var, is_light: &|| light })
    }

    const TRUE: &[(&str, &str)] = &[("COLORTERM", "truecolor")];

    #[test]
    fn the_ground_of_the_terminal_decides_and_silence_keeps_its_own_colours() {
        assert_eq!(made("", TRUE, Some(true)).0, light(Depth::True));
        assert_eq!(made("", TRUE, Some(false)).0, dark(Depth::True));
        assert_eq!(made("", TRUE, None).0, Theme::terminal());
        assert_eq!(made("", &[("TERM", "xterm")], Some(true)).0, Theme::terminal());
        assert_eq!(made("", &[("COLORTERM", "24bit"), ("COLORFGBG", "0;15")], None).0, light(Depth::True));
        assert_eq!(made("theme = \"contrast\"", TRUE, Some(true)).0, contrast(true));
    }

    #[test]
    fn with_256_and_16_colours_there_is_no_other() {
        let colours =
            |theme: Theme| Role::ALL.map(|(role, _)| theme.style(role).fg).into_iter().flatten().collect::<Vec<_>>();
        let few = made("theme = \"dark\"", &[("TERM", "screen-256color")], None).0;
        assert!(colours(few).iter().all(|colour| matches!(colour, Color::Indexed(_) | Color::Reset)));
        let fewer = made("theme = \"dark\"\ncolours = \"16\"", TRUE, None).0;
        assert!(colours(fewer).iter().all(|colour| !matches!(colour, Color::Indexed(_) | Color::Rgb(..))));
        // No text vanishes in a row that is selected in another area.
        for name in ["dark", "light", "terminal"] {
            let theme = made(&format!("theme = \"{name}\"\ncolours = \"16\""), TRUE, None).0;
            let row = theme.style(Role::SelectedElsewhere);
            assert!(row.fg.is_some() && row.bg.is_some() && row.fg != row.bg, "{name}: {row:?}");
        }
        assert_eq!(made("colours = \"none\"", TRUE, None).0, Theme::plain());
        assert_eq!((indexed(255, 255, 255), indexed(0, 0, 0), indexed(128, 128, 128)), (231, 16, 244));
    }

    #[test]
    fn an_own_theme_changes_a_shipped_one_and_what_is_wrong_has_its_line() {
        let text = "theme = \"mine\"\nborders = \"ascii\"\n[themes.mine]\nbase = \"dark\"\nwarning = \"#010203 on black bold\"\nbda = \"red\"\nbad = \"redd\"\n";
        let (theme, faults) = made(text, TRUE, None);
        let style = theme.style(Role::Warning);
        assert_eq!((style.fg, style.bg), (Some(Color::Rgb(1, 2, 3)), Some(Color::Black)));
        assert!(theme.ascii);
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [6, 7]);
        assert!(made("theme = \"drak\"", TRUE, None).1[0].to_string().contains("dark"));
    }

    /// Text on its ground, by the formula of WCAG 2.
    #[test]
    fn every_colour_can_be_read_on_its_ground() {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let light_of = |colour| match colour {
            Color::Rgb(r, g, b) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b),
            other => panic!("{other:?}"),
        };
        let ratio = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        for (theme, ground, least) in [
            (dark(Depth::True), rgb(0x1e1e1e), 4.5),
            (light(Depth::True), rgb(0xfdf6e3), 4.5),
            (contrast(true), rgb(0xffffff), 7.0),
            (contrast(false), rgb(0), 7.0),
        ] {
            for (role, name) in Role::ALL {
                let style = theme.style(role);
                let (Some(colour @ Color::Rgb(..)), None) = (style.fg, style.bg) else { continue };
                let found = ratio(light_of(colour), light_of(ground));
                // A border is no text.
                let least = if role == Role::Border { 1.8 } else { least };
                assert!(found >= least, "{name} on {ground:?}: {found:.1}");
            }
        }
    }
}
