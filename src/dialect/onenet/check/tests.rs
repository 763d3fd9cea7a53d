//! Wrong logins, one mistake each, and what the checker says of them.

use super::*;
use crate::base::hex;
use crate::dialect::check::harvest;
use crate::dialect::onenet::spec::SPEC;
use crate::model::Severity;

/// The example key of the official documents.
const KEY: &str = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=";
const NOW: Time = Time::from_secs(1_750_000_000);
const ET: &str = "1800000000";

fn key() -> Vec<u8> {
    digest::base64_decode_lenient(KEY).unwrap()
}

/// The parts of a login, each open to a mistake.
struct Login {
    client_id: &'static str,
    username: &'static str,
    version: &'static str,
    res: &'static str,
    et: &'static str,
    method: &'static str,
    /// What is signed; the right text where `None`.
    signed: Option<String>,
    key: Vec<u8>,
    digest: Digest,
    encode: fn(&[u8]) -> String,
}

fn device() -> Login {
    Login {
        client_id: "lamp-1",
        username: "p1QmJ7xk2L",
        version: "2018-10-31",
        res: "products/p1QmJ7xk2L/devices/lamp-1",
        et: ET,
        method: "sha256",
        signed: None,
        key: key(),
        digest: Digest::Sha256,
        encode: digest::base64_encode,
    }
}

fn app() -> Login {
    Login { client_id: "", username: "userid/12321", version: "2020-05-29", res: "userid/12321", ..device() }
}

impl Login {
    fn sign(&self) -> String {
        let right = [self.et, self.method, self.res, self.version].join("\n");
        (self.encode)(&digest::hmac(self.digest, &self.key, self.signed.as_ref().unwrap_or(&right).as_bytes()))
    }

    fn token(&self) -> Token {
        Token {
            version: self.version.to_owned(),
            res: self.res.to_owned(),
            et: self.et.to_owned(),
            method: self.method.to_owned(),
            sign: self.sign(),
        }
    }

    fn given(&self) -> Given {
        self.with_password(&self.token().emit())
    }

    fn with_password(&self, password: &str) -> Given {
        Given {
            client_id: Some(self.client_id.to_owned()).filter(|id| !id.is_empty()),
            username: Some(self.username.to_owned()),
            password: Some(Secret::new(password)),
            fields: Fields::new().with("access_key", KEY),
            ..Given::default()
        }
    }
}

fn text(parts: &[&str]) -> Option<String> {
    Some(parts.concat())
}

#[test]
fn right_logins_are_right() {
    for given in [device().given(), app().given()] {
        let checked = check(None, &given, NOW).unwrap();
        assert_eq!(checked.findings, []);
        let expected = checked.expected.unwrap();
        assert_eq!(expected.password, given.password);
        assert_eq!(expected.username, given.username);
    }
}

#[test]
fn one_mistake_each_is_named_and_certain() {
    const PID: &str = "p1QmJ7xk2L";
    const RES: &str = "products/p1QmJ7xk2L/devices/lamp-1";
    let d = device;
    let base = d().token();
    let emitted = base.emit();
    let mut cases: Vec<(&str, Given)> = vec![
        ("digest_mismatch", Login { digest: Digest::Sha1, ..d() }.given()),
        ("digest_mismatch", Login { digest: Digest::Md5, ..app() }.given()),
        ("key_not_decoded", Login { key: KEY.as_bytes().to_vec(), ..d() }.given()),
        ("key_as_hex", Login { key: hex::encode(&key()).into_bytes(), ..d() }.given()),
        ("key_empty", Login { key: Vec::new(), ..d() }.given()),
        ("hex_instead_of_base64", Login { encode: hex::encode, ..d() }.given()),
        ("hex_in_base64", Login { encode: |mac| digest::base64_encode(hex::encode(mac).as_bytes()), ..d() }.given()),
        ("order", Login { signed: text(&["2018-10-31\n", RES, "\n", ET, "\nsha256"]), ..d() }.given()),
        ("order", Login { signed: text(&[ET, "\n", RES, "\nsha256\n2018-10-31"]), ..d() }.given()),
        ("joint", Login { signed: text(&[ET, "sha256", RES, "2018-10-31"]), ..d() }.given()),
        ("joint", Login { signed: text(&[ET, "\\nsha256\\n", RES, "\\n2018-10-31"]), ..d() }.given()),
        ("joint", Login { signed: text(&[ET, "\r\nsha256\r\n", RES, "\r\n2018-10-31"]), ..d() }.given()),
        (
            "joint",
            Login { signed: text(&["et=", ET, "&method=sha256&res=", RES, "&version=2018-10-31"]), ..d() }.given(),
        ),
        ("part_added", Login { signed: text(&[ET, "\nsha256\n", RES, "\n2018-10-31\n"]), ..d() }.given()),
        ("part_left_out", Login { signed: text(&[ET, "\n", RES, "\n2018-10-31"]), ..d() }.given()),
        ("part_left_out", Login { signed: text(&["sha256\n", RES, "\n2018-10-31"]), ..d() }.given()),
        (
            "res_encoded_before_signing",
            Login { signed: text(&[ET, "\nsha256\n", &sign::encode(RES), "\n2018-10-31"]), ..d() }.given(),
        ),
        ("res_signed_other", Login { signed: text(&[ET, "\nsha256\nproducts/", PID, "\n2018-10-31"]), ..d() }.given()),
        ("res_signed_other", Login { signed: text(&[ET, "\nsha256\nuser/12321\n2020-05-29"]), ..app() }.given()),
        ("version_signed_other", Login { signed: text(&[ET, "\nsha256\n", RES, "\n2022-05-01"]), ..d() }.given()),
        ("method_signed_other", Login { signed: text(&[ET, "\nsha1\n", RES, "\n2018-10-31"]), ..d() }.given()),
        ("signed_other_value", Login { signed: text(&["1800000001\nsha256\n", RES, "\n2018-10-31"]), ..d() }.given()),
        (
            "signed_other_value",
            Login { signed: text(&["1800000000000\nsha256\n", RES, "\n2018-10-31"]), ..d() }.given(),
        ),
        (
            "signed_other_value",
            Login { signed: text(&[ET, "\nsha256\nproducts/p1QmJ7xk2L/devices/lamp-2\n2018-10-31"]), ..d() }.given(),
        ),
        ("version_other", Login { version: "2020-05-29", ..d() }.given()),
        ("version_other", Login { version: "2018-10-31", ..app() }.given()),
        ("expired", Login { et: "1700000000", ..d() }.given()),
        ("client_id_with_product", Login { client_id: "p1QmJ7xk2L&lamp-1", ..d() }.given()),
        ("client_id_with_product", Login { client_id: "lamp-1&p1QmJ7xk2L", ..d() }.given()),
        ("client_id_and_username_swapped", Login { client_id: PID, username: "lamp-1", ..d() }.given()),
        ("res_client_id", Login { client_id: "lamp-2", ..d() }.given()),
        ("res_username", Login { username: "otherPid", ..d() }.given()),
        ("username_form", Login { username: "lamp-1&p1QmJ7xk2L", ..d() }.given()),
        ("res_form", Login { res: "product/p1QmJ7xk2L/device/lamp-1", ..d() }.given()),
        ("user_prefix", Login { username: "user/12321", ..app() }.given()),
        ("user_prefix", Login { username: "user/12321", res: "user/12321", ..app() }.given()),
        ("res_username", Login { username: "userid/99", ..app() }.given()),
        ("token_encoded_whole", d().with_password(&sign::encode(&emitted))),
        ("token_encoded_twice", d().with_password(&emitted.replace('%', "%25"))),
        ("percent_lost", d().with_password(&emitted.replace('%', ""))),
        ("parameter_missing", d().with_password(&emitted.replace("&method=sha256", ""))),
        ("parameter_misspelt", d().with_password(&emitted.replace("method", "Method"))),
        ("parameter_unknown", d().with_password(&format!("{emitted}&user=1"))),
        ("secret_sent", d().with_password(KEY)),
        ("sign_only", d().with_password(&base.sign)),
        ("not_a_token", d().with_password("something")),
        ("method_unknown", d().with_password(&emitted.replace("=sha256", "=hmacsha256"))),
    ];
    let raw = format!("version=2018-10-31&res={}&et={ET}&method=sha256&sign={}", base.res, base.sign);
    cases.push(("token_not_encoded", d().with_password(&raw)));
    let mut tokens = (1_800_000_000_u64..)
        .filter_map(|et| Token::make("2018-10-31", RES, &et.to_string(), "sha256", &key()))
        .filter(|token| token.sign.contains('+'));
    let plus = tokens.next().unwrap().emit().replace("%2B", "%20");
    cases.push(("plus_became_space", d().with_password(&plus)));
    // A letter of the signature, of `et` and of the key.
    let sign = sign::encode(&base.sign);
    let first = if sign.starts_with('A') { "B" } else { "A" };
    cases.push(("signature_typo", d().with_password(&emitted.replace(&sign, &format!("{first}{}", &sign[1..])))));
    cases.push(("signed_other_value", d().with_password(&emitted.replace(ET, "1800000700"))));
    cases.push(("signed_other_value", d().with_password(&emitted.replace("lamp-1", "lamp-7"))));
    let mut other = d().given();
    other.fields.set("access_key", KEY.replacen('N', "M", 1));
    cases.push(("secret_typo", other));
    let mut other = Login { key: b"another key of 16".to_vec(), ..d() }.given();
    other.fields.set("product_key", digest::base64_encode(b"another key of 16"));
    cases.push(("other_secret", other));
    for (code, given) in cases {
        let checked = check(None, &given, NOW).unwrap();
        let shown: Vec<String> =
            checked.findings.iter().map(|f| format!("{} {} {}", f.code, f.certain, f.message)).collect();
        let found = checked.findings.iter().find(|finding| finding.code == code);
        let found = found.unwrap_or_else(|| panic!("{code} was expected:\n{}", shown.join("\n")));
        assert!(found.certain && found.severity == Severity::Error, "{code}:\n{}", shown.join("\n"));
        assert!(!checked.is_right());
        for finding in &checked.findings {
            for lang in [crate::base::lang::Lang::En, crate::base::lang::Lang::Zh] {
                assert!(!finding.message.render(lang).contains(KEY), "the secret is told: {code}");
            }
        }
    }
}

#[test]
fn the_mended_login_passes() {
    for given in [
        Login { client_id: "p1QmJ7xk2L&lamp-1", ..device() }.given(),
        Login { username: "user/12321", ..app() }.given(),
        Login { et: "1700000000", ..device() }.given(),
        Login { res: "product/p1QmJ7xk2L/device/lamp-1", ..device() }.given(),
    ] {
        let expected = check(None, &given, NOW).unwrap().expected.unwrap();
        let mended = Given {
            client_id: expected.client_id,
            username: expected.username,
            password: expected.password,
            fields: given.fields,
            ..Given::default()
        };
        assert_eq!(check(None, &mended, NOW).unwrap().findings, []);
    }
}

#[test]
fn remarks_leave_the_login_right() {
    for (code, given) in [
        ("et_milliseconds", Login { et: "1800000000000", ..device() }.given()),
        ("version_other", Login { version: "2022-05-01", ..device() }.given()),
        ("res_not_encoded", device().with_password(&device().token().emit().replacen("%2F", "/", 3))),
        ("method_capitals", Login { method: "SHA256", ..device() }.given()),
    ] {
        let checked = check(None, &given, NOW).unwrap();
        let found: Vec<&str> = checked.findings.iter().map(|finding| finding.code).collect();
        assert!(found.contains(&code), "{code}: {found:?}");
        assert!(checked.is_right(), "{code}: {found:?}");
    }
}

#[test]
fn another_secret_is_no_certain_mistake() {
    let given = Login { key: b"some other secret".to_vec(), ..device() }.given();
    let checked = check(None, &given, NOW).unwrap();
    assert!(!checked.is_right());
    assert!(checked.findings.iter().all(|finding| !finding.certain), "{:?}", checked.findings);
    assert_eq!(checked.findings[0].code, "unexplained");
}

#[test]
fn without_the_key_the_form_is_checked() {
    let mut given = device().given();
    given.fields = Fields::new();
    assert_eq!(check(None, &given, NOW).unwrap_err().field, "access_key");
    given.client_id = Some("p1QmJ7xk2L&lamp-1".to_owned());
    assert_eq!(check(None, &given, NOW).unwrap().findings[0].code, "client_id_with_product");
}

#[test]
fn pasted_material_is_read_in_every_form() {
    let login = device();
    let token = login.token().emit();
    for pasted in [
        token.clone(),
        format!("lamp-1\np1QmJ7xk2L\n{token}\n"),
        format!("clientId: lamp-1\nusername: p1QmJ7xk2L\npassword: {token}"),
        format!("client_id = lamp-1\nuser=p1QmJ7xk2L\npass={token}"),
        format!("#define CLIENT_ID \"lamp-1\"\n#define USERNAME \"p1QmJ7xk2L\"\n#define PASSWORD \"{token}\"\n"),
        format!(
            "static const char mqtt_client_id[] = \"lamp-1\"; // the device\nconst char* user = \"p1QmJ7xk2L\";\nchar password[256] = \"{token}\";"
        ),
        format!(
            "client = mqtt.Client(\"lamp-1\")\nclient.username_pw_set(\"p1QmJ7xk2L\", \"{token}\")\nclient.connect(\"studio-mqtt.heclouds.com\", 1883)"
        ),
        format!(
            "client = mqtt.Client(client_id='lamp-1', protocol=mqtt.MQTTv311)\nclient.username_pw_set(username='p1QmJ7xk2L', password='{token}')"
        ),
        format!("AT+QMTCONN=0,\"lamp-1\",\"p1QmJ7xk2L\",\"{token}\""),
        format!("AT+MQTTUSERCFG=0,1,\"lamp-1\",\"p1QmJ7xk2L\",\"{token}\",0,0,\"\""),
        format!("uart_send(\"AT+QMTCONN=0,\\\"lamp-1\\\",\\\"p1QmJ7xk2L\\\",\\\"{token}\\\"\\r\\n\");"),
        format!("if (client.connect(\"lamp-1\", \"p1QmJ7xk2L\", \"{token}\")) {{"),
        format!("mosquitto_pub -h 127.0.0.1 -i lamp-1 -u p1QmJ7xk2L -P '{token}' -t a -m b"),
        format!("{{\"clientId\": \"lamp-1\", \"username\": \"p1QmJ7xk2L\", \"password\": \"{token}\"}}"),
    ] {
        let mut given = Given { fields: Fields::new().with("access_key", KEY), ..Given::default() };
        harvest::harvest(&mut given, &SPEC, &pasted);
        let checked = check(None, &given, NOW).unwrap_or_else(|fault| panic!("{fault}: {pasted}\n{given:?}"));
        assert_eq!(checked.findings, [], "{pasted}");
        assert_eq!(checked.given.password(), Some(token.as_str()), "{pasted}");
        if pasted != token {
            assert_eq!(checked.given.client_id.as_deref(), Some("lamp-1"), "{pasted}\n{:?}", checked.given);
            assert_eq!(checked.given.username.as_deref(), Some("p1QmJ7xk2L"), "{pasted}");
        }
    }
}
