//! # A function that musl does not have
//!
//! A program made for glibc is started by musl's loader, which looks every symbol up, and one is not there.
//!
//! ## What happens
//!
//! ```text
//! Error relocating /app: __snprintf_chk: symbol not found
//! Error relocating /app: fcntl64: symbol not found
//! ```
//!
//! The container exits with status 127.
//!
//! ## Why
//!
//! A link from glibc's loader to musl's, Alpine's former `libc6-compat`, and `gcompat` let the kernel find a loader.
//! musl's loader then needs every function that the program imports, and musl and gcompat have many of glibc's functions, but not all.
//!
//! ## Example
//!
//! ```dockerfile
//! # A program that was built on Debian with `_FORTIFY_SOURCE` imports `__snprintf_chk`, which musl does not have.
//! FROM alpine:3.16
//! RUN mkdir /lib64 && ln -s /lib/ld-musl-x86_64.so.1 /lib64/ld-linux-x86-64.so.2
//! COPY app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Link statically, or build on Alpine.
//! 2. Run on a glibc image, such as `debian:bookworm-slim`. The image is larger.
//!
//! ## When this is wrong
//!
//! When a library that is loaded through `LD_PRELOAD` brings the function along.
//!
//! ## References
//!
//! - musl, `ldso/dynlink.c` (`do_relocs`)
//! - gcompat's documentation

use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::Aim;
use crate::launch::Launch;
use crate::lists::Collect;
use crate::loader::{Failure, Loader, LoaderKind};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, start};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "missing-symbol",
    moment: Moment::Loader,
    summary: Template {
        en: "the program imports functions that musl (or its compatibility layer) does not have",
        ja: "musl（またはその互換レイヤー）にない関数をプログラムが使っています",
    },
    symptoms: &[
        Symptom { pattern: "Error relocating {}: {}: symbol not found", speaker: "musl" },
        Symptom { pattern: "symbol lookup error: {}: undefined symbol: {}", speaker: "glibc" },
        Symptom { pattern: "Not a valid dynamic program", speaker: "musl" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((program, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    if needs.interpreter.value.is_none() {
        return Outcome::Inapplicable;
    }
    let (loader, symbols, by) = match start::failure(launch) {
        Some(Failure::MissingSymbols(missing)) => (missing.loader, missing.symbols, missing.required_by),
        Some(Failure::PackedUnderCompat { loader }) => (loader, Vec::new(), program.path.clone()),
        _ => return Outcome::Pass(Vec::new()),
    };
    let message = match symbols.as_slice() {
        [] => text! {
            en: "`{program}` is packed by UPX, which gcompat's loader cannot start",
            ja: "`{program}` は UPX で圧縮されており、gcompat のローダーでは起動できません",
            program: &by,
        },
        [one] => text! {
            en: "`{program}` imports `{symbol}`, which {loader} does not have",
            ja: "`{program}` の使う `{symbol}` が {loader} にありません",
            program: &by, symbol: one, loader: layer(&loader),
        },
        [first, second] => text! {
            en: "`{program}` imports `{first}` and `{second}`, which {loader} does not have",
            ja: "`{program}` の使う `{first}` と `{second}` が {loader} にありません",
            program: &by, first: first, second: second, loader: layer(&loader),
        },
        [first, rest @ ..] => text! {
            en: "`{program}` imports `{symbol}` and {count} more symbols that {loader} does not have",
            ja: "`{program}` の使う `{symbol}` と、ほか {count} 個のシンボルが {loader} にありません",
            program: &by, symbol: first, count: rest.len(), loader: layer(&loader),
        },
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim = text! {
        en: "`{program}` is made for another C library: its loader is `{asked}`",
        ja: "`{program}` は別の C ライブラリ用で、ローダーは `{asked}` です",
        program: &program.path, asked: &loader.asked,
    };
    found.evidence.push(start::step(claim, &needs.interpreter.from));
    let claim = text! {
        en: "at that path lies {loader} (`{path}`)",
        ja: "そのパスにあるのは {loader}（`{path}`）です",
        loader: layer(&loader), path: &loader.path,
    };
    found.evidence.push(Step { claim, from: loader.from.clone() });
    if let Some(imports) = needs.symbols.as_ref().filter(|_| !symbols.is_empty()) {
        let claim = text! {
            en: "of the symbols that it imports, {loader} does not export `{symbols}`",
            ja: "使われているシンボルのうち、{loader} は `{symbols}` を提供していません",
            loader: layer(&loader), symbols: symbols.iter().take(8).cloned().collect_vec().join("`, `"),
        };
        found.evidence.push(start::step(claim, &imports.from));
    }
    found.runtime_messages = match symbols.is_empty() {
        true => vec![message_of(
            format!("{}: {by}: Not a valid dynamic program", loader.asked.rsplit('/').next().unwrap_or_default()),
            1,
        )],
        false => symbols
            .iter()
            .take(3)
            .map(|one| message_of(format!("Error relocating {by}: {one}: symbol not found"), 127))
            .collect_vec(),
    };
    found.fixes = start::remedies(needs, &[Aim::Static, Aim::Musl]);
    found.fixes.extend(start::same_base(launch));
    start::applicable_first(&mut found.fixes);
    Outcome::Fail(Box::new(found))
}

fn layer(loader: &Loader) -> &'static str {
    match loader.kind {
        LoaderKind::Gcompat => "musl with gcompat",
        _ => loader.name(),
    }
}

fn message_of(text: String, code: i32) -> RuntimeMessage {
    RuntimeMessage { engine: "musl", text, exit_code: Some(code) }
}
