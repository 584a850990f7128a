//! Whatever is dropped is an answer: damaged Dockerfiles go all the way, fixes included, and nothing panics.

use std::fs;
use std::path::{Path, PathBuf};

use execlens::input::Input;
use execlens::options::Options;
use execlens::report::{self, Format};
use execlens::text::Locale;

fn dockerfiles(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            dockerfiles(&path, found);
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains("Dockerfile")) {
            found.push(path);
        }
    }
}

/// The same damage in every run: a step of a linear congruential generator (Numerical Recipes).
fn next(seed: &mut u32) -> usize {
    *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*seed >> 8) as usize
}

/// One file, damaged in one of the ways that files are.
fn damaged(text: &[u8], seed: &mut u32) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let at = next(seed) % lines.len();
    match next(seed) % 6 {
        0 => lines.truncate(at),
        1 => drop(lines.remove(at)),
        2 => lines.insert(at, lines[next(seed) % lines.len()]),
        3 => {
            let other = next(seed) % lines.len();
            lines.swap(at, other);
        }
        4 => {
            let mut bytes = lines.concat();
            let place = next(seed) % bytes.len();
            bytes[place] = b"\"'\\$`[{<|&;\xff\0"[next(seed) % 13];
            return bytes;
        }
        _ => {
            let bytes = lines.concat();
            return bytes[..next(seed) % bytes.len()].to_vec();
        }
    }
    lines.concat()
}

#[test]
fn damaged_dockerfiles_are_answered() {
    let mut paths = Vec::new();
    dockerfiles(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut paths);
    paths.sort();
    let mut seed = 1;
    for path in &paths {
        let text = fs::read(path).unwrap();
        let trials: Vec<_> = std::iter::once(text.clone()).chain((0..1).map(|_| damaged(&text, &mut seed))).collect();
        for bytes in trials {
            let files = [Input::new("Dockerfile", bytes)];
            let report = execlens::check(&files, &Options::default());
            for found in &report.diagnostics {
                assert!(report::Severity::of(found) != report::Severity::Error || found.condition.is_none());
                assert!(!found.message.is_empty() && !found.evidence.is_empty(), "{}: {}", path.display(), found.code);
            }
            for form in [Format::Sarif, Format::Markdown] {
                let _ = report::format(&report, &files, form, Locale::English);
            }
        }
    }
    assert!(paths.len() > 100);
}
