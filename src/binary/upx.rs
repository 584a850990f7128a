//! UPX: a stub and the program inside, compressed.
//!
//! The stub itself needs nothing; it unpacks the program, and then opens the loader that the program names, as the
//! kernel would. So the program inside is what decides, and it is unpacked here as the stub does it (UPX sources:
//! `src/stub/src/i386-linux.elf-main.c` for the block layout, UCL's `n2_99.ch`, `n2b_d.c`, `n2d_d.c` and `n2e_d.c` for
//! the compression).

use goblin::elf::program_header::PT_LOAD;

use super::elf::Elf;
use super::lzma;
use super::range::{Range, find};

/// A packed program, and what is inside where that could be read.
pub(super) struct Packed {
    pub(super) program: Option<Vec<u8>>,
}

const MAGIC: &[u8] = b"UPX!";
/// Larger programs are said to be packed, and not looked into.
const MAXIMUM_PROGRAM: usize = 64 << 20;

/// Looks for `l_info` behind the program headers: checksum, magic, size of the stub, version, format.
pub(super) fn recognise(elf: &Elf<'_>) -> Option<Packed> {
    if elf.header.e_phnum > 8 {
        return None;
    }
    let start = elf.header.e_phoff + u64::from(elf.header.e_phnum) * u64::from(elf.header.e_phentsize);
    let head = elf.file.read(start, 512)?;
    let at = find(&head, MAGIC)?;
    // Then `p_info`: program identifier, size of the program, size of a block.
    let info = head.get(at + 4 + 4..)?;
    let size = elf.u32_at(info, 4)? as usize;
    let start = start + (at + 8 + 12) as u64;
    let program = (size <= MAXIMUM_PROGRAM).then(|| unpack(elf, start, size)).flatten();
    Some(Packed { program })
}

/// Blocks follow each other: unpacked size, packed size, method, and the bytes. The first holds the program's headers,
/// the others its loaded segments, in order; what no segment loads is left out.
fn unpack(elf: &Elf<'_>, mut at: u64, size: usize) -> Option<Vec<u8>> {
    let headers = block(elf, &mut at, size)?;
    let range = Range::new(&headers);
    let inner = Elf::parse(&range, &headers).ok()?;
    let mut program = headers.clone();
    program.resize(size, 0);
    for segment in inner.segments.iter().filter(|segment| segment.p_type == PT_LOAD) {
        // The first segment begins with the headers, which came first.
        let mut from = usize::try_from(segment.p_offset).ok()?;
        let end = from.checked_add(usize::try_from(segment.p_filesz).ok()?).filter(|end| *end <= size)?;
        if from == 0 {
            from = headers.len();
        }
        while from < end {
            let piece = block(elf, &mut at, end - from)?;
            program.get_mut(from..from + piece.len())?.copy_from_slice(&piece);
            from += piece.len();
        }
    }
    Some(program)
}

/// One block, unpacked; `None` when it is empty, larger than `limit`, or packed in a way not known here.
fn block(elf: &Elf<'_>, at: &mut u64, limit: usize) -> Option<Vec<u8>> {
    let info = elf.file.exact(*at, 12, 12)?;
    let (unpacked, packed) = (elf.u32_at(&info, 0)? as usize, elf.u32_at(&info, 4)? as usize);
    if unpacked == 0 || unpacked > limit || packed > unpacked {
        return None;
    }
    let bytes = elf.file.exact(*at + 12, packed as u64, MAXIMUM_PROGRAM)?;
    *at += 12 + packed as u64;
    if packed == unpacked { Some(bytes) } else { decompress(*info.get(8)?, &bytes, unpacked) }
}

/// LZMA (`--lzma`), or UPX's own methods: runs of plain bytes, each led by a one bit, between copies of `length` bytes
/// from `distance` back.
fn decompress(method: u8, bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    let scheme = match method {
        // Two bytes hold the numbers of bits (UPX, `compress_lzma.cpp`), then the stream follows.
        14 => {
            let [first, second, stream @ ..] = bytes else { return None };
            let (lc, lp, pb) = (second & 0xf, second >> 4, first & 7);
            return lzma::decompress(stream, (lc.into(), lp.into(), pb.into()), size);
        }
        2 => Scheme::B,
        5 => Scheme::D,
        8 => Scheme::E,
        _ => return None,
    };
    let mut bits = Bits { bytes, at: 0, word: 0, left: 0 };
    let mut out = Vec::with_capacity(size);
    let mut last = 1;
    while out.len() < size {
        while bits.bit()? == 1 {
            out.push(bits.byte()?);
        }
        if out.len() >= size {
            break;
        }
        let code = bits.distance_code(scheme)?;
        // Code 2 repeats the last distance; else a byte follows, and for D and E its lowest bit belongs to the length.
        let mut length = 0;
        if code == 2 {
            if scheme != Scheme::B {
                length = bits.bit()?;
            }
        } else {
            let mut distance = code.checked_sub(3)?.checked_mul(256)? | u32::from(bits.byte()?);
            if distance == u32::MAX {
                break;
            }
            if scheme != Scheme::B {
                length = !distance & 1;
                distance >>= 1;
            }
            last = distance.checked_add(1)?;
        }
        length = bits.length(scheme, length)?;
        let long = if scheme == Scheme::B { 0xd00 } else { 0x500 };
        let count = length as usize + 1 + usize::from(last > long);
        let from = out.len().checked_sub(last as usize)?;
        if count > size - out.len() {
            return None;
        }
        for at in from..from + count {
            out.push(out[at]);
        }
    }
    (out.len() == size).then_some(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    B,
    D,
    E,
}

/// A stream of bits, taken from 32-bit little-endian words, the highest first, between plain bytes.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
    word: u32,
    left: u32,
}

impl Bits<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            let word = self.bytes.get(self.at..self.at + 4)?;
            self.word = u32::from_le_bytes(word.try_into().ok()?);
            self.at += 4;
            self.left = 32;
        }
        self.left -= 1;
        Some(self.word >> self.left & 1)
    }

    /// A number whose bits each follow a zero bit, or, in D and E, every other bit.
    fn distance_code(&mut self, scheme: Scheme) -> Option<u32> {
        let mut code: u32 = 1;
        loop {
            code = code.checked_mul(2)? | self.bit()?;
            if self.bit()? == 1 {
                return Some(code);
            }
            if scheme != Scheme::B {
                code = (code - 1).checked_mul(2)? + self.bit()?;
            }
        }
    }

    fn length(&mut self, scheme: Scheme, first: u32) -> Option<u32> {
        match scheme {
            Scheme::B | Scheme::D => {
                let first = if scheme == Scheme::B { self.bit()? } else { first };
                let length = first * 2 + self.bit()?;
                if length == 0 { self.long_length()?.checked_add(2) } else { Some(length) }
            }
            Scheme::E if first == 1 => Some(1 + self.bit()?),
            Scheme::E if self.bit()? == 1 => Some(3 + self.bit()?),
            Scheme::E => self.long_length()?.checked_add(3),
        }
    }

    fn long_length(&mut self) -> Option<u32> {
        let mut length: u32 = 1;
        loop {
            length = length.checked_mul(2)? | self.bit()?;
            if self.bit()? == 1 {
                return Some(length);
            }
        }
    }
}
