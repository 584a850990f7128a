//! Ruby: `bundle install`, to the gems that it installs, some of them compiled.

use super::arguments::{Arguments, absolute, program};
use super::modules::{Native, installed};
use super::{Invocation, Outcome, Toolchain, Word};
use crate::fact::Fact;
use crate::needs::Language;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Ruby, recognise, run };

fn recognise(words: &[Word]) -> bool {
    let installs = |name: String| matches!(name.as_str(), "install" | "update");
    matches!(program(words).as_str(), "bundle" | "bundler")
        && Arguments::of(words).subcommand().is_none_or(|(name, _)| installs(name))
}

/// Gems whose usual form is an extension of compiled code.
const NATIVE: &[&str] = &[
    "bcrypt",
    "bigdecimal",
    "bootsnap",
    "charlock_holmes",
    "debug",
    "ed25519",
    "eventmachine",
    "ffi",
    "google-protobuf",
    "grpc",
    "hiredis",
    "json",
    "msgpack",
    "mysql2",
    "nio4r",
    "nokogiri",
    "oj",
    "pg",
    "puma",
    "rbtree",
    "redcarpet",
    "rmagick",
    "ruby-vips",
    "sassc",
    "snappy",
    "sqlite3",
    "thin",
    "tiny_tds",
    "unf_ext",
];

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let asked = arguments.value(&["--path"]).and_then(|word| absolute(invocation, &word));
    let set = invocation.environment.get("BUNDLE_PATH").and_then(|path| path.value().cloned());
    let deployment = arguments.has(&["--deployment"]) || invocation.environment.get("BUNDLE_DEPLOYMENT").is_some();
    let directory = asked.or_else(|| Some(normalize(invocation.directory?, &set?))).or_else(|| {
        deployment.then(|| invocation.directory.map(|directory| normalize(directory, "vendor/bundle"))).flatten()
    });
    // The official images set GEM_HOME to this folder.
    let directory = directory.unwrap_or_else(|| "/usr/local/bundle".into());
    let native = Native::read(invocation, invocation.directory, &["Gemfile.lock"], NATIVE, gems);
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Ruby);
    let runtime = tool.map(|tool| {
        let version = tool.value.version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        Fact::new(version, tool.from.clone())
    });
    let modules = installed(invocation, Language::Ruby, runtime.filter(|version| version.value.contains('.')), native);
    Outcome { modules: vec![(directory, modules)], ..Outcome::default() }
}

/// The gems that a `Gemfile.lock` lists: lines of four blanks, a name, and a version in parentheses.
fn gems(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.strip_prefix("    ").filter(|line| !line.starts_with(' '))?;
        Some(line.split(' ').next()?.to_owned())
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_gems_stand_once_in_order() {
        assert!(NATIVE.is_sorted_by(|a, b| a < b));
        assert_eq!(gems("GEM\n  specs:\n    pg (1.5)\n      x (>= 1)\n"), ["pg"]);
    }
}
