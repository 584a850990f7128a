//! Runtimes that carry a program inside: the file is the runtime's, and what it runs lies in a note, in a section or
//! behind the end of the ELF file.

use super::elf::Elf;
use super::elf_notes::Notes;
use super::range::contains;
use crate::needs::{Language, Remark};
use crate::text;

/// How a program is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// A Node.js single executable application: the note `NODE_SEA_BLOB`.
    NodeNote,
    /// vercel/pkg and its successor.
    Pkg,
    Bun,
    Deno,
    PyInstaller,
    DotNet,
}

/// What stands at the end of a file that carries something: marks are in its last bytes.
const TAIL: usize = 4096;

/// The mark of a .NET single-file bundle (`bundle_marker_t`, src/native/corehost/bundle).
const DOTNET_BUNDLE: [u8; 32] = [
    0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32, 0x13, 0xf5, 0xb9,
    0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
];

/// The program that a file carries.
pub(super) fn of(elf: &Elf<'_>, notes: &Notes) -> Option<Carried> {
    let tail = elf.file.read(elf.file.size.saturating_sub(TAIL as u64), TAIL).unwrap_or_default();
    let has = |mark: &[u8]| contains(&tail, mark);
    Some(if notes.node_program {
        Carried::NodeNote
    } else if has(b"\n---- Bun! ----\n") || bun_section(elf) {
        Carried::Bun
    } else if has(b"d3n0l4nd") || elf.section(".d3n0l4nd").is_some() {
        Carried::Deno
    } else if is_pkg(&tail) {
        Carried::Pkg
    } else if is_pyinstaller(elf, &tail) {
        Carried::PyInstaller
    } else if is_dotnet(elf) {
        Carried::DotNet
    } else {
        return None;
    })
}

/// Since 1.3.10 Bun has a section for it, which begins with a length or an address: zero in Bun itself (elf.zig).
fn bun_section(elf: &Elf<'_>) -> bool {
    let start = elf.section(".bun").and_then(|section| elf.file.exact(section.sh_offset, 8, 8));
    start.is_some_and(|bytes| bytes.iter().any(|byte| *byte != 0))
}

/// pkg appends files and then a script of its own, a function that is called with a table of these files; the entry point
/// in it lies below `/snapshot/` (lib/packer.ts, lib/producer.ts).
fn is_pkg(tail: &[u8]) -> bool {
    tail.ends_with(b"\n);\n})") && (contains(tail, b"\n,\n") || contains(tail, b"/snapshot/"))
}

/// `MEI\014\013\012\013\016` begins PyInstaller's cookie, within the last 4 KB (bootloader/src/pyi_archive.c).
fn is_pyinstaller(elf: &Elf<'_>, tail: &[u8]) -> bool {
    contains(tail, b"MEI\x0c\x0b\x0a\x0b\x0e") || elf.section("pydata").is_some()
}

/// The bundle's mark lies in the initialized data of the host.
fn is_dotnet(elf: &Elf<'_>) -> bool {
    const MAXIMUM: u64 = 1 << 20;
    let Some(data) = elf.section(".data").filter(|data| data.sh_size <= MAXIMUM) else { return false };
    let mut found = false;
    elf.file.scan(data.sh_offset, data.sh_size, |bytes| {
        found |= contains(bytes, &DOTNET_BUNDLE);
        found
    });
    found
}

impl Carried {
    pub(super) fn language(self) -> Language {
        match self {
            Self::NodeNote | Self::Pkg => Language::Node,
            Self::Bun => Language::Bun,
            Self::Deno => Language::Deno,
            Self::PyInstaller => Language::Python,
            Self::DotNet => Language::DotNet,
        }
    }

    /// For the eye.
    pub(super) fn remark(self) -> Remark {
        let value = match self {
            Self::NodeNote => {
                text! { en: "a Node.js program (single executable application)", ja: "Node.js のプログラム（単一実行可能アプリケーション）" }
            }
            Self::Pkg => text! { en: "a Node.js program (pkg)", ja: "Node.js のプログラム（pkg）" },
            Self::Bun => text! { en: "a Bun program", ja: "Bun のプログラム" },
            Self::Deno => text! { en: "a Deno program", ja: "Deno のプログラム" },
            Self::PyInstaller => text! { en: "a PyInstaller archive", ja: "PyInstaller のアーカイブ" },
            Self::DotNet => text! { en: "a .NET host", ja: ".NET のホスト" },
        };
        Remark { label: text! { en: "carries", ja: "内蔵するもの" }, value }
    }
}
