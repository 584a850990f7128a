//! The answer in one word.

/// Whether what was dropped will start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that was checked holds.
    Starts,
    /// It will not start (or not build).
    Fails,
    /// It fails under a condition that could not be seen.
    Conditional,
    /// Something that decides could not be seen.
    Unknown,
    /// Nothing that was dropped is a program or starts one.
    NoProgram,
}

impl Verdict {
    /// As it is published: `no-program`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Fails => "fails",
            Self::Conditional => "conditional",
            Self::Unknown => "unknown",
            Self::NoProgram => "no-program",
        }
    }
}
