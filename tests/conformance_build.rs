//! Operations and configuration against BuildKit's answers; see `tests/corpus/dockerfile/README.md`.

#[path = "support/cases.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use execlens::build::Request;
use execlens::build::convert::{Converted, Sink, State, convert};
use execlens::build::graph::Base;
use execlens::build::operation::{Copy, Id, Operation, Origin, Run};
use execlens::build::reference;
use execlens::dockerfile::{self, Dockerfile};
use execlens::fact::Provenance;
use execlens::image::{Config, Healthcheck};
use execlens::platform::Platform;
use execlens::source::LineIndex;
use serde_json::{Map, Value, json};

#[test]
fn conformance_build() {
    let Some(folder) = support::cases("build") else { return };
    let mut failures = Vec::new();
    let cases = support::list(&folder);
    for case in &cases {
        failures.extend(check(case).err());
    }
    support::report("build", cases.len(), &failures);
}

fn check(case: &Path) -> Result<(), String> {
    let read = |name: &str| std::fs::read(case.join(name)).expect("a case has its files");
    let object = |name: &str| -> Value { serde_json::from_slice(&read(name)).expect("an answer is JSON") };
    let (options, mut expected) = (object("options.json"), object("expected.json"));
    let file = dockerfile::read(&"Dockerfile".into(), &read("Dockerfile"));
    let found = answer(&file, &options);
    if let Some(error) = expected.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("message");
    }
    sort_unordered(&mut expected);
    if found == expected {
        return Ok(());
    }
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    Err(format!("{name}: {}\n  expected {expected}\n  found    {found}", options["about"]))
}

/// The order of `Env` says nothing.
fn sort_unordered(answer: &mut Value) {
    if let Some(variables) = answer.pointer_mut("/config/Env").and_then(Value::as_array_mut) {
        variables.sort_by_key(ToString::to_string);
    }
}

fn answer(file: &Dockerfile, options: &Value) -> Value {
    let lines = LineIndex::new(&file.text);
    if let Some(problem) = file.problems.iter().find(|problem| problem.fatal) {
        return error(file.instructions.is_empty(), problem.span.start, &lines);
    }
    let request = request(options);
    let mut recorder = Recorder { options, operations: BTreeMap::new() };
    let converted = convert(file, &request, &mut recorder);
    if let Some(refusal) = converted.refused.first() {
        let nowhere = refusal.at.is_none() || refusal.message.in_english().contains("stage index");
        return error(nowhere, refusal.at.unwrap_or_default().start, &lines);
    }
    let answer = Answer { file, converted: &converted, operations: &recorder.operations, request: &request };
    answer.whole()
}

fn error(nowhere: bool, offset: u32, lines: &LineIndex<'_>) -> Value {
    if nowhere { json!({"error": {}}) } else { json!({"error": {"line": lines.line_number(offset)}}) }
}

fn request(options: &Value) -> Request {
    let platform = |key: &str| options[key].as_str().and_then(Platform::parse);
    let arguments = options["buildArgs"].as_object().into_iter().flatten();
    Request {
        platform: platform("platform").unwrap_or_default(),
        build_platform: Some(platform("buildPlatform").unwrap_or_default()),
        target: options["target"].as_str().map(str::to_owned),
        build_args: arguments
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
    }
}

/// Each stage's operations, with the variables at that time.
type Operations = BTreeMap<usize, Vec<(Operation, BTreeMap<String, String>)>>;

/// Keeps the operations of each stage, and answers for images from the case's options.
struct Recorder<'o> {
    options: &'o Value,
    operations: Operations,
}

impl Sink for Recorder<'_> {
    fn image(&mut self, name: &str, _: &Platform) -> (Config, Provenance) {
        let images = self.options["images"].as_object();
        let named = images.into_iter().flatten().find(|(key, _)| reference::complete(key).as_deref() == Ok(name));
        (named.map(|(_, image)| config(image)).unwrap_or_default(), Provenance::Always)
    }

    fn begin(&mut self, _: usize, _: &Base, _: &State) {}

    fn operate(&mut self, stage: usize, operation: &Operation, state: &State) {
        let environment = state.variables.iter().map(|(name, value)| (name.to_string(), value.value.clone())).collect();
        self.operations.entry(stage).or_default().push((operation.clone(), environment));
    }

    fn end(&mut self, _: usize, _: &State) {}
}

/// An image's own config object.
fn config(image: &Value) -> Config {
    let list = |key: &str| -> Vec<String> {
        image[key].as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let keys = |key: &str| image[key].as_object().map(|set| set.keys().cloned().collect()).unwrap_or_default();
    let text = |key: &str| image[key].as_str().unwrap_or_default().to_owned();
    let pair = |variable: String| variable.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let labels = image["Labels"].as_object().into_iter().flatten();
    let healthcheck = image.get("Healthcheck").map(|check| Healthcheck {
        test: check["Test"].as_array().into_iter().flatten().filter_map(|w| w.as_str().map(str::to_owned)).collect(),
        interval: check["Interval"].as_u64().unwrap_or_default(),
        timeout: check["Timeout"].as_u64().unwrap_or_default(),
        retries: check["Retries"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or_default(),
        ..Healthcheck::default()
    });
    Config {
        env: list("Env").into_iter().filter_map(pair).collect(),
        working_dir: text("WorkingDir"),
        user: text("User"),
        entrypoint: list("Entrypoint"),
        cmd: list("Cmd"),
        shell: list("Shell"),
        on_build: list("OnBuild"),
        exposed_ports: keys("ExposedPorts"),
        volumes: keys("Volumes"),
        labels: labels.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
        stop_signal: text("StopSignal"),
        healthcheck,
    }
}

/// A conversion in the form of the answers.
struct Answer<'a> {
    file: &'a Dockerfile,
    converted: &'a Converted,
    operations: &'a Operations,
    request: &'a Request,
}

impl Answer<'_> {
    fn whole(&self) -> Value {
        let target = self.converted.target.expect("nothing was refused");
        let mut stages = Map::new();
        for (index, operations) in self.operations {
            let stage = &self.converted.stages[*index];
            let written = operations.iter().map(|(operation, environment)| self.operation(operation, environment));
            let base = self.base(*index);
            stages.insert(stage.name.clone(), json!({"base": base, "operations": written.collect::<Vec<_>>()}));
        }
        let platform = format!("{}/{}", self.request.platform.os, self.request.platform.architecture);
        let state = self.converted.stages[target].state.as_ref().expect("the target is converted");
        let mut answer = json!({"platform": platform, "stages": stages, "result": self.files(target), "config": written(state.config())});
        sort_unordered(&mut answer);
        answer
    }

    /// Where a stage's files come from after its last operation.
    fn files(&self, stage: usize) -> Value {
        if self.operations.contains_key(&stage) {
            json!({"stage": self.converted.stages[stage].name})
        } else {
            self.base(stage)
        }
    }

    fn base(&self, stage: usize) -> Value {
        let stage = &self.converted.stages[stage];
        match &stage.base {
            Base::Scratch => json!("scratch"),
            Base::Stage(parent) => self.files(*parent),
            Base::Image(name) => {
                // A usual variant is named where it is written (containerd's `platforms.Parse`).
                let written = stage.span.of(&self.file.text);
                let platform = match stage.platform.to_string().as_str() {
                    "linux/arm64" if written.contains("/v8 ") => "linux/arm64/v8".to_owned(),
                    "linux/arm/v7" if !written.contains("/v7 ") => "linux/arm".to_owned(),
                    platform => platform.to_owned(),
                };
                json!({"image": {"name": name.as_deref().unwrap_or_default(), "platform": platform}})
            }
        }
    }

    fn origin(&self, origin: &Origin) -> Value {
        match origin {
            Origin::Scratch => json!("scratch"),
            Origin::Context => json!("context"),
            Origin::Stage(stage) => self.files(*stage),
            Origin::Image { name, platform } => image(name, platform),
            Origin::Inline(body) => json!({"inline": body.text}),
            Origin::Url(url) => json!({"url": url}),
            Origin::Git(address) => json!({"git": address}),
        }
    }

    fn operation(&self, operation: &Operation, environment: &BTreeMap<String, String>) -> Value {
        match operation {
            Operation::Run(run) => json!({"run": self.run(run, environment)}),
            Operation::Copy(copy) => json!({"copy": self.copy(copy)}),
            Operation::MakeDirectory { path, .. } => json!({"mkdir": {"path": path}}),
        }
    }

    fn run(&self, run: &Run, environment: &BTreeMap<String, String>) -> Value {
        let mut answer = Map::new();
        answer.insert("args".into(), json!(run.arguments));
        answer.insert("env".into(), json!(environment));
        answer.insert("cwd".into(), json!(run.directory));
        put(&mut answer, "user", json!(run.user));
        let mounts = run.mounts.iter().map(|mount| {
            let mut answer = Map::new();
            answer.insert("type".into(), json!(mount.kind.name()));
            answer.insert("target".into(), json!(mount.target));
            if let Some(origin) = &mount.origin {
                answer.insert("from".into(), self.origin(origin));
            }
            put(&mut answer, "source", json!(mount.source.trim_end_matches('/')));
            if mount.read_only && !matches!(mount.kind.name(), "secret" | "ssh") {
                answer.insert("readonly".into(), json!(true));
            }
            if let (Some(mode), "cache") = (mount.mode, mount.kind.name()) {
                answer.insert("mode".into(), json!(format!("{mode:o}")));
            }
            Value::Object(answer)
        });
        put(&mut answer, "mounts", mounts.collect());
        if let Some(program) = &run.program {
            answer
                .insert("script".into(), json!({"path": program.path, "mode": "755", "content": program.content.text}));
        }
        Value::Object(answer)
    }

    fn copy(&self, copy: &Copy) -> Value {
        let sources = copy.sources.iter().map(|source| {
            let mut answer = Map::new();
            answer.insert("from".into(), self.origin(&source.origin));
            answer.insert("path".into(), json!(source.path));
            if source.unpack {
                answer.insert("unpack".into(), json!(true));
            }
            Value::Object(answer)
        });
        let mut answer = Map::new();
        answer.insert("sources".into(), sources.collect());
        answer.insert("to".into(), json!(copy.to));
        if let Some(owner) = &copy.owner {
            let id = |id: &Id| match id {
                Id::Number(number) => json!(number),
                Id::Name(name) => json!(name),
            };
            let mut written = Map::new();
            written.insert("user".into(), id(&owner.user));
            written.extend(owner.group.as_ref().map(|group| ("group".to_owned(), id(group))));
            answer.insert("owner".into(), Value::Object(written));
        }
        if let Some(mode) = &copy.mode {
            answer.insert("mode".into(), json!(mode));
        }
        put(&mut answer, "exclude", json!(copy.exclude));
        Value::Object(answer)
    }
}

fn image(name: &str, platform: &Platform) -> Value {
    json!({"image": {"name": name, "platform": platform.to_string()}})
}

/// A config as in an image: empty entries are absent.
fn written(config: &Config) -> Value {
    let mut answer = Map::new();
    let variables: Vec<String> = config.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    put(&mut answer, "Env", json!(variables));
    put(&mut answer, "Entrypoint", json!(config.entrypoint));
    put(&mut answer, "Cmd", json!(config.cmd));
    put(&mut answer, "WorkingDir", json!(config.working_dir));
    put(&mut answer, "User", json!(config.user));
    put(&mut answer, "Shell", json!(config.shell));
    put(&mut answer, "OnBuild", json!(config.on_build));
    let set = |names: &[String]| -> Value {
        names.iter().map(|name| (name.clone(), json!({}))).collect::<Map<_, _>>().into()
    };
    put(&mut answer, "ExposedPorts", set(&config.exposed_ports));
    put(&mut answer, "Volumes", set(&config.volumes));
    let labels: BTreeMap<&str, &String> = config.labels.iter().map(|(name, value)| (&**name, value)).collect();
    put(&mut answer, "Labels", json!(labels));
    put(&mut answer, "StopSignal", json!(config.stop_signal));
    if let Some(check) = &config.healthcheck {
        let mut written = Map::new();
        put(&mut written, "Test", json!(check.test));
        for (key, value) in [
            ("Interval", check.interval),
            ("Timeout", check.timeout),
            ("StartPeriod", check.start_period),
            ("StartInterval", check.start_interval),
            ("Retries", check.retries.into()),
        ] {
            if value > 0 {
                written.insert(key.into(), json!(value));
            }
        }
        answer.insert("Healthcheck".into(), Value::Object(written));
    }
    Value::Object(answer)
}

fn put(answer: &mut Map<String, Value>, key: &str, value: Value) {
    let is_empty = match &value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Null => true,
        _ => false,
    };
    if !is_empty {
        answer.insert(key.to_owned(), value);
    }
}
