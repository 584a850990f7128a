//! What the Go linker makes of a program: static or dynamic, and with which loader and libraries.
//!
//! Read from cmd/go/internal/load (`LinkerDeps`), cmd/link/internal/ld (`config.go`, `elf.go`, `lib.go`), and measured
//! with Go 1.15 to 1.27 on glibc 2.31 to 2.41 and on musl; `tests/data/go-links.tsv` holds the measurements.

use std::sync::Arc;

use super::cgo_use::CgoUse;
use super::failure;
use super::flags::{ExternalFlags, Flags, LinkMode};
use super::remedies;
use super::settings::{CTarget, Settings};
use crate::fact::{Fact, Knowledge, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::needs::{ElfNeeds, Foreign, Language, Linkage, Machine, Maker, Needs, Trait, VersionNeed};
use crate::project::go::{Use, Uses, WithoutCgo};
use crate::text;
use crate::text::Text;
use crate::toolchain::libc;
use crate::toolchain::{Failure, FailureKind, Invocation};
use crate::tree::Lookup;

/// One program to be linked.
pub(super) struct Link<'a> {
    pub(super) invocation: &'a Invocation<'a>,
    pub(super) settings: &'a Settings,
    pub(super) flags: &'a Flags,
    pub(super) uses: &'a Uses,
}

/// What comes of it: the needs of the program, if it is made, and why it may not be.
pub(super) struct Linked {
    pub(super) needs: Option<Needs>,
    pub(super) failure: Option<Failure>,
}

impl Link<'_> {
    pub(super) fn run(&self) -> Linked {
        if let Some(foreign) = self.foreign() {
            return Linked { needs: Some(Needs::Foreign(foreign)), failure: None };
        }
        let used = CgoUse::of(self);
        let failure = failure::of(self, &used);
        // A failure that is certain leaves no program; under a condition, the program is the one of a build that works.
        if failure.as_ref().is_some_and(|failure| failure.from.conditions().is_empty()) {
            return Linked { needs: None, failure };
        }
        let Some(machine) = self.settings.machine else {
            return Linked { needs: None, failure };
        };
        let blocked = failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::CgoWithoutCompiler);
        let used = if blocked { used.without(self) } else { used };
        if let Some(need) = used.hangs_on_c(self) {
            return Linked { needs: Some(Needs::Unknown(need)), failure };
        }
        // Two guesses, of what the sources use and of what the flags say, are no condition to name.
        if let (Some(need), true, Form::Dynamic) = (&self.flags.open, used.is_guessed(), self.form(&used)) {
            return Linked { needs: Some(Needs::Unknown(Arc::clone(need))), failure };
        }
        Linked { needs: Some(Needs::Elf(Box::new(self.program(machine, &used)))), failure }
    }

    /// Products that Linux does not start as programs.
    fn foreign(&self) -> Option<Fact<Foreign>> {
        let mode = match self.flags.build_mode.as_str() {
            "c-shared" | "plugin" | "shared" => Some(Foreign::SharedLibrary),
            "c-archive" | "archive" => Some(Foreign::StaticArchive),
            _ => None,
        };
        let system = match self.settings.system.value.as_str() {
            "darwin" | "ios" => Some(Foreign::MachO),
            "windows" => Some(Foreign::Pe),
            "js" | "wasip1" => Some(Foreign::WebAssembly),
            _ => None,
        };
        match (system, mode) {
            (Some(foreign), _) => Some(Fact::new(foreign, self.settings.system.from.clone())),
            (None, Some(foreign)) => Some(Fact::new(foreign, Provenance::Read(self.invocation.at.clone()))),
            (None, None) => None,
        }
    }

    fn program(&self, machine: Machine, used: &CgoUse) -> ElfNeeds {
        let libc = self.settings.libc(self.invocation);
        let because = self.because(used, &libc);
        let form = self.form(used);
        // What comes out the same with and without cgo does not hang on whether it is used.
        let form_is_settled = self.mode() == LinkMode::External && !self.may_be_broken(machine, &libc)
            || self.flags.build_mode == "pie"
                && !matches!(form, Form::Static)
                && self.loader_of_the_go_linker(machine) == self.loader_of_the_c_linker(machine, &libc);
        let for_form = if form_is_settled { self.because(&CgoUse::none(), &libc) } else { because.clone() };
        let mut needs = ElfNeeds {
            machine: Fact::new(machine, self.settings.architecture.from.clone()),
            interpreter: Fact::new(None, Provenance::derived(for_form.clone())),
            libraries: Vec::new(),
            complete: !used.may_have_c(),
            rpath: Vec::new(),
            runpath: Vec::new(),
            versions: Vec::new(),
            symbols: None,
            packed_relocations: false,
            linkage: Fact::new(Linkage::Static, Provenance::derived(for_form)),
            foreign_system: self.foreign_system(),
            minimum_kernel: None,
            cpu_level: self.settings.level.clone(),
            made_by: Some(self.maker()),
            traits: self.traits(),
            remedies: remedies::of(self, used),
        };
        match form {
            Form::Static => self.linked_statically(&mut needs, used, &libc, because),
            Form::LoaderOnly => {
                let loader = self.flags.link.interpreter.clone().or_else(|| self.loader_of_the_go_linker(machine));
                needs.interpreter.value = loader;
                needs.linkage.value = Linkage::Dynamic;
            }
            Form::Dynamic => {
                needs.linkage.value = Linkage::Dynamic;
                self.linked_dynamically(&mut needs, machine, used, &libc, &because);
            }
        }
        needs
    }

    fn form(&self, used: &CgoUse) -> Form {
        let external = used.links_externally(self);
        let zig_musl = matches!(&self.settings.compiler.target, CTarget::Libc { libc, zig: true } if libc.family == LibcFamily::Musl);
        let wants_static = self.external_flags() != ExternalFlags::Plain || zig_musl;
        if external && wants_static {
            Form::Static
        } else if external || used.any() {
            Form::Dynamic
        } else if self.flags.build_mode == "pie" {
            // A position-independent program names a loader even when nothing else is needed of it.
            Form::LoaderOnly
        } else {
            Form::Static
        }
    }

    /// What is asked of the C toolchain, in flags or in the environment.
    pub(super) fn external_flags(&self) -> ExternalFlags {
        match self.flags.link.external {
            ExternalFlags::Plain => self.settings.compiler.flags,
            flags => flags,
        }
    }

    /// Whether `-buildmode=pie` needs the C toolchain here (`InternalLinkPIESupported`).
    pub(super) fn pie_is_external(&self) -> bool {
        let internal = match self.settings.architecture.value.as_str() {
            "amd64" | "arm64" => self.settings.at_least(15),
            "ppc64le" => self.settings.at_least(16),
            "s390x" | "loong64" => self.settings.at_least(26),
            _ => false,
        };
        self.flags.build_mode == "pie" && !internal
    }

    /// Whether `runtime/cgo` is put into a program that links externally and uses no cgo.
    ///
    /// Go 1.19 and older read bare `-ldflags` too late for that (`all=…` was in time); 1.21 does not.
    pub(super) fn external_brings_cgo(&self) -> bool {
        let in_time = self.settings.at_least(20) || self.flags.link.for_all;
        // Go 1.15 put it into every position-independent program, 1.19 no longer; between, nothing was measured.
        let for_pie = self.flags.build_mode == "pie" && (self.pie_is_external() || !self.settings.at_least(19));
        self.settings.cgo.value && (in_time || for_pie)
    }

    fn linked_statically(
        &self,
        needs: &mut ElfNeeds,
        used: &CgoUse,
        libc: &Knowledge<Option<Libc>>,
        mut because: Vec<Step>,
    ) {
        if !used.links_externally(self) {
            return;
        }
        if family(libc) != Some(LibcFamily::Glibc) {
            return;
        }
        if self.may_be_broken(needs.machine.value, libc) && used.certainly_none() {
            let claim = text! {
                en: "no package of the program uses cgo, and a static glibc then takes the thread-local slot that Go writes to",
                ja: "プログラムのどのパッケージも cgo を使わないため、静的な glibc が Go の書き込むスレッドローカル領域を占有します",
            };
            because.push(self.settings.rule(claim, "measured with Go 1.15, 1.19 and 1.21"));
            needs.linkage = Fact::new(Linkage::StaticBroken, Provenance::derived(because));
            return;
        }
        if let Some(from) = used.name_service(self) {
            needs.traits.push(Fact::new(Trait::StaticNameService, from));
        }
    }

    /// Whether a static link without any use of cgo dies at once.
    fn may_be_broken(&self, machine: Machine, libc: &Knowledge<Option<Libc>>) -> bool {
        let intel = matches!(machine.architecture(), Some("amd64" | "386"));
        let glibc = family(libc) == Some(LibcFamily::Glibc);
        intel && glibc && self.external_flags() != ExternalFlags::Plain && !self.external_brings_cgo()
    }

    /// The loader that the C toolchain writes, whose choice `runtime/cgo` hands on to the Go linker.
    fn loader_of_the_c_linker(&self, machine: Machine, libc: &Knowledge<Option<Libc>>) -> Option<String> {
        match family(libc) {
            Some(LibcFamily::Musl) => libc::musl_loader(machine, false),
            _ => libc::glibc_loader(machine, false).map(str::to_owned),
        }
    }

    fn linked_dynamically(
        &self,
        needs: &mut ElfNeeds,
        machine: Machine,
        used: &CgoUse,
        libc: &Knowledge<Option<Libc>>,
        because: &[Step],
    ) {
        let from = Provenance::derived(because.to_vec());
        let loader = self.loader_of_the_c_linker(machine, libc);
        needs.interpreter.value = self.flags.link.interpreter.clone().or(loader);
        let libc = libc.value().cloned().flatten();
        let family = libc.as_ref().map_or(LibcFamily::Glibc, |libc| libc.family);
        let own = matches!(self.settings.compiler.target, CTarget::Libc { .. });
        let mut library = |name: String, from: &Provenance| {
            if !needs.libraries.iter().any(|known| known.value == name) {
                needs.libraries.push(Fact::new(name, from.clone()));
            }
        };
        let Some(libc) = libc else { return needs.complete = false };
        if family == LibcFamily::Musl {
            match libc::musl_name(machine).filter(|_| !own) {
                // Alpine names its libc by architecture, musl itself does not.
                Some(name) => library(format!("libc.musl-{name}.so.1"), &from),
                None => library("libc.so".into(), &from),
            }
        }
        let minor = libc::glibc_minor(&libc).filter(|_| family == LibcFamily::Glibc);
        if let Some(minor) = minor {
            if minor < 34 {
                if let Some(net) = used.net.as_ref().filter(|_| self.settings.at_least(20)) {
                    library("libresolv.so.2".into(), net);
                }
                if used.plugin {
                    library("libdl.so.2".into(), &from);
                }
                if used.any() || self.external_brings_cgo() {
                    library("libpthread.so.0".into(), &from);
                }
            }
            library("libc.so.6".into(), &from);
        }
        for (name, step) in &self.uses.libraries {
            match libc::soname(name, &libc).filter(|_| used.may_have_c()) {
                Some(soname) => library(soname.to_owned(), &Provenance::derived(vec![step.clone()])),
                None => needs.complete &= !used.may_have_c(),
            }
        }
        if let Some(minor) = minor {
            self.versions(needs, machine, minor, used, &from);
        }
    }

    fn versions(&self, needs: &mut ElfNeeds, machine: Machine, minor: u32, used: &CgoUse, from: &Provenance) {
        let need =
            |version: &str| VersionNeed { library: "libc.so.6".into(), version: version.to_owned(), weak: false };
        let floor = libc::floor(machine, minor);
        needs.versions.push(Fact::new(need(&floor), from.clone()));
        let newer = libc::ceiling(minor).filter(|ceiling| *ceiling != floor);
        if let Some((version, c)) = newer.zip(used.c.as_ref()) {
            let condition = text! {
                en: "the C code calls a function that glibc has renewed as {version}",
                ja: "C コードが、glibc で {version} として更新された関数を呼び出す",
                version: version,
            };
            let assumed = Provenance::assumed(condition.clone(), vec![Settler::Program(String::new())]);
            let because = vec![
                Step {
                    claim: text! { en: "C code is compiled in", ja: "C コードが組み込まれます" }, from: c.clone()
                },
                Step { claim: condition, from: assumed },
            ];
            needs.versions.push(Fact::new(need(version), Provenance::derived(because)));
        }
    }

    /// The loader that the Go linker writes by itself.
    ///
    /// From 1.20 on it looks on the building machine: glibc's, or musl's when only that exists (`elf.go`); before, the
    /// toolchain's own build decided, and the golang images were built on the libc they stand on.
    fn loader_of_the_go_linker(&self, machine: Machine) -> Option<String> {
        let glibc = libc::glibc_loader(machine, true)?;
        let musl = libc::musl_loader(machine, true)?;
        let builder = &self.invocation.builder;
        let native =
            Machine::of(builder.platform).is_some_and(|own| own.number == machine.number && own.bits == machine.bits);
        let there = |path: &str| matches!(builder.tree.lookup(path), Lookup::Found { .. });
        let on_musl = family(builder.libc) == Some(LibcFamily::Musl) && native;
        let glibc_is_there = there(glibc) && self.settings.at_least(20);
        Some(if on_musl && !glibc_is_there { musl } else { glibc.to_owned() })
    }

    fn foreign_system(&self) -> Option<Fact<String>> {
        let name = match self.settings.system.value.as_str() {
            "linux" | "android" => return None,
            "freebsd" => "FreeBSD",
            "netbsd" => "NetBSD",
            "openbsd" => "OpenBSD",
            "solaris" | "illumos" => "Solaris",
            other => other,
        };
        Some(Fact::new(name.to_owned(), self.settings.system.from.clone()))
    }

    /// The argument for how the program is linked, in the order in which things are decided.
    fn because(&self, used: &CgoUse, libc: &Knowledge<Option<Libc>>) -> Vec<Step> {
        let mut because = Vec::new();
        let image = self.invocation.builder.image;
        if let (Knowledge::Known(libc), true) = (libc, used.any() || used.links_externally(self)) {
            let name = match &libc.value {
                Some(Libc { family: LibcFamily::Glibc, version }) => format!("glibc {version}"),
                Some(Libc { family: LibcFamily::Musl, version }) => format!("musl {version}"),
                _ => String::new(),
            };
            let name = name.trim_end().to_owned();
            if !name.is_empty() {
                let compiler = &self.settings.compiler.name;
                because.push(libc.step(if self.settings.compiler.target == CTarget::Native {
                    text! { en: "`{image}` has {libc}", ja: "`{image}` の libc は {libc} です", image: image, libc: name }
                } else {
                    text! { en: "`{compiler}` links against {libc}", ja: "`{compiler}` は {libc} にリンクします", compiler: compiler, libc: name }
                }));
            }
        }
        let cgo = &self.settings.cgo;
        because.push(cgo.step(if cgo.value {
            text! { en: "cgo is on", ja: "cgo は有効です" }
        } else {
            text! { en: "cgo is off", ja: "cgo は無効です" }
        }));
        because.extend(used.because.iter().cloned());
        if self.flags.build_mode == "pie" {
            let claim = text! { en: "`-buildmode=pie` makes a program that a loader starts", ja: "`-buildmode=pie` はローダーが起動するプログラムを作ります" };
            because.push(Step { claim, from: Provenance::Read(self.invocation.at.clone()) });
        }
        if let Some(need) = &self.flags.open {
            let claim = text! {
                en: "the flags that are not known here change nothing about linking",
                ja: "ここで分からないフラグがリンク方法を変えない",
            };
            because.push(Step { claim: claim.clone(), from: Provenance::assumed(claim, need.settled_by.clone()) });
        }
        because
    }

    fn maker(&self) -> Fact<Maker> {
        let version = self.settings.version.as_ref();
        let from = version.map_or_else(|| Provenance::Read(self.invocation.at.clone()), |version| version.from.clone());
        let cgo = if self.settings.cgo.value { "1" } else { "0" };
        let maker = Maker {
            language: Language::Go,
            version: version.map(|version| version.value.to_string()).unwrap_or_default(),
            settings: vec![("CGO_ENABLED".into(), cgo.into())],
            modules: Vec::new(),
        };
        Fact::new(maker, from)
    }

    fn traits(&self) -> Vec<Fact<Trait>> {
        let uses = self.uses;
        let mut traits = Vec::new();
        let mut add = |which: Trait, step: Option<&Step>| {
            traits.extend(step.map(|step| Fact::new(which, Provenance::derived(vec![step.clone()]))));
        };
        add(Trait::UsesSystemCertificates, uses.tls_client.yes());
        add(Trait::EmbedsCertificates, uses.embeds_certificates.as_ref());
        add(Trait::UsesTimeZones, uses.time_zones.yes());
        add(Trait::EmbedsTimeZones, uses.embeds_time_zones.as_ref());
        if self.flags.tags.iter().any(|tag| tag == "timetzdata") {
            let claim = text! { en: "`-tags timetzdata` embeds time zones", ja: "`-tags timetzdata` によりタイムゾーンが埋め込まれます" };
            add(Trait::EmbedsTimeZones, Some(&Step { claim, from: Provenance::Read(self.invocation.at.clone()) }));
        }
        if let (Some((WithoutCgo::Stub, step)), false) = (&uses.needs_cgo, self.settings.cgo.value) {
            add(Trait::CgoStub, Some(step));
        }
        let connects = text! { en: "it opens TLS connections as a client", ja: "クライアントとして TLS 接続を行う" };
        traits.extend(perhaps(Trait::UsesSystemCertificates, &uses.tls_client, connects));
        traits
    }

    pub(super) fn has_tag(&self, tag: &str) -> bool {
        self.flags.tags.iter().any(|set| set == tag)
    }

    pub(super) fn mode(&self) -> LinkMode {
        self.flags.link.mode
    }

    /// Libraries beyond libc's own that C code names, which a static link needs as archives.
    pub(super) fn foreign_libraries(&self) -> impl Iterator<Item = &(String, Step)> {
        const OF_LIBC: [&str; 9] = ["c", "m", "dl", "pthread", "rt", "util", "resolv", "stdc++", "gcc"];
        self.uses.libraries.iter().filter(|(name, _)| !OF_LIBC.contains(&name.as_str()))
    }
}

/// What a program does under a condition, because no source tells whether it does.
fn perhaps(which: Trait, used: &Use, condition: Text) -> Option<Fact<Trait>> {
    let settled_by = vec![Settler::ProjectFolder, Settler::File("go.mod".into())];
    let from = match used {
        Use::Maybe(known) => Provenance::Assumed(Arc::clone(known)),
        Use::Unknown => Provenance::assumed(condition, settled_by),
        Use::Yes(_) | Use::No => return None,
    };
    Some(Fact::new(which, from))
}

fn family(libc: &Knowledge<Option<Libc>>) -> Option<LibcFamily> {
    libc.value().and_then(Option::as_ref).map(|libc| libc.family)
}

enum Form {
    Static,
    /// An interpreter and nothing else.
    LoaderOnly,
    Dynamic,
}

impl Link<'_> {
    /// Whether a use counts as certain.
    pub(super) fn provenance_of(used: &Use) -> Option<Provenance> {
        match used {
            Use::Yes(step) => Some(Provenance::derived(vec![step.clone()])),
            Use::Maybe(condition) => Some(Provenance::Assumed(Arc::clone(condition))),
            Use::Unknown | Use::No => None,
        }
    }
}
