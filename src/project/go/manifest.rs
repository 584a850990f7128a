//! `go.mod`, `go.work` and `vendor/modules.txt`: the lines that decide something.
//!
//! The grammar is that of the Go modules reference: one directive per line, or a block in parentheses.

use crate::source::Span;

/// What a `go.mod` (or `go.work`) says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    pub module: Option<Line>,
    /// The `go` line: the language version, and since Go 1.21 the oldest toolchain that may build.
    pub go: Option<Line>,
    /// The `toolchain` line, `go1.22.1` or `default`.
    pub toolchain: Option<Line>,
    pub requires: Vec<Require>,
    /// `replace old => new`, where the new one is a directory.
    pub replaces: Vec<(String, String)>,
    /// `use` of a `go.work`: directories of modules.
    pub uses: Vec<String>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub value: String,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Require {
    pub path: String,
    pub version: String,
    /// Marked `// indirect`: no package of the module itself imports it.
    pub indirect: bool,
    pub span: Span,
}

/// Reads a `go.mod` or `go.work`; lines that make no sense are skipped.
#[must_use]
pub fn read(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut block: Option<&str> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(at, at + line.trim_end().len());
        at += line.len();
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let code = code.trim();
        match block {
            Some(_) if code == ")" => block = None,
            Some(directive) => entry(&mut manifest, directive, code, comment, span),
            None => {
                let (directive, rest) = code.split_once(|c: char| c.is_whitespace() || c == '(').unwrap_or((code, ""));
                // `require(` is written with and without a blank.
                if code.ends_with('(') {
                    block = Some(directive);
                } else {
                    entry(&mut manifest, directive, rest.trim(), comment, span);
                }
            }
        }
    }
    manifest
}

fn entry(manifest: &mut Manifest, directive: &str, code: &str, comment: &str, span: Span) {
    let mut words = code.split_whitespace().map(|word| word.trim_matches(['"', '`']));
    let Some(first) = words.next() else { return };
    let line = || Some(Line { value: first.to_owned(), span });
    match directive {
        "module" => manifest.module = line(),
        "go" => manifest.go = line(),
        "toolchain" => manifest.toolchain = line(),
        "use" => manifest.uses.push(first.to_owned()),
        "require" => manifest.requires.push(Require {
            path: first.to_owned(),
            version: words.next().unwrap_or_default().to_owned(),
            indirect: comment.trim_start().starts_with("indirect"),
            span,
        }),
        "replace" => {
            let target = words.skip_while(|word| *word != "=>").nth(1);
            if let Some(directory) = target.filter(|target| target.starts_with("./") || target.starts_with("../")) {
                manifest.replaces.push((first.to_owned(), directory.to_owned()));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_stand_alone_or_in_blocks() {
        let text = "module example.org/a/v2 // the name\n\ngo 1.21\ntoolchain go1.22.1\n\nrequire github.com/x/y v1.0.0\n\
                    require (\n\tgithub.com/a/b v0.1.0\n\t\"quoted.org/c\" v2.0.0 // indirect\n)\n\
                    replace(\n github.com/a/b v0.1.0 => ../b\n github.com/x/y => github.com/z/y v1.2.3\n)\n";
        let manifest = read(text);
        assert_eq!(manifest.module.map(|line| line.value).as_deref(), Some("example.org/a/v2"));
        assert_eq!(manifest.go.as_ref().map(|line| line.span.of(text)), Some("go 1.21"));
        assert_eq!(manifest.toolchain.map(|line| line.value).as_deref(), Some("go1.22.1"));
        let requires: Vec<_> = manifest.requires.iter().map(|r| (r.path.as_str(), r.indirect)).collect();
        assert_eq!(requires, [("github.com/x/y", false), ("github.com/a/b", false), ("quoted.org/c", true)]);
        assert_eq!(manifest.replaces, [("github.com/a/b".to_owned(), "../b".to_owned())]);
    }

    #[test]
    fn nonsense_is_skipped() {
        for text in ["", "(", ")", "module", "require (\n x", "replace a =>", "go\n//", "\u{feff}module x"] {
            let manifest = read(text);
            assert!(manifest.replaces.is_empty(), "{text:?}");
        }
    }
}
