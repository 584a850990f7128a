//! Platforms as Docker writes them: `os/architecture[/variant]`.

use crate::lists::Collect;
use std::fmt;

/// A platform, normalized as containerd does it (`platforms/database.go`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    /// Empty where the architecture has none or the usual one (`amd64`, `arm64` for `arm64/v8`).
    pub variant: String,
}

impl Platform {
    #[must_use]
    pub fn linux(architecture: &str) -> Self {
        Self { os: "linux".into(), architecture: architecture.into(), variant: String::new() }.normalized()
    }

    /// Reads `linux/arm/v7`, `arm64`, `linux`; `None` for what is no platform at all.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let plausible = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        let parts: Vec<&str> = text.split('/').collect_vec();
        if !parts.iter().all(|part| plausible(part)) {
            return None;
        }
        let (os, architecture, variant) = match parts[..] {
            [one] if KNOWN_SYSTEMS.contains(&one) => (one, "amd64", ""),
            [one] => ("linux", one, ""),
            [os, architecture] => (os, architecture, ""),
            [os, architecture, variant] => (os, architecture, variant),
            _ => return None,
        };
        let os = if os == "macos" { "darwin" } else { os };
        Some(Self { os: os.into(), architecture: architecture.into(), variant: variant.into() }.normalized())
    }

    #[must_use]
    pub fn is_windows(&self) -> bool {
        self.os == "windows"
    }

    fn normalized(mut self) -> Self {
        let (architecture, variant) = match (self.architecture.as_str(), self.variant.as_str()) {
            ("i386" | "i486" | "i586" | "i686", _) => ("386", ""),
            ("x86_64" | "x86-64", "v1" | "") | ("amd64", "v1") => ("amd64", ""),
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("aarch64" | "arm64", "8" | "v8" | "") => ("arm64", ""),
            ("aarch64", variant) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "" | "7") => ("arm", "v7"),
            ("arm", "5") => ("arm", "v5"),
            ("arm", "6") => ("arm", "v6"),
            ("arm", "8") => ("arm", "v8"),
            other => other,
        };
        let (architecture, variant) = (architecture.to_owned(), variant.to_owned());
        self.architecture = architecture;
        self.variant = variant;
        self
    }
}

/// A lone word is one of these systems, or else an architecture.
const KNOWN_SYSTEMS: [&str; 8] = ["linux", "windows", "darwin", "macos", "freebsd", "netbsd", "openbsd", "solaris"];

/// linux/amd64, what `docker build` takes on most machines.
impl Default for Platform {
    fn default() -> Self {
        Self::linux("amd64")
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_normalized() {
        for (written, normal) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/amd64/v2", "linux/amd64/v2"),
            ("linux/arm64/v8", "linux/arm64"),
            ("aarch64", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("linux/i386", "linux/386"),
            ("linux", "linux/amd64"),
            ("Windows/amd64", "windows/amd64"),
        ] {
            assert_eq!(Platform::parse(written).map(|p| p.to_string()).as_deref(), Some(normal), "{written}");
        }
        for wrong in ["", "/", "linux/", "a/b/c/d", "linux/$ARCH"] {
            assert_eq!(Platform::parse(wrong), None, "{wrong}");
        }
    }
}
