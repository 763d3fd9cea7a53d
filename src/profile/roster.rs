//! Rosters: the identities that the simulated cloud knows.
//!
//! A roster is TOML with one array of tables per dialect and kind: `[[dialect.table]]`. Which tables there are, which
//! keys they need and which of the keys hold lists is told by the dialect's `Spec`. A `model` key names a thing model
//! file, counted from the roster; the dialect gets the text of the file, as it reads no files itself.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::{Item, TableLike};

use super::{ProfileError, texts};
use crate::base::pattern;
use crate::base::toml::{Source, key_span, line_and_column};
use crate::dialect::cloud::RosterEntry;
use crate::dialect::{Dialect, REGISTRY, Roster, RosterTable};
use crate::model::Fields;

/// The key whose file is read in its place.
const MODEL: &str = "model";
/// The key that makes several entries of one table.
const COUNT: &str = "count";

/// Rosters by dialect name.
pub type Rosters = BTreeMap<String, Roster>;

/// Reads a roster file.
pub fn read(path: &Path) -> Result<Rosters, ProfileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ProfileError::whole(Some(path.to_owned()), texts::CANNOT_READ.with(&[&error])))?;
    parse(&text, Some(path))
}

/// Reads the text of a roster; the error is the first of the file.
pub fn parse(text: &str, path: Option<&Path>) -> Result<Rosters, ProfileError> {
    parse_for(text, path, REGISTRY)
}

/// The roster that is used where none is given: the identities of the shipped profiles.
pub fn builtin() -> Result<Rosters, ProfileError> {
    let mut rosters = Rosters::new();
    for dialect in REGISTRY {
        let mut own = parse(dialect.shipped().roster, None)?;
        for roster in own.values_mut() {
            // Lines of a text that the user cannot see mean nothing.
            roster.tables.values_mut().flatten().for_each(|entry| entry.line = 0);
        }
        rosters.append(&mut own);
    }
    Ok(rosters)
}

fn parse_for(text: &str, path: Option<&Path>, dialects: &[&'static dyn Dialect]) -> Result<Rosters, ProfileError> {
    let mut source = Source::new(text);
    let rosters = source.document().map(|document| {
        let folder = path.and_then(Path::parent);
        let mut reader = Reader { text, folder, source: &mut source };
        reader.rosters(document.as_table(), dialects)
    });
    match source.into_faults().into_iter().next() {
        Some(fault) => Err(ProfileError::at(path.map(Path::to_owned), fault)),
        None => Ok(rosters.unwrap_or_default()),
    }
}

struct Reader<'r, 't> {
    text: &'t str,
    folder: Option<&'r Path>,
    source: &'r mut Source<'t>,
}

impl Reader<'_, '_> {
    fn rosters(&mut self, top: &dyn TableLike, dialects: &[&'static dyn Dialect]) -> Rosters {
        let mut rosters = Rosters::new();
        for (name, item) in top.iter() {
            let spec = dialects.iter().map(|dialect| dialect.spec());
            let Some(spec) = spec.clone().find(|spec| spec.name == name || spec.aliases.contains(&name)) else {
                let known: Vec<&str> = spec.map(|spec| spec.name).collect();
                self.source.fault(key_span(top, name), texts::UNKNOWN_DIALECT.with(&[&name, &known.join(", ")]));
                continue;
            };
            match item.as_table_like() {
                Some(tables) => {
                    let roster = rosters.entry(spec.name.to_owned()).or_default();
                    self.tables(spec.name, tables, spec.roster, roster);
                }
                None => self.source.wrong_type(name, item, texts::A_TABLE),
            }
        }
        rosters
    }

    fn tables(&mut self, dialect: &str, tables: &dyn TableLike, specs: &'static [RosterTable], roster: &mut Roster) {
        for (name, item) in tables.iter() {
            let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
                let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
                let reason = texts::UNKNOWN_TABLE.with(&[&dialect, &name, &known.join(", ")]);
                self.source.fault(key_span(tables, name).or_else(|| first_span(item)), reason);
                continue;
            };
            let Some(list) = item.as_array_of_tables() else {
                let shape = format!("[[{dialect}.{name}]]");
                let expected = crate::base::lang::Phrase::verbatim(shape);
                let found = crate::base::lang::Phrase::verbatim(item.type_name());
                let reason = texts::WRONG_TYPE.around([crate::base::lang::Phrase::verbatim(name), expected, found]);
                self.source.fault(key_span(tables, name), reason);
                continue;
            };
            let entries: Vec<RosterEntry> =
                list.iter().flat_map(|table| self.entries(table, table.span(), spec)).collect();
            roster.tables.entry(name.to_owned()).or_default().extend(entries);
        }
    }

    /// The entries that one table stands for: one, or `count` of them with the number in place of `{n}`.
    fn entries(
        &mut self,
        table: &dyn TableLike,
        span: Option<std::ops::Range<usize>>,
        spec: &'static RosterTable,
    ) -> Vec<RosterEntry> {
        let entry = self.entry(table, span, spec);
        let Some(item) = table.get(COUNT) else { return vec![entry] };
        let Some(count) = item.as_integer().and_then(|count| u64::try_from(count).ok()) else {
            self.source.wrong_type(COUNT, item, texts::AN_INTEGER);
            return vec![entry];
        };
        if count == 0 || count > pattern::MOST {
            self.source.fault(item.span(), texts::BAD_COUNT.with(&[&pattern::MOST, &count]));
            return vec![entry];
        }
        if !entry.fields.names().any(|name| entry.fields.get(name).is_some_and(pattern::is_numbered)) {
            self.source.fault(item.span(), texts::COUNT_WITHOUT_PLACE);
            return vec![entry];
        }
        (1..=count).map(|number| of_number(&entry, number)).collect()
    }

    fn entry(
        &mut self,
        table: &dyn TableLike,
        span: Option<std::ops::Range<usize>>,
        spec: &'static RosterTable,
    ) -> RosterEntry {
        let known: Vec<&str> = spec.required.iter().chain(spec.optional).copied().collect();
        let allowed: Vec<&str> = known.iter().copied().chain([COUNT]).collect();
        let misspelt = self.source.refuse_unknown(table, &allowed);
        let start = span.clone().map_or(0, |span| span.start);
        let mut entry = RosterEntry { line: line_and_column(self.text, start).0, ..RosterEntry::default() };
        for key in &known {
            let Some(item) = table.get(key) else {
                // A misspelt key explains the missing one, and is the place to mend.
                if spec.required.contains(key) && !misspelt {
                    self.source.fault(span.clone(), texts::MISSING_KEY.with(&[key]));
                }
                continue;
            };
            if spec.lists.contains(key) {
                let list = self.source.strings(table, key).unwrap_or_default();
                let list = list.iter().flat_map(|name| match pattern::expanded(name) {
                    Some(names) => names,
                    None => {
                        self.source.fault(item.span(), texts::BAD_RANGE.with(&[name, &pattern::MOST]));
                        Vec::new()
                    }
                });
                let list = list.collect();
                entry.lists.insert((*key).to_owned(), list);
            } else if let Some(text) = self.text_of(key, item) {
                entry.fields.set(*key, text);
            }
        }
        entry
    }

    fn text_of(&mut self, key: &str, item: &Item) -> Option<String> {
        let number = item.as_integer().map(|number| number.to_string());
        let Some(text) = item.as_str().map(str::to_owned).or(number) else {
            self.source.wrong_type(key, item, texts::A_TEXT);
            return None;
        };
        if key != MODEL {
            return Some(text);
        }
        let file = self.folder.map_or_else(|| Path::new(&text).to_owned(), |folder| folder.join(&text));
        match std::fs::read_to_string(&file) {
            Ok(model) => Some(model),
            Err(error) => {
                self.source.fault(item.span(), texts::NO_FILE.with(&[&key, &file.display(), &error]));
                None
            }
        }
    }
}

/// One of several entries that a table with `count` stands for.
fn of_number(entry: &RosterEntry, number: u64) -> RosterEntry {
    let mut fields = Fields::new();
    for name in entry.fields.names() {
        let text = entry.fields.get(name).unwrap_or_default();
        // The text of a model file is not a name.
        let text = if name == MODEL { text.to_owned() } else { pattern::numbered(text, number) };
        fields.set(name, text);
    }
    let numbered = |list: &Vec<String>| list.iter().map(|name| pattern::numbered(name, number)).collect();
    let lists = entry.lists.iter().map(|(key, list)| (key.clone(), numbered(list))).collect();
    RosterEntry { fields, lists, line: entry.line }
}

/// Where the first table of an array of tables stands.
fn first_span(item: &Item) -> Option<std::ops::Range<usize>> {
    item.span().or_else(|| item.as_array_of_tables()?.iter().next()?.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::testing::DIALECTS;

    fn error(text: &str) -> String {
        parse_for(text, Some(Path::new("roster.toml")), DIALECTS).unwrap_err().to_string()
    }

    #[test]
    fn entries_keep_their_order_and_know_their_line() {
        let text = "# lamps\n[[fake.device]]\nproduct_id = \"p1\"\ndevice_name = \"lamp\"\naccess_key = \"k\"\n\n[[fake.device]]\nproduct_id = 2\ndevice_name = \"灯\"\naccess_key = \"k\"\n\n[[sham.group]]\ngroup_id = \"g\"\ndevices = [\"p1/lamp\"]\n";
        let rosters = parse_for(text, None, DIALECTS).unwrap();
        let devices = rosters["fake"].table("device");
        assert_eq!(devices.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 7]);
        assert_eq!(devices[1].fields.get("product_id"), Some("2"));
        let group = &rosters["fake"].table("group")[0];
        assert_eq!(group.lists["devices"], ["p1/lamp"]);
    }

    #[test]
    fn one_table_stands_for_many_entries() {
        let text = "[[fake.device]]\nproduct_id = \"p\"\ndevice_name = \"lamp-{n:03}\"\naccess_key = \"k{n}\"\ncount = 12\n\
                    [[fake.group]]\ngroup_id = \"g\"\ndevices = [\"p/lamp-{001..012}\", \"p/x\"]\n";
        let rosters = parse_for(text, None, DIALECTS).unwrap();
        let devices = rosters["fake"].table("device");
        assert_eq!((devices.len(), devices[11].line), (12, 1));
        assert_eq!(devices[11].fields.get("device_name"), Some("lamp-012"));
        assert_eq!(devices[2].fields.get("access_key"), Some("k3"));
        let group = &rosters["fake"].table("group")[0].lists["devices"];
        assert_eq!((group.len(), group[11].as_str(), group[12].as_str()), (13, "p/lamp-012", "p/x"));
        let alike = text.replace("lamp-{n:03}", "lamp").replace("k{n}", "k");
        assert!(error(&alike).contains("roster.toml:5:9: “count” needs a place"), "{}", error(&alike));
        assert!(error(&text.replace("= 12", "= 0")).contains("from 1 to"));
    }

    #[test]
    fn a_fault_names_line_and_column() {
        assert!(
            error("[[fake.device]]\nproduct_id = \"p\"\n").starts_with("roster.toml:1:1: “device_name” is required")
        );
        assert!(
            error("[[fake.device]]\nproduct_id = \"p\"\ndevice_nam = \"d\"\naccess_key = \"k\"\n")
                .starts_with("roster.toml:3:1: unknown key “device_nam”; did you mean “device_name”?")
        );
        assert!(
            error("[[fake.group]]\ngroup_id = \"g\"\ndevics = []\n")
                .starts_with("roster.toml:3:1: unknown key “devics”; did you mean “devices”?")
        );
        assert!(
            error("[[fake.group]]\ngroup_id = \"g\"\ndevices = \"p/d\"\n")
                .starts_with("roster.toml:3:11: “devices” must be a list of texts")
        );
        assert!(error("[[fake.lamp]]\n").contains("no roster table [[fake.lamp]]; there are: device, group"));
        assert!(error("[[other.device]]\n").contains("unknown dialect “other”; known: fake"));
        assert!(error("[fake.device]\nproduct_id = \"p\"\n").contains("“device” must be [[fake.device]], found table"));
        assert!(error("[[fake.device]\n").starts_with("roster.toml:1:"));
    }

    #[test]
    fn a_model_is_read_from_the_file_beside_the_roster() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.toml");
        std::fs::write(folder.path().join("lamp.json"), "{\"properties\":[]}").unwrap();
        let text =
            "[[fake.device]]\nproduct_id = \"p\"\ndevice_name = \"d\"\naccess_key = \"k\"\nmodel = \"lamp.json\"\n";
        let rosters = parse_for(text, Some(&path), DIALECTS).unwrap();
        assert_eq!(rosters["fake"].table("device")[0].fields.get("model"), Some("{\"properties\":[]}"));
        let missing = parse_for(&text.replace("lamp.json", "none.json"), Some(&path), DIALECTS).unwrap_err();
        assert_eq!(missing.line, 5);
        assert!(missing.to_string().contains("none.json"), "{missing}");
    }

    #[test]
    fn the_built_in_roster_makes_a_cloud_of_every_dialect() {
        let rosters = builtin().unwrap();
        for dialect in REGISTRY {
            let roster = rosters.get(dialect.spec().name).cloned().unwrap_or_default();
            // That it lets in the shipped profiles is shown by the conformance suite of the dialects.
            assert!(dialect.cloud(&roster, &crate::dialect::CloudOptions::default()).is_ok());
        }
    }
}
