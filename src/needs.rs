//! What a program asks for at its start, however we know it.
//!
//! A binary read byte by byte and a toolchain's prediction from a build command yield the same [`Needs`]; rules
//! cannot tell them apart except through the provenance of each fact.

use crate::fact::{Fact, Knowledge, Need};
use crate::fix::Remedy;
use crate::platform::Platform;
use crate::text::Text;
use std::sync::Arc;

/// What stands between `execve` and the first instruction of `main`.
#[derive(Clone, Debug, PartialEq)]
pub enum Needs {
    /// An ELF program.
    Elf(Box<ElfNeeds>),
    /// A script: the kernel starts what its `#!` line names.
    Script(ScriptNeeds),
    /// A file that Linux does not start, or not as meant.
    Foreign(Fact<Foreign>),
    /// Nothing is known of the file's inside.
    Unknown(Arc<Need>),
}

/// The needs of an ELF program or of a shared library.
#[derive(Clone, Debug, PartialEq)]
pub struct ElfNeeds {
    pub machine: Fact<Machine>,
    /// `PT_INTERP`, the loader that the kernel opens; `None` for a static program.
    pub interpreter: Fact<Option<String>>,
    /// `DT_NEEDED`, in the file's order.
    pub libraries: Vec<Fact<String>>,
    /// Whether `libraries`, `versions` and `symbols` are all there are (read from the file), or only those that a
    /// prediction could name.
    pub complete: bool,
    /// `DT_RPATH` and `DT_RUNPATH`, each already split at `:`; `$ORIGIN` unexpanded.
    pub rpath: Vec<String>,
    pub runpath: Vec<String>,
    /// Version needs (`.gnu.version_r`): the versions wanted of each library.
    pub versions: Vec<Fact<VersionNeed>>,
    /// Undefined dynamic symbols; `None` where only a prediction is at hand.
    pub symbols: Option<Fact<Vec<Import>>>,
    /// The program uses packed relative relocations (`DT_RELR`): musl before 1.2.4 does not apply them.
    pub packed_relocations: bool,
    /// How the program was linked, where that alone decides its fate.
    pub linkage: Fact<Linkage>,
    /// The operating system that the file names (`EI_OSABI`, notes), when it is not Linux: `FreeBSD`.
    pub foreign_system: Option<Fact<String>>,
    /// The oldest kernel, from `.note.ABI-tag`: (2, 6, 32).
    pub minimum_kernel: Option<Fact<(u32, u32, u32)>>,
    /// The x86-64 level that `.note.gnu.property` asks for: 1 to 4.
    pub cpu_level: Option<Fact<u8>>,
    /// Who made it: `Go 1.22.1`, `rustc 1.75.0`.
    pub made_by: Option<Fact<Maker>>,
    /// Traits of the program that decide its fate soon after the start.
    pub traits: Vec<Fact<Trait>>,
    /// Other ways to make it, offered by the toolchain that predicted it; none for a program that was read.
    pub remedies: Vec<Remedy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// No interpreter, fixed or own relocations.
    Static,
    /// Starts through a loader.
    Dynamic,
    /// Linked statically in a way that is known to die before `main` (see `broken-static-link`).
    StaticBroken,
}

/// What wrote a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    pub language: Language,
    /// As the program or the image says it: `1.22.1`; empty when not known.
    pub version: String,
    /// Build settings as the program records them: (`CGO_ENABLED`, `1`), (`-tags`, `netgo`).
    pub settings: Vec<(String, String)>,
    /// The main module and the dependencies with their versions, where the program records them.
    pub modules: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    Go,
    Rust,
    C,
    Cxx,
    Zig,
    Nim,
    Haskell,
    Swift,
    Crystal,
    Dart,
    D,
    OCaml,
    Ada,
    Fortran,
    Pascal,
    DotNet,
    Java,
    GraalNative,
    Node,
    Bun,
    Deno,
    Python,
    Ruby,
    Php,
    Perl,
    Erlang,
    Other,
}

/// What a program will do soon after its start that an image may not be ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trait {
    /// Statically linked glibc that calls the resolver or the user database through NSS modules.
    StaticNameService,
    /// Verifies TLS certificates with the system's bundle.
    UsesSystemCertificates,
    /// Carries its own certificate bundle.
    EmbedsCertificates,
    /// Loads time zones from the system.
    UsesTimeZones,
    /// Carries its own time zone data.
    EmbedsTimeZones,
    /// A stub stands where a package needs cgo (go-sqlite3 built with cgo off).
    CgoStub,
    /// Packed by UPX: the facts shown are the unpacker's.
    Packed,
}

/// A version that must be defined by a library.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionNeed {
    /// `libc.so.6`
    pub library: String,
    /// `GLIBC_2.34`
    pub version: String,
    /// A weak need (`VER_FLG_WEAK`) is only warned of by the loader.
    pub weak: bool,
}

/// An undefined dynamic symbol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Import {
    pub name: String,
    /// The version it is bound to, `GLIBC_2.3.4`, and the library that should define it.
    pub version: Option<String>,
    pub library: Option<String>,
    /// A weak symbol may stay undefined.
    pub weak: bool,
}

/// Modules of a language, installed into a directory: `node_modules`, `site-packages`, a bundle of gems.
///
/// Their compiled parts are bound to where they were installed: libc, machine, and the runtime's version.
#[derive(Clone, Debug, PartialEq)]
pub struct Modules {
    pub language: Language,
    /// The libc of the image that they were installed in: `glibc 2.36`, `musl 1.2.5`.
    pub libc: Knowledge<String>,
    pub machine: Option<Fact<Machine>>,
    /// The runtime's version, as far as modules are bound to it: `3.12` for Python, `20` for Node.
    pub runtime: Option<Fact<String>>,
    /// The packages that bring compiled code, each with how it is known.
    pub native: Vec<Fact<String>>,
    /// Shared libraries of the system that packages ask for when they are loaded.
    pub libraries: Vec<Fact<ModuleLibrary>>,
    /// Whether `native` is all there is: the manifest or the lock file was read.
    pub complete: bool,
    /// Whether these are archives that an installer takes modules from (`/wheels`), which nothing loads as they lie there.
    pub packed: bool,
    /// What the runtime has to bring beyond itself: `Microsoft.AspNetCore.App`.
    pub frameworks: Vec<Fact<String>>,
    /// Programs that the installation surely does not bring.
    pub left_out: Vec<Fact<LeftOut>>,
    /// The policy by which .NET takes another version than the one asked for: `Major`.
    pub roll_forward: Option<String>,
    /// What a build of sources leaves there for the runtime to run.
    pub made: Option<Made>,
}

/// A program that an installation does not bring, though somebody may think so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub program: String,
    pub why: Absence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Its package is one of `devDependencies`, which are not installed.
    ForDevelopment,
    /// No package that is asked for brings it.
    NotListed,
}

impl Modules {
    /// The directory of the programs that modules at a path bring: `node_modules/.bin`, or `bin` beside Python's `lib`.
    #[must_use]
    pub fn programs(at: &str) -> String {
        match at.strip_suffix("/site-packages").and_then(|lib| lib.rsplit_once("/lib/python")) {
            Some((prefix, _)) => format!("{prefix}/bin"),
            None => format!("{at}/.bin"),
        }
    }
}

/// The assembly or the archive that a build makes, as far as a project tells their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// `Shop.dll`
    pub names: Vec<Fact<String>>,
    /// The names, without their ending, that other parts of the sources may give to such a file.
    pub others: Vec<String>,
    /// Whether all sources were dropped.
    pub whole: bool,
}

impl Made {
    /// Whether a file may come from the build: under its name, under that of another part, or as a variant of the archive
    /// (`shop-1.0-exec.jar` beside `shop-1.0.jar`).
    #[must_use]
    pub fn may_be(&self, file: &str) -> bool {
        let stem = |file: &str| file.rsplit_once('.').map_or(file.to_owned(), |(stem, _)| stem.to_owned());
        let asked = stem(file);
        let is_variant = |name: &str| asked.strip_prefix(&stem(name)).is_some_and(|rest| rest.starts_with('-'));
        self.names.iter().any(|name| name.value == file || is_variant(&name.value))
            || self.others.iter().any(|other| other.eq_ignore_ascii_case(&asked))
    }
}

/// Commands of `dotnet` that its SDK brings; the host itself knows programs and a few options only (`fx_muxer.cpp`).
pub const DOTNET_SDK_COMMANDS: [&str; 18] = [
    "add", "build", "clean", "ef", "format", "list", "msbuild", "new", "nuget", "pack", "publish", "restore", "run",
    "sln", "test", "tool", "vstest", "watch",
];

/// A package, and a shared library that it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleLibrary {
    pub package: String,
    /// `libpq.so.5`
    pub library: String,
    /// The name under which a program loads the package: `cv2` for `opencv-python`; empty where none is known.
    pub imported_as: &'static str,
    /// A package that does the same without the library, where there is one: `opencv-python-headless`.
    pub instead: Option<&'static str>,
    /// Whether it is asked for when the package is used, after it was loaded: by a browser that the package starts.
    pub later: bool,
}

/// A script, as the kernel reads its first line (`fs/binfmt_script.c`).
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptNeeds {
    /// The line after `#!`, byte for byte as text, without its line feed; `None` when there is no `#!` at the start.
    pub shebang: Fact<Option<Shebang>>,
    /// A byte order mark, or blanks, stand before `#!`.
    pub preceded_by: Option<String>,
    /// The text, where it is at hand: what the script itself starts can be read from it.
    pub text: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shebang {
    /// The path that the kernel opens; ends in `\r` in a script with Windows line ends.
    pub interpreter: String,
    /// All the rest as one argument, as Linux passes it.
    pub argument: Option<String>,
}

/// What a file is that cannot be started on Linux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A Mach-O program, thin or universal (macOS).
    MachO,
    /// A PE program (Windows).
    Pe,
    /// A relocatable object or a static archive.
    ElfObject,
    StaticArchive,
    /// An ELF core dump or a shared library that is no program.
    SharedLibrary,
    JavaArchive,
    JavaClass,
    WebAssembly,
    Zip,
    Gzip,
    Tar,
    Empty,
    /// An ELF header whose tables lie beyond the end.
    TruncatedElf,
    /// Plain text without `#!`.
    Text,
    /// Anything else, by its first bytes.
    Data,
}

/// An ELF machine with what Linux and Docker distinguish of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Machine {
    /// `e_machine`
    pub number: u16,
    pub bits: u8,
    pub little_endian: bool,
    /// For ARM: 0 unknown, 5 soft-float `armel`, 6 or 7 hard-float.
    pub arm_version: u8,
}

impl Machine {
    pub const X86_64: Self = Self::new(62, 64, true);
    pub const X86: Self = Self::new(3, 32, true);
    pub const AARCH64: Self = Self::new(183, 64, true);
    pub const ARM: Self = Self::new(40, 32, true);
    pub const PPC64LE: Self = Self::new(21, 64, true);
    pub const S390X: Self = Self::new(22, 64, false);
    pub const RISCV64: Self = Self::new(243, 64, true);
    pub const MIPS64LE: Self = Self::new(8, 64, true);
    pub const LOONGARCH64: Self = Self::new(258, 64, true);

    #[must_use]
    pub const fn new(number: u16, bits: u8, little_endian: bool) -> Self {
        Self { number, bits, little_endian, arm_version: 0 }
    }

    /// The machine of a Linux platform.
    #[must_use]
    pub fn of(platform: &Platform) -> Option<Self> {
        Some(match platform.architecture.as_str() {
            "amd64" => Self::X86_64,
            "386" => Self::X86,
            "arm64" => Self::AARCH64,
            "arm" => Self { arm_version: arm_version(&platform.variant), ..Self::ARM },
            "ppc64le" => Self::PPC64LE,
            "s390x" => Self::S390X,
            "riscv64" => Self::RISCV64,
            "mips64le" => Self::MIPS64LE,
            "loong64" => Self::LOONGARCH64,
            _ => return None,
        })
    }

    /// Docker's name for the architecture; `None` where Docker has no platform for it.
    #[must_use]
    pub fn architecture(self) -> Option<&'static str> {
        Some(match (self.number, self.bits, self.little_endian) {
            (62, 64, _) => "amd64",
            (3, ..) => "386",
            (183, _, true) => "arm64",
            (40, _, true) => "arm",
            (21, _, true) => "ppc64le",
            (22, 64, false) => "s390x",
            (243, 64, true) => "riscv64",
            (8, 64, true) => "mips64le",
            (258, 64, true) => "loong64",
            _ => return None,
        })
    }

    /// Whether a Linux kernel of `platform` executes this machine's programs itself: its own, and for amd64 also
    /// 32-bit x86, for arm64 also 32-bit ARM where the processor has it (not counted as sure: see `wrong-architecture`).
    #[must_use]
    pub fn runs_on(self, platform: &Platform) -> bool {
        let Some(host) = Self::of(platform) else { return false };
        let same = (self.number, self.bits, self.little_endian) == (host.number, host.bits, host.little_endian);
        same || (host == Self::X86_64 && self.number == Self::X86.number)
    }
}

fn arm_version(variant: &str) -> u8 {
    match variant {
        "v5" => 5,
        "v6" => 6,
        _ => 7,
    }
}

/// A label and a value, for the eye: what is worth knowing of a program and decides nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    pub label: Text,
    pub value: Text,
}
