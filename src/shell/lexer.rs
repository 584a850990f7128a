//! Cuts a script into the tokens of statements, one statement after the other.
//!
//! The grammar's own tokens keep neither byte offsets nor the text as it stands, and reading them takes stack with
//! each level of nesting; so they are made here, from the script's bytes and in a bounded depth.

use super::Dialect;
use super::nesting::{MAX_NESTING, Nesting};

/// How many tokens one statement may have: some hundred bytes of memory each, while the longest `RUN` of a real file
/// has a few thousand.
pub(super) const MAX_TOKENS: usize = 1_000_000;

/// Why a piece of a script is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A quote, an expansion or a group is not closed.
    Unterminated,
    /// It is no statement of the grammar.
    Grammar,
    /// Beyond [`MAX_NESTING`].
    TooDeep,
    /// Beyond [`MAX_TOKENS`].
    TooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// `operator` is not always the text between `start` and `end`: some are put in for the grammar.
    Operator(&'static str),
    /// The delimiter of a here-document, and where its body stands.
    Delimiter {
        body: (usize, usize),
    },
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    dialect: Dialect,
    nesting: Nesting,
    /// Levels of expansion around this text.
    depth: usize,
    /// Tokens that were read ahead, the next one last.
    ahead: Vec<Token>,
    /// The next word delimits a here-document; whether leading tabs go.
    delimits: Option<bool>,
    /// Here-documents whose bodies begin after this line.
    documents: Vec<Document>,
}

struct Document {
    delimiter: String,
    strips_tabs: bool,
}

/// Longest first, as they are tried.
const OPERATORS: [&str; 24] = [
    ";;&", "<<-", "<<<", "&>>", "&&", "||", ";;", ";&", "|&", ">|", ">>", "<<", "<&", ">&", "<>", "&>", "&", "(", ")",
    ";", "|", "<", ">", "\n",
];

/// Operators that dash does not have.
const EXTENSIONS: [&str; 6] = [";;&", "<<<", "&>>", ";&", "|&", "&>"];

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        Self::inside(text, 0, dialect, 0)
    }

    fn inside(text: &'t str, at: usize, dialect: Dialect, depth: usize) -> Self {
        Self {
            text,
            at,
            dialect,
            nesting: Nesting::default(),
            depth,
            ahead: Vec::new(),
            delimits: None,
            documents: Vec::new(),
        }
    }

    /// Where the next statement begins, or a little before it.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The tokens of the next statement, its separator included; `None` at the end.
    pub(super) fn statement(&mut self) -> Option<Result<Vec<Token>, Trouble>> {
        let mut tokens = Vec::new();
        let mut delimiters = Vec::new();
        loop {
            let token = match self.token() {
                Ok(Some(token)) => token,
                Ok(None) if self.nesting.depth() > 0 => return Some(Err(Trouble::Unterminated)),
                Ok(None) => return (!tokens.is_empty()).then_some(Ok(tokens)),
                Err(trouble) => return Some(Err(trouble)),
            };
            if tokens.len() >= MAX_TOKENS {
                return Some(Err(Trouble::TooLong));
            }
            if matches!(token.kind, Kind::Delimiter { .. }) {
                delimiters.push(tokens.len());
            }
            let continues = self.nesting.continues();
            let is_line_end = token.kind == Kind::Operator("\n");
            let separates = is_line_end || matches!(token.kind, Kind::Operator(";" | "&"));
            if is_line_end && tokens.is_empty() {
                self.bodies(|_, _| {});
                continue;
            }
            tokens.push(token);
            if is_line_end {
                let mut waiting = std::mem::take(&mut delimiters).into_iter();
                self.bodies(|start, end| {
                    if let Some(Token { kind, .. }) = waiting.next().and_then(|n| tokens.get_mut(n)) {
                        *kind = Kind::Delimiter { body: (start, end) };
                    }
                });
            }
            // A line that ends in `&&` goes on, and so does one whose here-document is still to come.
            let goes_on = (is_line_end && continues) || !self.documents.is_empty();
            if separates && !goes_on && self.nesting.statement_ends() {
                return Some(Ok(tokens));
            }
        }
    }

    fn token(&mut self) -> Result<Option<Token>, Trouble> {
        if let Some(token) = self.ahead.pop() {
            return Ok(Some(token));
        }
        self.skip_blanks();
        let start = self.at;
        if start >= self.text.len() {
            return Ok(None);
        }
        if self.text[start..].starts_with("((")
            && self.dialect != Dialect::Posix
            && self.nesting.may_be_arithmetic()
            && let Some(end) = arithmetic_end(self.text, start + 2)
        {
            return Ok(Some(self.arithmetic(start, end)));
        }
        if let Some(operator) = self.operator_at(start) {
            return self.operator(operator).map(Some);
        }
        let extended = self.dialect == Dialect::Bash && self.nesting.may_be_extended_glob();
        let end = word_end(self.text, start, self.dialect, extended, self.depth)?;
        let word = &self.text[start..end];
        self.at = end;
        let token = Token { kind: Kind::Word, start, end };
        if let Some(strips_tabs) = self.delimits.take() {
            self.documents.push(Document { delimiter: without_quotes(word), strips_tabs });
            self.nesting.word(word)?;
            return Ok(Some(Token { kind: Kind::Delimiter { body: (end, end) }, ..token }));
        }
        let ends_branch = self.nesting.ends_branch(word);
        self.nesting.word(word)?;
        if ends_branch {
            // The grammar tries the last branch twice where its `;;` is left out, and twice again for each level.
            self.ahead.push(token);
            return Ok(Some(Token { kind: Kind::Operator(";;"), start, end: start }));
        }
        Ok(Some(token))
    }

    fn operator(&mut self, operator: &'static str) -> Result<Token, Trouble> {
        let (start, end) = (self.at, self.at + operator.len());
        let doubles = operator == "(" && self.nesting.doubles_group();
        self.nesting.operator(operator)?;
        if self.nesting.closed() && self.depth == 0 {
            return Err(Trouble::Grammar);
        }
        self.at = end;
        self.delimits = match operator {
            "<<" => Some(false),
            "<<-" => Some(true),
            _ => None,
        };
        let token = Token { kind: Kind::Operator(operator), start, end };
        if doubles {
            self.ahead.push(token);
            return Ok(Token { kind: Kind::Operator("\n"), start, end: start });
        }
        Ok(token)
    }

    fn operator_at(&self, at: usize) -> Option<&'static str> {
        let rest = &self.text[at..];
        let knows = |operator: &&str| self.dialect != Dialect::Posix || !EXTENSIONS.contains(operator);
        OPERATORS.into_iter().filter(knows).find(|operator| rest.starts_with(operator))
    }

    /// `((` … `))` as the grammar wants it, each expression one word: no token of it means what it looks like.
    fn arithmetic(&mut self, start: usize, end: usize) -> Token {
        let operator = |text, at| Token { kind: Kind::Operator(text), start: at, end: at + 1 };
        let mut tokens = vec![operator("(", start), operator("(", start + 1)];
        let mut from = start + 2;
        let is_for = self.nesting.in_for();
        for expression in self.text[start + 2..end - 2].split_inclusive(|c| is_for && c == ';') {
            let body = if is_for { expression.trim_end_matches(';') } else { expression };
            if !body.trim().is_empty() {
                tokens.push(Token { kind: Kind::Word, start: from, end: from + body.len() });
            }
            from += expression.len();
            if body.len() < expression.len() {
                tokens.push(operator(";", from - 1));
            }
        }
        tokens.extend([operator(")", end - 2), operator(")", end - 1)]);
        tokens.reverse();
        self.at = end;
        self.nesting.arithmetic();
        let first = tokens.pop().unwrap_or(operator("(", start));
        self.ahead = tokens;
        first
    }

    fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\\' if bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                b'#' => self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |n| self.at + n),
                _ => break,
            }
        }
    }

    /// Reads the bodies of the here-documents of the line that just ended.
    fn bodies(&mut self, mut found: impl FnMut(usize, usize)) {
        for document in std::mem::take(&mut self.documents) {
            let start = self.at;
            let mut end = self.text.len();
            while self.at < self.text.len() {
                let begin = self.at;
                let line_end = self.text[begin..].find('\n').map_or(self.text.len(), |n| begin + n);
                self.at = (line_end + 1).min(self.text.len());
                let line = &self.text[begin..line_end];
                let line = if document.strips_tabs { line.trim_start_matches('\t') } else { line };
                if line == document.delimiter {
                    end = begin;
                    break;
                }
            }
            found(start, end);
        }
    }
}

/// Where the word that begins at `start` ends; `extended` takes `@(a|b)` along.
fn word_end(text: &str, start: usize, dialect: Dialect, extended: bool, depth: usize) -> Result<usize, Trouble> {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\n' | b'&' | b';' | b'|' | b'<' | b'>' | b')' => break,
            b'(' if extended && at > start && b"?*+@!".contains(&bytes[at - 1]) => {
                naive_close(text, at + 1).ok_or(Trouble::Unterminated)?
            }
            b'(' => break,
            b'\\' => (at + 2).min(text.len()),
            b'\'' => single_end(text, at + 1)?,
            b'"' => double_end(text, at + 1, dialect, depth)?,
            b'`' => backquote_end(text, at + 1)?,
            b'$' => dollar_end(text, at, false, dialect, depth)?,
            _ => at + 1,
        };
    }
    // An escape may have led into a character of several bytes.
    while !text.is_char_boundary(at) {
        at += 1;
    }
    Ok(at)
}

/// Past the `'` that closes.
pub(super) fn single_end(text: &str, at: usize) -> Result<usize, Trouble> {
    text.get(at..).and_then(|rest| rest.find('\'')).map(|n| at + n + 1).ok_or(Trouble::Unterminated)
}

/// Past the `'` that closes `$'…'`, in which `\'` does not.
pub(super) fn ansi_end(text: &str, at: usize) -> Result<usize, Trouble> {
    escaped_end(text, at, b'\'')
}

/// Past the backquote that closes.
pub(super) fn backquote_end(text: &str, at: usize) -> Result<usize, Trouble> {
    escaped_end(text, at, b'`')
}

fn escaped_end(text: &str, mut at: usize, close: u8) -> Result<usize, Trouble> {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if *byte == close => return Ok(at + 1),
            _ => at += 1,
        }
    }
    Err(Trouble::Unterminated)
}

/// Past the `"` that closes.
pub(super) fn double_end(text: &str, mut at: usize, dialect: Dialect, depth: usize) -> Result<usize, Trouble> {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'"' => return Ok(at + 1),
            b'\\' => at + 2,
            b'`' => backquote_end(text, at + 1)?,
            b'$' => dollar_end(text, at, true, dialect, depth)?,
            _ => at + 1,
        };
    }
    Err(Trouble::Unterminated)
}

/// Past the expansion whose `$` stands at `at`; right after a `$` that is only that.
pub(super) fn dollar_end(
    text: &str,
    at: usize,
    quoted: bool,
    dialect: Dialect,
    depth: usize,
) -> Result<usize, Trouble> {
    if depth >= MAX_NESTING {
        return Err(Trouble::TooDeep);
    }
    let bytes = text.as_bytes();
    match bytes.get(at + 1) {
        Some(b'(') => match arithmetic_expansion_end(text, at) {
            Some(end) => Ok(end),
            None => substitution_end(text, at + 2, dialect, depth),
        },
        Some(b'{') => brace_end(text, at + 2, quoted, dialect, depth + 1),
        Some(b'\'') if !quoted && dialect != Dialect::Posix => ansi_end(text, at + 2),
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
            let name = bytes[at + 1..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
            Ok(at + 1 + name)
        }
        Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(byte) => Ok(at + 2),
        _ => Ok(at + 1),
    }
}

/// Past `$((…))`, when that is what begins at `at` (and not a subshell in a command substitution).
pub(super) fn arithmetic_expansion_end(text: &str, at: usize) -> Option<usize> {
    text[at..].starts_with("$((").then(|| arithmetic_end(text, at + 3)).flatten()
}

/// Past the `))` that closes; `None` when the two stand apart, so that they close two groups.
fn arithmetic_end(text: &str, at: usize) -> Option<usize> {
    let inner = naive_close(text, at)?;
    (text.as_bytes().get(inner) == Some(&b')')).then_some(inner + 1)
}

/// Past the `)` that closes, by counting alone: good where no command can stand.
fn naive_close(text: &str, mut at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => open += 1,
            b')' if open == 0 => return Some(at + 1),
            b')' => open -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Past the `)` that closes `$(`: what stands inside is a script of its own.
pub(super) fn substitution_end(text: &str, at: usize, dialect: Dialect, depth: usize) -> Result<usize, Trouble> {
    let mut lexer = Lexer::inside(text, at, dialect, depth + 1);
    while let Some(token) = lexer.token()? {
        match token.kind {
            Kind::Operator(")") if lexer.nesting.closed() => return Ok(token.end),
            Kind::Operator("\n") if token.end > token.start => lexer.bodies(|_, _| {}),
            _ => {}
        }
    }
    Err(Trouble::Unterminated)
}

/// Past the `}` that closes `${`.
pub(super) fn brace_end(
    text: &str,
    mut at: usize,
    quoted: bool,
    dialect: Dialect,
    depth: usize,
) -> Result<usize, Trouble> {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'}' => return Ok(at + 1),
            b'\\' => at + 2,
            b'\'' if !quoted => single_end(text, at + 1)?,
            b'"' => double_end(text, at + 1, dialect, depth)?,
            b'`' => backquote_end(text, at + 1)?,
            b'$' => dollar_end(text, at, quoted, dialect, depth)?,
            _ => at + 1,
        };
    }
    Err(Trouble::Unterminated)
}

/// A here-document's delimiter, its quotes taken off.
fn without_quotes(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut characters = word.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.extend(characters.next()),
            '\'' | '"' => {}
            c => plain.push(c),
        }
    }
    plain
}
