//! Keyed digests and base64, as the logins of the platforms use them.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Digest as _;

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Digest {
    /// MD5, 16 bytes.
    Md5,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
}

impl Digest {
    /// `md5`, `sha1`, `sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            Digest::Md5 => "md5",
            Digest::Sha1 => "sha1",
            Digest::Sha256 => "sha256",
        }
    }

    /// Reads the name in any case, with or without a leading `hmac`, `-` or `_`.
    pub fn parse(name: &str) -> Option<Digest> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        match plain.strip_prefix("hmac").unwrap_or(&plain) {
            "md5" => Some(Digest::Md5),
            "sha1" => Some(Digest::Sha1),
            "sha256" => Some(Digest::Sha256),
            _ => None,
        }
    }
}

/// The keyed digest HMAC (RFC 2104) of `data`. Keys may have any length.
pub fn hmac(digest: Digest, key: &[u8], data: &[u8]) -> Vec<u8> {
    macro_rules! run {
        ($hash:ty) => {
            // HMAC takes keys of every length, so there is no error to pass on.
            Hmac::<$hash>::new_from_slice(key)
                .map(|mut mac| {
                    mac.update(data);
                    mac.finalize().into_bytes().to_vec()
                })
                .unwrap_or_default()
        };
    }
    match digest {
        Digest::Md5 => run!(md5::Md5),
        Digest::Sha1 => run!(sha1::Sha1),
        Digest::Sha256 => run!(sha2::Sha256),
    }
}

/// The plain digest of `data`, without a key.
pub fn hash(digest: Digest, data: &[u8]) -> Vec<u8> {
    match digest {
        Digest::Md5 => md5::Md5::digest(data).to_vec(),
        Digest::Sha1 => sha1::Sha1::digest(data).to_vec(),
        Digest::Sha256 => sha2::Sha256::digest(data).to_vec(),
    }
}

/// Standard base64 with padding.
pub fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Why a text is not base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base64Fault {
    /// Byte offset of the fault, where it can be told.
    pub offset: Option<usize>,
}

/// Reads standard base64 leniently: unused trailing bits may be set and padding may be missing, because keys that
/// platforms publish have both. White space around the text is ignored.
pub fn base64_decode_lenient(text: &str) -> Result<Vec<u8>, Base64Fault> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text.trim()).map_err(|error| Base64Fault {
        offset: match error {
            base64::DecodeError::InvalidByte(offset, _) | base64::DecodeError::InvalidLastSymbol(offset, _) => {
                Some(offset)
            }
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hex;

    #[test]
    fn hmac_agrees_with_the_rfcs() {
        // RFC 2202 §2 and §3 test case 2, RFC 4231 §4.3.
        let (key, data): (&[u8], &[u8]) = (b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex::encode(&hmac(Digest::Md5, key, data)), "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(hex::encode(&hmac(Digest::Sha1, key, data)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(
            hex::encode(&hmac(Digest::Sha256, key, data)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(hmac(Digest::Md5, b"", b"").len(), 16);
    }

    #[test]
    fn hashes_agree_with_the_standards() {
        // RFC 1321 A.5, FIPS 180 examples of "abc".
        assert_eq!(hex::encode(&hash(Digest::Md5, b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex::encode(&hash(Digest::Sha1, b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex::encode(&hash(Digest::Sha256, b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn names_are_read_in_every_spelling() {
        for name in ["sha256", "SHA256", "hmacsha256", "HMAC-SHA256", "hmac_sha256"] {
            assert_eq!(Digest::parse(name), Some(Digest::Sha256), "{name}");
        }
        assert_eq!(Digest::parse("sha512"), None);
    }

    #[test]
    fn base64_with_stray_trailing_bits_or_no_padding_is_read() {
        assert_eq!(base64_decode_lenient("adfasdfadsfadsf=").map(|bytes| bytes.len()), Ok(11));
        assert_eq!(base64_decode_lenient("YQ"), Ok(b"a".to_vec()));
        assert_eq!(base64_decode_lenient(" YQ==\n"), Ok(b"a".to_vec()));
        assert_eq!(base64_decode_lenient("YQ!="), Err(Base64Fault { offset: Some(2) }));
    }

    proptest::proptest! {
        #[test]
        fn base64_is_read_back(bytes: Vec<u8>) {
            assert_eq!(base64_decode_lenient(&base64_encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = base64_decode_lenient(&text);
        }
    }
}
