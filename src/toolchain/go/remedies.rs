//! Other ways to build the same program, and what each costs.
//!
//! Assignments are put right before `go`: there they override ENV, ARG, `export` and what stands before them.

use std::sync::Arc;

use super::cgo_use::CgoUse;
use super::flags::LinkMode;
use super::link::Link;
use super::settings::setting;
use crate::fix::{Aim, Edit, Fix, Remedy};
use crate::project::go::Use;
use crate::source::Span;
use crate::text;
use crate::text::Text;

pub(super) fn of(link: &Link<'_>, used: &CgoUse) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    remedies.extend(without_cgo(link, used));
    remedies.extend(plain_mode(link));
    remedies.extend(static_with_c(link, used));
    remedies.extend(sound_static(link));
    remedies.push(target_platform(link));
    remedies.extend(time_zones(link));
    remedies
}

/// `CGO_ENABLED=0`, where nothing needs cgo.
fn without_cgo(link: &Link<'_>, used: &CgoUse) -> Option<Remedy> {
    let needed = used.instrumented || used.plugin || link.uses.needs_cgo.is_some() || link.uses.c.yes().is_some();
    let changes_nothing = !link.settings.cgo.value || !used.any();
    if needed || changes_nothing || link.mode() == LinkMode::External || link.flags.build_mode == "pie" {
        return None;
    }
    let tradeoff = if link.uses.c == Use::No {
        text! {
            en: "Go's own resolver and user lookup take the place of the C library's",
            ja: "名前解決とユーザー検索は、C ライブラリの代わりに Go 自身の実装が行います",
        }
    } else {
        text! {
            en: "Go's own resolver and user lookup take the place of the C library's; a package that is C code does not build",
            ja: "名前解決とユーザー検索は、C ライブラリの代わりに Go 自身の実装が行います。C のコードを含むパッケージはビルドできません",
        }
    };
    let title = text! { en: "turn cgo off for this build", ja: "このビルドで cgo を無効にする" };
    Some(remedy(Aim::Static, title, tradeoff, vec![before_go(link, "CGO_ENABLED=0 ")]))
}

/// Without `-buildmode=pie` a program without cgo has no loader.
fn plain_mode(link: &Link<'_>) -> Option<Remedy> {
    if link.flags.build_mode != "pie" {
        return None;
    }
    let title = text! {
        en: "leave out `-buildmode=pie`, with `CGO_ENABLED=0`",
        ja: "`-buildmode=pie` を外し、`CGO_ENABLED=0` にする",
    };
    let tradeoff = text! {
        en: "the program is loaded at a fixed address",
        ja: "プログラムは固定アドレスに読み込まれます",
    };
    Some(remedy(Aim::Static, title, tradeoff, Vec::new()))
}

/// C code goes into a static program through the C toolchain.
fn static_with_c(link: &Link<'_>, used: &CgoUse) -> Option<Remedy> {
    if !used.any() || used.plugin || used.instrumented || link.uses.c == Use::No {
        return None;
    }
    let title = text! {
        en: "link it statically: `-ldflags '-linkmode external -extldflags \"-static\"'`, with `-tags netgo,osusergo`",
        ja: "静的にリンクする: `-ldflags '-linkmode external -extldflags \"-static\"'` と `-tags netgo,osusergo` を付ける",
    };
    let tradeoff = text! {
        en: "every C library must be there as an archive (`.a`); a program that uses no C at all dies at once when it is linked so",
        ja: "すべての C ライブラリにアーカイブ（`.a`）が必要です。C をまったく使わないプログラムをこうリンクすると、起動直後に異常終了します",
    };
    Some(remedy(Aim::Static, title, tradeoff, Vec::new()))
}

/// A static link that works, and whose name service does.
fn sound_static(link: &Link<'_>) -> Option<Remedy> {
    if link.mode() != LinkMode::External {
        return None;
    }
    let title = text! {
        en: "build with `CGO_ENABLED=0` and without `-linkmode external`",
        ja: "`CGO_ENABLED=0` にし、`-linkmode external` を外してビルドする",
    };
    let tradeoff = text! { en: "C code is left out", ja: "C のコードは使えません" };
    Some(remedy(Aim::SoundStatic, title, tradeoff, Vec::new()))
}

/// The image's platform reaches the compiler.
fn target_platform(link: &Link<'_>) -> Remedy {
    let title = text! {
        en: "build for the image's platform: `GOOS=$TARGETOS GOARCH=$TARGETARCH`",
        ja: "イメージのプラットフォーム向けにビルドする: `GOOS=$TARGETOS GOARCH=$TARGETARCH`",
    };
    let tradeoff = text! {
        en: "building for another platform turns cgo off",
        ja: "別のプラットフォーム向けのビルドでは cgo が無効になります",
    };
    let edit = before_go(link, "GOOS=$TARGETOS GOARCH=$TARGETARCH ");
    remedy(Aim::TargetPlatform, title, tradeoff, vec![edit])
}

fn time_zones(link: &Link<'_>) -> Option<Remedy> {
    if link.uses.embeds_time_zones.is_some() || !link.settings.at_least(15) {
        return None;
    }
    let title =
        text! { en: "embed the time zones: `-tags timetzdata`", ja: "タイムゾーンを埋め込む: `-tags timetzdata`" };
    let tradeoff = text! { en: "the program grows by about 450 kB", ja: "プログラムが約 450 kB 大きくなります" };
    // Flags of the command itself would override these.
    let free = link.flags.tags.is_empty() && setting(link.invocation, "GOFLAGS").is_none();
    let edits = if free { vec![before_go(link, "GOFLAGS=-tags=timetzdata ")] } else { Vec::new() };
    Some(remedy(Aim::Embed, title, tradeoff, edits))
}

fn before_go(link: &Link<'_>, assignment: &str) -> Edit {
    let at = link.invocation.program_at;
    Edit {
        path: Arc::clone(&at.path),
        span: Span { start: at.span.start, end: at.span.start },
        new_text: assignment.to_owned(),
    }
}

fn remedy(aim: Aim, title: Text, tradeoff: Text, edits: Vec<Edit>) -> Remedy {
    Remedy { aim, fix: Fix { title, tradeoff, edits } }
}
