//! What a build is made for, and whether cgo is on: the command's environment, `go env -w`, and the defaults.
//!
//! The order of precedence and the defaults are those of Go's cmd/go/internal/cfg (`cfg.go`, `lookpath.go`).

use super::flags::ExternalFlags;
use super::version::Version;
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::lists::Collect;
use crate::needs::Machine;
use crate::platform::Platform;
use crate::text;
use crate::text::Text;
use crate::toolchain::{Invocation, UNKNOWN, Word};
use std::sync::Arc;

/// The settings that decide how a program is linked.
pub(super) struct Settings {
    pub(super) version: Option<Fact<Version>>,
    pub(super) system: Fact<String>,
    pub(super) architecture: Fact<String>,
    pub(super) machine: Option<Machine>,
    /// Whether GOOS or GOARCH differ from the machine that the command runs on.
    pub(super) cross: bool,
    pub(super) cgo: Fact<bool>,
    pub(super) compiler: Compiler,
    /// The lowest x86-64 level that the program asks for (`GOAMD64`).
    pub(super) level: Option<Fact<u8>>,
}

/// The C compiler that cgo would call, and what it links against.
pub(super) struct Compiler {
    /// As a person would name it: `gcc`, `musl-gcc`.
    pub(super) name: String,
    pub(super) present: Knowledge<bool>,
    pub(super) target: CTarget,
    /// Flags that it always passes on (`CC="gcc -static"`, `CGO_LDFLAGS`).
    pub(super) flags: ExternalFlags,
}

/// The libc that the C compiler links against.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CTarget {
    /// The builder's own, whatever it is.
    Native,
    /// Another architecture's, of the builder's libc and release (`aarch64-linux-gnu-gcc`, `xx-clang`).
    Cross,
    Libc {
        libc: Libc,
        zig: bool,
    },
}

/// Stored once `xx-go --wrap` stands in the place of `go`; no variable has such a name.
pub(super) const WRAPPED: &str = "xx-go --wrap";

/// A setting's value, or why it is not known.
pub(super) fn setting(invocation: &Invocation<'_>, name: &str) -> Option<Knowledge<String>> {
    // An empty variable counts as unset everywhere in cmd/go.
    invocation.environment.get(name).filter(|value| value.value().is_none_or(|value| !value.is_empty()))
}

impl Settings {
    /// `Err` when the system or the architecture is not known.
    pub(super) fn read(invocation: &Invocation<'_>, version: Option<Fact<Version>>) -> Result<Self, Arc<Need>> {
        let host = invocation.builder.platform;
        let wrapper = program(invocation.words).as_deref() == Some("xx-go") || setting(invocation, WRAPPED).is_some();
        let target = wrapper.then(|| wrapped_target(invocation)).transpose()?.flatten();
        let pick = |name: &str, native: &str, wrapped: Option<String>| match setting(invocation, name) {
            _ if wrapped.is_some() => {
                Ok(Fact::new(wrapped.unwrap_or_default(), Provenance::Read(invocation.at.clone())))
            }
            Some(Knowledge::Known(value)) => Ok(value),
            Some(Knowledge::Unknown(need)) => Err(need),
            None => Ok(Fact::new(native.to_owned(), Provenance::Read(invocation.at.clone()))),
        };
        let system = pick("GOOS", &host.os, target.as_ref().map(|target| target.os.clone()))?;
        let architecture =
            pick("GOARCH", &host.architecture, target.as_ref().map(|target| target.architecture.clone()))?;
        let cross = system.value != host.os || architecture.value != host.architecture;
        let compiler = compiler(invocation, wrapper, cross);
        let cgo = cgo(invocation, version.as_ref(), (&system, &architecture), cross, &compiler);
        let arm = target.as_ref().map(|target| target.variant.clone()).filter(|variant| !variant.is_empty());
        let machine = machine(invocation, version.as_ref(), &architecture.value, arm);
        let level = level(invocation, &architecture.value);
        Ok(Self { version, system, architecture, machine, cross, cgo, compiler, level })
    }

    /// Whether the toolchain is Go 1.`minor` or newer; one of unknown version is taken for a new one.
    pub(super) fn at_least(&self, minor: u32) -> bool {
        self.version.as_ref().is_none_or(|version| version.value.minor >= minor)
    }

    /// The libc that the C toolchain links against.
    pub(super) fn libc(&self, invocation: &Invocation<'_>) -> Knowledge<Option<Libc>> {
        match &self.compiler.target {
            CTarget::Native | CTarget::Cross => invocation.builder.libc.clone(),
            CTarget::Libc { libc, .. } => {
                let from = setting(invocation, "CC").and_then(|cc| cc.known().map(|cc| cc.from.clone()));
                Fact::new(Some(libc.clone()), from.unwrap_or(Provenance::Read(invocation.at.clone()))).into()
            }
        }
    }

    /// A sentence about the toolchain, with the version where it is known.
    pub(super) fn rule(&self, claim: Text, reference: &str) -> Step {
        let record = self.version.as_ref().map_or_else(|| "Go".to_owned(), |version| format!("Go {}", version.value));
        Step { claim, from: Provenance::recorded(record, reference, "") }
    }
}

/// The platform that `xx-go` builds for: what BuildKit's variables say, when ARG made them visible.
fn wrapped_target(invocation: &Invocation<'_>) -> Result<Option<Platform>, Arc<Need>> {
    match setting(invocation, "TARGETPLATFORM") {
        Some(Knowledge::Known(value)) => return Ok(Platform::parse(&value.value)),
        Some(Knowledge::Unknown(need)) => return Err(need),
        None => {}
    }
    let part = |name| match setting(invocation, name) {
        Some(Knowledge::Known(value)) => Ok(Some(value.value)),
        Some(Knowledge::Unknown(need)) => Err(need),
        None => Ok(None),
    };
    let (os, architecture, variant) = (part("TARGETOS")?, part("TARGETARCH")?, part("TARGETVARIANT")?);
    let Some(architecture) = architecture else { return Ok(None) };
    let os = os.unwrap_or_else(|| "linux".into());
    Ok(Platform::parse(&[Some(os), Some(architecture), variant].into_iter().flatten().collect_vec().join("/")))
}

/// Whether cgo is on, and why.
fn cgo(
    invocation: &Invocation<'_>,
    version: Option<&Fact<Version>>,
    (system, architecture): (&Fact<String>, &Fact<String>),
    cross: bool,
    compiler: &Compiler,
) -> Fact<bool> {
    const CFG: &str = "cmd/go/internal/cfg/cfg.go";
    let go = || Provenance::recorded(version.map_or("Go".to_owned(), |v| format!("Go {}", v.value)), CFG, "");
    let mut because = Vec::new();
    match setting(invocation, "CGO_ENABLED") {
        Some(Knowledge::Known(value)) if matches!(value.value.as_str(), "0" | "1") => {
            let on = value.value == "1";
            let claim = text! { en: "`CGO_ENABLED={value}` is set", ja: "`CGO_ENABLED={value}` が設定されています", value: &value.value };
            return Fact::new(on, Provenance::derived(vec![value.step(claim)]));
        }
        Some(Knowledge::Known(value)) => {
            let claim = text! {
                en: "`CGO_ENABLED={value}` is neither 0 nor 1, so `go` ignores it",
                ja: "`CGO_ENABLED={value}` は 0 でも 1 でもないため、`go` は無視します",
                value: &value.value,
            };
            because.push(value.step(claim));
        }
        Some(Knowledge::Unknown(need)) => {
            let text = if cross {
                text! { en: "CGO_ENABLED is not 1 here", ja: "ここで CGO_ENABLED が 1 ではない" }
            } else {
                text! { en: "CGO_ENABLED is not 0 here", ja: "ここで CGO_ENABLED が 0 ではない" }
            };
            return Fact::new(!cross, Provenance::assumed(text, need.settled_by.clone()));
        }
        None => {}
    }
    if cross {
        let differs =
            if architecture.value == invocation.builder.platform.architecture { system } else { architecture };
        let claim = text! {
            en: "the build is for {system}/{architecture}, and `go` runs on {host}",
            ja: "ビルド対象は {system}/{architecture} で、`go` は {host} 上で動きます",
            system: &system.value,
            architecture: &architecture.value,
            host: invocation.builder.platform.to_string(),
        };
        because.push(differs.step(claim));
        let claim = text! { en: "cross-compiling turns cgo off", ja: "クロスコンパイルでは cgo が無効になります" };
        because.push(Step { claim, from: go() });
        return Fact::new(false, Provenance::derived(because));
    }
    // From 1.20 on a missing compiler turns cgo off, unless CC names one (lookpath.go is asked only without CC).
    if compiler.name == "gcc" && version.is_none_or(|version| version.value.minor >= 20) {
        match &compiler.present {
            Knowledge::Known(Fact { value: true, .. }) => {}
            Knowledge::Known(absent) => {
                let claim = text! {
                    en: "`{image}` has no C compiler here",
                    ja: "`{image}` にはこの時点で C コンパイラがありません",
                    image: invocation.builder.image,
                };
                because.push(absent.step(claim));
                let claim = text! {
                    en: "without one, Go 1.20 and later turn cgo off",
                    ja: "Go 1.20 以降は C コンパイラがなければ cgo を無効にします",
                };
                let from = match version {
                    Some(_) => go(),
                    None => Provenance::assumed(
                        text! { en: "the builder's Go is 1.20 or newer", ja: "ビルダーの Go が 1.20 以降である" },
                        vec![Settler::Image(invocation.builder.image.to_owned())],
                    ),
                };
                because.push(Step { claim, from });
                return Fact::new(false, Provenance::derived(because));
            }
            Knowledge::Unknown(need) => {
                let text = text! {
                    en: "a C compiler is in the PATH of `{image}` here",
                    ja: "この時点で `{image}` の PATH に C コンパイラがある",
                    image: invocation.builder.image,
                };
                let assumed = Provenance::assumed(text.clone(), need.settled_by.clone());
                because.push(Step { claim: text, from: assumed });
            }
        }
    }
    if because.is_empty() {
        let claim = text! { en: "nothing sets `CGO_ENABLED`", ja: "`CGO_ENABLED` はどこにも設定されていません" };
        because.push(Step { claim, from: Provenance::Read(invocation.at.clone()) });
    }
    let claim = text! { en: "cgo is on by default in a native build", ja: "ネイティブビルドでは cgo は既定で有効です" };
    because.push(Step { claim, from: go() });
    Fact::new(true, Provenance::derived(because))
}

fn compiler(invocation: &Invocation<'_>, wrapper: bool, cross: bool) -> Compiler {
    let flags = |text: &str| ExternalFlags::read(text);
    let linker_flags = match setting(invocation, "CGO_LDFLAGS") {
        Some(Knowledge::Known(value)) => flags(&value.value),
        _ => ExternalFlags::Plain,
    };
    let own = invocation.builder.c_compiler.clone();
    let named = |text: &str, from: &Provenance| {
        let present = Fact::new(true, from.clone()).into();
        let words = super::flags::fields(text);
        let program = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or_default());
        let target = target(program, &words, cross);
        // A plain name is looked up like the default; a special one is taken for installed, since it was asked for.
        let present = if matches!(program, "gcc" | "cc" | "clang") { own.clone() } else { present };
        let flags = if flags(text) == ExternalFlags::Plain { linker_flags } else { flags(text) };
        // The default's name stays apart: only without CC does a missing compiler turn cgo off.
        Compiler { name: if program == "gcc" { "gcc (CC)".into() } else { program.to_owned() }, present, target, flags }
    };
    match setting(invocation, "CC") {
        Some(Knowledge::Known(value)) => named(&value.value, &value.from),
        Some(Knowledge::Unknown(need)) => Compiler {
            name: "CC".into(),
            present: Knowledge::Unknown(need),
            target: CTarget::Native,
            flags: linker_flags,
        },
        None if wrapper => {
            let target = if cross { CTarget::Cross } else { CTarget::Native };
            Compiler { name: "xx-clang".into(), present: own, target, flags: linker_flags }
        }
        None => Compiler { name: "gcc".into(), present: own, target: CTarget::Native, flags: linker_flags },
    }
}

/// What a compiler links against, by its name and flags.
fn target(program: &str, words: &[String], cross: bool) -> CTarget {
    let zig = words.first().is_some_and(|word| word.contains("zig"));
    let triple = words.iter().enumerate().find_map(|(at, word)| {
        word.strip_prefix("--target=")
            .or_else(|| word.strip_prefix("-target="))
            .map(str::to_owned)
            .or_else(|| (word == "-target" || word == "--target").then(|| words.get(at + 1).cloned()).flatten())
    });
    let triple = triple.as_deref().unwrap_or(program);
    if triple.contains("musl") {
        return CTarget::Libc { libc: Libc { family: LibcFamily::Musl, version: String::new() }, zig };
    }
    // `x86_64-linux-gnu.2.17`: zig names the glibc to link against.
    if let Some((_, version)) = triple.split_once("gnu.").filter(|_| zig) {
        return CTarget::Libc { libc: Libc { family: LibcFamily::Glibc, version: version.to_owned() }, zig };
    }
    let foreign = triple.contains("-linux-") || program.starts_with("xx-");
    if foreign && cross { CTarget::Cross } else { CTarget::Native }
}

/// GOARCH and its companions to the machine; `None` for one that Linux does not know by that name.
fn machine(
    invocation: &Invocation<'_>,
    version: Option<&Fact<Version>>,
    architecture: &str,
    arm: Option<String>,
) -> Option<Machine> {
    let native = architecture == invocation.builder.platform.architecture;
    Some(match architecture {
        "arm" => {
            let set = setting(invocation, "GOARM").and_then(|arm| arm.known().map(|arm| arm.value.clone())).or(arm);
            let digit =
                set.and_then(|arm| arm.trim_start_matches('v').bytes().next()).map(|byte| byte.wrapping_sub(b'0'));
            // Unset: what the building machine has, or 7 for a cross build (6 before Go 1.21, internal/buildcfg).
            let default = if native {
                Machine::of(invocation.builder.platform).map_or(7, |machine| machine.arm_version)
            } else if version.is_none_or(|version| version.value.minor >= 21) {
                7
            } else {
                6
            };
            Machine { arm_version: digit.filter(|digit| (5..=7).contains(digit)).unwrap_or(default), ..Machine::ARM }
        }
        "mips" => Machine::new(8, 32, false),
        "mipsle" => Machine::new(8, 32, true),
        "mips64" => Machine::new(8, 64, false),
        "ppc64" => Machine::new(21, 64, false),
        other => Machine::of(&Platform::linux(other))?,
    })
}

fn level(invocation: &Invocation<'_>, architecture: &str) -> Option<Fact<u8>> {
    let setting = setting(invocation, "GOAMD64").filter(|_| architecture == "amd64")?;
    let level = setting.known()?;
    let number = level.value.strip_prefix('v')?.parse().ok()?;
    (number > 1).then(|| Fact::new(number, level.from.clone()))
}

/// The words of a command with an unknown part, for [`Need`]s of our own.
pub(super) fn is_unknown(text: &str) -> bool {
    text.contains(UNKNOWN)
}

/// The command's first word without its directory.
pub(super) fn program(words: &[Word]) -> Option<String> {
    let first = words.first()?.known()?;
    Some(first.rsplit('/').next().unwrap_or_default().to_owned())
}
