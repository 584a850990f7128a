//! Node: `npm`, `yarn`, `pnpm` and `bun`, to the `node_modules` that they fill.
//!
//! Add-ons in there are compiled, or were published compiled, for one libc and one machine.

use super::arguments::{Arguments, absolute, program};
use super::modules::{Known, Native, installed};
use super::{Invocation, Outcome, Toolchain, Word};
use crate::fact::Fact;
use crate::lists::Collect;
use crate::needs::Language;
use crate::project::package;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Node, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "npm" | "yarn" | "pnpm" | "bun") && installs(words)
}

/// Whether a command installs the project's packages; what the scripts of a project do is not known.
fn installs(words: &[Word]) -> bool {
    let arguments = Arguments::of(words);
    match arguments.subcommand() {
        // `yarn` alone installs.
        None => program(words) == "yarn" && !arguments.has(&["--version", "-v", "--help"]),
        Some((subcommand, _)) => {
            matches!(subcommand.as_str(), "ci" | "install" | "i" | "add" | "clean-install" | "deploy" | "rebuild")
        }
    }
}

/// Packages whose usual form is an add-on of compiled code bound to one libc.
///
/// From the packages' own build files (`binding.gyp`, `napi` targets): those that carry one program for every libc,
/// like esbuild, are none.
const NATIVE: &[&str] = &[
    "@grpc/grpc-js-native",
    "@node-rs/argon2",
    "@node-rs/bcrypt",
    "@parcel/watcher",
    "@prisma/client",
    "@prisma/engines",
    "@swc/core",
    "@tensorflow/tfjs-node",
    "argon2",
    "bcrypt",
    "better-sqlite3",
    "canvas",
    "couchbase",
    "cpu-features",
    "deasync",
    "duckdb",
    "fibers",
    "grpc",
    "ibm_db",
    "isolated-vm",
    "kerberos",
    "libpq",
    "lightningcss",
    "mongodb-client-encryption",
    "node-expat",
    "node-libcurl",
    "node-pty",
    "node-rdkafka",
    "node-sass",
    "oracledb",
    "pg-native",
    "re2",
    "robotjs",
    "scrypt",
    "sharp",
    "snappy",
    "sqlite3",
    "tree-sitter",
];

const KNOWN: Known = Known { native: NATIVE, libraries: &[("libpq", &["pq"]), ("pg-native", &["pq"])] };

/// The packages that `npm install x@1 @scope/y` names.
fn named(arguments: &Arguments<'_>) -> Vec<String> {
    let Some((subcommand, rest)) = arguments.subcommand() else { return Vec::new() };
    if !matches!(subcommand.as_str(), "install" | "i" | "add") {
        return Vec::new();
    }
    let words = rest.operands(&["--prefix", "--cwd", "-C", "--dir", "--registry", "--loglevel", "--cache"]);
    let name = |word: &&Word| {
        let word = word.known()?;
        let end = word.get(1..)?.find('@').map_or(word.len(), |at| at + 1);
        let (name, version) = word.split_at(end);
        (!fits_every_libc(name, version)).then(|| name.to_owned())
    };
    words.iter().filter_map(name).collect_vec()
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let global = arguments.has(&["-g", "--global", "global"]);
    let prefix = arguments.value(&["--prefix", "--cwd", "-C", "--dir"]).and_then(|word| absolute(invocation, &word));
    let mut directory = prefix.or_else(|| invocation.directory.map(str::to_owned));
    let sources = directory.clone();
    if let Some((subcommand, rest)) = arguments.subcommand()
        && subcommand == "deploy"
    {
        directory = rest.operands(&["--filter", "-F"]).last().and_then(|word| absolute(invocation, word));
    }
    let Some(directory) = directory else { return Outcome::default() };
    let target = if global { "/usr/local/lib/node_modules".into() } else { normalize(&directory, "node_modules") };
    let native = if global {
        Native::default()
    } else {
        let words = named(&arguments);
        let files = ["package.json"];
        Native::read(invocation, sources.as_deref(), &files, words, &KNOWN, dependencies)
    };
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Node);
    let runtime = tool.map(|tool| {
        let major = tool.value.version.split('.').next().unwrap_or_default().to_owned();
        Fact::new(major, tool.from.clone())
    });
    let modules = installed(invocation, Language::Node, runtime.filter(|major| !major.value.is_empty()), native);
    Outcome { modules: vec![(target, modules)], ..Outcome::default() }
}

/// The names in `dependencies` and `optionalDependencies` of a `package.json`.
fn dependencies(text: &str) -> Vec<String> {
    let objects = ["dependencies", "optionalDependencies"];
    let all = objects.iter().flat_map(|object| package::entries(text, object));
    all.filter(|(name, version)| !fits_every_libc(name, version)).map(|(name, _)| name).collect_vec()
}

/// Versions that carry their add-on for every libc (`prebuilds` of prebuildify); one that is not known is the newest.
fn fits_every_libc(name: &str, version: &str) -> bool {
    let since = match name {
        "argon2" => (0, 40),
        "bcrypt" => (6, 0),
        _ => return false,
    };
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok());
    numbers.next().is_none_or(|major| (major, numbers.next().unwrap_or(0)) >= since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_named_without_those_of_development() {
        let text =
            r#"{"name": "x", "dependencies": {"bcrypt": "^5", "express":"4"}, "devDependencies": {"sharp": "1"}}"#;
        assert_eq!(dependencies(text), ["bcrypt", "express"]);
        assert_eq!(dependencies(r#"{"dependencies": {"bcrypt": "^6.0.0", "argon2": "0.31.2"}}"#), ["argon2"]);
        assert_eq!(dependencies("{}"), Vec::<String>::new());
        assert_eq!(dependencies("{\"dependencies\": {\"a"), Vec::<String>::new());
    }

    #[test]
    fn native_packages_stand_once_in_order() {
        assert!(NATIVE.is_sorted_by(|a, b| a < b));
    }
}
