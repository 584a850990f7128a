//! A fix is offered only if it mends: each is applied, and everything is looked at again.

use crate::lists::{self, Collect, Map};
use std::sync::Arc;

use super::{Dropped, dockerfiles};
use crate::analysis::Analysis;
use crate::diagnostic::{Diagnostic, Effect};
use crate::fix::{self, Edit, Fix};
use crate::input::Input;
use crate::options::Options;
use crate::project::MAXIMUM_TEXT;
use crate::rules::{self, Moment};
use crate::verdict::Verdict;

/// As many fixes are tried: each costs a whole analysis, and a person chooses among a few.
const MOST_TRIALS: usize = 48;

/// As much Dockerfile is run again in all, so that a file of a hundred thousand lines is still answered soon.
const MOST_TEXT: usize = 2 << 20;

fn trials(analysis: &Analysis) -> usize {
    let text: usize = analysis.builds.iter().map(|build| build.dockerfile.text.len()).sum();
    (MOST_TEXT / text.max(1)).clamp(1, MOST_TRIALS)
}

/// Takes out the fixes that do not mend what they are offered for, or that make the whole worse.
pub(super) fn verify(analysis: &mut Analysis, dropped: &Dropped<'_>, options: &Options) {
    let before = Standing::of(analysis);
    let mut trials = trials(analysis);
    for n in 0..analysis.diagnostics.len() {
        let offered = std::mem::take(&mut analysis.diagnostics[n].fixes);
        let found = &analysis.diagnostics[n];
        let kept = offered.into_iter().filter(|fix| {
            if fix.edits.is_empty() {
                // Nothing that was dropped changes, so there is nothing to try.
                return true;
            }
            let Some(left) = trials.checked_sub(1) else { return false };
            trials = left;
            mends(fix, found, &before, analysis, dropped, options)
        });
        let kept = kept.collect_vec();
        analysis.diagnostics[n].fixes = kept;
    }
}

fn mends(
    fix: &Fix,
    found: &Diagnostic,
    before: &Standing,
    analysis: &Analysis,
    dropped: &Dropped<'_>,
    options: &Options,
) -> bool {
    let Some(files) = apply(&fix.edits, analysis, dropped.files) else { return false };
    let mut changed = dropped.with(&files);
    if rebuilds(fix, analysis) {
        changed = changed.without_programs();
    }
    let after = Standing::of(&dockerfiles(&changed, options));
    after.count(found.rule) < before.count(found.rule)
        && rank(after.verdict) <= rank(before.verdict)
        && !trades(found, before, &after)
}

/// Whether a program that was dropped would be built anew: a change before the final stage.
fn rebuilds(fix: &Fix, analysis: &Analysis) -> bool {
    fix.edits.iter().any(|edit| {
        let build = analysis.builds.iter().find(|build| build.dockerfile.path == edit.path);
        let target = build.and_then(|build| build.stages.get(build.target?));
        target.is_none_or(|target| edit.span.start < target.span.start)
    })
}

/// Whether what the kernel or the loader refused is refused for another reason now.
fn trades(found: &Diagnostic, before: &Standing, after: &Standing) -> bool {
    let moment = rules::find(found.rule).map(|rule| rule.moment);
    let at_start =
        |rule: &str| rules::find(rule).is_some_and(|rule| matches!(rule.moment, Moment::Kernel | Moment::Loader));
    matches!(moment, Some(Moment::Kernel | Moment::Loader))
        && after
            .refusals
            .iter()
            .any(|(rule, count)| at_start(rule) && *count > before.refusals.get(rule).copied().unwrap_or(0))
}

/// How things stand: the verdict, and how often each rule finds something.
struct Standing {
    verdict: Verdict,
    findings: Map<usize>,
    /// Without what is only worth knowing.
    refusals: Map<usize>,
}

impl Standing {
    fn of(analysis: &Analysis) -> Self {
        let (mut findings, mut refusals) = (Map::<usize>::new(), Map::<usize>::new());
        for found in &analysis.diagnostics {
            *findings.get_or_default(found.rule) += 1;
            if found.effect != Effect::Note {
                *refusals.get_or_default(found.rule) += 1;
            }
        }
        Self { verdict: analysis.verdict, findings, refusals }
    }

    fn count(&self, rule: &str) -> usize {
        self.findings.get(rule).copied().unwrap_or(0)
    }
}

/// Smaller is better; what is not known may have hung on the same file before.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Starts => 0,
        Verdict::Conditional | Verdict::Unknown => 1,
        Verdict::Fails => 2,
        Verdict::NoProgram => 3,
    }
}

/// The files with the edits applied; `None` when a file to edit was not dropped.
fn apply(edits: &[Edit], analysis: &Analysis, files: &[Input]) -> Option<Vec<Input>> {
    let mut changed = files.to_vec();
    let mut paths: Vec<&Arc<str>> = edits.iter().map(|edit| &edit.path).collect_vec();
    lists::sort(&mut paths);
    paths.dedup();
    for path in paths {
        let file = changed.iter_mut().find(|file| file.path == *path)?;
        let edits: Vec<&Edit> = edits.iter().filter(|edit| edit.path == *path).collect_vec();
        let dockerfile = analysis.builds.iter().find(|build| build.dockerfile.path == *path);
        let text = match dockerfile {
            Some(build) => Arc::clone(&build.dockerfile.text),
            None => Arc::from(String::from_utf8_lossy(&file.head(MAXIMUM_TEXT).ok()?).as_ref()),
        };
        let mode = file.mode;
        *file = Input::new(path, fix::apply(&text, &edits));
        file.mode = mode;
    }
    Some(changed)
}
