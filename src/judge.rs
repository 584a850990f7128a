//! Whether a program would start in some images: the answer for a program that was dropped by itself.

use crate::lists::{self, Collect};
use std::sync::Arc;

use crate::analysis::{ImageVerdict, Judged, Origin};
use crate::archive::Archived;
use crate::binary::{self, Binary};
use crate::fact::Provenance;
use crate::image::{self, Image};
use crate::input::Input;
use crate::launch;
use crate::needs::{Needs, Remark};
use crate::options::Options;
use crate::platform::Platform;
use crate::rules::run::{self, Findings};
use crate::source::Location;
use crate::text;
use crate::tree::{Content, Entry, Node};
use crate::verdict::Verdict;

/// Judges a dropped program against the images that the options name, or the usual ones.
#[must_use]
pub fn dropped(input: &Input, options: &Options) -> Judged {
    judge(input, binary::read(input), options, &[])
}

/// As [`dropped`], for a file that was read already.
///
/// Images that were dropped beside it are those that are meant, unless the options name others.
#[must_use]
pub fn judge(input: &Input, read: Binary, options: &Options, beside: &[&Archived]) -> Judged {
    let platform = &options.request.platform;
    let path = format!("/{}", input.name());
    let from = Provenance::Read(Location::file(&input.path));
    let needs = Arc::new(read.needs);
    let program = Candidate { path: &path, needs: &needs, from: &from };
    let resolved = |reference: &str| match beside.iter().find(|archived| archived.is_named(reference)) {
        Some(archived) => program.verdict_in(reference, archived.image()),
        None => program.verdict(reference, platform),
    };
    let mut images: Vec<ImageVerdict> = match &options.images {
        Some(references) => references.iter().map(|reference| resolved(reference)).collect_vec(),
        None if beside.is_empty() => image::usual().iter().map(|reference| resolved(reference)).collect_vec(),
        None => beside.iter().map(|archived| program.verdict_in(archived.name(), archived.image())).collect_vec(),
    };
    let mut remarks = read.facts;
    if matches!(*needs, Needs::Elf(_)) {
        remarks.extend(smallest(&images));
        if options.images.is_none() && beside.is_empty() {
            remarks.extend(program.oldest(platform));
        }
    }
    remarks.extend(program.change(&images, platform));
    lists::sort_by_key(&mut images, |image| rank(image.verdict));
    let path = input.path.to_string();
    Judged { path, origin: Origin::Dropped, needs, from, images, remarks }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Starts => 0,
        Verdict::Conditional => 1,
        Verdict::Unknown => 2,
        Verdict::Fails | Verdict::NoProgram => 3,
    }
}

/// A program, put into one image after the other.
struct Candidate<'a> {
    path: &'a str,
    needs: &'a Arc<Needs>,
    from: &'a Provenance,
}

impl Candidate<'_> {
    fn verdict(&self, reference: &str, platform: &Platform) -> ImageVerdict {
        self.verdict_in(reference, &image::resolve(reference, platform))
    }

    fn verdict_in(&self, reference: &str, image: &Image) -> ImageVerdict {
        let findings = self.findings(image);
        let decisive = findings.decisive();
        ImageVerdict {
            reference: reference.to_owned(),
            platform: image.platform.clone(),
            verdict: findings.verdict(),
            reason: decisive.map(|found| (found.rule, found.message.clone())),
            need: findings.unknowns.first().cloned(),
        }
    }

    /// What the rules say of the program, executed by an engine in the image.
    fn findings(&self, image: &Image) -> Findings {
        let content = match &**self.needs {
            Needs::Unknown(need) => Content::Unknown(Arc::clone(need)),
            _ => Content::Program(Arc::clone(self.needs)),
        };
        let node = Node::File(content);
        let entry = Entry { node, mode: Some(0o755), owner: None, from: self.from.clone() };
        let mut image = image.clone();
        image.tree.put(self.path, entry);
        let environment = launch::environment(&image);
        run::launch(&launch::judge(self.path, self.needs, &image, &environment))
    }

    /// The oldest release of each family that starts it.
    fn oldest(&self, platform: &Platform) -> Vec<Remark> {
        let starts = |reference: &&&str| self.verdict(reference, platform).verdict == Verdict::Starts;
        let oldest = |ladder: &&[&'static str]| ladder.iter().find(starts).copied();
        let found: Vec<&str> = RELEASES.iter().filter_map(oldest).collect_vec();
        if found.is_empty() {
            return Vec::new();
        }
        let label = text! { en: "oldest releases that start it", ja: "起動できる最も古いリリース" };
        vec![Remark { label, value: text! { en: "{images}", ja: "{images}", images: found.join(", ") } }]
    }

    /// What to change in its build, in the words of the first rule that stops it somewhere.
    fn change(&self, images: &[ImageVerdict], platform: &Platform) -> Option<Remark> {
        let fails = images.iter().find(|image| image.verdict == Verdict::Fails)?;
        let image = image::resolve(&fails.reference, platform);
        let findings = self.findings(&image);
        let fix = findings.decisive()?.fixes.iter().find(|fix| fix.edits.is_empty())?;
        let label = text! { en: "to start it elsewhere", ja: "他のイメージでも起動するには" };
        Some(Remark { label, value: fix.title.clone() })
    }
}

/// Releases, the oldest first.
const RELEASES: &[&[&str]] = &[
    &["debian:8", "debian:9", "debian:10", "debian:11", "debian:12", "debian:13"],
    &["ubuntu:16.04", "ubuntu:18.04", "ubuntu:20.04", "ubuntu:22.04", "ubuntu:24.04", "ubuntu:26.04"],
    &["almalinux:8", "almalinux:9", "almalinux:10"],
    &[
        "alpine:3.10",
        "alpine:3.12",
        "alpine:3.14",
        "alpine:3.16",
        "alpine:3.18",
        "alpine:3.20",
        "alpine:3.22",
        "alpine:3.24",
    ],
];

/// Families of images by their download on amd64, the smallest first (registries, 2026: 0 to 60 MB).
const BY_SIZE: &[&str] = &[
    "scratch",
    "cgr.dev/chainguard/static",
    "gcr.io/distroless/static",
    "busybox:musl",
    "busybox:uclibc",
    "busybox",
    "alpine",
    "cgr.dev/chainguard/glibc-dynamic",
    "cgr.dev/chainguard/wolfi-base",
    "gcr.io/distroless/base",
    "gcr.io/distroless/cc",
    "debian",
    "ubuntu",
    "registry.access.redhat.com/ubi",
    "amazonlinux",
];

fn smallest(images: &[ImageVerdict]) -> Option<Remark> {
    let size = |reference: &str| BY_SIZE.iter().position(|family| reference.starts_with(family));
    let starts = images.iter().filter(|image| image.verdict == Verdict::Starts);
    let best =
        starts.filter_map(|image| Some((size(&image.reference)?, &image.reference))).min_by_key(|(size, _)| *size)?;
    let label = text! { en: "smallest image that starts it", ja: "起動できる最小のイメージ" };
    Some(Remark { label, value: text! { en: "{image}", ja: "{image}", image: best.1 } })
}
