//! Writes archives for tests: tar files, and images as Docker saves them.

// Each test takes what it needs of it.
#![allow(dead_code)]

use miniz_oxide::deflate::compress_to_vec;
use serde_json::{Value, json};

/// A member, by its path; a path that ends in `/` is a directory.
pub(crate) struct Member<'a> {
    pub(crate) path: &'a str,
    pub(crate) mode: u32,
    pub(crate) owner: (u32, u32),
    pub(crate) what: What<'a>,
}

pub(crate) enum What<'a> {
    File(&'a [u8]),
    Directory,
    Symlink(&'a str),
    Hardlink(&'a str),
    Device,
}

impl<'a> Member<'a> {
    pub(crate) fn file(path: &'a str, content: &'a [u8]) -> Self {
        Self { path, mode: 0o644, owner: (0, 0), what: What::File(content) }
    }

    pub(crate) fn program(path: &'a str, content: &'a [u8]) -> Self {
        Self { mode: 0o755, ..Self::file(path, content) }
    }

    pub(crate) fn symlink(path: &'a str, target: &'a str) -> Self {
        Self { path, mode: 0o777, owner: (0, 0), what: What::Symlink(target) }
    }

    pub(crate) fn hardlink(path: &'a str, target: &'a str) -> Self {
        Self { path, mode: 0o644, owner: (0, 0), what: What::Hardlink(target) }
    }

    pub(crate) fn directory(path: &'a str) -> Self {
        Self { path, mode: 0o755, owner: (0, 0), what: What::Directory }
    }
}

/// A POSIX tar file; names that do not fit go into extended headers.
pub(crate) fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members {
        let (kind, content, target): (u8, &[u8], &str) = match member.what {
            What::File(content) => (b'0', content, ""),
            What::Directory => (b'5', b"", ""),
            What::Symlink(target) => (b'2', b"", target),
            What::Hardlink(target) => (b'1', b"", target),
            What::Device => (b'3', b"", ""),
        };
        let mut records = Vec::new();
        if member.path.len() > 100 {
            records.extend(record("path", member.path));
        }
        if target.len() > 100 {
            records.extend(record("linkpath", target));
        }
        if !records.is_empty() {
            out.extend(header("PaxHeaders/x", b'x', records.len() as u64, 0o644, (0, 0), ""));
            pad(&mut out, &records);
        }
        out.extend(header(member.path, kind, content.len() as u64, member.mode, member.owner, target));
        pad(&mut out, content);
    }
    out.extend([0; 1024]);
    out
}

/// One header with any values; what does not fit is cut.
pub(crate) fn header(path: &str, kind: u8, size: u64, mode: u32, owner: (u32, u32), target: &str) -> [u8; 512] {
    let mut block = [0; 512];
    let mut put = |at: usize, text: &[u8], longest: usize| {
        let text = &text[..text.len().min(longest)];
        block[at..at + text.len()].copy_from_slice(text);
    };
    put(0, path.as_bytes(), 100);
    put(100, format!("{mode:07o}").as_bytes(), 7);
    put(108, format!("{:07o}", owner.0).as_bytes(), 7);
    put(116, format!("{:07o}", owner.1).as_bytes(), 7);
    if size < 1 << 33 {
        put(124, format!("{size:011o}").as_bytes(), 11);
    } else {
        put(124, &[0x80, 0, 0, 0], 4);
        put(128, &size.to_be_bytes(), 8);
    }
    put(136, b"00000000000", 11);
    put(148, b"        ", 8);
    put(156, &[kind], 1);
    put(157, target.as_bytes(), 100);
    put(257, b"ustar\x0000", 8);
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn pad(out: &mut Vec<u8>, content: &[u8]) {
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
}

/// `length key=value\n`, where the length counts its own digits.
pub(crate) fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length =
        (1..6).map(|digits| digits + rest.len()).find(|length| length.to_string().len() + rest.len() == *length);
    format!("{}{rest}", length.unwrap()).into_bytes()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    out.extend(compress_to_vec(bytes, 6));
    // Nobody here checks the sum.
    out.extend([0; 4]);
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// `docker save`, as every version writes it: `manifest.json`, a configuration, a tar file for each layer.
pub(crate) fn docker_save(names: &[&str], config: &Value, layers: &[Vec<u8>]) -> Vec<u8> {
    let config = config.to_string();
    let paths: Vec<String> = (0..layers.len()).map(|n| format!("{n:064x}/layer.tar")).collect();
    let manifest = json!([{ "Config": "c0ffee.json", "RepoTags": names, "Layers": paths }]).to_string();
    let mut members: Vec<Member<'_>> =
        paths.iter().zip(layers).map(|(path, layer)| Member::file(path, layer)).collect();
    members.push(Member::file("c0ffee.json", config.as_bytes()));
    members.push(Member::file("manifest.json", manifest.as_bytes()));
    tar(&members)
}

/// One image of an OCI layout: its name, its configuration, its layers, as they lie in the blobs.
pub(crate) struct Oci<'a> {
    pub(crate) annotations: Value,
    pub(crate) config: Value,
    pub(crate) layers: &'a [Vec<u8>],
}

/// An OCI image layout; with `nested`, the index names an index that names the images, as BuildKit writes it.
pub(crate) fn oci(images: &[Oci<'_>], nested: bool) -> Vec<u8> {
    let mut blobs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |bytes: Vec<u8>| {
        let digest = format!("sha256:{:064x}", blobs.len() + 1);
        blobs.push((digest.clone(), bytes));
        digest
    };
    let mut manifests = Vec::new();
    for image in images {
        let layers: Vec<Value> = image.layers.iter().map(|layer| json!({ "digest": add(layer.clone()) })).collect();
        let config = add(image.config.to_string().into_bytes());
        let manifest = json!({ "config": { "digest": config }, "layers": layers });
        let digest = add(manifest.to_string().into_bytes());
        manifests.push(json!({ "digest": digest, "annotations": image.annotations }));
    }
    let mut index = json!({ "manifests": manifests });
    if nested {
        let digest = add(index.to_string().into_bytes());
        index = json!({ "manifests": [{ "digest": digest, "annotations": images[0].annotations }] });
    }
    let index = index.to_string();
    let paths: Vec<String> = blobs.iter().map(|(digest, _)| format!("blobs/{}", digest.replace(':', "/"))).collect();
    let mut members = vec![
        Member::file("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}"),
        Member::file("index.json", index.as_bytes()),
    ];
    members.extend(paths.iter().zip(&blobs).map(|(path, (_, bytes))| Member::file(path, bytes)));
    tar(&members)
}
