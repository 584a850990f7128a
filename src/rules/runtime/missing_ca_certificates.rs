//! # There are no CA certificates
//!
//! The program opens TLS connections, and the image has no certificates to verify the other side with.
//!
//! ## What happens
//!
//! The program starts, and its first HTTPS request fails:
//!
//! ```text
//! tls: failed to verify certificate: x509: certificate signed by unknown authority
//! x509: certificate signed by unknown authority
//! SSL certificate problem: unable to get local issuer certificate
//! ```
//!
//! ## Why
//!
//! Programs verify a server's certificate with a list of authorities that the system brings.
//! `scratch` is empty, and `debian:*-slim`, `ubuntu` and `busybox` do not install `ca-certificates`.
//!
//! ## Example
//!
//! ```text,file=go.mod
//! module example.com/app
//!
//! go 1.22
//! ```
//!
//! ```go,file=main.go
//! package main
//!
//! import "net/http"
//!
//! func main() {
//!     http.Get("https://example.com/")
//! }
//! ```
//!
//! ```dockerfile,warns
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//! FROM scratch
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//! FROM scratch
//! COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. On a base with a package manager, install `ca-certificates`.
//! 2. On `scratch`, copy the bundle from a stage that has it. It is as old as that stage, so rebuild now and then.
//! 3. Or start from `gcr.io/distroless/static`, which has certificates, time zones and a user list.
//!
//! ## When this is wrong
//!
//! When the program connects to nothing over TLS, or brings certificates in a way that was not seen, such as a volume.
//!
//! ## References
//!
//! - Go, `src/crypto/x509/root_linux.go`
//! - OpenSSL, `SSL_CERT_FILE`

use super::soon;
use crate::build::Build;
use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::Fix;
use crate::launch::Launch;
use crate::needs::Trait;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend};
use crate::text;
use crate::text::Template;
use crate::tree::Lookup;

pub(super) static RULE: Rule = Rule {
    name: "missing-ca-certificates",
    moment: Moment::Runtime,
    summary: Template {
        en: "TLS without a bundle of certificates", ja: "TLS に必要な証明書がイメージにありません"
    },
    symptoms: &[
        Symptom { pattern: "x509: certificate signed by unknown authority", speaker: "Go" },
        Symptom { pattern: "x509: failed to load system roots", speaker: "Go" },
        Symptom { pattern: "unable to get local issuer certificate", speaker: "OpenSSL" },
        Symptom { pattern: "CERTIFICATE_VERIFY_FAILED", speaker: "OpenSSL" },
        Symptom { pattern: "invalid peer certificate: UnknownIssuer", speaker: "rustls" },
    ],
    check: Check::Launch(check),
};

/// Where programs look (Go's `root_linux.go`; OpenSSL's and rustls-native-certs' places are among them).
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
const DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(elf) = soon::program(launch) else { return Outcome::Inapplicable };
    let Some(uses) = soon::does(elf, Trait::UsesSystemCertificates) else { return Outcome::Inapplicable };
    let told = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| launch.environment.get(name).is_some());
    if told || soon::does(elf, Trait::EmbedsCertificates).is_some() {
        return Outcome::Inapplicable;
    }
    let tree = &launch.image.tree;
    let any_file = DIRECTORIES.iter().any(|directory| tree.below(directory).next().is_some());
    if any_file || soon::installs(launch.image, "ca-certificates") || !soon::has_none(launch.image, &BUNDLES) {
        return Outcome::Pass(Vec::new());
    }
    let (program, image) = (launch.name(), &launch.image.reference);
    let message = match uses.from.conditions().is_empty() {
        true => text! {
            en: "`{program}` verifies TLS certificates, and `{image}` has no CA certificates",
            ja: "`{program}` は TLS の証明書を検証しますが、`{image}` に CA 証明書がありません",
            program: program, image: image,
        },
        false => text! {
            en: "`{image}` has no CA certificates, which `{program}` would need to open TLS connections",
            ja: "`{image}` に CA 証明書がないため、`{program}` は TLS 接続を行えません",
            image: image, program: program,
        },
    };
    let uses = Step {
        claim: text! { en: "it opens TLS connections as a client", ja: "クライアントとして TLS 接続を行います" },
        from: uses.from.clone(),
    };
    let claim = text! {
        en: "none of the usual places, such as `{bundle}`, holds a file",
        ja: "`{bundle}` などの場所にファイルがありません",
        bundle: BUNDLES[0],
    };
    let lacks = Step { claim, from: lookup::absence(launch) };
    let mut found = soon::warning(RULE.name, launch, message, vec![uses, lacks]);
    found.effect = soon::effect(&found, elf);
    found.at = soon::base(launch);
    found.runtime_messages.push(RuntimeMessage {
        engine: "Go",
        text: "tls: failed to verify certificate: x509: certificate signed by unknown authority".into(),
        exit_code: None,
    });
    found.fixes.extend(launch.build.and_then(|build| install(build, launch)));
    found.fixes.extend(launch.build.and_then(|build| copy(build, launch)));
    Outcome::Fail(Box::new(found))
}

fn install(build: &Build, launch: &Launch<'_>) -> Option<Fix> {
    Some(Fix {
        title: text! { en: "install `ca-certificates`", ja: "`ca-certificates` をインストールする" },
        tradeoff: text! { en: "the image grows by about 1 MB", ja: "イメージが約 1 MB 大きくなります" },
        edits: vec![mend::install(build, build.stages.get(launch.stage?)?, "ca-certificates")?],
    })
}

/// Copies the bundle from an earlier stage that surely has it.
fn copy(build: &Build, launch: &Launch<'_>) -> Option<Fix> {
    let stage = build.stages.get(launch.stage?)?;
    let bundle = BUNDLES[0];
    let source = build.stages[..stage.index]
        .iter()
        .rev()
        .find(|one| one.used && matches!(one.image.tree.lookup(bundle), Lookup::Found { .. }))?;
    let name = source.name.clone().unwrap_or_else(|| source.index.to_string());
    let from = mend::instructions(build, stage).next()?;
    Some(Fix {
        title: text! { en: "copy the certificates from the stage `{name}`", ja: "ステージ `{name}` から証明書をコピーする", name: &name },
        tradeoff: text! {
            en: "the certificates are as old as that stage: rebuild now and then",
            ja: "証明書はそのステージの時点のものです。ときどきビルドし直してください",
        },
        edits: vec![mend::line_after(&build.dockerfile, from, &format!("COPY --from={name} {bundle} {bundle}"))],
    })
}
