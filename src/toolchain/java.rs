//! Java: `jlink` and `native-image`, whose products are native programs; class files run anywhere.
//!
//! A jlink image copies the native launcher and libraries of the JDK that makes it, and so its libc.

use super::arguments::{Arguments, absolute, below, place, program};
use super::native::{Program, because, image_has};
use super::{Invocation, Outcome, Place, Toolchain, Word};
use crate::fact::{Fact, Provenance, Step};
use crate::image::{Libc, LibcFamily};
use crate::needs::{Language, Linkage, Needs};
use crate::text;
use crate::tree::{Content, Lookup, Node, normalize};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Java, recognise, run };

fn recognise(words: &[Word]) -> bool {
    matches!(program(words).as_str(), "jlink" | "native-image")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    if program(invocation.words) == "jlink" {
        link(invocation, &arguments)
    } else {
        native_image(invocation, &arguments)
    }
}

fn link(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Outcome {
    let output = arguments.value(&["--output"]).and_then(|word| absolute(invocation, &word));
    let Some(output) = output else { return Outcome::default() };
    let claim = text! {
        en: "`jlink` copies the launcher of the JDK in `{image}`",
        ja: "`jlink` は `{image}` の JDK のランチャーをコピーします",
        image: invocation.builder.image,
    };
    let because = vec![Step { claim, from: Provenance::Read(invocation.at.clone()) }];
    let Some(mut program) = Program::native(invocation, Language::Java, Linkage::Dynamic, because) else {
        return Outcome::default();
    };
    // A JDK is published against an old glibc, so the builder's version leaves no trace.
    let libc = program.libc.value().cloned().flatten();
    if beside_musl(invocation) {
        program = program.prebuilt(LibcFamily::Glibc, invocation);
    } else if let Some(Libc { family: LibcFamily::Glibc, .. }) = libc {
        let image = invocation.builder.libc.known().and_then(|libc| image_has(invocation, libc));
        program.because.splice(..0, image);
        program = program.prebuilt(LibcFamily::Glibc, invocation);
    }
    program.at(Some(Place::File(format!("{output}/bin/java"))), invocation)
}

/// Whether the image's JDK asks for glibc on an image whose own C library is musl: some images bring both.
fn beside_musl(invocation: &Invocation<'_>) -> bool {
    let builder = &invocation.builder;
    let is_musl = matches!(builder.libc.value(), Some(Some(Libc { family: LibcFamily::Musl, .. })));
    let path = invocation.environment.get("PATH").and_then(|path| path.value().cloned()).unwrap_or_default();
    let java = path.split(':').find_map(|directory| match builder.tree.lookup(&normalize(directory, "java")) {
        Lookup::Found { entry, .. } => Some(entry),
        _ => None,
    });
    let asks_for_glibc = java.is_some_and(|entry| match &entry.node {
        Node::File(Content::Program(needs)) => match &**needs {
            Needs::Elf(elf) => elf.interpreter.value.as_deref().is_some_and(|loader| !loader.contains("ld-musl")),
            _ => false,
        },
        _ => false,
    });
    is_musl && asks_for_glibc
}

fn native_image(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Outcome {
    let musl = arguments.has(&["--libc=musl"]);
    let statically = musl || arguments.has(&["--static"]);
    let linkage = if statically { Linkage::Static } else { Linkage::Dynamic };
    let Some(mut program) = Program::native(invocation, Language::GraalNative, linkage, because(invocation, linkage))
    else {
        return Outcome::default();
    };
    if musl {
        let libc = Libc { family: LibcFamily::Musl, version: String::new() };
        program.libc = Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into();
    }
    if !statically && !arguments.mentions("StaticExecutableWithDynamicLibC") && !arguments.has(&["--static-nolibc"]) {
        program.libraries = vec!["libz.so.1".into()];
    }
    let place = match arguments.value(&["-o"]).or_else(|| arguments.value(&["-H:Name"])) {
        Some(output) => place(invocation, &output),
        None => below(invocation, "", None),
    };
    program.at(place, invocation)
}
