//! Subscriptions inside the WebSocket: codes, parameter sets, the key that the server compares, and what would subscribe
//! and stay silent (unitedrhino/share, `utils/encrypt.go` Md5Map; unitedrhino/core, `share/websocket`).

use serde_json::{Map, Value};

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::{Phrase, Text};

/// The codes that can be subscribed, and the parameter sets that the server publishes under: product and device with
/// identifier, product and device, project, project and area.
pub const CODES: &[(&str, [bool; 4])] = &[
    ("devicePropertyReport", [true, true, true, true]),
    ("devicePropertyReportV2", [false, true, true, true]),
    ("deviceConn", [false, true, true, true]),
    ("deviceEventReport", [true, true, true, true]),
    ("deviceActionReport", [true, true, true, true]),
    ("deviceOtaReport", [false, true, true, true]),
    ("devicePublish", [false, true, false, false]),
];

/// The names of each parameter set.
const SETS: [&[&str]; 4] = [
    &["productID", "deviceName", "identifier"],
    &["productID", "deviceName"],
    &["projectID"],
    &["projectID", "areaID"],
];

const UNKNOWN_CODE: Text = Text::new(
    "the server answers 200 to “{}” and never pushes anything; the codes are {}",
    "服务器对“{}”也会返回 200，但永远不会推送；可用的 code：{}",
);
const NEAR_CODE: Text = Text::new("did you mean “{}”?", "是否为“{}”？");
const NUMBER: Text = Text::new(
    "“{}” is a number: the server compares text and never finds it; write it in quotes",
    "“{}”是数字：服务器按字符串比较，永远匹配不到，请加引号",
);
const WRONG_SET: Text = Text::new(
    "the server publishes {} only under {}; with {} the subscription succeeds and stays silent",
    "{} 只按 {} 推送；参数为 {} 时订阅成功但收不到任何消息",
);
const AREA: Text = Text::new(
    "areaID alone never matches: projectID is needed beside it",
    "只有 areaID 永远匹配不到，必须同时给出 projectID",
);

/// A value as the server's language prints it: numbers beyond a million in exponent form.
fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "<nil>".to_owned(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), go_float),
        other => other.to_string(),
    }
}

/// A 64-bit float as Go prints it with `%v`: shortest digits, with an exponent from 21 digits on … below 1e-4, and for
/// values at and above 1e6 that `encoding/json` has decoded the exponent form `1.5e+06`.
fn go_float(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let exponent = number.abs().log10().floor();
    if (-4.0..21.0).contains(&exponent) && number.abs() < 1e6 {
        return number.to_string();
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// The text that is hashed.
pub fn hashed_text(params: &Map<String, Value>) -> String {
    let mut names: Vec<&String> = params.keys().collect();
    names.sort();
    names.iter().map(|name| format!("{name}{}", params.get(*name).map(printed).unwrap_or_default())).collect()
}

/// The key of a subscription: the server compares nothing else.
pub fn key(code: &str, params: &Map<String, Value>) -> String {
    let text = hashed_text(params);
    format!("{code}:{}", hex::encode(&digest::hash(Digest::Md5, text.as_bytes())))
}

/// Why a subscription would succeed and stay silent; `None` for one that can be heard.
pub fn lint(code: &str, params: &Map<String, Value>) -> Option<Phrase> {
    let Some((_, sets)) = CODES.iter().find(|(known, _)| *known == code) else {
        let known: Vec<&str> = CODES.iter().map(|(known, _)| *known).collect();
        let near = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, code)).copied();
        let words = UNKNOWN_CODE.with(&[&code, &known.join(", ")]);
        return Some(match near.filter(|near| strsim::damerau_levenshtein(near, code) <= 3) {
            Some(near) => Text::same("{} {}").around([words, NEAR_CODE.with(&[&near])]),
            None => words,
        });
    };
    if params.get("shareDevice").is_some() {
        return None;
    }
    if let Some((name, _)) = params.iter().find(|(_, value)| value.is_number()) {
        return Some(NUMBER.with(&[name]));
    }
    if params.len() == 1 && params.contains_key("areaID") {
        return Some(AREA.into());
    }
    let fits = |set: &[&str]| set.len() == params.len() && set.iter().all(|name| params.contains_key(*name));
    let allowed = SETS.iter().zip(sets).filter(|(_, allowed)| **allowed);
    if allowed.clone().any(|(set, _)| fits(set)) {
        return None;
    }
    let names: Vec<String> = allowed.map(|(set, _)| set.join(" + ")).collect();
    let found: Vec<&str> = params.keys().map(String::as_str).collect();
    let found = if found.is_empty() { "–".to_owned() } else { found.join(" + ") };
    Some(WRONG_SET.with(&[&code, &names.join(" / "), &found]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn keys_are_those_of_the_server() {
        for (value, text, md5) in [
            (
                json!({"productID": "k0sr6A5BMbN", "deviceName": "cB05016F7"}),
                "deviceNamecB05016F7productIDk0sr6A5BMbN",
                "503b73418a023b478f0577ccc72be742",
            ),
            (
                json!({"productID": "k0sr6A5BMbN", "deviceName": "cB05016F7", "identifier": "power_switch"}),
                "deviceNamecB05016F7identifierpower_switchproductIDk0sr6A5BMbN",
                "f8cf00c044315d67580b49adcfc09a11",
            ),
            (
                json!({"projectID": "1786838740204359680"}),
                "projectID1786838740204359680",
                "a4722062280a7bc3fdc23d25d0995ab9",
            ),
            (
                json!({"projectID": 1_786_838_740_204_359_680_u64}),
                "projectID1.7868387402043597e+18",
                "4a5a1ccc56013701fe0cc872f89f90cf",
            ),
            (
                json!({"projectID": "1786838740204359680", "areaID": "3"}),
                "areaID3projectID1786838740204359680",
                "064e94eefcb3544d749f6173765f2346",
            ),
        ] {
            assert_eq!(hashed_text(&params(value.clone())), text);
            assert_eq!(key("c", &params(value)), format!("c:{md5}"));
        }
        assert_eq!(printed(&json!(999_999)), "999999");
        assert_eq!(printed(&json!(1_500_000)), "1.5e+06");
    }

    #[test]
    fn what_would_stay_silent_is_told() {
        let device = json!({"productID": "p", "deviceName": "d"});
        for (code, value, fine) in [
            ("devicePropertyReport", device.clone(), true),
            ("devicePropertyReport", json!({"productID": "p", "deviceName": "d", "identifier": "x"}), true),
            ("devicePropertyReportV2", json!({"productID": "p", "deviceName": "d", "identifier": "x"}), false),
            ("deviceConn", json!({"projectID": "7"}), true),
            ("deviceConn", json!({"projectID": 7}), false),
            ("deviceConn", json!({"areaID": "7"}), false),
            ("deviceConn", json!({"projectID": "7", "areaID": "3"}), true),
            ("devicePublish", json!({"projectID": "7"}), false),
            ("devicePropertyReport", json!({"productID": "p", "deviceName": "d", "extra": "1"}), false),
            ("devicePropertyRepor", device.clone(), false),
            ("deviceEventReport", device, true),
        ] {
            assert_eq!(lint(code, &params(value.clone())).is_none(), fine, "{code} {value}");
        }
    }
}
