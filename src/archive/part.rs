//! A piece of a file as a file of its own.

use std::io;
use std::sync::Arc;

use crate::input::ReadAt;

/// The bytes `start..start + size` of a source.
pub(super) struct Part {
    pub(super) source: Arc<dyn ReadAt>,
    pub(super) start: u64,
    pub(super) size: u64,
}

impl ReadAt for Part {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let inside = offset.checked_add(buffer.len() as u64).is_some_and(|end| end <= self.size);
        match self.start.checked_add(offset).filter(|_| inside) {
            Some(offset) => self.source.read_at(offset, buffer),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// The whole of a small file; `None` when it is larger than `limit` or cannot be read.
pub(super) fn whole(content: &dyn ReadAt, limit: usize) -> Option<Vec<u8>> {
    let size = usize::try_from(content.size()).ok().filter(|size| *size <= limit)?;
    let mut bytes = vec![0; size];
    content.read_at(0, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_where_it_ends() {
        let part = Part { source: Arc::new(b"abcdef".to_vec()), start: 2, size: 3 };
        assert_eq!(whole(&part, 3).as_deref(), Some(&b"cde"[..]));
        assert_eq!(whole(&part, 2), None);
        let mut two = [0; 2];
        assert!(part.read_at(1, &mut two).is_ok() && part.read_at(2, &mut two).is_err());
        assert!(part.read_at(u64::MAX, &mut two).is_err());
        assert_eq!(whole(&Part { start: 5, ..part }, 3), None);
    }
}
