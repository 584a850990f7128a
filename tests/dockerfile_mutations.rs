//! Damaged Dockerfiles: every prefix and many mutations of each file of the corpus.
//!
//! No panic, and what is read stays true to the text. `EXECLENS_ROUNDS=100` tries a hundred times as many mutations.

#[path = "support/cases.rs"]
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use execlens::dockerfile::expand::{self, Variable};
use execlens::dockerfile::{self, Arguments, Command, Dockerfile, Instruction, Kind, Script, Spanned};
use execlens::fix;
use execlens::source::{Excerpt, Span};
use execlens::word::Word;

/// Longer files than this are only there to be long.
const LONGEST: usize = 4_000;

/// Pieces that decide how a Dockerfile is read.
const PIECES: &[&str] = &[
    "\\",
    "`",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\u{b}",
    "\u{a0}",
    "\"",
    "'",
    "[",
    "]",
    ",",
    "=",
    "$",
    "${",
    "}",
    ":-",
    "#",
    "##",
    "%",
    "/",
    "//",
    "*",
    "?",
    "<<",
    "<<-",
    "<<E",
    "E",
    "\nE\n",
    "--",
    "--from=",
    "--mount=",
    "# escape=`\n",
    "\\\n",
    "\\\n# c\n",
    "\\\n\n",
    "ONBUILD ",
    "RUN ",
    "COPY ",
    "FROM a AS b\n",
    "HEALTHCHECK ",
    "CMD ",
    "ENV ",
    "ARG ",
    "\u{0}",
    "\u{feff}",
    "é",
    "語",
    "🐳",
    "à",
    "{\"syntax\": \"x\"}",
    "\\u00e9",
    "1e999",
];

#[test]
fn damaged_files_are_read_all_the_same() {
    let rounds: usize = std::env::var("EXECLENS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let Some(folder) = support::cases("parse") else { return };
    let mut files: Vec<Vec<u8>> = Vec::new();
    for file in support::list(&folder).iter().filter(|file| file.extension().is_some_and(|end| end == "Dockerfile")) {
        files.push(std::fs::read(file).expect("a case can be read"));
    }
    files.retain(|bytes| bytes.len() < LONGEST);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for bytes in &files {
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 100) {
            try_one(&bytes[..end]);
        }
        for _ in 0..20 * rounds {
            let mut damaged = bytes.clone();
            for _ in 0..=random.below(4) {
                damage(&mut damaged, &mut random, &files);
            }
            try_one(&damaged);
        }
    }
}

#[test]
fn damaged_words_are_expanded_all_the_same() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..5_000 {
        let word: String = (0..random.below(12)).map(|_| PIECES[random.below(PIECES.len())]).collect();
        let mut lookup = |name: &str| match name.len() {
            0 => Variable::Unset,
            _ => Variable::Set(Word::new("a*b\\c/é\nd")),
        };
        drop(expand::expand(&word, '\\', &mut lookup));
        drop(expand::expand(&word, '`', &mut lookup));
        drop(expand::words(&word, '\\', &mut lookup));
        drop(expand::heredoc(&word, &mut lookup));
    }
}

/// A generator of numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random, files: &[Vec<u8>]) {
    let at = random.below(bytes.len() + 1);
    match random.below(6) {
        0 if at < bytes.len() => bytes[at] = random.below(256) as u8,
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..(at + random.below(8)).min(bytes.len()))),
        3 => {
            let other = &files[random.below(files.len())];
            let from = random.below(other.len() + 1);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())].bytes();
            bytes.splice(at..at, piece);
        }
    }
}

#[track_caller]
fn try_one(bytes: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let file = dockerfile::read(&Path::new("Dockerfile").to_string_lossy().into(), bytes);
        check(&file);
        check_edits(&file);
    }));
    assert!(outcome.is_ok(), "see above, for {:?}", String::from_utf8_lossy(bytes));
}

/// What holds for each file.
fn check(file: &Dockerfile) {
    let text = &*file.text;
    let refused = file.problems.iter().any(|problem| problem.fatal);
    let mut end = 0;
    for instruction in &file.instructions {
        assert!(instruction.span.start >= end, "instructions follow each other");
        end = instruction.span.end;
        check_instruction(instruction, text, instruction.span, refused);
    }
    for problem in &file.problems {
        check_span(problem.span, text, Span::new(0, text.len()));
        assert!(!problem.message.in_english().is_empty());
    }
    for directive in &file.directives {
        check_span(directive.span, text, Span::new(0, text.len()));
    }
    assert!(refused || !file.instructions.is_empty(), "an empty file is refused");
    for instruction in &file.instructions {
        let explained = refused || !matches!(instruction.kind, Kind::Unreadable);
        assert!(explained, "what cannot be read is a problem: {instruction:?}");
    }
}

fn check_span(span: Span, text: &str, within: Span) {
    assert!(span.start <= span.end && within.start <= span.start && span.end <= within.end, "{span:?} in {within:?}");
    assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize), "{span:?}");
}

/// A word stands where it says: exactly, where nothing was taken out of it.
fn check_word(word: &Spanned<String>, text: &str, within: Span) {
    check_span(word.span, text, within);
    let written = word.span.of(text);
    let is_plain = !written.contains(['\\', '`', '"', '\'', '\n']) && written.is_ascii() && !word.value.contains('"');
    if is_plain && !written.starts_with("--") {
        assert_eq!(word.value.trim(), written.trim());
    }
}

fn check_excerpt(excerpt: &Excerpt, text: &str) {
    for (n, (start, place)) in excerpt.pieces.iter().enumerate() {
        let end = excerpt.pieces.get(n + 1).map_or(excerpt.text.len(), |(next, _)| *next as usize);
        let piece = &excerpt.text[*start as usize..end];
        let written = text.get(*place as usize..).unwrap_or_default();
        // The line feed between a command and its here-documents stands nowhere.
        let added = piece.contains('\u{fffd}') || piece == "\n";
        assert!(written.starts_with(piece) || added, "{piece:?} at {place}");
    }
}

fn check_instruction(instruction: &Instruction, text: &str, within: Span, refused: bool) {
    check_span(instruction.span, text, within);
    check_span(instruction.keyword.span, text, within);
    instruction.flags.iter().for_each(|flag| check_span(flag.span, text, within));
    match &instruction.arguments {
        Arguments::Words { words, .. } => words.iter().for_each(|word| check_word(word, text, within)),
        Arguments::Pairs { pairs, .. } => {
            for pair in pairs {
                check_word(&pair.name, text, within);
                check_word(pair.value.as_ref().unwrap_or(&pair.name), text, within);
            }
        }
        Arguments::Trigger | Arguments::Unknown => {}
    }
    for heredoc in &instruction.heredocs {
        check_span(heredoc.span, text, within);
        assert_eq!(heredoc.span.of(text), heredoc.content);
    }
    match &instruction.kind {
        Kind::Copy(copy) | Kind::Add(copy) => {
            copy.sources.iter().for_each(|source| check_word(source, text, within));
            drop(copy.contents(instruction));
        }
        Kind::Cmd(Command::Shell(shell)) | Kind::Entrypoint(Command::Shell(shell)) => check_excerpt(shell, text),
        Kind::OnBuild { trigger, expression } => {
            check_instruction(trigger, text, within, refused);
            // An open here-document is closed by what stands nowhere.
            if !refused {
                check_excerpt(expression, text);
            }
        }
        Kind::From(from) => check_word(&from.image, text, within),
        _ => {}
    }
    let script = instruction.script();
    if let Some(Script::Shell(script) | Script::Program { content: script, .. }) = script.filter(|_| !refused) {
        check_excerpt(&script, text);
    }
}

/// A line added after or before an instruction is one instruction more; a removed one is one less.
fn check_edits(file: &Dockerfile) {
    if file.problems.iter().any(|problem| problem.fatal) {
        return;
    }
    let count = |edit| {
        let edited = fix::apply(&file.text, &[&edit]);
        let read = dockerfile::read(&file.path, edited.as_bytes());
        (read.instructions.len(), edited)
    };
    for instruction in &file.instructions {
        let (after, text) = count(file.line_after(instruction, "STOPSIGNAL 9"));
        assert_eq!(after, file.instructions.len() + 1, "{text:?}");
        let (before, text) = count(file.line_before(instruction, "STOPSIGNAL 9"));
        assert_eq!(before, file.instructions.len() + 1, "{text:?}");
        // Without the first instruction a comment may become a directive.
        if instruction.span == file.instructions[0].span {
            continue;
        }
        let (removed, text) = count(file.remove(instruction));
        assert_eq!(removed, file.instructions.len() - 1, "{text:?}");
    }
}
