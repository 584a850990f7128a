//! Images and archives that were dropped: read, judged by themselves, and taken for what a Dockerfile names.

#[path = "support/archives.rs"]
mod archives;
#[path = "support/fixtures.rs"]
mod fixtures;

use std::io;
use std::sync::Arc;

use archives::{Member, Oci, What, docker_save, gzip, header, oci, tar};
use execlens::check;
use execlens::input::{Input, ReadAt};
use execlens::options::Options;
use execlens::report::Report;
use serde_json::{Value, json};

fn config(rest: Value) -> Value {
    json!({ "os": "linux", "architecture": "amd64", "config": rest })
}

fn run(files: &[Input]) -> Report {
    check(files, &Options::default())
}

/// What is told: the verdict, the first rule, and what is said of the files.
fn told(report: &Report) -> String {
    let rule = report.diagnostics.first().map_or("", |found| found.code);
    let problems: Vec<&str> = report.inputs.iter().filter_map(|input| input.problem.as_deref()).collect();
    format!("{} {rule} {}", report.verdict.name(), problems.join("; ")).trim().replace("  ", " ")
}

/// A system small enough to be written down: musl, a shell of the same, users.
fn musl_root<'a>(loader: &'a [u8], shell: &'a [u8]) -> Vec<Member<'a>> {
    vec![
        Member::directory("bin/"),
        Member::directory("etc/"),
        Member::directory("lib/"),
        Member::directory("usr/"),
        Member::directory("tmp/"),
        Member::program("bin/busybox", shell),
        Member::symlink("bin/sh", "/bin/busybox"),
        Member::file("etc/os-release", b"ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME=\"Alpine Linux v3.19\"\n"),
        Member::file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
        Member::program("lib/ld-musl-x86_64.so.1", loader),
    ]
}

/// The programs of the tests: a loader stands in for musl's by its name.
struct Programs {
    fixed: Arc<Vec<u8>>,
    glibc: Arc<Vec<u8>>,
    musl: Arc<Vec<u8>>,
}

fn programs() -> Programs {
    Programs {
        fixed: fixtures::bytes("fx-c-musl-static"),
        glibc: fixtures::bytes("fx-c-hello-bullseye"),
        musl: fixtures::bytes("fx-c-musl"),
    }
}

#[track_caller]
fn starts(layers: &[Vec<u8>], rest: Value, expected: &str) {
    let image = docker_save(&["shop:1"], &config(rest), layers);
    assert_eq!(told(&run(&[Input::new("shop.tar", image)])), expected);
}

#[test]
fn an_image_is_judged_by_itself() {
    let Programs { fixed, glibc, musl } = programs();
    let base = tar(&musl_root(&fixed, &fixed));
    let with = |members: &[Member<'_>]| vec![base.clone(), tar(members)];
    let cmd = |words: &[&str]| json!({ "Cmd": words });
    let check = |members: &[Member<'_>], rest: Value, expected: &str| starts(&with(members), rest, expected);

    check(&[Member::program("app", &fixed)], cmd(&["/app"]), "starts");
    check(&[Member::program("app", &glibc)], cmd(&["/app"]), "fails missing-interpreter");
    check(&[Member::file("app", &fixed)], cmd(&["/app"]), "fails program-not-executable");
    check(&[], cmd(&["/app"]), "fails program-missing");
    check(&[], cmd(&["app"]), "fails program-not-in-path");
    check(&[], cmd(&["sh", "-c", "true"]), "starts");
    check(&[], json!({}), "no-program");
    check(
        &[Member::program("run.sh", b"#!/bin/bash\nexec /app\n")],
        cmd(&["/run.sh"]),
        "fails missing-script-interpreter",
    );
    check(&[Member::program("run.sh", b"#!/bin/sh\r\n")], cmd(&["/run.sh"]), "fails carriage-return-after-shebang");
    // The script is read, and what it executes is looked at.
    check(
        &[Member::program("run.sh", b"#!/bin/sh\nexec \"$@\"\n"), Member::program("srv/app", &glibc)],
        json!({ "Entrypoint": ["/run.sh"], "Cmd": ["./app"], "WorkingDir": "/srv" }),
        "fails missing-interpreter",
    );
    // Links, wherever they lead.
    check(&[Member::symlink("app", "bin/busybox")], cmd(&["/app"]), "starts");
    check(&[Member::symlink("app", "gone")], cmd(&["/app"]), "fails program-missing");
    check(&[Member::symlink("app", "app")], cmd(&["/app"]), "fails program-missing");
    check(&[Member::program("a", &fixed), Member::hardlink("b", "a")], cmd(&["/b"]), "starts");
    check(&[Member::program("./../../app", &fixed)], cmd(&["/app"]), "starts");
    check(&[Member::program("/app", &fixed)], cmd(&["/app"]), "starts");
    // Add-ons, which node loads.
    let addon = fixtures::bytes("fx-c-sqlite");
    let node = [
        Member::program("usr/bin/node", &musl),
        Member::file("srv/x.js", b""),
        Member::file("srv/node_modules/db/build/Release/db.node", &addon),
    ];
    check(&node, cmd(&["node", "/srv/x.js"]), "conditional native-module-mismatch");
    // Users.
    check(&[Member::program("app", &fixed)], json!({ "Cmd": ["/app"], "User": "web" }), "fails unknown-user");
    let closed = Member { mode: 0o700, ..Member::program("app", b"#!/bin/sh\n") };
    check(&[closed], json!({ "Cmd": ["/app"], "User": "1000" }), "fails program-not-reachable");
    let own = Member { mode: 0o700, owner: (1000, 1000), ..Member::program("app", b"#!/bin/sh\n") };
    check(&[own], json!({ "Cmd": ["/app"], "User": "1000" }), "starts");
}

#[test]
fn upper_layers_hide_what_lies_below() {
    let Programs { fixed, .. } = programs();
    let base = tar(&musl_root(&fixed, &fixed));
    let app = tar(&[Member::program("srv/app", &fixed), Member::program("srv/x/deep", &fixed)]);
    #[track_caller]
    fn check(below: [&Vec<u8>; 2], top: &[Member<'_>], program: &str, expected: &str) {
        let layers = [below[0].clone(), below[1].clone(), tar(top)];
        starts(&layers, json!({ "Cmd": [program] }), expected);
    }
    let below = [&base, &app];
    check(below, &[Member::file("srv/.wh.app", b"")], "/srv/app", "fails program-missing");
    check(below, &[Member::file("srv/.wh.app", b"")], "/srv/x/deep", "starts");
    check(below, &[Member::file("srv/.wh..wh..opq", b"")], "/srv/x/deep", "fails program-missing");
    // What the layer itself brings stays, wherever it stands.
    let opaque = [Member::program("srv/new", &fixed), Member::file("srv/.wh..wh..opq", b"")];
    check(below, &opaque, "/srv/new", "starts");
    check(below, &opaque, "/srv/app", "fails program-missing");
    // A file in a directory's place takes all of it away.
    check(below, &[Member::file("srv", b"")], "/srv/app", "fails program-missing");
    check(below, &[Member::file(".wh.lib", b"")], "/bin/sh", "starts");
}

#[test]
fn every_layout_holds_the_same_image() {
    let Programs { fixed, musl, .. } = programs();
    let layers = [tar(&musl_root(&fixed, &fixed)), tar(&[Member::program("app", &musl)])];
    let packed: Vec<Vec<u8>> = layers.iter().map(|layer| gzip(layer)).collect();
    let config = config(json!({ "Cmd": ["/app"] }));
    let name = json!({ "io.containerd.image.name": "docker.io/library/shop:1" });
    let image = |layers| Oci { annotations: name.clone(), config: config.clone(), layers };
    let attestation = Oci {
        annotations: json!({ "vnd.docker.reference.type": "attestation-manifest" }),
        config: json!({}),
        layers: &[],
    };
    let saved = docker_save(&["shop:1"], &config, &layers);
    let mut torn = layers.to_vec();
    torn[1].truncate(2000);
    for (what, bytes, expected) in [
        ("docker save", saved.clone(), "starts"),
        ("packed as a whole", gzip(&saved), "starts"),
        ("OCI", oci(&[image(&layers)], false), "starts"),
        ("OCI, packed layers", oci(&[image(&packed)], false), "starts"),
        ("OCI with an index in the index", oci(&[image(&packed), attestation], true), "starts"),
        ("cut off", saved[..saved.len() / 2].to_vec(), "no-program the file ends too early"),
        ("a layer cut off", docker_save(&["shop:1"], &config, &torn), "unknown the file ends too early"),
    ] {
        let report = run(&[Input::new("shop.tar", bytes)]);
        let found =
            told(&report).replace("`shop.tar` ends too early: it was not copied whole", "the file ends too early");
        assert_eq!(found, expected, "{what}");
        if expected == "starts" {
            assert_eq!(report.launch.expect("it starts").argv, ["/app"], "{what}");
            assert_eq!(report.inputs[0].kind, "image", "{what}");
        }
    }
}

#[test]
fn of_several_platforms_the_target_is_judged() {
    let Programs { fixed, .. } = programs();
    let layers = [[tar(&[Member::program("app", &fixed)])], [tar(&[Member::file("other", b"")])]];
    let image = |n: usize, architecture: &str| Oci {
        annotations: json!({ "org.opencontainers.image.ref.name": "shop:1" }),
        config: json!({ "os": "linux", "architecture": architecture, "config": { "Cmd": ["/app"] } }),
        layers: &layers[n],
    };
    let signature = Oci { annotations: json!({}), config: json!({}), layers: &[] };
    let bytes = oci(&[image(0, "amd64"), image(1, "arm64"), signature], false);
    let check_on = |platform: &str| {
        let mut options = Options::default();
        options.request.platform = execlens::platform::Platform::parse(platform).unwrap();
        told(&check(&[Input::new("shop.tar", bytes.clone())], &options))
    };
    assert_eq!(check_on("linux/amd64"), "starts");
    assert_eq!(check_on("linux/arm64"), "fails program-missing");
    // An image says itself what it is for.
    let other = "it holds `shop:1` for linux/amd64, and not for linux/s390x";
    assert_eq!(check_on("linux/s390x"), format!("starts {other}"));
    let windows = json!({ "os": "windows", "architecture": "amd64", "config": { "Cmd": ["cmd"] } });
    let windows = docker_save(&["shop:1"], &windows, &[tar(&[Member::directory("Files/")])]);
    let found = told(&run(&[Input::new("shop.tar", windows)]));
    assert_eq!(found, "unknown it holds `shop:1` for windows/amd64, and not for linux/amd64");
}

#[test]
fn an_image_takes_the_catalogs_place() {
    let Programs { fixed, glibc, musl } = programs();
    let root = tar(&musl_root(&fixed, &fixed));
    let own = tar(&[Member::program("opt/tool", &glibc), Member::program("opt/other", &musl)]);
    let cmd = config(json!({ "Cmd": ["/opt/tool"] }));
    let image = docker_save(&["example.com/team/base:2"], &cmd, &[root.clone(), own]);
    #[track_caller]
    fn check(image: &[u8], dockerfile: &str, expected: &str) {
        let files = [Input::new("Dockerfile", dockerfile), Input::new("base.tar", image)];
        assert_eq!(told(&run(&files)), expected, "{dockerfile}");
    }
    let not_used = "it is not used: no `FROM` and no `--from` names `example.com/team/base:2`";
    check(&image, "FROM example.com/team/base:2\n", "fails missing-interpreter");
    check(&image, "FROM example.com/team/base:2\nCMD [\"/opt/other\"]\n", "starts");
    check(&image, "FROM example.com/team/base:2\nCMD [\"/opt/none\"]\n", "fails program-missing");
    check(&image, "FROM example.com/team/base:2\nRUN rm /opt/other\nCMD [\"/opt/other\"]\n", "fails program-missing");
    check(&image, "ARG B=example.com/team/base:2\nFROM $B AS b\nFROM b\n", "fails missing-interpreter");
    let copied = "FROM alpine:3.19\nCOPY --from=example.com/team/base:2 /opt/tool /tool\nCMD [\"/tool\"]\n";
    check(&image, copied, "fails missing-interpreter");
    let copied = "FROM debian:12\nCOPY --from=example.com/team/base:2 /opt/ /opt/\nCMD [\"/opt/tool\"]\n";
    check(&image, copied, "starts");
    let copied = "FROM debian:12\nCOPY --from=example.com/team/base:2 /opt/gone /tool\nCMD [\"/tool\"]\n";
    check(&image, copied, "fails copy-source-missing");
    // The name decides, and nothing else.
    check(&image, "FROM example.com/team/base:3\n", &format!("unknown {not_used}"));
    check(&image, "FROM alpine:3.19\n", &format!("starts {not_used}"));
    // So does the platform.
    let other = json!({ "os": "linux", "architecture": "arm64", "config": { "Cmd": ["/opt/tool"] } });
    let other = docker_save(&["example.com/team/base:2"], &other, std::slice::from_ref(&root));
    let wrong = "it holds `example.com/team/base:2` for linux/arm64, and not for linux/amd64";
    check(&other, "FROM example.com/team/base:2\n", &format!("unknown {wrong}"));
    // Podman's own images have a host that nobody writes.
    let podman = docker_save(&["localhost/base:latest"], &cmd, std::slice::from_ref(&root));
    check(&podman, "FROM base\n", "fails program-missing");
    let nameless = docker_save(&[], &cmd, std::slice::from_ref(&root));
    let told = "it is not used: its images have no names; `docker save` by a name, and not by an ID, writes it along";
    check(&nameless, "FROM base\nCMD [\"/x\"]\n", &format!("unknown {told}"));
    // A root file system is what an image begins with.
    check(&root, "FROM scratch\nADD base.tar /\nCMD [\"sh\"]\n", "starts");
    check(&root, "FROM scratch\nADD base.tar /\nCMD [\"/x\"]\n", "fails program-missing");
    // A digest decides where the file knows its own, and else the tag beside it.
    let pinned = format!("sha256:{}", "0a".repeat(32));
    check(&image, &format!("FROM example.com/team/base:2@{pinned}\n"), "fails missing-interpreter");
    check(&image, &format!("FROM example.com/team/base@{pinned}\n"), &format!("unknown {not_used}"));
    // An image without tags is found by its digest, as OCI layouts have it.
    let layers = [root];
    let untagged = oci(&[Oci { annotations: json!({}), config: cmd, layers: &layers }], false);
    let digest = format!("sha256:{:064x}", 3);
    check(&untagged, &format!("FROM example.com/x@{digest}\n"), "fails program-missing");
}

#[test]
fn a_program_is_judged_in_the_image_beside_it() {
    let Programs { fixed, glibc, musl } = programs();
    let root = tar(&musl_root(&fixed, &fixed));
    let saved = docker_save(&["shop:1"], &config(json!({ "Cmd": ["/gone"] })), std::slice::from_ref(&root));
    #[track_caller]
    fn check(image: &[u8], program: &[u8], expected: &str, reference: &str) {
        let report = run(&[Input::new("image.tar", image), Input::new("app", program)]);
        assert_eq!(report.verdict.name(), expected, "{}", report.summary);
        let images: Vec<&str> = report.programs[0].images.iter().map(|image| image.reference.as_str()).collect();
        assert_eq!(images, [reference]);
    }
    check(&saved, &fixed, "starts", "shop:1");
    check(&saved, &glibc, "fails", "shop:1");
    // `docker export` has no configuration, and its programs tell the machine.
    check(&root, &musl, "starts", "image.tar");
    check(&root, &fixtures::bytes("fx-c-arm64-static"), "fails", "image.tar");
    let alone = run(&[Input::new("image.tar", root)]);
    assert_eq!(alone.verdict.name(), "no-program");
    assert!(alone.inputs[0].problem.as_deref().is_some_and(|problem| problem.contains("docker export")));
}

#[test]
fn archives_of_the_context_are_unpacked() {
    let Programs { fixed, glibc, .. } = programs();
    let files = tar(&[
        Member::directory("rel-1/"),
        Member::program("rel-1/bin/app", &glibc),
        Member::program("rel-1/bin/fixed", &fixed),
        Member::file("rel-1/bin/plain", &fixed),
        Member::symlink("rel-1/run", "bin/fixed"),
    ]);
    #[track_caller]
    fn check(archive: &[u8], lines: &str, expected: &str) {
        let dockerfile = format!("FROM alpine:3.19\n{lines}\n");
        let files = [Input::new("p/Dockerfile", dockerfile), Input::new("p/app.tgz", archive)];
        assert_eq!(told(&run(&files)), expected, "{lines}");
    }
    let packed = gzip(&files);
    for archive in [&files, &packed] {
        let check = |lines: &str, expected: &str| check(archive, lines, expected);
        check("ADD app.tgz /opt/\nCMD [\"/opt/rel-1/bin/app\"]", "fails missing-interpreter");
        check("ADD app.tgz /opt\nCMD [\"/opt/rel-1/run\"]", "starts");
        check("ADD app.tgz /opt\nCMD [\"/opt/rel-1/bin/plain\"]", "fails program-not-executable");
        check("ADD --chmod=755 app.tgz /opt\nCMD [\"/opt/rel-1/gone\"]", "fails program-missing");
        check("ADD --unpack=false app.tgz /opt/\nCMD [\"/opt/rel-1/bin/fixed\"]", "fails program-missing");
        check(
            "COPY app.tgz /t/\nRUN tar -xzf /t/app.tgz -C /opt\nCMD [\"/opt/rel-1/bin/app\"]",
            "fails missing-interpreter",
        );
        check(
            "WORKDIR /srv\nCOPY app.tgz .\nRUN tar xf app.tgz --strip-components=1 && rm app.tgz\nCMD [\"./bin/fixed\"]",
            "starts",
        );
        check(
            "COPY app.tgz /t/\nRUN tar xzf /t/app.tgz -C / rel-1/bin/fixed\nCMD [\"/rel-1/bin/app\"]",
            "fails program-missing",
        );
    }
    // What is packed otherwise may hold anything.
    let xz = b"\xfd7zXZ\0\0\0".to_vec();
    check(
        &xz,
        "ADD app.tgz /opt\nCMD [\"/opt/rel-1/bin/app\"]",
        "unknown archives packed by xz are not read: unpack it, or pack it with gzip",
    );
    // A file that only has the name is copied as it is.
    check(b"text", "ADD app.txt app.tgz /opt/\nCMD [\"/opt/x\"]", "fails copy-source-missing");
}

/// A source that has these bytes at its start and repeats others for ever after.
struct Endless {
    first: Vec<u8>,
    again: Vec<u8>,
    size: u64,
}

impl ReadAt for Endless {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        for (at, byte) in (offset..).zip(buffer) {
            let first = self.first.len() as u64;
            let place = usize::try_from(if at < first { at } else { (at - first) % self.again.len() as u64 }).unwrap();
            *byte = if at < first { self.first[place] } else { self.again[place] };
        }
        Ok(())
    }
}

#[track_caller]
fn hostile(content: impl ReadAt + 'static, expected: &str) {
    let input = Input { path: "image.tar".into(), mode: None, content: Arc::new(content) };
    assert_eq!(told(&run(&[input])), format!("no-program {expected}").trim());
}

#[test]
fn hostile_archives_get_an_answer() {
    const FILES: &str = "it holds files, and no image: `docker save IMAGE -o image.tar` writes one";
    const EARLY: &str = "`image.tar` ends too early: it was not copied whole";
    const DAMAGED: &str = "`image.tar` is damaged: something in it is no tar header";
    const TOO_MUCH: &str = "`image.tar` holds more than execlens reads of an archive";
    let head = |path: &str, kind: u8, size: u64| header(path, kind, size, 0o644, (0, 0), "").to_vec();
    let mut wrong = tar(&[Member::file("a", b"x"), Member::file("b", b"y")]);
    wrong[1024] ^= 1;
    hostile(wrong, DAMAGED);
    hostile(head("a", b'0', 1 << 40), EARLY);
    hostile(head("a", b'0', u64::MAX), DAMAGED);
    hostile(head("a", b'L', 1 << 40), TOO_MUCH);
    hostile(tar(&[Member::file(&"d/".repeat(4000), b"")]), FILES);
    hostile(b"BZh91AY&SY".to_vec(), "archives packed by bzip2 are not read: unpack it, or pack it with gzip");
    hostile(b"\x28\xb5\x2f\xfd\0\0".to_vec(), "archives packed by zstd are not read: unpack it, or pack it with gzip");
    hostile(gzip(b"a text"), "it is no archive that is read");
    // Headers without end, and a manifest that leads in circles.
    hostile(Endless { first: vec![], again: head("a", b'0', 0), size: 1 << 40 }, FILES);
    let circle = json!({ "manifests": [{ "digest": "sha256:a" }, { "digest": "sha256:a" }] }).to_string();
    let index = json!({ "manifests": vec![json!({ "digest": "sha256:a" }); 50] }).to_string();
    let circle = tar(&[
        Member::file("oci-layout", b"{}"),
        Member::file("index.json", index.as_bytes()),
        Member::file("blobs/sha256/a", circle.as_bytes()),
    ]);
    hostile(circle, "`image.tar` has the files of an image, but no manifest in it leads to one");
    let deep = "[".repeat(100_000);
    let deep = tar(&[Member::file("manifest.json", deep.as_bytes())]);
    hostile(deep, "`image.tar` has the files of an image, but no manifest in it leads to one");
}

#[test]
fn every_prefix_and_every_flip_has_an_answer() {
    let image = docker_save(
        &["shop:1"],
        &config(json!({ "Cmd": ["/app"] })),
        &[gzip(&tar(&[
            Member::program("app", b"#!/bin/sh\n"),
            Member { what: What::Device, ..Member::file("null", b"") },
        ]))],
    );
    let packed = gzip(&image);
    for bytes in [&image, &packed] {
        for at in (0..bytes.len()).step_by(61) {
            let _ = run(&[Input::new("image.tar", bytes[..at].to_vec())]);
            for flip in [0x41, 0x80, 0xff] {
                let mut flipped = bytes.clone();
                flipped[at] ^= flip;
                let _ = run(&[Input::new("image.tar", flipped)]);
            }
        }
    }
}

/// What each format can hold, and what becomes of each file (`tests/tars`).
const FORMATS: &[(&str, &str, &str)] = &[
    ("v7", "run", "starts"),
    ("v7", "hard", "starts"),
    ("v7", "soft", "starts"),
    ("v7", "plain", "fails program-not-executable"),
    ("v7", "日本", "starts"),
    ("v7", "after", "starts"),
    ("v7", "LONG", "fails program-missing"),
    ("ustar", "run", "starts"),
    ("ustar", "hard", "starts"),
    ("ustar", "DEEP/run", "starts"),
    ("ustar", "LONG", "fails program-missing"),
    ("gnu", "run", "starts"),
    ("gnu", "hard", "starts"),
    ("gnu", "soft", "starts"),
    ("gnu", "longlink", "starts"),
    ("gnu", "DEEP/run", "starts"),
    ("gnu", "LONG", "starts"),
    ("gnu", "none", "fails program-missing"),
    ("posix", "hard", "starts"),
    ("posix", "longlink", "starts"),
    ("posix", "DEEP/run", "starts"),
    ("posix", "LONG", "starts"),
    ("posix", "日本", "starts"),
    ("posix", "none", "fails program-missing"),
    // What has holes is not read, and what comes after it is.
    ("gnu-sparse", "sparse", "unknown"),
    ("gnu-sparse", "soft", "starts"),
    ("posix-sparse", "sparse", "unknown"),
    ("posix-sparse", "soft", "starts"),
    ("posix-sparse-0.0", "sparse", "unknown"),
    ("posix-sparse-0.0", "soft", "starts"),
    ("posix-sparse-0.0", "GNUSparseFile", "fails program-missing"),
];

#[test]
fn every_format_of_tar_is_read() {
    let deep: Vec<String> = (0..9).map(|n| format!("directory-{n:02}")).collect();
    for (format, path, expected) in FORMATS {
        let packed = std::fs::read(format!("{}/tests/tars/{format}.xz", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut bytes = Vec::new();
        lzma_rs::xz_decompress(&mut packed.as_slice(), &mut bytes).unwrap();
        let path = path.replace("DEEP", &deep.join("/")).replace("LONG", &"n".repeat(150));
        let dockerfile = format!("FROM alpine:3.19\nADD x.tar /\nCMD [\"/a/{path}\"]\n");
        let report = run(&[Input::new("p/Dockerfile", dockerfile), Input::new("p/x.tar", bytes)]);
        assert_eq!(told(&report), *expected, "{format}: {path}");
    }
}
