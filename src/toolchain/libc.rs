//! Loaders and libraries by architecture, libc and version: what a linked program will name.

use crate::image::{Libc, LibcFamily};
use crate::needs::Machine;

/// The loader's path that the GNU and LLVM C toolchains write for glibc.
///
/// The Go linker writes the same, except on 32-bit ARM (`/lib/ld-linux.so.3`, cmd/link/internal/arm/obj.go).
pub(super) fn glibc_loader(machine: Machine, by_go: bool) -> Option<&'static str> {
    Some(match machine.architecture() {
        Some("amd64") => "/lib64/ld-linux-x86-64.so.2",
        Some("386") => "/lib/ld-linux.so.2",
        Some("arm64") => "/lib/ld-linux-aarch64.so.1",
        Some("arm") if by_go || machine.arm_version == 5 => "/lib/ld-linux.so.3",
        Some("arm") => "/lib/ld-linux-armhf.so.3",
        Some("ppc64le") => "/lib64/ld64.so.2",
        Some("s390x") => "/lib/ld64.so.1",
        Some("riscv64") => "/lib/ld-linux-riscv64-lp64d.so.1",
        Some("mips64le") => "/lib64/ld.so.1",
        Some("loong64") => "/lib64/ld-linux-loongarch-lp64d.so.1",
        _ => return None,
    })
}

/// The loader's path for musl.
pub(super) fn musl_loader(machine: Machine, by_go: bool) -> Option<String> {
    let name = match machine.architecture()? {
        "arm" if by_go || machine.arm_version == 5 => "arm",
        _ => musl_name(machine)?,
    };
    Some(format!("/lib/ld-musl-{name}.so.1"))
}

/// musl's name for an architecture.
pub(super) fn musl_name(machine: Machine) -> Option<&'static str> {
    Some(match machine.architecture()? {
        "amd64" => "x86_64",
        "386" => "i386",
        "arm64" => "aarch64",
        "arm" => "armhf",
        "ppc64le" => "powerpc64le",
        "s390x" => "s390x",
        "riscv64" => "riscv64",
        "mips64le" => "mips64el",
        "loong64" => "loongarch64",
        _ => return None,
    })
}

/// glibc's minor version: 36 for 2.36.
pub(super) fn glibc_minor(libc: &Libc) -> Option<u32> {
    let rest = libc.version.strip_prefix("2.")?;
    rest[..rest.bytes().take_while(u8::is_ascii_digit).count()].parse().ok()
}

/// The newest version that the C startup files and Go's own C code (`runtime/cgo`, `net`, `os/user`) are bound to.
///
/// glibc 2.34 put libpthread into libc and gave `__libc_start_main` and the thread functions a new version, so
/// everything linked since asks for 2.34; before, the oldest versions of each architecture were enough (measured on
/// glibc 2.31, 2.36 and 2.41).
pub(super) fn floor(machine: Machine, minor: u32) -> String {
    let oldest = match machine.architecture() {
        Some("arm64" | "ppc64le") => "2.17",
        Some("arm") => "2.4",
        Some("riscv64") => "2.27",
        Some("loong64") => "2.36",
        _ => "2.3.2",
    };
    match minor {
        34.. if machine.architecture() == Some("loong64") => "GLIBC_2.36".into(),
        34.. => "GLIBC_2.34".into(),
        32 | 33 => "GLIBC_2.32".into(),
        _ => format!("GLIBC_{oldest}"),
    }
}

/// The newest version that ordinary C code is bound to when it is compiled against glibc 2.`minor`: where functions
/// that much code calls got a new version.
pub(super) fn ceiling(minor: u32) -> Option<&'static str> {
    Some(match minor {
        // strtol and scanf of C23
        38.. => "GLIBC_2.38",
        34..=37 => "GLIBC_2.34",
        // stat, fstat, lstat, mknod as functions of their own
        33 => "GLIBC_2.33",
        // exp, log, pow in libm
        29..=32 => "GLIBC_2.29",
        // fcntl64
        28 => "GLIBC_2.28",
        27 => "GLIBC_2.27",
        _ => return None,
    })
}

/// The file that a `-l` name ends up as in `DT_NEEDED`, where it is the same everywhere; `None` when it hangs on the
/// distribution or is not known.
pub(super) fn soname(library: &str, libc: &Libc) -> Option<&'static str> {
    let glibc = libc.family == LibcFamily::Glibc;
    // Since glibc 2.34 these are empty, and the linker leaves them out; musl has only one library.
    let merged = !glibc || glibc_minor(libc).is_none_or(|minor| minor >= 34);
    Some(match library {
        "dl" if !merged => "libdl.so.2",
        "pthread" if !merged => "libpthread.so.0",
        "rt" if !merged => "librt.so.1",
        "util" if !merged => "libutil.so.1",
        "m" if glibc => "libm.so.6",
        "resolv" if glibc => "libresolv.so.2",
        "stdc++" => "libstdc++.so.6",
        "gcc_s" => "libgcc_s.so.1",
        "z" => "libz.so.1",
        "sqlite3" => "libsqlite3.so.0",
        "vips" => "libvips.so.42",
        "zmq" => "libzmq.so.5",
        "rdkafka" => "librdkafka.so.1",
        "X11" => "libX11.so.6",
        "GL" => "libGL.so.1",
        _ => return None,
    })
}

/// A libc as a person names it: `glibc 2.36`.
pub(super) fn display(libc: &Libc) -> Option<String> {
    let family = match libc.family {
        LibcFamily::Glibc => "glibc",
        LibcFamily::Musl => "musl",
        LibcFamily::Uclibc => "uClibc",
        LibcFamily::Bionic => "bionic",
    };
    Some(format!("{family} {}", libc.version).trim_end().to_owned())
}
