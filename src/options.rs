//! What a caller may choose.

use crate::build::Request;
use crate::text::Locale;

/// The options of [`check`](crate::check); the default is a build of the last stage for `linux/amd64`, in English.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to build, as `docker build` is told.
    pub request: Request,
    /// The language of the messages.
    pub locale: Locale,
    /// Images to judge dropped programs against; the usual base images when `None`.
    pub images: Option<Vec<String>>,
}
