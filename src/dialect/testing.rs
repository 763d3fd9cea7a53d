//! For tests: a platform which connects and does nothing else, and what the tests of several dialects ask alike.

use crate::dialect::ModelFault;
use crate::model::ThingModel;

/// The methods of [`crate::dialect::Dialect`] of a platform that has nothing to say: all but `spec`, `plan`, `sign` and
/// `classify`; `but encode` leaves that out as well.
macro_rules! says_nothing {
    () => {
        $crate::dialect::testing::says_nothing!(but encode);

        fn encode(
            &self,
            _: &$crate::dialect::Context<'_>,
            _: &$crate::model::Request,
            _: u64,
            _: $crate::base::time::Time,
            _: bool,
        ) -> Result<$crate::dialect::Encoded, $crate::dialect::EncodeFault> {
            Err($crate::dialect::EncodeFault::NoSuchOperation(Vec::new()))
        }
    };
    (but encode) => {
        fn dissect(&self, _: &$crate::dialect::Context<'_>, _: &str, _: &[u8]) -> $crate::model::Dissection {
            $crate::model::Dissection::default()
        }

        fn gist(&self, _: &$crate::dialect::Context<'_>, _: &str, _: &[u8], _: &$crate::model::Meta) -> String {
            String::new()
        }

        fn read(&self, _: &$crate::dialect::Context<'_>, _: &str, _: &[u8]) -> Vec<$crate::dialect::Reading> {
            Vec::new()
        }

        fn answer(
            &self,
            _: &$crate::dialect::Context<'_>,
            _: &$crate::dialect::Incoming,
            _: &$crate::dialect::Answer,
            _: $crate::base::time::Time,
        ) -> Option<$crate::dialect::Encoded> {
            None
        }

        fn check_value(
            &self,
            _: &$crate::model::ThingModel,
            _: &str,
            _: &serde_json::Value,
            _: bool,
        ) -> Result<(), ($crate::model::thing::ValueFault, Option<String>)> {
            Ok(())
        }

        fn read_model(&self, _: &str) -> Result<$crate::model::ThingModel, $crate::dialect::ModelFault> {
            Ok($crate::model::ThingModel::default())
        }

        fn write_model(&self, _: &$crate::model::ThingModel) -> Result<String, $crate::base::lang::Phrase> {
            Ok(String::new())
        }

        fn observe(&self, _: &str, _: &[u8]) -> Vec<$crate::model::learn::Observed> {
            Vec::new()
        }

        fn demo_model(&self) -> $crate::model::ThingModel {
            $crate::model::ThingModel::default()
        }

        fn cloud(
            &self,
            _: &$crate::dialect::Roster,
            _: &$crate::dialect::CloudOptions,
        ) -> Result<Box<dyn $crate::dialect::Cloud>, $crate::dialect::RosterFault> {
            Err($crate::dialect::RosterFault { line: 0, reason: $crate::base::lang::Phrase::verbatim("none") })
        }
    };
}

pub(crate) use says_nothing;

/// Holds the reader of a dialect's model files to telling an unknown data type at its place, with those that there are.
/// `typed` are members of a property that say `boool` where a type belongs.
pub(crate) fn unknown_types_are_told(
    read: impl Fn(&str) -> Result<ThingModel, ModelFault>,
    types: &[&str],
    typed: [&str; 2],
) {
    for typed in typed {
        let text = format!("{{\n \"properties\": [\n  {{\"identifier\": \"a\", {typed}}}]}}");
        let fault = read(&text).unwrap_err();
        let column = text.lines().nth(2).and_then(|line| line.find("\"boool")).unwrap() + 1;
        assert_eq!((fault.line, fault.column), (3, column), "{typed}");
        let words = fault.reason.to_string();
        assert!(words.contains("boool") && types.iter().all(|word| words.contains(word)), "{words}");
    }
}
