//! C and C++: compiler drivers (`gcc`, `clang++`, `musl-gcc`, `aarch64-linux-gnu-gcc`, `zig cc`) and the build systems
//! that call them, to the programs they write.
//!
//! What decides: the C library that the driver links against, `-static` and `-static-pie`, and the `-l` flags.

use super::arguments::{Arguments, absolute, program};
use super::libc;
use super::native::Program;
use super::{Invocation, Outcome, Place, Product, Toolchain, Word, libraries};
use crate::fact::{Fact, Knowledge, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::lists::Collect;
use crate::needs::{Language, Linkage, Machine, Maker, Needs, VersionNeed};
use crate::text;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::C, recognise, run };

fn recognise(words: &[Word]) -> bool {
    let name = program(words);
    let zig = name == "zig" && Arguments::of(words).subcommand().is_some_and(|(sub, _)| sub == "cc" || sub == "c++");
    zig || Driver::named(&name).is_some() || matches!(name.as_str(), "cmake" | "ninja" | "meson")
}

/// What a driver's name tells.
#[derive(Debug, PartialEq)]
struct Driver {
    cxx: bool,
    /// The triple in front of the name: `aarch64-linux-gnu`.
    triple: Option<String>,
    musl: bool,
}

impl Driver {
    fn named(name: &str) -> Option<Self> {
        // `gcc-12`, `clang++-15`
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').trim_end_matches('-');
        const DRIVERS: [&str; 6] = ["gcc", "g++", "cc", "c++", "clang", "clang++"];
        let driver = DRIVERS.into_iter().filter(|driver| base.ends_with(driver)).max_by_key(|driver| driver.len())?;
        let prefix = base[..base.len() - driver.len()].strip_suffix('-').unwrap_or_default();
        if prefix.is_empty() && base.len() != driver.len() {
            return None;
        }
        let triple = (prefix.matches('-').count() >= 2).then(|| prefix.to_owned());
        Some(Self { cxx: driver.ends_with("++"), musl: prefix == "musl" || prefix.contains("-musl"), triple })
    }
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    match program(invocation.words).as_str() {
        "cmake" | "ninja" | "meson" => build_system(invocation, &arguments),
        "zig" => {
            let Some((subcommand, rest)) = arguments.subcommand() else { return Outcome::default() };
            let target = rest.value(&["-target", "--target"]).and_then(|word| word.known().map(|t| t.into_owned()));
            let musl = target.as_deref().is_some_and(|target| target.contains("musl"));
            compile(invocation, &rest, &Driver { cxx: subcommand == "c++", triple: target, musl }, true)
        }
        name => match Driver::named(name) {
            Some(driver) => compile(invocation, &arguments, &driver, false),
            None => Outcome::default(),
        },
    }
}

/// Flags of the drivers that take the next word.
const WITH_VALUE: &[&str] = &[
    "-o", "-I", "-L", "-l", "-D", "-U", "-x", "-include", "-isystem", "-target", "--target", "-T", "-u", "-z", "-MF",
    "-MT", "-MQ", "-Xlinker", "-arch", "-std",
];

fn compile(invocation: &Invocation<'_>, arguments: &Arguments<'_>, driver: &Driver, zig: bool) -> Outcome {
    let inputs = arguments.operands(WITH_VALUE);
    let no_program =
        ["-c", "-S", "-E", "-M", "-MM", "-shared", "-r", "-fsyntax-only", "--version", "-v", "-dumpmachine"];
    if inputs.is_empty() || arguments.has(&no_program) || arguments.mentions("--print-") {
        return Outcome::default();
    }
    let output = arguments.value(&["-o"]).unwrap_or_else(|| Word::new("a.out"));
    let Some(path) = absolute(invocation, &output) else { return Outcome::default() };
    let Some(machine) = machine(invocation, driver) else { return Outcome::default() };
    let native_libc = driver.triple.is_none() && !driver.musl;
    let libc = if native_libc { invocation.builder.libc.clone() } else { foreign_libc(invocation, driver) };
    let on_musl = libc.value().and_then(Option::as_ref).is_some_and(|libc| libc.family == LibcFamily::Musl);
    let statically = arguments.has(&["-static", "-static-pie", "--static"]) || zig && on_musl;
    let here = || Provenance::Read(invocation.at.clone());
    let claim = if statically {
        text! { en: "the program is linked statically", ja: "プログラムは静的にリンクされます" }
    } else {
        text! { en: "nothing asks for a static link", ja: "静的リンクは指定されていません" }
    };
    let mut wanted: Vec<String> = Vec::new();
    if driver.cxx && !zig {
        if !arguments.has(&["-static-libstdc++"]) {
            wanted.push("libstdc++.so.6".into());
        }
        if !arguments.has(&["-static-libgcc"]) {
            wanted.push("libgcc_s.so.1".into());
        }
    }
    let known_libc = libc.value().cloned().flatten();
    let suggested = linked(arguments)
        .into_iter()
        .filter_map(|name| {
            let of_libc = known_libc.as_ref().and_then(|libc| libc::soname(&name, libc)).map(str::to_owned);
            libraries::soname(invocation.builder.tree, &name).or(of_libc)
        })
        .map(|soname| Fact::new(soname, here()))
        .collect_vec();
    let program = Program {
        machine: Fact::new(machine, here()),
        alpine: native_libc && invocation.builder.distribution.is_some_and(|d| d.value.id == "alpine"),
        linkage: if statically { Linkage::Static } else { Linkage::Dynamic },
        because: vec![Step { claim, from: here() }],
        versions: if wanted.iter().any(|name| name == "libstdc++.so.6") {
            cxx_versions(invocation)
        } else {
            Vec::new()
        },
        libraries: wanted,
        suggested,
        libc,
        maker: maker(driver.cxx),
        traits: Vec::new(),
        published: false,
    };
    let needs = program.needs(invocation);
    Outcome { products: vec![Product { place: Place::File(path), needs, mode: 0o755 }], ..Outcome::default() }
}

fn maker(cxx: bool) -> Maker {
    let language = if cxx { Language::Cxx } else { Language::C };
    Maker { language, version: String::new(), settings: Vec::new(), modules: Vec::new() }
}

/// The names of the `-l` flags; none of those that are asked for as archives (`-Wl,-Bstatic`, `-l:libx.a`).
fn linked(arguments: &Arguments<'_>) -> Vec<String> {
    let mut names = Vec::new();
    let mut archives = false;
    for word in arguments.patterns() {
        match word.as_str() {
            "-Wl,-Bstatic" | "-Wl,-static" => archives = true,
            "-Wl,-Bdynamic" => archives = false,
            "-pthread" => names.push("pthread".into()),
            _ => names.extend(word.strip_prefix("-l").filter(|n| !archives && !n.starts_with(':')).map(str::to_owned)),
        }
    }
    names
}

fn machine(invocation: &Invocation<'_>, driver: &Driver) -> Option<Machine> {
    let Some(triple) = &driver.triple else { return Machine::of(invocation.builder.platform) };
    let arm = |version| Machine { arm_version: version, ..Machine::ARM };
    Some(match triple.split('-').next()? {
        "x86_64" | "amd64" => Machine::X86_64,
        "i386" | "i586" | "i686" | "x86" => Machine::X86,
        "aarch64" | "arm64" => Machine::AARCH64,
        "arm" | "armv7" | "armv7l" => arm(if triple.ends_with("hf") { 7 } else { 5 }),
        "powerpc64le" | "ppc64le" => Machine::PPC64LE,
        "s390x" => Machine::S390X,
        "riscv64" => Machine::RISCV64,
        _ => return None,
    })
}

/// The libc of a cross or musl driver: musl of its own, or the glibc of the builder's release.
fn foreign_libc(invocation: &Invocation<'_>, driver: &Driver) -> Knowledge<Option<Libc>> {
    let glibc = driver.triple.as_deref().and_then(|triple| triple.split_once("-gnu.")).map(|(_, version)| version);
    let libc = match glibc {
        Some(version) => Libc { family: LibcFamily::Glibc, version: version.to_owned() },
        None if driver.musl => Libc { family: LibcFamily::Musl, version: String::new() },
        None => return invocation.builder.libc.clone(),
    };
    Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into()
}

/// The newest version that the builder's libstdc++ defines, which a program asks for if it uses what came with it.
fn cxx_versions(invocation: &Invocation<'_>) -> Vec<Fact<VersionNeed>> {
    let Some(version) = libraries::newest_version(invocation.builder.tree, "libstdc++.so.6", "GLIBCXX_") else {
        return Vec::new();
    };
    let condition = text! {
        en: "the program uses what libstdc++ brought with {version}",
        ja: "プログラムが libstdc++ の {version} で加わった機能を使う",
        version: &version,
    };
    let from = Provenance::assumed(condition, vec![Settler::Program(String::new())]);
    vec![Fact::new(VersionNeed { library: "libstdc++.so.6".into(), version, weak: false }, from)]
}

/// Under this name a configuration that asks for static links is remembered; no variable has such a name.
const CONFIGURED: &str = "configured with";

/// `cmake --build`, `ninja`, `meson compile`: programs of unknown names, linked as the files of the build system say.
fn build_system(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Outcome {
    let name = program(invocation.words);
    let subcommand = arguments.subcommand().map(|(subcommand, _)| subcommand).unwrap_or_default();
    let (builds, directory) = match name.as_str() {
        "cmake" => (arguments.has(&["--build", "--install"]), arguments.value(&["--build", "--install"])),
        "ninja" => (true, arguments.value(&["-C"])),
        _ => (matches!(subcommand.as_str(), "compile" | "install"), arguments.value(&["-C"])),
    };
    // What the configuration is told, or the environment says, holds for every program that is linked.
    let says_static =
        |text: &str| text.split([' ', '=', '"', ',']).any(|word| matches!(word, "-static" | "-static-pie"));
    let told = invocation.words.iter().any(|word| says_static(&word.pattern()));
    if !builds {
        let value = Fact::new("-static".to_owned(), Provenance::Read(invocation.at.clone()));
        let stores = told.then(|| (CONFIGURED.to_owned(), Knowledge::Known(value)));
        return Outcome { stores: stores.into_iter().collect_vec(), ..Outcome::default() };
    }
    let by_environment = ["LDFLAGS", CONFIGURED].iter().find_map(|name| {
        let set = invocation.environment.get(name)?;
        set.known().filter(|set| says_static(&set.value)).map(|set| set.from.clone())
    });
    let by_flag = by_environment.or_else(|| told.then(|| Provenance::Read(invocation.at.clone())));
    let directory = match directory {
        Some(word) => absolute(invocation, &word),
        None => invocation.directory.map(str::to_owned),
    };
    let file = if name == "meson" || name == "ninja" { "meson.build" } else { "CMakeLists.txt" };
    let condition = text! {
        en: "the build system does not ask for a static link",
        ja: "ビルドシステムが静的リンクを指定していない",
    };
    let assumed =
        Provenance::assumed(condition.clone(), vec![Settler::File(file.into()), Settler::Program(String::new())]);
    let Some(machine) = Machine::of(invocation.builder.platform) else { return Outcome::default() };
    let program = Program {
        machine: Fact::new(machine, Provenance::Read(invocation.at.clone())),
        libc: invocation.builder.libc.clone(),
        alpine: invocation.builder.distribution.is_some_and(|d| d.value.id == "alpine"),
        linkage: if by_flag.is_some() { Linkage::Static } else { Linkage::Dynamic },
        because: match by_flag {
            Some(from) => {
                let claim = text! { en: "`-static` is given to the linker", ja: "リンカーに `-static` が渡されます" };
                vec![Step { claim, from }]
            }
            None => vec![Step { claim: condition, from: assumed }],
        },
        libraries: Vec::new(),
        suggested: libraries::of_packages(invocation),
        versions: Vec::new(),
        maker: Maker { language: Language::Other, ..maker(false) },
        traits: Vec::new(),
        published: false,
    };
    let needs = program.needs(invocation);
    let installs = arguments.has(&["--install", "install"]);
    let prefix = arguments.value(&["--prefix"]).and_then(|word| absolute(invocation, &word));
    let prefix = prefix.unwrap_or_else(|| "/usr/local".into());
    let installed = installs.then(|| normalize(&prefix, "bin"));
    let place = |directory: String| Place::Below { directory, likely: None };
    let product = |directory: String| Product { place: place(directory), needs: Needs::clone(&needs), mode: 0o755 };
    Outcome { products: directory.into_iter().chain(installed).map(product).collect_vec(), ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_are_known_by_name() {
        let driver = |cxx, triple: Option<&str>, musl| Some(Driver { cxx, triple: triple.map(str::to_owned), musl });
        for (name, expected) in [
            ("gcc", driver(false, None, false)),
            ("g++-12", driver(true, None, false)),
            ("clang++", driver(true, None, false)),
            ("musl-gcc", driver(false, None, true)),
            ("xx-clang", driver(false, None, false)),
            ("aarch64-linux-gnu-gcc", driver(false, Some("aarch64-linux-gnu"), false)),
            ("x86_64-linux-musl-g++", driver(true, Some("x86_64-linux-musl"), true)),
            ("mcc", None),
            ("ccache", None),
            ("gcc-ar", None),
        ] {
            assert_eq!(Driver::named(name), expected, "{name}");
        }
    }
}
