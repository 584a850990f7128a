//! Ruby: `bundle install` and `gem install`, to the gems that they install, some of them compiled.

use super::arguments::{Arguments, absolute, program};
use super::modules::{Asked, Native, Package, installed};
use super::{Invocation, Outcome, Place, Product, Toolchain, Word};
use crate::fact::{Fact, Provenance};
use crate::lists::Collect;
use crate::needs::{Language, Needs, ScriptNeeds, Shebang};
use crate::tree::{Lookup, normalize};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Ruby, recognise, run };

fn recognise(words: &[Word]) -> bool {
    let installs = |name: String| matches!(name.as_str(), "install" | "update");
    let subcommand = Arguments::of(words).subcommand().map(|(name, _)| name);
    match program(words).as_str() {
        "bundle" | "bundler" => subcommand.is_none_or(installs),
        "gem" => subcommand.is_some_and(installs),
        _ => false,
    }
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
    let home = invocation.environment.get("GEM_HOME").and_then(|home| home.value().cloned());
    let directory = directory.or(home).unwrap_or_else(|| "/usr/local/bundle".into());
    let gem = program(invocation.words) == "gem";
    let words = if gem { named(&arguments) } else { Vec::new() };
    // What `gem install` has of its own stands in the command.
    let directory_of_manifests = invocation.directory.filter(|_| !gem);
    let asked = Asked {
        language: Language::Ruby,
        native: NATIVE,
        words,
        directory: directory_of_manifests,
        manifests: &[("Gemfile.lock", gems), ("Gemfile", gemfile)],
        compiles: &|_| false,
        programs: &[],
    };
    let native = Native::read(invocation, asked);
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Ruby);
    let runtime = tool.map(|tool| {
        let version = tool.value.version.splitn(3, '.').take(2).collect_vec().join(".");
        Fact::new(version, tool.from.clone())
    });
    let modules = installed(invocation, Language::Ruby, runtime.filter(|version| version.value.contains('.')), native);
    let products = scripts(invocation, &directory).into_iter().collect_vec();
    Outcome { products, modules: vec![(directory, modules)], ..Outcome::default() }
}

/// The scripts that RubyGems makes for the programs of gems, which begin with the path of the Ruby that installs them
/// (`Gem::Installer#shebang`).
fn scripts(invocation: &Invocation<'_>, directory: &str) -> Option<Product> {
    let there = |path: &&str| matches!(invocation.builder.tree.lookup(path), Lookup::Found { .. });
    let ruby = ["/usr/local/bin/ruby", "/usr/bin/ruby"].into_iter().find(there)?;
    let shebang = Shebang { interpreter: ruby.to_owned(), argument: None };
    let script = ScriptNeeds {
        shebang: Fact::new(Some(shebang), Provenance::Read(invocation.at.clone())),
        preceded_by: None,
        text: None,
    };
    let place = Place::Below { directory: format!("{directory}/bin"), likely: None };
    Some(Product { place, needs: Needs::Script(script), mode: 0o755 })
}

/// The gems that `gem install x:1 y` names.
fn named(arguments: &Arguments<'_>) -> Vec<Package> {
    let asked = arguments.value(&["-v", "--version"]).map(|word| word.pattern()).unwrap_or_default();
    let names = arguments.operands(&["-v", "--version", "-i", "--install-dir", "--source", "-n", "--bindir"]);
    let name = |word: std::borrow::Cow<'_, str>| {
        let (name, version) = word.split_once(':').unwrap_or((&word, &asked));
        (!brings_its_library(name, version)).then(|| Package::new(name, version))
    };
    names.iter().skip(1).filter_map(|word| word.known()).filter_map(name).collect_vec()
}

/// The gems that a `Gemfile.lock` lists: lines of four blanks, a name, and a version in parentheses.
///
/// Of those that only others need, nobody can say when they are loaded, and `ruby-vips` mostly is not: `image_processing`
/// needs it for one of its two ways.
fn gems(text: &str) -> Vec<Package> {
    let direct = text.split("\nDEPENDENCIES\n").nth(1);
    let is_direct = |name: &str| {
        let mut lines = direct.unwrap_or_default().lines().take_while(|line| !line.is_empty());
        lines.any(|line| line.split([' ', '!']).find(|word| !word.is_empty()) == Some(name))
    };
    let name = |line: &str| {
        let line = line.strip_prefix("    ").filter(|line| !line.starts_with(' '))?;
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let version = rest.trim_matches(['(', ')']);
        let hidden = name == "ruby-vips" && direct.is_some() && !is_direct(name);
        (!hidden && !brings_its_library(name, version)).then(|| Package::new(name, version))
    };
    text.lines().filter_map(name).collect_vec()
}

/// The gems that a `Gemfile` names, one a line: `gem "pg", "~> 1.5"`.
fn gemfile(text: &str) -> Vec<Package> {
    let name = |line: &str| {
        let rest = line.trim_start().strip_prefix("gem")?.trim_start_matches([' ', '(']);
        let mut quoted = rest.split(['"', '\'']).skip(1).step_by(2);
        let name = quoted.next()?;
        let asked = quoted.next().unwrap_or_default();
        let version = match asked.strip_prefix("~>").map(str::trim) {
            // The last of its numbers may grow.
            Some(least) => least.rsplit_once('.').map_or("", |(start, _)| start),
            None if asked.starts_with(|c: char| c.is_ascii_digit()) => asked,
            None => "",
        };
        (!brings_its_library(name, version)).then(|| Package::new(name, version))
    };
    text.lines().filter_map(name).collect_vec()
}

/// Since 1.6 the gem `pg` is published compiled, with libpq in it (ged/ruby-pg, CHANGELOG); a version that is not known
/// is the newest.
fn brings_its_library(name: &str, version: &str) -> bool {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse::<u32>().ok());
    name == "pg" && numbers.next().is_none_or(|major| (major, numbers.next().unwrap_or(u32::MAX)) >= (1, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_gems_stand_once_in_order() {
        assert!(NATIVE.is_sorted_by(|a, b| a < b));
        let names = |packages: Vec<Package>| packages.into_iter().map(|package| package.name).collect::<Vec<_>>();
        assert_eq!(names(gems("GEM\n  specs:\n    oj (3.16)\n    pg (1.5.9)\n      x (>= 1)\n")), ["oj", "pg"]);
        assert_eq!(names(gems("    pg (1.6.2-x86_64-linux)\n    pg\n")), Vec::<String>::new());
        let text = "    ruby-vips (2.2)\n    pg (0.21)\n\nDEPENDENCIES\n  pg (~> 0.2)\n\nX\n  ruby-vips\n";
        assert_eq!(names(gems(text)), ["pg"]);
        assert_eq!(names(gemfile("gem 'pg', '~> 0.18'\n  gem \"pg\", '~> 1.1'\n# gem 'oj'\ngems\n")), ["pg"]);
    }
}
