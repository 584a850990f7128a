//! Why an instruction is refused, before it is known where it stands.

use super::Problem;
use crate::source::Span;
use crate::text::Text;

/// A refusal: of the whole instruction, or of a part of it.
pub(super) struct Refusal {
    pub span: Option<Span>,
    pub message: Text,
}

impl Refusal {
    /// The instruction is refused as a whole.
    pub(super) fn whole(message: Text) -> Self {
        Self { span: None, message }
    }

    /// What BuildKit says once the text is cut up.
    pub(super) fn of_instruction(self, instruction: Span) -> Problem {
        Problem { span: self.span.unwrap_or(instruction), message: self.message, fatal: true, syntax: false }
    }

    /// What BuildKit says while it cuts the text up.
    pub(super) fn of_syntax(self, instruction: Span) -> Problem {
        Problem { span: self.span.unwrap_or(instruction), message: self.message, fatal: true, syntax: true }
    }
}
