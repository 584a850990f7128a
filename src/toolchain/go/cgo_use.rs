//! Whether a program uses cgo, given its tags and flags; pessimistic where nothing tells.

use std::sync::Arc;

use super::flags::{ExternalFlags, LinkMode};
use super::link::Link;
use crate::fact::{Condition, Need, Provenance, Settler, Step};
use crate::project::go::Use;
use crate::text;
use crate::text::Text;

/// The parts of a program that use cgo, each with where that comes from.
pub(super) struct CgoUse {
    pub(super) net: Option<Provenance>,
    pub(super) user: Option<Provenance>,
    pub(super) c: Option<Provenance>,
    pub(super) plugin: bool,
    /// `-race`, `-msan`, `-asan`
    pub(super) instrumented: bool,
    /// Nothing tells which of them it is, or whether it is any.
    unknown: bool,
    /// Whether C code cannot be ruled out.
    c_is_open: bool,
    /// The steps that say so.
    pub(super) because: Vec<Step>,
}

impl CgoUse {
    pub(super) fn of(link: &Link<'_>) -> Self {
        let mut used = Self::none();
        if !link.settings.cgo.value {
            return used;
        }
        let uses = link.uses;
        let net = if link.has_tag("netgo") { &Use::No } else { &uses.net };
        let user = if link.has_tag("osusergo") { &Use::No } else { &uses.user };
        let candidates = [net, user, &uses.plugin, &uses.c];
        if link.flags.race || link.flags.sanitizer {
            let claim =
                text! { en: "`-race`, `-msan` and `-asan` use cgo", ja: "`-race`、`-msan`、`-asan` は cgo を使います" };
            used.because.push(Step { claim, from: Provenance::Read(link.invocation.at.clone()) });
            used.instrumented = true;
        } else if let Some(step) = candidates.iter().find_map(|used| used.yes()) {
            used.because.push(Step { claim: uses_cgo(), from: Provenance::derived(vec![step.clone()]) });
        } else if let Some(condition) = candidates.iter().find_map(|used| maybe(used)) {
            used.because.push(Step { claim: uses_cgo(), from: Provenance::Assumed(Arc::clone(condition)) });
        } else if candidates.iter().any(|used| **used == Use::Unknown) {
            let condition = unknown_condition(link, net, user);
            used.because.push(Step { claim: condition.text.clone(), from: Provenance::Assumed(Arc::new(condition)) });
            used.unknown = true;
        }
        used.net = Link::provenance_of(net);
        used.user = Link::provenance_of(user);
        used.c = Link::provenance_of(&uses.c);
        used.plugin = uses.plugin.yes().is_some();
        used.c_is_open = uses.c != Use::No;
        // With only C left to ask about, that is what the condition is about.
        if used.unknown && link.has_tag("netgo") && link.has_tag("osusergo") {
            used.c = used.because.last().map(|step| step.from.clone());
        }
        used
    }

    pub(super) fn none() -> Self {
        Self {
            net: None,
            user: None,
            c: None,
            plugin: false,
            instrumented: false,
            unknown: false,
            c_is_open: false,
            because: Vec::new(),
        }
    }

    /// The use in a build that gets through without a C compiler.
    pub(super) fn without(&self, link: &Link<'_>) -> Self {
        let claim = text! {
            en: "without a C compiler only a program that uses no cgo is built",
            ja: "C コンパイラがなければ、cgo を使わないプログラムしかビルドできません",
        };
        Self { because: vec![link.settings.rule(claim, "cmd/go/internal/work/exec.go")], ..Self::none() }
    }

    /// Whether cgo is used, or taken to be.
    pub(super) fn any(&self) -> bool {
        self.unknown
            || self.instrumented
            || self.plugin
            || self.net.is_some()
            || self.user.is_some()
            || self.c.is_some()
    }

    pub(super) fn certainly_none(&self) -> bool {
        !self.any()
    }

    /// Why nothing can be said of a program whose author asks for cgo, with flags that make it static where a package
    /// has C code, and leave it dynamic where none has.
    pub(super) fn hangs_on_c(&self, link: &Link<'_>) -> Option<Arc<Need>> {
        let set = link.invocation.environment.get("CGO_ENABLED");
        let asks_for_cgo = set.is_some_and(|set| set.value().is_some_and(|value| value == "1"));
        (self.unknown && is_static_for_c(link) && asks_for_cgo).then(|| {
            let text = text! {
                en: "these flags link a program statically if a package of it has C code, and not if only `net` or `os/user` use cgo",
                ja: "これらのフラグでは、パッケージに C コードがあれば静的に、cgo を使うのが `net` と `os/user` だけなら動的にリンクされます",
            };
            let settled_by = vec![Settler::ProjectFolder, Settler::File("go.mod".into())];
            Arc::new(Need { text, settled_by, at: Some(link.invocation.at.clone()) })
        })
    }

    /// Whether no source tells which of them it is, or whether it is any.
    pub(super) fn is_guessed(&self) -> bool {
        self.unknown
    }

    /// Whether the use is certain.
    pub(super) fn is_certain(&self) -> bool {
        self.any() && self.because.iter().all(|step| step.from.conditions().is_empty())
    }

    pub(super) fn may_have_c(&self) -> bool {
        self.any() && self.c_is_open
    }

    /// Whether the C toolchain does the last link (`determineLinkMode` in cmd/link/internal/ld/config.go).
    pub(super) fn links_externally(&self, link: &Link<'_>) -> bool {
        match link.mode() {
            LinkMode::External => true,
            LinkMode::Internal => false,
            LinkMode::Auto => {
                let mips = link.settings.architecture.value.starts_with("mips") && self.any();
                // `net`, `os/user` and the race detector are the cgo users that the Go linker handles itself.
                self.c.is_some()
                    || self.plugin
                    || link.flags.sanitizer
                    || link.flags.link_shared
                    || link.pie_is_external()
                    || mips
            }
        }
    }

    /// Name service modules are loaded by what uses libc's resolver or user database.
    pub(super) fn name_service(&self, link: &Link<'_>) -> Option<Provenance> {
        let known = self.net.clone().or_else(|| self.user.clone());
        let guessed = || {
            let open = !(link.has_tag("netgo") && link.has_tag("osusergo"));
            (self.unknown && open).then(|| self.because.last().map(|step| step.from.clone())).flatten()
        };
        known.or_else(guessed)
    }
}

fn maybe(used: &Use) -> Option<&Arc<Condition>> {
    match used {
        Use::Maybe(condition) => Some(condition),
        _ => None,
    }
}

fn uses_cgo() -> Text {
    text! { en: "a package of the program uses cgo", ja: "プログラムのパッケージが cgo を使います" }
}

/// Flags that work for C code and not for the others (see `links_externally`).
fn is_static_for_c(link: &Link<'_>) -> bool {
    link.mode() == LinkMode::Auto && link.external_flags() == ExternalFlags::Static
}

/// The condition when no source tells: it names what is left to ask about.
fn unknown_condition(link: &Link<'_>, net: &Use, user: &Use) -> Condition {
    let static_for_c = is_static_for_c(link);
    let text = match (net, user) {
        (Use::No, Use::No) => {
            text! { en: "a package in the build uses cgo (C code)", ja: "ビルドに含まれるパッケージが cgo を使う（C コード）" }
        }
        _ if static_for_c => text! {
            en: "a package in the build uses cgo (net or os/user), and none has C code",
            ja: "ビルドに含まれるパッケージが cgo を使い（net または os/user）、C コードは含まれない",
        },
        (Use::No, _) => {
            text! { en: "a package in the build uses cgo (os/user or C)", ja: "ビルドに含まれるパッケージが cgo を使う（os/user、C）" }
        }
        (_, Use::No) => {
            text! { en: "a package in the build uses cgo (net or C)", ja: "ビルドに含まれるパッケージが cgo を使う（net、C）" }
        }
        _ => text! {
            en: "a package in the build uses cgo (net, os/user or C)",
            ja: "ビルドに含まれるパッケージが cgo を使う（net、os/user、C）",
        },
    };
    Condition { text, settled_by: vec![Settler::ProjectFolder, Settler::File("go.mod".into())] }
}
