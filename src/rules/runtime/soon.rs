//! What the rules about the time soon after the start have in common.

use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Fact, Step};
use crate::image::Image;
use crate::launch::{Launch, Purpose};
use crate::needs::{ElfNeeds, Language, Needs, Trait};
use crate::rules::{lookup, place};
use crate::source::Location;
use crate::text::Text;
use crate::tree::Lookup;

/// The program of a start that reaches this moment.
pub(super) fn program<'l>(launch: &'l Launch<'_>) -> Option<&'l ElfNeeds> {
    match &launch.found()?.needs {
        Needs::Elf(elf) if launch.purpose == Purpose::Start => Some(elf),
        _ => None,
    }
}

/// What a program does, where it is known.
pub(super) fn does(elf: &ElfNeeds, what: Trait) -> Option<&Fact<Trait>> {
    elf.traits.iter().find(|fact| fact.value == what)
}

/// Whether a package was installed by name: what it brings is there, whether or not the catalog lists it.
pub(super) fn installs(image: &Image, package: &str) -> bool {
    image.packages.iter().any(|installed| installed.value == package)
}

/// Whether an image surely lacks the first of some places, and has none of the others as far as anybody knows.
///
/// The first is where every distribution in use has it; the others are customs of a few.
pub(super) fn has_none(image: &Image, paths: &[&str]) -> bool {
    let lookup = |path: &&str| image.tree.lookup(path);
    matches!(paths.first().map(lookup), Some(Lookup::Missing { .. }))
        && !paths.iter().any(|path| matches!(lookup(path), Lookup::Found { .. }))
}

/// The FROM of the image that lacks something, which is the line to change; the program's place without a Dockerfile.
pub(super) fn base(launch: &Launch<'_>) -> Location {
    let stage = launch.build.zip(launch.stage).and_then(|(build, stage)| Some((build, build.stages.get(stage)?)));
    stage.map_or_else(|| place::of(launch), |(build, stage)| Location::new(&build.dockerfile.path, stage.span))
}

/// A warning: it starts, and fails later.
pub(super) fn warning(rule: &'static str, launch: &Launch<'_>, message: Text, steps: Vec<Step>) -> Diagnostic {
    let mut found = Diagnostic::new(rule, place::of(launch), Effect::FailsLater, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.extend(steps);
    found
}

/// What comes of a finding: where no source tells what a Go program does, it is no more than worth knowing.
pub(super) fn effect(found: &Diagnostic, elf: &ElfNeeds) -> Effect {
    let is_go = elf.made_by.as_ref().is_some_and(|maker| maker.value.language == Language::Go);
    if is_go && !found.is_certain() { Effect::Note } else { Effect::FailsLater }
}
