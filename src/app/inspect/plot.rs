//! A curve in braille: each cell has two by four dots.

/// The dots of a cell, by column and row, as bits of the braille block (U+2800).
const DOTS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Draws points as a curve of so many cells, uppermost line first. Points are `(x, y)` with `x` not decreasing; a single
/// value is a line in the middle.
pub fn plot(points: &[(f64, f64)], columns: usize, rows: usize) -> Vec<String> {
    let (wide, high) = (columns * 2, rows * 4);
    let mut cells = vec![0_u32; columns * rows];
    let finite: Vec<(f64, f64)> = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    if let (Some(first), Some(last), true) = (finite.first(), finite.last(), wide > 0 && high > 0) {
        let (least, most) =
            finite.iter().fold((f64::MAX, f64::MIN), |(least, most), (_, y)| (least.min(*y), most.max(*y)));
        let place = |(x, y): (f64, f64)| {
            let across = if last.0 > first.0 { (x - first.0) / (last.0 - first.0) } else { 0.0 };
            let up = if most > least { (y - least) / (most - least) } else { 0.5 };
            (scale(across, wide), high - 1 - scale(up, high))
        };
        let mut before = place(*first);
        set(&mut cells, columns, before);
        for point in &finite {
            let here = place(*point);
            line(before, here, |dot| set(&mut cells, columns, dot));
            before = here;
        }
    }
    cells
        .chunks(columns.max(1))
        .take(rows)
        .map(|row| row.iter().map(|dots| char::from_u32(0x2800 + dots).unwrap_or(' ')).collect())
        .collect()
}

/// A part from 0 to 1 as one of so many places.
fn scale(part: f64, places: usize) -> usize {
    let most = places.saturating_sub(1);
    let scaled = (part.clamp(0.0, 1.0) * most as f64).round();
    (0..=most).take_while(|place| (*place as f64) < scaled).count().min(most)
}

fn set(cells: &mut [u32], columns: usize, (x, y): (usize, usize)) {
    let dot = DOTS.get(x % 2).and_then(|column| column.get(y % 4));
    if let (Some(cell), Some(dot)) = (cells.get_mut(y / 4 * columns + x / 2), dot) {
        *cell |= dot;
    }
}

/// Every dot between two dots (Bresenham).
fn line(from: (usize, usize), to: (usize, usize), mut dot: impl FnMut((usize, usize))) {
    let (mut x, mut y) = from;
    let (dx, dy) = (x.abs_diff(to.0), y.abs_diff(to.1));
    let (mut over_x, mut over_y) = (0, 0);
    let steps = dx.max(dy);
    for _ in 0..steps {
        over_x += dx;
        over_y += dy;
        if over_x >= steps {
            over_x -= steps;
            x = if to.0 > x { x + 1 } else { x.saturating_sub(1) };
        }
        if over_y >= steps {
            over_y -= steps;
            y = if to.1 > y { y + 1 } else { y.saturating_sub(1) };
        }
        dot((x, y));
    }
    dot(to);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_curve_rises() {
        let points: Vec<(f64, f64)> = (0..8).map(|n| (f64::from(n), f64::from(n))).collect();
        assert_eq!(plot(&points, 4, 2), ["⠀⠀⡠⠊", "⡠⠊⠀⠀"]);
    }

    #[test]
    fn one_value_is_in_the_middle_and_none_is_nothing() {
        let flat = plot(&[(0.0, 5.0), (9.0, 5.0)], 3, 1);
        assert_eq!(flat.len(), 1);
        assert!(flat[0] == "⠤⠤⠤" || flat[0] == "⠒⠒⠒", "{flat:?}");
        assert_eq!(plot(&[], 2, 1), ["⠀⠀"]);
        assert!(plot(&[(0.0, f64::NAN)], 0, 0).is_empty());
    }

    #[test]
    fn every_dot_stays_on_the_sheet() {
        for (columns, rows) in [(1, 1), (3, 2), (40, 10)] {
            let points: Vec<(f64, f64)> = (0..500).map(|n| (f64::from(n), (f64::from(n) * 0.37).sin() * 1e9)).collect();
            let lines = plot(&points, columns, rows);
            assert!(lines.len() == rows && lines.iter().all(|line| line.chars().count() == columns));
        }
    }
}
