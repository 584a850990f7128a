//! What the catalog says of images, against tables of what is so.

use std::sync::Arc;

use execlens::image::packages::{self, Manager};
use execlens::image::{Image, resolve, usual};
use execlens::platform::Platform;
use execlens::source::Location;
use execlens::tree::Lookup;

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
    packages::remove(&mut image, Manager::Apk, &words(".build-deps"), &at);
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
