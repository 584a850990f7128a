//! Compose files beside a Dockerfile: what they mount over the program, and volumes that are declared too early.

use execlens::check;
use execlens::input::Input;
use execlens::options::Options;

const DOCKERFILE: &str =
    "FROM alpine:3.19\nWORKDIR /app\nCOPY run.sh /app/bin/run\nRUN chmod +x bin/run\nCMD [\"/app/bin/run\"]\n";

/// What is found, as `verdict: severity rule, place, condition`.
#[track_caller]
fn check_files(files: &[(&str, &str)], expected: &[&str]) {
    let inputs: Vec<Input> = files.iter().map(|(path, text)| Input::new(path, *text)).collect();
    let report = check(&inputs, &Options::default());
    let mut told = vec![report.verdict.name().to_owned()];
    told.extend(
        report
            .diagnostics
            .iter()
            .map(|found| format!("{} {} {}:{}", found.severity, found.code, found.path, found.range.start.line + 1)),
    );
    assert_eq!(told, expected, "{files:#?}");
}

#[test]
fn a_folder_over_the_program_hides_it() {
    #[track_caller]
    fn check(service: &str, expected: &[&str]) {
        let compose = format!("services:\n  web:\n    build: .\n{service}");
        let files = [
            ("p/Dockerfile", DOCKERFILE),
            ("p/run.sh", "#!/bin/sh\n"),
            ("p/compose.yaml", &compose),
            ("p/out/bin/run", ""),
        ];
        check_files(&files, expected);
    }
    let hidden = ["starts", "2 program-missing p/compose.yaml:5"];
    check("    volumes:\n      - .:/app\n", &hidden);
    check("    volumes:\n      - type: bind\n        source: ./src\n        target: /app/bin/\n", &hidden);
    check("    volumes:\n      - ${PWD}:/app\n    command: other\n", &["starts"]);
    check("    volumes:\n      - ./:/app\n    entrypoint: [/x]\n", &["starts"]);
    // The folder has the file itself; a volume begins with what the image has; the mount lies elsewhere.
    check("    volumes:\n      - ./out:/app\n", &["starts"]);
    check("    volumes:\n      - .:/app\n      - /app/bin\n", &["starts"]);
    check("    volumes:\n      - data:/app\n", &["starts"]);
    check("    volumes:\n      - .:/application\n", &["starts"]);
    check("    volumes: []\n", &["starts"]);
}

#[test]
fn another_service_hides_nothing() {
    let run = ("p/run.sh", "#!/bin/sh\n");
    for compose in [
        "services:\n  db:\n    image: postgres\n    volumes: [\".:/app\"]\n",
        "services:\n  db:\n    build: ./db\n    volumes: [\".:/app\"]\n",
        "services:\n  web:\n    build: {context: .}\n    volumes: [\".:/app\"]\n",
        "services: nothing\n",
    ] {
        check_files(&[("p/Dockerfile", DOCKERFILE), run, ("p/compose.yaml", compose)], &["starts"]);
    }
}

#[test]
fn what_is_made_below_a_volume_may_be_lost() {
    let make = "RUN printf '#!/bin/sh\\n' > /srv/run && chmod +x /srv/run\n";
    #[track_caller]
    fn check(lines: &str, expected: &[&str]) {
        let dockerfile = format!("FROM alpine:3.19\n{lines}CMD [\"/srv/run\"]\n");
        check_files(&[("p/Dockerfile", &dockerfile), ("p/run", "#!/bin/sh\n")], expected);
    }
    check(&format!("VOLUME /srv\n{make}"), &["starts", "3 program-missing p/Dockerfile:3"]);
    check(&format!("VOLUME [\"/data\", \"/srv/\"]\n{make}"), &["starts", "3 program-missing p/Dockerfile:3"]);
    check(&format!("{make}VOLUME /srv\n"), &["starts"]);
    check(&format!("VOLUME /srv/run/data\n{make}"), &["starts"]);
    check("VOLUME /srv\nCOPY --chmod=755 run /srv/run\n", &["starts"]);
}

#[test]
fn the_volume_moves_below_what_writes_there() {
    let dockerfile =
        "FROM alpine:3.19\nVOLUME /srv\nRUN echo '#!/bin/sh' > /srv/run && chmod +x /srv/run\nCMD [\"/srv/run\"]\n";
    let report = check(&[Input::new("Dockerfile", dockerfile)], &Options::default());
    let edits = &report.diagnostics[0].fixes[0].edits;
    let texts: Vec<(u32, &str)> = edits.iter().map(|edit| (edit.range.start.line, edit.new_text.as_str())).collect();
    assert_eq!(texts, [(1, ""), (2, "\nVOLUME /srv")]);
}
