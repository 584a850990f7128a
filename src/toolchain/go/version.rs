//! Go versions, and which toolchain really builds.

use crate::fact::{Fact, Knowledge, Provenance, Step};
use crate::needs::Language;
use crate::project::go::manifest::Manifest;
use crate::source::Location;
use crate::text;
use crate::toolchain::Invocation;

/// A version of Go 1, as far as it is known: `1.22`, `1.22.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) minor: u32,
    /// `None` when only the language version is known.
    pub(super) patch: Option<u32>,
}

/// The toolchain that builds.
pub(super) enum Selected {
    /// This one; `None` when nothing tells the version.
    Version(Option<Fact<Version>>),
    /// None: the module asks for a newer one than may run.
    TooOld { wanted: String, running: Version, because: Vec<Step> },
}

impl Version {
    /// Reads `1.22`, `1.22.3`, `go1.22rc1`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches("go").strip_prefix("1.")?;
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (minor, rest) = text.split_at(digits(text));
        let patch = rest.strip_prefix('.').and_then(|rest| rest[..digits(rest)].parse().ok());
        Some(Self { minor: minor.parse().ok()?, patch })
    }

    /// Whether this toolchain is too old for a `go` line; unknown patch releases are taken for new enough.
    fn is_older_than(self, wanted: Self) -> bool {
        self.minor < wanted.minor
            || self.minor == wanted.minor && self.patch.is_some_and(|patch| patch < wanted.patch.unwrap_or(0))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}", self.minor)?;
        self.patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

/// Selects as Go 1.21 and later do it (go.dev/doc/toolchain): `GOTOOLCHAIN`, then the module's lines.
pub(super) fn select(invocation: &Invocation<'_>, manifest: Option<(&Manifest, &std::sync::Arc<str>)>) -> Selected {
    let tools = invocation.builder.tools.iter();
    let local = tools
        .filter(|tool| tool.value.language == Language::Go)
        .find_map(|tool| Some(Fact::new(Version::parse(&tool.value.version)?, tool.from.clone())));
    let Some(local) = local else { return Selected::Version(None) };
    let setting = invocation.environment.get("GOTOOLCHAIN");
    let setting = match &setting {
        Some(Knowledge::Known(value)) => value.value.as_str(),
        _ => "auto",
    };
    if local.value.minor >= 21 {
        if let Some(named) =
            setting.strip_prefix("go").map(|name| name.trim_end_matches("+auto").trim_end_matches("+path"))
        {
            if let Some(version) = Version::parse(named) {
                return Selected::Version(Some(Fact::new(version, environment_provenance(invocation))));
            }
        }
    }
    let Some((manifest, dropped)) = manifest else { return Selected::Version(Some(local)) };
    let line = |line: &Option<crate::project::go::manifest::Line>| {
        let line = line.as_ref()?;
        Some((Version::parse(&line.value)?, line.value.clone(), Provenance::Read(Location::new(dropped, line.span))))
    };
    let Some((wanted, written, from)) = line(&manifest.go) else { return Selected::Version(Some(local)) };
    let running = local.value;
    // Before 1.21 the line was a hint, but `1.21.0` was no version at all for it: "must match format 1.23".
    let unreadable = running.minor < 20 + 1 && wanted.patch.is_some();
    if running.minor < 21 && !unreadable {
        return Selected::Version(Some(local));
    }
    if unreadable || setting == "local" && running.is_older_than(wanted) {
        let claim = text! {
            en: "go.mod asks for Go {wanted}",
            ja: "go.mod は Go {wanted} を要求しています",
            wanted: &written,
        };
        let mut because = vec![Step { claim, from }];
        let claim = text! { en: "the builder has Go {running}", ja: "ビルダーの Go は {running} です", running: running.to_string() };
        because.push(local.step(claim));
        return Selected::TooOld { wanted: written, running, because };
    }
    if setting == "local" {
        return Selected::Version(Some(local));
    }
    let toolchain = line(&manifest.toolchain).filter(|(version, ..)| *version > wanted);
    let (wanted, _, from) = toolchain.unwrap_or((wanted, written, from));
    Selected::Version(Some(if running.is_older_than(wanted) { Fact::new(wanted, from) } else { local }))
}

fn environment_provenance(invocation: &Invocation<'_>) -> Provenance {
    match invocation.environment.get("GOTOOLCHAIN") {
        Some(Knowledge::Known(value)) => value.from,
        _ => Provenance::Read(invocation.at.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_far_as_they_go() {
        for (text, minor, patch) in
            [("1.22", 22, None), ("go1.22.3", 22, Some(3)), ("1.27rc1", 27, None), ("1.4.2-x", 4, Some(2))]
        {
            assert_eq!(Version::parse(text), Some(Version { minor, patch }), "{text}");
        }
        for text in ["", "1", "2.0", "go", "1.x"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
