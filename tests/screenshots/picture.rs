//! A screen as SVG and as PNG.

use std::fmt::Write as _;
use std::path::Path;

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use vt100::{Cell, Color, Screen};

/// Pixels of a cell in a PNG.
const CELL: (u32, u32) = (10, 21);
/// Pixels around the screen.
const MARGIN: u32 = 12;

/// The ground and the 16 colours that a picture is drawn with.
pub struct Palette {
    pub ground: [u8; 3],
    pub ink: [u8; 3],
    sixteen: [[u8; 3]; 16],
}

/// A dark terminal, or a light one.
pub fn palette(light: bool) -> Palette {
    let hex = |colour: u32| {
        let [_, r, g, b] = colour.to_be_bytes();
        [r, g, b]
    };
    let (ground, ink) = if light { (0xfdfcf7, 0x24292e) } else { (0x14181d, 0xd5dae0) };
    let sixteen = [
        0x1c2126, 0xd05048, 0x4f9a4a, 0xb07820, 0x3a7fd0, 0xa050c0, 0x2a90a0, 0xc8ccd0, 0x6a727c, 0xe06058, 0x60b058,
        0xc89030, 0x4a90e0, 0xb468d4, 0x3aa8b8, 0xffffff,
    ];
    Palette { ground: hex(ground), ink: hex(ink), sixteen: sixteen.map(hex) }
}

impl Palette {
    fn colour(&self, colour: Color, default: [u8; 3]) -> [u8; 3] {
        const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];
        match colour {
            Color::Default => default,
            Color::Rgb(r, g, b) => [r, g, b],
            Color::Idx(index @ 0..=15) => self.sixteen[usize::from(index)],
            Color::Idx(index @ 16..=231) => {
                let n = usize::from(index) - 16;
                [CUBE[n / 36], CUBE[n / 6 % 6], CUBE[n % 6]]
            }
            Color::Idx(index) => [8 + (index - 232) * 10; 3],
        }
    }

    /// Ink and ground of a cell.
    fn of(&self, cell: &Cell) -> ([u8; 3], [u8; 3]) {
        let ink = self.colour(cell.fgcolor(), self.ink);
        let ground = self.colour(cell.bgcolor(), self.ground);
        let (ink, ground) = if cell.inverse() { (ground, ink) } else { (ink, ground) };
        let half = |a: u8, b: u8| u8::midpoint(a, b);
        let ink = if cell.dim() { std::array::from_fn(|i| half(ink[i], ground[i])) } else { ink };
        (ink, ground)
    }
}

fn hex(colour: [u8; 3]) -> String {
    let [r, g, b] = colour;
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What stands inside the `<svg>` of a screen.
fn body(screen: &Screen, palette: &Palette) -> String {
    let (rows, columns) = screen.size();
    let (w, h) = (9.0, 19.0);
    let mut out = String::new();
    for row in 0..rows {
        let y = f64::from(row) * h + 12.0;
        let mut column = 0;
        while column < columns {
            let Some(cell) = screen.cell(row, column) else { break };
            // Cells that look the same are one text; wide characters stand by themselves, so that nothing drifts.
            let look = |cell: &Cell| (palette.of(cell), cell.bold(), cell.underline());
            let (start, shape, wide) = (column, look(cell), cell.is_wide());
            let mut text = String::new();
            while let Some(next) = screen.cell(row, column).filter(|next| look(next) == shape) {
                if next.is_wide() && column > start {
                    break;
                }
                text.push_str(if next.has_contents() { next.contents() } else { " " });
                column += if next.is_wide() { 2 } else { 1 };
                if wide || column >= columns {
                    break;
                }
            }
            let ((ink, ground), bold, underline) = shape;
            let (x, cells) = (f64::from(start) * w + 12.0, f64::from(column - start));
            if ground != palette.ground {
                let (width, ground) = (cells * w, hex(ground));
                write!(out, "<rect x='{x}' y='{y}' width='{width}' height='{h}' fill='{ground}'/>").unwrap();
            }
            if text.trim().is_empty() {
                continue;
            }
            let weight = if bold { " font-weight='bold'" } else { "" };
            let line = if underline { " text-decoration='underline'" } else { "" };
            let (base, length, ink, text) = (y + 14.5, cells * w, hex(ink), escaped(&text));
            write!(out, "<text x='{x}' y='{base}' textLength='{length}' fill='{ink}'{weight}{line}>{text}</text>")
                .unwrap();
        }
    }
    out
}

fn size(screen: &Screen) -> (u32, u32) {
    let (rows, columns) = screen.size();
    (u32::from(columns) * 9 + 24, u32::from(rows) * 19 + 24)
}

fn head(screen: &Screen, palette: &Palette, style: &str) -> String {
    let (width, height) = size(screen);
    let ground = hex(palette.ground);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}'>\
         <style>text{{font:14.5px 'DejaVu Sans Mono','Noto Sans Mono CJK SC',Menlo,Consolas,monospace;white-space:pre;\
         }}{style}</style><rect width='{width}' height='{height}' rx='8' fill='{ground}'/>"
    )
}

/// A screen as SVG.
pub fn svg(screen: &Screen, palette: &Palette) -> String {
    format!("{}{}</svg>\n", head(screen, palette, ""), body(screen, palette))
}

/// Screens one after the other, each for so many seconds, for ever.
pub fn moving(screens: &[(Screen, f64)], palette: &Palette) -> String {
    let total: f64 = screens.iter().map(|(_, seconds)| seconds).sum();
    let mut style = String::new();
    let mut frames = String::new();
    let mut at = 0.0;
    for (number, (screen, seconds)) in screens.iter().enumerate() {
        let (from, to) = (at / total * 100.0, (at + seconds) / total * 100.0);
        write!(
            style,
            "@keyframes k{number}{{0%,{from:.3}%{{visibility:hidden}}{:.3}%,{to:.3}%{{visibility:visible}}{:.3}%,100%{{visibility:hidden}}}}\
             .f{number}{{visibility:hidden;animation:k{number} {total:.1}s step-end infinite}}",
            from + 0.001,
            to + 0.001,
        )
        .unwrap();
        write!(frames, "<g class='f{number}'>{}</g>", body(screen, palette)).unwrap();
        at += seconds;
    }
    let first = screens.first().map(|(screen, _)| head(screen, palette, &style)).unwrap_or_default();
    format!("{first}{frames}</svg>\n")
}

/// Fonts with what a terminal shows.
pub struct Fonts {
    plain: FontVec,
    bold: FontVec,
    han: FontVec,
}

impl Fonts {
    /// The fonts of Debian's `fonts-dejavu-core` and `fonts-noto-cjk`; `None` where they are not installed.
    pub fn installed() -> Option<Fonts> {
        let read = |path: &str, index| FontVec::try_from_vec_and_index(std::fs::read(path).ok()?, index).ok();
        Some(Fonts {
            plain: read("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", 0)?,
            bold: read("/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf", 0)?,
            // The third of the collection is the Simplified Chinese one.
            han: read("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2)?,
        })
    }
}

/// Writes a screen as PNG.
pub fn png(screen: &Screen, palette: &Palette, fonts: &Fonts, path: &Path) {
    let (rows, columns) = screen.size();
    let (width, height) = (u32::from(columns) * CELL.0 + 2 * MARGIN, u32::from(rows) * CELL.1 + 2 * MARGIN);
    let mut pixels: Vec<u8> = palette.ground.iter().copied().cycle().take((width * height * 3) as usize).collect();
    let mut dot = |x: i64, y: i64, colour: [u8; 3], cover: f32| {
        if x < 0 || y < 0 || x >= i64::from(width) || y >= i64::from(height) {
            return;
        }
        // Eight shades of an edge are enough for the eye, and a quarter of the size.
        let cover = (cover * 8.0).round() / 8.0;
        let at = ((y * i64::from(width) + x) * 3) as usize;
        for (part, value) in colour.into_iter().enumerate() {
            let old = f32::from(pixels[at + part]);
            pixels[at + part] = (old + (f32::from(value) - old) * cover.clamp(0.0, 1.0)) as u8;
        }
    };
    for row in 0..rows {
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
            let (ink, ground) = palette.of(cell);
            let cells = if cell.is_wide() { 2 } else { 1 };
            let (left, top) =
                (i64::from(u32::from(column) * CELL.0 + MARGIN), i64::from(u32::from(row) * CELL.1 + MARGIN));
            if ground != palette.ground {
                for y in 0..i64::from(CELL.1) {
                    for x in 0..i64::from(CELL.0 * cells) {
                        dot(left + x, top + y, ground, 1.0);
                    }
                }
            }
            for letter in cell.contents().chars().filter(|letter| *letter != ' ') {
                let own = if cell.bold() { &fonts.bold } else { &fonts.plain };
                let font = if own.glyph_id(letter).0 == 0 { &fonts.han } else { own };
                let scale = PxScale::from(if cell.is_wide() { 24.0 } else { 19.3 });
                let scaled = font.as_scaled(scale);
                let base = top as f32 + 16.5;
                let spare = (CELL.0 * cells) as f32 - scaled.h_advance(font.glyph_id(letter));
                let glyph = font
                    .glyph_id(letter)
                    .with_scale_and_position(scale, ab_glyph::point(left as f32 + spare / 2.0, base));
                if let Some(outline) = font.outline_glyph(glyph) {
                    let bounds = outline.px_bounds();
                    outline.draw(|x, y, cover| {
                        dot(bounds.min.x as i64 + i64::from(x), bounds.min.y as i64 + i64::from(y), ink, cover);
                    });
                }
            }
            if cell.underline() {
                for x in 0..i64::from(CELL.0 * cells) {
                    dot(left + x, top + i64::from(CELL.1) - 2, ink, 1.0);
                }
            }
        }
    }
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), width, height);
    encoder.set_color(png::ColorType::Rgb);
    // Flat areas and few shades: rows as they are shrink best.
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}
