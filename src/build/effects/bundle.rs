//! Build tools of JavaScript projects and of sites: which folder each writes, by its configuration.

use std::sync::Arc;

use super::{Call, Runner, compile, opaque, plans};
use crate::build::left_out;
use crate::build::scripts::script_of;
use crate::build::written::Written;
use crate::build::{Event, EventKind, Failure, FailureKind};
use crate::fact::{Condition, Fact, Need, Provenance, Settler, Step};
use crate::fix::{Edit, Fix};
use crate::needs::Language;
use crate::shell::{Command, Status};
use crate::source::Span;
use crate::text;
use crate::tree::{Lookup, normalize};
use crate::word::{UNKNOWN, Word};

/// One row of `bundlers.tsv`.
struct Tool {
    words: &'static str,
    place: &'static str,
    options: &'static str,
    variable: &'static str,
    files: &'static str,
    keys: &'static str,
    source: &'static str,
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
        if !fetches && left_out(runner, &inner) {
            return Some(Status::Failure);
        }
        return run(runner, &inner);
    }
    if runner.depth > 0 && left_out(runner, call) {
        return Some(Status::Failure);
    }
    if let Some(status) = manager(runner, call) {
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
        let places: Vec<String> = call.arguments.iter().flat_map(|word| word.split(':')).filter_map(fixed).collect();
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
            call.arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
        name && words.next().is_none_or(|word| operands.first() == Some(&word))
    };
    let tool = tools().find(matches)?;
    bundle(runner, call, &tool, &project)
}

/// Whether a program is certainly, or under conditions, none that is installed; then the build stops.
fn left_out(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> bool {
    let found = absence(runner, call);
    let Some(because) = found else { return false };
    let claim = left_out::message(&call.name);
    let fixes = left_out::install(runner.executor.dockerfile, &because).into_iter().collect();
    let message = format!("sh: {}: not found", call.name);
    let from = Provenance::derived(because);
    fails(runner, call, Failure { kind: FailureKind::Unsupported, message, claim, from, fixes });
    true
}

/// Why a program is not there: an installation left it out, and no other place has it.
fn absence(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<Vec<Step>> {
    let tree = runner.tree();
    let mut left =
        tree.modules_below("/").flat_map(|(at, modules)| modules.left_out.iter().map(move |left| (at, left)));
    let (at, left) = left.find(|(_, left)| left.value == call.name)?;
    let directory = call.command.directory?;
    let above = at.strip_suffix("/node_modules")?;
    if directory != above && !directory.starts_with(&format!("{above}/"))
        || call.command.words.first()?.known()?.contains('/')
    {
        return None;
    }
    let mut places: Vec<String> =
        call.command.environment.get("PATH")?.value()?.split(':').map(str::to_owned).collect();
    let mut here = directory;
    loop {
        places.push(format!("{}/node_modules/.bin", here.trim_end_matches('/')));
        if here.len() <= 1 {
            break;
        }
        here = here.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    let Provenance::Derived(inference) = &left.from else { return None };
    let mut because = inference.premises.clone();
    let ignore = &runner.executor.context.ignore;
    for place in places {
        let program = normalize(&place, &call.name);
        for condition in tree.missing_if(&program, &|file| ignore.ignores(file).is_some())? {
            if because.iter().all(|step| step.claim != condition.text) {
                because.push(Step { claim: condition.text.clone(), from: Provenance::Assumed(condition) });
            }
        }
    }
    Some(because)
}

/// What package managers do beside installing and running scripts.
fn manager(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    const QUIET: &str =
        " config set cache version audit fund list ls view info outdated why store -v --version root prefix bin ";
    let is_manager = matches!(call.name.as_str(), "npm" | "yarn" | "pnpm");
    let word =
        call.arguments.iter().find(|word| !word.starts_with("--") || *word == "--version").filter(|_| is_manager)?;
    if QUIET.contains(&format!(" {word} ")) {
        return Some(Status::Unknown);
    }
    if call.name != "npm" || word != "build" {
        return None;
    }
    // npm 7, which Node.js has since 15, knows no such command; before, it linked a package (npm, `lib/build.js`).
    let node = runner.work().image.tools.iter().rev().find(|tool| tool.value.language == Language::Node).cloned();
    let major = node.as_ref().and_then(|node| node.value.version.split('.').next()?.parse::<u32>().ok());
    let project = call.path(".")?;
    let fix = Fix {
        title: text! { en: "run the script: `npm run build`", ja: "スクリプトを実行する（`npm run build`）" },
        tradeoff: text! { en: "none", ja: "欠点はありません" },
        edits: edit_words(runner, call, "npm build", "npm run build"),
    };
    let claim = text! {
        en: "`npm build` does not run the script `build`; `npm run build` does",
        ja: "`npm build` は `build` スクリプトを実行しません（実行するのは `npm run build` です）",
    };
    let step = Step { claim: claim.clone(), from: call.read() };
    match node.filter(|_| major.is_some_and(|major| major >= 15)) {
        Some(node) => {
            let known = text! { en: "npm 7 and later know no command `build`", ja: "npm 7 以降に `build` コマンドはありません" };
            let from = Provenance::derived(vec![step, node.step(known)]);
            let message = "Unknown command: \"build\"".to_owned();
            fails(runner, call, Failure { kind: FailureKind::Unsupported, message, claim, from, fixes: vec![fix] });
            Some(Status::Failure)
        }
        None => {
            let written = Written { project, places: Vec::new(), lacks: None, because: vec![step], fixes: vec![fix] };
            runner.work_mut().written.push(Arc::new(written));
            Some(Status::Unknown)
        }
    }
}

/// Replaces words of a command where they stand so in the Dockerfile.
pub(super) fn edit_words(runner: &Runner<'_, '_>, call: &Call<'_>, old: &str, new: &str) -> Vec<Edit> {
    let dockerfile = runner.executor.dockerfile;
    let at = call.at();
    if at.path != dockerfile.path {
        return Vec::new();
    }
    let written = at.span.of(&dockerfile.text);
    let Some(offset) = written.find(old) else { return Vec::new() };
    let start = at.span.start as usize + offset;
    let span = Span::new(start, start + old.len());
    vec![Edit { path: Arc::clone(&dockerfile.path), span, new_text: new.to_owned() }]
}

/// A command that stops the build.
pub(super) fn fails(runner: &mut Runner<'_, '_>, call: &Call<'_>, failure: Failure) {
    let only_if = call.command.only_if.clone();
    let event = Event { stage: runner.stage, at: call.at().clone(), only_if, kind: EventKind::Failure(failure) };
    runner.executor.events.push(event);
}

/// `run-s a b`, `run-p "build-only {@}"`: several scripts of the manifest.
fn several(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    if !matches!(call.name.as_str(), "run-s" | "run-p" | "npm-run-all" | "npm-run-all2") {
        return None;
    }
    let scripts = call.arguments.iter().filter(|word| !word.starts_with('-') && !word.is_empty());
    let names: Vec<String> = scripts.map(|word| word.split(' ').next().unwrap_or_default().to_owned()).collect();
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
            if matches!(words.first()?.as_str(), "exec" | "dlx" | "x" | "run" | "run-script") {
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
        let valued = matches!(word.as_str(), "-p" | "--package" | "-f" | "-e" | "--env-file");
        at += if valued { 2 } else { 1 };
    }
    // A text that npm gives to a shell is no command of its own.
    words.get(at).filter(|word| !word.contains(' ')).map(|_| (at + 1, set))
}

/// What a configuration says of a folder.
enum Setting {
    Default,
    Folders(Vec<String>),
    /// It depends on what cannot be read.
    Open,
}

fn bundle(runner: &mut Runner<'_, '_>, call: &Call<'_>, tool: &Tool, project: &str) -> Option<Status> {
    let depth = tool.words.split(' ').count() - 1;
    let root = call.arguments.iter().filter(|word| !word.starts_with('-')).nth(depth).map_or(".", String::as_str);
    let root = if tool.place.starts_with("{0}") { call.path(root)? } else { project.to_owned() };
    let default = tool.place.trim_start_matches("{0}/");
    let options: Vec<&str> = tool.options.split(' ').filter(|option| !option.is_empty()).collect();
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
    let mut places: Vec<String> = folders.iter().map(at).collect();
    if places.iter().any(|place| *place == project || *place == root) {
        return None;
    }
    if let Some((_, text)) = &config {
        if decides_elsewhere(text) {
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
        places.iter().for_each(|place| runner.work_mut().make_directory(place, call.read()));
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
        .collect();
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

/// A tool's configuration.
enum Configuration {
    Read(String, String),
    /// There is none.
    None,
    /// There may be one, called so.
    NotSeen(String),
}

fn configuration(runner: &Runner<'_, '_>, tool: &Tool, root: &str) -> Configuration {
    const ENDINGS: [&str; 6] = ["js", "ts", "mjs", "mts", "cjs", "cts"];
    let mut unseen = None;
    for stem in tool.files.split(' ').filter(|stem| !stem.is_empty()) {
        let whole = [".json", ".yml", ".toml"].iter().any(|ending| stem.ends_with(ending));
        let names = if whole {
            vec![stem.to_owned()]
        } else {
            ENDINGS.iter().map(|ending| format!("{stem}.{ending}")).collect()
        };
        for name in names {
            let path = normalize(root, &name);
            match runner.tree().lookup(&path) {
                Lookup::Found { .. } => {
                    return match runner.bytes(&path) {
                        Some(bytes) => Configuration::Read(path, readable(&name, &String::from_utf8_lossy(&bytes))),
                        None => Configuration::NotSeen(name),
                    };
                }
                Lookup::Unknown(_) => {
                    unseen.get_or_insert(name);
                }
                Lookup::Missing { .. } => {}
            }
        }
    }
    unseen.map_or(Configuration::None, Configuration::NotSeen)
}

/// A configuration without its comments.
fn readable(name: &str, text: &str) -> String {
    if !name.ends_with(".yml") && !name.ends_with(".toml") {
        return uncommented(text);
    }
    text.lines().filter(|line| !line.trim_start().starts_with('#')).fold(String::new(), |text, line| text + line + "\n")
}

fn unset(tool: &Tool, file: &str) -> Arc<Condition> {
    let key = tool.keys.split(' ').next().unwrap_or_default();
    let text = text! {
        en: "`{file}` does not set `{key}`",
        ja: "`{file}` に `{key}` の指定がない",
        file: file, key: key,
    };
    Arc::new(Condition { text, settled_by: vec![Settler::File(file.to_owned()), Settler::ProjectFolder] })
}

/// Frameworks that choose their folders themselves, whatever the tool does by default.
fn decides_elsewhere(text: &str) -> bool {
    const FRAMEWORKS: [&str; 20] = [
        "laravel",
        "sveltejs",
        "@remix-run",
        "@react-router/dev",
        "tanstack",
        "nitro",
        "vinxi",
        "qwik",
        "vike",
        "vite-plugin-ssr",
        "electron",
        "symfony",
        "ruby",
        "analogjs",
        "@nx/",
        "@nrwl/",
        "wxt",
        "cloudflare",
        "waku",
        "redwood",
    ];
    FRAMEWORKS.iter().any(|name| text.contains(name))
        || text.contains("vite") && !matches!(setting(text, "root", false), Setting::Default)
}

/// What a configuration takes from other packages might set the folder as well.
fn by_plugins(text: &str, tool: &Tool) -> Option<Arc<Condition>> {
    const HARMLESS: [&str; 35] = [
        "vite",
        "vitest/",
        "path",
        "url",
        "fs",
        "os",
        "node:",
        "@vitejs/",
        "@tailwindcss/",
        "tailwindcss",
        "autoprefixer",
        "vite-tsconfig-paths",
        "vite-plugin-svgr",
        "vite-plugin-pwa",
        "vite-plugin-checker",
        "vite-plugin-eslint",
        "vite-plugin-vue-devtools",
        "vite-plugin-vuetify",
        "vite-svg-loader",
        "unplugin-",
        "rollup-plugin-visualizer",
        "lovable-tagger",
        "next",
        "@next/",
        "@sentry/",
        "@astrojs/",
        "astro",
        "craco-",
        "@craco/",
        "dotenv",
        "next-",
        "customize-cra",
        "@rsbuild/",
        "vitepress",
        "tsup",
    ];
    let mut rest = text;
    let mut unknown = None;
    while let Some(at) =
        ["from", "require(", "import "].iter().filter_map(|word| Some(rest.find(word)? + word.len())).min()
    {
        rest = &rest[at..];
        let Some(quote) = rest.trim_start().chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        let Some(module) = rest.trim_start()[1..].split(quote).next() else { continue };
        if !HARMLESS
            .iter()
            .any(|known| module == *known || module.starts_with(known) && known.ends_with(['/', ':', '-']))
        {
            unknown.get_or_insert(module);
        }
    }
    let module = unknown?;
    let key = tool.keys.split(' ').next().unwrap_or_default();
    let text = text! {
        en: "`{module}`, which the configuration uses, does not set `{key}`",
        ja: "設定が使う `{module}` が `{key}` を指定していない",
        module: module, key: key,
    };
    Some(Arc::new(Condition { text, settled_by: vec![Settler::ProjectFolder] }))
}

/// What the names in `keys` are set to in a configuration in JavaScript, JSON, YAML or TOML.
fn setting(text: &str, keys: &str, plain: bool) -> Setting {
    let mut folders = Vec::new();
    for key in keys.split(' ').filter(|key| !key.is_empty()) {
        for (at, _) in text.match_indices(key) {
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '$';
            let behind = &text[at + key.len()..];
            if text[..at].ends_with(part) || behind.starts_with(part) {
                continue;
            }
            let behind = behind.trim_start_matches(['"', '\'']).trim_start();
            let Some(value) = behind.strip_prefix([':', '=', '(']) else {
                // A shorthand, or a name that is passed on.
                return Setting::Open;
            };
            match folder(value.trim_start()).or_else(|| plain.then(|| word(value.trim_start()))?) {
                Some(folder) => folders.push(folder),
                None => return Setting::Open,
            }
        }
    }
    if folders.is_empty() { Setting::Default } else { Setting::Folders(folders) }
}

/// The folder that an expression names.
pub(super) fn folder(value: &str) -> Option<String> {
    let quoted = |text: &str| {
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let inner = text[1..].split(quote).next()?;
        (!inner.contains("${") && !inner.contains('\n')).then(|| inner.to_owned())
    };
    if let Some(folder) = quoted(value) {
        return Some(folder);
    }
    if let Some(inside) = value.strip_prefix('{') {
        let inside = inside.split('}').next()?;
        let (_, rest) = inside.split_once("base").or_else(|| inside.split_once("root"))?;
        return quoted(rest.trim_start_matches(['"', '\'', ' ', ':', '\n', '\t']));
    }
    for call in ["path.resolve(", "path.join(", "resolve(", "join("] {
        let Some(rest) = value.strip_prefix(call) else { continue };
        let mut parts = rest.split(')').next()?.split(',').map(str::trim);
        let first = parts.next()?;
        let own = if matches!(first, "__dirname" | "import.meta.dirname") { String::new() } else { quoted(first)? };
        let folder = parts
            .filter(|part| !part.is_empty())
            .try_fold(own, |whole, part| Some(format!("{whole}/{}", quoted(part)?)))?;
        return Some(folder.trim_start_matches('/').to_owned())
            .filter(|_| first.starts_with("__") || first.starts_with("import"));
    }
    None
}

/// A plain text of YAML.
fn word(value: &str) -> Option<String> {
    let word = value.split(['\n', '\r', '#']).next()?.trim();
    (!word.is_empty()).then(|| word.to_owned())
}

/// A text without its comments, blanks in their place.
pub(super) fn uncommented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match quote {
            Some(end) => {
                if c == '\\' {
                    out.push(c);
                    if let Some((_, next)) = characters.next() {
                        out.push(next);
                    }
                    continue;
                }
                if c == end || c == '\n' && end != '`' {
                    quote = None;
                }
            }
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if text[at..].starts_with("//") || text[at..].starts_with("/*") => {
                let long = text[at..].starts_with("/*");
                let end = if long { text[at..].find("*/").map(|end| end + 2) } else { text[at..].find('\n') };
                let end = at + end.unwrap_or(text.len() - at);
                out.extend(text[at..end].chars().flat_map(|c| std::iter::repeat_n(' ', c.len_utf8())));
                while characters.peek().is_some_and(|(at, _)| *at < end) {
                    characters.next();
                }
                continue;
            }
            None => {}
        }
        out.push(c);
    }
    out
}
