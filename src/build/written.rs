//! What build tools write in a project's folder, and what they therefore do not write.

use std::sync::Arc;

use crate::dockerfile::{Command, Dockerfile, Instruction, Kind};
use crate::fact::{Condition, Provenance, Step};
use crate::fix::{Edit, Fix};
use crate::lists::{Collect, is_one_of};
use crate::source::Location;
use crate::text;
use crate::tree::{Lookup, Tree, normalize};

/// What one command writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The absolute folder of the project.
    pub project: String,
    /// Absolute; none where the command is of no use.
    pub places: Vec<String>,
    /// What it does not write inside of its places: `.next/standalone`.
    pub lacks: Option<String>,
    pub because: Vec<Step>,
    pub fixes: Vec<Fix>,
}

/// What is made in place of a path that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Instead {
    /// Folders that may have been meant.
    pub near: Vec<String>,
    /// Why the path is not there.
    pub because: Vec<Step>,
    pub fixes: Vec<Fix>,
}

impl Written {
    /// The same after a copy of the directory `inside` to another place; `None` where the project is not in it.
    pub(super) fn moved(&self, inside: &str, to: &str) -> Option<Self> {
        let moved = |path: &String| {
            let rest = path.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
            Some(normalize(to, rest.trim_start_matches('/')))
        };
        let places = self.places.iter().filter_map(moved).collect_vec();
        let lacks = self.lacks.as_ref().and_then(moved);
        Some(Self { project: moved(&self.project)?, places, lacks, ..self.clone() })
    }
}

/// Folders that hold what a build makes, and hardly ever what a person writes.
const MADE: [&str; 12] = [
    "dist",
    "build",
    "out",
    "output",
    ".next",
    ".output",
    ".nuxt",
    "_site",
    "web-build",
    "storybook-static",
    "bundle",
    "compiled",
];

/// Why nothing is at an absolute path, where what the tools write instead tells; `ignores` says what .dockerignore keeps
/// out of the build context.
pub fn instead(written: &[Arc<Written>], tree: &Tree, path: &str, ignores: &dyn Fn(&str) -> bool) -> Option<Instead> {
    let path = normalize("/", path);
    let below = |path: &str, directory: &str| {
        path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let in_project = |one: &Written| path.strip_prefix(&one.project).is_some_and(|rest| rest.starts_with('/'));
    let lacking = written.iter().find(|one| one.lacks.as_ref().is_some_and(|lacks| below(&path, lacks)));
    let mut near = Vec::new();
    let relevant: Vec<&Arc<Written>> = match lacking {
        Some(one) => vec![one],
        None => {
            let covers = |place: &String| below(&path, place) || below(place, &path);
            if written.iter().flat_map(|one| &one.places).any(covers) {
                return None;
            }
            // The nearest project is the one that is meant.
            let project = written.iter().filter(|one| in_project(one)).map(|one| one.project.len()).max()?;
            written.iter().filter(|one| in_project(one) && one.project.len() == project).collect_vec()
        }
    };
    let rest = &path[relevant.first()?.project.len() + 1..];
    let folder = rest.split('/').next().unwrap_or_default();
    let is_made = MADE.contains(&folder) || folder.starts_with("dist-") || folder.starts_with("build-");
    if !is_made && !matches!(tree.lookup(&path), Lookup::Missing { .. }) {
        return None;
    }
    let conditions = tree.missing_if(&path, ignores)?;
    if lacking.is_none() && rest == folder {
        // What a server reads (`.next`) is no folder of pages.
        let places = relevant.iter().filter(|one| one.fixes.is_empty()).flat_map(|one| &one.places);
        near.extend(places.filter(|place| !place.ends_with("/.next")).cloned());
    }
    let mut because: Vec<Step> = relevant.iter().flat_map(|one| one.because.iter().cloned()).collect_vec();
    because.extend(conditions.iter().map(assumed));
    let fixes = relevant.iter().flat_map(|one| one.fixes.iter().cloned()).collect_vec();
    Some(Instead { near, because, fixes })
}

/// A build that a stage leaves to its container: `CMD npm run build`.
pub(super) fn never_run(dockerfile: &Dockerfile, stage: usize, project: &str) -> Option<Written> {
    let is_from = |instruction: &&Instruction| matches!(instruction.kind, Kind::From(_));
    let from = dockerfile.instructions.iter().filter(is_from).nth(stage)?.span.start;
    let of_stage = dockerfile.instructions.iter().skip_while(|instruction| instruction.span.start <= from);
    let starts = of_stage.take_while(|instruction| !is_from(instruction)).filter_map(|instruction| {
        let (Kind::Cmd(command) | Kind::Entrypoint(command)) = &instruction.kind else { return None };
        Some((instruction, command))
    });
    let (instruction, command) = starts.last()?;
    let text = match command {
        Command::Shell(script) => script.text.clone(),
        Command::Exec { words, .. } => words.iter().map(|word| word.value.as_str()).collect_vec().join(" "),
    };
    if !text.split(['&', ';', '|']).any(builds) {
        return None;
    }
    let keyword = &instruction.keyword;
    let claim = text! {
        en: "`{keyword}` is run by a container, and never while a stage is built",
        ja: "`{keyword}` はコンテナーが実行するもので、ステージのビルド中には実行されません",
        keyword: keyword.value.to_ascii_uppercase(),
    };
    let from = Provenance::Read(Location::new(&dockerfile.path, instruction.span));
    let fix = Fix {
        title: text! { en: "run it with `RUN`", ja: "`RUN` で実行する" },
        tradeoff: text! { en: "the build takes as long as the command does", ja: "コマンドの分だけビルドに時間がかかります" },
        edits: vec![Edit { path: Arc::clone(&dockerfile.path), span: keyword.span, new_text: "RUN".to_owned() }],
    };
    let because = vec![Step { claim, from }];
    Some(Written { project: project.to_owned(), places: Vec::new(), lacks: None, because, fixes: vec![fix] })
}

/// Whether a command makes something out of sources.
fn builds(command: &str) -> bool {
    const TOOLS: &str = " npm npx yarn pnpm bun ng vite next nuxt gatsby astro vue-cli-service react-scripts make mvn mvnw gradle \
        gradlew go cargo dotnet webpack gulp grunt tsc hugo ";
    const VERBS: [&str; 8] = ["build", "compile", "generate", "bundle", "package", "publish", "dist", "export"];
    let mut words = command.split_whitespace().map(|word| word.trim_start_matches("./"));
    let Some(tool) = words.next().filter(|tool| TOOLS.contains(&format!(" {tool} "))) else { return false };
    is_one_of(tool, "webpack tsc hugo gulp grunt make")
        || words.any(|word| VERBS.iter().any(|verb| word.starts_with(verb)))
}

fn assumed(condition: &Arc<Condition>) -> Step {
    Step { claim: condition.text.clone(), from: Provenance::Assumed(Arc::clone(condition)) }
}
