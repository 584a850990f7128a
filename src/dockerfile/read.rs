//! The whole file: logical lines to instructions, and what is wrong with them.

use crate::lists;
use std::sync::Arc;

use super::arguments::{self, Cut, Name};
use super::decode::{self, Source};
use super::problem::Refusal;
use super::scan::{Logical, Scanner};
use super::{Arguments, Dockerfile, Heredoc, Instruction, Kind, Problem, directive, heredoc, instruction};
use crate::source::{Excerpt, Span};
use crate::text;

/// ONBUILD in ONBUILD is refused anyhow; deeper than this the inner ones are not cut up.
const DEEPEST_TRIGGER: u32 = 8;

/// Reads a Dockerfile.
///
/// It never fails as a whole: what is wrong stands in [`Dockerfile::problems`].
#[must_use]
pub fn read(path: &Arc<str>, bytes: &[u8]) -> Dockerfile {
    let source = Source::new(bytes);
    let syntax = directive::syntax(&source.text);
    let mut scanner = Scanner::new(&source);
    let mut instructions = Vec::new();
    let mut staged = false;
    while let Some(line) = scanner.logical() {
        instructions.push(next(&mut scanner, line, &source, syntax.as_deref(), &mut staged));
    }
    let (escape, mut problems) = (scanner.escape, scanner.problems);
    let cut_short = scanner.overlong.is_some();
    problems.extend(scanner.overlong);
    if instructions.is_empty() && !cut_short {
        let last = source.text.strip_suffix('\n').unwrap_or(&source.text).len();
        problems.push(Problem {
            span: Span::at(last),
            message: text! { en: "a file with no instructions", ja: "命令が 1 つもありません" },
            fatal: true,
            syntax: true,
        });
    }
    if decode::is_utf16(bytes) {
        // One problem stands for all: that which the builder stops at.
        problems.retain(|problem| problem.fatal);
        lists::sort_by_key(&mut problems, |problem| !problem.syntax);
        problems.truncate(1);
        for problem in &mut problems {
            problem.message = text! {
                en: "the file is UTF-16, which no builder reads: save it as UTF-8",
                ja: "ファイルが UTF-16 です。ビルダーは読み込めないので、UTF-8 で保存してください",
            };
        }
    }
    Dockerfile {
        path: Arc::clone(path),
        directives: directive::all(&source.text, "#"),
        text: source.text.into(),
        escape,
        syntax,
        instructions,
        problems,
    }
}

/// One instruction, with the bodies of its here-documents.
fn next(
    scanner: &mut Scanner<'_>,
    line: Logical,
    source: &Source,
    syntax: Option<&str>,
    staged: &mut bool,
) -> Instruction {
    let mut node = Node::cut(&line.text, scanner.escape, source, 1);
    let mut span = line.span;
    let mut heredocs = Vec::new();
    if let Some(refusal) = node.take_refusal() {
        scanner.problems.push(refusal.of_syntax(span));
    } else {
        if node.takes_heredocs() {
            let (found, end, closed) = scanner.heredocs(heredoc::announced(&line.text.text), span.end as usize);
            span = span.cover(Span::at(end));
            heredocs = found;
            if !closed {
                scanner.problems.push(unterminated(&heredocs).of_syntax(span));
            }
        }
        let refusal = node.refusal(syntax);
        match (refusal, node.cut.name) {
            (Some(refusal), _) => scanner.problems.push(refusal.of_instruction(span)),
            (None, Some(Name::From | Name::Arg)) => {}
            (None, _) if *staged => {}
            (None, _) => scanner.problems.push(stageless().of_instruction(span)),
        }
    }
    *staged |= node.cut.name == Some(Name::From);
    node.finish(&line.text, span, heredocs, line.comments, syntax)
}

fn unterminated(heredocs: &[Heredoc]) -> Refusal {
    let name = heredocs.last().map_or("", |heredoc| heredoc.name.as_str());
    Refusal::whole(text! {
        en: "unterminated heredoc: no line says `{name}` alone",
        ja: "ヒアドキュメントが閉じていません: `{name}` だけの行がありません",
        name: name,
    })
}

fn stageless() -> Refusal {
    Refusal::whole(text! {
        en: "no build stage in current context: only ARG may stand before the first FROM",
        ja: "最初の FROM より前に書けるのは ARG だけです",
    })
}

/// An instruction that is cut up, and the one inside when it is an ONBUILD.
struct Node {
    cut: Cut,
    trigger: Option<Box<Node>>,
}

impl Node {
    fn cut(line: &Excerpt, escape: char, source: &Source, depth: u32) -> Self {
        let cut = arguments::cut(line, escape, source);
        let inner = cut.name == Some(Name::OnBuild) && !cut.text.text.is_empty() && depth <= DEEPEST_TRIGGER;
        let trigger = inner.then(|| Box::new(Self::cut(&cut.text, escape, source, depth + 1)));
        Self { cut, trigger }
    }

    /// Why the text cannot be cut up: this one's, or that of the one inside.
    fn take_refusal(&mut self) -> Option<Refusal> {
        self.cut.refusal.take().or_else(|| self.trigger.as_mut()?.take_refusal())
    }

    /// RUN, COPY and ADD take here-documents, unless they are lists; so does an ONBUILD of one of them.
    fn takes_heredocs(&self) -> bool {
        let cut = self.trigger.as_ref().map_or(&self.cut, |trigger| &trigger.cut);
        let takes = matches!(cut.name, Some(Name::Run | Name::Copy | Name::Add));
        takes && !matches!(cut.arguments, Arguments::Words { array: Some(_), .. })
    }

    /// Why the builder refuses the instruction once it is cut up.
    fn refusal(&self, syntax: Option<&str>) -> Option<Refusal> {
        if self.cut.name == Some(Name::OnBuild) {
            return self.trigger_refusal();
        }
        instruction::kind(&self.cut, syntax).err()
    }

    fn trigger_refusal(&self) -> Option<Refusal> {
        let Some(trigger) = &self.trigger else {
            return Some(Refusal::whole(text! {
                en: "ONBUILD requires at least one argument",
                ja: "ONBUILD には引数が 1 つ以上必要です",
            }));
        };
        let refuse = |message| Some(Refusal { span: Some(trigger.cut.keyword.span), message });
        if let Some(refusal) = instruction::no_flags(&self.cut) {
            return Some(refusal);
        }
        match trigger.cut.name {
            Some(Name::OnBuild) => refuse(text! {
                en: "chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
                ja: "`ONBUILD ONBUILD` のように重ねることはできません",
            }),
            Some(name @ (Name::Maintainer | Name::From)) => refuse(text! {
                en: "{instruction} isn't allowed as an ONBUILD trigger",
                ja: "{instruction} は ONBUILD では使えません",
                instruction: name.word(),
            }),
            _ => None,
        }
    }

    fn finish(
        self,
        line: &Excerpt,
        span: Span,
        heredocs: Vec<Heredoc>,
        comments: Vec<Span>,
        syntax: Option<&str>,
    ) -> Instruction {
        let kind = match self.trigger {
            Some(trigger) => {
                let expression = expression(line, &heredocs);
                let text = trigger.cut.keyword.span.cover(span_of(&self.cut.text));
                let inner = trigger.finish(&self.cut.text, text, heredocs.clone(), Vec::new(), syntax);
                Kind::OnBuild { trigger: Box::new(inner), expression }
            }
            None => instruction::kind(&self.cut, syntax).unwrap_or(Kind::Unreadable),
        };
        let Cut { keyword, flags, mut arguments, .. } = self.cut;
        if let Kind::OnBuild { .. } = kind {
            arguments = Arguments::Trigger;
        }
        Instruction { span, keyword, flags, arguments, heredocs, kind, comments }
    }
}

fn span_of(text: &Excerpt) -> Span {
    text.span(0, text.text.len())
}

/// What an ONBUILD stores: the line without its first word, and the bodies.
fn expression(line: &Excerpt, heredocs: &[Heredoc]) -> Excerpt {
    let blank = [' ', '\t', '\n', '\x0c', '\r'];
    let trimmed = line.text.trim_start_matches(blank);
    // A keyword that only Unicode calls ONBUILD stays.
    let rest = trimmed
        .get(..7)
        .filter(|word| word.eq_ignore_ascii_case("onbuild"))
        .map_or(&*line.text, |_| trimmed[7..].trim_start_matches(blank));
    let mut expression = line.slice(line.text.len() - rest.len(), line.text.len());
    for heredoc in heredocs {
        expression.push("\n", heredoc.span.start as usize);
        expression.push(&heredoc.content, heredoc.span.start as usize);
        expression.push(&heredoc.name, heredoc.closing.start as usize);
    }
    expression
}
