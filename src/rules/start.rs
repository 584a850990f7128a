//! What the rules of kernel and loader ask of a launch, and say alike.

use crate::build::{Build, Stage};
use crate::diagnostic::{Diagnostic, Effect, Label};
use crate::dockerfile::{From, Kind};
use crate::fact::{Fact, Provenance, Step};
use crate::fix::{Aim, Edit, Fix};
use crate::image::{self, Image, LibcFamily, variants};
use crate::launch::{Found, Launch};
use crate::lists::{self, Collect};
use crate::loader::{self, Failure, Loading};
use crate::needs::{ElfNeeds, Foreign, Needs, ScriptNeeds};
use crate::rules::{Rule, lookup, mend, place};
use crate::source::{Location, Span};
use crate::text;
use crate::text::Text;

/// The ELF program that is executed.
#[must_use]
pub fn program<'l>(launch: &'l Launch<'_>) -> Option<(&'l Found, &'l ElfNeeds)> {
    let found = launch.found()?;
    match &found.needs {
        Needs::Elf(needs) => Some((found, needs)),
        _ => None,
    }
}

/// The script that is executed.
#[must_use]
pub fn script<'l>(launch: &'l Launch<'_>) -> Option<(&'l Found, &'l ScriptNeeds)> {
    let found = launch.found()?;
    match &found.needs {
        Needs::Script(needs) => Some((found, needs)),
        _ => None,
    }
}

/// The file that is executed and that Linux does not start.
#[must_use]
pub fn foreign<'l>(launch: &'l Launch<'_>) -> Option<(&'l Found, &'l Fact<Foreign>)> {
    let found = launch.found()?;
    match &found.needs {
        Needs::Foreign(what) => Some((found, what)),
        _ => None,
    }
}

/// The place to point at: where the program is made, else where it comes into the image, else what executes it.
///
/// That is the line to change; the one where the failure shows is a related place.
#[must_use]
pub fn place(launch: &Launch<'_>) -> Location {
    let executes = place::of(launch);
    let (Some(build), Some(found)) = (launch.build, launch.found()) else { return executes };
    let mut places = Vec::new();
    // A prediction rests on the command that builds; the entry may have been moved by others since.
    if let Needs::Elf(needs) = &found.needs {
        locations(&needs.machine.from, &mut places);
        locations(&needs.linkage.from, &mut places);
    }
    locations(&found.entry.from, &mut places);
    let of_kind = |wanted: fn(&Kind) -> bool| {
        let is_one =
            |at: &&&Location| place::instruction(build, at).is_some_and(|instruction| wanted(&instruction.kind));
        places.iter().find(is_one).map(|at| (*at).clone())
    };
    let made = of_kind(|kind| matches!(kind, Kind::Run(_)));
    let copied = || of_kind(|kind| matches!(kind, Kind::Copy(copy) | Kind::Add(copy) if copy.from.is_none()));
    let brought = || of_kind(|kind| matches!(kind, Kind::Copy(_) | Kind::Add(_)));
    made.or_else(copied).or_else(brought).unwrap_or(executes)
}

/// Every place in dropped files that something rests on, the last premise first.
#[must_use]
pub fn places(from: &Provenance) -> Vec<&Location> {
    let mut found = Vec::new();
    locations(from, &mut found);
    found
}

fn locations<'p>(from: &'p Provenance, into: &mut Vec<&'p Location>) {
    match from {
        Provenance::Read(at) => into.push(at),
        Provenance::Derived(inference) => {
            for step in inference.premises.iter().rev() {
                locations(&step.from, into);
            }
        }
        Provenance::InImage(_) | Provenance::Recorded(_) | Provenance::Assumed(_) | Provenance::Always => {}
    }
}

/// The finding of a rule, with what executes the program and what it starts in beside it.
#[must_use]
pub fn finding(rule: &'static Rule, launch: &Launch<'_>, message: Text) -> Diagnostic {
    let mut found = Diagnostic::new(rule.name, place(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let mut relate = |at: Option<Location>, text: Text| {
        if let Some(at) = at.filter(|at| *at != found.at && found.related.iter().all(|label| label.at != *at)) {
            found.related.push(Label { at, text });
        }
    };
    relate(launch.at.clone(), text! { en: "the program is executed here", ja: "プログラムはここで実行されます" });
    let stage = launch.build.zip(launch.stage).and_then(|(build, stage)| Some((build, build.stages.get(stage)?)));
    let base = stage.map(|(build, stage)| Location::new(&build.dockerfile.path, stage.span));
    relate(base, text! { en: "this is the image that it starts in", ja: "プログラムが起動するイメージです" });
    found
}

/// What kernel and loader make of the program.
#[must_use]
pub fn loading(launch: &Launch<'_>) -> Option<Loading> {
    let (found, needs) = program(launch)?;
    let variable = |name: &str| launch.environment.get(name)?.value().cloned();
    Some(loader::load(needs, &found.path, &launch.image.tree, launch.platform, &variable))
}

/// Why the program does not start, when it surely or perhaps does not.
#[must_use]
pub fn failure(launch: &Launch<'_>) -> Option<Failure> {
    match loading(launch)? {
        Loading::Fails(failure) => Some(*failure),
        Loading::Starts(_) | Loading::Unknown(_) => None,
    }
}

/// "`alpine:3.19` is Alpine 3.19 with musl 1.2.4".
#[must_use]
pub fn image_is(launch: &Launch<'_>) -> Option<Step> {
    let distribution = launch.image.distribution.as_ref()?;
    let image = &launch.image.reference;
    let name = &distribution.value.name;
    let claim = match libc(launch.image) {
        Some(libc) => text! {
            en: "`{image}` is {name} with {libc}",
            ja: "`{image}` は {name} で、C ライブラリは {libc} です",
            image: image, name: name, libc: libc,
        },
        None => text! { en: "`{image}` is {name}", ja: "`{image}` は {name} です", image: image, name: name },
    };
    Some(Step { claim, from: distribution.from.clone() })
}

/// `musl 1.2.4`
fn libc(image: &Image) -> Option<String> {
    let libc = image.libc.value()?.as_ref()?;
    let family = match libc.family {
        LibcFamily::Glibc => "glibc",
        LibcFamily::Musl => "musl",
        LibcFamily::Uclibc => "uClibc",
        LibcFamily::Bionic => "bionic",
    };
    Some(format!("{family} {}", libc.version).trim_end().to_owned())
}

/// Whether the image's own C library is of a family.
#[must_use]
pub fn has_libc(launch: &Launch<'_>, family: LibcFamily) -> bool {
    launch.image.libc.value().and_then(Option::as_ref).is_some_and(|libc| libc.family == family)
}

/// That something is not in the image.
#[must_use]
pub fn lacks(launch: &Launch<'_>, path: &str) -> Step {
    let image = &launch.image.reference;
    let claim =
        text! { en: "`{image}` has no `{path}`", ja: "`{image}` に `{path}` はありません", image: image, path: path };
    Step { claim, from: lookup::absence(launch) }
}

/// What the toolchain that makes the program offers, the wanted ones in their order.
#[must_use]
pub fn remedies(needs: &ElfNeeds, aims: &[Aim]) -> Vec<Fix> {
    let of = |aim: &Aim| {
        let aim = *aim;
        needs.remedies.iter().filter(move |remedy| remedy.aim == aim).map(|remedy| remedy.fix.clone())
    };
    aims.iter().flat_map(of).collect_vec()
}

/// Those that can be applied come first.
pub fn applicable_first(fixes: &mut [Fix]) {
    lists::sort_by_key(fixes, |fix| fix.edits.is_empty());
}

/// Gives an assignment another value where it is written: `GOARCH=arm64` in a RUN or an ENV.
#[must_use]
pub fn reword(launch: &Launch<'_>, from: &Provenance, name: &str, value: &str) -> Option<Edit> {
    let dockerfile = &launch.build?.dockerfile;
    places(from).into_iter().filter(|at| at.path == dockerfile.path).find_map(|at| {
        let text = at.span.of(&dockerfile.text);
        let start = text.find(&format!("{name}="))? + name.len() + 1;
        let length = text[start..].find([' ', '\t', '\n', '"', '\'', ';', '&']).unwrap_or(text.len() - start);
        let written = &text[start..start + length];
        let base = at.span.start as usize + start;
        let plain = !written.is_empty() && !written.contains('$');
        plain.then(|| mend::replace(dockerfile, Span::new(base, base + length), value))
    })
}

/// Advice for a program whose build was not dropped: nothing to edit, but something to do.
#[must_use]
pub fn advice(title: Text, tradeoff: Text) -> Fix {
    Fix { title, tradeoff, edits: Vec::new() }
}

/// Starts from the distribution that the program was built on, where the final stage only copies and configures.
///
/// A stage that runs commands may install packages by another distribution's manager, so it is left alone.
#[must_use]
pub fn same_base(launch: &Launch<'_>) -> Option<Fix> {
    let build = launch.build?;
    let target = build.stages.get(launch.stage?)?;
    let builder = builder(launch)?;
    let reference = variants::same_release_runtime(&builder.base_image.reference)?;
    if target.parent.is_some() {
        return None;
    }
    let from = from_of(build, target)?;
    let there = image::resolve(&reference, launch.platform);
    let mut edits = vec![mend::replace(&build.dockerfile, from.image.span, reference.clone())];
    if mend::Manager::of(&target.base_image) != mend::Manager::of(&there) {
        edits.extend(mend::other_manager(build, target, mend::Manager::of(&there)?)?);
    }
    Some(Fix {
        title: text! {
            en: "start from `{reference}`, on which the program is built",
            ja: "プログラムのビルド環境と同じ `{reference}` を土台にする",
            reference: &reference,
        },
        tradeoff: text! {
            en: "the image grows by the size of `{reference}`",
            ja: "イメージが `{reference}` の分だけ大きくなります",
            reference: &reference,
        },
        edits,
    })
}

/// Builds on the release that the program runs on.
#[must_use]
pub fn build_on_target(launch: &Launch<'_>) -> Option<Fix> {
    let build = launch.build?;
    let builder = builder(launch)?;
    let release = &launch.image.distribution.as_ref()?.value;
    let on = &builder.base_image.reference;
    let alpine = || variants::alpine_variant(on).filter(|_| release.id == "alpine");
    let reference = variants::builder_on(on, release).or_else(alpine)?;
    // What was installed by one distribution's manager cannot be by another's.
    let there = builder.image.distribution.as_ref()?;
    let installs = !builder.image.packages.is_empty();
    if builder.parent.is_some() || installs && mend::Manager::of(&builder.image) != mend::Manager::of(launch.image) {
        return None;
    }
    let from = from_of(build, builder)?;
    if reference == from.image.value || there.value == *release {
        return None;
    }
    Some(Fix {
        title: text! { en: "build on `{reference}`", ja: "`{reference}` でビルドする", reference: &reference },
        tradeoff: text! {
            en: "packages with C inside need a compiler there, and other things may differ too",
            ja: "C を含むパッケージにはそこでもコンパイラーが必要で、ほかの違いが影響することもあります",
        },
        edits: vec![mend::replace(&build.dockerfile, from.image.span, reference)],
    })
}

/// The stage that made the program: the one that its place is in, else the last one before.
#[must_use]
pub fn builder<'b>(launch: &Launch<'b>) -> Option<&'b Stage> {
    let build = launch.build?;
    let target = launch.stage?;
    let at = place(launch);
    let around =
        build.stages.iter().rev().find(|stage| at.path == build.dockerfile.path && stage.span.start <= at.span.start);
    let used = || build.stages.iter().rev().find(|stage| stage.used && stage.index != target);
    around.filter(|stage| stage.index != target).or_else(used)
}

fn from_of<'b>(build: &'b Build, stage: &'b Stage) -> Option<&'b From> {
    match &mend::instructions(build, stage).next()?.kind {
        Kind::From(from) => Some(from),
        _ => None,
    }
}

/// Where the text of a script stands in a dropped file, when it stands there as it is.
#[must_use]
pub fn script_place(launch: &Launch<'_>, script: &ScriptNeeds) -> Option<Location> {
    let at = script.shebang.from.location()?;
    let start = at.span.start as usize;
    let whole = Location::new(&at.path, Span::new(start, start + script.text.as_ref()?.len()));
    match launch.build {
        Some(build) if build.dockerfile.path == at.path => {
            (Some(whole.span.of(&build.dockerfile.text)) == script.text.as_deref()).then_some(whole)
        }
        _ => Some(whole),
    }
}

/// That a program asks for something: its own fact, in words.
#[must_use]
pub fn step(claim: Text, from: &Provenance) -> Step {
    Step { claim, from: from.clone() }
}
