//! Which bytes change from frame to frame: what a definition can be guessed from.

use std::collections::BTreeMap;

/// Bytes of each frame that are looked at.
const MOST_BYTES: usize = 4_096;
/// Values of one byte that are remembered; more are counted only.
const MOST_VALUES: usize = 8;

/// What a byte does over many frames.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// How many frames have another value than the one before.
    pub changes: usize,
    /// Bits that were ever different.
    pub bits: u8,
    /// Values with how often they stand there, as far as they were remembered.
    pub values: BTreeMap<u8, usize>,
    /// Whether there were more values than were remembered.
    pub more: bool,
}

/// What every byte does over many frames of one kind and length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heat {
    /// Frames that were compared.
    pub frames: usize,
    /// Byte by byte.
    pub spots: Vec<Spot>,
}

impl Heat {
    /// Compares frames in their order.
    pub fn new<'b>(frames: impl Iterator<Item = &'b [u8]>) -> Heat {
        let mut heat = Heat::default();
        let mut before: Option<&[u8]> = None;
        for bytes in frames {
            let bytes = bytes.get(..bytes.len().min(MOST_BYTES)).unwrap_or_default();
            heat.frames += 1;
            heat.spots.resize(heat.spots.len().max(bytes.len()), Spot::default());
            for (index, (byte, spot)) in bytes.iter().zip(&mut heat.spots).enumerate() {
                if spot.values.len() < MOST_VALUES || spot.values.contains_key(byte) {
                    *spot.values.entry(*byte).or_default() += 1;
                } else {
                    spot.more = true;
                }
                if let Some(old) = before.and_then(|before| before.get(index)).filter(|old| *old != byte) {
                    spot.changes += 1;
                    spot.bits |= old ^ byte;
                }
            }
            before = Some(bytes);
        }
        heat
    }

    /// How much a byte changes: 0 not at all, 4 in nearly every frame.
    pub fn level(&self, byte: usize) -> usize {
        let changes = self.spots.get(byte).map_or(0, |spot| spot.changes);
        match (changes, self.frames.saturating_sub(1)) {
            (0, _) | (_, 0) => 0,
            (changes, steps) => (changes * 4).div_ceil(steps).clamp(1, 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_change_are_told_from_those_that_do_not() {
        let frames: Vec<Vec<u8>> = (0..9u8).map(|n| vec![3, n, n / 5, n % 2]).collect();
        let heat = Heat::new(frames.iter().map(Vec::as_slice));
        assert_eq!((0..5).map(|byte| heat.level(byte)).collect::<Vec<_>>(), [0, 4, 1, 4, 0]);
        assert_eq!((heat.spots[2].changes, heat.spots[2].bits), (1, 1));
        assert_eq!(heat.spots[3].values, BTreeMap::from([(0, 5), (1, 4)]));
        assert!(heat.spots[1].more);
    }
}
