//! Large and hostile builds end, on the stack that a browser's module has.

use std::sync::Arc;

use execlens::build::{self, Request};
use execlens::project::Project;
use execlens::{dockerfile, launch};

/// The stack of a WebAssembly module, as the linker lays it out.
const STACK: usize = 1 << 20;

#[track_caller]
fn runs(text: String, launches: usize) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let dockerfile = Arc::new(dockerfile::read(&"Dockerfile".into(), text.as_bytes()));
        let build = build::run(dockerfile, Arc::from(Project::default()), &Request::default());
        launch::launches(&build).len()
    });
    let found = thread.expect("a thread starts").join().expect("the build ends");
    assert_eq!(found, launches);
}

#[test]
fn stages_upon_stages() {
    let mut text = String::from("FROM alpine:3.20 AS s0\n");
    for n in 1..3000 {
        text += &format!("FROM s{} AS s{n}\nRUN echo {n} > /f{n}\n", n - 1);
    }
    runs(text, 1);
}

#[test]
fn stages_that_copy_from_each_other() {
    let mut text = String::from("FROM alpine:3.20 AS s0\nRUN touch /x\n");
    for n in 1..3000 {
        text += &format!("FROM scratch AS s{n}\nCOPY --from=s{} /x /x\n", n - 1);
    }
    runs(text + "CMD [\"/x\"]\n", 1);
}

#[test]
fn a_file_that_is_moved_all_the_time() {
    let moves =
        "RUN mv /a /b && mv /b /a\nRUN if [ -n \"$NOPE\" ]; then cp /a /b; fi; test -f /c && mv /a /b; mv /b /a\n";
    runs(format!("FROM alpine:3.20\nRUN touch /a\n{}CMD [\"/a\"]\n", moves.repeat(3000)), 1);
}

#[test]
fn scripts_and_makefiles_that_run_themselves() {
    let text = "FROM alpine:3.20\nCOPY --chmod=755 <<EOF /a.sh\n#!/bin/sh\nexec /a.sh\nEOF\n\
                COPY <<EOF /w/Makefile\nall:\n\tmake\n\tmake\nEOF\nWORKDIR /w\nRUN make\nRUN /a.sh\nENTRYPOINT [\"/a.sh\"]\n";
    let dockerfile = Arc::new(dockerfile::read(&"Dockerfile".into(), text.as_bytes()));
    let build = build::run(dockerfile, Arc::from(Project::default()), &Request::default());
    assert!(launch::launches(&build).len() > 2);
}
