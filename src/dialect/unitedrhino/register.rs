//! Dynamic registration of a device (unitedrhino/things, `deviceRegisterLogic.go`, `share/domain/deviceMsg/msgExt`,
//! `utils/encrypt.go`): what is signed, and the form in which the secret comes back.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyInit, KeyIvInit};
use serde_json::{Value, json};

use crate::base::digest::{self, Digest};
use crate::base::hex;

/// The length of an AES-128 key and of its initialization vector, in bytes.
const KEY_LENGTH: usize = 16;
/// The initialization vector: sixteen digits zero.
const VECTOR: [u8; KEY_LENGTH] = [b'0'; KEY_LENGTH];

/// The text that is signed.
pub fn content(product: &str, device: &str, nonce: &str, timestamp: &str) -> String {
    format!("deviceName={device}&nonce={nonce}&productID={product}&timestamp={timestamp}")
}

/// The HMAC-SHA1 over the text as lower-case hex; the product secret is used as it stands, not decoded.
pub fn hex_signature(secret: &str, content: &str) -> String {
    hex::encode(&digest::hmac(Digest::Sha1, secret.as_bytes(), content.as_bytes()))
}

/// The signature: base64 over the hex text.
pub fn signature(secret: &str, content: &str) -> String {
    digest::base64_encode(hex_signature(secret, content).as_bytes())
}

/// Whether a signature is right: the base64 of the hex text, or the bare hex in either case.
pub fn fits(given: &str, secret: &str, content: &str) -> bool {
    given == signature(secret, content) || given.eq_ignore_ascii_case(&hex_signature(secret, content))
}

/// How the secret of a device is wrapped in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// AES-128-CBC, key from the product secret.
    Cbc,
    /// AES-128-ECB, key from the product secret.
    Ecb,
    /// Not encrypted; the secret as hex.
    Hex,
}

impl Wrapping {
    /// The value of `retEnc`; the first form where nothing is asked for.
    pub fn parse(name: &str) -> Option<Wrapping> {
        match name {
            "" | "aes128cbc" => Some(Wrapping::Cbc),
            "aes128ecb" => Some(Wrapping::Ecb),
            "hex" => Some(Wrapping::Hex),
            _ => None,
        }
    }
}

/// `data` of the answer: `len`, the length of the plain text, and `payload`. `None` where the product secret is shorter
/// than a key.
pub fn answer(wrapping: Wrapping, product_secret: &str, psk: &str) -> Option<Value> {
    if wrapping == Wrapping::Hex {
        let bytes = digest::base64_decode_lenient(psk).unwrap_or_default();
        let plain = json!({"encryptionType": 2, "psk": hex::encode(&bytes)}).to_string();
        return Some(json!({"len": plain.len(), "payload": plain}));
    }
    let plain = json!({"encryptionType": 1, "psk": psk, "clientCert": "", "clientKey": ""}).to_string();
    let payload = encrypt(wrapping, product_secret, plain.as_bytes())?;
    Some(json!({"len": plain.len(), "payload": payload}))
}

fn encrypt(wrapping: Wrapping, product_secret: &str, plain: &[u8]) -> Option<String> {
    let key: [u8; KEY_LENGTH] = product_secret.as_bytes().get(..KEY_LENGTH)?.try_into().ok()?;
    let mut room = vec![0; plain.len() + KEY_LENGTH];
    let bytes = if wrapping == Wrapping::Ecb {
        let cipher = ecb::Encryptor::<aes::Aes128>::new(&key.into());
        cipher.encrypt_padded_b2b::<Pkcs7>(plain, &mut room).ok()?
    } else {
        let cipher = cbc::Encryptor::<aes::Aes128>::new(&key.into(), &VECTOR.into());
        cipher.encrypt_padded_b2b::<Pkcs7>(plain, &mut room).ok()?
    };
    Some(digest::base64_encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixture secret of the repository's own tests.
    const PSK: &str = "mzxe12OY8z/im7S3DNhHsCXdB4o=";

    #[test]
    fn the_published_signature_is_made() {
        // unitedrhino/things, deviceRegisterLogic_test.go.
        let text = content("66", "test", "2428685019", "1756780254");
        assert_eq!(text, "deviceName=test&nonce=2428685019&productID=66&timestamp=1756780254");
        let secret = "HaWo5qNOmisSLb/36oRUfwAY43A=";
        assert_eq!(hex_signature(secret, &text), "fd2094a9f418ac17f9456d82f3817b4bffdf0558");
        assert_eq!(signature(secret, &text), "ZmQyMDk0YTlmNDE4YWMxN2Y5NDU2ZDgyZjM4MTdiNGJmZmRmMDU1OA==");
        assert!(fits("FD2094A9F418AC17F9456D82F3817B4BFFDF0558", secret, &text));
        assert!(!fits("fd2094a9f418ac17f9456d82f3817b4bffdf0559", secret, &text));
    }

    #[test]
    fn secrets_are_wrapped_as_the_platform_does_it() {
        // Published with the repository's tests.
        let hex = answer(Wrapping::Hex, "", PSK).unwrap();
        let plain: Value = serde_json::from_str(hex["payload"].as_str().unwrap()).unwrap();
        assert_eq!(plain["psk"], "9b3c5ed76398f33fe29bb4b70cd847b025dd078a");
        // Computed with another implementation of AES.
        let cbc = answer(Wrapping::Cbc, "1234567890123456", PSK).unwrap();
        assert_eq!(cbc["len"], 88);
        assert_eq!(
            cbc["payload"],
            "yb2r5RUQTBjZ2ZV2V2MVf7f6aNi5iZ/qIjHS4gGbu/wUOXf3LiYM/VIYOLx2MnQjG/wis5+snNjK68Mo+NaNpj+enknHJ7HJeD3ny6nX3dR28jqU9c8E4tCg7akJlAzy"
        );
        assert!(answer(Wrapping::Ecb, "1234567890123456", PSK).is_some());
        assert_eq!(answer(Wrapping::Cbc, "short", PSK), None);
        assert_eq!(Wrapping::parse("rot13"), None);
    }
}
