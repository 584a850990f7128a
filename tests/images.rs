//! What the catalog says of images, against tables of what is so.

use std::collections::BTreeSet;
use std::sync::Arc;

use execlens::image::packages::{self, Manager};
use execlens::image::{Image, resolve, usual};
use execlens::platform::Platform;
use execlens::source::Location;
use execlens::tree::{Content, Lookup, Node};

/// Columns: reference, platform, distribution (name), libc, then paths with `+` (there), `-` (surely not), `?` (not known).
const TABLE: &str = include_str!("data/images.tsv");

#[test]
fn images_provide_what_the_table_says() {
    let mut failures = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [reference, platform, distribution, libc, paths] = columns[..] else { panic!("five columns: {line}") };
        let platform = Platform::parse(platform).expect("a platform");
        let image = resolve(reference, &platform);
        let name = image.distribution.as_ref().map_or("", |fact| fact.value.name.as_str());
        let known = match image.libc.value() {
            Some(Some(libc)) => format!("{:?} {}", libc.family, libc.version).to_ascii_lowercase(),
            Some(None) => "none".to_owned(),
            None => "unknown".to_owned(),
        };
        if (name, known.as_str()) != (distribution, libc) {
            failures.push(format!("{reference}: {name}, {known}"));
        }
        compare(&image, reference, paths, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Columns: image, manager, the words after `install` or `add`, then paths as above.
const PACKAGES: &str = include_str!("data/packages.tsv");

#[test]
fn packages_bring_what_the_table_says() {
    let mut failures = Vec::new();
    for line in PACKAGES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [reference, manager, words, paths] = columns[..] else { panic!("four columns: {line}") };
        let image = installed(reference, manager, words);
        compare(&image, &format!("{reference} with {words}"), paths, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_group_that_is_removed_takes_its_packages_along() {
    let mut image = installed("alpine:3.20", "apk", "libstdc++");
    let at = here();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    packages::install(&mut image, Manager::Apk, &words("--virtual .build-deps g++ make"), &at);
    packages::remove(&mut image, Manager::Apk, &words(".build-deps"), Some(&[]), &at);
    let mut failures = Vec::new();
    compare(
        &image,
        "after",
        "-/usr/bin/make -/usr/bin/gcc -cc +/usr/lib/libstdc++.so.6 +/usr/lib/libgcc_s.so.1",
        &mut failures,
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_was_opened_before_stays_open() {
    // A package of an older release may have been brought from anywhere; what is installed later does not undo that.
    let mut image = installed("ubuntu:22.04", "apt", "./libssl1.1_1.1.1f_amd64.deb");
    packages::install(&mut image, Manager::Apt, &["-y".to_owned(), "curl".to_owned()], &here());
    let mut failures = Vec::new();
    compare(&image, "after", "?/usr/lib/x86_64-linux-gnu/libssl.so.1.1 +/usr/bin/curl", &mut failures);
    let mut image = installed("alpine:3.18", "apk", "glibc-2.35-r0.apk");
    packages::install(&mut image, Manager::Apk, &["nobody-knows".to_owned()], &here());
    compare(&image, "after", "?/lib/ld-linux-x86-64.so.2", &mut failures);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_usual_image_is_known() {
    for reference in usual() {
        assert!(resolve(reference, &Platform::default()).record.known().is_some(), "{reference}");
    }
}

#[test]
fn packages_are_found_by_what_they_bring() {
    for (reference, wanted, package) in [
        ("alpine:3.20", "libstdc++.so.6", Some("libstdc++")),
        ("alpine:3.20", "libgcc_s.so.1", Some("libgcc")),
        ("alpine:3.20", "/bin/bash", Some("bash")),
        ("alpine:3.20", "/lib64/ld-linux-x86-64.so.2", Some("gcompat")),
        ("alpine:3.20", "/usr/share/zoneinfo", Some("tzdata")),
        ("debian:12", "libssl.so.3", Some("libssl3")),
        ("debian:12", "libssl.so.1.1", None),
        ("debian:13", "libssl.so.3", None),
        ("debian:12", "/etc/ssl/certs/ca-certificates.crt", Some("ca-certificates")),
        ("debian:12", "libpq.so.5", Some("libpq5")),
        ("gcr.io/distroless/base-debian12", "libstdc++.so.6", None),
    ] {
        let image = resolve(reference, &Platform::default());
        let distribution = image.distribution.expect("a known image").value;
        assert_eq!(packages::providing(&distribution, wanted), package, "{wanted} in {reference}");
    }
}

fn here() -> Location {
    Location::file(&Arc::from("Dockerfile"))
}

fn installed(reference: &str, manager: &str, words: &str) -> Image {
    let manager = match manager {
        "apk" => Manager::Apk,
        "apt" => Manager::Apt,
        "dnf" => Manager::Dnf,
        "zypper" => Manager::Zypper,
        "pacman" => Manager::Pacman,
        other => panic!("{other} is no manager"),
    };
    let mut image = resolve(reference, &Platform::default());
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    packages::install(&mut image, manager, &words, &here());
    image
}

/// Compares what an image holds with the marks of a table.
fn compare(image: &Image, name: &str, paths: &str, failures: &mut Vec<String>) {
    for wanted in paths.split(' ').filter(|word| !word.is_empty()) {
        let (sign, path) = wanted.split_at(1);
        let found = match (path, image.c_compiler.value()) {
            ("cc", Some(true)) => "+",
            ("cc", Some(false)) => "-",
            ("cc", None) => "?",
            _ => match image.tree.lookup(path) {
                Lookup::Found { .. } => "+",
                Lookup::Missing { .. } => "-",
                Lookup::Unknown(_) => "?",
            },
        };
        if found != sign {
            failures.push(format!("{name}: {found}{path}, not {sign}"));
        }
    }
}

/// Columns: reference, what it stands on, languages with versions, C compiler, entrypoint and command.
const REFERENCES: &str = include_str!("data/references.tsv");

#[test]
fn references_stand_on_what_the_table_says() {
    let mut failures = Vec::new();
    for line in REFERENCES.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let image = resolve(line.split('\t').next().expect("a reference"), &Platform::default());
        let reference = line.split('\t').next().expect("a reference");
        let stands_on = match &image.distribution {
            _ if image.platform.is_windows() => "windows",
            Some(distribution) => distribution.value.name.as_str(),
            None if image.record.known().is_some() => "-",
            None => "unknown",
        };
        let tools = image.tools.iter().map(|tool| format!("{:?}={}", tool.value.language, tool.value.version));
        let compiler = match image.c_compiler.value() {
            Some(true) => "y",
            Some(false) => "n",
            None => "?",
        };
        let starts = [&image.config.entrypoint[..], &image.config.cmd].concat().join(" ");
        let found = [reference, stands_on, &tools.collect::<Vec<_>>().join(","), compiler, &starts].join("\t");
        if found != line {
            failures.push(format!("{found}\n  not {line}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What real root file systems hold, to hold the catalog against.
const ROOTS: &str = include_str!("data/roots.tsv");

#[test]
fn the_catalog_agrees_with_root_file_systems() {
    let rows =
        || ROOTS.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let every: BTreeSet<&str> = rows().flat_map(|row| row[2].split(' ')).filter(|name| !name.is_empty()).collect();
    let mut failures = Vec::new();
    for row in rows() {
        let [reference, platform, libraries, there, absent, versions] = row[..] else { panic!("six columns: {row:?}") };
        let image = resolve(reference, &Platform::parse(platform).expect("a platform"));
        let libraries: BTreeSet<&str> = libraries.split(' ').filter(|name| !name.is_empty()).collect();
        for name in &every {
            let found = library(&image, name);
            if libraries.contains(name) && matches!(found, Lookup::Missing { .. }) {
                failures.push(format!("{reference} {platform}: {name} is there"));
            }
            if !libraries.contains(name) && matches!(found, Lookup::Found { .. }) {
                failures.push(format!("{reference} {platform}: {name} is not there"));
            }
        }
        for path in there.split(' ').filter(|path| !path.is_empty()) {
            if matches!(image.tree.lookup(path), Lookup::Missing { .. }) {
                failures.push(format!("{reference} {platform}: {path} is there"));
            }
        }
        for path in absent.split(' ').filter(|path| !path.is_empty()) {
            if matches!(image.tree.lookup(path), Lookup::Found { .. }) {
                failures.push(format!("{reference} {platform}: {path} is not there"));
            }
        }
        for (soname, defined) in versions.split(' ').filter_map(|entry| entry.split_once(':')) {
            let Lookup::Found { entry, .. } = library(&image, soname) else { continue };
            let Node::File(Content::Library(library)) = &entry.node else { continue };
            let Some(known) = library.versions.value() else { continue };
            for version in defined.split(',').filter(|version| !known.iter().any(|known| known == version)) {
                failures.push(format!("{reference} {platform}: {soname} defines {version}"));
            }
            // A version that this library does not define may still exist for another architecture.
            let newest = |versions: &mut dyn Iterator<Item = &str>, prefix: &str| {
                let numbers =
                    |version: &str| -> Vec<u32> { version.split('.').map(|part| part.parse().unwrap_or(0)).collect() };
                versions.filter_map(|version| version.strip_prefix(prefix)).map(numbers).max()
            };
            for prefix in ["GLIBC_2.", "GLIBCXX_3.4.", "GCC_"] {
                let (read, said) =
                    (newest(&mut defined.split(','), prefix), newest(&mut known.iter().map(String::as_str), prefix));
                if platform == "linux/amd64" && prefix != "GLIBC_2." && read != said {
                    failures.push(format!("{reference} {platform}: {soname}: {read:?} is the newest, not {said:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A library in the default directories of the image's platform.
fn library<'i>(image: &'i Image, name: &str) -> Lookup<'i> {
    let triplet = if image.platform.architecture == "arm64" { "aarch64-linux-gnu" } else { "x86_64-linux-gnu" };
    let places = [format!("/lib/{triplet}"), format!("/usr/lib/{triplet}"), "/lib".into(), "/usr/lib".into()];
    let mut last = None;
    for place in places {
        match image.tree.lookup(&format!("{place}/{name}")) {
            found @ Lookup::Found { .. } => return found,
            unknown @ Lookup::Unknown(_) => last = Some(unknown),
            missing @ Lookup::Missing { .. } => {
                last.get_or_insert(missing);
            }
        }
    }
    last.expect("four places")
}
