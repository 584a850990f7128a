//! What commands print that scripts and Makefiles ask about the machine that they run on.

use crate::platform::Platform;

/// What a command prints, where the stage tells: the platform that it runs on, the directory that it runs in.
pub(super) fn answer(words: &[&str], directory: Option<&str>, platform: &Platform) -> Option<String> {
    Some(match words {
        ["pwd"] => directory?.to_owned(),
        ["uname"] | ["uname", "-s"] => "Linux".to_owned(),
        ["uname", "-m" | "-p" | "--machine"] | ["arch"] | ["apk", "--print-arch"] => machine(platform)?.to_owned(),
        ["dpkg", "--print-architecture"] => debian(platform)?.to_owned(),
        ["go", "env", "GOOS" | "GOHOSTOS"] => platform.os.clone(),
        ["go", "env", "GOARCH" | "GOHOSTARCH"] => platform.architecture.clone(),
        ["go", "env", "GOPATH"] => "/go".to_owned(),
        _ => return None,
    })
}

/// The kernel's name of the machine (`UTS_MACHINE`).
///
/// A 32-bit container on a 64-bit kernel is told the kernel's own, so what it is told there is not known.
fn machine(platform: &Platform) -> Option<&'static str> {
    Some(match platform.architecture.as_str() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "ppc64le" => "ppc64le",
        "s390x" => "s390x",
        "riscv64" => "riscv64",
        _ => return None,
    })
}

/// Debian's name of the architecture (dpkg, `data/cputable`).
fn debian(platform: &Platform) -> Option<&'static str> {
    Some(match (platform.architecture.as_str(), platform.variant.as_str()) {
        ("amd64", _) => "amd64",
        ("arm64", _) => "arm64",
        ("386", _) => "i386",
        ("arm", "v5") => "armel",
        ("arm", "" | "v7") => "armhf",
        ("ppc64le", _) => "ppc64el",
        ("s390x", _) => "s390x",
        ("riscv64", _) => "riscv64",
        _ => return None,
    })
}
