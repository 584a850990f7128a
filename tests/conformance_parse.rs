//! Whole files against BuildKit's answers; see `tests/corpus/dockerfile/README.md`.

#[path = "support/cases.rs"]
mod support;

use std::path::Path;

use execlens::dockerfile::{
    self, Arguments, Command, Copy, Dockerfile, Heredoc, Instruction, Kind, Mount, Problem, Spanned,
};
use execlens::source::Span;
use serde_json::{Map, Value, json};

#[test]
fn conformance_parse() {
    let Some(folder) = support::cases("parse") else { return };
    let mut total = 0;
    let mut failures = Vec::new();
    for file in support::list(&folder).iter().filter(|file| file.extension().is_some_and(|end| end == "Dockerfile")) {
        total += 1;
        failures.extend(check(file).err());
    }
    support::report("parse", total, &failures);
}

fn check(file: &Path) -> Result<(), String> {
    let bytes = std::fs::read(file).expect("a case can be read");
    let expected = std::fs::read_to_string(file.with_extension("json")).expect("a case has an answer");
    let mut expected: Value = serde_json::from_str(&expected).expect("an answer is JSON");
    let about = expected.as_object_mut().and_then(|answer| answer.remove("about")).unwrap_or_default();
    if let Some(error) = expected.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("message");
    }
    let read = dockerfile::read(&"Dockerfile".into(), &bytes);
    let found = Value::Object(Answer { file: &read }.whole());
    if found == expected {
        return Ok(());
    }
    let (found, expected) = difference(&found, &expected);
    Err(format!(
        "{}: {about}\n  expected {expected}\n  found    {found}",
        file.file_stem().unwrap_or_default().to_string_lossy()
    ))
}

/// The smallest part of two answers that differs.
fn difference(found: &Value, expected: &Value) -> (Value, Value) {
    match (found, expected) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys());
            let mut differing = keys.filter(|key| one.get(*key) != other.get(*key));
            match differing.next() {
                Some(key) if one.contains_key(key) && other.contains_key(key) => difference(&one[key], &other[key]),
                _ => (found.clone(), expected.clone()),
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let differing = one.iter().zip(other).find(|(one, other)| one != other);
            differing.map_or_else(|| (found.clone(), expected.clone()), |(one, other)| difference(one, other))
        }
        _ => (found.clone(), expected.clone()),
    }
}

/// What was read, in the form of the answers.
struct Answer<'f> {
    file: &'f Dockerfile,
}

impl Answer<'_> {
    fn whole(&self) -> Map<String, Value> {
        let mut answer = Map::new();
        if let Some(syntax) = &self.file.syntax {
            answer.insert("syntax".into(), json!(syntax));
        }
        let directives = self.file.directives.iter().map(|directive| {
            json!({"name": directive.name, "value": directive.value, "line": self.line(directive.span.start)})
        });
        put(&mut answer, "directives", directives.collect());
        if let Some(problem) = self.file.problems.iter().find(|problem| problem.fatal && problem.syntax) {
            answer.insert("error".into(), json!({"phase": "syntax", "lines": self.syntax_lines(problem)}));
            return answer;
        }
        let refused = self.file.problems.iter().find(|problem| problem.fatal);
        // A mount that only the build refuses leaves the whole file without meaning, too.
        let mut mounts = self.file.instructions.iter().flat_map(|instruction| match &instruction.kind {
            Kind::Run(run) => run.mounts.as_slice(),
            _ => &[],
        });
        let accepted = refused.is_none() && mounts.all(|one| mount(one).is_some());
        answer.insert("escape".into(), json!(self.file.escape));
        let instructions = self.file.instructions.iter().map(|instruction| {
            let mut form = self.cut(instruction);
            form.insert("lines".into(), json!(self.lines(instruction.span)));
            let heredocs = instruction.heredocs.iter().map(heredoc);
            put(&mut form, "heredocs", heredocs.collect());
            if let Some(typed) = typed(instruction).filter(|_| accepted) {
                form.insert("typed".into(), typed);
            }
            Value::Object(form)
        });
        answer.insert("instructions".into(), instructions.collect());
        let warnings = self.file.problems.iter().filter(|problem| !problem.fatal);
        let warnings = warnings.map(|problem| {
            let last = self.last_line_of_text(problem);
            json!({"rule": "NoEmptyContinuation", "line": last})
        });
        put(&mut answer, "warnings", warnings.collect());
        if let Some(problem) = refused {
            let lines = self.lines(self.instruction(problem).unwrap_or(problem.span));
            answer.insert("error".into(), json!({"phase": "instruction", "lines": lines}));
        }
        answer
    }

    /// The instruction that a problem is in.
    fn holder(&self, problem: &Problem) -> Option<&Instruction> {
        let holds =
            |instruction: &&Instruction| (instruction.span.start..=instruction.span.end).contains(&problem.span.start);
        self.file.instructions.iter().find(holds)
    }

    fn instruction(&self, problem: &Problem) -> Option<Span> {
        self.holder(problem).map(|instruction| instruction.span)
    }

    /// The last line of the instruction that a problem is in, without its here-documents.
    fn last_line_of_text(&self, problem: &Problem) -> u32 {
        match self.holder(problem) {
            None => self.line(problem.span.end),
            Some(Instruction { heredocs, span, .. }) => {
                heredocs.first().map_or_else(|| self.line(span.end), |first| self.line(first.span.start) - 1)
            }
        }
    }

    fn syntax_lines(&self, problem: &Problem) -> [u32; 2] {
        if let Some(span) = self.instruction(problem) {
            return self.lines(span);
        }
        let text = problem.span.of(&self.file.text);
        let mut line = self.line(problem.span.start);
        // BuildKit names the line before a bad directive and before a line that is too long; it finds no line in an
        // empty file.
        if text.starts_with('#') || text.len() > 65_000 || self.file.text.is_empty() {
            line -= 1;
        }
        [line, line]
    }

    fn lines(&self, span: Span) -> [u32; 2] {
        [self.line(span.start), self.line(span.end)]
    }

    fn line(&self, offset: u32) -> u32 {
        let before = &self.file.text.as_bytes()[..offset as usize];
        1 + u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).expect("few lines")
    }

    /// Keyword, flags and words.
    fn cut(&self, instruction: &Instruction) -> Map<String, Value> {
        let mut form = Map::new();
        form.insert("keyword".into(), json!(instruction.keyword.value));
        put(&mut form, "flags", strings(&instruction.flags));
        match &instruction.arguments {
            Arguments::Words { words, array } => {
                form.insert("args".into(), strings(words).into());
                if array.is_some() {
                    form.insert("json".into(), json!(true));
                }
            }
            Arguments::Pairs { pairs, legacy } => {
                let pairs = pairs.iter().map(
                    |pair| json!({"key": pair.name.value, "value": pair.value.as_ref().map(|value| &value.value)}),
                );
                form.insert("pairs".into(), pairs.collect());
                if *legacy {
                    form.insert("legacy".into(), json!(true));
                }
            }
            Arguments::Trigger => {
                if let Kind::OnBuild { trigger, .. } = &instruction.kind {
                    form.insert("trigger".into(), Value::Object(self.cut(trigger)));
                }
            }
            Arguments::Unknown => {}
        }
        form
    }
}

fn put(form: &mut Map<String, Value>, key: &str, values: Vec<Value>) {
    if !values.is_empty() {
        form.insert(key.into(), values.into());
    }
}

fn strings(words: &[Spanned<String>]) -> Vec<Value> {
    words.iter().map(|word| json!(word.value)).collect()
}

fn heredoc(heredoc: &Heredoc) -> Value {
    let mut form = Map::new();
    form.insert("name".into(), json!(heredoc.name));
    form.insert("content".into(), json!(heredoc.content));
    if !heredoc.expand {
        form.insert("expand".into(), json!(false));
    }
    if heredoc.strip_tabs {
        form.insert("stripTabs".into(), json!(true));
    }
    if let Some(descriptor) = heredoc.descriptor.filter(|descriptor| *descriptor != 0) {
        form.insert("fd".into(), json!(descriptor));
    }
    Value::Object(form)
}

/// What the words mean, for the instructions whose words say more than they are.
fn typed(instruction: &Instruction) -> Option<Value> {
    let mut form = Map::new();
    let mut text = |key: &str, value: Option<&Spanned<String>>| {
        if let Some(value) = value {
            form.insert(key.into(), json!(value.value));
        }
    };
    match &instruction.kind {
        Kind::From(from) => {
            text("image", Some(&from.image));
            text("stage", from.name.as_ref());
            text("platform", from.platform.as_ref());
        }
        Kind::Arg(variables) => {
            let variables = variables.iter().map(|variable| match &variable.value {
                Some(value) => json!({"name": variable.name.value, "value": value.value}),
                None => json!({"name": variable.name.value}),
            });
            form.insert("variables".into(), variables.collect());
        }
        Kind::Copy(copy) | Kind::Add(copy) => return Some(typed_copy(copy, instruction)),
        Kind::Run(run) => {
            text("network", run.network.as_ref().filter(|network| network.value != "default"));
            text("security", run.security.as_ref().filter(|security| security.value != "sandbox"));
            let mounts: Option<Vec<Value>> = run.mounts.iter().map(mount).collect();
            put(&mut form, "mounts", mounts?);
        }
        Kind::Healthcheck(check) => {
            let test = match &check.command {
                None => vec![json!("NONE")],
                Some(Command::Shell(shell)) => vec![json!("CMD-SHELL"), json!(shell.text)],
                Some(Command::Exec { words, .. }) => [vec![json!("CMD")], strings(words)].concat(),
            };
            form.insert("test".into(), test.into());
            for (key, value) in [
                ("interval", check.interval),
                ("timeout", check.timeout),
                ("startPeriod", check.start_period),
                ("startInterval", check.start_interval),
                ("retries", u64::from(check.retries)),
            ] {
                if value != 0 {
                    form.insert(key.into(), json!(value));
                }
            }
        }
        Kind::Expose(ports) => {
            let mut ports: Vec<&str> = ports.iter().map(|port| port.value.as_str()).collect();
            ports.sort_unstable();
            form.insert("ports".into(), json!(ports));
        }
        Kind::Volume(volumes) => {
            form.insert("volumes".into(), strings(volumes).into());
        }
        Kind::OnBuild { expression, .. } => {
            form.insert("expression".into(), json!(expression.text));
        }
        _ => {}
    }
    (!form.is_empty()).then_some(Value::Object(form))
}

fn typed_copy(copy: &Copy, instruction: &Instruction) -> Value {
    let mut form = Map::new();
    let (inline, sources) = copy.contents(instruction);
    form.insert("sources".into(), sources.iter().map(|source| json!(source.value)).collect());
    let inline = inline.iter().map(|heredoc| {
        let mut form = Map::new();
        form.insert("name".into(), json!(heredoc.name));
        form.insert("content".into(), json!(heredoc.body()));
        if !heredoc.expand {
            form.insert("expand".into(), json!(false));
        }
        Value::Object(form)
    });
    put(&mut form, "inline", inline.collect());
    form.insert("destination".into(), json!(copy.destination.value));
    let texts = [("from", &copy.from), ("chown", &copy.chown), ("chmod", &copy.chmod), ("checksum", &copy.checksum)];
    for (key, value) in texts {
        if let Some(value) = value {
            form.insert(key.into(), json!(value.value));
        }
    }
    for (key, value) in [("link", copy.link), ("parents", copy.parents)] {
        if value {
            form.insert(key.into(), json!(true));
        }
    }
    for (key, value) in [("keepGitDir", copy.keep_git_dir), ("unpack", copy.unpack)] {
        if let Some(value) = value {
            form.insert(key.into(), json!(value));
        }
    }
    put(&mut form, "exclude", strings(&copy.exclude));
    Value::Object(form)
}

/// `None` for a mount that the build refuses.
fn mount(mount: &Mount) -> Option<Value> {
    let meaning = mount.meaning(|value| Ok(value.to_owned())).ok()?;
    let mut form = Map::new();
    form.insert("type".into(), json!(meaning.kind.name()));
    form.insert("readonly".into(), json!(meaning.readonly));
    for (key, value) in [
        ("from", meaning.from),
        ("source", meaning.source),
        ("target", meaning.target),
        ("id", meaning.id),
        ("sharing", meaning.sharing),
        ("mode", meaning.mode.map(|mode| format!("{mode:o}"))),
        ("env", meaning.variable),
    ] {
        if let Some(value) = value {
            form.insert(key.into(), json!(value));
        }
    }
    for (key, value) in
        [("size", meaning.size), ("uid", meaning.uid.map(u64::from)), ("gid", meaning.gid.map(u64::from))]
    {
        if let Some(value) = value {
            form.insert(key.into(), json!(value));
        }
    }
    if meaning.required {
        form.insert("required".into(), json!(true));
    }
    Some(Value::Object(form))
}
