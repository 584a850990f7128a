//! An [`Analysis`] in the words of one language, its places as lines and columns.

use crate::lists::{Collect, Map};
use std::sync::Arc;

use super::{
    Certainty, CodeDescription, Condition, Diagnostic, Evidence, EvidenceKind, FORMAT_VERSION, FileEdit, Fix,
    ImageVerdict, LabelledFact, Launch, LaunchStep, Location, MessageMeaning, Program, ProgramOrigin, Range,
    RecognizedInput, RecordSource, RelatedInformation, Report, RuntimeMessage, Settler, Stage, StageImage, Unknown,
    UriLocation, needs,
};
use crate::analysis::{self, Analysis, Chain};
use crate::build::{self, Build};
use crate::diagnostic::{self, Effect};
use crate::fact::{self, Need, Provenance, Step};
use crate::fix;
use crate::image::{Image, LibcFamily};
use crate::input::Input;
use crate::message::Meaning;
use crate::project::MAXIMUM_TEXT;
use crate::source::{self, LineIndex, Position};
use crate::text;
use crate::text::{Locale, Text};

/// The report of an analysis of `files`.
#[must_use]
pub fn report(analysis: &Analysis, files: &[Input], locale: Locale) -> Report {
    let texts = texts(analysis, files);
    let lines = texts.iter().map(|(path, text)| (&**path, LineIndex::new(text))).collect_vec();
    Writer { locale, lines }.report(analysis)
}

/// The texts that places are counted in, each read once.
fn texts(analysis: &Analysis, files: &[Input]) -> Map<Arc<str>> {
    let mut texts = Map::new();
    for build in &analysis.builds {
        texts.insert(Arc::clone(&build.dockerfile.path), Arc::clone(&build.dockerfile.text));
    }
    let kinds = analysis.inputs.iter().filter(|input| input.kind.is_some_and(|kind| kind.is_text()));
    for path in kinds.map(|input| &input.path) {
        let head = files.iter().find(|file| file.path == *path).and_then(|file| file.head(MAXIMUM_TEXT).ok());
        if let Some(head) = head {
            texts.insert_new(path, Arc::from(String::from_utf8_lossy(&head).as_ref()));
        }
    }
    texts
}

struct Writer<'t> {
    locale: Locale,
    /// By path, in order.
    lines: Vec<(&'t str, LineIndex<'t>)>,
}

impl Writer<'_> {
    fn report(&self, analysis: &Analysis) -> Report {
        Report {
            format_version: FORMAT_VERSION,
            version: env!("CARGO_PKG_VERSION"),
            verdict: analysis.verdict,
            summary: self.text(&analysis.summary),
            diagnostics: analysis.diagnostics.iter().map(|found| self.diagnostic(found)).collect_vec(),
            unknowns: analysis.unknowns.iter().map(|need| self.unknown(need)).collect_vec(),
            programs: analysis.programs.iter().map(|program| self.program(program)).collect_vec(),
            stages: analysis.builds.iter().flat_map(|build| self.stages(build)).collect_vec(),
            launch: analysis.launch.as_ref().map(|chain| self.launch(chain)),
            inputs: analysis.inputs.iter().map(|input| self.input(input)).collect_vec(),
            suppressed: analysis.suppressed.iter().map(|found| self.diagnostic(found)).collect_vec(),
            messages: analysis.messages.iter().map(|message| self.message(message)).collect_vec(),
        }
    }

    fn text(&self, text: &Text) -> String {
        text.render(self.locale)
    }

    /// The start of the file where its text is not at hand, as for a program.
    fn range(&self, path: &str, span: source::Span) -> Range {
        let start = Position { line: 0, character: 0 };
        match self.lines.binary_search_by_key(&path, |(path, _)| path) {
            Ok(at) => {
                let lines = &self.lines[at].1;
                Range { start: lines.position(span.start), end: lines.position(span.end) }
            }
            Err(_) => Range { start, end: start },
        }
    }

    fn location(&self, at: &source::Location) -> Location {
        Location { path: at.path.to_string(), range: self.range(&at.path, at.span) }
    }

    fn diagnostic(&self, found: &diagnostic::Diagnostic) -> Diagnostic {
        let conditions = found.conditions();
        let place = self.location(&found.at);
        Diagnostic {
            path: place.path,
            range: place.range,
            severity: severity(found),
            code: found.rule,
            code_description: CodeDescription { href: page(found.rule, self.locale) },
            source: "execlens",
            message: self.text(&found.message),
            related_information: found.related.iter().map(|label| self.related(label)).collect_vec(),
            certainty: certainty(conditions.is_empty()),
            condition: self.condition(&conditions),
            evidence: found.argument().iter().map(|step| self.evidence(step)).collect_vec(),
            runtime_messages: found.runtime_messages.iter().map(|message| self.runtime_message(message)).collect_vec(),
            fixes: found.fixes.iter().enumerate().map(|(n, fix)| self.fix(fix, n == 0)).collect_vec(),
        }
    }

    fn related(&self, label: &diagnostic::Label) -> RelatedInformation {
        let place = self.location(&label.at);
        let location = UriLocation { uri: uri(&place.path), range: place.range };
        RelatedInformation { location, message: self.text(&label.text) }
    }

    /// Several conditions are one that needs them all.
    fn condition(&self, conditions: &[Arc<fact::Condition>]) -> Option<Condition> {
        let (first, others) = conditions.split_first()?;
        let text = others.iter().fold(first.text.clone(), |all, next| {
            text! { en: "{all}, and {next}", ja: "{all}、かつ{next}", all: all, next: &next.text }
        });
        let mut settled_by: Vec<&fact::Settler> = Vec::new();
        for settler in conditions.iter().flat_map(|condition| &condition.settled_by) {
            if !settled_by.contains(&settler) {
                settled_by.push(settler);
            }
        }
        Some(Condition { text: self.text(&text), settled_by: settled_by.into_iter().map(settler).collect_vec() })
    }

    fn evidence(&self, step: &Step) -> Evidence {
        let (from, location, source) = match &step.from {
            Provenance::Read(at) | Provenance::InImage(at) => (EvidenceKind::Read, Some(self.location(at)), None),
            Provenance::Recorded(source) => (EvidenceKind::Recorded, None, Some(record(source))),
            Provenance::Derived(_) => (EvidenceKind::Derived, None, None),
            Provenance::Assumed(_) => (EvidenceKind::Assumed, None, None),
            Provenance::Always => (EvidenceKind::Definition, None, None),
        };
        Evidence { text: self.text(&step.claim), from, location, source }
    }

    fn fix(&self, fix: &fix::Fix, preferred: bool) -> Fix {
        let edit = |edit: &fix::Edit| FileEdit {
            path: edit.path.to_string(),
            range: self.range(&edit.path, edit.span),
            new_text: edit.new_text.clone(),
        };
        Fix {
            title: self.text(&fix.title),
            tradeoff: self.text(&fix.tradeoff),
            preferred,
            edits: fix.edits.iter().map(edit).collect_vec(),
        }
    }

    fn unknown(&self, need: &Need) -> Unknown {
        Unknown {
            text: self.text(&need.text),
            settled_by: need.settled_by.iter().map(settler).collect_vec(),
            location: need.at.as_ref().map(|at| self.location(at)),
        }
    }

    fn program(&self, program: &analysis::Judged) -> Program {
        let certain = program.from.conditions().is_empty();
        let mut needs = needs::program_needs(&program.needs, certain, self.locale);
        // Where it starts is what was asked; how it is hardened is beside it.
        let remarks = program.remarks.iter();
        let remarks = remarks
            .map(|remark| LabelledFact { label: self.text(&remark.label), value: self.text(&remark.value) })
            .collect_vec();
        needs.facts.splice(0..0, remarks);
        Program {
            path: program.path.clone(),
            origin: match program.origin {
                analysis::Origin::Dropped => ProgramOrigin::Dropped,
                analysis::Origin::Predicted => ProgramOrigin::Predicted,
                analysis::Origin::Image => ProgramOrigin::Image,
            },
            needs,
            images: program.images.iter().map(|image| self.image_verdict(image)).collect_vec(),
        }
    }

    fn image_verdict(&self, image: &analysis::ImageVerdict) -> ImageVerdict {
        let reason = image.reason.as_ref().map(|(_, text)| text).or(image.need.as_ref().map(|need| &need.text));
        ImageVerdict {
            reference: image.reference.clone(),
            platform: image.platform.to_string(),
            verdict: image.verdict,
            code: image.reason.as_ref().map(|(code, _)| *code),
            reason: reason.map(|text| self.text(text)).unwrap_or_default(),
        }
    }

    fn stages(&self, build: &Build) -> Vec<Stage> {
        let path = &build.dockerfile.path;
        let stage = |stage: &build::Stage| Stage {
            index: stage.index,
            name: stage.name.clone(),
            path: path.to_string(),
            range: self.range(path, stage.span),
            base: stage.base.clone(),
            platform: stage.platform.to_string(),
            used: stage.used,
            target: build.target == Some(stage.index),
            image: Some(stage_image(&stage.base_image)),
        };
        build.stages.iter().map(stage).collect_vec()
    }

    fn launch(&self, chain: &Chain) -> Launch {
        let step = |step: &analysis::ChainStep| LaunchStep {
            path: step.path.clone(),
            reason: self.text(&step.reason),
            stage: step.stage,
            location: step.location.as_ref().map(|at| self.location(at)),
            verdict: step.verdict,
        };
        Launch {
            argv: chain.argv.clone(),
            working_directory: chain.working_directory.clone(),
            user: chain.user.clone(),
            steps: chain.steps.iter().map(step).collect_vec(),
        }
    }

    fn input(&self, input: &analysis::Recognised) -> RecognizedInput {
        RecognizedInput {
            path: input.path.to_string(),
            kind: input.kind.map_or("unreadable", |kind| kind.name()),
            problem: input.problem.as_ref().map(|problem| self.text(problem)),
        }
    }

    fn runtime_message(&self, message: &diagnostic::RuntimeMessage) -> RuntimeMessage {
        let engine = self.speaker(message.engine);
        RuntimeMessage { engine, text: message.text.clone(), exit_code: message.exit_code }
    }

    /// Who prints a message. Names stay as they are; the words for those without one are the reader's.
    fn speaker<'s>(&self, name: &'s str) -> &'s str {
        if self.locale == Locale::English {
            return name;
        }
        match name {
            "the build" => "ビルド",
            "the engine" => "エンジン",
            "the interpreter" => "インタープリター",
            "the linker" => "リンカー",
            "the package manager" => "パッケージマネージャー",
            "the program" => "プログラム",
            "the shell" => "シェル",
            "the shell (bash)" => "シェル（bash）",
            "the shell (busybox)" => "シェル（busybox）",
            "the shell (dash)" => "シェル（dash）",
            _ => name,
        }
    }

    fn message(&self, message: &Meaning) -> MessageMeaning {
        MessageMeaning {
            text: message.line.clone(),
            meaning: self.text(&message.meaning),
            codes: message.rules.clone(),
            speaker: self.speaker(&message.speaker).to_owned(),
            confirmed: message.confirmed,
        }
    }
}

/// A rule's page, relative to the site's root.
#[must_use]
pub fn page(rule: &str, locale: Locale) -> String {
    match locale {
        Locale::English => format!("rules/{rule}.html"),
        Locale::Japanese => format!("ja/rules/{rule}.html"),
    }
}

fn severity(found: &diagnostic::Diagnostic) -> u8 {
    match found.effect {
        Effect::BuildStops | Effect::StartFails if found.is_certain() => 1,
        Effect::BuildStops | Effect::StartFails | Effect::FailsLater => 2,
        Effect::Note => 3,
    }
}

pub(super) fn certainty(certain: bool) -> Certainty {
    if certain { Certainty::Certain } else { Certainty::Conditional }
}

fn settler(settler: &fact::Settler) -> Settler {
    match settler {
        fact::Settler::File(path) => Settler::File { path: path.clone() },
        fact::Settler::ProjectFolder => Settler::ProjectFolder,
        fact::Settler::Program(path) => Settler::Program { path: path.clone() },
        fact::Settler::Image(reference) => Settler::Image { reference: reference.clone() },
    }
}

fn record(source: &Arc<fact::Source>) -> RecordSource {
    RecordSource {
        record: source.record.clone(),
        reference: source.reference.clone(),
        observed: source.observed.clone(),
    }
}

fn stage_image(image: &Image) -> StageImage {
    let libc = image.libc.value();
    StageImage {
        reference: image.reference.clone(),
        known: image.record.known().is_some(),
        distribution: image.distribution.as_ref().map(|fact| fact.value.name.clone()),
        libc: libc.and_then(|libc| match libc.as_ref().map(|libc| libc.family) {
            Some(LibcFamily::Glibc) => Some("glibc"),
            Some(LibcFamily::Musl) => Some("musl"),
            Some(LibcFamily::Uclibc) => Some("uclibc"),
            Some(LibcFamily::Bionic) => None,
            None => Some("none"),
        }),
        libc_version: libc.and_then(|libc| libc.as_ref()).map(|libc| libc.version.clone()),
    }
}

/// A relative URI reference: the bytes that RFC 3986 has no place for in a path are percent-encoded.
pub(super) fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if plain(byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
        uri
    })
}
