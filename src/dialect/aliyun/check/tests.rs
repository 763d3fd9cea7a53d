//! Wrong logins, one mistake each, and what the checker says of them. The right one is the vendor's own example.

use super::*;
use crate::base::digest;
use crate::base::hex;

const ID: &str = "12345|securemode=3,signmethod=hmacsha1,timestamp=789|";
const USER: &str = "device&pk";
const RIGHT: &str = "FAFD82A3D602B37FB0FA8B7892F24A477F851A14";
const CONTENT: &str = "clientId12345deviceNamedeviceproductKeypktimestamp789";
const NOW: Time = Time::from_secs(1_750_000_000);

fn given(id: &str, user: &str, password: &str) -> Given {
    Given {
        client_id: Some(id.to_owned()),
        username: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        fields: Fields::new().with("device_secret", "secret"),
        ..Given::default()
    }
}

fn sha1(key: &str, text: &str) -> String {
    hex::encode(&digest::hmac(Digest::Sha1, key.as_bytes(), text.as_bytes()))
}

fn signed(text: &str) -> Given {
    given(ID, USER, &sha1("secret", text))
}

fn verdict(given: &Given) -> Checked {
    check(None, given, NOW).unwrap()
}

#[test]
fn the_published_example_is_right_in_either_case_of_letters() {
    for password in [RIGHT.to_owned(), RIGHT.to_lowercase()] {
        let checked = verdict(&given(ID, USER, &password));
        assert_eq!(checked.findings, []);
        let expected = checked.expected.unwrap();
        assert_eq!(expected.client_id.as_deref(), Some(ID));
        assert_eq!(expected.password.unwrap().expose(), password);
        assert_eq!(expected.content.as_deref(), Some(CONTENT));
    }
    // Other published results.
    for (id, user, secret, password) in [
        (
            "12345|securemode=3,signmethod=hmacsha256,timestamp=789|",
            USER,
            "secret",
            "6074A46A91B1EBB2CC4EA42790AD0E80202C9843859FC292E57C4EB19FAD9E57",
        ),
        ("12345|securemode=3,signmethod=hmacmd5|", USER, "secret", "2ce7304ec0ddd548eb1492d65ac0b334"),
        (
            "a1iotdbg001.bench-01|timestamp=2524608000000,_v=sdk-c-3.2.0,securemode=3,signmethod=hmacsha256,lan=C,_ss=1|",
            "bench-01&a1iotdbg001",
            "0123456789abcdef0123456789abcdef",
            "8770651A2B0D8BBADA0C036D3F5FBE716B4DCD1305316833B3B2AA2780AC628E",
        ),
        (
            "appinst-0001&a1appchan01|securemode=2,signmethod=hmacsha1,ext=1|",
            "appinst-0001&a1appchan01",
            "00112233445566778899aabbccddeeff",
            "8DF646361921A3F50E70309E1EDFEC24FA8B4FEB",
        ),
    ] {
        let mut given = given(id, user, password);
        given.fields.set("device_secret", secret);
        assert_eq!(verdict(&given).findings, [], "{id}");
    }
}

#[test]
fn a_dynamic_registration_is_checked_with_the_product_secret() {
    let mut given = given(
        "bench-01.a1iotdbg001|random=8Ygb7ULYh53B6OA,authType=register,securemode=2,signmethod=hmacsha256|",
        "bench-01&a1iotdbg001",
        "594df89031ed5ee63083ee2755ffd321e8cd21bf13d00f2ec35eebb3a6558db0",
    );
    given.fields.set("product_secret", "prodsecret0123456");
    assert_eq!(verdict(&given).findings, []);
}

#[test]
fn one_mistake_each_is_named_and_certain() {
    let mut cases: Vec<(&str, Given)> = vec![
        ("digest_mismatch", given(&ID.replace("sha1", "sha256"), USER, RIGHT)),
        ("digest_mismatch", given(ID, USER, "14B198324FE55E1D3C88F2E705E201EE")),
        ("timestamp_left_out", signed("clientId12345deviceNamedeviceproductKeypk")),
        (
            "timestamp_added",
            given(
                "12345|securemode=3,signmethod=hmacsha1|",
                USER,
                &sha1("secret", "clientId12345deviceNamedeviceproductKeypktimestamp2524608000000"),
            ),
        ),
        ("client_id_whole", signed(&format!("clientId{ID}deviceNamedeviceproductKeypktimestamp789"))),
        ("part_left_out", signed("deviceNamedeviceproductKeypktimestamp789")),
        ("part_left_out", signed("clientId12345productKeypktimestamp789")),
        ("order", signed("productKeypkdeviceNamedeviceclientId12345timestamp789")),
        ("order", signed("clientId12345productKeypkdeviceNamedevicetimestamp789")),
        ("order", signed("timestamp789clientId12345deviceNamedeviceproductKeypk")),
        ("joint", signed("clientId=12345&deviceName=device&productKey=pk&timestamp=789")),
        ("joint", signed("clientId=12345deviceName=deviceproductKey=pktimestamp=789")),
        ("joint", signed("clientId12345,deviceNamedevice,productKeypk,timestamp789")),
        ("names_left_out", signed("12345devicepk789")),
        ("name_case", signed("clientid12345devicenamedeviceproductkeypktimestamp789")),
        ("name_case", signed("ClientId12345DeviceNamedeviceProductKeypkTimestamp789")),
        ("part_added", signed("clientId12345deviceNamedeviceproductKeypksecuremode3signmethodhmacsha1timestamp789")),
        ("part_added", signed(&format!("{CONTENT}\n"))),
        ("name_and_key_swapped", signed("clientId12345deviceNamepkproductKeydevicetimestamp789")),
        ("client_id_signed_other", signed("clientIdpk.devicedeviceNamedeviceproductKeypktimestamp789")),
        ("other_text_signed", signed("device&pk")),
        (
            "key_decoded",
            given(
                ID,
                USER,
                &hex::encode(&digest::hmac(
                    Digest::Sha1,
                    &digest::base64_decode_lenient("secret").unwrap(),
                    CONTENT.as_bytes(),
                )),
            ),
        ),
        ("key_ampersand", given(ID, USER, &sha1("secret&", CONTENT))),
        ("key_empty", given(ID, USER, &sha1("", CONTENT))),
        ("secret_typo", given(ID, USER, &sha1("secret\n", CONTENT))),
        ("secret_typo", given(ID, USER, &sha1("secrat", CONTENT))),
        ("key_and_text_swapped", given(ID, USER, &sha1(CONTENT, "secret"))),
        ("no_hmac", given(ID, USER, &hex::encode(&digest::hash(Digest::Sha1, format!("{CONTENT}secret").as_bytes())))),
        ("base64_instead_of_hex", given(ID, USER, &digest::base64_encode(&hex::parse(RIGHT).unwrap()))),
        ("hex_in_base64", given(ID, USER, &digest::base64_encode(RIGHT.to_lowercase().as_bytes()))),
        ("signature_typo", given(ID, USER, &RIGHT.replacen('D', "C", 1))),
        ("cut_off", given(ID, USER, &RIGHT[..31])),
        ("stray_space", given(ID, USER, &format!("{RIGHT}\n"))),
        ("signed_other_value", given(&ID.replace("789", "788"), USER, RIGHT)),
        ("signed_other_value", given(&ID.replace("12345", "12346"), USER, RIGHT)),
        ("signed_other_value", given(ID, "devise&pk", RIGHT)),
        ("signed_other_value", given(ID, "device&pj", RIGHT)),
        (
            "signed_other_value",
            given(
                &ID.replace("789", "1700000000"),
                USER,
                &sha1("secret", "clientId12345deviceNamedeviceproductKeypktimestamp1700000000000"),
            ),
        ),
        ("username_form", given(ID, "device|pk", RIGHT)),
        ("secret_sent", given(ID, USER, "secret")),
        ("not_signed", given(ID, USER, CONTENT)),
        ("username_form", given(ID, "device", RIGHT)),
        ("username_encoded", given(ID, "device%26pk", RIGHT)),
        ("client_id_bar", given(ID.trim_end_matches('|'), USER, RIGHT)),
        ("client_id_parameters", given("12345", USER, RIGHT)),
        ("client_id_separator", given(&ID.replace(',', "&"), USER, RIGHT)),
        ("parameter_misspelt", given(&ID.replace("signmethod", "signMethod"), USER, RIGHT)),
        ("secure_mode", given(&ID.replace("securemode=3,", ""), USER, RIGHT)),
        ("secure_mode", given(&ID.replace("securemode=3", "securemode=5"), USER, RIGHT)),
        ("sign_method", given(&ID.replace("hmacsha1", "sha1"), USER, RIGHT)),
        ("full_width", given(&ID.replace('|', "｜"), USER, RIGHT)),
        (
            "client_id_length",
            given(
                &ID.replace("12345", &"1".repeat(65)),
                USER,
                &sha1("secret", &CONTENT.replace("12345", &"1".repeat(65))),
            ),
        ),
        ("apsaramq", given("GID_test@@@device", "Signature|LTAI4|post-cn-abc", "abc=")),
    ];
    let mut other = given(ID, USER, &sha1("product secret", CONTENT));
    other.fields.set("product_secret", "product secret");
    cases.push(("other_secret", other));
    let mut swapped = given(ID, "pk&device", RIGHT);
    swapped.fields.set("product_key", "pk");
    cases.push(("username_swapped", swapped));
    cases.push(("name_and_key_swapped", given(ID, "pk&device", RIGHT)));
    let mut tls = given(ID, USER, RIGHT);
    tls.server = crate::dialect::Server::parse("mqtts://pk.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883").ok();
    cases.push(("secure_mode", tls));
    let mut host = given(ID, USER, RIGHT);
    host.server = crate::dialect::Server::parse("mqtt://other.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883").ok();
    cases.push(("host_of_other_product", host));
    for (code, given) in cases {
        let checked = verdict(&given);
        let shown: Vec<String> =
            checked.findings.iter().map(|f| format!("{} {} {}", f.code, f.certain, f.message)).collect();
        let found = checked.findings.iter().find(|finding| finding.code == code);
        let found = found.unwrap_or_else(|| panic!("{code} was expected of {given:?}:\n{}", shown.join("\n")));
        assert!(found.certain && found.severity == Severity::Error, "{code}:\n{}", shown.join("\n"));
        assert!(
            checked
                .findings
                .iter()
                .all(|finding| finding.code == code || !finding.certain || finding.code == "username_form"),
            "{code} is the only mistake:\n{}",
            shown.join("\n")
        );
    }
}

#[test]
fn the_mended_login_passes() {
    for (id, user) in [
        (ID.trim_end_matches('|').to_owned(), USER.to_owned()),
        (ID.replace("hmacsha1", "sha1"), USER.to_owned()),
        (ID.replace(',', ";"), "device|pk".to_owned()),
        ("12345".to_owned(), USER.to_owned()),
    ] {
        let expected = verdict(&given(&id, &user, RIGHT)).expected.unwrap();
        let mended = Given {
            client_id: expected.client_id,
            username: expected.username,
            password: expected.password,
            fields: Fields::new().with("device_secret", "secret"),
            ..Given::default()
        };
        assert_eq!(verdict(&mended).findings, [], "{id}");
    }
}

#[test]
fn another_secret_is_no_certain_mistake() {
    let checked = verdict(&given(ID, USER, &sha1("something else", CONTENT)));
    assert_eq!(checked.findings.len(), 1);
    assert!(!checked.findings[0].certain && checked.findings[0].code == "unexplained");
}

#[test]
fn the_seeds_own_lines_are_read() {
    for pasted in [
        format!("mqttclientId={ID}\nusername={USER}\npassword={RIGHT}"),
        format!("mqttclientId={ID}username={USER}password={RIGHT}"),
        format!("clientId：{ID}\nusername：{USER}\npassword：{RIGHT}"),
        format!("{ID}\n{USER}\n{RIGHT}"),
        format!("mqtt.Client(\"{ID}\"); username_pw_set(\"{USER}\", \"{RIGHT}\")"),
        format!("AT+MQTTUSERCFG=0,1,\"{ID}\",\"{USER}\",\"{RIGHT}\",0,0,\"\""),
        format!(
            "#define PK \"pk\"\n#define ID \"{ID}\"\n#define USER \"device\" \"&\" PK\nclient.connect(ID, USER, \"{RIGHT}\");"
        ),
        format!(
            "import paho.mqtt.client as mqtt\npk = 'pk'\nc = mqtt.Client('{ID}')\nc.username_pw_set('device&' + pk, '{RIGHT}')"
        ),
        format!(
            "AT+MQTTUSERCFG=0,1,\"NULL\",\"{USER}\",\"{RIGHT}\",0,0,\"\"\nAT+MQTTCLIENTID=0,\"{}\"",
            ID.replace(',', "\\,")
        ),
        format!(
            "const ts = 789;\nmqtt.connect({{clientId: `12345|securemode=3,signmethod=hmacsha1,timestamp=${{ts}}|`, username: '{USER}', password: '{RIGHT}'}})"
        ),
        format!("PK=pk\nmosquitto_pub -i '{ID}' -u \"device&$PK\" -P {RIGHT} -t t -m '{{}}'"),
        "107600044d51545404c2012c003531323334357c7365637572656d6f64653d332c7369676e6d6574686f643d686d6163736861312c\
         74696d657374616d703d3738397c000964657669636526706b0028464146443832413344363032423337464230464138423738393246\
         3234413437374638353141313"
            .to_owned()
            + "4",
    ] {
        let mut given = Given { fields: Fields::new().with("device_secret", "secret"), ..Given::default() };
        crate::dialect::check::harvest::harvest(&mut given, &crate::dialect::aliyun::spec::SPEC, &pasted);
        let checked = check(None, &given, NOW).unwrap_or_else(|fault| panic!("{fault}: {pasted}\n{given:?}"));
        assert_eq!(checked.findings, [], "{pasted}");
    }
}
