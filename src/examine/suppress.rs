//! Comments that silence a rule: `# execlens ignore=rule-name` above an instruction.

use crate::build::Build;
use crate::diagnostic::Diagnostic;

/// Takes out the findings that a comment above their instruction silences, in order.
pub(super) fn take(build: &Build, diagnostics: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
    let (silenced, kept) = std::mem::take(diagnostics).into_iter().partition(|found| is_silenced(build, found));
    *diagnostics = kept;
    silenced
}

fn is_silenced(build: &Build, found: &Diagnostic) -> bool {
    let dockerfile = &build.dockerfile;
    if found.at.path != dockerfile.path {
        return false;
    }
    let instruction = dockerfile.instructions.iter().find(|instruction| {
        instruction.span.start <= found.at.span.start && found.at.span.start < instruction.span.end
    });
    instruction.is_some_and(|instruction| instruction.ignored_rules(&dockerfile.text).contains(&found.rule))
}
