//! A few numbers as a line of bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One bar for each number, the largest as high as can be; nothing where all are zero.
pub fn line(numbers: &[u32]) -> String {
    let most = numbers.iter().copied().max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let bar = |number: &u32| {
        let step = (u64::from(*number) * 7).div_ceil(u64::from(most));
        usize::try_from(step).ok().and_then(|step| BARS.get(step)).copied().unwrap_or('█')
    };
    numbers.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_largest_is_the_highest_and_nothing_is_flat() {
        assert_eq!(line(&[0, 1, 4, 8]), "▁▂▅█");
        assert_eq!(line(&[0, 0]), "");
        assert_eq!(line(&[u32::MAX, 0]), "█▁");
    }
}
