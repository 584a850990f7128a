//! TypeScript's compiler: where it writes, as `tsconfig.json` tells (TypeScript, `src/compiler/emitter.ts` and
//! `getCommonSourceDirectory` of `src/compiler/program.ts`).

use std::sync::Arc;

use super::bundle::{what_it_writes, writes_step};
use super::configuration::{folder, uncommented};
use super::{Call, Runner};
use crate::build::written::Written;
use crate::fact::{Condition, Settler};
use crate::lists::Collect;
use crate::project::pattern;
use crate::shell::Status;
use crate::text;
use crate::tree::{Content, Entry, Lookup, Node, normalize};

/// Configurations extend, and refer to, each other so deep.
const DEEPEST: usize = 6;

/// So many sources are told apart.
const MOST_SOURCES: usize = 5_000;

pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>, project: &str) -> Option<Status> {
    let words = &call.arguments;
    let valued = |names: &[&str]| {
        let at = words.iter().position(|word| names.contains(&word.as_str()))?;
        words.get(at + 1).cloned()
    };
    let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    if has(&["--noEmit", "--version", "-v", "--init", "--showConfig"])
        && valued(&["--noEmit"]).as_deref() != Some("false")
    {
        return Some(Status::Unknown);
    }
    let builds = has(&["-b", "--build", "-build"]);
    let named =
        if builds { words.iter().find(|word| !word.starts_with('-')).cloned() } else { valued(&["-p", "--project"]) };
    let named = named.unwrap_or_else(|| ".".to_owned());
    let config =
        call.path(&named).map(|path| if path.ends_with(".json") { path } else { normalize(&path, "tsconfig.json") })?;
    let given = valued(&["--outDir"]).and_then(|folder| call.path(&folder));
    compile(runner, call, project, &config, &Options { given, builds, opaque: false, usual: None }, 0)
}

/// `nest build`: the compiler, unless the project asks for another builder (NestJS, `lib/compiler` of `@nestjs/cli`).
pub(super) fn nest(
    runner: &mut Runner<'_, '_>,
    call: &Call<'_>,
    project: &str,
    settings: Option<String>,
) -> Option<Status> {
    let settings = settings.unwrap_or_default();
    let named = value(&settings, "tsConfigPath").and_then(folder);
    let usual = |name: &str| normalize(project, name);
    let is_there = |path: &String| matches!(runner.tree().lookup(path), Lookup::Found { .. });
    let config = named.map(|name| usual(&name)).or_else(|| Some(usual("tsconfig.build.json")).filter(is_there));
    let config = config.unwrap_or_else(|| usual("tsconfig.json"));
    let opaque = ["webpack", "builder", "monorepo", "projects"].iter().any(|word| settings.contains(word))
        || call.arguments.iter().any(|word| word.starts_with('-'));
    let usual = Some(usual("dist"));
    compile(runner, call, project, &config, &Options { given: None, builds: false, opaque, usual }, 0)
}

struct Options {
    /// `--outDir`
    given: Option<String>,
    /// `--build`: what it refers to is compiled as well.
    builds: bool,
    /// Which files it makes is not known.
    opaque: bool,
    /// Where it writes when no configuration was seen.
    usual: Option<String>,
}

/// A configuration and those that it extends, the nearest first, with their folders.
type Chain = Vec<(String, String)>;

fn compile(
    runner: &mut Runner<'_, '_>,
    call: &Call<'_>,
    project: &str,
    config: &str,
    options: &Options,
    depth: usize,
) -> Option<Status> {
    let Some(chain) = read(runner, config) else {
        return not_seen(runner, call, project, config, options);
    };
    let own =
        |key: &str| chain.iter().find_map(|(directory, text)| Some((directory.clone(), value(text, key)?.to_owned())));
    let is_true = |key: &str| own(key).is_some_and(|(_, value)| value.starts_with("true"));
    if options.builds && depth < DEEPEST {
        for reference in references(&chain[0]) {
            compile(runner, call, project, &reference, options, depth + 1);
        }
        if value(&chain[0].1, "files")
            .is_some_and(|value| value.get(1..).is_some_and(|rest| rest.trim_start().starts_with(']')))
        {
            return Some(Status::Unknown);
        }
    }
    if is_true("noEmit") && options.given.is_none() && options.usual.is_none() {
        return Some(Status::Unknown);
    }
    let outer = match own("outDir") {
        Some((directory, value)) => Some(normalize(&directory, &folder(&value)?)),
        None => None,
    };
    let sources = sources(runner, &chain);
    let need = what_it_writes(call);
    let Some(out) = options.given.clone().or(outer) else {
        // Each file is written beside its source.
        for source in sources {
            put(runner, call, &made(&source));
        }
        return Some(Status::Unknown);
    };
    if out == project || own("outFile").is_some() {
        return None;
    }
    let root = match own("rootDir") {
        Some((directory, value)) => folder(&value).map(|folder| normalize(&directory, &folder)),
        None if is_true("composite") => Some(chain[0].0.clone()),
        None => common(runner, &sources),
    };
    let inside = |path: &str, directory: &str| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
    let is_open = runner.tree().gaps().any(|gap| {
        let below = gap.below.trim_end_matches('/');
        let apart = below == out || inside(below, &out) || below.contains("/node_modules");
        !apart && (below == project || inside(below, project) || below.is_empty() || inside(project, below))
    });
    let owner = runner.owner();
    runner.work_mut().make_directory(&out, owner, call.read());
    let known = root.filter(|_| !is_open && !options.opaque && !is_true("allowJs") && sources.len() < MOST_SOURCES);
    match known {
        Some(root) if sources.iter().all(|source| inside(source, &root)) => {
            for source in &sources {
                put(
                    runner,
                    call,
                    &normalize(&out, made(source)[root.trim_end_matches('/').len()..].trim_start_matches('/')),
                );
            }
        }
        _ => runner.doubt(&out, need),
    }
    record(runner, call, project, out);
    Some(Status::Unknown)
}

fn record(runner: &mut Runner<'_, '_>, call: &Call<'_>, project: &str, out: String) {
    let short = out.strip_prefix(project).unwrap_or(&out).trim_start_matches('/').to_owned();
    let because = vec![writes_step(call, None, &[short])];
    let written = Written { project: project.to_owned(), places: vec![out], lacks: None, because, fixes: Vec::new() };
    runner.work_mut().written.push(Arc::new(written));
}

/// The configuration may say anything.
fn not_seen(
    runner: &mut Runner<'_, '_>,
    call: &Call<'_>,
    project: &str,
    config: &str,
    options: &Options,
) -> Option<Status> {
    if !matches!(runner.tree().lookup(config), Lookup::Unknown(_)) {
        return None;
    }
    let file = config.strip_prefix(project).unwrap_or(config).trim_start_matches('/');
    let text = text! {
        en: "`{command}`, which `{file}` directs, writes nothing there",
        ja: "`{file}` に従う `{command}` はそこに何も書き込まない",
        command: call.title(), file: file,
    };
    let file = runner.context_path(config).unwrap_or_else(|| file.to_owned());
    let condition = Condition { text, settled_by: vec![Settler::File(file), Settler::ProjectFolder] };
    let need = what_it_writes(call);
    runner.tree_mut().doubt_unless(project, Arc::clone(&need), Arc::new(condition));
    if let Some(usual) = options.given.clone().or_else(|| options.usual.clone()) {
        runner.doubt(&usual, need);
        record(runner, call, project, usual);
    }
    Some(Status::Unknown)
}

/// A configuration with what it extends; `None` where one of them was not seen.
fn read(runner: &Runner<'_, '_>, config: &str) -> Option<Chain> {
    let mut chain = Chain::new();
    let mut next = Some(config.to_owned());
    while let Some(path) = next.take() {
        let text = uncommented(&String::from_utf8_lossy(&runner.bytes(&path)?));
        let directory = path.rsplit_once('/').map_or("/", |(directory, _)| directory).to_owned();
        if let Some(extended) = value(&text, "extends") {
            let extended = folder(extended)?;
            if extended.starts_with('.') && chain.len() < DEEPEST {
                let path = normalize(&directory, &extended);
                next = Some(if path.ends_with(".json") { path } else { format!("{path}.json") });
            } else if !extended.starts_with("@tsconfig/")
                && !extended.starts_with("@vue/")
                && value(&text, "outDir").is_none()
            {
                return None;
            }
        }
        chain.push((directory, text));
    }
    Some(chain)
}

/// What stands behind a name.
fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("\"{key}\""))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// The texts of a list.
fn list(text: &str, key: &str) -> Option<Vec<String>> {
    let inside = value(text, key)?.strip_prefix('[')?.split(']').next()?;
    Some(inside.split('"').skip(1).step_by(2).map(str::to_owned).collect_vec())
}

fn references((directory, text): &(String, String)) -> Vec<String> {
    let Some(inside) = value(text, "references").and_then(|value| value.strip_prefix('[')?.split(']').next()) else {
        return Vec::new();
    };
    let paths = inside.split("\"path\"").skip(1).filter_map(|rest| folder(rest.trim_start_matches([' ', ':', '\n'])));
    let config = |path: String| match path.ends_with(".json") {
        true => normalize(directory, &path),
        false => normalize(directory, &format!("{path}/tsconfig.json")),
    };
    paths.take(20).map(config).collect_vec()
}

/// The known sources that a configuration takes in.
fn sources(runner: &Runner<'_, '_>, chain: &Chain) -> Vec<String> {
    let own = |key: &str| chain.iter().find_map(|(directory, text)| Some((directory, list(text, key)?)));
    let prefixed = |(directory, patterns): (&String, Vec<String>)| {
        patterns.into_iter().map(|pattern| normalize(directory, &pattern)).collect_vec()
    };
    let files = own("files").map(prefixed);
    let include = own("include").map(prefixed);
    let exclude = own("exclude").map(prefixed).unwrap_or_default();
    let matches = |wanted: &String, path: &str| {
        let below = path.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below || pattern::matches(wanted.trim_start_matches('/'), path.trim_start_matches('/'))
    };
    let out = chain.iter().find_map(|(directory, text)| Some(normalize(directory, &folder(value(text, "outDir")?)?)));
    let is_source = |path: &str| {
        let compiled = [".ts", ".tsx", ".mts", ".cts"].iter().any(|ending| path.ends_with(ending));
        let declares = [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| path.ends_with(ending));
        let made = out.as_ref().is_some_and(|out| path.starts_with(&format!("{out}/")));
        let listed = match (&files, &include) {
            (None, None) => true,
            (files, include) => files.iter().chain(include).flatten().any(|wanted| matches(wanted, path)),
        };
        compiled
            && !declares
            && !made
            && listed
            && !path.contains("/node_modules/")
            && !exclude.iter().any(|one| matches(one, path))
    };
    let all = runner.tree().below(&chain[0].0).map(|(path, _)| path.to_string());
    all.filter(|path| is_source(path)).take(MOST_SOURCES).collect_vec()
}

/// The folder that all sources have in common; `None` where one of them takes in a file outside of it.
fn common(runner: &Runner<'_, '_>, sources: &[String]) -> Option<String> {
    let parent = |path: &str| path.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned());
    let mut root = parent(sources.first()?);
    while !sources.iter().all(|source| source.starts_with(&format!("{root}/"))) {
        root = parent(&root);
    }
    for source in sources {
        let depth = source[root.len()..].matches('/').count();
        let bytes = runner.bytes(source)?;
        let text = String::from_utf8_lossy(&bytes);
        if text.contains(&"../".repeat(depth)) {
            return None;
        }
    }
    Some(root)
}

/// The file that a source becomes.
fn made(source: &str) -> String {
    let (stem, ending) = source.rsplit_once('.').unwrap_or((source, ""));
    let ending = match ending {
        "mts" => "mjs",
        "cts" => "cjs",
        _ => "js",
    };
    format!("{stem}.{ending}")
}

fn put(runner: &mut Runner<'_, '_>, call: &Call<'_>, path: &str) {
    let entry =
        Entry { node: Node::File(Content::Opaque), mode: Some(0o644), owner: runner.owner(), from: call.read() };
    runner.put(path, entry, call.command);
}
