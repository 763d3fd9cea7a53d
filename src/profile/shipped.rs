//! The profiles that are part of the binary.

use super::{Profile, ProfileError};

/// Every shipped profile as name and text, in the order of the dialects.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    crate::dialect::REGISTRY.iter().flat_map(|dialect| dialect.shipped().profiles.iter().copied())
}

/// A shipped profile by name.
pub(super) fn get(name: &str) -> Option<Result<Profile, ProfileError>> {
    all().find(|(known, _)| *known == name).map(|(name, text)| Profile::parse(text, name, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Time;
    use crate::dialect::REGISTRY;
    use crate::profile::resolve;

    /// The secret in clear, if it is base64 of some text.
    fn decoded(secret: &str) -> String {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::STANDARD.decode(secret).unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    #[test]
    fn every_role_of_every_dialect_has_a_profile_that_parses_and_plans() {
        for dialect in REGISTRY {
            for role in dialect.spec().roles {
                let name = format!("{}-{}", dialect.spec().name, role.role);
                let profile = get(&name).unwrap_or_else(|| panic!("no shipped profile {name}")).unwrap();
                assert_eq!(profile.dialect.spec().name, dialect.spec().name);
                assert_eq!(profile.role, role.role);
                assert!(profile.builtin && profile.path.is_none() && !profile.production);
                profile.check(Time::from_secs(1_700_000_000)).unwrap();
            }
        }
    }

    #[test]
    fn every_profile_points_at_the_simulated_cloud_on_its_default_port() {
        for (name, text) in all() {
            let profile = Profile::parse(text, name, None).unwrap();
            let server = profile.settings.server.clone().unwrap();
            let endpoints = profile.dialect.spec().endpoints;
            let endpoint = endpoints.iter().find(|endpoint| endpoint.port == server.port);
            let endpoint = endpoint.unwrap_or_else(|| panic!("{name}: nobody listens on port {}", server.port));
            assert_eq!((server.host.as_str(), server.transport.scheme()), ("127.0.0.1", endpoint.scheme), "{name}");
            assert!(endpoint.roles.contains(&profile.role), "{name}");
        }
    }

    #[test]
    fn secrets_of_shipped_profiles_are_obviously_made_up() {
        for (name, text) in all() {
            let profile = Profile::parse(text, name, None).unwrap();
            let settings = resolve(&profile).unwrap();
            let specs = profile.role_spec().unwrap().identity;
            for spec in specs.iter().filter(|spec| spec.secret) {
                let Some(secret) = settings.identity.get(spec.name) else { continue };
                let told = secret.to_lowercase().contains("iotdbg-demo") || decoded(secret).contains("iotdbg-demo");
                assert!(told, "{name}: {} looks like a real secret", spec.name);
            }
        }
    }

    #[test]
    fn every_profile_is_explained_in_comments() {
        for (name, text) in all() {
            let comments = text.lines().filter(|line| line.starts_with('#')).count();
            assert!(comments >= 5, "{name} has {comments} lines of comment");
            assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{name} has no Chinese line");
        }
    }
}
