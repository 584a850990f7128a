//! Statements, as `brush-parser` reads them.

use std::sync::Arc;

use brush_parser::ast::{CompleteCommand, CompoundList};
use brush_parser::{ParserOptions, SourcePosition, SourceSpan, Token as Element, parse_tokens};

use super::Dialect;
use super::lexer::{Kind, Lexer, Token, Trouble};

/// One statement of a script and where it stands there.
pub(super) struct Statement {
    pub(super) commands: Result<Vec<CompleteCommand>, Trouble>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Reads a script statement by statement, as a shell does, so that what cannot be read hides no more than it must.
pub(super) struct Statements<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    options: ParserOptions,
    ended: bool,
}

impl<'t> Statements<'t> {
    pub(super) fn new(text: &'t str, dialect: Dialect) -> Self {
        Self { text, lexer: Lexer::new(text, dialect), options: ParserOptions::default(), ended: false }
    }
}

impl Iterator for Statements<'_> {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        if self.ended {
            return None;
        }
        let start = self.lexer.offset();
        match self.lexer.statement()? {
            // Nothing tells where the next statement begins: this one hides the rest.
            Err(trouble) => {
                self.ended = true;
                Some(Statement { commands: Err(trouble), start, end: self.text.len() })
            }
            Ok(tokens) => {
                let start = tokens.first().map_or(start, |token| token.start);
                let end = tokens.last().map_or(start, |token| token.end);
                Some(Statement { commands: parse(self.text, &tokens, &self.options), start, end })
            }
        }
    }
}

fn parse(text: &str, tokens: &[Token], options: &ParserOptions) -> Result<Vec<CompoundList>, Trouble> {
    let mut elements = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token.kind {
            Kind::Word => {
                let word = &text[token.start..token.end];
                // The grammar counts on a descriptor being a number that fits.
                if word.len() > 9 && word.bytes().all(|byte| byte.is_ascii_digit()) && redirects(text, token.end) {
                    return Err(Trouble::Grammar);
                }
                elements.push(Element::Word(word.to_owned(), span(token.start, token.end)));
            }
            Kind::Operator(operator) => {
                elements.push(Element::Operator(operator.to_owned(), span(token.start, token.end)));
            }
            Kind::Delimiter { body } => {
                let delimiter = Element::Word(text[token.start..token.end].to_owned(), span(token.start, token.end));
                elements.push(delimiter.clone());
                elements.push(Element::Word(text[body.0..body.1].to_owned(), span(body.0, body.1)));
                elements.push(delimiter);
            }
        }
    }
    parse_tokens(&elements, options).map(|program| program.complete_commands).map_err(|_| Trouble::Grammar)
}

fn redirects(text: &str, at: usize) -> bool {
    text[at..].starts_with(['<', '>'])
}

/// Positions are byte offsets here; lines and columns are the edge's affair.
fn span(start: usize, end: usize) -> SourceSpan {
    let position = |index| Arc::new(SourcePosition { index, line: 0, column: 0 });
    SourceSpan { start: position(start), end: position(end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements' text, apart by ` ⏎ `; what was not read with the reason before it.
    fn cut(script: &str) -> String {
        let statements = Statements::new(script, Dialect::Bash).map(|statement| {
            let text = &script[statement.start..statement.end];
            match statement.commands {
                Ok(_) => text.to_owned(),
                Err(trouble) => format!("{trouble:?}: {text}"),
            }
        });
        statements.collect::<Vec<_>>().join(" ⏎ ").replace('\n', "¶")
    }

    #[track_caller]
    fn check(script: &str, expected: &str) {
        assert_eq!(cut(script), expected, "{script}");
    }

    #[test]
    fn a_script_is_cut_into_statements() {
        check("", "");
        check("# only a comment\n\n", "");
        check("a b; c &\nd", "a b; ⏎ c & ⏎ d");
        check("a &&\n\n b || c\nd", "a &&¶¶ b || c¶ ⏎ d");
        check("echo if then # x\nb", "echo if then # x¶ ⏎ b");
        check("cat <<A <<-'B' ; x\n1\nA\n\t2\n\tB\ny", "cat <<A <<-'B' ; x¶ ⏎ y");
        check("if a; then b; fi; c", "if a; then b; fi; ⏎ c");
        check("if a\nthen\nb\nelif c; then\nd; else e;fi > x; c", "if a¶then¶b¶elif c; then¶d; else e;fi > x; ⏎ c");
        check("for x in a b; do c; done; d", "for x in a b; do c; done; ⏎ d");
        check("for x\ndo c; done; d", "for x¶do c; done; ⏎ d");
        check("while read x; do c; done < f; d", "while read x; do c; done < f; ⏎ d");
        check("case $x in a|b) c;; (d) e ;; *) f; esac; g", "case $x in a|b) c;; (d) e ;; *) f; esac; ⏎ g");
        check("case x in a) case y in b) c;esac esac;d", "case x in a) case y in b) c;esac esac; ⏎ d");
        check("case x in esac; d", "case x in esac; ⏎ d");
        check("f() { a; b; }; f", "f() { a; b; }; ⏎ f");
        check("f()\n{ a; b; }\nf", "f()¶{ a; b; }¶ ⏎ f");
        check("function f {\na\n}\nf", "function f {¶a¶}¶ ⏎ f");
        check("function f() {\na\n}\nf", "function f() {¶a¶}¶ ⏎ f");
        check("(a; b); { c; }; d", "(a; b); ⏎ { c; }; ⏎ d");
        check("((a; b); (c)); d", "((a; b); (c)); ⏎ d");
        check("(( x = 1 << 2 )); d", "(( x = 1 << 2 )); ⏎ d");
        check("for ((i=0; i<3; i++)); do a; done; d", "for ((i=0; i<3; i++)); do a; done; ⏎ d");
        check("for ((;;)) do a; done; d", "for ((;;)) do a; done; ⏎ d");
        check("[[ a && ( b || c ) ]]; d", "[[ a && ( b || c ) ]]; ⏎ d");
        check("[[ $x =~ ^(a|b)$ ]] && c; d", "[[ $x =~ ^(a|b)$ ]] && c; ⏎ d");
        check("x=(a b\nc); d", "x=(a b¶c); ⏎ d");
        check("a $(b; c) \"$(d \")\" )\"; e", "a $(b; c) \"$(d \")\" )\"; ⏎ e");
        check("a $(case x in y) z;; esac); e", "a $(case x in y) z;; esac); ⏎ e");
        check("a $((1 + (2 * 3))) $( (b) ); e", "a $((1 + (2 * 3))) $( (b) ); ⏎ e");
        check("a `b; c`; d", "a `b; c`; ⏎ d");
        check("a ${b:-\"}\"} ${c#'}'}; d", "a ${b:-\"}\"} ${c#'}'}; ⏎ d");
        check("a $'\\'' b; c", "a $'\\'' b; ⏎ c");
        check("a 2>&1 >x &>y <<<z; c", "a 2>&1 >x &>y <<<z; ⏎ c");
        check("a \\\n b\nc", "a \\¶ b¶ ⏎ c");
        check("! a; time b; ! time c", "! a; ⏎ time b; ⏎ ! time c");
        check("a < <(b; c); d", "a < <(b; c); ⏎ d");
        check("shopt -s x; rm !(a|b); c", "shopt -s x; ⏎ rm !(a|b); ⏎ c");
    }

    #[test]
    fn what_cannot_be_read_is_one_statement() {
        check("a; 'b; c", "a; ⏎ Unterminated:  'b; c");
        check("a; \"$(b; c", "a; ⏎ Unterminated:  \"$(b; c");
        check("if a; then b", "Unterminated: if a; then b");
        check("a; )", "a; ⏎ Grammar:  )");
        check("a && ; b", "Grammar: a && ; ⏎ b");
        check("fi; b", "Grammar: fi; b");
        check("a 99999999999>b; c", "Grammar: a 99999999999>b; ⏎ c");
        check(&"(".repeat(3), "Unterminated: (((");
        assert!(cut(&"(".repeat(100_000)).starts_with("TooDeep"));
        assert!(cut(&"$(".repeat(100_000)).starts_with("TooDeep"));
        assert!(cut(&"\"${".repeat(100_000)).starts_with("TooDeep"));
        assert!(cut(&"$((".repeat(100_000)).starts_with("TooDeep"));
        assert!(cut(&"case x in a) ".repeat(100_000)).starts_with("TooDeep"));
    }

    /// Nesting that a grammar which tries one thing after another would take exponential time for.
    #[test]
    fn nesting_takes_no_more_than_linear_time() {
        for (open, inner, close) in [
            ("( ", "a; b", " )"),
            ("case x in a) ", "b", "; esac"),
            ("if ", "a", "; then b; fi"),
            ("f() { ", "a", "; }"),
        ] {
            let deep = super::super::nesting::MAX_NESTING / 2;
            let script = format!("{}{inner}{}", open.repeat(deep), close.repeat(deep));
            check(&script, &script);
        }
    }
}
