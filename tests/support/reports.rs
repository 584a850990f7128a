//! Writes what the native core answers, one case a line, for the tests that ask the same through wasm.
//!
//! A line is `{ name, files, options, report }`; a file has its `path` and either its `text`, its `bytes`, or the
//! `file` on this machine to read it from by ranges.

#[path = "archives.rs"]
mod archives;

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use archives::{Member, docker_save, gzip, tar};
use execlens::input::{Input, ReadAt};
use execlens::options::Options;
use execlens::report::CheckOptions;
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (name, files, options) in cases()? {
        let inputs = files.iter().map(input).collect::<io::Result<Vec<_>>>()?;
        let given: CheckOptions = serde_json::from_value(options.clone())?;
        let given = Options::try_from(given).map_err(io::Error::other)?;
        let report = execlens::check(&inputs, &given);
        writeln!(out, "{}", json!({ "name": name, "files": files, "options": options, "report": report }))?;
    }
    out.flush()
}

/// A script whose interpreter is not in the image.
fn image() -> Vec<u8> {
    let layer = tar(&[Member::program("run.sh", b"#!/bin/sh\n")]);
    let config = json!({ "os": "linux", "architecture": "amd64", "config": { "Cmd": ["/run.sh"] } });
    docker_save(&["shop:1"], &config, &[gzip(&layer)])
}

type Case = (String, Vec<Value>, Value);

fn cases() -> io::Result<Vec<Case>> {
    let mut cases = vec![
        ("nothing".into(), vec![], json!({})),
        ("an empty file".into(), vec![json!({ "path": "Dockerfile", "text": "" })], json!({})),
        ("the seed case".into(), vec![json!({ "path": "Dockerfile", "text": SEED })], json!({})),
        ("in Japanese".into(), vec![json!({ "path": "Dockerfile", "text": SEED })], json!({ "locale": "ja-JP" })),
        (
            "with every option".into(),
            vec![json!({ "path": "Dockerfile", "text": SEED })],
            json!({ "platform": "arm64", "buildPlatform": "linux/amd64", "target": "builder",
                    "buildArgs": { "A": "1" }, "images": ["alpine:3.19"] }),
        ),
        ("columns past the 16-bit plane".into(), vec![json!({ "path": "Dockerfile", "text": ASTRAL })], json!({})),
        ("no UTF-8".into(), vec![json!({ "path": "Dockerfile", "bytes": b"FROM a\xff\xfe\nCMD [\"x\"]" })], json!({})),
        (
            "a script".into(),
            vec![json!({ "path": "run.sh", "text": "#!/bin/bash\r\necho\r\n", "mode": 0o755 })],
            json!({}),
        ),
        ("a truncated program".into(), vec![json!({ "path": "a", "bytes": b"\x7fELF\x02\x01\x01" })], json!({})),
    ];
    for (name, image) in [("an image", image()), ("a packed image", gzip(&image()))] {
        cases.push((name.into(), vec![json!({ "path": "image.tar", "bytes": image })], json!({})));
    }
    // Programs that every machine with Rust, Node and a shell has: small and very large, read by ranges.
    let programs = [std::env::current_exe().ok(), Some("/bin/sh".into()), find_in_path("node")];
    for program in programs.into_iter().flatten() {
        let program = fs::canonicalize(program)?;
        cases.push((program.display().to_string(), vec![json!({ "path": "program", "file": program })], json!({})));
    }
    for file in files_below(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").as_path())? {
        let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&file).display().to_string();
        if name.ends_with("Dockerfile") {
            cases.push((name, vec![json!({ "path": "Dockerfile", "file": file })], json!({})));
        } else if name.ends_with(".md") {
            for (at, text) in dockerfiles_in(&fs::read_to_string(&file)?).into_iter().enumerate() {
                let files = vec![json!({ "path": "Dockerfile", "text": text })];
                cases.push((format!("{name}, block {}", at + 1), files, json!({})));
            }
        }
    }
    Ok(cases)
}

const SEED: &str = r#"FROM golang:1.18 as builder
WORKDIR /go/src/
COPY . ./
RUN go mod download
RUN go build -v -o server ./cmd
FROM alpine:latest
RUN apk --no-cache add ca-certificates
WORKDIR /root/
COPY --from=builder /go/src/server ./
EXPOSE 8080
CMD ["./server"]
"#;

const ASTRAL: &str = "FROM scratch\r\nLABEL 😀=\"日本\" \\\r\n  a=b\r\nENTRYPOINT 😀 [\"/x\"]\r\n";

/// The contents of the blocks fenced as `dockerfile`, whatever stands after that word.
fn dockerfiles_in(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in markdown.split_inclusive('\n') {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.push_str(line),
            (None, Some(kind)) if kind.starts_with("dockerfile") => open = Some(String::new()),
            (None, _) => {}
        }
    }
    blocks
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() { files.extend(files_below(&entry)?) } else { files.push(entry) }
    }
    Ok(files)
}

fn find_in_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn input(file: &Value) -> io::Result<Input> {
    let path: Arc<str> = Arc::from(file["path"].as_str().unwrap_or_default());
    let mode = file["mode"].as_u64().and_then(|mode| u32::try_from(mode).ok());
    let content: Arc<dyn ReadAt> = if let Some(text) = file["text"].as_str() {
        Arc::new(text.as_bytes().to_vec())
    } else if let Some(place) = file["file"].as_str() {
        Arc::new(OnDisk(File::open(place)?))
    } else {
        Arc::new(serde_json::from_value::<Vec<u8>>(file["bytes"].clone())?)
    };
    Ok(Input { path, mode, content })
}

struct OnDisk(File);

impl ReadAt for OnDisk {
    fn size(&self) -> u64 {
        self.0.metadata().map_or(0, |data| data.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}
