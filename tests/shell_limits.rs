//! Scripts that are too long, too deep or no scripts: an answer, whatever they are, in a bounded depth of stack.

use execlens::shell::{Command, Dialect, Ending, Host, State, Status, walk};
use execlens::source::Excerpt;
use execlens::word::Word;

/// Counts what it is asked to run.
#[derive(Default)]
struct Counter {
    commands: usize,
}

impl Host for Counter {
    fn run(&mut self, _: &Command<'_>) -> Status {
        self.commands += 1;
        Status::Unknown
    }
}

/// Walks a script on a stack no larger than a WebAssembly module's.
fn count(script: &str) -> (usize, Ending) {
    const STACK: usize = 1 << 20;
    let script = script.to_owned();
    let walked = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let mut state =
            State { directory: Some("/".into()), arguments: Some(vec![Word::new("/bin/sh")]), ..State::default() };
        let mut counter = Counter::default();
        let excerpt = Excerpt { text: script, pieces: vec![(0, 0)] };
        let ending = walk(&excerpt, &"script".into(), Dialect::Bash, &mut state, &mut counter);
        (counter.commands, ending)
    });
    walked.unwrap().join().unwrap()
}

#[track_caller]
fn check(script: &str, commands: usize, unread: &[&str]) {
    let (seen, ending) = count(script);
    assert_eq!(seen, commands, "commands");
    let reasons: Vec<String> = ending.unread.iter().map(|need| need.text.in_english()).collect();
    assert_eq!(reasons.len(), unread.len(), "{reasons:?}");
    for (reason, part) in reasons.iter().zip(unread) {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn long_scripts_are_walked_to_the_end() {
    check(&"echo a\n".repeat(100_000), 100_000, &[]);
    check(&"export A=1 && echo $A; ".repeat(50_000), 50_000, &[]);
    check(&format!("{}true", "go build ./... && \\\n  ".repeat(100_000)), 100_000, &[]);
    check(&format!("echo {}", "a ".repeat(200_000)), 1, &[]);
    check(&format!("echo {}", "a".repeat(10_000_000)), 1, &[]);
    check(&format!("echo '{}'", "\n".repeat(1_000_000)), 1, &[]);
    check(&"if [ $A = 1 ]; then B=1; else B=2; fi\n".repeat(20_000), 0, &[]);
    check(&"[ -f x ] && a || b\n".repeat(20_000), 40_000, &[]);
    check(&format!("case $(u) in\n{}esac", "a) b;;\n".repeat(2_000)), 2_001, &[]);
    check(&format!("cat <<E\n{}E\n", "$A x\n".repeat(100_000)), 1, &[]);
    check(&"cat <<E\nx\nE\n".repeat(20_000), 20_000, &[]);
    check(&"f() { a; }; f; ".repeat(5_000), 5_000, &[]);
    check("A=1 B=2 x", 1, &[]);
}

#[test]
fn nesting_ends_somewhere() {
    for open in ["(", "( ", "{ ", "if ", "$(", "\"$(", "${A:-", "$((", "while ", "case x in a) ", "f() { ", "[[ ("] {
        let (_, ending) = count(&format!("a; {}", open.repeat(100_000)));
        assert!(!ending.unread.is_empty(), "{open}");
    }
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    check(&nested("( ", "a", " )", 39), 1, &[]);
    check(&nested("{ ", "a", "; }", 39), 1, &[]);
    check(&nested("if true; then ", "a", "; fi", 39), 1, &[]);
    check(&nested("echo $(", "a", ")", 20), 21, &[]);
    check(&nested("case x in x) ", "a", ";; esac", 39), 1, &[]);
    check(&nested("if b; then ", "a", "; fi", 39), 40, &[]);
    check(&nested("for x in 1; do ", "a", "; done", 39), 1, &[]);
    check(&nested("( ", "a", " )", 41), 1, &["levels deep"]);
    check(&nested("echo ${A:-", "a", "}", 1), 1, &[]);
    check(&format!("echo {}", nested("${A:-", "a", "}", 39)), 1, &[]);
    check(&format!("echo $(({}1{}))", "(".repeat(500), ")".repeat(500)), 1, &[]);
    check(&format!("[ {} a ]", "! ".repeat(10_000)), 0, &[]);
    check(&format!("[ {} a {} ]", "\\( ".repeat(1000), "\\) ".repeat(1000)), 0, &[]);
    check(&format!("if a; then b; {}fi", "elif c; then d; ".repeat(30)), 62, &[]);
    check(&format!("[[ {} a ]]", "! ".repeat(39)), 0, &[]);
}

#[test]
fn what_runs_for_ever_is_left() {
    let (_, ending) = count("f() { f; f; }; f");
    assert_eq!(ending.unread.len(), 1);
    let loops = "for a in $L; do for b in $L; do for c in $L; do x; done; done; done";
    let (commands, ending) = count(&format!("L='{}'; {loops}", "1 ".repeat(300)));
    assert!(commands < 1_000_000 && ending.unread.len() == 1, "{commands}");
    let doubled = format!("A=x{}; x $A", "; A=$A$A".repeat(60));
    check(&doubled, 1, &[]);
    check("while true; do x; done", 1, &[]);
    check("i=0; while [ $i -ge 0 ]; do i=$((i + 1)); done; x", 1, &[]);
    let (commands, _) = count("f() { eval f; }; f");
    assert!(commands < 100);
    check("x {1..1000}{1..1000}{1..1000}", 1, &[]);
}

#[test]
fn what_is_no_script_is_an_answer() {
    check("a\0b; c", 2, &[]);
    check("\u{feff}a", 1, &[]);
    check("echo 'a", 1, &["not closed"]);
    check("echo \"a $(", 1, &["not closed"]);
    check("cat <<EOF\nno end", 1, &[]);
    check("echo \\", 1, &[]);
    check("$", 1, &[]);
    check("${}", 1, &[]);
    check("${A:-${B:-${C}}} ${#} ${!} ${A:} ${A/} ${A//} ${A^} ${A@Q} ${A[} x", 1, &[]);
    check("é() { ü; }; é", 1, &[]);
    check("a\\é b", 1, &[]);
    // A carriage return is a character like any other.
    check("if a; then\r\n  b\r\nfi\r\n", 1, &["not closed"]);
    check("a\r\nb\r\n", 2, &[]);
    for byte in 0..=127_u8 {
        let text = char::from(byte).to_string();
        for script in [text.repeat(3), format!("a {text}"), format!("a {text} b; c"), format!("x=${{A{text}b}}; $x")] {
            count(&script);
        }
    }
}
