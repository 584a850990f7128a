//! Build constraints: whether a file belongs to a build.
//!
//! The rules are those of Go's `go/build` and `go/build/constraint`: a `//go:build` line, else `// +build` lines, and
//! the file name's `_GOOS`, `_GOARCH` and `_test` endings.

/// What a build is made for.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub system: String,
    pub architecture: String,
    pub cgo: bool,
    pub tags: Vec<String>,
    /// The Go 1.x that builds; release tags go up to it.
    pub minor: u32,
}

/// Go's `internal/syslist`, with names that only older versions knew.
const SYSTEMS: [&str; 19] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
    "unix",
];
const UNIX: [&str; 12] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "linux",
    "netbsd",
    "openbsd",
    "solaris",
];
const ARCHITECTURES: [&str; 27] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "alpha",
    "m68k",
    "sh",
];

/// An expression deeper than this is taken for nonsense; Go itself stops at 1000 operands.
const MAXIMUM_DEPTH: usize = 100;

impl Target {
    /// Whether a file of this name and text is part of the build.
    #[must_use]
    pub fn takes(&self, name: &str, text: &str) -> bool {
        // Go ignores what starts with `_` or `.`, and tests are no part of a program.
        let Some(stem) = name.strip_suffix(".go") else { return false };
        let hidden = name.starts_with(['_', '.']) || stem.ends_with("_test");
        !hidden && self.takes_name(stem) && self.takes_header(text)
    }

    fn takes_name(&self, stem: &str) -> bool {
        // What stands before the first `_` is never an ending: `linux.go` is for every system.
        let Some((_, endings)) = stem.split_once('_') else { return true };
        let mut endings = endings.rsplit('_');
        let (last, before) = (endings.next().unwrap_or_default(), endings.next().unwrap_or_default());
        let system = |word: &str| SYSTEMS.contains(&word) && word != "unix";
        if ARCHITECTURES.contains(&last) {
            self.holds(last) && (!system(before) || self.holds(before))
        } else {
            !system(last) || self.holds(last)
        }
    }

    fn takes_header(&self, text: &str) -> bool {
        let mut old = true;
        for line in header(text) {
            if let Some(expression) = line.strip_prefix("//go:build").filter(|rest| rest.starts_with([' ', '\t', '(']))
            {
                // A line that Go cannot read stops its build; nothing follows from it here.
                return Parser::new(expression, self).read().unwrap_or(true);
            }
            let comment = line.strip_prefix("//").map_or("", str::trim_start);
            if let Some(options) = comment.strip_prefix("+build").filter(|rest| rest.starts_with([' ', '\t'])) {
                old &= options.split_whitespace().any(|option| {
                    option.split(',').all(|term| match term.strip_prefix('!') {
                        Some(term) => !self.holds(term),
                        None => self.holds(term),
                    })
                });
            }
        }
        old
    }

    /// Whether a tag is set.
    #[must_use]
    pub fn holds(&self, tag: &str) -> bool {
        if let Some(minor) = tag.strip_prefix("go1.") {
            return minor.parse::<u32>().is_ok_and(|minor| minor <= self.minor);
        }
        match tag {
            "cgo" => self.cgo,
            "gc" => true,
            "unix" => UNIX.contains(&self.system.as_str()),
            // Go treats these systems as kinds of the others.
            "linux" if self.system == "android" => true,
            "solaris" if self.system == "illumos" => true,
            "darwin" if self.system == "ios" => true,
            _ => tag == self.system || tag == self.architecture || self.tags.iter().any(|set| set == tag),
        }
    }
}

/// The comment lines before the package clause.
fn header(text: &str) -> impl Iterator<Item = &str> {
    let mut block = false;
    text.trim_start_matches('\u{feff}').lines().map(str::trim).take_while(move |line| {
        if block {
            block = !line.contains("*/");
            return true;
        }
        if line.starts_with("/*") {
            block = !line.contains("*/");
            return true;
        }
        line.is_empty() || line.starts_with("//")
    })
}

/// A recursive descent over `||`, `&&`, `!`, parentheses and tags.
struct Parser<'a> {
    rest: &'a str,
    target: &'a Target,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(expression: &'a str, target: &'a Target) -> Self {
        let expression = expression.split("//").next().unwrap_or_default();
        Self { rest: expression.trim(), target, depth: 0 }
    }

    fn read(mut self) -> Option<bool> {
        let value = self.any()?;
        self.rest.is_empty().then_some(value)
    }

    fn any(&mut self) -> Option<bool> {
        let mut value = self.all()?;
        while self.eat("||") {
            value |= self.all()?;
        }
        Some(value)
    }

    fn all(&mut self) -> Option<bool> {
        let mut value = self.not()?;
        while self.eat("&&") {
            value &= self.not()?;
        }
        Some(value)
    }

    fn not(&mut self) -> Option<bool> {
        self.depth += 1;
        if self.depth > MAXIMUM_DEPTH {
            return None;
        }
        let value = if self.eat("!") {
            !self.not()?
        } else if self.eat("(") {
            let value = self.any()?;
            self.eat(")").then_some(value)?
        } else {
            let end =
                self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(self.rest.len());
            let (tag, rest) = self.rest.split_at(end);
            self.rest = rest.trim_start();
            (!tag.is_empty()).then(|| self.target.holds(tag))?
        };
        self.depth -= 1;
        Some(value)
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest.strip_prefix(token);
        if let Some(rest) = found {
            self.rest = rest.trim_start();
        }
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_headers_decide() {
        let target = Target {
            system: "linux".into(),
            architecture: "amd64".into(),
            cgo: false,
            tags: vec!["netgo".into()],
            minor: 21,
        };
        for (name, text, expected) in [
            ("main.go", "package main", true),
            ("main_test.go", "package main", false),
            ("_x.go", "package main", false),
            ("a_linux.go", "package a", true),
            ("a_windows.go", "package a", false),
            ("a_linux_arm64.go", "package a", false),
            ("a_windows_amd64.go", "package a", false),
            ("a_unix.go", "package a", true),
            ("linux.go", "package a", true),
            ("windows.go", "package a", true),
            ("a.go", "//go:build cgo\n\npackage a", false),
            ("a.go", "// Copyright\n\n//go:build !cgo && (linux || darwin)\npackage a", true),
            ("a.go", "/* c */\n//go:build ignore\npackage a", false),
            ("a.go", "//go:build unix && go1.21 && !go1.22 && netgo\npackage a", true),
            ("a.go", "// +build linux,cgo darwin\n// +build amd64\n\npackage a", false),
            ("a.go", "// +build linux,!cgo darwin\n// +build amd64\n\npackage a", true),
            ("a.go", "// +build !linux\n//go:build linux\npackage a", true),
            ("a.go", "//go:build ((\npackage a", true),
            ("a.go", "package a\n//go:build ignore\n", true),
            ("a.txt", "", false),
        ] {
            assert_eq!(target.takes(name, text), expected, "{name}: {text}");
        }
        let deep = format!("//go:build {}a\npackage a", "!".repeat(1_000_000));
        assert!(target.takes("a.go", &deep));
    }
}
