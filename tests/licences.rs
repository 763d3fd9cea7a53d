//! What `deny.toml` says about licences, bans and sources, enforced without any tool but Cargo.
//!
//! `cargo deny check` reads the same file and can do more (advisories); it needs to be installed and its database to be
//! reached, and neither is given everywhere.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Reads an SPDX expression (and the old `A/B`) and tells whether it can be met by allowed licences alone.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any_of(&words, &mut at, allowed);
    met && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all_of(words, at, allowed);
    }
    met
}

fn all_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any_of(words, at, allowed);
        *at += 1;
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return allowed.contains(&format!("{word} WITH {exception}"));
    }
    allowed.contains(*word)
}

fn strings(list: &toml::Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_dependency_keeps_to_deny_toml() {
    let root = env!("CARGO_MANIFEST_DIR");
    let deny: toml::Value = toml::from_str(&std::fs::read_to_string(format!("{root}/deny.toml")).unwrap()).unwrap();
    let licences = strings(&deny["licenses"]["allow"]);
    let registries = strings(&deny["sources"]["allow-registry"]);

    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "only {} packages", packages.len());
    let name_of = |id: &Value| {
        packages.iter().find(|package| package["id"] == *id).map(|package| package["name"].as_str().unwrap())
    };

    let mut faults = Vec::new();
    for package in packages {
        let name = format!("{} {}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_met(licence, &licences) {
            faults.push(format!("{name}: the licence “{licence}” is not allowed"));
        }
        let source = package["source"].as_str();
        let known = source.is_none_or(|source| {
            source.strip_prefix("registry+").is_some_and(|registry| registries.contains(registry))
        });
        if !known {
            faults.push(format!("{name}: comes from {source:?}"));
        }
    }
    for ban in deny["bans"]["deny"].as_array().unwrap() {
        let banned = ban["crate"].as_str().unwrap();
        let wrappers = ban.get("wrappers").map(strings).unwrap_or_default();
        for node in metadata["resolve"]["nodes"].as_array().unwrap() {
            let user = name_of(&node["id"]).unwrap();
            let uses = node["deps"].as_array().unwrap().iter().any(|dep| name_of(&dep["pkg"]) == Some(banned));
            if uses && !wrappers.contains(user) {
                faults.push(format!("{user}: depends on {banned}, which is banned"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for good in
        ["MIT", "MIT/GPL-3.0", "GPL-3.0 OR MIT", "(GPL-3.0 OR MIT) AND Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
    {
        assert!(is_met(good, &allowed), "{good}");
    }
    for bad in
        ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND GPL-3.0", "GPL-3.0 WITH LLVM-exception", "MIT )"]
    {
        assert!(!is_met(bad, &allowed), "{bad}");
    }
}
