//! Everything that an analysis has found, before it is put into the words of one language.

use std::sync::Arc;

use crate::build::Build;
use crate::diagnostic::Diagnostic;
use crate::fact::{Need, Provenance};
use crate::message::Meaning;
use crate::needs::{Needs, Remark};
use crate::platform::Platform;
use crate::recognise::Kind;
use crate::source::Location;
use crate::text::Text;
use crate::verdict::Verdict;

/// The answer for everything that was dropped.
#[derive(Clone, Debug)]
pub struct Analysis {
    pub verdict: Verdict,
    /// One sentence: the verdict and its reason.
    pub summary: Text,
    pub inputs: Vec<Recognised>,
    /// In the order in which they are met; the first is what the user sees.
    pub diagnostics: Vec<Diagnostic>,
    /// Those that a comment silenced.
    pub suppressed: Vec<Diagnostic>,
    pub unknowns: Vec<Arc<Need>>,
    pub programs: Vec<Judged>,
    pub builds: Vec<Build>,
    pub launch: Option<Chain>,
    pub messages: Vec<Meaning>,
}

/// A dropped file and what it was taken for.
#[derive(Clone, Debug)]
pub struct Recognised {
    pub path: Arc<str>,
    /// `None` when it could not be read.
    pub kind: Option<Kind>,
    pub problem: Option<Text>,
}

/// A program, and whether it would start in some images.
#[derive(Clone, Debug)]
pub struct Judged {
    pub path: String,
    pub origin: Origin,
    pub needs: Arc<Needs>,
    /// Where the program came from.
    pub from: Provenance,
    /// Best first.
    pub images: Vec<ImageVerdict>,
    /// Worth knowing: how it is hardened, the smallest image that starts it.
    pub remarks: Vec<Remark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Dropped,
    Predicted,
    Image,
}

#[derive(Clone, Debug)]
pub struct ImageVerdict {
    pub reference: String,
    pub platform: Platform,
    pub verdict: Verdict,
    /// The rule that fails and why.
    pub reason: Option<(&'static str, Text)>,
    /// Why it is not known.
    pub need: Option<Arc<Need>>,
}

/// How an image starts, one program after the other.
#[derive(Clone, Debug)]
pub struct Chain {
    pub argv: Vec<String>,
    pub working_directory: String,
    pub user: String,
    pub steps: Vec<ChainStep>,
}

#[derive(Clone, Debug)]
pub struct ChainStep {
    pub path: String,
    pub reason: Text,
    pub stage: Option<usize>,
    pub location: Option<Location>,
    pub verdict: Verdict,
}
