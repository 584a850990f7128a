//! A cache of blocks over a source where every read is dear: one call into JavaScript each.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;

use super::ReadAt;

/// Reads small pieces through whole blocks; formats are read by many small pieces that lie near each other.
pub struct Blocks<S> {
    source: S,
    /// The most recently used last.
    recent: RefCell<VecDeque<Block>>,
}

struct Block {
    index: u64,
    bytes: Vec<u8>,
}

/// What one read of the source brings: a program's headers and tables mostly fit.
const BLOCK: usize = 64 * 1024;

/// Together 2 MiB, so that many files can be open at once.
const KEPT: usize = 32;

impl<S: ReadAt> Blocks<S> {
    #[must_use]
    pub fn new(source: S) -> Self {
        Self { source, recent: RefCell::default() }
    }

    /// Copies from the block's part that starts `skip` bytes into it.
    fn copy(&self, index: u64, skip: usize, to: &mut [u8]) -> io::Result<()> {
        let mut recent = self.recent.borrow_mut();
        let block = match recent.iter().position(|block| block.index == index) {
            Some(at) => recent.remove(at),
            None => None,
        };
        let block = match block {
            Some(block) => block,
            None => Block { index, bytes: self.read(index)? },
        };
        let piece = block.bytes.get(skip..skip + to.len()).ok_or(io::ErrorKind::UnexpectedEof);
        let done = piece.map(|piece| to.copy_from_slice(piece));
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(block);
        Ok(done?)
    }

    fn read(&self, index: u64) -> io::Result<Vec<u8>> {
        let start = index * BLOCK as u64;
        let left = self.source.size().saturating_sub(start);
        let mut bytes = vec![0; usize::try_from(left).unwrap_or(BLOCK).min(BLOCK)];
        self.source.read_at(start, &mut bytes)?;
        Ok(bytes)
    }
}

impl<S: ReadAt> ReadAt for Blocks<S> {
    fn size(&self) -> u64 {
        self.source.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        // What is as large as a block gains nothing from being copied twice.
        if buffer.len() >= BLOCK {
            return self.source.read_at(offset, buffer);
        }
        let fits = offset.checked_add(buffer.len() as u64).is_some_and(|end| end <= self.size());
        if !fits {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut offset = offset;
        let mut rest = buffer;
        while !rest.is_empty() {
            let (index, skip) = (offset / BLOCK as u64, (offset % BLOCK as u64) as usize);
            let (piece, after) = rest.split_at_mut(rest.len().min(BLOCK - skip));
            self.copy(index, skip, piece)?;
            offset += piece.len() as u64;
            rest = after;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Byte `n` is `n % 251`; counts how often it is asked.
    struct Source {
        size: u64,
        reads: Cell<usize>,
    }

    impl ReadAt for Source {
        fn size(&self) -> u64 {
            self.size
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.reads.set(self.reads.get() + 1);
            for (at, byte) in (offset..).zip(buffer) {
                assert!(at < self.size, "the cache never asks for more than there is");
                *byte = (at % 251) as u8;
            }
            Ok(())
        }
    }

    fn blocks(size: u64) -> Blocks<Source> {
        Blocks::new(Source { size, reads: Cell::new(0) })
    }

    #[track_caller]
    fn check(blocks: &Blocks<Source>, offset: u64, length: usize, reads: usize) {
        let mut buffer = vec![0xff; length];
        blocks.source.reads.set(0);
        blocks.read_at(offset, &mut buffer).unwrap();
        let expected: Vec<u8> = (offset..).take(length).map(|at| (at % 251) as u8).collect();
        assert_eq!(buffer, expected);
        assert_eq!(blocks.source.reads.get(), reads);
    }

    #[test]
    fn neighbours_cost_one_read() {
        let blocks = blocks(200_000);
        check(&blocks, 10, 4, 1);
        check(&blocks, 60_000, 100, 0);
        check(&blocks, 65_530, 20, 1);
        check(&blocks, 199_999, 1, 1);
        check(&blocks, 200_000, 0, 0);
        check(&blocks, 5, 100_000, 1);
    }

    #[test]
    fn the_oldest_block_makes_room() {
        let blocks = blocks(1 << 40);
        for index in 0..KEPT as u64 {
            check(&blocks, index * BLOCK as u64, 1, 1);
        }
        check(&blocks, 0, 1, 0);
        check(&blocks, (1 << 40) - 1, 1, 1);
        check(&blocks, 0, 1, 0);
        check(&blocks, BLOCK as u64, 1, 1);
    }

    #[test]
    fn reading_past_the_end_is_an_error() {
        let blocks = blocks(100);
        for (offset, length) in [(100, 1), (99, 2), (u64::MAX, 1), (0, 101)] {
            assert!(blocks.read_at(offset, &mut vec![0; length]).is_err(), "{length} from {offset}");
        }
    }
}
