//! Workspaces: several profiles under one name, with the layout of their screen; and the layout of the last run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{Dirs, ProfileError, edit, find, texts};
use crate::base::toml::Source;

/// How the screen is divided: parts of a thousand by the name of the split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The tab that is shown, by the name of its action.
    pub tab: Option<String>,
    /// Whether the topic tree is shown.
    pub tree: Option<bool>,
    /// Shares of splits that were moved.
    pub splits: BTreeMap<String, u16>,
}

/// Several profiles under one name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workspace {
    /// Its name.
    pub name: String,
    /// The profiles that it connects.
    pub profiles: Vec<String>,
    /// Its layout.
    pub layout: Layout,
}

/// Where the layout of the last run is kept.
const LAST: &str = "layout.toml";

impl Dirs {
    /// Where workspaces are kept.
    fn workspaces(&self) -> Option<PathBuf> {
        self.config().map(|config| config.join("workspaces"))
    }
}

/// Every workspace that can be read, by name, and what is wrong with the others.
pub fn all(dirs: &Dirs) -> (Vec<Workspace>, Vec<ProfileError>) {
    let mut found = Vec::new();
    let mut faults = Vec::new();
    let files = dirs.workspaces().map_or_else(|| Ok(Vec::new()), |folder| find::toml_files(&folder));
    match files {
        Err(fault) => faults.push(fault),
        Ok(mut files) => {
            files.sort();
            for path in files {
                match read(&path) {
                    Ok(workspace) => found.push(workspace),
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
    (found, faults)
}

/// The workspace of that name.
pub fn get(dirs: &Dirs, name: &str) -> Result<Workspace, ProfileError> {
    edit::check_name(name)?;
    let (known, faults) = all(dirs);
    let names: Vec<String> = known.iter().map(|workspace| workspace.name.clone()).collect();
    if let Some(found) = known.into_iter().find(|workspace| workspace.name == name) {
        return Ok(found);
    }
    let own = |fault: &ProfileError| fault.path.as_deref().and_then(Path::file_stem).is_some_and(|stem| stem == name);
    match faults.into_iter().find(own) {
        Some(fault) => Err(fault),
        None => {
            let list = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
            Err(ProfileError::whole(None, texts::NO_WORKSPACE.with(&[&name, &list])))
        }
    }
}

/// Saves a workspace under its name, over an older one of that name.
pub fn save(dirs: &Dirs, workspace: &Workspace) -> Result<PathBuf, ProfileError> {
    edit::check_name(&workspace.name)?;
    let folder = dirs.workspaces().ok_or_else(|| ProfileError::whole(None, texts::NO_CONFIG_DIR))?;
    let mut document = DocumentMut::new();
    document.insert("profiles", value(Array::from_iter(workspace.profiles.iter())));
    put(&mut document, &workspace.layout);
    write(folder.join(format!("{}.toml", workspace.name)), &document)
}

/// The layout of the last run; the usual one where none was kept or it cannot be read.
pub fn last_layout(dirs: &Dirs) -> Layout {
    let text = dirs.config().and_then(|folder| std::fs::read_to_string(folder.join(LAST)).ok());
    text.and_then(|text| parse(&text, None).ok()).map(|(_, layout)| layout).unwrap_or_default()
}

/// Keeps the layout for the next run.
pub fn keep_layout(dirs: &Dirs, layout: &Layout) -> Result<PathBuf, ProfileError> {
    let folder = dirs.config().ok_or_else(|| ProfileError::whole(None, texts::NO_CONFIG_DIR))?;
    let mut document = DocumentMut::new();
    put(&mut document, layout);
    write(folder.join(LAST), &document)
}

fn write(path: PathBuf, document: &DocumentMut) -> Result<PathBuf, ProfileError> {
    edit::write(&path, &document.to_string(), false)
        .map_err(|error| ProfileError::whole(Some(path.clone()), texts::CANNOT_WRITE.with(&[&error])))?;
    Ok(path)
}

fn put(document: &mut DocumentMut, layout: &Layout) {
    let mut table = Table::new();
    if let Some(tab) = &layout.tab {
        table.insert("tab", value(tab.as_str()));
    }
    if let Some(tree) = layout.tree {
        table.insert("tree", value(tree));
    }
    let mut splits = Table::new();
    for (name, share) in &layout.splits {
        splits.insert(name, value(i64::from(*share)));
    }
    if !splits.is_empty() {
        table.insert("splits", Item::Table(splits));
    }
    document.insert("layout", Item::Table(table));
}

fn read(path: &Path) -> Result<Workspace, ProfileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ProfileError::whole(Some(path.to_owned()), texts::CANNOT_READ.with(&[&error])))?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    let (profiles, layout) = parse(&text, Some(path))?;
    Ok(Workspace { name, profiles, layout })
}

fn parse(text: &str, path: Option<&Path>) -> Result<(Vec<String>, Layout), ProfileError> {
    let mut source = Source::new(text);
    let mut layout = Layout::default();
    let mut profiles = Vec::new();
    if let Some(document) = source.document() {
        source.refuse_unknown(document.as_table(), &["profiles", "layout"]);
        profiles = source.strings(document.as_table(), "profiles").unwrap_or_default();
        if let Some(table) = source.table(document.as_table(), "layout") {
            source.refuse_unknown(table, &["tab", "tree", "splits"]);
            layout.tab = source.string(table, "tab").map(|(tab, _)| tab);
            layout.tree = source.boolean(table, "tree");
            if let Some(splits) = source.table(table, "splits") {
                for (name, item) in splits.iter() {
                    match item.as_integer().and_then(|share| u16::try_from(share).ok()).filter(|share| *share <= 1000) {
                        Some(share) => _ = layout.splits.insert(name.to_owned(), share),
                        None => source.wrong_type(name, item, texts::A_SHARE),
                    }
                }
            }
        }
    }
    match source.into_faults().into_iter().next() {
        None => Ok((profiles, layout)),
        Some(fault) => Err(ProfileError {
            path: path.map(Path::to_owned),
            line: fault.line,
            column: fault.column,
            reason: fault.reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        let layout = Layout {
            tab: Some("tab-stream".to_owned()),
            tree: Some(false),
            splits: BTreeMap::from([("tree".to_owned(), 300)]),
        };
        let workspace = Workspace { name: "bench".to_owned(), profiles: vec!["a".to_owned(), "b".to_owned()], layout };
        save(&dirs, &workspace).unwrap();
        assert_eq!(get(&dirs, "bench").unwrap(), workspace);
        assert!(get(&dirs, "other").unwrap_err().to_string().contains("bench"));
        keep_layout(&dirs, &workspace.layout).unwrap();
        assert_eq!(last_layout(&dirs), workspace.layout);
    }

    #[test]
    fn a_broken_workspace_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        std::fs::create_dir_all(folder.path().join("workspaces")).unwrap();
        std::fs::write(folder.path().join("workspaces/x.toml"), "profiles = [\"a\"]\nlayuot = 1\n").unwrap();
        let error = get(&dirs, "x").unwrap_err();
        assert_eq!((error.line, error.column), (2, 1));
        assert_eq!(last_layout(&dirs), Layout::default());
    }
}
