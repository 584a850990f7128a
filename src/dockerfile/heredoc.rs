//! Here-documents: where a line announces them, and what becomes of their bodies
//! (`frontend/dockerfile/parser/parser.go` and `frontend/dockerfile2llb/convert.go` in BuildKit).

use crate::lists::Collect;
use std::borrow::Cow;

use super::expand;
use super::{Command, Copy, Heredoc, Instruction, Kind, Spanned};
use crate::source::{Excerpt, Span};

/// A here-document that a line announces.
pub(super) struct Announced {
    pub name: String,
    pub expand: bool,
    pub strip_tabs: bool,
    pub descriptor: Option<u32>,
}

/// The here-documents that a line announces, in order.
pub(super) fn announced(line: &str) -> Vec<Announced> {
    if !line.contains("<<") {
        return Vec::new();
    }
    // A line that is no sound text (an open quote) announces none.
    let words = expand::plain_words(line, true, true).unwrap_or_default();
    words.iter().filter_map(|word| of_word(word)).collect_vec()
}

/// The here-document that one word announces: `3<<-"EOF"`.
pub(super) fn of_word(word: &str) -> Option<Announced> {
    let (descriptor, rest) = word.split_once("<<")?;
    if !descriptor.bytes().all(|byte| byte.is_ascii_digit()) || rest.contains('<') {
        return None;
    }
    let (strip_tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches([' ', '\t', '\n', '\x0c', '\r']);
    if rest.is_empty() {
        return None;
    }
    let [name] = <[String; 1]>::try_from(expand::plain_words(rest, false, false)?).ok()?;
    // Quotes that are gone from the name were quotes.
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    let quoted = expand::plain_words(rest, true, false)?;
    let expand = quoted.first().is_some_and(|quoted| quotes(quoted) == quotes(&name));
    Some(Announced { name, expand, strip_tabs, descriptor: descriptor.parse().ok() })
}

impl Heredoc {
    /// The body as the builder stores it: without leading tabs where `<<-` says so.
    #[must_use]
    pub fn body(&self) -> String {
        if !self.strip_tabs {
            return self.content.clone();
        }
        self.content.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
    }

    /// The body with the way back to the file.
    fn excerpt(&self) -> Excerpt {
        let mut excerpt = Excerpt::default();
        let mut at = self.span.start as usize;
        for line in self.content.split_inclusive('\n') {
            let body = if self.strip_tabs { line.trim_start_matches('\t') } else { line };
            excerpt.push(body, at + line.len() - body.len());
            at += line.len();
        }
        excerpt
    }
}

impl Copy {
    /// The here-documents that become files, and the sources that are none.
    ///
    /// As in BuildKit, of two with one name both become what the last one says, and one that the line does not announce
    /// (in a JSON array, or beside an open quote) becomes an empty file.
    #[must_use]
    pub fn contents<'c>(&'c self, instruction: &'c Instruction) -> (Vec<Cow<'c, Heredoc>>, Vec<&'c Spanned<String>>) {
        let heredocs = &instruction.heredocs;
        let last = heredocs.iter().enumerate().map(|(at, heredoc)| (heredoc.name.as_str(), at)).collect_map();
        let mut files = Vec::new();
        let mut sources = Vec::new();
        for source in &self.sources {
            let Some(Announced { name, expand, strip_tabs, descriptor }) = of_word(&source.value) else {
                sources.push(source);
                continue;
            };
            files.push(match last.get(&name).map(|at| &heredocs[*at]) {
                Some(found) if (found.expand, found.strip_tabs) == (expand, strip_tabs) => Cow::Borrowed(found),
                Some(found) => Cow::Owned(Heredoc { expand, strip_tabs, ..found.clone() }),
                None => {
                    let span = Span::at(source.span.end as usize);
                    let content = String::new();
                    Cow::Owned(Heredoc { name, content, span, closing: span, expand, strip_tabs, descriptor })
                }
            });
        }
        (files, sources)
    }
}

/// What a RUN executes.
#[derive(Clone, Debug, PartialEq)]
pub enum Script {
    /// The shell's script: the command itself, with the bodies that it reads, or the body that takes its place.
    Shell(Excerpt),
    /// A body that begins with `#!` is a program of its own, mounted as `/dev/pipes/` and this name.
    Program { name: String, content: Excerpt },
    /// The exec form: these words.
    Exec,
}

impl Instruction {
    /// What a RUN executes, its here-documents put in place; `None` for other instructions.
    #[must_use]
    pub fn script(&self) -> Option<Script> {
        let Kind::Run(run) = &self.kind else { return None };
        let Command::Shell(command) = &run.command else { return Some(Script::Exec) };
        let Some(first) = self.heredocs.first() else { return Some(Script::Shell(command.clone())) };
        if of_word(&command.text).is_some() {
            let content = first.excerpt();
            return Some(match content.text.starts_with("#!") {
                true => Script::Program { name: first.name.clone(), content },
                false => Script::Shell(content),
            });
        }
        let mut script = command.clone();
        for heredoc in &self.heredocs {
            // What the builder itself adds stands nowhere; it is taken to stand where the body begins and ends.
            script.push("\n", heredoc.span.start as usize);
            script.push(&heredoc.content, heredoc.span.start as usize);
            script.push(&heredoc.name, heredoc.closing.start as usize);
        }
        Some(Script::Shell(script))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::read;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let file = read(&"Dockerfile".into(), format!("FROM a\n{text}").as_bytes());
        let found = match file.instructions[1].script() {
            Some(Script::Shell(script)) => format!("shell {}", script.text),
            Some(Script::Program { name, content }) => format!("program {name} {}", content.text),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_run_executes_its_command_or_its_heredoc() {
        check("RUN a \\\n b", "shell a  b");
        check("RUN <<E\na\nE", "shell a\n");
        check("RUN <<-\"E\"\n\ta\n\t\tb\nE", "shell a\nb\n");
        check("RUN <<E\n#!/bin/x\na\nE", "program E #!/bin/x\na\n");
        check("RUN <<E x\na\nE", "shell <<E x\na\nE");
        check("RUN cat <<-A && cat <<B\n\ta\n\tA\nb\nB", "shell cat <<-A && cat <<B\n\ta\nA\nb\nB");
        check("RUN [\"a\"]", "Some(Exec)");
        check("CMD a", "None");
    }

    #[test]
    fn a_copy_makes_files_of_heredocs() {
        type File = (&'static str, &'static str, bool);
        let cases: &[(&str, &[File])] = &[
            ("COPY <<A <<-'B' c /d\na\nA\n\tb\nB", &[("A", "a\n", true), ("B", "b\n", false)]),
            ("COPY <<A <<'A' /d\na\nA\nb\nA", &[("A", "b\n", true), ("A", "b\n", false)]),
            ("COPY [\"<<A\", \"/d\"]", &[("A", "", true)]),
            ("COPY <<A it's /d", &[("A", "", true)]),
        ];
        for (text, expected) in cases {
            let file = read(&"Dockerfile".into(), format!("FROM a\n{text}").as_bytes());
            let Kind::Copy(copy) = &file.instructions[1].kind else { panic!("{text}") };
            let (files, _) = copy.contents(&file.instructions[1]);
            let found: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.body(), file.expand)).collect();
            let expected: Vec<_> =
                expected.iter().map(|(name, body, expand)| (*name, (*body).to_owned(), *expand)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_script_knows_where_it_stands() {
        let file = read(&"Dockerfile".into(), b"FROM a\nRUN cat <<-A && \\\n cat <<B\n\ta\n\tA\nbb\nB\n");
        let Some(Script::Shell(script)) = file.instructions[1].script() else { panic!("no script") };
        for word in ["cat <<B", "a\n", "bb"] {
            let at = script.text.find(word).expect("a word of the script");
            assert_eq!(script.span(at, at + word.len()).of(&file.text), word);
        }
    }
}
