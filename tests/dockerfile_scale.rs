//! Large and hostile Dockerfiles: an answer, without a stack overflow and without waiting.
//!
//! Nothing is timed here; what grows faster than its input would simply not end.

use execlens::dockerfile::expand::{self, Variable};
use execlens::dockerfile::{self, Command, Dockerfile, Kind};
use execlens::word::Word;

fn read(text: impl AsRef<[u8]>) -> Dockerfile {
    dockerfile::read(&"Dockerfile".into(), text.as_ref())
}

#[test]
fn a_hundred_thousand_instructions() {
    let lines: String = (0..50_000).map(|n| format!("RUN echo {n} # '\nCOPY --link a{n} b/\n")).collect();
    let file = read(format!("FROM alpine\n{lines}"));
    assert_eq!(file.instructions.len(), 100_001);
    assert!(file.problems.is_empty());
}

#[test]
fn one_instruction_of_a_hundred_thousand_lines() {
    let lines = "  && echo a \\\n  # why\n\n".repeat(100_000);
    let file = read(format!("FROM alpine\nRUN true \\\n{lines}  && true\n"));
    let Kind::Run(run) = &file.instructions[1].kind else { panic!("no RUN") };
    let Command::Shell(script) = &run.command else { panic!("no script") };
    assert_eq!(script.text.matches("&&").count(), 100_001);
    let last = script.text.len();
    assert_eq!(script.span(last - 4, last).of(&file.text), "true");
    assert_eq!(file.problems.len(), 1);
}

#[test]
fn a_list_and_an_env_of_a_hundred_thousand_lines() {
    let list = "\"a\", \\\n".repeat(100_000);
    let file = read(format!("FROM alpine\nCMD [{list}\"b\"]\n"));
    let Kind::Cmd(Command::Exec { words, .. }) = &file.instructions[1].kind else { panic!("no list") };
    assert_eq!(words.len(), 100_001);
    assert_eq!(words[100_000].span.of(&file.text), "\"b\"");

    let pairs = "A=\"b c\" \\\n".repeat(100_000);
    let file = read(format!("FROM alpine\nENV {pairs} B=c\n"));
    let Kind::Env(pairs) = &file.instructions[1].kind else { panic!("no ENV") };
    assert_eq!(pairs.len(), 100_001);

    let flags = "--exclude=a \\\n".repeat(50_000);
    let file = read(format!("FROM alpine\nCOPY {flags} a b\n"));
    assert!(file.problems.is_empty(), "{:?}", file.problems);
    let mounts = "--mount=target=/a \\\n".repeat(50_000);
    assert!(read(format!("FROM alpine\nRUN {mounts} a b\n")).problems.is_empty());
}

#[test]
fn a_line_of_ten_megabytes_is_refused_as_the_builder_refuses_it() {
    let file = read(format!("FROM alpine\nRUN {}\nRUN true\n", "x".repeat(10_000_000)));
    assert_eq!(file.instructions.len(), 1);
    assert_eq!(file.problems.len(), 1);
    assert!(file.problems[0].fatal && file.problems[0].message.in_english().contains("65535"));
}

#[test]
fn ten_thousand_stages() {
    let stages: String = (0..10_000).map(|n| format!("FROM alpine AS s{n}\nCOPY --from=s{n} a b\n")).collect();
    assert_eq!(read(stages).instructions.len(), 20_000);
}

#[test]
fn a_hundred_thousand_heredocs() {
    let documents: String = (0..50_000).map(|n| format!("COPY <<A{n} <<-'B' /x/\na\nA{n}\n\tb\n\tB\n")).collect();
    let file = read(format!("FROM alpine\n{documents}"));
    assert_eq!(file.instructions.iter().map(|instruction| instruction.heredocs.len()).sum::<usize>(), 100_000);
    let many: String = (0..50_000).map(|_| "<<A \\\n").collect();
    let file = read(format!("FROM alpine\nRUN {many}\n{}", "A\n".repeat(50_000)));
    assert_eq!(file.instructions[1].heredocs.len(), 50_000);
}

#[test]
fn nesting_costs_no_stack() {
    let deep = 100_000;
    for nested in [
        format!("ENV A={}x", "${A:-\\\n".repeat(deep)),
        format!("RUN <<{}x", "${A:-\\\n".repeat(deep)),
        format!("CMD {}x", "[\\\n".repeat(deep)),
        format!("CMD {}", "{\"a\":\\\n".repeat(deep)),
        "ONBUILD \\\n".repeat(deep) + "RUN a",
        format!("FROM {}", "\"'\\\n".repeat(deep)),
        format!("RUN {}", "--mount=\"\\\n".repeat(deep)),
        format!("COPY {}", "\u{e0}--\\\n".repeat(deep)),
    ] {
        let file = read(format!("FROM alpine\n{nested}\nRUN true\n"));
        drop(file);
    }
    let word = "${A:-".repeat(deep) + &"}".repeat(deep);
    assert!(expand::expand(&word, '\\', &mut |_| Variable::Unset).is_err());
    let quotes = "\"${A:-".repeat(deep);
    assert!(expand::expand(&quotes, '\\', &mut |_| Variable::Unset).is_err());
}

#[test]
fn values_that_double_come_to_an_end() {
    let mut value = Word::new("0123456789");
    let error = (0..100).find_map(|_| {
        let doubled = expand::expand("$A$A", '\\', &mut |_| Variable::Set(value.clone()));
        match doubled {
            Ok(doubled) => value = doubled.word,
            Err(error) => return Some(error),
        }
        None
    });
    assert!(error.is_some());
}

#[test]
fn text_that_is_none() {
    let noise: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    drop(read(&noise));
    drop(read(vec![0xff; 1_000_000]));
    let utf16: Vec<u8> = "\u{feff}FROM alpine\nRUN true\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = read(utf16);
    assert_eq!(file.problems.len(), 1);
    assert!(file.problems[0].message.in_english().contains("UTF-16"));
}
