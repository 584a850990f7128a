//! # The engine is too old for the image
//!
//! Recent distributions start threads with a system call that engines before 2021 forbid.
//!
//! ## What happens
//!
//! ```text
//! runtime/cgo: pthread_create failed: Operation not permitted
//! OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 4: Operation not permitted
//! ls: cannot access '.': Operation not permitted
//! ```
//!
//! ## Why
//!
//! glibc from 2.34 on starts threads with `clone3`.
//! The seccomp profile of Docker before 20.10.10 (and of libseccomp before 2.4) answers `EPERM` to it, and glibc takes that for a failure; newer profiles answer `ENOSYS`, upon which glibc uses the older call.
//! Images of Debian 12, Ubuntu 22.04, Fedora 35 and later are concerned.
//!
//! Nothing in a Dockerfile tells how old the engine is, so execlens knows this one by its message.
//!
//! ## What to do
//!
//! 1. Upgrade Docker to 20.10.10 or later, with runc 1.0.0 and libseccomp 2.5.
//! 2. Or start from an older base (`debian:11`, `golang:1.17-bullseye`), as long as it is maintained.
//! 3. To try whether this is it: `docker run --security-opt seccomp=unconfined …`. Leave it at the trial, since it takes a protection away.
//!
//! ## When this is wrong
//!
//! A profile of your own, or a kernel's limit on threads (`EAGAIN`), prints similar words.
//!
//! ## References
//!
//! - moby/moby#42680; Docker 20.10.10 release notes
//! - docker-library/golang#467

use crate::rules::{Check, Moment, Rule, Symptom};
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "old-engine",
    moment: Moment::Runtime,
    summary: Template {
        en: "an image whose libc needs a newer engine (clone3 and seccomp)",
        ja: "イメージの libc に対してエンジンが古すぎます（clone3 と seccomp）",
    },
    symptoms: &[
        Symptom { pattern: "pthread_create failed: Operation not permitted", speaker: "Go (cgo)" },
        Symptom { pattern: "pthread_create failed for thread {}: Operation not permitted", speaker: "OpenBLAS" },
    ],
    check: Check::Message,
};
