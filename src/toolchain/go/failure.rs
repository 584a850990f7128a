//! Why a build stops, if it does.

use super::cgo_use::CgoUse;
use super::flags::{ExternalFlags, LinkMode};
use super::link::Link;
use super::settings::CTarget;
use crate::fact::{Knowledge, Provenance, Settler, Step};
use crate::image::LibcFamily;
use crate::lists::Collect;
use crate::project::go::WithoutCgo;
use crate::text;
use crate::toolchain::{Failure, FailureKind};

/// The first reason that stops the build, in the order in which `go` meets them.
pub(super) fn of(link: &Link<'_>, used: &CgoUse) -> Option<Failure> {
    no_files(link).or_else(|| without_cgo(link)).or_else(|| no_compiler(link, used)).or_else(|| cannot_link(link, used))
}

fn no_files(link: &Link<'_>) -> Option<Failure> {
    let (directory, step) = link.uses.no_files.as_ref()?;
    let mut because = vec![step.clone()];
    if !link.settings.cgo.value {
        because.push(cgo_is_off(link));
    }
    Some(Failure {
        kind: FailureKind::NoFilesLeft,
        message: format!("build constraints exclude all Go files in {directory}"),
        claim: step.claim.clone(),
        from: Provenance::derived(because),
        fixes: Vec::new(),
    })
}

/// Cgo is off, and something asks for it.
fn without_cgo(link: &Link<'_>) -> Option<Failure> {
    if link.settings.cgo.value {
        return None;
    }
    let off = cgo_is_off(link);
    if let Some((WithoutCgo::BuildFails, step)) = &link.uses.needs_cgo {
        return Some(Failure {
            kind: FailureKind::NoFilesLeft,
            message: "build constraints exclude all Go files".into(),
            claim: step.claim.clone(),
            from: Provenance::derived(vec![step.clone(), off]),
            fixes: Vec::new(),
        });
    }
    let at = || Provenance::Read(link.invocation.at.clone());
    if link.flags.race || link.flags.sanitizer {
        let flag = if link.flags.race { "-race" } else { "-msan" };
        let claim = text! { en: "`{flag}` requires cgo", ja: "`{flag}` には cgo が必要です", flag: flag };
        return Some(Failure {
            kind: FailureKind::Unsupported,
            message: format!("go: {flag} requires cgo; enable cgo by setting CGO_ENABLED=1"),
            claim: claim.clone(),
            from: Provenance::derived(vec![Step { claim, from: at() }, off]),
            fixes: Vec::new(),
        });
    }
    // Before Go 1.22 such a build went through.
    let asked = if link.mode() == LinkMode::External {
        "-linkmode"
    } else if link.pie_is_external() {
        "-buildmode=pie"
    } else {
        return None;
    };
    link.settings.at_least(22).then(|| {
        let claim = text! {
            en: "`{flag}` requires external linking, and cgo is off",
            ja: "`{flag}` には外部リンクが必要ですが、cgo は無効です",
            flag: asked,
        };
        Failure {
            kind: FailureKind::ExternalLinkWithoutCgo,
            message: format!("{asked} requires external (cgo) linking, but cgo is not enabled"),
            claim: claim.clone(),
            from: Provenance::derived(vec![Step { claim, from: at() }, off]),
            fixes: Vec::new(),
        }
    })
}

/// Cgo is on and used, or the C toolchain is to link, and there is none for this target.
fn no_compiler(link: &Link<'_>, used: &CgoUse) -> Option<Failure> {
    let compiler = &link.settings.compiler;
    let external = used.links_externally(link);
    let compiled = link.settings.cgo.value && used.any();
    if !(external || compiled) {
        return None;
    }
    let wrong_target = link.settings.cross && compiler.target == CTarget::Native;
    let absent = match &compiler.present {
        Knowledge::Known(present) if !present.value => present.step(text! {
            en: "`{image}` has no C compiler here",
            ja: "`{image}` にはこの時点で C コンパイラがありません",
            image: link.invocation.builder.image,
        }),
        _ if wrong_target => link.settings.architecture.step(text! {
            en: "`{compiler}` compiles for {host}, not for {architecture}",
            ja: "`{compiler}` は {host} 向けで、{architecture} 向けではありません",
            compiler: &compiler.name,
            host: link.invocation.builder.platform.to_string(),
            architecture: &link.settings.architecture.value,
        }),
        _ => without_headers(link)?,
    };
    // Up to Go 1.19 `net` and `os/user` came as prebuilt archives, which the Go linker takes as they are.
    let prebuilt = !link.settings.at_least(20) && !link.flags.rebuilds_std && !wrong_target;
    if prebuilt && !external && used.c.is_none() {
        return None;
    }
    let cgo = if link.settings.cgo.value {
        link.settings.cgo.step(text! { en: "cgo is on", ja: "cgo は有効です" })
    } else {
        cgo_is_off(link)
    };
    let message = match &compiler.present {
        Knowledge::Known(present) if present.value && !wrong_target => {
            "# runtime/cgo\n_cgo_export.c:3:10: fatal error: stdlib.h: No such file or directory"
        }
        _ => r#"cgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH"#,
    };
    let mut because = vec![cgo, absent.clone()];
    because.extend(used.because.iter().cloned());
    Some(Failure {
        kind: FailureKind::CgoWithoutCompiler,
        message: message.into(),
        claim: absent.claim,
        from: Provenance::derived(because),
        fixes: Vec::new(),
    })
}

/// Packages of Alpine that need no headers of C, and so do not bring `musl-dev` (aports, `APKBUILD` of each).
const WITHOUT_HEADERS: &str = "bash binutils bzr ca-certificates clang curl file findutils gcc gettext git gnupg grep jq \
    linux-headers make mercurial openssh openssh-client openssl pkgconf pkgconfig sed shadow subversion su-exec tar tini tree \
    tzdata unzip upx vim wget xz zip";

/// Why the compiler of Alpine's package `gcc` finds no header: that does not bring `musl-dev` along.
fn without_headers(link: &Link<'_>) -> Option<Step> {
    let builder = &link.invocation.builder;
    let is_alpine = builder.distribution.is_some_and(|distribution| distribution.value.id == "alpine");
    let names: Vec<&str> =
        builder.packages.iter().map(|package| package.value.rsplit('=').next().unwrap_or_default()).collect_vec();
    let is_harmless = |name: &&str| WITHOUT_HEADERS.split_ascii_whitespace().any(|known| known == *name);
    let gcc = builder.packages.iter().find(|package| package.value == "gcc").filter(|_| is_alpine)?;
    names.iter().all(is_harmless).then(|| {
        gcc.step(text! {
            en: "the package `gcc` does not bring the headers of C, which are in `musl-dev`",
            ja: "パッケージ `gcc` に C のヘッダーは含まれていません（`musl-dev` にあります）",
        })
    })
}

fn cannot_link(link: &Link<'_>, used: &CgoUse) -> Option<Failure> {
    let external = used.links_externally(link);
    let zig_musl =
        matches!(&link.settings.compiler.target, CTarget::Libc { libc, zig: true } if libc.family == LibcFamily::Musl);
    if zig_musl && !external && used.is_certain() {
        let claim = text! {
            en: "the Go linker cannot resolve musl's functions in what `zig cc` compiled",
            ja: "Go のリンカーは `zig cc` がコンパイルしたものの中の musl の関数を解決できません",
        };
        let mut because = used.because.clone();
        because.push(link.settings.rule(claim.clone(), "measured with Go 1.19, 1.21, 1.24 and 1.27"));
        return Some(undefined("relocation target gai_strerror not defined", claim, because));
    }
    if !external {
        return None;
    }
    if link.external_flags() == ExternalFlags::StaticPie && link.flags.build_mode != "pie" {
        let claim = text! {
            en: "`-static-pie` needs `-buildmode=pie`: the C linker refuses objects that are fixed in place",
            ja: "`-static-pie` には `-buildmode=pie` が必要です。C リンカーは位置固定のオブジェクトを拒否します",
        };
        let because = vec![link.settings.rule(claim.clone(), "measured with Go 1.15, 1.19 and 1.21")];
        return Some(undefined("relocation R_X86_64_32 can not be used when making a PIE object", claim, because));
    }
    if link.external_flags() == ExternalFlags::Plain || !used.may_have_c() {
        return None;
    }
    let (library, step) = link.foreign_libraries().next()?;
    let condition = text! {
        en: "the builder lacks the static archive of `{library}`, or of something that it needs",
        ja: "ビルダーに `{library}`、またはその依存先の静的アーカイブがない",
        library: library,
    };
    let assumed =
        Provenance::assumed(condition.clone(), vec![Settler::Image(link.invocation.builder.image.to_owned())]);
    let because = vec![step.clone(), Step { claim: condition.clone(), from: assumed }];
    Some(undefined("undefined reference", condition, because))
}

fn undefined(message: &str, claim: crate::text::Text, because: Vec<Step>) -> Failure {
    Failure {
        kind: FailureKind::UndefinedSymbols,
        message: message.to_owned(),
        claim,
        from: Provenance::derived(because),
        fixes: Vec::new(),
    }
}

fn cgo_is_off(link: &Link<'_>) -> Step {
    link.settings.cgo.step(text! { en: "cgo is off", ja: "cgo は無効です" })
}
