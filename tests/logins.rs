//! The checker on logins that were made by other code, with one mistake each (`logins/make.py` tells how): it names the
//! mistake, and never another one as certain. Right ones it calls right.

use iotdbg::base::secret::Secret;
use iotdbg::base::time::Time;
use iotdbg::dialect::{self, Given};
use iotdbg::model::{Fields, Role, Severity};
use serde::Deserialize;

/// A time at which none of the logins has expired that is not meant to have.
const NOW: Time = Time::from_secs(1_800_000_000);

#[derive(Deserialize)]
struct Case {
    dialect: String,
    role: Option<String>,
    /// What was done wrong.
    what: String,
    /// The codes that name it; empty for a right login.
    accept: Vec<String>,
    /// Flags and values, as on the command line.
    args: Vec<String>,
}

impl Case {
    fn given(&self) -> Given {
        let mut given = Given { fields: Fields::new(), ..Given::default() };
        for pair in self.args.chunks(2) {
            let [flag, value] = pair else { panic!("{}: an odd number of words", self.what) };
            match flag.as_str() {
                "--client-id" => given.client_id = Some(value.clone()),
                "--username" => given.username = Some(value.clone()),
                "--password" => given.password = Some(Secret::new(value.as_str())),
                flag => given.fields.set(flag.trim_start_matches('-').replace('-', "_"), value.as_str()),
            }
        }
        given
    }
}

#[test]
fn the_mistake_in_a_foreign_login_is_named_and_no_other() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("logins/wrong.json")).unwrap();
    let mut wrong = 0;
    for case in &cases {
        let Case { what, accept, .. } = case;
        let dialect = dialect::find(&case.dialect).unwrap();
        let role = case.role.as_deref().map(|role| if role == "app" { Role::App } else { Role::Device });
        let checked = dialect.check(role, &case.given(), NOW).unwrap_or_else(|fault| panic!("{what}: {fault}"));
        let name = format!("{}: {what}: {:?}", case.dialect, checked.findings);
        assert!(checked.is_right() || !accept.is_empty(), "a false alarm: {name}");
        for finding in checked.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            assert!(!finding.certain || accept.iter().any(|code| code == finding.code), "not what was done: {name}");
        }
        assert!(accept.is_empty() || checked.findings.iter().any(|f| accept.iter().any(|a| a == f.code)), "{name}");
        wrong += usize::from(!accept.is_empty());
    }
    assert!(wrong >= 100, "{wrong}");
}
