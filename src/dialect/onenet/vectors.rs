//! Foreign vectors: results that others computed, so that a mistake made on both of our ends shows.
//!
//! "Published" results are printed by a third party; the others were computed once with another implementation.

use crate::base::time::Time;
use crate::dialect::onenet::sign::{Token, sign};
use crate::model::{Fields, Role};

/// The example key printed in the official documents (device authentication).
const K: &str = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=";
/// The example key printed in the official API documents.
const D: &str = "mjgvkTCYTBF6DguxMmm+aV9EkDp2CYfL5jzRTph5Th6KhU8gqZz/cBivPTA7tfY5";
/// A key of a third-party test whose last character carries stray bits.
const STRAY: &str = "adfasdfadsfadsf=";
const LUATOS: &str = "published: openLuat/LuatOS, iotauth test";
const GO: &str = "published: ricnsmart/util, Go unit test";
const COMPUTED: &str = "computed with Python's hmac and base64";
const TEST: &str = "products/Ck2AF9QD2K/devices/test";
const OTHER: &str = "products/12342334/devices/test";

/// key, version, res, et, method, sign, origin.
type Vector = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const VECTORS: [Vector; 18] = [
    (K, "2018-10-31", "products/123123", "1537255523", "sha1", "lsaPSiiGvEFFjXu5WU7a6IkScqE=", GO),
    (K, "2018-10-31", TEST, "32472115200", "md5", "htDD26UhXtXayMFAWRmNiA==", LUATOS),
    (K, "2018-10-31", TEST, "32472115200", "sha1", "onzQlILHFFNqIY+dOXYM3lthLT8=", LUATOS),
    (K, "2018-10-31", TEST, "32472115200", "sha256", "6Y4zbk3Sa89tRf9lMxCCE0jG74uEcEuu/nly1pU9ADM=", LUATOS),
    // The method is signed as written.
    (K, "2018-10-31", TEST, "32472115200", "MD5", "y215sMm9evP3NThz5QRsiA==", LUATOS),
    (K, "2022-05-01", TEST, "32472115200", "sha256", "N41Pmx3YpLyOoc9jtyCFPJX1etO8MxfcCr7xHYw40ws=", LUATOS),
    (STRAY, "2018-10-31", OTHER, "32472115200", "md5", "wZWDnoyHugla0wMlcl75xg==", LUATOS),
    (STRAY, "2018-10-31", OTHER, "32472115200", "sha1", "FHt8BqSNGv0VEJKbHN4zod6a69Q=", LUATOS),
    (K, "2018-10-31", "products/123123", "1537255523", "md5", "M3jB6jcSNUuGcvW3dFcrWA==", COMPUTED),
    (
        K,
        "2018-10-31",
        "products/123123",
        "1537255523",
        "sha256",
        "tuFMd8Cc5krZO+RiNaW4mad5tauSFq2J89Gd70MXQPI=",
        COMPUTED,
    ),
    (
        K,
        "2018-10-31",
        "products/dafdfadfafdaf/devices/che1",
        "1537255523",
        "sha1",
        "6wNfzSb3LQD7vAC9ArLLjdJur/8=",
        COMPUTED,
    ),
    (K, "2020-05-29", "userid/12321", "1700000000", "md5", "RlHiinKlPS225GiTSKH8Jg==", COMPUTED),
    (K, "2020-05-29", "userid/12321", "1700000000", "sha1", "pBAVnY9ByATjakIHN1W31L853Hw=", COMPUTED),
    (K, "2020-05-29", "userid/12321", "1700000000", "sha256", "mPM6eMpEeuU42sgGnlqsIjK1sQEpxP9kQ4rswou72N8=", COMPUTED),
    (
        K,
        "2020-05-29",
        "projectid/KLza8R/groupid/g1",
        "1700000000",
        "sha256",
        "Kdz9SkFwCTSfibyFpMu4rH88fWCoEnszfx+SrCAnjHI=",
        COMPUTED,
    ),
    (K, "2022-05-01", "userid/12321", "1700000000", "sha1", "VcheFwRhMj9Yity32GqjuNnN5FE=", COMPUTED),
    (D, "2020-05-29", "userid/37715", "1700000000", "sha1", "R59L4mDqF0QUV+ilemgNPl13/g4=", COMPUTED),
    (D, "2020-05-29", "userid/130037", "1700000000", "sha1", "Gs959g+9ao5oiUonZ+d30Ayg2UM=", COMPUTED),
];

/// The fields that give a resource.
fn fields(res: &str) -> (Role, Fields) {
    let parts: Vec<&str> = res.split('/').collect();
    match parts.as_slice() {
        ["userid", user] => (Role::App, Fields::new().with("user_id", *user)),
        ["projectid", project, "groupid", group] => {
            (Role::App, Fields::new().with("project_id", *project).with("group_id", *group))
        }
        ["products", product] => (Role::Device, Fields::new().with("product_id", *product).with("resource", "product")),
        ["products", product, "devices", device] => {
            (Role::Device, Fields::new().with("product_id", *product).with("device_name", *device))
        }
        _ => panic!("{res}"),
    }
}

#[test]
fn the_calculator_agrees_with_every_foreign_result() {
    for (key, version, res, et, method, expected, origin) in VECTORS {
        let (role, fields) = fields(res);
        let fields =
            fields.with("access_key", key).with("version", version).with("expires_at", et).with("method", method);
        let signed = sign(role, &fields, Time::ZERO, None).unwrap();
        let token = Token::parse(signed.password.as_ref().unwrap().expose()).unwrap();
        assert_eq!(token.sign, expected, "{res} {method} ({origin})");
        assert_eq!(token.res, res);
        assert_eq!(signed.steps.iter().find(|step| step.name == "base64 encode").unwrap().output, expected);
    }
}

#[test]
fn the_whole_published_token_is_made_character_for_character() {
    // ricnsmart/util, Go unit test.
    let (role, fields) = fields("products/123123");
    let fields = fields
        .with("access_key", K)
        .with("version", "2018-10-31")
        .with("expires_at", "1537255523")
        .with("method", "sha1");
    let signed = sign(role, &fields, Time::ZERO, None).unwrap();
    assert_eq!(
        signed.password.unwrap().expose(),
        "version=2018-10-31&res=products%2F123123&et=1537255523&method=sha1&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D"
    );
    assert_eq!(signed.username.as_deref(), Some("123123"));
    assert_eq!(signed.content.as_deref(), Some("1537255523\nsha1\nproducts/123123\n2018-10-31"));
    assert_eq!(signed.expires_at, Some(Time::from_secs(1_537_255_523)));
}
