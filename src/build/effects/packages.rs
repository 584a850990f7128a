//! Package managers: what they install and take away, by name.

use super::options::Options;
use super::{Call, Runner, opaque};
use crate::fact::Fact;
use crate::image::packages::{self, Manager};
use crate::lists::{Collect, is_one_of};
use crate::shell::Status;
use crate::word::UNKNOWN;

/// Long options of these tools that take a value.
const LONG: &[&str] = &[
    "virtual",
    "cache-dir",
    "repository",
    "target-release",
    "option",
    "releasever",
    "root",
    "installroot",
    "config-file",
    "setopt",
    "repositories-file",
    "keys-dir",
    "enablerepo",
    "disablerepo",
    "default-release",
    "arch",
];

pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let Some(manager) = Manager::of_program(&call.name) else { return Status::Unknown };
    let short = match manager {
        Manager::Apk => "tXp",
        Manager::Apt => "otc",
        Manager::Dnf => "cx",
        Manager::Zypper => "R",
        Manager::Pacman => "br",
    };
    let options = Options::read(&call.arguments, short, LONG);
    // Another root is another image.
    if options.has(&["root", "installroot"]) || manager == Manager::Apk && options.has(&["p"]) {
        return opaque::run(runner, call);
    }
    let (installs, removes, names) = match (manager, options.operands.split_first()) {
        (Manager::Pacman, _) => {
            (options.has(&["S", "U", "sync", "upgrade"]), options.has(&["R", "remove"]), &options.operands[..])
        }
        (_, Some((verb, names))) => (
            is_one_of(verb, "install add in localinstall reinstall groupinstall build-dep"),
            is_one_of(verb, "remove purge autoremove del erase rm"),
            names,
        ),
        (_, None) => return Status::Unknown,
    };
    let mut known: Vec<String> =
        names.iter().filter(|name| !name.contains(UNKNOWN)).map(|name| (*name).to_owned()).collect_vec();
    let at = call.at().clone();
    if removes {
        // `apk del .build-deps` takes away what was installed under that name.
        let groups = &runner.work().virtual_packages;
        known =
            known.iter().flat_map(|name| groups.get(name).cloned().unwrap_or_else(|| vec![name.clone()])).collect_vec();
        // apt keeps what only these needed, until somebody asks for that too.
        let verb = options.operands.first().is_some_and(|verb| *verb == "autoremove");
        let asks = verb || options.has(&["auto-remove", "autoremove"]);
        let before = &mut runner.work_mut().removed;
        before.extend(known.iter().cloned());
        let unneeded = match manager {
            Manager::Apk | Manager::Dnf => Some(Vec::new()),
            Manager::Apt if asks => Some(std::mem::take(before)),
            _ => None,
        };
        packages::remove(&mut runner.work_mut().image, manager, &known, unneeded.as_deref(), &at);
        let image = &mut runner.work_mut().image;
        image.packages.retain(|package| !known.contains(&package.value));
    } else if installs {
        if let Some(group) = options.value(&["t", "virtual"]).filter(|_| manager == Manager::Apk) {
            runner.work_mut().virtual_packages.insert(group, known.clone());
        }
        let image = &mut runner.work_mut().image;
        // The tables of packages read the options that change what comes along.
        let quiet = call.arguments.iter().filter(|word| word.contains("ecommends")).cloned();
        let words: Vec<String> = quiet.chain(known.iter().cloned()).collect_vec();
        packages::install(image, manager, &words, &at);
        if known.iter().any(|name| name.contains("dotnet") || name.contains("aspnetcore")) {
            // Runtimes and SDKs lie side by side there.
            let need = opaque::need(runner, call);
            for directory in ["/usr/share/dotnet", "/usr/lib/dotnet"] {
                runner.doubt(directory, std::sync::Arc::clone(&need));
            }
        }
        let image = &mut runner.work_mut().image;
        if known.iter().any(|name| brings_compiler(name)) {
            image.c_compiler = Fact::read(true, at.clone()).into();
        }
        if call.arguments.iter().any(|word| word.contains(UNKNOWN)) {
            packages::install(image, manager, &[String::from("?")], &at);
        }
    }
    Status::Unknown
}

/// Whether a package puts `gcc` or `clang` into PATH, itself or by what it depends on.
fn brings_compiler(package: &str) -> bool {
    let name = package.split(['=', '<', '>', '~', ':', '@']).next().unwrap_or_default();
    matches!(
        name,
        "gcc"
            | "g++"
            | "gcc-c++"
            | "clang"
            | "build-base"
            | "build-essential"
            | "alpine-sdk"
            | "base-devel"
            | "cc"
            | "devel_basis"
            | "@development-tools"
            | "Development Tools"
            | "gfortran"
            | "gcc-go"
            | "c++-compiler"
            | "c-compiler"
            | "llvm-clang"
    ) || package == "@development-tools"
}

/// `dpkg -i x.deb`, `rpm -i x.rpm`: packages from files.
pub(super) fn local(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "", &[]);
    if options.has(&["i", "install", "U", "upgrade", "x", "extract", "unpack"]) {
        let manager = if call.name == "dpkg" { Manager::Apt } else { Manager::Dnf };
        let names: Vec<String> = options.operands.iter().map(|name| (*name).to_owned()).collect_vec();
        packages::install(&mut runner.work_mut().image, manager, &names, call.at());
    }
    Status::Unknown
}
