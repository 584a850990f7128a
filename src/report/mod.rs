//! The published answer; `report.d.ts` beside this file is the same in TypeScript.
//!
//! Names follow Docker's terms and the Language Server Protocol's (3.17).
//! Nothing else of the core is serialized, so what is inside may change while this stays.

mod format;
mod markdown;
mod needs;
mod options;
mod sarif;
mod text;
mod write;

pub use crate::source::Position;
pub use crate::verdict::Verdict;
pub use format::{Format, format};
pub use options::{CheckOptions, OptionError};
pub use write::{page, report};

use serde::{Serialize, Serializer};

/// The format's version: raised when a reader of the old one could be misled.
pub const FORMAT_VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub format_version: u32,
    pub version: &'static str,
    pub verdict: Verdict,
    pub summary: String,
    pub diagnostics: Vec<Diagnostic>,
    pub unknowns: Vec<Unknown>,
    pub programs: Vec<Program>,
    pub stages: Vec<Stage>,
    pub launch: Option<Launch>,
    pub inputs: Vec<RecognizedInput>,
    pub suppressed: Vec<Diagnostic>,
    pub messages: Vec<MessageMeaning>,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    pub start: Position,
    pub end: Position,
}

/// A place in a dropped file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Location {
    pub path: String,
    pub range: Range,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    pub path: String,
    pub range: Range,
    /// 1 error, 2 warning, 3 information
    pub severity: u8,
    pub code: &'static str,
    pub code_description: CodeDescription,
    pub source: &'static str,
    pub message: String,
    pub related_information: Vec<RelatedInformation>,
    pub certainty: Certainty,
    pub condition: Option<Condition>,
    pub evidence: Vec<Evidence>,
    pub runtime_messages: Vec<RuntimeMessage>,
    pub fixes: Vec<Fix>,
}

/// How grave a diagnostic is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
    Information,
}

impl Severity {
    #[must_use]
    pub fn of(found: &Diagnostic) -> Self {
        match found.severity {
            1 => Self::Error,
            2 => Self::Warning,
            _ => Self::Information,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CodeDescription {
    pub href: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RelatedInformation {
    pub location: UriLocation,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UriLocation {
    pub uri: String,
    pub range: Range,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    Certain,
    Conditional,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    pub text: String,
    pub settled_by: Vec<Settler>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Settler {
    File { path: String },
    ProjectFolder,
    Program { path: String },
    Image { reference: String },
}

impl Settler {
    /// What to drop, in a word.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File { path } | Self::Program { path } => path.clone(),
            Self::ProjectFolder => "./".to_owned(),
            Self::Image { reference } => reference.clone(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub text: String,
    pub from: EvidenceKind,
    pub location: Option<Location>,
    pub source: Option<RecordSource>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    Read,
    Recorded,
    Derived,
    Assumed,
    Definition,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordSource {
    pub record: String,
    pub reference: String,
    pub observed: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeMessage {
    pub engine: &'static str,
    pub text: String,
    pub exit_code: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    pub title: String,
    pub tradeoff: String,
    pub preferred: bool,
    pub edits: Vec<FileEdit>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileEdit {
    pub path: String,
    pub range: Range,
    pub new_text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    pub text: String,
    pub settled_by: Vec<Settler>,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Program {
    pub path: String,
    pub origin: ProgramOrigin,
    pub needs: ProgramNeeds,
    pub images: Vec<ImageVerdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProgramOrigin {
    Dropped,
    Predicted,
    Image,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgramNeeds {
    pub kind: ProgramKind,
    pub description: String,
    pub platform: Option<String>,
    pub interpreter: Option<String>,
    pub linkage: Option<Linkage>,
    pub libraries: Vec<String>,
    pub symbol_versions: Vec<SymbolVersion>,
    pub toolchain: Option<String>,
    pub settings: Vec<Setting>,
    pub facts: Vec<LabelledFact>,
    pub certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProgramKind {
    Elf,
    Script,
    Foreign,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linkage {
    Static,
    Dynamic,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SymbolVersion {
    pub library: String,
    pub version: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelledFact {
    pub label: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImageVerdict {
    pub reference: String,
    pub platform: String,
    pub verdict: Verdict,
    pub code: Option<&'static str>,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    pub index: usize,
    pub name: Option<String>,
    pub path: String,
    pub range: Range,
    pub base: String,
    pub platform: String,
    pub used: bool,
    pub target: bool,
    pub image: Option<StageImage>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageImage {
    pub reference: String,
    pub known: bool,
    pub distribution: Option<String>,
    pub libc: Option<&'static str>,
    pub libc_version: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Launch {
    pub argv: Vec<String>,
    pub working_directory: String,
    pub user: String,
    pub steps: Vec<LaunchStep>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LaunchStep {
    pub path: String,
    pub reason: String,
    pub stage: Option<usize>,
    pub location: Option<Location>,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageMeaning {
    pub text: String,
    pub meaning: String,
    pub codes: Vec<&'static str>,
    pub speaker: String,
    pub confirmed: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecognizedInput {
    pub path: String,
    pub kind: &'static str,
    pub problem: Option<String>,
}
