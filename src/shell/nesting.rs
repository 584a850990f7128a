//! How deep a token stands in compound commands, and whether a command may begin there.
//!
//! Reserved words are words only where a command may not begin (`echo if`), and a `)` closes a group or a pattern, so
//! the cutting into words and the cutting into statements both need to know.

use super::lexer::Trouble;

/// How deep commands, groups and expansions may nest.
///
/// Each level takes stack in the grammar and in the walk, of which a WebAssembly module has one megabyte; scripts that
/// people write stay below ten.
pub(super) const MAX_NESTING: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `(` … `)`
    Group,
    /// `{` … `}`
    Brace,
    /// `if` … `fi`
    If,
    /// `for`, `while`, `until`, `select` … `done`
    Loop,
    /// `case` … `in`; whether its word was seen
    Subject(bool),
    /// before the `)` of a `case` branch
    Pattern,
    /// after it
    Branch,
    /// `[[` … `]]`
    Test,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Command,
    Argument,
    /// After `fi`, `)` and the like, where only what closes or goes on may follow without a separator: `fi fi`.
    Closing,
    FunctionName,
}

const CLOSING: [&str; 8] = ["fi", "done", "esac", "}", "then", "else", "elif", "do"];

#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<Open>,
    next: Next,
    /// The next word is the file of a redirection.
    target: bool,
    last: Last,
    /// `f()` was read and its body was not.
    body: bool,
    /// A `)` closed what was open before the first token.
    closed: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Start,
    Word,
    /// `for`, after which `((` is arithmetic.
    For,
    /// A word that ends in `=`, after which `(` begins an array.
    Array,
    OpenParen,
    /// `&&`, `||`, `|`: the list goes on in the next line.
    Continues,
    Operator,
}

impl Nesting {
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn in_test(&self) -> bool {
        self.open.contains(&Open::Test)
    }

    /// Whether this is the head of `for ((`.
    pub(super) fn in_for(&self) -> bool {
        self.last == Last::For
    }

    /// Whether `((` here begins arithmetic.
    pub(super) fn may_be_arithmetic(&self) -> bool {
        let begins = self.next == Next::Command && !self.target;
        (begins || self.last == Last::For) && !self.in_pattern() && !self.in_test()
    }

    pub(super) fn may_begin_command(&self) -> bool {
        matches!(self.next, Next::Command | Next::Closing) && !self.target
    }

    /// Whether a `(` here stands right inside another, where the grammar would take both for arithmetic.
    pub(super) fn doubles_group(&self) -> bool {
        self.last == Last::OpenParen && !self.in_test()
    }

    /// Whether `esac` here ends a branch that has no `;;`.
    pub(super) fn ends_branch(&self, word: &str) -> bool {
        word == "esac" && self.may_begin_command() && self.open.last() == Some(&Open::Branch)
    }

    /// Whether the separator that was just read ends a statement.
    pub(super) fn statement_ends(&self) -> bool {
        self.open.is_empty() && !self.body
    }

    /// Whether a line break here is only white space.
    pub(super) fn continues(&self) -> bool {
        self.last == Last::Continues || self.body
    }

    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    /// Whether `@(a|b)` here is a pattern, and not a group.
    pub(super) fn may_be_extended_glob(&self) -> bool {
        self.next != Next::Command || self.target || self.in_pattern() || self.in_test()
    }

    fn in_pattern(&self) -> bool {
        matches!(self.open.last(), Some(Open::Pattern | Open::Subject(_)))
    }

    /// An arithmetic command was read as a whole.
    pub(super) fn arithmetic(&mut self) {
        self.next = Next::Argument;
        self.last = Last::Word;
    }

    pub(super) fn word(&mut self, text: &str) -> Result<(), Trouble> {
        self.last = if text.ends_with('=') { Last::Array } else { Last::Word };
        if std::mem::take(&mut self.target) {
            return Ok(());
        }
        match self.open.last_mut() {
            Some(Open::Test) => {
                if text == "]]" {
                    self.open.pop();
                    self.next = Next::Argument;
                }
                return Ok(());
            }
            Some(Open::Subject(seen)) => {
                if *seen && text == "in" {
                    self.turn(Open::Pattern);
                } else {
                    *seen = true;
                }
                return Ok(());
            }
            Some(Open::Pattern) => {
                if text == "esac" {
                    self.open.pop();
                    self.next = Next::Closing;
                }
                return Ok(());
            }
            _ => {}
        }
        match self.next {
            Next::Command => self.first_word(text),
            Next::FunctionName => {
                self.next = Next::Command;
                self.body = true;
                Ok(())
            }
            Next::Closing if !CLOSING.contains(&text) => {
                self.next = Next::Argument;
                Ok(())
            }
            Next::Closing => self.first_word(text),
            Next::Argument => Ok(()),
        }
    }

    fn first_word(&mut self, text: &str) -> Result<(), Trouble> {
        self.body = false;
        self.next = match text {
            "if" => self.push(Open::If)?,
            "while" | "until" => self.push(Open::Loop)?,
            "for" | "select" => {
                self.push(Open::Loop)?;
                self.last = Last::For;
                Next::Argument
            }
            "case" => self.push(Open::Subject(false))?,
            "{" => self.push(Open::Brace)?,
            "[[" => self.push(Open::Test)?,
            "then" | "else" | "elif" | "do" | "!" | "time" | "coproc" => Next::Command,
            "function" => Next::FunctionName,
            "fi" => self.pop(Open::If)?,
            "done" => self.pop(Open::Loop)?,
            "esac" => self.pop(Open::Branch)?,
            "}" => self.pop(Open::Brace)?,
            _ if is_assignment(text) => Next::Command,
            _ => Next::Argument,
        };
        Ok(())
    }

    pub(super) fn operator(&mut self, operator: &str) -> Result<(), Trouble> {
        let last = std::mem::replace(&mut self.last, Last::Operator);
        let target = std::mem::take(&mut self.target);
        match operator {
            "(" => {
                self.last = Last::OpenParen;
                if self.in_pattern() {
                    return Ok(());
                }
                self.body = false;
                self.next = self.push(Open::Group)?;
                if last == Last::Array && !target {
                    self.next = Next::Argument;
                }
            }
            ")" => match self.open.last() {
                Some(Open::Pattern) => {
                    self.turn(Open::Branch);
                    self.next = Next::Command;
                }
                Some(Open::Group) => {
                    self.next = self.pop(Open::Group)?;
                    // `f()`: the body follows, which is a command.
                    if last == Last::OpenParen {
                        self.body = true;
                        self.next = Next::Command;
                    }
                }
                None => self.closed = true,
                Some(_) => return Err(Trouble::Grammar),
            },
            ";;" | ";&" | ";;&" if self.open.last() == Some(&Open::Branch) => self.turn(Open::Pattern),
            ";;" | ";&" | ";;&" => return Err(Trouble::Grammar),
            "&&" | "||" | "|" | "|&" => {
                self.next = Next::Command;
                self.last = Last::Continues;
            }
            "\n" => {
                if last == Last::Continues {
                    self.last = last;
                }
                self.next = Next::Command;
            }
            ";" | "&" => self.next = Next::Command,
            _ => self.target = true,
        }
        Ok(())
    }

    fn push(&mut self, open: Open) -> Result<Next, Trouble> {
        if self.open.len() >= MAX_NESTING {
            return Err(Trouble::TooDeep);
        }
        self.open.push(open);
        Ok(Next::Command)
    }

    fn pop(&mut self, open: Open) -> Result<Next, Trouble> {
        if self.open.pop() == Some(open) { Ok(Next::Closing) } else { Err(Trouble::Grammar) }
    }

    fn turn(&mut self, open: Open) {
        if let Some(last) = self.open.last_mut() {
            *last = open;
        }
    }
}

/// Whether a word is `name=…` or `name+=…`.
pub(super) fn is_assignment(text: &str) -> bool {
    let end = text.find(|c: char| !(c == '_' || c.is_ascii_alphanumeric())).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) && (rest.starts_with('=') || rest.starts_with("+="))
}
