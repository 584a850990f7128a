//! What the words of an instruction mean (`frontend/dockerfile/instructions/parse.go` in BuildKit).
//!
//! `dockerfile-parser` reads plain FROM and COPY instructions. It is not asked where it and BuildKit differ: flags that
//! it takes for sources, lists without blanks, single quotes, an `escape` directive, heredocs, several ARGs on a line;
//! nor for long texts, on which its grammar recurses.

use super::arguments::{self, Cut, Name};
use super::flags::{Flags, Form};
use super::problem::Refusal;
use super::unicode;
use super::{Arguments, Command, Copy, From, Kind, Run, Spanned, heredoc, mount};
use crate::lists::Collect;
use crate::source::Span;
use crate::text;
use crate::text::Text;

/// The longest text that is handed to `dockerfile-parser`.
const LONGEST_PLAIN: usize = 512;

/// The kind of an instruction that is cut up. ONBUILD is read by its caller, which has the trigger.
pub(super) fn kind(cut: &Cut, syntax: Option<&str>) -> Result<Kind, Refusal> {
    let Some(name) = cut.name else {
        return Err(Refusal {
            span: Some(cut.keyword.span),
            message: text! {
                en: "unknown instruction: `{keyword}`",
                ja: "`{keyword}` という命令はありません",
                keyword: &cut.keyword.value,
            },
        });
    };
    let reader = Reader { cut, name };
    match name {
        Name::From => reader.from(),
        Name::Copy => reader.copy().map(Kind::Copy),
        Name::Add => reader.copy().map(Kind::Add),
        Name::Arg => reader.arg(),
        Name::Env => reader.pairs().map(Kind::Env),
        Name::Label => reader.pairs().map(Kind::Label),
        Name::Run => reader.run(syntax),
        Name::Cmd => reader.no_flags().map(|()| Kind::Cmd(reader.command())),
        Name::Entrypoint => reader.no_flags().map(|()| Kind::Entrypoint(reader.command())),
        Name::Shell => reader.shell(),
        Name::Healthcheck => reader.healthcheck(),
        Name::Expose => reader.some_words().map(Kind::Expose),
        Name::Volume => reader.volume(),
        Name::Workdir => reader.one_word(true).map(Kind::Workdir),
        Name::User => reader.one_word(true).map(Kind::User),
        Name::Maintainer => reader.one_word(true).map(Kind::Maintainer),
        Name::StopSignal => reader.one_word(false).map(Kind::StopSignal),
        Name::OnBuild => Ok(Kind::Unreadable),
    }
}

/// Why the flags of an instruction that knows none are refused.
pub(super) fn no_flags(cut: &Cut) -> Option<Refusal> {
    Flags::read(&cut.flags, &[]).err()
}

/// Reads one instruction.
pub(super) struct Reader<'c> {
    pub(super) cut: &'c Cut,
    name: Name,
}

impl Reader<'_> {
    pub(super) fn words(&self) -> &[Spanned<String>] {
        match &self.cut.arguments {
            Arguments::Words { words, .. } => words,
            _ => &[],
        }
    }

    pub(super) fn array(&self) -> Option<Span> {
        match &self.cut.arguments {
            Arguments::Words { array, .. } => *array,
            _ => None,
        }
    }

    pub(super) fn flags(&self, known: &[(&str, Form)]) -> Result<Flags, Refusal> {
        Flags::read(&self.cut.flags, known)
    }

    fn no_flags(&self) -> Result<(), Refusal> {
        self.flags(&[]).map(|_| ())
    }

    pub(super) fn at_least_one(&self) -> Refusal {
        Refusal::whole(text! {
            en: "{instruction} requires at least one argument",
            ja: "{instruction} には引数が 1 つ以上必要です",
            instruction: self.name.word(),
        })
    }

    /// One word, and flags or no look at them.
    fn one_word(&self, no_flags: bool) -> Result<Spanned<String>, Refusal> {
        let [word] = self.words() else {
            return Err(Refusal::whole(text! {
                en: "{instruction} requires exactly one argument",
                ja: "{instruction} にはちょうど 1 つの引数が必要です",
                instruction: self.name.word(),
            }));
        };
        if no_flags {
            self.no_flags()?;
        }
        Ok(word.clone())
    }

    fn some_words(&self) -> Result<Vec<Spanned<String>>, Refusal> {
        if self.words().is_empty() {
            return Err(self.at_least_one());
        }
        self.no_flags()?;
        Ok(self.words().to_vec())
    }

    fn volume(&self) -> Result<Kind, Refusal> {
        let mut volumes = self.some_words()?;
        for volume in &mut volumes {
            volume.value = volume.value.trim().to_owned();
            if volume.value.is_empty() {
                return Err(Refusal {
                    span: Some(volume.span),
                    message: text! {
                        en: "VOLUME specified can not be an empty string",
                        ja: "VOLUME に空の文字列は指定できません",
                    },
                });
            }
        }
        Ok(Kind::Volume(volumes))
    }

    fn blank_name(&self, span: Span) -> Refusal {
        Refusal {
            span: Some(span),
            message: text! {
                en: "{instruction} names can not be blank",
                ja: "{instruction} の名前は空にできません",
                instruction: self.name.word(),
            },
        }
    }

    fn pairs(&self) -> Result<Vec<super::Variable>, Refusal> {
        self.no_flags()?;
        let pairs = match &self.cut.arguments {
            Arguments::Pairs { pairs, .. } => pairs.as_slice(),
            _ => &[],
        };
        if pairs.is_empty() {
            return Err(self.at_least_one());
        }
        match pairs.iter().find(|pair| pair.name.value.is_empty()) {
            Some(blank) => Err(self.blank_name(blank.name.span)),
            None => Ok(pairs.to_vec()),
        }
    }

    /// ARG does not look at its flags.
    fn arg(&self) -> Result<Kind, Refusal> {
        if self.words().is_empty() {
            return Err(self.at_least_one());
        }
        let variables: Vec<_> = self.words().iter().map(arguments::argument).collect_vec();
        match variables.iter().find(|variable| variable.value.is_some() && variable.name.value.is_empty()) {
            Some(blank) => Err(self.blank_name(blank.name.span)),
            None => Ok(Kind::Arg(variables)),
        }
    }

    fn from(&self) -> Result<Kind, Refusal> {
        let read = match self.plain() {
            Some(dockerfile_parser::Instruction::From(from)) => {
                Some((self.place(&from.image), from.alias.as_ref().map(|alias| self.place(alias))))
            }
            _ => match self.words() {
                [image] => Some((image.clone(), None)),
                [image, word, name] if is_as(&word.value) => Some((image.clone(), Some(name.clone()))),
                _ => None,
            },
        };
        let Some((image, name)) = read else {
            return Err(Refusal::whole(text! {
                en: "FROM requires either one or three arguments",
                ja: "FROM の引数は 1 つか 3 つです(イメージ、または イメージ AS 名前)",
            }));
        };
        let lower = name.as_ref().map(|name| Spanned { value: unicode::lower(&name.value), span: name.span });
        if let (Some(name), Some(lower)) = (&name, &lower) {
            let first = lower.value.starts_with(|c: char| c.is_ascii_lowercase());
            let rest = lower.value.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
            if !(first && rest) {
                return Err(Refusal {
                    span: Some(name.span),
                    message: text! {
                        en: "invalid name for build stage: `{name}` can't start with a number or contain symbols",
                        ja: "ステージ名 `{name}` は使えません。数字で始めたり、記号を含めたりできません",
                        name: &name.value,
                    },
                });
            }
        }
        let platform = self.flags(&[("platform", Form::Text)])?.text("platform");
        Ok(Kind::From(From { image, name: lower, platform }))
    }

    fn copy(&self) -> Result<Copy, Refusal> {
        const COMMON: &[(&str, Form)] =
            &[("chown", Form::Text), ("chmod", Form::Text), ("link", Form::Bool), ("exclude", Form::Texts)];
        const OF_COPY: &[(&str, Form)] = &[("from", Form::Text), ("parents", Form::Bool)];
        const OF_ADD: &[(&str, Form)] =
            &[("checksum", Form::Text), ("keep-git-dir", Form::Bool), ("unpack", Form::Bool)];

        let mut sources = match self.plain() {
            Some(dockerfile_parser::Instruction::Copy(copy)) => {
                copy.sources.iter().chain([&copy.destination]).map(|word| self.place(word)).collect_vec()
            }
            _ => self.words().to_vec(),
        };
        let Some(destination) = sources.pop().filter(|_| !sources.is_empty()) else {
            return Err(Refusal::whole(text! {
                en: "{instruction} requires at least two arguments, but only one was provided: the destination could \
                     not be determined",
                ja: "{instruction} には引数が 2 つ以上必要です。コピー先がわかりません",
                instruction: self.name.word(),
            }));
        };
        let own = if self.name == Name::Copy { OF_COPY } else { OF_ADD };
        let flags = self.flags(&[COMMON, own].concat())?;
        if heredoc::of_word(&destination.value).is_some() {
            return Err(Refusal {
                span: Some(destination.span),
                message: text! {
                    en: "{instruction} cannot accept a heredoc as a destination",
                    ja: "{instruction} のコピー先にヒアドキュメントは指定できません",
                    instruction: self.name.word(),
                },
            });
        }
        Ok(Copy {
            sources,
            destination,
            from: flags.text("from"),
            chown: flags.text("chown"),
            chmod: flags.text("chmod"),
            link: flags.bool("link").unwrap_or(false),
            parents: flags.bool("parents").unwrap_or(false),
            exclude: flags.all("exclude").cloned().collect_vec(),
            checksum: flags.text("checksum"),
            keep_git_dir: flags.bool("keep-git-dir"),
            unpack: flags.bool("unpack"),
        })
    }

    /// The instruction without its flags as `dockerfile-parser` reads it, where it is to be trusted: words of letters,
    /// digits and the punctuation of paths and image names.
    fn plain(&self) -> Option<dockerfile_parser::Instruction> {
        let text = &self.cut.text.text;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ./:_-".contains(&byte);
        if text.len() > LONGEST_PLAIN || !text.bytes().all(is_plain) || text.contains(" -") || text.starts_with('-') {
            return None;
        }
        dockerfile_parser::Dockerfile::parse(&format!("{} {text}", self.name.word())).ok()?.instructions.pop()
    }

    /// A word of [`Reader::plain`], where it stands in the file.
    fn place(&self, word: &dockerfile_parser::SpannedString) -> Spanned<String> {
        let before = self.name.word().len() + 1;
        let span = self.cut.text.span(word.span.start - before, word.span.end - before);
        Spanned { value: word.content.clone(), span }
    }

    /// A shell or exec form; the shell form of no words is an empty one.
    fn command(&self) -> Command {
        match self.array() {
            Some(span) => Command::Exec { words: self.words().to_vec(), span },
            None => Command::Shell(self.cut.text.clone()),
        }
    }

    fn run(&self, syntax: Option<&str>) -> Result<Kind, Refusal> {
        let mut known = vec![("mount", Form::Texts), ("network", Form::Text), ("security", Form::Text)];
        // Known to the experimental frontends alone.
        if syntax.is_some_and(|syntax| syntax.contains("labs")) {
            known.push(("device", Form::Texts));
        }
        let flags = self.flags(&known)?;
        let mounts = flags.all("mount").map(mount::read).collect::<Result<_, _>>()?;
        let one_of = |name: &str, values: &[&str], message: fn(&str) -> Text| match flags.given(name) {
            Some(flag) if !values.contains(&flag.value.as_str()) => {
                Err(Refusal { span: Some(flag.span), message: message(&flag.value) })
            }
            flag => Ok(flag.cloned()),
        };
        let network = one_of("network", &["default", "none", "host"], |value| {
            text! { en: "invalid network mode `{value}`", ja: "ネットワークモード `{value}` はありません", value: value }
        })?;
        let security = one_of("security", &["sandbox", "insecure"], |value| {
            text! { en: "security `{value}` is not valid", ja: "security に `{value}` は指定できません", value: value }
        })?;
        Ok(Kind::Run(Run { command: self.command(), mounts, network, security }))
    }

    fn shell(&self) -> Result<Kind, Refusal> {
        self.no_flags()?;
        if self.words().is_empty() {
            return Err(self.at_least_one());
        }
        match self.array() {
            Some(_) => Ok(Kind::Shell(self.words().to_vec())),
            None => Err(Refusal::whole(text! {
                en: "SHELL requires the arguments to be in JSON form",
                ja: "SHELL の引数は JSON 形式で書く必要があります",
            })),
        }
    }
}

/// `AS` in any case; Unicode folds the long s to an s.
fn is_as(word: &str) -> bool {
    let mut chars = word.chars();
    matches!((chars.next(), chars.next(), chars.next()), (Some('a' | 'A'), Some('s' | 'S' | 'ſ'), None))
}

#[cfg(test)]
mod tests {
    use dockerfile_parser::{Instruction, ShellOrExecExpr};

    use super::*;

    /// The last instruction as `dockerfile-parser` reads it.
    fn theirs(text: &str) -> String {
        let list = |words: &[dockerfile_parser::SpannedString]| {
            words.iter().map(|word| word.content.clone()).collect::<Vec<_>>().join("|")
        };
        let command = |command: &ShellOrExecExpr| match command {
            ShellOrExecExpr::Shell(shell) => format!("shell {shell}"),
            ShellOrExecExpr::Exec(exec) => format!("exec {}", list(&exec.elements)),
        };
        let Ok(file) = dockerfile_parser::Dockerfile::parse(text) else { return "refused".to_owned() };
        match file.instructions.last() {
            Some(Instruction::From(from)) => {
                format!("{} as {:?}", from.image.content, from.alias.as_ref().map(|a| &a.content))
            }
            Some(Instruction::Copy(copy)) => {
                format!("{} flags, {} to {}", copy.flags.len(), list(&copy.sources), copy.destination.content)
            }
            Some(Instruction::Cmd(cmd)) => command(&cmd.expr),
            Some(Instruction::Run(run)) => command(&run.expr),
            Some(Instruction::Arg(arg)) => {
                format!("{}={:?}", arg.name.content, arg.value.as_ref().map(|value| &value.content))
            }
            _ => "another instruction".to_owned(),
        }
    }

    /// The last instruction as we read it, in the same form.
    fn ours(text: &str) -> String {
        let list =
            |words: &[Spanned<String>]| words.iter().map(|word| word.value.clone()).collect::<Vec<_>>().join("|");
        let command = |command: &Command| match command {
            Command::Shell(shell) => format!("shell {}", shell.text),
            Command::Exec { words, .. } => format!("exec {}", list(words)),
        };
        let file = crate::dockerfile::read(&"Dockerfile".into(), text.as_bytes());
        let Some(last) = file.instructions.last() else { return "refused".to_owned() };
        match &last.kind {
            Kind::From(from) => format!("{} as {:?}", from.image.value, from.name.as_ref().map(|name| &name.value)),
            Kind::Copy(copy) => {
                format!("{} flags, {} to {}", last.flags.len(), list(&copy.sources), copy.destination.value)
            }
            Kind::Cmd(cmd) => command(cmd),
            Kind::Run(run) => command(&run.command),
            Kind::Arg(arguments) => {
                let of = |arg: &super::super::Variable| {
                    format!("{}={:?}", arg.name.value, arg.value.as_ref().map(|value| &value.value))
                };
                arguments.iter().map(of).collect::<Vec<_>>().join(" ")
            }
            Kind::Unreadable => "refused".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn plain_instructions_are_read_alike() {
        for text in [
            "FROM alpine:3.20",
            "from  images.example.com:5000/a/b_c:1.2-x  as  build-1",
            "FROM scratch",
            "COPY a b",
            "copy a/b.c ./d-e  /f_g/",
            "COPY . .",
        ] {
            assert_eq!(theirs(text), ours(text), "{text}");
        }
    }

    /// Each is a reason why `plain` asks for so little. Where the first column comes to agree, the row can go.
    #[test]
    fn where_the_crate_and_the_builder_differ() {
        let cases = [
            ("COPY --link --from=x a b", "0 flags, --link|--from=x|a to b", "2 flags, a to b"),
            ("COPY --keep-git-dir=1 a b", "0 flags, --keep-git-dir=1|a to b", "refused"),
            ("COPY [\"a\", \"b\"]", "refused", "0 flags, a to b"),
            ("COPY [\"a\",\"b\"]", "another instruction", "0 flags, a to b"),
            ("COPY <<E /x\na\nE", "refused", "0 flags, <<E to /x"),
            ("CMD ['x']", "exec x", "shell ['x']"),
            ("CMD [\"a\",]", "exec a", "shell [\"a\",]"),
            ("CMD [\"a\"] b", "refused", "shell [\"a\"] b"),
            ("CMD", "refused", "shell "),
            ("ARG A=1 B=2", "refused", "A=Some(\"1\") B=Some(\"2\")"),
            ("ARG A=\"b\"", "A=Some(\"b\")", "A=Some(\"\\\"b\\\"\")"),
            ("# escape=`\nRUN a `\n b", "refused", "shell a  b"),
            ("\u{feff}FROM a", "refused", "a as None"),
            ("FROM \"a\"", "another instruction", "\"a\" as None"),
            ("FROM a AS B", "a as Some(\"B\")", "a as Some(\"b\")"),
        ];
        let found = cases.map(|(text, ..)| (text, theirs(text), ours(text)));
        assert_eq!(found, cases.map(|(text, theirs, ours)| (text, theirs.to_owned(), ours.to_owned())));
    }
}
