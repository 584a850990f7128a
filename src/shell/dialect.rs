//! Which shell reads a script.

/// The shells that differ in what they understand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// dash: POSIX and little more (`/bin/sh` of Debian and Ubuntu).
    Posix,
    /// BusyBox ash (`/bin/sh` of Alpine): `[[`, `source` and `&>`, and no brace expansion.
    ///
    /// The choice for a `/bin/sh` of which nothing is known: it refuses the least.
    #[default]
    Ash,
    /// bash, also as `/bin/sh` of Fedora, RHEL and SUSE; near enough for ksh and zsh scripts.
    Bash,
}

impl Dialect {
    /// The dialect of an interpreter, by its path or name; `None` for what is no POSIX-like shell (`pwsh`, `cmd`,
    /// `python3`), whose scripts are opaque.
    ///
    /// `sh` is [`Dialect::Ash`] here, since only the image knows better.
    #[must_use]
    pub fn of_interpreter(path: &str) -> Option<Self> {
        match path.rsplit('/').next().unwrap_or_default() {
            "sh" | "ash" | "busybox" => Some(Self::Ash),
            "dash" => Some(Self::Posix),
            "bash" | "rbash" | "zsh" | "ksh" | "mksh" | "ksh93" | "oksh" => Some(Self::Bash),
            _ => None,
        }
    }
}

/// What a script's `#!` line makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shebang<'t> {
    /// There is none: a shell that starts the file reads it itself.
    None,
    Shell(Dialect),
    /// Another interpreter.
    Other(&'t str),
}

/// Reads the `#!` line: `#!/bin/bash -e`, `#!/usr/bin/env bash`.
#[must_use]
pub fn shebang(text: &str) -> Shebang<'_> {
    let Some(line) = text.strip_prefix("#!") else { return Shebang::None };
    let line = line.lines().next().unwrap_or_default();
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let named = words.next().unwrap_or_default();
    let interpreter = match named.rsplit('/').next() {
        Some("env") => words.find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or(named),
        _ => named,
    };
    Dialect::of_interpreter(interpreter).map_or(Shebang::Other(interpreter), Shebang::Shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_names_the_shell() {
        for (text, expected) in [
            ("echo", Shebang::None),
            ("#!/bin/sh\n", Shebang::Shell(Dialect::Ash)),
            ("#! /bin/bash -eu\necho", Shebang::Shell(Dialect::Bash)),
            ("#!/usr/bin/env bash", Shebang::Shell(Dialect::Bash)),
            ("#!/usr/bin/env -S bash -e", Shebang::Shell(Dialect::Bash)),
            ("#!/usr/bin/env python3\n", Shebang::Other("python3")),
            ("#!", Shebang::Other("")),
        ] {
            assert_eq!(shebang(text), expected, "{text:?}");
        }
    }
}
