//! Configurations of build tools, as far as they say where a tool writes.

use std::sync::Arc;

use super::Runner;
use super::bundle::Tool;
use crate::fact::{Condition, Settler};
use crate::text;
use crate::tree::{Lookup, normalize};

/// What a configuration says of a folder.
pub(super) enum Setting {
    Default,
    Folders(Vec<String>),
    /// It depends on what cannot be read.
    Open,
}

/// A tool's configuration.
pub(super) enum Configuration {
    Read(String, String),
    /// There is none.
    None,
    /// There may be one, called so.
    NotSeen(String),
}

pub(super) fn configuration(runner: &Runner<'_, '_>, tool: &Tool, root: &str) -> Configuration {
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

pub(super) fn unset(tool: &Tool, file: &str) -> Arc<Condition> {
    let key = tool.keys.split(' ').next().unwrap_or_default();
    let text = text! {
        en: "`{file}` does not set `{key}`",
        ja: "`{file}` に `{key}` の指定がない",
        file: file, key: key,
    };
    Arc::new(Condition { text, settled_by: vec![Settler::File(file.to_owned()), Settler::ProjectFolder] })
}

/// Whether a manifest or a file of variables has a say in the folder.
pub(super) fn is_set_elsewhere(runner: &Runner<'_, '_>, tool: &Tool, project: &str) -> bool {
    let mentions = |file: &str, words: &[&str]| {
        let bytes = runner.bytes(&normalize(project, file));
        bytes.is_some_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            words.iter().any(|word| text.contains(word)) || tool.words == "vite build" && decides_elsewhere(&text)
        })
    };
    let of_manifest: &[&str] = match tool.words {
        "parcel build" => &["\"targets\"", "\"main\"", "\"module\"", "\"browser\""],
        "tsup" => &["\"tsup\": {"],
        _ => &[],
    };
    let files = [".env", ".env.production", ".env.local", ".env.production.local"];
    mentions("package.json", of_manifest)
        || !tool.variable.is_empty() && files.iter().any(|file| mentions(file, &[tool.variable]))
}

/// Frameworks that choose their folders themselves, whatever the tool does by default.
pub(super) fn decides_elsewhere(text: &str) -> bool {
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
}

/// What a configuration takes from other packages might set the folder as well.
pub(super) fn by_plugins(text: &str, tool: &Tool) -> Option<Arc<Condition>> {
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
pub(super) fn setting(text: &str, keys: &str, plain: bool) -> Setting {
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
        let (inner, behind) = text[1..].split_once(quote)?;
        let ends = behind.trim_start_matches([' ', '\t']);
        let is_whole = ends.is_empty() || ends.starts_with([',', '}', ')', ']', ';', '\r', '\n']);
        (is_whole && !inner.contains("${") && !inner.contains('\n')).then(|| inner.to_owned())
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
