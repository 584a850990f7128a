//! What a Go program will ask of an image soon after its start: certificates and time zones.
//!
//! Calls are looked for by name in the program's own files; they show that a call is written, not that it runs.

use ::std::sync::Arc;

use super::{Use, Uses};
use crate::fact::{Provenance, Step};
use crate::source::{Location, Span};
use crate::text;

/// Calls that open a TLS connection as a client, and so verify a certificate.
const TLS_CALLS: [&str; 9] = [
    "http.Get(",
    "http.Post(",
    "http.Head(",
    "http.PostForm(",
    "http.DefaultClient",
    "http.Client{",
    "http.NewRequest",
    "tls.Dial",
    "x509.SystemCertPool(",
];

/// Packages that embed certificates and register them as the fallback.
const CERTIFICATES: [&str; 2] = ["golang.org/x/crypto/x509roots/fallback", "github.com/breml/rootcerts"];

/// Notes what a file's text calls.
pub(super) fn read(text: &str, dropped: &Arc<str>, uses: &mut Uses) {
    let call = |name: &str| {
        let at = text.find(name)?;
        let word = name.trim_end_matches(['(', '{']);
        let claim = text! { en: "`{file}` calls `{word}`", ja: "`{file}` が `{word}` を呼び出しています", file: dropped, word: word };
        Some(Step { claim, from: Provenance::Read(Location::new(dropped, Span::new(at, at + word.len()))) })
    };
    if uses.tls_client.yes().is_none() {
        if let Some(step) = TLS_CALLS.iter().find_map(|name| call(name)) {
            uses.tls_client = Use::Yes(step);
        }
    }
    if uses.time_zones.yes().is_none() {
        if let Some(step) = call("time.LoadLocation(") {
            uses.time_zones = Use::Yes(step);
        }
    }
}

/// Notes what an import embeds.
pub(super) fn import(package: &str, step: &Step, uses: &mut Uses) {
    if package == "time/tzdata" {
        uses.embeds_time_zones.get_or_insert_with(|| step.clone());
    } else if CERTIFICATES.contains(&package) {
        uses.embeds_certificates.get_or_insert_with(|| step.clone());
    }
}
