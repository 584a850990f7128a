//! What is said of a script: what decides a branch, and what could not be told.

use std::rc::Rc;
use std::sync::Arc;

use crate::fact::{Condition, Need, Settler};
use crate::source::Location;
use crate::text;
use crate::text::Text;

use super::lexer::{MAX_TOKENS, Trouble};
use super::nesting::MAX_NESTING;

/// How a command ends, and, when that is not known, on what it hangs.
#[derive(Clone, Debug)]
pub(super) enum Ends {
    Success,
    Failure,
    Unknown(Rc<Reason>),
}

/// A command of which nobody can tell how it ends.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    /// As it stands in the script.
    pub(super) command: String,
    /// It asks a question (`[ -f x ]`), and is not expected to succeed.
    pub(super) is_test: bool,
    /// It stands after `!`: it ends well when the command does not.
    pub(super) inverted: bool,
    pub(super) settled_by: Vec<Settler>,
}

impl Reason {
    pub(super) fn holds(&self) -> Arc<Condition> {
        self.condition(!self.inverted)
    }

    pub(super) fn fails(&self) -> Arc<Condition> {
        self.condition(self.inverted)
    }

    fn condition(&self, holds: bool) -> Arc<Condition> {
        let command = &self.command;
        let text = match (self.is_test, holds) {
            (true, true) => text! { en: "`{command}` holds", ja: "`{command}` が成り立つ", command: command },
            (true, false) => {
                text! { en: "`{command}` does not hold", ja: "`{command}` が成り立たない", command: command }
            }
            (false, true) => text! { en: "`{command}` succeeds", ja: "`{command}` が成功する", command: command },
            (false, false) => text! { en: "`{command}` fails", ja: "`{command}` が失敗する", command: command },
        };
        Arc::new(Condition { text, settled_by: self.settled_by.clone() })
    }
}

/// A branch of `case`: its word is one of the patterns.
pub(super) fn matches(word: &str, patterns: &str, settled_by: Vec<Settler>) -> Arc<Condition> {
    let text = text! {
        en: "`{word}` matches `{patterns}`",
        ja: "`{word}` が `{patterns}` に一致する",
        word: word,
        patterns: patterns,
    };
    Arc::new(Condition { text, settled_by })
}

/// The last branch of `case`: its word is none of the patterns before.
pub(super) fn matches_none(word: &str, patterns: &str, settled_by: Vec<Settler>) -> Arc<Condition> {
    let text = text! {
        en: "`{word}` matches none of `{patterns}`",
        ja: "`{word}` が `{patterns}` のいずれにも一致しない",
        word: word,
        patterns: patterns,
    };
    Arc::new(Condition { text, settled_by })
}

pub(super) fn loop_runs(words: &str, settled_by: Vec<Settler>) -> Arc<Condition> {
    let text = text! {
        en: "the loop over `{words}` runs",
        ja: "`{words}` に対するループが実行される",
        words: words,
    };
    Arc::new(Condition { text, settled_by })
}

pub(super) fn need(text: Text, settled_by: Vec<Settler>, at: Option<Location>) -> Arc<Need> {
    Arc::new(Need { text, settled_by, at })
}

pub(super) fn output_unknown(command: &str, settled_by: Vec<Settler>, at: Location) -> Arc<Need> {
    let text = text! {
        en: "the output of `{command}` is not known",
        ja: "`{command}` の出力は分かりません",
        command: command,
    };
    need(text, settled_by, Some(at))
}

pub(super) fn not_worked_out(expression: &str, at: Location) -> Arc<Need> {
    let text = text! {
        en: "the value of `{expression}` is not known",
        ja: "`{expression}` の値は分かりません",
        expression: expression,
    };
    need(text, Vec::new(), Some(at))
}

pub(super) fn not_sourced(file: &str, at: Location) -> Arc<Need> {
    let text = text! {
        en: "`{file}` is sourced, and what it sets is not known",
        ja: "`{file}` が読み込まれますが、その内容は分かりません",
        file: file,
    };
    need(text, Vec::new(), Some(at))
}

pub(super) fn unread(trouble: Trouble, piece: &str, at: Location) -> Arc<Need> {
    let text = match trouble {
        Trouble::Unterminated => text! {
            en: "something in `{piece}` is not closed, so the script cannot be read from there on",
            ja: "`{piece}` の中に閉じられていないものがあり、そこから先のスクリプトを読めません",
            piece: piece,
        },
        Trouble::Grammar => text! {
            en: "`{piece}` cannot be read as a shell command",
            ja: "`{piece}` をシェルのコマンドとして読めません",
            piece: piece,
        },
        Trouble::TooDeep => text! {
            en: "the script nests more than {limit} levels deep, and is not followed from `{piece}` on",
            ja: "スクリプトの入れ子が {limit} 段を超えるため、`{piece}` から先は追跡していません",
            limit: MAX_NESTING,
            piece: piece,
        },
        Trouble::TooLong => text! {
            en: "one command of the script has more than {limit} words, and is not followed",
            ja: "スクリプトの 1 つのコマンドが {limit} 語を超えるため、追跡していません",
            limit: MAX_TOKENS,
        },
    };
    need(text, Vec::new(), Some(at))
}

pub(super) fn too_much(at: Location) -> Arc<Need> {
    let text = text! {
        en: "the script does more than can be followed, and is not followed from here on",
        ja: "スクリプトの処理が多すぎるため、ここから先は追跡していません",
    };
    need(text, Vec::new(), Some(at))
}

/// A piece of a script in one line, short enough for a sentence.
pub(super) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut line = String::new();
    // A few more than are shown, so that white space at a cut does not matter.
    for word in text.char_indices().nth(LONGEST * 4).map_or(text, |(end, _)| &text[..end]).split_whitespace() {
        if word == "\\" {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
