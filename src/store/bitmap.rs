//! A set of sequence numbers: one bit for each message that is kept, and counts that make positions cheap.
//!
//! A view over a million messages takes 125 kB, whatever it shows, and what leaves the store is dropped in blocks.

use std::collections::VecDeque;

use crate::store::Seq;

/// Bits of one word.
const WORD: u64 = 64;
/// Words of one block.
const WORDS: usize = 64;
/// Sequence numbers of one block.
const BLOCK: u64 = 4_096;

type Block = [u64; WORDS];

/// A set of sequence numbers that lie close together.
#[derive(Debug, Clone, Default)]
pub(super) struct Bitmap {
    /// The sequence number of the first bit; a multiple of [`BLOCK`].
    base: u64,
    blocks: VecDeque<Box<Block>>,
    /// Bits set in each block, apart from the blocks, so that counting does not touch these.
    counts: VecDeque<usize>,
    len: usize,
}

/// Where the bit of a sequence number is.
struct Spot {
    block: usize,
    word: usize,
    bit: u64,
}

impl Bitmap {
    /// How many are in it.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds one.
    pub(super) fn insert(&mut self, seq: Seq) {
        self.reach(seq);
        let Some(spot) = self.spot(seq) else { return };
        let (Some(block), Some(count)) = (self.blocks.get_mut(spot.block), self.counts.get_mut(spot.block)) else {
            return;
        };
        let Some(word) = block.get_mut(spot.word) else { return };
        if *word & spot.bit == 0 {
            *word |= spot.bit;
            *count += 1;
            self.len += 1;
        }
    }

    /// Removes one.
    pub(super) fn remove(&mut self, seq: Seq) {
        let Some(spot) = self.spot(seq) else { return };
        let (Some(block), Some(count)) = (self.blocks.get_mut(spot.block), self.counts.get_mut(spot.block)) else {
            return;
        };
        let Some(word) = block.get_mut(spot.word) else { return };
        if *word & spot.bit != 0 {
            *word &= !spot.bit;
            *count -= 1;
            self.len -= 1;
        }
    }

    /// Whether it is in.
    pub(super) fn contains(&self, seq: Seq) -> bool {
        self.spot(seq).is_some_and(|spot| self.word(&spot) & spot.bit != 0)
    }

    /// How many in it are smaller.
    pub(super) fn rank(&self, seq: Seq) -> usize {
        if seq.0 < self.base {
            return 0;
        }
        let Some(spot) = self.spot(seq) else { return self.len };
        let before: usize = self.counts.range(..spot.block).sum();
        let words = self.blocks.get(spot.block).and_then(|block| block.get(..spot.word)).unwrap_or_default();
        before + ones(words) + ones(&[self.word(&spot) & (spot.bit - 1)])
    }

    /// The one at this place in ascending order.
    pub(super) fn select(&self, index: usize) -> Option<Seq> {
        self.iter_from(index).next()
    }

    /// The ones from this place on, in ascending order.
    pub(super) fn iter_from(&self, index: usize) -> impl Iterator<Item = Seq> + '_ {
        let mut skip = index;
        let mut first = 0;
        for count in &self.counts {
            if skip < *count {
                break;
            }
            skip -= count;
            first += 1;
        }
        let words = self.blocks.range(first..).flat_map(|block| block.iter());
        let base = self.base + to_u64(first) * BLOCK;
        words
            .enumerate()
            .flat_map(move |(index, word)| Ones(*word).map(move |bit| Seq(base + to_u64(index) * WORD + bit)))
            .skip(skip)
    }

    /// Removes all that are smaller.
    pub(super) fn drop_before(&mut self, seq: Seq) {
        while self.base + BLOCK <= seq.0 && self.blocks.pop_front().is_some() {
            self.len -= self.counts.pop_front().unwrap_or(0);
            self.base += BLOCK;
        }
        let (Some(spot), Some(block), Some(count)) = (self.spot(seq), self.blocks.front_mut(), self.counts.front_mut())
        else {
            return;
        };
        for (index, word) in block.iter_mut().enumerate().take(spot.word + 1) {
            *word &= if index < spot.word { 0 } else { !(spot.bit - 1) };
        }
        let left = ones(block.as_slice());
        self.len -= *count - left;
        *count = left;
    }

    /// Makes blocks up to the one of this sequence number, whichever side it lies on.
    fn reach(&mut self, seq: Seq) {
        if self.blocks.is_empty() {
            self.base = seq.0 - seq.0 % BLOCK;
        }
        while seq.0 < self.base {
            self.blocks.push_front(Box::new([0; WORDS]));
            self.counts.push_front(0);
            self.base -= BLOCK;
        }
        while seq.0 >= self.base + to_u64(self.blocks.len()) * BLOCK {
            self.blocks.push_back(Box::new([0; WORDS]));
            self.counts.push_back(0);
        }
    }

    fn spot(&self, seq: Seq) -> Option<Spot> {
        let offset = seq.0.checked_sub(self.base)?;
        let block = usize::try_from(offset / BLOCK).ok()?;
        let word = usize::try_from(offset % BLOCK / WORD).ok()?;
        (block < self.blocks.len()).then_some(Spot { block, word, bit: 1 << (offset % WORD) })
    }

    fn word(&self, spot: &Spot) -> u64 {
        self.blocks.get(spot.block).and_then(|block| block.get(spot.word)).copied().unwrap_or(0)
    }
}

/// The places of the bits that are set in a word, from the lowest.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.0 == 0 {
            return None;
        }
        let bit = u64::from(self.0.trailing_zeros());
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

fn ones(words: &[u64]) -> usize {
    let count: u64 = words.iter().map(|word| u64::from(word.count_ones())).sum();
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn to_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_sorted_set(
            base in 0u64..100_000,
            steps in prop::collection::vec((0u64..30_000, prop::bool::weighted(0.02)), 1..200),
        ) {
            let mut bitmap = Bitmap::default();
            let mut model: BTreeSet<u64> = BTreeSet::new();
            for (step, drop) in steps {
                let seq = base + step;
                if drop {
                    bitmap.drop_before(Seq(seq));
                    model = model.split_off(&seq);
                } else {
                    bitmap.insert(Seq(seq));
                    model.insert(seq);
                }
                prop_assert_eq!(bitmap.len(), model.len());
                prop_assert_eq!(bitmap.rank(Seq(seq)), model.range(..seq).count());
                prop_assert_eq!(bitmap.contains(Seq(seq)), model.contains(&seq));
            }
            let all: Vec<u64> = bitmap.iter_from(0).map(|seq| seq.0).collect();
            prop_assert_eq!(&all, &model.iter().copied().collect::<Vec<_>>());
            for (index, seq) in all.iter().enumerate() {
                prop_assert_eq!(bitmap.select(index), Some(Seq(*seq)));
            }
            prop_assert_eq!(bitmap.select(all.len()), None);
            prop_assert_eq!(bitmap.rank(Seq(base + 100_000)), model.len());
        }
    }
}
