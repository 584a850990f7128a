//! Edits of a Dockerfile that keep its style: line ends, indentation, continuations and comments stay as they are.

use super::{Dockerfile, Instruction};
use crate::fix::Edit;
use crate::lists::Collect;
use crate::source::Span;

impl Dockerfile {
    /// The file's own line end: that of its first line.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        let first = self.text.find('\n').and_then(|at| self.text[..at].chars().next_back());
        if first == Some('\r') { "\r\n" } else { "\n" }
    }

    /// The blanks before an instruction on its line.
    #[must_use]
    pub fn indentation(&self, instruction: &Instruction) -> &str {
        let start = instruction.span.start as usize;
        let before = self.text.get(..start).unwrap_or_default();
        &before[before.rfind('\n').map_or(0, |at| at + 1)..]
    }

    /// Replaces a range.
    #[must_use]
    pub fn replace(&self, span: Span, text: impl Into<String>) -> Edit {
        Edit { path: self.path.clone(), span, new_text: text.into() }
    }

    /// Inserts a text: an assignment before a command, a flag before a source.
    #[must_use]
    pub fn insert(&self, offset: u32, text: impl Into<String>) -> Edit {
        self.replace(Span { start: offset, end: offset }, text)
    }

    /// A line of its own after an instruction, its here-documents included.
    #[must_use]
    pub fn line_after(&self, instruction: &Instruction, line: &str) -> Edit {
        let added = format!("{}{}{line}", self.line_end(), self.indentation(instruction));
        let Some(escape) = self.open_continuation(instruction) else {
            return self.insert(instruction.span.end, added);
        };
        // The file ends within a continuation, which would take the new line in: it is closed first. Of the lines behind
        // only the comments mean something.
        let rest = self.text.get(escape..instruction.span.end as usize).unwrap_or_default();
        let comments = rest.split('\n').filter(|line| line.trim_start().starts_with('#'));
        let kept: String = comments.flat_map(|line| [self.line_end(), line.trim_end_matches('\r')]).collect();
        self.replace(Span::new(escape, instruction.span.end as usize), kept + &added)
    }

    /// A line of its own before an instruction and the comments that belong to it.
    #[must_use]
    pub fn line_before(&self, instruction: &Instruction, line: &str) -> Edit {
        let start = instruction.comments.first().map_or(instruction.span.start, |comment| comment.start);
        self.insert(start, format!("{line}{}{}", self.line_end(), self.indentation(instruction)))
    }

    /// Removes an instruction with its lines, here-documents included; the comments above it stay.
    #[must_use]
    pub fn remove(&self, instruction: &Instruction) -> Edit {
        let start = instruction.span.start as usize - self.indentation(instruction).len();
        let end = instruction.span.end as usize;
        let rest = self.text.get(end..).unwrap_or_default();
        let end = end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        self.replace(Span::new(start, end), "")
    }

    /// The line without the escape character that continues it.
    fn continued<'t>(&self, line: &'t str) -> Option<&'t str> {
        let before = line.trim_end_matches(['\r', ' ', '\t']).strip_suffix(self.escape)?;
        (!before.ends_with(self.escape)).then_some(before)
    }

    /// The last escape character behind a word, when it continues an instruction beyond the end of the file.
    fn open_continuation(&self, instruction: &Instruction) -> Option<usize> {
        let end = instruction.span.end as usize;
        if !instruction.heredocs.is_empty() || !self.text.get(end..)?.trim_matches(['\r', '\n']).is_empty() {
            return None;
        }
        let mut at = end;
        for line in instruction.span.of(&self.text).rsplit('\n') {
            let start = at - line.len();
            at = start.saturating_sub(1);
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let mut before = self.continued(line)?;
            // What is left must not continue, in turn: `a\ \`.
            while let Some(shorter) = self.continued(before) {
                before = shorter;
            }
            if !before.trim().is_empty() {
                return Some(start + before.len());
            }
        }
        None
    }
}

impl Instruction {
    /// The rules that a comment above it tells execlens to leave out: `# execlens ignore=missing-shell,wrong-architecture`.
    #[must_use]
    pub fn ignored_rules<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let orders = self.comments.iter().filter_map(|comment| {
            let body = comment.of(text).trim_start_matches('#').trim_start();
            let order = body.strip_prefix("execlens")?.trim_start_matches(':').trim_start();
            order.strip_prefix("ignore")?.trim_start().strip_prefix('=')
        });
        let names = orders.flat_map(|order| order.split(|c: char| c == ',' || c.is_whitespace()));
        names.filter(|name| !name.is_empty()).collect_vec()
    }
}

/// The exec form of some words: `["/app", "--port", "80"]`.
#[must_use]
pub fn exec_form<W: AsRef<str>>(words: &[W]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| json_string(word.as_ref())).collect_vec();
    format!("[{}]", quoted.join(", "))
}

/// A word as a JSON string (RFC 8259).
#[must_use]
pub fn json_string(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 2);
    out.push('"');
    for c in word.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The shell form of some words, each quoted where a shell would see more in it than its text.
#[must_use]
pub fn shell_form<W: AsRef<str>>(words: &[W]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "%+,-./:=@_^".contains(c);
    let quoted: Vec<_> = words
        .iter()
        .map(|word| match word.as_ref() {
            word if !word.is_empty() && word.chars().all(is_plain) => word.to_owned(),
            word => format!("'{}'", word.replace('\'', "'\\''")),
        })
        .collect_vec();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::read;
    use crate::fix::apply;

    /// Reads, edits the last instruction, and applies.
    #[track_caller]
    fn check(text: &str, edit: impl Fn(&Dockerfile, &Instruction) -> Edit, expected: &str) {
        let file = read(&"Dockerfile".into(), text.as_bytes());
        let edit = edit(&file, file.instructions.last().expect("an instruction"));
        assert_eq!(apply(&file.text, &[&edit]), expected, "{text:?}");
    }

    #[test]
    fn lines_after_an_instruction() {
        let after = |file: &Dockerfile, last: &Instruction| file.line_after(last, "USER app");
        check("FROM a\nRUN b\n", after, "FROM a\nRUN b\nUSER app\n");
        check("FROM a", after, "FROM a\nUSER app");
        check("FROM a\r\n  RUN b \\\r\n c\r\n", after, "FROM a\r\n  RUN b \\\r\n c\r\n  USER app\r\n");
        check("FROM a\nRUN <<E\nx\nE\n", after, "FROM a\nRUN <<E\nx\nE\nUSER app\n");
        check("FROM a\nRUN b \\\n", after, "FROM a\nRUN b \nUSER app\n");
        check("FROM a\nRUN b \\ \n # c\n", after, "FROM a\nRUN b \n # c\nUSER app\n");
        check("FROM a\nRUN b \\\n\\\n # c\n\\", after, "FROM a\nRUN b \n # c\nUSER app");
        check("FROM a\nRUN b \\\\\n", after, "FROM a\nRUN b \\\\\nUSER app\n");
    }

    #[test]
    fn lines_before_an_instruction_stand_above_its_comments_and_below_directives() {
        let before = |file: &Dockerfile, last: &Instruction| file.line_before(last, "ARG X");
        check("FROM a\n# why\n# how\nRUN b\n", before, "FROM a\nARG X\n# why\n# how\nRUN b\n");
        check("FROM a\n# other\n\nRUN b\n", before, "FROM a\n# other\n\nARG X\nRUN b\n");
        check("# syntax=x\n# escape=`\nFROM a\n", before, "# syntax=x\n# escape=`\nARG X\nFROM a\n");
        check("# syntax=x\n# why\nFROM a\n", before, "# syntax=x\nARG X\n# why\nFROM a\n");
    }

    #[test]
    fn instructions_are_removed_with_their_lines() {
        let remove = |file: &Dockerfile, last: &Instruction| file.remove(last);
        check("FROM a\n  RUN b \\\n c\n", remove, "FROM a\n");
        check("FROM a\r\nCOPY <<E /x\r\nx\r\nE\r\n", remove, "FROM a\r\n");
        check("FROM a", remove, "");
    }

    #[test]
    fn words_are_edited_where_they_stand() {
        let flag = |file: &Dockerfile, last: &Instruction| {
            let crate::dockerfile::Kind::Copy(copy) = &last.kind else { panic!("{last:?}") };
            file.replace(copy.from.as_ref().expect("a flag").span, "other")
        };
        check(
            "FROM a\nCOPY --link --from=b \\\n # c\n x y\n",
            flag,
            "FROM a\nCOPY --link --from=other \\\n # c\n x y\n",
        );
        let source = |file: &Dockerfile, last: &Instruction| {
            let crate::dockerfile::Kind::Copy(copy) = &last.kind else { panic!("{last:?}") };
            file.replace(copy.sources[0].span, "other")
        };
        check("FROM a\nCOPY --from=b \\\n # c\n x y\n", source, "FROM a\nCOPY --from=b \\\n # c\n other y\n");
        check("FROM a\nCOPY [\"x\", \"y\"]\n", source, "FROM a\nCOPY [other, \"y\"]\n");
    }

    #[test]
    fn comments_name_rules_to_ignore() {
        let cases: &[(&str, &[&str])] = &[
            ("# execlens ignore=missing-shell\nRUN a", &["missing-shell"]),
            ("# x\n#execlens: ignore = a, b c\nRUN a", &["a", "b", "c"]),
            ("# execlens ignore=a\n\nRUN a", &[]),
            ("# ignore=a\nRUN a", &[]),
        ];
        for (text, expected) in cases {
            let file = read(&"Dockerfile".into(), text.as_bytes());
            assert_eq!(file.instructions[0].ignored_rules(&file.text), *expected, "{text}");
        }
    }

    #[test]
    fn words_become_either_form() {
        let words = ["/app", "a b", "it's", "\"\\\n", "", "$X"];
        assert_eq!(exec_form(&words), r#"["/app", "a b", "it's", "\"\\\n", "", "$X"]"#);
        assert_eq!(shell_form(&words), "/app 'a b' 'it'\\''s' '\"\\\n' '' '$X'");
    }
}
