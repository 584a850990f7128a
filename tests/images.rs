//! What the catalog says of images, against tables of what is so.

use execlens::image::resolve;
use execlens::platform::Platform;
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
        for wanted in paths.split(' ').filter(|word| !word.is_empty()) {
            let (sign, path) = wanted.split_at(1);
            let found = match image.tree.lookup(path) {
                Lookup::Found { .. } => "+",
                Lookup::Missing { .. } => "-",
                Lookup::Unknown(_) => "?",
            };
            if found != sign {
                failures.push(format!("{reference}: {found}{path}, not {sign}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
