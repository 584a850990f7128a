//! The builder's refusals, in its own words.

use crate::text;
use crate::text::{Argument, Text};

/// What the builder itself prints, which is the same in every language.
pub(super) fn refused(message: String) -> Text {
    text! { en: "{message}", ja: "{message}", message: Argument::Word(message) }
}
