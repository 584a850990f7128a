//! Build tools of JavaScript projects and of sites: which folder each writes, by its configuration.

use std::sync::Arc;

use super::configuration::{
    Configuration, Setting, by_plugins, configuration, decides_elsewhere, is_set_elsewhere, setting, unset,
};
use super::{Call, Runner, compile, manager, opaque, plans};
use crate::build::scripts::script_of;
use crate::build::written::Written;
use crate::fact::{Fact, Need, Provenance, Step};
use crate::fix::{Edit, Fix};
use crate::lists::{Collect, is_one_of};
use crate::shell::{Command, Status};
use crate::text;
use crate::tree::{Lookup, normalize};
use crate::word::{UNKNOWN, Word};

/// One row of `bundlers.tsv`.
pub(super) struct Tool {
    pub(super) words: &'static str,
    pub(super) place: &'static str,
    pub(super) options: &'static str,
    pub(super) variable: &'static str,
    pub(super) files: &'static str,
    pub(super) keys: &'static str,
    pub(super) source: &'static str,
}

fn tools() -> impl Iterator<Item = Tool> {
    include_str!("bundlers.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut columns = line.split('\t').map(|column| if column == "-" { "" } else { column });
        let [words, place, options, variable, files, keys, source] = std::array::from_fn(|_| columns.next());
        Some(Tool {
            words: words?,
            place: place?,
            options: options?,
            variable: variable?,
            files: files?,
            keys: keys?,
            source: source?,
        })
    })
}

/// Tools that look at a project, or change nothing outside of `node_modules`.
const QUIET: &str = " eslint prettier stylelint jest vitest mocha rimraf del del-cli trash husky lint-staged is-ci patch-package \
    svelte-check license-checker lefthook ngcc playwright cypress only-allow check-node-version prisma biome oxlint tslint simple-git-hooks \
    npm-check depcheck svgo update-browserslist-db browserslist ";

/// Tools that write what their words name.
const BY_WORDS: &str =
    " copyfiles cpx cpx2 cpy cpr ncp shx mkdirp make-dir tsc-alias resolve-tspaths sass postcss tailwindcss lessc ";

/// `None` where the tool is none that is known, or its configuration says what cannot be read.
pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    if let Some(status) = several(runner, call) {
        return Some(status);
    }
    if let Some((at, set)) = peeled(call) {
        let mut environment = call.command.environment.clone();
        for (name, value) in set {
            environment.variables.insert(name, Fact::new(value, call.read()).into());
        }
        let mut words = call.command.words.get(at..)?.to_vec();
        // `npx vite@5`: the version is no part of the name.
        let name = words.first()?.known()?.into_owned();
        if let Some(at) = name.rfind('@').filter(|at| *at > 0) {
            words[0] = Word::new(&name[..at]);
        }
        let inner = Command { words, environment: &environment, ..call.command.clone() };
        let inner = Call::new(&inner)?;
        let fetches = matches!(call.name.as_str(), "npx" | "bunx" | "pnpx" | "npm")
            || call.arguments.first().is_some_and(|word| matches!(word.as_str(), "dlx" | "x"));
        if !fetches && manager::left_out(runner, &inner) {
            return Some(Status::Failure);
        }
        return run(runner, &inner);
    }
    if runner.depth > 0 && manager::left_out(runner, call) {
        return Some(Status::Failure);
    }
    if let Some(status) = manager::run(runner, call) {
        return Some(status);
    }
    let listed = |list: &str| !call.name.contains(' ') && list.contains(&format!(" {} ", call.name));
    if listed(QUIET) {
        return Some(Status::Unknown);
    }
    let project = call.command.directory.filter(|directory| *directory != "/")?.to_owned();
    if listed(BY_WORDS) {
        let fixed = |word: &str| {
            let word = word.split_once('=').map_or(word, |(_, value)| value).trim_matches('"');
            let end = word.find(['*', '{', '?', '(']).unwrap_or(word.len());
            let end = if end < word.len() { word[..end].rfind('/').unwrap_or(0) } else { end };
            call.path(&word[..end])
        };
        let places: Vec<String> =
            call.arguments.iter().flat_map(|word| word.split(':')).filter_map(fixed).collect_vec();
        if places.contains(&project) || call.arguments.iter().any(|word| word.contains(UNKNOWN)) {
            return None;
        }
        let need = what_it_writes(call);
        places.iter().for_each(|place| runner.doubt(place, Arc::clone(&need)));
        return Some(Status::Unknown);
    }
    if matches!(call.name.as_str(), "tsc" | "vue-tsc") {
        return compile::run(runner, call, &project);
    }
    let matches = |tool: &Tool| {
        let mut words = tool.words.split(' ');
        let name = words.next().is_some_and(|name| name == call.name || name.rsplit('/').next() == Some(&call.name));
        let operands: Vec<&str> =
            call.arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect_vec();
        name && words.next().is_none_or(|word| operands.first() == Some(&word))
    };
    let tool = tools().find(matches)?;
    bundle(runner, call, &tool, &project)
}

/// `run-s a b`, `run-p "build-only {@}"`: several scripts of the manifest.
fn several(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    if !matches!(call.name.as_str(), "run-s" | "run-p" | "npm-run-all" | "npm-run-all2") {
        return None;
    }
    let scripts = call.arguments.iter().filter(|word| !word.starts_with('-') && !word.is_empty());
    let names: Vec<String> = scripts.map(|word| word.split(' ').next().unwrap_or_default().to_owned()).collect_vec();
    if names.iter().any(|name| name.contains(['*', UNKNOWN_CHARACTER])) {
        return None;
    }
    for name in names {
        let arguments = vec!["run".to_owned(), name];
        let inner = Call { command: call.command, name: "npm".to_owned(), arguments };
        if plans::run(runner, &inner).is_none() {
            opaque::run(runner, call);
        }
    }
    Some(Status::Unknown)
}

/// How a part of a word that is not known begins.
const UNKNOWN_CHARACTER: char = '\u{f8ff}';

/// Where the tool begins that a runner of packages (`npx`, `yarn`, `cross-env`) starts, and what it sets for it.
fn peeled(call: &Call<'_>) -> Option<(usize, Vec<(String, String)>)> {
    let mut set = Vec::new();
    let words = &call.arguments;
    let mut at = 0;
    match call.name.as_str() {
        "npx" | "bunx" | "pnpx" => {}
        "npm" if matches!(words.first()?.as_str(), "exec" | "x") => at = 1,
        "yarn" | "pnpm" | "bun" => {
            if is_one_of(words.first()?, "exec dlx x run run-script") {
                at = 1;
            }
        }
        "cross-env" | "cross-env-shell" => {
            while let Some((name, value)) = words.get(at).and_then(|word| word.split_once('=')) {
                set.push((name.to_owned(), value.to_owned()));
                at += 1;
            }
        }
        "env-cmd" | "dotenv" | "dotenvx" => at = usize::from(words.first()? == "run"),
        _ => return None,
    }
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        let valued = is_one_of(word, "-p --package -f -e --env-file");
        at += if valued { 2 } else { 1 };
    }
    // A text that npm gives to a shell is no command of its own.
    words.get(at).filter(|word| !word.contains(' ')).map(|_| (at + 1, set))
}

fn bundle(runner: &mut Runner<'_, '_>, call: &Call<'_>, tool: &Tool, project: &str) -> Option<Status> {
    // A configuration of another name, or values of another file, say what they like.
    let renamed = |word: &String| matches!(word.split('=').next(), Some("-c" | "--config"));
    if !tool.words.starts_with("ng ") && call.arguments.iter().any(renamed) || is_set_elsewhere(runner, tool, project) {
        return None;
    }
    let depth = tool.words.split(' ').count() - 1;
    let root = call.arguments.iter().filter(|word| !word.starts_with('-')).nth(depth).map_or(".", String::as_str);
    let root = if tool.place.starts_with("{0}") { call.path(root)? } else { project.to_owned() };
    let default = tool.place.trim_start_matches("{0}/");
    let options: Vec<&str> = tool.options.split(' ').filter(|option| !option.is_empty()).collect_vec();
    let named = call.arguments.iter().enumerate().find_map(|(at, word)| {
        let option = options
            .iter()
            .find(|option| word.strip_prefix(**option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))?;
        match word[option.len()..].strip_prefix('=') {
            Some(value) => Some(value.to_owned()),
            None => call.arguments.get(at + 1).cloned(),
        }
    });
    let variable = call.command.environment.get(tool.variable).filter(|_| !tool.variable.is_empty());
    let mut config = None;
    let mut lacks = None;
    let mut condition = None;
    let folders = if let Some(folder) = named {
        vec![folder]
    } else if let Some(value) = variable {
        vec![value.value()?.clone()]
    } else if default.is_empty() {
        return None;
    } else {
        let found = configuration(runner, tool, &root);
        match &found {
            Configuration::Read(path, text) => {
                config = Some((path.clone(), text.clone()));
                match setting(text, tool.keys, path.ends_with(".yml")) {
                    Setting::Folders(folders) => folders,
                    Setting::Open => return None,
                    Setting::Default => vec![default.to_owned()],
                }
            }
            Configuration::None => vec![default.to_owned()],
            Configuration::NotSeen(file) => {
                condition = Some(unset(tool, file));
                vec![default.to_owned()]
            }
        }
    };
    let at = |folder: &String| normalize(&root, folder);
    if folders.iter().any(|folder| folder.contains(UNKNOWN)) {
        return None;
    }
    let mut places: Vec<String> = folders.iter().map(at).collect_vec();
    if places.iter().any(|place| *place == project || *place == root) {
        return None;
    }
    if let Some((_, text)) = &config {
        let is_moved = matches!(tool.words, "vite build" | "astro build" | "vitepress build")
            && !matches!(setting(text, "root", false), Setting::Default);
        if decides_elsewhere(text) || is_moved || text.contains("dir:") {
            return None;
        }
        if condition.is_none() && tool.words != "ng build" {
            condition = by_plugins(text, tool);
        }
    }
    let mut fixes = Vec::new();
    let mut because = vec![writes(call, tool, &places, project)];
    if tool.words == "next build" {
        // Who copies `standalone` or `out` has most likely asked for it, where nobody sees.
        if condition.is_some() {
            return None;
        }
        let output = config.as_ref().map_or(Setting::Default, |(_, text)| setting(text, "output", false));
        let mentions = |word: &str| config.as_ref().is_some_and(|(_, text)| text.contains(word));
        let told = call.command.environment.get("NEXT_PRIVATE_STANDALONE").is_some() || mentions("standalone");
        match output {
            Setting::Default if !told => {
                lacks = Some(normalize(&places[0], "standalone"));
                because.push(Step {
                    claim: text! {
                        en: "it makes `standalone` there with `output: 'standalone'` in `next.config` alone",
                        ja: "`standalone` は `next.config` に `output: 'standalone'` があるときだけ作られます",
                    },
                    from: Provenance::recorded("Next.js", "Next.js, api-reference/config/next-config-js/output", ""),
                });
                fixes.extend(config.as_ref().and_then(|(path, _)| standalone(runner, path)));
            }
            Setting::Default => {}
            Setting::Folders(folders) if folders.iter().all(|folder| folder == "standalone") => {}
            _ => places.push(normalize(&root, "out")),
        }
    }
    if tool.words == "nest build" {
        return compile::nest(runner, call, project, config.map(|(_, text)| text));
    }
    let need = what_it_writes(call);
    if let Some(condition) = condition {
        runner.tree_mut().doubt_unless(project, Arc::clone(&need), Arc::clone(&condition));
    } else {
        let owner = runner.owner();
        places.iter().for_each(|place| runner.work_mut().make_directory(place, owner.clone(), call.read()));
    }
    places.iter().for_each(|place| runner.doubt(place, Arc::clone(&need)));
    if let Some(lacks) = &lacks {
        runner.tree_mut().close(lacks);
    }
    let written = Written { project: project.to_owned(), places, lacks, because, fixes };
    runner.work_mut().written.push(Arc::new(written));
    Some(Status::Unknown)
}

/// Asks for the folder in the configuration.
fn standalone(runner: &Runner<'_, '_>, path: &str) -> Option<Fix> {
    let Lookup::Found { entry, .. } = runner.tree().lookup(path) else { return None };
    let dockerfile = runner.executor.dockerfile;
    let file = script_of(entry, &dockerfile.text, &dockerfile.path)?;
    let text = &file.text.text;
    let begins = ["nextConfig = {", "NextConfig = {", "export default {", "module.exports = {"];
    let at = begins.iter().find_map(|begin| Some(text.find(begin)? + begin.len()))?;
    Some(Fix {
        title: text! { en: "set `output: 'standalone'`", ja: "`output: 'standalone'` を指定する" },
        tradeoff: text! {
            en: "none: `.next` is written as before, and `standalone` beside it",
            ja: "欠点はありません（`.next` はそのまま作られ、`standalone` が加わります）",
        },
        edits: vec![Edit {
            path: Arc::clone(&file.path),
            span: file.text.span(at, at),
            new_text: "\n  output: 'standalone',".to_owned(),
        }],
    })
}

/// `vite build` writes `/app/dist`.
pub(super) fn writes_step(call: &Call<'_>, source: Option<(&str, &str)>, places: &[String]) -> Step {
    let claim = text! {
        en: "`{command}` writes `{places}`",
        ja: "`{command}` は `{places}` に書き込みます",
        command: call.title(),
        places: places.join("`, `"),
    };
    let read = Step { claim: claim.clone(), from: call.read() };
    let from = match source {
        Some((record, reference)) => {
            let known = text! { en: "that is where it writes", ja: "書き込み先はそこです" };
            Provenance::derived(vec![read, Step { claim: known, from: Provenance::recorded(record, reference, "") }])
        }
        None => call.read(),
    };
    Step { claim, from }
}

fn writes(call: &Call<'_>, tool: &Tool, places: &[String], project: &str) -> Step {
    let short: Vec<String> = places
        .iter()
        .map(|place| place.strip_prefix(project).unwrap_or(place).trim_start_matches('/').to_owned())
        .collect_vec();
    writes_step(call, Some((tool.words, tool.source)), &short)
}

pub(super) fn what_it_writes(call: &Call<'_>) -> Arc<Need> {
    let text = text! {
        en: "which files `{command}` writes is not known",
        ja: "`{command}` が書き込むファイルは分かりません",
        command: call.title(),
    };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) })
}
