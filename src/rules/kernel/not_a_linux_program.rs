//! # The file is no Linux program
//!
//! What the container starts is a program for another system, a library, an archive, or no program at all.
//!
//! ## What happens
//!
//! ```text
//! exec /app: exec format error
//! standard_init_linux.go:228: exec user process caused: exec format error
//! exec container process `/app`: Exec format error
//! ```
//!
//! A FreeBSD program is executed all the same, and crashes at its first system call.
//! A truncated program is killed, or its loader is looked for first.
//!
//! ## Why
//!
//! The kernel knows ELF files and scripts.
//! A program that was built on macOS or Windows without `GOOS=linux`, a `.jar`, a WebAssembly module, an object file or an empty file is neither.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM golang:1.22
//! WORKDIR /src
//! COPY . .
//! RUN GOOS=darwin go build -o /app .
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
//! RUN CGO_ENABLED=0 GOOS=linux go build -o /app .
//!
//! FROM alpine:3.19
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Build the program for Linux, best inside of the Dockerfile, so that it does not hang on the machine that builds it.
//! 2. Start a runtime with the file: `["java", "-jar", "/app.jar"]`, `["wasmtime", "/app.wasm"]`. The image needs that runtime.
//! 3. Copy the file again when it is empty or cut off; a placeholder of Git LFS is a short text.
//!
//! ## When this is wrong
//!
//! On a host that has a handler registered for the format (`binfmt_misc`).
//!
//! ## References
//!
//! - Linux, `fs/exec.c` (`search_binary_handler`)

use crate::fact::Step;
use crate::fix::{Edit, Fix};
use crate::launch::Launch;
use crate::lists::Collect;
use crate::loader::Failure;
use crate::needs::{Foreign, Needs};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, start};
use crate::text;
use crate::text::{Template, Text};

pub(super) static RULE: Rule = Rule {
    name: "not-a-linux-program",
    moment: Moment::Kernel,
    summary: Template {
        en: "the file is a program for another system, or no program",
        ja: "ファイルが別の OS のプログラムであるか、プログラムではありません",
    },
    symptoms: &[
        Symptom { pattern: "exec {}: exec format error", speaker: "runc" },
        Symptom { pattern: "exec user process caused: exec format error", speaker: "runc" },
        Symptom { pattern: "exec container process `{}`: Exec format error", speaker: "crun" },
        Symptom { pattern: "cannot execute binary file", speaker: "bash" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(program) = launch.found() else { return Outcome::Inapplicable };
    let (what, from) = match &program.needs {
        Needs::Foreign(what) if what.value == Foreign::Text => return Outcome::Inapplicable,
        Needs::Foreign(what) => (describe(&what.value), what.from.clone()),
        Needs::Elf(needs) => match start::failure(launch) {
            Some(Failure::ForeignSystem { system }) => {
                let what = text! { en: "a program for {system}", ja: "{system} 用のプログラム", system: &system.value };
                (what, system.from)
            }
            _ => return Outcome::Pass(vec![linux(&program.path, &needs.machine.from)]),
        },
        Needs::Script(_) | Needs::Unknown(_) => return Outcome::Inapplicable,
    };
    let message = text! {
        en: "`{program}` is {what}, which Linux does not start",
        ja: "`{program}` は{what}で、Linux では起動できません",
        program: &program.path, what: what.clone(),
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim =
        text! { en: "`{program}` is {what}", ja: "`{program}` は{what}です", program: &program.path, what: what };
    found.evidence.push(Step { claim, from: from.clone() });
    if matches!(program.needs, Needs::Foreign(_)) {
        found.runtime_messages = terminal::messages(launch, Failing::WrongFormat);
    }
    let wrong_system = start::reword(launch, &from, "GOOS", "linux");
    found.fixes.extend(advice(&program.needs, wrong_system));
    Outcome::Fail(Box::new(found))
}

fn linux(path: &str, from: &crate::fact::Provenance) -> Step {
    let claim = text! { en: "`{program}` is an ELF program", ja: "`{program}` は ELF プログラムです", program: path };
    start::step(claim, from)
}

fn describe(what: &Foreign) -> Text {
    match what {
        Foreign::MachO => text! { en: "a Mach-O program (macOS)", ja: " Mach-O プログラム（macOS 用）" },
        Foreign::Pe => text! { en: "a PE program (Windows)", ja: " PE プログラム（Windows 用）" },
        Foreign::ElfObject => {
            text! { en: "an object file that was not linked", ja: "リンクされていないオブジェクトファイル" }
        }
        Foreign::StaticArchive => text! { en: "a static library (archive)", ja: "静的ライブラリ（アーカイブ）" },
        Foreign::SharedLibrary => text! { en: "a shared library", ja: "共有ライブラリ" },
        Foreign::JavaArchive => text! { en: "a Java archive", ja: " Java アーカイブ" },
        Foreign::JavaClass => text! { en: "a Java class", ja: " Java クラスファイル" },
        Foreign::WebAssembly => text! { en: "a WebAssembly module", ja: " WebAssembly モジュール" },
        Foreign::Zip => text! { en: "a ZIP archive", ja: " ZIP アーカイブ" },
        Foreign::Gzip => text! { en: "a gzip file", ja: " gzip ファイル" },
        Foreign::Tar => text! { en: "a tar archive", ja: " tar アーカイブ" },
        Foreign::Empty => text! { en: "an empty file", ja: "空のファイル" },
        Foreign::TruncatedElf => text! { en: "a program that was cut off", ja: "途中で切れたプログラム" },
        Foreign::Text => text! { en: "a text file", ja: "テキストファイル" },
        Foreign::Data => text! { en: "no program of any known format", ja: "未知の形式のファイル" },
    }
}

fn advice(needs: &Needs, wrong_system: Option<Edit>) -> Option<Fix> {
    let Needs::Foreign(what) = needs else { return Some(for_linux(wrong_system)) };
    Some(match what.value {
        Foreign::MachO | Foreign::Pe => for_linux(wrong_system),
        Foreign::JavaArchive | Foreign::JavaClass => start::advice(
            text! { en: "start it with `java -jar`", ja: "`java -jar` で起動する" },
            text! { en: "the image needs a Java runtime", ja: "イメージに Java ランタイムが必要です" },
        ),
        Foreign::WebAssembly => start::advice(
            text! { en: "start it with a WebAssembly runtime", ja: "WebAssembly ランタイムで起動する" },
            text! { en: "the image needs that runtime", ja: "イメージにそのランタイムが必要です" },
        ),
        Foreign::Empty | Foreign::TruncatedElf => start::advice(
            text! { en: "build or copy the file again", ja: "ファイルをもう一度ビルドまたはコピーする" },
            text! { en: "none", ja: "欠点はありません" },
        ),
        _ => return None,
    })
}

fn for_linux(wrong_system: Option<Edit>) -> Fix {
    let advice = start::advice(
        text! { en: "build it for Linux", ja: "Linux 向けにビルドする" },
        text! { en: "none", ja: "欠点はありません" },
    );
    Fix { edits: wrong_system.into_iter().collect_vec(), ..advice }
}
