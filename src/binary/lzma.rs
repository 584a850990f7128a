//! LZMA without a container, as UPX packs with `--lzma` (LZMA specification by I. Pavlov, 2015).

/// Unpacks exactly `size` bytes; `lc`, `lp` and `pb` are the numbers of literal context, literal position and position
/// bits.
pub(super) fn decompress(bytes: &[u8], (lc, lp, pb): (u32, u32, u32), size: usize) -> Option<Vec<u8>> {
    // The largest table of literals then has 16 * 16 contexts.
    if lc + lp > 8 || pb > 4 {
        return None;
    }
    Decoder::new(bytes, (lc, lp, pb))?.run(size)
}

/// The probability of a zero bit, in 11 bits; every one starts at one half.
type Probability = u16;
const EVEN: Probability = 1 << 10;

/// What came last: literals, matches and repetitions in their combinations.
const STATES: usize = 12;
const POSITIONS: usize = 16;
/// States below this one follow a literal.
const AFTER_LITERAL: usize = 7;

struct Decoder<'b> {
    input: Coder<'b>,
    literal: Vec<[Probability; 0x300]>,
    is_match: [[Probability; POSITIONS]; STATES],
    is_repetition: [Probability; STATES],
    is_newer: [Probability; STATES],
    is_long: [[Probability; POSITIONS]; STATES],
    is_second: [Probability; STATES],
    is_third: [Probability; STATES],
    slot: [[Probability; 64]; 4],
    special: [Probability; 115],
    align: [Probability; 16],
    match_length: Lengths,
    repetition_length: Lengths,
    context_bits: u32,
    position_mask: (usize, usize),
}

impl<'b> Decoder<'b> {
    fn new(bytes: &'b [u8], (lc, lp, pb): (u32, u32, u32)) -> Option<Self> {
        Some(Self {
            input: Coder::new(bytes)?,
            literal: vec![[EVEN; 0x300]; 1 << (lc + lp)],
            is_match: [[EVEN; POSITIONS]; STATES],
            is_repetition: [EVEN; STATES],
            is_newer: [EVEN; STATES],
            is_long: [[EVEN; POSITIONS]; STATES],
            is_second: [EVEN; STATES],
            is_third: [EVEN; STATES],
            slot: [[EVEN; 64]; 4],
            special: [EVEN; 115],
            align: [EVEN; 16],
            match_length: Lengths::new(),
            repetition_length: Lengths::new(),
            context_bits: lc,
            position_mask: ((1 << lp) - 1, (1 << pb) - 1),
        })
    }

    fn run(mut self, size: usize) -> Option<Vec<u8>> {
        let mut out: Vec<u8> = Vec::new();
        let mut state = 0;
        let mut distances = [0_usize; 4];
        while out.len() < size {
            let position = out.len() & self.position_mask.1;
            if self.input.bit(&mut self.is_match[state][position])? == 0 {
                let byte = self.literal(&out, state, distances[0])?;
                out.push(byte);
                state = match state {
                    0..4 => 0,
                    4..10 => state - 3,
                    _ => state - 6,
                };
                continue;
            }
            let length = if self.input.bit(&mut self.is_repetition[state])? == 0 {
                let length = self.match_length.read(&mut self.input, position)?;
                distances.rotate_right(1);
                distances[0] = self.distance(length)?;
                state = if state < AFTER_LITERAL { 7 } else { 10 };
                length
            } else if self.input.bit(&mut self.is_newer[state])? == 0 {
                let long = self.input.bit(&mut self.is_long[state][position])? == 1;
                let short = if state < AFTER_LITERAL { 9 } else { 11 };
                if long {
                    self.repeated(&mut state, position)?
                } else {
                    state = short;
                    1
                }
            } else {
                let which = if self.input.bit(&mut self.is_second[state])? == 0 {
                    1
                } else {
                    2 + self.input.bit(&mut self.is_third[state])? as usize
                };
                distances[..=which].rotate_right(1);
                self.repeated(&mut state, position)?
            };
            let from = out.len().checked_sub(distances[0].checked_add(1)?)?;
            // A match may reach past what is wanted; the rest of it is of no use.
            for at in from..from + length.min(size - out.len()) {
                out.push(out[at]);
            }
        }
        Some(out)
    }

    fn repeated(&mut self, state: &mut usize, position: usize) -> Option<usize> {
        let length = self.repetition_length.read(&mut self.input, position)?;
        *state = if *state < AFTER_LITERAL { 8 } else { 11 };
        Some(length)
    }

    /// A byte, in the light of the one before it and, after a match, of the one that the match would have gone on with.
    fn literal(&mut self, out: &[u8], state: usize, distance: usize) -> Option<u8> {
        let before = usize::from(out.last().copied().unwrap_or(0));
        let position = (out.len() & self.position_mask.0) << self.context_bits;
        let table = self.literal.get_mut(position + (before >> (8 - self.context_bits)))?;
        let mut symbol = 1_usize;
        if state >= AFTER_LITERAL {
            let mut expected = usize::from(*out.get(out.len().checked_sub(distance + 1)?)?);
            while symbol < 0x100 {
                let bit = expected >> 7 & 1;
                expected <<= 1;
                let read = self.input.bit(&mut table[((1 + bit) << 8) + symbol])? as usize;
                symbol = symbol << 1 | read;
                if read != bit {
                    break;
                }
            }
        }
        while symbol < 0x100 {
            symbol = symbol << 1 | self.input.bit(&mut table[symbol])? as usize;
        }
        u8::try_from(symbol & 0xff).ok()
    }

    fn distance(&mut self, length: usize) -> Option<usize> {
        let slot = self.input.tree(&mut self.slot[(length - 2).min(3)], 6)?;
        if slot < 4 {
            return Some(slot);
        }
        let bits = (slot >> 1) as u32 - 1;
        let base = (2 | slot & 1) << bits;
        if slot < 14 {
            return Some(base + self.input.reverse_tree(&mut self.special[base - slot..], bits)?);
        }
        let direct = self.input.direct(bits - 4)? << 4;
        Some(base + direct + self.input.reverse_tree(&mut self.align, 4)?)
    }
}

/// Lengths of matches: three ranges.
struct Lengths {
    choice: [Probability; 2],
    low: [[Probability; 8]; POSITIONS],
    middle: [[Probability; 8]; POSITIONS],
    high: [Probability; 256],
}

impl Lengths {
    fn new() -> Self {
        let short = [[EVEN; 8]; POSITIONS];
        Self { choice: [EVEN; 2], low: short, middle: short, high: [EVEN; 256] }
    }

    fn read(&mut self, input: &mut Coder<'_>, position: usize) -> Option<usize> {
        if input.bit(&mut self.choice[0])? == 0 {
            return Some(2 + input.tree(&mut self.low[position], 3)?);
        }
        if input.bit(&mut self.choice[1])? == 0 {
            return Some(10 + input.tree(&mut self.middle[position], 3)?);
        }
        Some(18 + input.tree(&mut self.high, 8)?)
    }
}

/// The range coder.
struct Coder<'b> {
    bytes: std::slice::Iter<'b, u8>,
    range: u32,
    code: u32,
}

impl<'b> Coder<'b> {
    fn new(bytes: &'b [u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk::<5>()?;
        let code = u32::from_be_bytes([first[1], first[2], first[3], first[4]]);
        (first[0] == 0).then(|| Self { bytes: rest.iter(), range: u32::MAX, code })
    }

    fn normalize(&mut self) {
        if self.range < 1 << 24 {
            self.range <<= 8;
            // After the last byte zeros follow: the coder may read ahead of what it needs.
            self.code = self.code << 8 | u32::from(self.bytes.next().copied().unwrap_or(0));
        }
    }

    fn bit(&mut self, probability: &mut Probability) -> Option<u32> {
        let bound = (self.range >> 11) * u32::from(*probability);
        let bit = if self.code < bound {
            self.range = bound;
            *probability += ((1 << 11) - *probability) >> 5;
            0
        } else {
            self.range = self.range.checked_sub(bound)?;
            self.code -= bound;
            *probability -= *probability >> 5;
            1
        };
        self.normalize();
        Some(bit)
    }

    fn tree(&mut self, probabilities: &mut [Probability], bits: u32) -> Option<usize> {
        let mut index = 1_usize;
        for _ in 0..bits {
            index = index << 1 | self.bit(probabilities.get_mut(index)?)? as usize;
        }
        Some(index - (1 << bits))
    }

    /// The lowest bit first; the first probability belongs to index 1.
    fn reverse_tree(&mut self, probabilities: &mut [Probability], bits: u32) -> Option<usize> {
        let (mut index, mut symbol) = (1_usize, 0);
        for shift in 0..bits {
            let bit = self.bit(probabilities.get_mut(index)?)? as usize;
            index = index << 1 | bit;
            symbol |= bit << shift;
        }
        Some(symbol)
    }

    /// Bits that are as often one as zero.
    fn direct(&mut self, bits: u32) -> Option<usize> {
        let mut symbol = 0;
        for _ in 0..bits {
            self.range >>= 1;
            let bit = usize::from(self.code >= self.range);
            if bit == 1 {
                self.code -= self.range;
            }
            self.normalize();
            symbol = symbol << 1 | bit;
        }
        Some(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packed by another implementation (liblzma), with its default numbers of bits and with others.
    const PACKED: [((u32, u32, u32), &str); 2] = [
        (
            (3, 0, 2),
            "00309888a7ea4bb19a5fcdb6c4eed04dd7fc6d1bf04897e8dd7da60157f04dfe66d2673959f9dfcf7dba3e231f4bbcc5\
         41c247bde4f445101f82ff2eae0f664698725fbecf4e722e50ac92fe1bd1c79496bd06c1a041e3cd361dd0149abeea1f\
         f04b76b60f531538a4f9cafcc4b9a09fd5b5744d192ed9c0947ae9f66927c1b48c64ef0bbdc202c38e5335cfb0a41e40\
         aba0146129e56b4a3c8889a286e6ef91559545ef8ac33fd13a7fa030b7495fa52ea7d861c874e90602272d79ed958ff9\
         f9bf8b86a443964f67cfb66014d302ed5e43f844d2d681dc61a5d82d2b2591779d2b9c0922b9abd8f09204d0fca778d5\
         150bc1f1d9526a864bb911fd71a648b732d9f3735945ffffd0996400",
        ),
        (
            (0, 2, 0),
            "0030994da2977a7d78b4968ce6e539ab398a04095e991c274491b99ba8c9c40411fccff5fde13db8b2996cb8a65e5a75\
         cd18f52664f970e1d6e3b688965ad897a7c74279fba48a5410c43694f0de9e32734ca07e29fc112d9bad2b114141e1ad\
         bec67c462e744b2ec38c5ce081ec880043a544ec714f02a4d12f40d859445760efea8740d33868ed6c6de889994bb471\
         d54b6519ee8485b4ec5cb28c14c72d13554a8fd77fcf787541bc179edef6535b68d4125b615699aaaa2b7d5879d51cc2\
         a76837f75feb4231c2ef15190afc9acefc7f8f708f98d1fa403e07a09061dabef8121ed54de256df521487459270a570\
         ecb48a869feaa7f374c6647adaf52c16d01d8656b07e9de15f33c87e238cde0493183504937560bba23d30ae14dc6cd8\
         05537ffc130b20",
        ),
    ];

    fn plain() -> Vec<u8> {
        let mut plain = b"abcabcabcabc hello hello hello ".repeat(40);
        plain.extend((0..=255).collect::<Vec<u8>>().repeat(3));
        plain
    }

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn what_others_packed_is_unpacked() {
        for (bits, hex) in PACKED {
            assert_eq!(decompress(&bytes(hex), bits, plain().len()).as_deref(), Some(plain().as_slice()), "{bits:?}");
        }
    }

    #[test]
    fn damage_is_no_panic() {
        let (bits, hex) = PACKED[0];
        let packed = bytes(hex);
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            let _ = decompress(&damaged, bits, plain().len());
            let _ = decompress(&packed[..at], bits, plain().len());
        }
        assert_eq!(decompress(&[], bits, 1), None);
    }
}
