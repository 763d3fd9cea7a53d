//! Wrong logins, one mistake each, and what the checker says of them.

use super::*;

const APPID: &str = "0123456789abcdef0123456789abcdef";
const UID: &str = "fedcba9876543210fedcba9876543210";
const TOKEN: &str = "00112233445566778899aabbccddeeff";
const APP_ID: &str = "usrA1b2C3d4E5f6G7h8I9j0";
const DEVICE: &str = "iotdbgDid0123456789ABC";
const PRODUCT: &str = "0123456789abcdef0123456789abcdef";
const MAC: &str = "A4CF12345678";
const AUTH: &str = "authkey0123456789";
const NONCE: &str = "ABCDEFGHIJ";
/// Made with another program from the five above.
const NEWER: &str = "6ee688ea921f74fff86bcbab8ed253fb4ef503c418ef91598d72857258fc2704";

fn app(id: &str, user: &str, password: &str) -> Given {
    Given {
        client_id: Some(id.to_owned()),
        username: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        fields: Fields::new().with("appid", APPID).with("uid", UID).with("token", TOKEN),
        ..Given::default()
    }
}

fn device(id: &str, user: &str, password: &str) -> Given {
    Given { fields: Fields::new().with("passcode", "PASSCODE01").with("did", DEVICE), ..app(id, user, password) }
}

fn newer(user: &str, password: &str) -> Given {
    let fields = Fields::new().with("did", DEVICE).with("product_key", PRODUCT).with("mac", MAC).with("auth_key", AUTH);
    Given { fields, ..app(DEVICE, user, password) }
}

fn user() -> String {
    format!("2${APPID}${UID}")
}

fn newer_user() -> String {
    format!("{DEVICE}|signmethod=sha256,signnonce={NONCE}")
}

fn sha(text: &str) -> String {
    hex::encode(&digest::hash(Digest::Sha256, text.as_bytes()))
}

fn verdict(given: &Given) -> Checked {
    check(None, given, Time::ZERO).unwrap()
}

#[test]
fn right_logins_are_right() {
    for given in [app(APP_ID, &user(), TOKEN), device(DEVICE, DEVICE, "PASSCODE01"), newer(&newer_user(), NEWER)] {
        let checked = verdict(&given);
        assert_eq!(checked.findings, []);
        assert_eq!(checked.expected.unwrap().password, given.password);
    }
    let mut unknown = app(APP_ID, &user(), TOKEN);
    unknown.fields.remove("token");
    let checked = verdict(&unknown);
    assert!(checked.is_right() && checked.findings[0].code == "token_unchecked");
}

#[test]
fn one_mistake_each_is_named_and_certain() {
    let md5 = |text: &str| hex::encode(&digest::hash(Digest::Md5, text.as_bytes()));
    let (p, m, a, n) = (PRODUCT, MAC, AUTH, NONCE);
    let bytes = hex::parse(NEWER).unwrap();
    for (code, given) in [
        ("client_id_prefix", app("webA1b2C3d4", &user(), TOKEN)),
        ("client_id_prefix", app("USRA1b2C3d4", &user(), TOKEN)),
        ("client_id_length", app("usrA1b2C3d4E5f6G7h8I9j0K", &user(), TOKEN)),
        ("client_id_characters", app("usr-1234", &user(), TOKEN)),
        ("username_form", app(APP_ID, &format!("2&{APPID}&{UID}"), TOKEN)),
        ("username_form", app(APP_ID, &format!("{APPID}${UID}"), TOKEN)),
        ("username_form", app(APP_ID, UID, TOKEN)),
        ("username_prefix", app(APP_ID, &format!("1${APPID}${UID}"), TOKEN)),
        ("username_shell", app(APP_ID, "2", TOKEN)),
        ("username_encoded", app(APP_ID, &user().replace('$', "%24"), TOKEN)),
        ("appid_uid_swapped", app(APP_ID, &format!("2${UID}${APPID}"), TOKEN)),
        ("username_other", app(APP_ID, &user().replace("fedc", "fedd"), TOKEN)),
        ("other_value", app(APP_ID, &user(), UID)),
        ("other_value", app(APP_ID, &user(), APPID)),
        ("hashed", app(APP_ID, &user(), &md5(TOKEN))),
        ("encoded", app(APP_ID, &user(), &digest::base64_encode(TOKEN.as_bytes()))),
        ("cut_off", app(APP_ID, &user(), &TOKEN[..30])),
        ("secret_typo", app(APP_ID, &user(), &TOKEN.replacen("22", "23", 1))),
        ("stray_space", app(APP_ID, &user(), &format!("{TOKEN}\n"))),
        ("letter_case", app(APP_ID, &user(), &TOKEN.to_uppercase())),
        ("other_text", app(APP_ID, &user(), "something quite different")),
        ("did_mismatch", device("lamp", DEVICE, "PASSCODE01")),
        ("did_mismatch", device(DEVICE, "lamp", "PASSCODE01")),
        ("letter_case", device(DEVICE, DEVICE, "passcode01")),
        ("secret_typo", device(DEVICE, DEVICE, "PASSC0DE01")),
        ("cut_off", device(DEVICE, DEVICE, "PASSCODE0")),
        ("hashed", device(DEVICE, DEVICE, &md5("PASSCODE01"))),
        ("other_value", device(DEVICE, DEVICE, DEVICE)),
        ("digest_mismatch", newer(&newer_user(), &md5(&format!("{p},{m},{a},{n}")))),
        (
            "hmac_used",
            newer(
                &newer_user(),
                &hex::encode(&digest::hmac(Digest::Sha256, AUTH.as_bytes(), format!("{p},{m},{a},{n}").as_bytes())),
            ),
        ),
        ("order", newer(&newer_user(), &sha(&format!("{m},{p},{a},{n}")))),
        ("order", newer(&newer_user(), &sha(&format!("{p},{m},{n},{a}")))),
        ("joint", newer(&newer_user(), &sha(&format!("{p}{m}{a}{n}")))),
        ("joint", newer(&newer_user(), &sha(&format!("{p}, {m}, {a}, {n}")))),
        ("part_left_out", newer(&newer_user(), &sha(&format!("{p},{m},{a}")))),
        ("part_left_out", newer(&newer_user(), &sha(&format!("{p},{a},{n}")))),
        ("part_added", newer(&newer_user(), &sha(&format!("{p},{m},{a},{n}\n")))),
        ("part_added", newer(&newer_user(), &sha(&format!("{DEVICE},{p},{m},{a},{n}")))),
        ("mac_form", newer(&newer_user(), &sha(&format!("{p},a4cf12345678,{a},{n}")))),
        ("mac_form", newer(&newer_user(), &sha(&format!("{p},A4:CF:12:34:56:78,{a},{n}")))),
        ("did_for_product_key", newer(&newer_user(), &sha(&format!("{DEVICE},{m},{a},{n}")))),
        ("base64_instead_of_hex", newer(&newer_user(), &digest::base64_encode(&bytes))),
        ("signed_other_value", newer(&newer_user().replace("ABCDEFGHIJ", "ABCDEFGHIK"), NEWER)),
        ("secret_typo", newer(&newer_user(), &sha(&format!("{p},{m},authkey0123456780,{n}")))),
        ("nonce_missing", newer(DEVICE, NEWER)),
        ("sign_method", newer(&newer_user().replace("sha256", "md5"), NEWER)),
        ("sign_method", newer(&newer_user().replace("signmethod=sha256,", ""), NEWER)),
        ("parameter_misspelt", newer(&newer_user().replace("signnonce", "signNonce"), NEWER)),
    ] {
        let checked = verdict(&given);
        let shown: Vec<String> =
            checked.findings.iter().map(|f| format!("{} {} {}", f.code, f.certain, f.message)).collect();
        let found = checked.findings.iter().find(|finding| finding.code == code);
        let found = found.unwrap_or_else(|| panic!("{code} was expected of {given:?}:\n{}", shown.join("\n")));
        assert!(found.certain && found.severity == Severity::Error, "{code}:\n{}", shown.join("\n"));
        for finding in &checked.findings {
            assert!(!finding.message.to_string().contains(TOKEN) && !finding.message.to_string().contains(AUTH));
        }
    }
}

#[test]
fn another_secret_is_no_certain_mistake() {
    let checked = verdict(&newer(&newer_user(), &sha("something else")));
    assert!(!checked.is_right());
    assert!(checked.findings.iter().all(|finding| !finding.certain));
}

#[test]
fn packets_are_read() {
    let packet = "108c0100064d514973647003c2007800177573724131623243336434453566364737683849396a3000433224303132333435363738396162\
        63646566303132333435363738396162636465662466656463626139383736353433323130666564636261393837363534333231300020\
        3030313132323333343435353636373738383939616162626363646465656666";
    let mut given = Given { fields: Fields::new().with("token", TOKEN), ..Given::default() };
    crate::dialect::check::harvest::harvest(&mut given, &crate::dialect::gizwits::spec::SPEC, packet);
    assert_eq!(verdict(&given).findings, []);
}
