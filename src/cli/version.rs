//! What `--version` tells: version, commit, features, and the revision of each platform's protocol.

use crate::dialect::REGISTRY;

/// Cargo features that this build has.
const FEATURES: &[(&str, bool)] = &[("cloud", cfg!(feature = "cloud"))];

/// The long form, for `--version`.
pub fn long() -> String {
    let features: Vec<&str> = FEATURES.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
    let mut text = format!(
        "{} ({}, {})\nfeatures: {features}\nprotocols:",
        env!("CARGO_PKG_VERSION"),
        env!("IOTDBG_BUILD"),
        env!("IOTDBG_TARGET"),
    );
    for dialect in REGISTRY {
        text.push_str(&format!("\n  {:<12} {}", dialect.spec().name, dialect.revision()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_tells_the_revision_of_its_protocol() {
        let text = long();
        for dialect in REGISTRY {
            assert!(!dialect.revision().is_empty(), "{}", dialect.spec().name);
            assert!(text.contains(dialect.spec().name));
        }
        assert!(text.starts_with(env!("CARGO_PKG_VERSION")) && text.contains("features:"));
    }
}
