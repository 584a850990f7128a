//! What was dropped: files that are read by ranges, so that a program of 500 MB costs only the bytes that matter.

use std::fmt;
pub mod blocks;

use std::io;
use std::sync::Arc;

/// One dropped file.
#[derive(Clone)]
pub struct Input {
    /// Its path as dropped, with `/` between the parts: `project/cmd/main.go`.
    pub path: Arc<str>,
    /// Permission bits, where the one who dropped it could tell (a browser cannot).
    pub mode: Option<u32>,
    pub content: Arc<dyn ReadAt>,
}

/// A file's bytes, read by ranges.
pub trait ReadAt {
    /// The length in bytes.
    fn size(&self) -> u64;

    /// Reads into the whole of `buffer` from `offset`.
    ///
    /// # Errors
    /// When the file ends before the buffer is full, or cannot be read any more (it was changed or taken away).
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// The path alone: the content may be large.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Input {
    #[must_use]
    pub fn new(path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self { path: Arc::from(path), mode: None, content: Arc::new(content.into()) }
    }

    /// At most `limit` bytes from the start.
    ///
    /// # Errors
    /// As [`ReadAt::read_at`].
    pub fn head(&self, limit: usize) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.content.size()).unwrap_or(usize::MAX).min(limit);
        let mut bytes = vec![0; length];
        self.content.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// The part of the path after the last slash.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let range = usize::try_from(offset).ok().and_then(|start| self.get(start..)?.get(..buffer.len()));
        let bytes = range.ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_past_the_end_is_an_error() {
        let input = Input::new("a/b", "abc");
        assert_eq!(input.name(), "b");
        assert_eq!(input.head(9).unwrap(), b"abc");
        let mut two = [0; 2];
        assert!(input.content.read_at(1, &mut two).is_ok());
        assert!(input.content.read_at(2, &mut two).is_err());
        assert!(input.content.read_at(u64::MAX, &mut two).is_err());
    }
}
