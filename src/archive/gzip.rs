//! A gzip file (RFC 1952) as if it were not packed, read from any place.
//!
//! Deflated data has no places to start from, so some are remembered on the way: the state of the decoder and the last
//! 32 KiB that it wrote, as zlib's `examples/zran.c` does it.
//! Reading forward costs one pass; going back costs at most the way from the nearest place.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::input::ReadAt;

pub(super) const MAGIC: &[u8] = &[0x1f, 0x8b, 8];

/// How far deflated data refers back (RFC 1951).
const WINDOW: usize = 32 << 10;

/// What is read of the packed file at once.
const CHUNK: usize = 64 << 10;

/// So many places are remembered, 44 KB each; then every second one is forgotten.
const MOST_PLACES: usize = 512;

/// The distance between places at first.
const SPACING: u64 = 1 << 20;

/// A header may hold a name and a comment of any length; nobody's is longer than this.
const LONGEST_HEADER: u64 = 64 << 10;

/// How many more bytes may be unpacked, over all files that share it: deflate packs zeros a thousand to one.
pub(super) type Budget = Rc<Cell<u64>>;

pub(super) struct Inflated {
    source: Arc<dyn ReadAt>,
    budget: Budget,
    reader: RefCell<Reader>,
}

struct Reader {
    at: Place,
    places: Vec<Place>,
    spacing: u64,
    /// How far the output was ever written.
    furthest: u64,
    /// The length of the whole, once its end was reached.
    size: Option<u64>,
    /// A piece of the packed file, and where it begins.
    chunk: (u64, Vec<u8>),
}

#[derive(Clone)]
struct Place {
    /// Offsets in the packed file and in what it holds.
    input: u64,
    output: u64,
    /// `None` before a header.
    decoder: Option<Box<DecompressorOxide>>,
    /// The last bytes written; byte `n` of the output stands at `n % WINDOW`.
    window: Vec<u8>,
}

impl Inflated {
    pub(super) fn new(source: Arc<dyn ReadAt>, budget: Budget) -> Self {
        let start = Place { input: 0, output: 0, decoder: None, window: vec![0; WINDOW] };
        let reader = Reader {
            at: start.clone(),
            places: vec![start],
            spacing: SPACING,
            furthest: 0,
            size: None,
            chunk: (0, Vec::new()),
        };
        Self { source, budget, reader: RefCell::new(reader) }
    }
}

impl ReadAt for Inflated {
    /// More than it can hold, until the end was seen.
    fn size(&self) -> u64 {
        self.reader.borrow().size.unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let reader = &mut *self.reader.borrow_mut();
        let (mut offset, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            if offset < reader.at.output {
                match reader.at.recent(offset, rest) {
                    Some(count) => {
                        offset += count as u64;
                        rest = &mut rest[count..];
                    }
                    None => reader.go_to(offset),
                }
                continue;
            }
            if reader.size.is_some_and(|size| offset >= size) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if reader.places.last().is_some_and(|last| last.output > reader.at.output && last.output <= offset) {
                reader.go_to(offset);
            }
            if let Err(error) = reader.step(&*self.source, &self.budget) {
                // A decoder that failed is of no more use.
                reader.go_to(0);
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Place {
    /// Copies what the window still has of the output from `offset` on; `None` when that is gone.
    fn recent(&self, offset: u64, to: &mut [u8]) -> Option<usize> {
        let back = usize::try_from(self.output - offset).ok().filter(|back| *back <= WINDOW)?;
        let start = (offset % WINDOW as u64) as usize;
        let count = back.min(to.len()).min(WINDOW - start);
        to[..count].copy_from_slice(&self.window[start..start + count]);
        Some(count)
    }
}

impl Reader {
    /// Goes to the last place at or before `offset`.
    fn go_to(&mut self, offset: u64) {
        let after = self.places.partition_point(|place| place.output <= offset);
        self.at = self.places[after.saturating_sub(1)].clone();
    }

    /// Unpacks one piece more, at most a window.
    fn step(&mut self, source: &dyn ReadAt, budget: &Cell<u64>) -> io::Result<()> {
        let Some(mut decoder) = self.at.decoder.take() else { return self.header(source) };
        self.fetch(source)?;
        let Self { at, chunk: (start, bytes), .. } = self;
        let more = *start + (bytes.len() as u64) < source.size();
        let flags = if more { inflate_flags::TINFL_FLAG_HAS_MORE_INPUT } else { 0 };
        let input = &bytes[(at.input - *start) as usize..];
        let position = (at.output % WINDOW as u64) as usize;
        let (status, read, written) = decompress(&mut decoder, input, &mut at.window, position, flags);
        at.input += read as u64;
        at.output += written as u64;
        let new = at.output.saturating_sub(self.furthest);
        self.furthest = self.furthest.max(at.output);
        budget.set(budget.get().checked_sub(new).ok_or(io::ErrorKind::FileTooLarge)?);
        match status {
            // A checksum and the length modulo 2^32; then the file ends, or another begins (as `cat a.gz b.gz`).
            TINFLStatus::Done => at.input += 8,
            TINFLStatus::HasMoreOutput | TINFLStatus::NeedsMoreInput if read + written > 0 => {
                at.decoder = Some(decoder);
                self.remember();
            }
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(())
    }

    fn remember(&mut self) {
        let last = self.places.last().map_or(0, |place| place.output);
        if self.at.output < last + self.spacing {
            return;
        }
        if self.places.len() == MOST_PLACES {
            let mut keep = false;
            self.places.retain(|_| {
                keep = !keep;
                keep
            });
            self.spacing *= 2;
        }
        self.places.push(self.at.clone());
    }

    /// Reads the piece of the packed file that holds the place, unless it is at hand.
    fn fetch(&mut self, source: &dyn ReadAt) -> io::Result<()> {
        let (start, at) = (self.chunk.0, self.at.input);
        if at < start || at >= start + self.chunk.1.len() as u64 {
            let left = source.size().saturating_sub(at);
            let mut bytes = vec![0; usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)];
            source.read_at(at, &mut bytes)?;
            self.chunk = (at, bytes);
        }
        Ok(())
    }

    /// Skips a header: magic, flags, time, system (10 bytes), then what the flags announce.
    fn header(&mut self, source: &dyn ReadAt) -> io::Result<()> {
        let start = self.at.input;
        let mut fixed = [0; 10];
        let is_one = source.read_at(start, &mut fixed).is_ok() && fixed.starts_with(MAGIC);
        if !is_one {
            // Zeros may follow, as on tapes; a first header was seen by whoever opened the file.
            self.size = Some(self.at.output);
            return if start == 0 { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) };
        }
        let mut at = start + 10;
        let flags = fixed[3];
        if flags & 4 != 0 {
            let mut length = [0; 2];
            source.read_at(at, &mut length)?;
            at += 2 + u64::from(u16::from_le_bytes(length));
        }
        // Name and comment end with a zero.
        for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
            let mut byte = [1];
            while byte[0] != 0 {
                source.read_at(at, &mut byte)?;
                at += 1;
                if at - start > LONGEST_HEADER * 2 {
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
        self.at.input = at + u64::from(flags & 2);
        self.at.decoder = Some(Box::default());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec;

    fn packed(bytes: &[u8], name: &str) -> Vec<u8> {
        let mut out = vec![0x1f, 0x8b, 8, if name.is_empty() { 0 } else { 8 }, 0, 0, 0, 0, 0, 3];
        if !name.is_empty() {
            out.extend(name.bytes().chain([0]));
        }
        out.extend(compress_to_vec(bytes, 6));
        out.extend([0; 4]);
        out.extend((bytes.len() as u32).to_le_bytes());
        out
    }

    /// No two pieces are alike, and it packs well enough.
    fn text(length: usize) -> Vec<u8> {
        (0..).flat_map(|n: u32| format!("line {n} of it\n").into_bytes()).take(length).collect()
    }

    fn inflated(packed: Vec<u8>, budget: u64) -> Inflated {
        Inflated::new(Arc::new(packed), Rc::new(Cell::new(budget)))
    }

    #[track_caller]
    fn check(file: &Inflated, whole: &[u8], offset: usize, length: usize) {
        let mut buffer = vec![0; length];
        file.read_at(offset as u64, &mut buffer).unwrap();
        assert!(buffer == whole[offset..offset + length], "{length} from {offset}");
    }

    #[test]
    fn any_place_can_be_read() {
        let whole = text(6_000_000);
        let file = inflated(packed(&whole, "a name"), u64::MAX);
        for (offset, length) in
            [(0, 10), (5, 512), (5_999_000, 1000), (3_000_000, 100_000), (2_999_999, 1), (0, 6_000_000), (4_100_000, 7)]
        {
            check(&file, &whole, offset, length);
        }
        assert!(file.read_at(5_999_999, &mut [0; 2]).is_err());
        assert_eq!(file.size(), 6_000_000);
    }

    #[test]
    fn files_one_after_the_other_are_one() {
        let whole = text(200_000);
        let mut bytes = packed(&whole[..70_000], "");
        bytes.extend(packed(&whole[70_000..], "second"));
        bytes.extend([0; 512]);
        let file = inflated(bytes, u64::MAX);
        check(&file, &whole, 0, 200_000);
        check(&file, &whole, 69_990, 20);
        assert!(file.read_at(200_000, &mut [0]).is_err());
        assert_eq!(file.size(), 200_000);
    }

    #[test]
    fn no_more_than_the_budget_is_unpacked() {
        let file = inflated(packed(&vec![0; 3 << 20], ""), 1 << 20);
        assert!(file.read_at(1000, &mut [0; 10]).is_ok());
        let error = file.read_at(2 << 20, &mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn damage_is_an_error() {
        let whole = text(100_000);
        let good = packed(&whole, "n");
        for length in (0..good.len() - 9).step_by(97) {
            let file = inflated(good[..length].to_vec(), u64::MAX);
            assert!(file.read_at(0, &mut vec![0; whole.len()]).is_err(), "the first {length} bytes");
        }
        for at in (0..good.len()).step_by(53) {
            let mut bad = good.clone();
            bad[at] ^= 0x41;
            let _ = inflated(bad, u64::MAX).read_at(0, &mut vec![0; whole.len()]);
        }
    }
}
