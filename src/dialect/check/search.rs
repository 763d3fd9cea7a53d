//! Which mistake gives this signature: the search over recomputed mistakes.
//!
//! A signature is made of a key, a text, a function and an encoding. For each there is the right one and some wrong ones
//! that people make; the search computes them all, those with fewer mistakes first.

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::dialect::check::Finding;

/// A value as it should be (no mistakes), or as a mistake makes it.
#[derive(Debug, Clone)]
pub struct Variant<T> {
    /// The value.
    pub value: T,
    /// What has to be done wrong to get it.
    pub mistakes: Vec<Finding>,
}

impl<T> Variant<T> {
    /// The value as it should be.
    pub fn right(value: T) -> Self {
        Variant { value, mistakes: Vec::new() }
    }

    /// The value that one mistake gives.
    pub fn wrong(value: T, mistake: Finding) -> Self {
        Variant { value, mistakes: vec![mistake] }
    }
}

/// A function from key and text to bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mac {
    /// HMAC.
    Hmac(Digest),
    /// HMAC with key and text in each other's place.
    Swapped(Digest),
    /// The plain digest of the text.
    Plain(Digest),
    /// The plain digest of key and text.
    KeyFirst(Digest),
    /// The plain digest of text and key.
    KeyLast(Digest),
}

impl Mac {
    /// Computes it.
    pub fn run(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self {
            Mac::Hmac(digest) => digest::hmac(digest, key, text),
            Mac::Swapped(digest) => digest::hmac(digest, text, key),
            Mac::Plain(digest) => digest::hash(digest, text),
            Mac::KeyFirst(digest) => digest::hash(digest, &[key, text].concat()),
            Mac::KeyLast(digest) => digest::hash(digest, &[text, key].concat()),
        }
    }

    /// The digest in it.
    pub const fn digest(self) -> Digest {
        match self {
            Mac::Hmac(digest)
            | Mac::Swapped(digest)
            | Mac::Plain(digest)
            | Mac::KeyFirst(digest)
            | Mac::KeyLast(digest) => digest,
        }
    }
}

/// The parts of a signature, right and wrong.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Keys; the right one first.
    pub keys: Vec<Variant<Vec<u8>>>,
    /// Texts that are signed; the right one first.
    pub texts: Vec<Variant<Vec<u8>>>,
    /// Functions; the right one first.
    pub macs: Vec<Variant<Mac>>,
    /// The bytes that the given signature may stand for.
    pub given: Vec<Variant<Vec<u8>>>,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The signature is right.
    Right,
    /// These mistakes give it. Certain unless other mistakes give the same.
    Wrong(Vec<Finding>),
    /// Nothing gives it; so many ways were tried.
    Nothing(usize),
}

impl Search {
    /// Looks for ways with `least` to `most` mistakes.
    pub fn run(&self, least: usize, most: usize) -> Found {
        let mut tried = 0;
        for weight in least..=most {
            let mut found: Vec<Vec<Finding>> = Vec::new();
            for key in &self.keys {
                for mac in &self.macs {
                    let fixed = key.mistakes.len() + mac.mistakes.len();
                    if fixed > weight {
                        continue;
                    }
                    for text in &self.texts {
                        let sum = fixed + text.mistakes.len();
                        let wanted = |given: &&Variant<Vec<u8>>| sum + given.mistakes.len() == weight;
                        if sum > weight || !self.given.iter().any(|given| wanted(&given)) {
                            continue;
                        }
                        tried += 1;
                        let bytes = mac.value.run(&key.value, &text.value);
                        for given in self.given.iter().filter(wanted).filter(|given| given.value == bytes) {
                            let parts = [&key.mistakes, &mac.mistakes, &text.mistakes, &given.mistakes];
                            found.push(parts.into_iter().flatten().cloned().collect());
                        }
                    }
                }
            }
            if let Some(result) = judge(found) {
                return result;
            }
        }
        Found::Nothing(tried)
    }

    /// Whether the signature is right with this text in place of the right one.
    pub fn fits_text(&self, text: &[u8]) -> bool {
        self.keys.first().is_some_and(|key| self.fits(&key.value, text))
    }

    /// Whether the signature is right with this key in place of the right one.
    pub fn fits_key(&self, key: &[u8]) -> bool {
        self.texts.first().is_some_and(|text| self.fits(key, &text.value))
    }

    fn fits(&self, key: &[u8], text: &[u8]) -> bool {
        let Some(mac) = self.macs.first() else { return false };
        let bytes = mac.value.run(key, text);
        self.given.iter().any(|given| given.mistakes.is_empty() && given.value == bytes)
    }
}

/// Of several ways the first is the likeliest, but then none is certain, unless they are the same mistake.
fn judge(mut found: Vec<Vec<Finding>>) -> Option<Found> {
    let codes = |way: &Vec<Finding>| way.iter().map(|finding| finding.code).collect::<Vec<_>>();
    let mut seen = Vec::new();
    found.retain(|way| {
        let codes = codes(way);
        let new = !seen.contains(&codes);
        seen.push(codes);
        new
    });
    let several = found.len() > 1;
    let mut ways = found.into_iter();
    let first = ways.next()?;
    if first.is_empty() {
        return Some(Found::Right);
    }
    if !several {
        return Some(Found::Wrong(first));
    }
    Some(Found::Wrong(first.into_iter().chain(ways.flatten()).map(Finding::supposed).collect()))
}

/// The texts that are one slip of the fingers away from `text`, until one fits: a character left out, doubled, exchanged
/// with its neighbour, mistaken, or added; the case of the letters; white space at an end.
pub fn near(text: &str, mut fits: impl FnMut(&str) -> bool) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut whole = vec![text.trim().to_owned(), text.to_lowercase(), text.to_uppercase()];
    whole.extend(["\n", "\r\n", " ", "\0"].map(|end| format!("{text}{end}")));
    whole.extend(["\"", "'"].map(|quote| format!("{quote}{text}{quote}")));
    if let Some(found) = whole.into_iter().find(|other| other != text && fits(other)) {
        return Some(found);
    }
    let mut try_letters = |letters: Vec<char>| {
        let other: String = letters.into_iter().collect();
        (other != text && fits(&other)).then_some(other)
    };
    for at in 0..letters.len() {
        let mut left_out = letters.clone();
        left_out.remove(at);
        if let Some(found) = try_letters(left_out) {
            return Some(found);
        }
        if at + 1 < letters.len() {
            let mut exchanged = letters.clone();
            exchanged.swap(at, at + 1);
            if let Some(found) = try_letters(exchanged) {
                return Some(found);
            }
        }
    }
    let alphabet = alphabet(text);
    for at in 0..=letters.len() {
        for letter in alphabet.chars() {
            if at < letters.len() {
                let mut mistaken = letters.clone();
                if let Some(place) = mistaken.get_mut(at) {
                    *place = letter;
                }
                if let Some(found) = try_letters(mistaken) {
                    return Some(found);
                }
            }
            let mut added = letters.clone();
            added.insert(at, letter);
            if let Some(found) = try_letters(added) {
                return Some(found);
            }
        }
    }
    None
}

/// The characters that a text of this kind is made of.
fn alphabet(text: &str) -> &'static str {
    if text.chars().all(|c| c.is_ascii_digit()) {
        "0123456789"
    } else if text.chars().all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f')) {
        "0123456789abcdef"
    } else {
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.+/=&:@"
    }
}

/// The character, from 1, at which two texts part.
pub fn parting(given: &str, expected: &str) -> usize {
    given.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count() + 1
}

/// What the text of a signature may stand for.
#[derive(Debug, Clone, Default)]
pub struct Readings {
    /// Read as hex.
    pub hex: Option<Vec<u8>>,
    /// Read as base64.
    pub base64: Option<Vec<u8>>,
    /// Base64 of a text in hex.
    pub hex_in_base64: Option<Vec<u8>>,
    /// Hex of a text in hex, or of a text in base64.
    pub twice: Option<Vec<u8>>,
}

/// Lengths of the digests.
fn is_digest(bytes: &[u8]) -> bool {
    matches!(bytes.len(), 16 | 20 | 32)
}

/// Reads the text of a signature in every way that gives the length of a digest.
pub fn readings(text: &str) -> Readings {
    let from_hex = |text: &str| hex::parse(text).ok();
    let from_base64 = |text: &str| digest::base64_decode_lenient(&text.replace('-', "+").replace('_', "/")).ok();
    let inner =
        |bytes: Vec<u8>| String::from_utf8(bytes).ok().and_then(|text| from_hex(&text)).filter(|b| is_digest(b));
    Readings {
        hex: from_hex(text).filter(|bytes| is_digest(bytes)),
        base64: from_base64(text).filter(|bytes| is_digest(bytes)),
        hex_in_base64: from_base64(text).and_then(inner),
        twice: from_hex(text).and_then(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            from_hex(&text).or_else(|| from_base64(&text)).filter(|bytes| is_digest(bytes))
        }),
    }
}
