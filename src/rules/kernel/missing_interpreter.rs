//! # The loader is not in the image
//!
//! The program is there, but the loader that it names is not, and the engine says that a file does not exist.
//!
//! ## What happens
//!
//! ```text
//! exec /app: no such file or directory
//! standard_init_linux.go:228: exec user process caused: no such file or directory
//! exec container process (missing dynamic library?) `/app`: No such file or directory
//! /bin/sh: /app: not found
//! ```
//!
//! ## Why
//!
//! A dynamically linked program carries the path of a loader (its ELF interpreter), and the kernel opens that file before anything else.
//! A program built on Debian, Ubuntu or Fedora names glibc's, `/lib64/ld-linux-x86-64.so.2`; one built on Alpine names musl's, `/lib/ld-musl-x86_64.so.1`.
//! An image of the other kind, `scratch` and distroless `static` have no such file, so `execve` answers "no such file or directory" — about the loader, not about the program.
//!
//! Go programs are static until a package uses cgo (`net`, `os/user`, or any `import "C"`) while a C compiler is there.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM golang:1.22
//! WORKDIR /src
//! COPY . .
//! RUN go build -buildmode=pie -o /app .
//!
//! FROM alpine:3.19
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//!
//! FROM alpine:3.19
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Link statically: `CGO_ENABLED=0` for Go, the `x86_64-unknown-linux-musl` target for Rust, `-static` for C. Go then resolves names and users by itself, and packages that are C inside do not work.
//! 2. Build on the distribution that you run on: `golang:1.22-alpine` for `alpine`.
//! 3. Run on the distribution that you build on: `debian:bookworm-slim`, or distroless `base` and `cc`. The image is larger.
//!
//! Adding `gcompat`, or a link from glibc's loader to musl's, helps some programs and breaks others later: musl does not have all of glibc's functions.
//!
//! ## When this is wrong
//!
//! When a volume that is mounted at run time brings the loader along.
//!
//! ## References
//!
//! - Linux, `fs/binfmt_elf.c` (`load_elf_binary`)
//! - ld.so(8)
//! - Go, `cmd/cgo` and `net` on when cgo is used

use crate::fact::Step;
use crate::fix::{Aim, Fix};
use crate::image::LibcFamily;
use crate::launch::Launch;
use crate::loader::{Failure, Loading, Unusable};
use crate::needs::{ElfNeeds, Language, Trait};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, start};
use crate::text;
use crate::text::{Template, Text};
use crate::tree::{Entry, Lookup, Node};

pub(super) static RULE: Rule = Rule {
    name: "missing-interpreter",
    moment: Moment::Kernel,
    summary: Template {
        en: "the loader that the program names (its ELF interpreter) is not in the image",
        ja: "プログラムが指定するローダー（ELF インタープリター）がイメージにありません",
    },
    symptoms: &[
        Symptom { pattern: "exec {}: no such file or directory", speaker: "runc" },
        Symptom {
            pattern: "standard_init_linux.go:{}: exec user process caused: no such file or directory",
            speaker: "runc",
        },
        Symptom {
            pattern: "standard_init_linux.go:{}: exec user process caused \"no such file or directory\"",
            speaker: "runc",
        },
        Symptom {
            pattern: "exec container process (missing dynamic library?) `{}`: No such file or directory",
            speaker: "crun",
        },
        Symptom { pattern: "cannot execute: required file not found", speaker: "bash" },
        Symptom { pattern: "sh: {}: not found", speaker: "busybox" },
        Symptom { pattern: "sh: {}: {}: not found", speaker: "dash" },
        Symptom { pattern: "exec: line {}: {}: not found", speaker: "busybox" },
        Symptom { pattern: "fork/exec {}: no such file or directory", speaker: "Go" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((program, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    let Some(interpreter) = &needs.interpreter.value else { return Outcome::Inapplicable };
    let (absent, why) = match start::loading(launch) {
        Some(Loading::Fails(failure)) => match *failure {
            Failure::MissingInterpreter { absent, .. } => (absent, None),
            Failure::UnusableInterpreter { path, why, .. } => (path, Some(why)),
            _ => return pass(launch, needs, interpreter),
        },
        Some(Loading::Unknown(need)) => {
            return match launch.image.tree.lookup(interpreter) {
                Lookup::Unknown(_) => Outcome::Unknown(need),
                _ => Outcome::Pass(Vec::new()),
            };
        }
        _ => return pass(launch, needs, interpreter),
    };
    let image = &launch.image.reference;
    let message = match why {
        None => text! {
            en: "`{program}` needs the loader `{loader}`, which `{image}` does not have",
            ja: "`{program}` に必要なローダー `{loader}` が `{image}` にありません",
            program: &program.path, loader: interpreter, image: image,
        },
        Some(why) => unusable(why, interpreter),
    };
    let mut found = start::finding(&RULE, launch, message);
    found.evidence.push(asks(program.path.as_str(), needs, interpreter));
    found.evidence.extend(start::image_is(launch));
    if why.is_none() {
        // That `/lib` is a link to `/usr/lib` explains nothing; that the loader itself is one does.
        let is_link = matches!(launch.image.tree.entry(interpreter), Some(Entry { node: Node::Link(_), .. }));
        if is_link && *absent != **interpreter {
            let claim = text! {
                en: "a link on the way leads to `{absent}`",
                ja: "途中のリンクは `{absent}` を指しています",
                absent: &absent,
            };
            found.evidence.push(Step { claim, from: lookup::link(launch, interpreter) });
        }
        found.evidence.push(start::lacks(launch, if is_link { &absent } else { interpreter }));
    }
    // The unpacker of a packed program ends without a word.
    let packed = needs.traits.iter().any(|one| one.value == Trait::Packed);
    if !packed {
        found.runtime_messages = terminal::messages(launch, Failing::InterpreterMissing);
    }
    found.fixes = fixes(launch, needs);
    Outcome::Fail(Box::new(found))
}

fn asks(program: &str, needs: &ElfNeeds, interpreter: &str) -> Step {
    let claim = text! {
        en: "`{program}` asks for the loader `{loader}`",
        ja: "`{program}` はローダー `{loader}` を必要とします",
        program: program, loader: interpreter,
    };
    start::step(claim, &needs.interpreter.from)
}

fn pass(launch: &Launch<'_>, needs: &ElfNeeds, interpreter: &str) -> Outcome {
    let claim = text! {
        en: "`{image}` has the loader `{loader}`",
        ja: "`{image}` にはローダー `{loader}` があります",
        image: &launch.image.reference, loader: interpreter,
    };
    let steps = vec![asks(launch.name(), needs, interpreter), Step { claim, from: lookup::link(launch, interpreter) }];
    Outcome::Pass(steps)
}

fn unusable(why: Unusable, interpreter: &str) -> Text {
    match why {
        Unusable::Directory => text! {
            en: "the loader `{loader}` is a directory in this image",
            ja: "このイメージではローダー `{loader}` がディレクトリです",
            loader: interpreter,
        },
        Unusable::NotExecutable => text! {
            en: "the loader `{loader}` has no execute bit in this image",
            ja: "このイメージのローダー `{loader}` には実行権限がありません",
            loader: interpreter,
        },
        Unusable::OtherMachine => text! {
            en: "the loader `{loader}` of this image is for another machine",
            ja: "このイメージのローダー `{loader}` は別のアーキテクチャー用です",
            loader: interpreter,
        },
    }
}

fn fixes(launch: &Launch<'_>, needs: &ElfNeeds) -> Vec<Fix> {
    let own = if start::has_libc(launch, LibcFamily::Musl) { Aim::Musl } else { Aim::Glibc };
    let mut fixes = start::remedies(needs, &[Aim::Static, own]);
    fixes.extend(start::build_on_target(launch));
    if needs.interpreter.value.as_deref().is_some_and(|path| path.contains("ld-linux") || path.contains("ld64")) {
        fixes.extend(start::same_base(launch));
    }
    if fixes.is_empty() {
        fixes.extend(link_statically(needs));
    }
    start::applicable_first(&mut fixes);
    fixes
}

/// What to change in a build that was not dropped.
fn link_statically(needs: &ElfNeeds) -> Option<Fix> {
    let language = needs.made_by.as_ref()?.value.language;
    Some(match language {
        Language::Go => start::advice(
            text! { en: "build it with `CGO_ENABLED=0`", ja: "`CGO_ENABLED=0` を付けてビルドする" },
            text! {
                en: "Go resolves names and users by itself, and packages that are C inside do not work",
                ja: "名前解決とユーザー情報の取得は Go 自身が行うようになり、C を使うパッケージは動きません",
            },
        ),
        Language::Rust => start::advice(
            text! {
                en: "build it for `x86_64-unknown-linux-musl` (or the musl target of its architecture)",
                ja: "`x86_64-unknown-linux-musl`（またはそのアーキテクチャーの musl ターゲット）向けにビルドする",
            },
            text! {
                en: "crates with C inside need a C compiler for musl, and musl's allocator is slower",
                ja: "C を含むクレートには musl 用の C コンパイラーが必要で、musl のメモリ確保は遅めです",
            },
        ),
        Language::C | Language::Cxx | Language::Zig => start::advice(
            text! { en: "link it with `-static`", ja: "`-static` を付けてリンクする" },
            text! {
                en: "every library must be there as a static archive, and glibc's name service still wants its modules",
                ja: "すべてのライブラリに静的版が必要で、glibc の名前解決は実行時にモジュールを必要とします",
            },
        ),
        Language::DotNet => start::advice(
            text! { en: "publish it with `-r linux-musl-x64` for Alpine", ja: "Alpine 用に `-r linux-musl-x64` で publish する" },
            text! { en: "the program then starts on musl only", ja: "その場合、musl のイメージでしか起動しません" },
        ),
        _ => return None,
    })
}
