//! Zig: `zig build` and `zig build-exe`, to the programs they write; `zig cc` is C's.
//!
//! Without a C library a Zig program is static; with one it is what `-target` says, else the builder's.

use super::arguments::{Arguments, below, place, program};
use super::native::Program;
use super::{Invocation, Outcome, Toolchain, Word};
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::needs::{Language, Linkage};
use crate::text;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Zig, recognise, run };

fn recognise(words: &[Word]) -> bool {
    let subcommand = || Arguments::of(words).subcommand().map(|(subcommand, _)| subcommand);
    program(words) == "zig" && matches!(subcommand().as_deref(), Some("build" | "build-exe"))
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some((subcommand, rest)) = arguments.subcommand() else { return Outcome::default() };
    let target = rest.value(&["-target", "-Dtarget"]).and_then(|word| word.known().map(|text| text.into_owned()));
    let here = || Provenance::Read(invocation.at.clone());
    let links_libc = rest.has(&["-lc", "-lc++"]) || target.as_deref().is_some_and(|target| target.contains("-gnu"));
    let musl = target.as_deref().is_some_and(|target| target.contains("musl"));
    let (linkage, claim, from) = if musl || (subcommand == "build-exe" && !links_libc) {
        let claim = text! {
            en: "a Zig program without a shared C library is static",
            ja: "共有の C ライブラリを使わない Zig プログラムは静的です",
        };
        (Linkage::Static, claim, here())
    } else {
        let claim = text! { en: "the program links the C library", ja: "プログラムが C ライブラリをリンクする" };
        let settled_by = vec![Settler::File("build.zig".into()), Settler::Program(String::new())];
        let from = if links_libc { here() } else { Provenance::assumed(claim.clone(), settled_by) };
        (Linkage::Dynamic, claim, from)
    };
    let Some(mut program) = Program::native(invocation, Language::Zig, linkage, vec![Step { claim, from }]) else {
        return Outcome::default();
    };
    if let Some((_, version)) = target.as_deref().and_then(|target| target.split_once("-gnu.")) {
        let libc = Libc { family: LibcFamily::Glibc, version: version.to_owned() };
        program.libc = Fact::new(Some(libc), here()).into();
    }
    let place = match (subcommand.as_str(), rest.value(&["-femit-bin", "--prefix", "-p"])) {
        ("build", Some(prefix)) => below(invocation, &format!("{}/bin", prefix.pattern()), None),
        ("build", None) => below(invocation, "zig-out/bin", None),
        (_, Some(output)) => place(invocation, &output),
        (_, None) => {
            let name = rest.value(&["--name"]).or_else(|| {
                let source = rest.operands(&["-target", "-O", "--name", "-mcpu"]).first()?.known()?.into_owned();
                Some(Word::new(source.rsplit('/').next()?.strip_suffix(".zig")?))
            });
            name.and_then(|name| place(invocation, &name))
        }
    };
    program.at(place, invocation)
}
