//! The mistakes that people make on every platform, and the order in which they are looked for.

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::dialect::check::Finding;
use crate::dialect::check::search::parting;
use crate::dialect::check::search::{self, Found, Mac, Search, Variant};
use crate::model::Fields;

/// How far the two calls of a clock may lie apart that give one login two timestamps.
const CLOCK_STEPS: u64 = 3_000;

/// One of the texts that go into a signature, and what is signed when it is another one.
pub struct Input<'a> {
    /// Its name as the platform writes it.
    pub name: &'a str,
    /// What was given.
    pub value: &'a str,
    /// Whether it is a secret: then the finding names the place of the slip only.
    pub secret: bool,
    /// Whether the signature fits with this value in its place.
    pub fits: Box<dyn Fn(&str) -> bool + 'a>,
}

/// What is compared.
pub struct Signature<'a> {
    /// The signature as given.
    pub given: &'a str,
    /// As it has to be.
    pub expected: &'a str,
    /// Whether the platform takes capitals for small letters.
    pub any_case: bool,
    /// The texts that went into it.
    pub inputs: Vec<Input<'a>>,
    /// What was tried, in words, for the case that nothing fits.
    pub tried: Phrase,
}

/// What is wrong with a signature; empty where nothing is.
pub fn diagnose(search: &Search, signature: &Signature<'_>) -> Vec<Finding> {
    let Signature { given, expected, any_case, inputs, tried } = signature;
    let first = match search.run(0, 1) {
        Found::Right => return Vec::new(),
        Found::Wrong(findings) => return findings,
        Found::Nothing(count) => count,
    };
    if let Some(finding) = slip(given, expected, *any_case) {
        return vec![finding];
    }
    for input in inputs {
        if let Some(found) = search::near(input.value, |value| (input.fits)(value)) {
            return vec![other_input(input, &found)];
        }
        if let Some(found) = near_number(input.value, |value| (input.fits)(value)) {
            return vec![other_input(input, &found)];
        }
    }
    match search.run(2, 3) {
        Found::Right => Vec::new(),
        Found::Wrong(findings) => findings,
        Found::Nothing(second) => vec![
            Finding::error(
                "unexplained",
                UNEXPLAINED.around([Phrase::verbatim((first + second).to_string()), tried.clone()]),
                UNEXPLAINED_FIX,
            )
            .supposed(),
        ],
    }
}

/// A slip of the fingers in the signature itself.
fn slip(given: &str, expected: &str, any_case: bool) -> Option<Finding> {
    let (left, right) = if any_case {
        (given.to_lowercase(), expected.to_lowercase())
    } else {
        (given.to_owned(), expected.to_owned())
    };
    if left.trim() == right {
        return Some(Finding::error("stray_space", STRAY_SPACE, STRAY_SPACE_FIX));
    }
    if left.trim_matches(['"', '\'', '“', '”']) == right {
        return Some(Finding::error("stray_quotes", STRAY_QUOTES, STRAY_SPACE_FIX));
    }
    if left.eq_ignore_ascii_case(&right) {
        return Some(Finding::error("letter_case", LETTER_CASE, LETTER_CASE_FIX));
    }
    let (long, short) = (right.chars().count(), left.chars().count());
    if short >= 8 && short < long && right.starts_with(&left) {
        return Some(Finding::error("cut_off", CUT_OFF.with(&[&short, &long]), CUT_OFF_FIX));
    }
    if short >= 8 && short > long && left.starts_with(&right) {
        return Some(Finding::error("something_added", SOMETHING_ADDED.with(&[&(long + 1)]), CUT_OFF_FIX));
    }
    let distance = strsim::levenshtein(&left, &right);
    // Two digests of one length agree in a sixteenth of their places; so few differences are no chance.
    (distance <= 4 && long >= 16)
        .then(|| Finding::error("signature_typo", TYPO.with(&[&distance, &parting(&left, &right)]), CUT_OFF_FIX))
}

fn other_input(input: &Input<'_>, signed: &str) -> Finding {
    let Input { name, value, secret, .. } = input;
    if *secret {
        let message = match (value.chars().count(), signed.chars().count()) {
            (own, other) if signed.trim() == *value => SECRET_SPACE.with(&[name, &(other - own)]),
            _ => SECRET_SLIP.with(&[name, &parting(value, signed)]),
        };
        return Finding::error("secret_typo", message, SECRET_FIX.with(&[name]));
    }
    Finding::error(
        "signed_other_value",
        SIGNED_OTHER.with(&[name, &signed, name, value]),
        SIGNED_OTHER_FIX.with(&[name]),
    )
}

/// A number that is a thousand times too large or small, or a few steps of a clock away.
fn near_number(text: &str, mut fits: impl FnMut(&str) -> bool) -> Option<String> {
    let number: u64 = text.parse().ok()?;
    let scaled = [number.checked_mul(1_000), (number >= 1_000).then_some(number / 1_000)];
    // Two digits may be wrong at once.
    let digits: Vec<u8> = text.bytes().collect();
    let pairs = (0..digits.len()).flat_map(|first| (first + 1..digits.len()).map(move |second| (first, second)));
    let mistaken = pairs.flat_map(|(first, second)| {
        let digits = digits.clone();
        (b'0'..=b'9').flat_map(|one| (b'0'..=b'9').map(move |two| (one, two))).filter_map(move |(one, two)| {
            let mut other = digits.clone();
            *other.get_mut(first)? = one;
            *other.get_mut(second)? = two;
            String::from_utf8(other).ok()?.parse().ok()
        })
    });
    let steps = (1..=CLOCK_STEPS).flat_map(|step| [number.checked_sub(step), number.checked_add(step)]);
    scaled.into_iter().chain(steps).flatten().chain(mistaken).map(|number| number.to_string()).find(|other| fits(other))
}

/// HMAC with the digest that is declared, and what is done in its place. `declared` is how the login names it.
pub fn macs(right: Digest, declared: &str) -> Vec<Variant<Mac>> {
    let mut all = vec![Variant::right(Mac::Hmac(right))];
    let digests = [Digest::Md5, Digest::Sha1, Digest::Sha256];
    for digest in digests.into_iter().filter(|digest| *digest != right) {
        let mistake = Finding::error(
            "digest_mismatch",
            DIGEST.with(&[&digest.name(), &declared]),
            DIGEST_FIX.with(&[&right.name(), &digest.name()]),
        );
        all.push(Variant::wrong(Mac::Hmac(digest), mistake));
    }
    for digest in digests {
        let other = (digest != right).then(|| {
            Finding::error(
                "digest_mismatch",
                DIGEST.with(&[&digest.name(), &declared]),
                DIGEST_FIX.with(&[&right.name(), &digest.name()]),
            )
        });
        let mut put = |mac, finding: Finding| {
            let mistakes = [finding].into_iter().chain(other.clone()).collect();
            all.push(Variant { value: mac, mistakes });
        };
        put(Mac::Swapped(digest), Finding::error("key_and_text_swapped", SWAPPED, SWAPPED_FIX));
        let no_hmac = || Finding::error("no_hmac", NO_HMAC.with(&[&digest.name()]), NO_HMAC_FIX.with(&[&right.name()]));
        for mac in [Mac::Plain(digest), Mac::KeyFirst(digest), Mac::KeyLast(digest)] {
            put(mac, no_hmac());
        }
    }
    all
}

/// A key that is used as the text that it is, and what is done in its place.
pub fn text_keys(name: &str, secret: &str) -> Vec<Variant<Vec<u8>>> {
    let decoded =
        |how: &str| Finding::error("key_decoded", KEY_DECODED.with(&[&name, &how]), KEY_DECODED_FIX.with(&[&name]));
    let mut all = vec![Variant::right(secret.as_bytes().to_vec())];
    if let Some(bytes) = digest::base64_decode_lenient(secret).ok().filter(|bytes| !bytes.is_empty()) {
        all.push(Variant::wrong(bytes, decoded("base64")));
    }
    if let Some(bytes) = hex::parse(secret).ok().filter(|bytes| !bytes.is_empty()) {
        all.push(Variant::wrong(bytes, decoded("hex")));
    }
    let encoded = Finding::error("key_encoded", KEY_ENCODED.with(&[&name]), KEY_DECODED_FIX.with(&[&name]));
    all.push(Variant::wrong(digest::base64_encode(secret.as_bytes()).into_bytes(), encoded));
    let ampersand = Finding::error("key_ampersand", KEY_AMPERSAND.with(&[&name]), KEY_DECODED_FIX.with(&[&name]));
    all.push(Variant::wrong(format!("{secret}&").into_bytes(), ampersand));
    all.push(Variant::wrong(Vec::new(), Finding::error("key_empty", KEY_EMPTY, KEY_EMPTY_FIX.with(&[&name]))));
    all
}

/// A key that is base64 of the bytes that are used, and what is done in its place. `None` where it is no base64.
pub fn base64_keys(name: &str, secret: &str) -> Option<Vec<Variant<Vec<u8>>>> {
    let bytes = digest::base64_decode_lenient(secret).ok()?;
    let not = Finding::error("key_not_decoded", KEY_NOT_DECODED.with(&[&name]), KEY_NOT_DECODED_FIX.with(&[&name]));
    let mut all = vec![Variant::right(bytes.clone()), Variant::wrong(secret.as_bytes().to_vec(), not)];
    let twice = String::from_utf8(bytes.clone()).ok();
    if let Some(text) = twice {
        let finding =
            || Finding::error("key_decoded_twice", KEY_TWICE.with(&[&name]), KEY_NOT_DECODED_FIX.with(&[&name]));
        all.extend(hex::parse(&text).ok().filter(|b| !b.is_empty()).map(|bytes| Variant::wrong(bytes, finding())));
        let inner = digest::base64_decode_lenient(&text).ok().filter(|b| !b.is_empty());
        all.extend(inner.map(|bytes| Variant::wrong(bytes, finding())));
    }
    let as_hex = Finding::error("key_as_hex", KEY_AS_HEX.with(&[&name]), KEY_NOT_DECODED_FIX.with(&[&name]));
    all.push(Variant::wrong(hex::encode(&bytes).into_bytes(), as_hex.clone()));
    all.push(Variant::wrong(hex::encode(&bytes).to_uppercase().into_bytes(), as_hex));
    if let Some(bytes) = hex::parse(secret).ok().filter(|bytes| !bytes.is_empty()) {
        let finding = Finding::error(
            "key_decoded_as_hex",
            KEY_DECODED.with(&[&name, &"hex"]),
            KEY_NOT_DECODED_FIX.with(&[&name]),
        );
        all.push(Variant::wrong(bytes, finding));
    }
    all.push(Variant::wrong(Vec::new(), Finding::error("key_empty", KEY_EMPTY, KEY_EMPTY_FIX.with(&[&name]))));
    Some(all)
}

/// The other texts that were given, each as if it had been taken for the key.
pub fn other_keys(name: &str, fields: &Fields, decode: bool) -> Vec<Variant<Vec<u8>>> {
    fields
        .names()
        .filter(|other| *other != name)
        .filter_map(|other| {
            let text = fields.get(other)?;
            let finding =
                Finding::error("other_secret", OTHER_SECRET.with(&[&other, &name]), OTHER_SECRET_FIX.with(&[&name]));
            let bytes = if decode { digest::base64_decode_lenient(text).ok()? } else { text.as_bytes().to_vec() };
            (!bytes.is_empty()).then(|| Variant::wrong(bytes, finding))
        })
        .collect()
}

/// What the signature may stand for where the platform wants hex.
pub fn hex_output(text: &str) -> Vec<Variant<Vec<u8>>> {
    let readings = search::readings(text);
    let mut all = Vec::new();
    if let Some(bytes) = readings.hex {
        let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let finding = || Finding::error("hex_separators", HEX_SEPARATORS, HEX_SEPARATORS_FIX);
        all.push(if plain { Variant::right(bytes) } else { Variant::wrong(bytes, finding()) });
    }
    let base64 = || Finding::error("base64_instead_of_hex", BASE64_FOR_HEX, BASE64_FOR_HEX_FIX);
    all.extend(readings.base64.map(|bytes| Variant::wrong(bytes, base64())));
    let inside = || Finding::error("hex_in_base64", HEX_IN_BASE64, BASE64_FOR_HEX_FIX);
    all.extend(readings.hex_in_base64.map(|bytes| Variant::wrong(bytes, inside())));
    let twice = || Finding::error("encoded_twice", TWICE, BASE64_FOR_HEX_FIX);
    all.extend(readings.twice.map(|bytes| Variant::wrong(bytes, twice())));
    all
}

/// What the signature may stand for where the platform wants base64.
pub fn base64_output(text: &str) -> Vec<Variant<Vec<u8>>> {
    let readings = search::readings(text);
    let mut all = Vec::new();
    if let Some(bytes) = readings.base64 {
        let right = digest::base64_encode(&bytes);
        // Bits that nobody reads may be set in a foreign base64; it stands for the same bytes.
        let finding = if text.contains(['-', '_']) {
            Some(Finding::error("base64_url_alphabet", URL_ALPHABET, URL_ALPHABET_FIX))
        } else if text.len() < right.len() {
            Some(Finding::error("padding_missing", PADDING, PADDING_FIX))
        } else {
            (text != right && text.trim() == right).then(|| Finding::error("stray_space", STRAY_SPACE, STRAY_SPACE_FIX))
        };
        all.push(Variant { value: bytes, mistakes: finding.into_iter().collect() });
    }
    let hex = || Finding::error("hex_instead_of_base64", HEX_FOR_BASE64, HEX_FOR_BASE64_FIX);
    all.extend(readings.hex.map(|bytes| Variant::wrong(bytes, hex())));
    let inside = || Finding::error("hex_in_base64", HEX_IN_BASE64, HEX_FOR_BASE64_FIX);
    all.extend(readings.hex_in_base64.map(|bytes| Variant::wrong(bytes, inside())));
    let twice = || Finding::error("encoded_twice", TWICE, HEX_FOR_BASE64_FIX);
    all.extend(readings.twice.map(|bytes| Variant::wrong(bytes, twice())));
    all
}

/// A secret that was sent as it is, or a text that was not signed at all.
pub fn unsigned(password: &str, fields: &Fields, content: &str) -> Option<Finding> {
    let password = password.trim();
    let secrets = ["device_secret", "product_secret", "access_key", "app_secret", "auth_key"];
    if let Some(name) = secrets.into_iter().find(|name| fields.get(name) == Some(password)) {
        return Some(Finding::error("secret_sent", SECRET_SENT.with(&[&name]), SECRET_SENT_FIX.with(&[&name])));
    }
    (!content.is_empty() && password == content).then(|| Finding::error("not_signed", NOT_SIGNED, NO_KEY_FIX))
}

/// Every order of some parts; the given one first. At most five parts.
pub fn orders<T: Clone>(parts: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = parts.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut next = order.clone();
            next.insert(at, first.clone());
            all.push(next);
        }
    }
    all
}

/// The finding beside another order.
pub fn order(found: &str, right: &str) -> Finding {
    Finding::error("order", ORDER.with(&[&found]), ORDER_FIX.with(&[&right]))
}

/// The finding beside another joint between the parts.
pub fn joint(found: &str, right: &str) -> Finding {
    Finding::error("joint", JOINT.with(&[&found]), JOINT_FIX.with(&[&right]))
}

/// The finding beside a part that was left out.
pub fn left_out(what: &str) -> Finding {
    Finding::error("part_left_out", LEFT_OUT.with(&[&what]), LEFT_OUT_FIX.with(&[&what]))
}

/// The finding beside a part that does not belong.
pub fn added(what: &str) -> Finding {
    Finding::error("part_added", ADDED.with(&[&what]), ADDED_FIX.with(&[&what]))
}

const SECRET_SENT: Text =
    Text::new("the password is {} itself; it must never be sent", "password 直接填成了 {}，密钥本身不应发送");
const SECRET_SENT_FIX: Text =
    Text::new("{} is the key of a signature, and the signature is sent", "{} 只用作签名的密钥，发送的是签名结果");
const NOT_SIGNED: Text = Text::new("the password is the text that has to be signed", "password 填成了待签内容本身");
const NO_KEY_FIX: Text = Text::new("send its HMAC", "应发送它的 HMAC");
const UNEXPLAINED: Text = Text::new(
    "the signature does not fit this secret, and none of {} recomputed mistakes gives it. Tried: {}",
    "签名与该密钥不符，重算了 {} 种常见错误也都对不上。已尝试：{}",
);
const UNEXPLAINED_FIX: Text = Text::new(
    "most likely it was made with another secret, or from another client id or user name: take all of them anew from the console, and compare with the expected values",
    "最可能是用了别的密钥，或 clientId、username 不是计算时的值：请从控制台重新复制，并与期望值逐项对照",
);
const STRAY_SPACE: Text = Text::new("there is white space around the signature", "签名前后有多余的空白字符");
const STRAY_SPACE_FIX: Text = Text::new("remove it", "请去掉");
const STRAY_QUOTES: Text = Text::new("there are quotation marks around the signature", "签名外多了引号");
const LETTER_CASE: Text = Text::new(
    "the signature has other capital and small letters; the platform tells them apart",
    "签名大小写不对，平台区分大小写",
);
const LETTER_CASE_FIX: Text = Text::new("write it as shown under “expected”", "请按期望值的大小写填写");
const CUT_OFF: Text = Text::new(
    "the signature is cut off: the first {} of {} characters are right, the rest is missing",
    "签名被截断：前 {} 个字符正确，总长应为 {}",
);
const CUT_OFF_FIX: Text = Text::new(
    "copy the whole expected value; check the size of the buffer it is kept in",
    "请完整复制期望值，并检查存放它的缓冲区长度",
);
const SOMETHING_ADDED: Text = Text::new(
    "the signature is right but for what follows it, from character {} on",
    "签名正确，但从第 {} 个字符起多了内容",
);
const TYPO: Text = Text::new(
    "the signature differs from the right one in {} character(s) only, first at character {}: a slip in copying",
    "签名与正确值只差 {} 个字符，第一处在第 {} 个字符：应是抄写错误",
);
const SECRET_SPACE: Text = Text::new(
    "{} was used with {} invisible character(s) around it (a line feed or a space)",
    "计算时 {} 前后多了 {} 个不可见字符（换行或空格）",
);
const SECRET_SLIP: Text = Text::new(
    "the signature was made with a {} that differs from the one given here in one place, at character {}",
    "计算签名用的 {} 与此处给出的只差一处，在第 {} 个字符",
);
const SECRET_FIX: Text = Text::new("copy {} from the console once more", "请从控制台重新复制 {}");
const SIGNED_OTHER: Text = Text::new(
    "the signature was made for {} = “{}”, but {} is “{}” here",
    "签名是按 {} = “{}” 计算的，而这里 {} 是“{}”",
);
const SIGNED_OTHER_FIX: Text = Text::new("use the same {} in both places", "两处的 {} 必须一致");
const DIGEST: Text =
    Text::new("the signature was made with HMAC-{}, but “{}” is declared", "签名实际用的是 HMAC-{}，但声明的是“{}”");
const DIGEST_FIX: Text = Text::new("sign with {}, or declare {}", "请改用 {} 计算，或把声明改为 {}");
const SWAPPED: Text = Text::new("key and text changed places in the call of HMAC", "调用 HMAC 时密钥与待签内容写反了");
const SWAPPED_FIX: Text =
    Text::new("the secret is the key; the joined text is the message", "密钥作 key，拼接的内容作 message");
const NO_HMAC: Text = Text::new(
    "a plain {} was computed, not an HMAC with the secret as its key",
    "用的是普通 {} 摘要，而不是以密钥为 key 的 HMAC",
);
const NO_HMAC_FIX: Text = Text::new("use HMAC-{}", "请使用 HMAC-{}");
const KEY_DECODED: Text = Text::new("{} was decoded from {} before use", "{} 在使用前做了 {} 解码");
const KEY_DECODED_FIX: Text = Text::new("use the characters of {} as they are", "请直接使用 {} 的原文字符");
const KEY_ENCODED: Text = Text::new("{} was base64-encoded before use", "{} 在使用前做了 base64 编码");
const KEY_AMPERSAND: Text = Text::new(
    "an & was appended to {}, as the vendor's HTTP API wants it; the MQTT login does not",
    "{} 后多加了 &，那是云端 HTTP API 的做法，MQTT 登录不需要",
);
const KEY_EMPTY: Text = Text::new("the signature was made with an empty key", "计算签名时密钥为空");
const KEY_EMPTY_FIX: Text = Text::new("check that {} is really passed on", "请检查 {} 是否真的传入");
const KEY_NOT_DECODED: Text = Text::new(
    "the characters of {} were used as the key; it has to be base64-decoded first",
    "直接用了 {} 的原文字符作密钥，应先做 base64 解码",
);
const KEY_NOT_DECODED_FIX: Text =
    Text::new("base64-decode {} once and use the bytes as the key", "请对 {} 做一次 base64 解码，用得到的字节作密钥");
const KEY_TWICE: Text = Text::new("{} was decoded twice", "{} 被解码了两次");
const KEY_AS_HEX: Text = Text::new(
    "{} was decoded and then written in hex; its bytes are the key",
    "{} 解码后又转成了 hex 文本，应直接用解码后的字节",
);
const OTHER_SECRET: Text = Text::new("the signature was made with {} in the place of {}", "签名用的是 {}，而不是 {}");
const OTHER_SECRET_FIX: Text = Text::new("sign with {}", "请用 {} 计算签名");
const HEX_SEPARATORS: Text = Text::new("there are separators between the hex digits", "hex 数字之间有分隔符");
const HEX_SEPARATORS_FIX: Text = Text::new("write the digits only", "请只保留数字与字母 a–f");
const BASE64_FOR_HEX: Text = Text::new("the signature is in base64; hex is wanted", "签名用了 base64，应为 hex");
const BASE64_FOR_HEX_FIX: Text =
    Text::new("write the bytes of the digest in hex, once", "请把摘要字节转成 hex，只转一次");
const HEX_IN_BASE64: Text =
    Text::new("the signature is base64 of the hex text of the digest", "签名是对摘要 hex 文本再做的 base64");
const TWICE: Text = Text::new("the digest was encoded twice", "摘要被编码了两次");
const URL_ALPHABET: Text = Text::new(
    "the signature is in the alphabet of URLs (- and _); the usual one (+ and /) is wanted",
    "签名用了 URL 字母表（- 和 _），应使用标准 base64（+ 和 /）",
);
const URL_ALPHABET_FIX: Text = Text::new("use standard base64 and percent-encode it", "请用标准 base64，再做 URL 编码");
const PADDING: Text = Text::new("the = at the end of the signature is missing", "签名末尾缺少 =");
const PADDING_FIX: Text =
    Text::new("keep the padding; in a token it is written %3D", "请保留补位符，在 token 中写作 %3D");
const HEX_FOR_BASE64: Text = Text::new("the signature is in hex; base64 is wanted", "签名用了 hex，应为 base64");
const HEX_FOR_BASE64_FIX: Text = Text::new(
    "write the bytes of the digest (not its hex text) in base64, once",
    "请对摘要字节（不是 hex 文本）做一次 base64",
);
const ORDER: Text = Text::new("the parts were joined in another order: {}", "拼接顺序不对：{}");
const ORDER_FIX: Text = Text::new("the order is {}", "正确顺序是 {}");
const JOINT: Text = Text::new("the parts were joined in another way: {}", "拼接方式不对：{}");
const JOINT_FIX: Text = Text::new("they are joined as {}", "正确的拼接是 {}");
const LEFT_OUT: Text = Text::new("{} was left out of the text that was signed", "待签内容里漏了 {}");
const LEFT_OUT_FIX: Text = Text::new("sign it together with {}", "请把 {} 加入待签内容");
const ADDED: Text = Text::new("{} was signed too, and does not belong there", "待签内容里多了 {}");
const ADDED_FIX: Text = Text::new("leave {} out of the text that is signed", "请从待签内容里去掉 {}");
