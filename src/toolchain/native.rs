//! What a native linker makes of a program, for every toolchain that links through the system's C toolchain.

use super::libc;
use super::{Invocation, Outcome, Place, Product, libraries::Suggested};
use crate::fact::{Fact, Knowledge, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::lists::Collect;
use crate::needs::{ElfNeeds, Language, Linkage, Machine, Maker, Needs, Trait, VersionNeed};
use crate::text;
use crate::text::Text;

/// A program to be linked, in the terms of its toolchain.
pub(super) struct Program {
    pub(super) machine: Fact<Machine>,
    /// The C library that it is linked against.
    pub(super) libc: Knowledge<Option<Libc>>,
    /// musl as Alpine names it (`libc.musl-x86_64.so.1`), or as upstream does (`libc.so`).
    pub(super) alpine: bool,
    pub(super) linkage: Linkage,
    /// Why it is linked that way, beyond the libc.
    pub(super) because: Vec<Step>,
    /// Libraries that every program of the toolchain asks for: `libgcc_s.so.1`.
    pub(super) libraries: Vec<String>,
    /// Libraries that this program may ask for.
    pub(super) suggested: Vec<Suggested>,
    /// Newer versions of other libraries: (`libstdc++.so.6`, `GLIBCXX_3.4.30`).
    pub(super) versions: Vec<Fact<VersionNeed>>,
    pub(super) maker: Maker,
    pub(super) traits: Vec<Fact<Trait>>,
    /// It carries a runtime as it was published.
    pub(super) published: bool,
}

impl Program {
    /// A program for the builder's own machine and libc; `None` where Docker has no such machine.
    pub(super) fn native(
        invocation: &Invocation<'_>,
        language: Language,
        linkage: Linkage,
        because: Vec<Step>,
    ) -> Option<Self> {
        let builder = &invocation.builder;
        let here = Provenance::Read(invocation.at.clone());
        let tool = builder.tools.iter().rev().find(|tool| tool.value.language == language);
        Some(Self {
            machine: Fact::new(Machine::of(builder.platform)?, here),
            libc: builder.libc.clone(),
            alpine: builder.distribution.is_some_and(|distribution| distribution.value.id == "alpine"),
            linkage,
            because,
            libraries: Vec::new(),
            suggested: Vec::new(),
            versions: Vec::new(),
            maker: Maker {
                language,
                version: tool.map(|tool| tool.value.version.clone()).unwrap_or_default(),
                settings: Vec::new(),
                modules: Vec::new(),
            },
            traits: Vec::new(),
            published: false,
        })
    }

    /// A runtime that is copied into the program as it was published, so that the builder's libc leaves no trace.
    pub(super) fn prebuilt(mut self, family: LibcFamily, invocation: &Invocation<'_>) -> Self {
        let libc = Libc { family, version: String::new() };
        self.libc = Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into();
        self.alpine = true;
        self.published = true;
        self
    }

    /// The program at the place where the command writes it.
    pub(super) fn at(self, place: Option<Place>, invocation: &Invocation<'_>) -> Outcome {
        let products = place.map(|place| Product { place, needs: self.needs(invocation), mode: 0o755 });
        Outcome { products: products.into_iter().collect_vec(), ..Outcome::default() }
    }

    /// What the program asks for at its start.
    pub(super) fn needs(self, invocation: &Invocation<'_>) -> Needs {
        let machine = self.machine.value;
        let is_static = self.linkage != Linkage::Dynamic;
        let because = Provenance::derived(self.argument(invocation));
        let libc = match &self.libc {
            Knowledge::Known(libc) => libc.value.clone(),
            Knowledge::Unknown(need) if !is_static => return Needs::Unknown(need.clone()),
            Knowledge::Unknown(_) => None,
        };
        let mut needs = ElfNeeds {
            machine: self.machine,
            interpreter: Fact::new(None, because.clone()),
            libraries: Vec::new(),
            complete: is_static,
            rpath: Vec::new(),
            runpath: Vec::new(),
            versions: Vec::new(),
            symbols: None,
            packed_relocations: false,
            linkage: Fact::new(self.linkage, because.clone()),
            foreign_system: None,
            minimum_kernel: None,
            cpu_level: None,
            made_by: Some(Fact::new(self.maker, Provenance::Read(invocation.at.clone()))),
            traits: self.traits,
            remedies: Vec::new(),
        };
        let Some(libc) = libc.filter(|_| !is_static) else { return Needs::Elf(Box::new(needs)) };
        let mut libraries: Vec<Fact<String>> =
            self.libraries.into_iter().map(|name| Fact::new(name, because.clone())).collect_vec();
        match libc.family {
            LibcFamily::Musl => {
                needs.interpreter.value = libc::musl_loader(machine, false);
                let name = libc::musl_name(machine).filter(|_| self.alpine);
                let name = name.map_or_else(|| "libc.so".to_owned(), |name| format!("libc.musl-{name}.so.1"));
                libraries.push(Fact::new(name, because));
            }
            _ => {
                needs.interpreter.value = libc::glibc_loader(machine, false).map(str::to_owned);
                libraries.push(Fact::new("libc.so.6".into(), because.clone()));
                needs.versions = glibc_versions(machine, &libc, &because);
            }
        }
        libraries.extend(self.suggested);
        needs.libraries = libraries;
        needs.versions.extend(self.versions);
        Needs::Elf(Box::new(needs))
    }

    fn argument(&self, invocation: &Invocation<'_>) -> Vec<Step> {
        let mut because = Vec::new();
        // A runtime that was published asks for its own libc, whatever the image has.
        let own = match &self.libc {
            Knowledge::Known(libc) if !self.published => Some(libc),
            _ => None,
        };
        because.extend(own.and_then(|libc| image_has(invocation, libc)));
        because.extend(self.because.iter().cloned());
        because
    }
}

/// Which libc the image of a build has.
pub(super) fn image_has(invocation: &Invocation<'_>, libc: &Fact<Option<Libc>>) -> Option<Step> {
    let name = libc.value.as_ref().and_then(libc::display)?;
    let image = invocation.builder.image;
    let claim = text! { en: "`{image}` has {libc}", ja: "`{image}` の libc は {libc} です", image: image, libc: name };
    Some(libc.step(claim))
}

/// Why a program is linked as it is: the command asks for a static link, or does not.
pub(super) fn because(invocation: &Invocation<'_>, linkage: Linkage) -> Vec<Step> {
    let claim = match linkage {
        Linkage::Dynamic => text! { en: "nothing asks for a static link", ja: "静的リンクは指定されていません" },
        _ => text! { en: "the command asks for a static link", ja: "コマンドは静的リンクを指定しています" },
    };
    vec![Step { claim, from: Provenance::Read(invocation.at.clone()) }]
}

/// The versions of glibc that a program asks for: those of the startup files for sure, newer ones if its code calls
/// what was renewed since.
fn glibc_versions(machine: Machine, libc: &Libc, from: &Provenance) -> Vec<Fact<VersionNeed>> {
    let need = |version: String| VersionNeed { library: "libc.so.6".into(), version, weak: false };
    let Some(minor) = libc::glibc_minor(libc) else { return Vec::new() };
    let floor = libc::floor(machine, minor);
    let mut versions = vec![Fact::new(need(floor.clone()), from.clone())];
    if let Some(version) = libc::ceiling(minor).filter(|ceiling| *ceiling != floor) {
        let condition = text! {
            en: "the program calls a function that glibc has renewed as {version}",
            ja: "プログラムが、glibc で {version} として更新された関数を呼び出す",
            version: version,
        };
        let assumed = Provenance::assumed(condition.clone(), vec![Settler::Program(String::new())]);
        let because =
            vec![Step { claim: linked_claim(libc), from: from.clone() }, Step { claim: condition, from: assumed }];
        versions.push(Fact::new(need(version.to_owned()), Provenance::derived(because)));
    }
    versions
}

fn linked_claim(libc: &Libc) -> Text {
    text! {
        en: "the program is linked against glibc {version}",
        ja: "プログラムは glibc {version} にリンクされます",
        version: &libc.version,
    }
}
