//! The flags of a `go` command, with those of `GOFLAGS`, and the linker flags inside them.
//!
//! The grammar is that of Go's `flag` package and of `cmd/internal/quoted`; where flags repeat, the last one counts
//! (`PerPackageFlag.For` in cmd/go/internal/load).

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use crate::fact::{Knowledge, Need};
use crate::toolchain::{Environment, UNKNOWN, Word};

/// The flags of a build command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Flags {
    /// `-o`; [`UNKNOWN`] stands for its unknown parts.
    pub(super) output: Option<String>,
    /// `-C`: the directory to change to first.
    pub(super) directory: Option<String>,
    pub(super) tags: Vec<String>,
    /// `pie`, `c-shared`, …; empty for the default.
    pub(super) build_mode: String,
    pub(super) race: bool,
    /// `-msan` or `-asan`.
    pub(super) sanitizer: bool,
    pub(super) link_shared: bool,
    /// `go test -c`
    pub(super) compile_test: bool,
    /// A flag under which Go before 1.20 compiles the standard library anew instead of taking its prebuilt archives
    /// (`-a`, `-trimpath`, `-race`, `-installsuffix`, `-gcflags=all=…`; tried with Go 1.15 and 1.19).
    pub(super) rebuilds_std: bool,
    pub(super) link: LinkFlags,
    /// Packages or files, as written.
    pub(super) packages: Vec<String>,
    /// A word that may hold any flags or packages.
    pub(super) open: Option<Arc<Need>>,
}

/// The flags of `-ldflags` that decide how a program is linked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LinkFlags {
    pub(super) mode: LinkMode,
    pub(super) external: ExternalFlags,
    /// `-I`: the interpreter to write.
    pub(super) interpreter: Option<String>,
    /// `all=…` or another pattern before the flags: unlike bare flags, seen early by every version of `go`.
    pub(super) for_all: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LinkMode {
    #[default]
    Auto,
    Internal,
    External,
}

/// What `-extldflags` asks of the C toolchain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ExternalFlags {
    #[default]
    Plain,
    Static,
    StaticPie,
}

/// Flags that take no value unless it is written with `=`.
const SWITCHES: [&str; 31] = [
    "a",
    "n",
    "x",
    "v",
    "i",
    "race",
    "msan",
    "asan",
    "cover",
    "work",
    "trimpath",
    "linkshared",
    "modcacherw",
    "buildvcs",
    "json",
    "d",
    "u",
    "t",
    "fix",
    "insecure",
    "c",
    "short",
    "failfast",
    "benchmem",
    "artifacts",
    "build-json",
    "m",
    "compiled",
    "deps",
    "e",
    "export",
];

impl Flags {
    /// Reads `GOFLAGS` and then the words after the subcommand.
    pub(super) fn read(environment: &Environment, words: &[Word]) -> Self {
        let mut flags = Self::default();
        match environment.get("GOFLAGS") {
            Some(Knowledge::Known(value)) => {
                for word in fields(&value.value) {
                    if let Some((name, value)) = word.trim_start_matches('-').split_once('=') {
                        flags.set(name, value, None);
                    } else {
                        flags.set(word.trim_start_matches('-'), "true", None);
                    }
                }
            }
            Some(Knowledge::Unknown(need)) => flags.open = Some(need),
            None => {}
        }
        flags.words(words);
        flags
    }

    fn words(&mut self, words: &[Word]) {
        let mut words = words.iter();
        let mut only_packages = false;
        while let Some(word) = words.next() {
            let text = word.pattern();
            if text.starts_with(UNKNOWN) {
                self.open = word.unknown().cloned();
                self.packages.push(text);
                continue;
            }
            if only_packages || !text.starts_with('-') || text == "-" {
                // Go's flag package stops at the first word that is no flag.
                only_packages = true;
                self.packages.push(text);
                continue;
            }
            if text == "--" {
                only_packages = true;
                continue;
            }
            let name = text.strip_prefix("--").or_else(|| text.strip_prefix('-')).unwrap_or(&text);
            if let Some((name, value)) = name.split_once('=') {
                self.set(name, value, word.unknown());
            } else if SWITCHES.contains(&name) {
                self.set(name, "true", None);
            } else if let Some(next) = words.next() {
                self.set(name, &next.pattern(), next.unknown());
            }
        }
    }

    fn set(&mut self, name: &str, value: &str, unknown: Option<&Arc<Need>>) {
        let on = !is_one_of(value, "false 0 f F FALSE False");
        match name {
            "o" => self.output = Some(value.to_owned()),
            "C" => self.directory = Some(value.to_owned()),
            "tags" => {
                self.tags = value.split([',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect_vec();
                if value.contains(UNKNOWN) {
                    self.open = unknown.cloned();
                }
            }
            "buildmode" => self.build_mode = if value == "default" { String::new() } else { value.to_owned() },
            "race" => {
                self.race = on;
                self.rebuilds_std |= on;
            }
            "msan" | "asan" => self.sanitizer = on,
            "linkshared" => self.link_shared = on,
            "c" => self.compile_test = on,
            "a" | "trimpath" => self.rebuilds_std |= on,
            "installsuffix" => self.rebuilds_std = true,
            "gcflags" | "asmflags" => self.rebuilds_std |= value.starts_with("all="),
            "ldflags" => {
                if let Some(link) = LinkFlags::read(value) {
                    self.link = link;
                } else {
                    self.open = unknown.cloned();
                }
            }
            _ => {}
        }
    }
}

impl LinkFlags {
    /// Reads the value of `-ldflags`; `None` when it may hold any flag.
    fn read(value: &str) -> Option<Self> {
        let mut flags = Self::default();
        let mut value = value.trim_start();
        if !value.starts_with(['-', '\'', '"']) && !value.starts_with(UNKNOWN) {
            if let Some((pattern, rest)) = value.split_once('=') {
                flags.for_all = pattern == "all";
                value = rest;
            }
        }
        let fields = fields(value);
        let mut fields = fields.iter().map(String::as_str);
        while let Some(field) = fields.next() {
            if field.starts_with(UNKNOWN) {
                return None;
            }
            let name = field.strip_prefix("--").or_else(|| field.strip_prefix('-')).unwrap_or_default();
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (name, None),
            };
            let takes_value = is_one_of(name, "linkmode extldflags I X extld B buildid r T R E L");
            let value = if takes_value { value.or_else(|| fields.next()) } else { value }.unwrap_or_default();
            match name {
                "linkmode" => {
                    flags.mode = match value {
                        "external" => LinkMode::External,
                        "internal" => LinkMode::Internal,
                        _ => LinkMode::Auto,
                    }
                }
                "extldflags" if value.starts_with(UNKNOWN) => return None,
                "extldflags" => flags.external = ExternalFlags::read(value),
                "I" => flags.interpreter = Some(value.to_owned()),
                _ => {}
            }
        }
        Some(flags)
    }
}

impl ExternalFlags {
    /// Reads flags for the C toolchain: those of `-extldflags`, or of `CGO_LDFLAGS` and `CC`.
    pub(super) fn read(value: &str) -> Self {
        let mut found = Self::Plain;
        for field in fields(value) {
            match field.as_str() {
                "-static" | "--static" | "-Wl,-static" if found == Self::Plain => found = Self::Static,
                "-static-pie" | "--static-pie" => found = Self::StaticPie,
                _ => {}
            }
        }
        found
    }
}

/// Splits at white space; a field may be quoted as a whole, and nothing is escaped (Go's `quoted.Split`).
pub(super) fn fields(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (field, after) = if first == '\'' || first == '"' {
            let inner = &rest[1..];
            let end = inner.find(first).unwrap_or(inner.len());
            (&inner[..end], inner.get(end + 1..).unwrap_or_default())
        } else {
            let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
            rest.split_at(end)
        };
        found.push(field.to_owned());
        rest = after.trim_start();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::Part;

    fn read(line: &[&str]) -> Flags {
        let words: Vec<Word> = line.iter().map(|word| Word::new(*word)).collect();
        Flags::read(&Environment::default(), &words)
    }

    #[test]
    fn the_last_flag_counts_and_packages_come_after() {
        let flags =
            read(&["-o", "/app", "--tags=netgo osusergo", "-v", "-race=false", "-tags", "a,b", "./cmd/x", "-y"]);
        assert_eq!(flags.output.as_deref(), Some("/app"));
        assert_eq!(flags.tags, ["a", "b"]);
        assert!(!flags.race);
        assert_eq!(flags.packages, ["./cmd/x", "-y"]);
    }

    #[test]
    fn linker_flags_are_split_as_go_does() {
        for (value, mode, external) in [
            ("-s -w", LinkMode::Auto, ExternalFlags::Plain),
            ("-linkmode external -extldflags \"-static\" -s", LinkMode::External, ExternalFlags::Static),
            ("-linkmode=external '-extldflags=-static -lm'", LinkMode::External, ExternalFlags::Static),
            ("-extldflags '-static-pie -Wl,-z,now'", LinkMode::Auto, ExternalFlags::StaticPie),
            ("-extldflags -static", LinkMode::Auto, ExternalFlags::Static),
            ("-extldflags \"-lm -lstdc++\" -extldflags -static", LinkMode::Auto, ExternalFlags::Static),
            ("-extldflags=-static-libgcc", LinkMode::Auto, ExternalFlags::Plain),
            ("-X 'main.flags=-linkmode external' -w", LinkMode::Auto, ExternalFlags::Plain),
            ("-X main.v=1 -linkmode external -linkmode internal", LinkMode::Internal, ExternalFlags::Plain),
            ("all=-linkmode=external", LinkMode::External, ExternalFlags::Plain),
        ] {
            let flags = read(&["-ldflags", value]).link;
            assert_eq!((flags.mode, flags.external), (mode, external), "{value}");
        }
    }

    #[test]
    fn unknown_parts_matter_where_flags_may_hide() {
        let need = Arc::new(Need { text: crate::text! { en: "n", ja: "n" }, settled_by: vec![], at: None });
        let word = |before: &str, after: &str| Word {
            parts: vec![Part::Text(before.into()), Part::Unknown(Arc::clone(&need)), Part::Text(after.into())],
        };
        let open = |word: Word| Flags::read(&Environment::default(), &[Word::new("-ldflags"), word]).open.is_some();
        assert!(open(word("", "")));
        assert!(open(word("-s ", " -w")));
        assert!(!open(word("-X main.v=", " -w")));
        assert!(!open(word("-X 'main.v=", "' -w")));
    }
}
