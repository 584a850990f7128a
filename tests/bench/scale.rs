//! How the time grows with the input.
//!
//! Each series doubles its input; a part that is linear doubles its time.
//! A part adds its own series to [`SERIES`]: a name, and what makes an input of a given size.

use std::time::{Duration, Instant};

use execlens::input::Input;
use execlens::options::Options;

struct Series {
    name: &'static str,
    /// What is counted: `lines`, `bytes`, `commands`.
    unit: &'static str,
    sizes: [usize; 4],
    make: fn(usize) -> Vec<Input>,
}

const SERIES: [Series; 3] = [
    Series { name: "Dockerfile, one long stage", unit: "lines", sizes: [1_000, 2_000, 4_000, 8_000], make: long_stage },
    Series { name: "Dockerfile, many stages", unit: "stages", sizes: [50, 100, 200, 400], make: many_stages },
    Series { name: "one command, continued", unit: "lines", sizes: [1_000, 2_000, 4_000, 8_000], make: continued },
];

/// A size is measured this long, at least once.
const ENOUGH: Duration = Duration::from_millis(300);

fn main() {
    // Cargo passes `--bench`; what else comes is a part of a name.
    let filter: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    for series in SERIES.iter().filter(|series| filter.iter().all(|part| series.name.contains(part.as_str()))) {
        println!("{}", series.name);
        for size in series.sizes {
            let files = (series.make)(size);
            println!("{size:>10} {:<8} {:>12.3} ms", series.unit, time(&files).as_secs_f64() * 1e3);
        }
    }
}

/// The shortest of several runs: what else the machine does only adds.
fn time(files: &[Input]) -> Duration {
    let options = Options::default();
    let begin = Instant::now();
    let mut best = Duration::MAX;
    while best == Duration::MAX || begin.elapsed() < ENOUGH {
        let start = Instant::now();
        std::hint::black_box(execlens::check(files, &options));
        best = best.min(start.elapsed());
    }
    best
}

fn dockerfile(text: String) -> Vec<Input> {
    vec![Input::new("Dockerfile", text)]
}

fn long_stage(lines: usize) -> Vec<Input> {
    let mut text = String::from("FROM golang:1.18\nWORKDIR /src\n");
    for line in 0..lines {
        text += &format!("RUN mkdir -p /data/{line} && cp /etc/passwd /data/{line}/file\n");
    }
    dockerfile(text + "CMD [\"/bin/sh\"]\n")
}

fn many_stages(stages: usize) -> Vec<Input> {
    let mut text = String::from("FROM golang:1.18 AS stage0\nRUN go build -o /app .\n");
    for stage in 1..stages {
        text += &format!("FROM alpine:3.19 AS stage{stage}\nCOPY --from=stage{} /app /app\n", stage - 1);
    }
    dockerfile(text + "CMD [\"/app\"]\n")
}

fn continued(lines: usize) -> Vec<Input> {
    let mut text = String::from("FROM debian:12\nRUN true \\\n");
    for line in 0..lines {
        text += &format!("  && echo {line} > /tmp/{line} \\\n");
    }
    dockerfile(text + "  && true\nCMD [\"/bin/sh\"]\n")
}
