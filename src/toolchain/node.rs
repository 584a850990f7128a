//! Node: `npm`, `yarn`, `pnpm` and `bun`, to the `node_modules` that they fill.
//!
//! Add-ons in there are compiled, or were published compiled, for one libc and one machine.

use super::arguments::{Arguments, absolute, program};
use super::modules::{Asked, Native, Package, installed};
use super::{Invocation, Outcome, Toolchain, Word};
use std::sync::Arc;

use crate::fact::{Fact, Provenance, Settler, Step};
use crate::lists::{Collect, is_one_of};
use crate::needs::{Absence, Language, LeftOut};
use crate::project::package;
use crate::source::Location;
use crate::text;
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
        Some((subcommand, _)) => is_one_of(&subcommand, "ci install i add clean-install deploy rebuild prune"),
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

/// The packages that `npm install x@1 @scope/y` names.
fn named(arguments: &Arguments<'_>) -> Vec<Package> {
    let Some((subcommand, rest)) = arguments.subcommand() else { return Vec::new() };
    if !matches!(subcommand.as_str(), "install" | "i" | "add") {
        return Vec::new();
    }
    let words =
        rest.operands(&["--prefix", "--cwd", "-C", "--dir", "--registry", "--loglevel", "--cache", "--omit", "--only"]);
    let name = |word: &&Word| {
        let word = word.known()?;
        let end = word.get(1..)?.find('@').map_or(word.len(), |at| at + 1);
        let (name, version) = word.split_at(end);
        let version = version.trim_start_matches('@');
        (!fits_every_libc(name, version)).then(|| Package::new(name, plain(version)))
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
        let variable = |name: &str| invocation.environment.get(name).and_then(|value| value.value().cloned());
        let set = |name: &str| variable(name).is_some_and(|value| !matches!(value.as_str(), "" | "false" | "0"));
        // `--build-from-source` for all, or for the one that is named (@mapbox/node-pre-gyp, prebuild-install).
        let asked = arguments.value(&["--build-from-source"]).map(|word| word.pattern());
        let compiles = |name: &str| {
            arguments.has(&["--build-from-source"])
                || asked.as_deref().is_some_and(|asked| asked == name || asked == "true")
                || set("npm_config_build_from_source")
                || set("NPM_CONFIG_BUILD_FROM_SOURCE")
        };
        // An installation that brings no browser has it from elsewhere.
        let skips = ["PUPPETEER_SKIP_DOWNLOAD", "PUPPETEER_SKIP_CHROMIUM_DOWNLOAD", "PUPPETEER_EXECUTABLE_PATH"];
        let skips = skips.iter().any(|name| set(name)) || arguments.has(&["--ignore-scripts"]);
        let asked = Asked {
            language: Language::Node,
            native: NATIVE,
            words: named(&arguments),
            directory: sources.as_deref(),
            manifests: &[("package.json", dependencies)],
            compiles: &|name| compiles(name) || name == "puppeteer" && skips,
            programs: &[],
        };
        Native::read(invocation, asked)
    };
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Node);
    let runtime = tool.map(|tool| {
        let major = tool.value.version.split('.').next().unwrap_or_default().to_owned();
        Fact::new(major, tool.from.clone())
    });
    let mut modules = installed(invocation, Language::Node, runtime.filter(|major| !major.value.is_empty()), native);
    // What is named is installed, whatever it is for.
    if !global && named(&arguments).is_empty() {
        Arc::make_mut(&mut modules).left_out = left_out(invocation, sources.as_deref());
    }
    Outcome { modules: vec![(target, modules)], ..Outcome::default() }
}

/// Programs whose package has another name, from the `bin` of the packages' own manifests.
const PROGRAMS: &[(&str, &str)] = &[
    ("@angular/cli", "ng"),
    ("@babel/cli", "babel"),
    ("@babel/node", "babel-node"),
    ("@craco/craco", "craco"),
    ("@nestjs/cli", "nest"),
    ("@react-router/dev", "react-router"),
    ("@remix-run/dev", "remix"),
    ("@rsbuild/core", "rsbuild"),
    ("@swc/cli", "swc"),
    ("@vue/cli-service", "vue-cli-service"),
    ("dotenv-cli", "dotenv"),
    ("grunt-cli", "grunt"),
    ("parcel-bundler", "parcel"),
    ("postcss-cli", "postcss"),
    ("sequelize-cli", "sequelize"),
    ("ts-node-dev", "tsnd"),
    ("typescript", "tsc"),
];

/// Whether a command installs without `devDependencies`: by its own words, else as `NODE_ENV` says, which npm, the first
/// Yarn and pnpm read (npm, `config`; Yarn 1, `cli/install`; pnpm, `cli/install`).
fn is_production(invocation: &Invocation<'_>) -> bool {
    let words: Vec<String> = Arguments::of(invocation.words).patterns().collect_vec();
    let all = words.join(" ");
    let has = |flags: &[&str]| flags.iter().any(|flag| words.iter().any(|word| word == flag));
    if has(&["--include=dev", "--production=false", "--prod=false", "--also=dev", "--dev", "-D"]) {
        return false;
    }
    if has(&["--omit=dev", "--production", "--production=true", "--prod", "--only=production", "--only=prod", "-P"]) {
        return true;
    }
    if ["--omit dev", "--only production", "--only prod"].iter().any(|flag| all.contains(flag)) {
        return true;
    }
    let is = |name: &str, value: &str| {
        invocation.environment.get(name).is_some_and(|set| set.value().is_some_and(|set| set == value))
    };
    // The later releases of Yarn do not read it, and Bun does not either.
    program(invocation.words) == "npm" && (is("NODE_ENV", "production") || is("NPM_CONFIG_PRODUCTION", "true"))
        || program(invocation.words) == "pnpm" && is("NODE_ENV", "production")
}

/// The programs of `devDependencies` that an installation leaves out, as far as no other package needs them.
fn left_out(invocation: &Invocation<'_>, directory: Option<&str>) -> Vec<Fact<LeftOut>> {
    let read = || {
        let (sources, directory) = (invocation.sources?, directory?);
        let path = sources.context_path(&normalize(directory, "package.json"))?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let lock = sources.project.text(&format!("{folder}/package-lock.json"));
        Some((sources.project.text(&path)?, lock, sources.project.dropped_path(&path)?))
    };
    let Some((text, lock, path)) = read().filter(|_| is_production(invocation)) else { return Vec::new() };
    let needed: Vec<String> = ["dependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .flat_map(|object| package::entries(&text, object))
        .map(|(name, _)| name)
        .collect_vec();
    let all = package::entries(&text, "devDependencies").into_iter().map(|(name, _)| name);
    let command: Vec<String> = invocation.words.iter().map(Word::pattern).collect_vec();
    let fact = |package: String| {
        let other = PROGRAMS.iter().find(|(name, _)| *name == package).map(|(_, program)| (*program).to_owned());
        let program = other.or_else(|| (!package.contains('/')).then(|| package.clone()))?;
        let leaves = text! {
            en: "`{command}` leaves `devDependencies` out",
            ja: "`{command}` は `devDependencies` をインストールしません",
            command: command.join(" "),
        };
        let is_one = text! { en: "`{package}` is one of them", ja: "`{package}` はそのひとつです", package: &package };
        let mut because = vec![
            Step { claim: leaves, from: Provenance::Read(invocation.at.clone()) },
            Step { claim: is_one, from: Provenance::Read(Location::file(path)) },
        ];
        match lock.as_deref().and_then(|lock| is_development(lock, &package)) {
            Some(true) => {}
            Some(false) => return None,
            None => {
                let condition = text! {
                    en: "no other package brings `{program}` along",
                    ja: "ほかのパッケージが `{program}` を持ち込まない",
                    program: &program,
                };
                let settled_by = vec![Settler::File("package-lock.json".into()), Settler::ProjectFolder];
                because.push(Step { claim: condition.clone(), from: Provenance::assumed(condition, settled_by) });
            }
        }
        Some(Fact::new(LeftOut { program, why: Absence::ForDevelopment }, Provenance::derived(because)))
    };
    all.filter(|name| !needed.contains(name)).filter_map(fact).collect_vec()
}

/// Whether a lock file says that a package is there for development alone; `None` where it does not name it.
fn is_development(lock: &str, package: &str) -> Option<bool> {
    let (_, rest) = lock.split_once(&format!("\"node_modules/{package}\": {{"))?;
    let own = rest.split("\n    }").next().unwrap_or(rest);
    Some(own.contains("\"dev\": true"))
}

/// The names in `dependencies` and `optionalDependencies` of a `package.json`.
fn dependencies(text: &str) -> Vec<Package> {
    let objects = ["dependencies", "optionalDependencies"];
    let all = objects.iter().flat_map(|object| package::entries(text, object));
    let fitting = all.filter(|(name, version)| !fits_every_libc(name, version));
    fitting.map(|(name, version)| Package::new(name, plain(&version))).collect_vec()
}

/// The start of a version that a range keeps to: `^1.2.3` is some version 1.
fn plain(version: &str) -> String {
    match version.strip_prefix('^') {
        Some(rest) => rest.split('.').next().unwrap_or_default().to_owned(),
        None => version.trim_start_matches(['~', '=', 'v']).to_owned(),
    }
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
        let names = |text| dependencies(text).into_iter().map(|package| package.name).collect::<Vec<_>>();
        assert_eq!(names(text), ["bcrypt", "express"]);
        assert_eq!(names(r#"{"dependencies": {"bcrypt": "^6.0.0", "argon2": "0.31.2"}}"#), ["argon2"]);
        assert_eq!(names("{}"), Vec::<String>::new());
        assert_eq!(names("{\"dependencies\": {\"a"), Vec::<String>::new());
    }

    #[test]
    fn native_packages_stand_once_in_order() {
        assert!(NATIVE.is_sorted_by(|a, b| a < b));
        assert!(PROGRAMS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
