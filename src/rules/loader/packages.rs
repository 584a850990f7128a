//! Which package brings a library, by distribution.

use crate::fact::Step;
use crate::fix::Fix;
use crate::launch::Launch;
use crate::rules::mend::{self, Manager};
use crate::text;

/// Library, Alpine's package, Debian's and Ubuntu's, Fedora's and Red Hat's; names as of Debian 12, Alpine 3.19 and
/// Fedora 39 (their package indexes). A dash means that there is none.
const PACKAGES: &[(&str, &str, &str, &str)] = &[
    ("libgcc_s.so.1", "libgcc", "libgcc-s1", "libgcc"),
    ("libstdc++.so.6", "libstdc++", "libstdc++6", "libstdc++"),
    ("libgomp.so.1", "libgomp", "libgomp1", "libgomp"),
    ("libatomic.so.1", "libatomic", "libatomic1", "libatomic"),
    ("libssl.so.3", "libssl3", "libssl3", "openssl-libs"),
    ("libcrypto.so.3", "libcrypto3", "libssl3", "openssl-libs"),
    ("libsqlite3.so.0", "sqlite-libs", "libsqlite3-0", "sqlite-libs"),
    ("libz.so.1", "zlib", "zlib1g", "zlib"),
    ("libpq.so.5", "libpq", "libpq5", "libpq"),
    ("libmariadb.so.3", "mariadb-connector-c", "libmariadb3", "mariadb-connector-c"),
    ("libcurl.so.4", "libcurl", "libcurl4", "libcurl"),
    ("libxml2.so.2", "libxml2", "libxml2", "libxml2"),
    ("libxslt.so.1", "libxslt", "libxslt1.1", "libxslt"),
    ("libffi.so.8", "libffi", "libffi8", "libffi"),
    ("libyaml-0.so.2", "yaml", "libyaml-0-2", "libyaml"),
    ("libexpat.so.1", "libexpat", "libexpat1", "expat"),
    ("libpcre.so.3", "-", "libpcre3", "-"),
    ("libpcre.so.1", "pcre", "-", "pcre"),
    ("libpcre2-8.so.0", "pcre2", "libpcre2-8-0", "pcre2"),
    ("libgmp.so.10", "gmp", "libgmp10", "gmp"),
    ("libevent-2.1.so.7", "libevent", "libevent-2.1-7", "libevent"),
    ("librdkafka.so.1", "librdkafka", "librdkafka1", "librdkafka"),
    ("libzmq.so.5", "libzmq", "libzmq5", "zeromq"),
    ("libsodium.so.23", "libsodium", "libsodium23", "libsodium"),
    ("libvips.so.42", "vips", "libvips42", "vips"),
    ("libgit2.so.1.5", "libgit2", "libgit2-1.5", "libgit2"),
    ("libssh2.so.1", "libssh2", "libssh2-1", "libssh2"),
    ("libpcap.so.1", "libpcap", "-", "libpcap"),
    ("libpcap.so.0.8", "-", "libpcap0.8", "-"),
    ("libsystemd.so.0", "-", "libsystemd0", "systemd-libs"),
    ("libudev.so.1", "eudev-libs", "libudev1", "systemd-libs"),
    ("libseccomp.so.2", "libseccomp", "libseccomp2", "libseccomp"),
    ("libbrotlidec.so.1", "brotli-libs", "libbrotli1", "libbrotli"),
    ("libzstd.so.1", "zstd-libs", "libzstd1", "libzstd"),
    ("liblz4.so.1", "lz4-libs", "liblz4-1", "lz4-libs"),
    ("libsnappy.so.1", "snappy", "libsnappy1v5", "snappy"),
    ("liblzma.so.5", "xz-libs", "liblzma5", "xz-libs"),
    ("libbz2.so.1", "libbz2", "-", "bzip2-libs"),
    ("libbz2.so.1.0", "-", "libbz2-1.0", "-"),
    ("libreadline.so.8", "readline", "libreadline8", "readline"),
    ("libncursesw.so.6", "ncurses-libs", "libncursesw6", "ncurses-libs"),
    ("libtinfo.so.6", "-", "libtinfo6", "ncurses-libs"),
    ("libonig.so.5", "oniguruma", "libonig5", "oniguruma"),
    ("libzip.so.5", "libzip", "-", "libzip"),
    ("libzip.so.4", "-", "libzip4", "-"),
    ("libxkbcommon.so.0", "libxkbcommon", "libxkbcommon0", "libxkbcommon"),
    ("libX11.so.6", "libx11", "libx11-6", "libX11"),
    ("libGL.so.1", "mesa-gl", "libgl1", "libglvnd-glx"),
    ("libfontconfig.so.1", "fontconfig", "libfontconfig1", "fontconfig"),
    ("libfreetype.so.6", "freetype", "libfreetype6", "freetype"),
    ("libjemalloc.so.2", "jemalloc", "libjemalloc2", "jemalloc"),
    ("libunwind.so.8", "libunwind", "libunwind8", "libunwind"),
    ("libicuuc.so.72", "-", "libicu72", "-"),
    ("libcrypt.so.1", "-", "libcrypt1", "libxcrypt-compat"),
    ("libasound.so.2", "alsa-lib", "libasound2", "alsa-lib"),
    ("libgssapi_krb5.so.2", "krb5-libs", "libgssapi-krb5-2", "krb5-libs"),
    ("libldap-2.5.so.0", "-", "libldap-2.5-0", "-"),
    ("libldap.so.2", "libldap", "-", "openldap"),
    ("libodbc.so.2", "unixodbc", "libodbc2", "unixODBC"),
    ("libgdbm.so.6", "gdbm", "libgdbm6", "gdbm"),
    ("libuv.so.1", "libuv", "libuv1", "libuv"),
    ("libgc.so.1", "gc", "libgc1", "gc"),
    ("libLLVM-15.so.1", "llvm15-libs", "libllvm15", "llvm15-libs"),
];

fn package(manager: Manager, library: &str) -> Option<&'static str> {
    let row = PACKAGES.iter().find(|row| row.0 == library)?;
    let name = match manager {
        Manager::Apk => row.1,
        Manager::Apt => row.2,
        Manager::Dnf => row.3,
        Manager::Zypper => "-",
    };
    (name != "-").then_some(name)
}

/// Installs the package that has a library in the final stage.
pub(super) fn install(launch: &Launch<'_>, library: &str) -> Option<Fix> {
    let package = package(Manager::of(launch.image)?, library)?;
    let (build, stage) = launch.build.zip(launch.stage)?;
    let edit = mend::install(build, build.stages.get(stage)?, package)?;
    Some(Fix {
        title: text! { en: "install `{package}`, which has `{library}`", ja: "`{library}` を含む `{package}` をインストールする", package: package, library: library },
        tradeoff: text! { en: "the image grows by its size", ja: "その分イメージが大きくなります" },
        edits: vec![edit],
    })
}

/// "`/app` needs `libssl.so.3`", as a step.
pub(super) fn needs(program: &str, library: &str, from: &crate::fact::Provenance) -> Step {
    let claim = text! {
        en: "`{program}` needs `{library}`",
        ja: "`{program}` は `{library}` を必要とします",
        program: program, library: library,
    };
    Step { claim, from: from.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_stands_once() {
        for (index, row) in PACKAGES.iter().enumerate() {
            assert!(PACKAGES[..index].iter().all(|other| other.0 != row.0), "{}", row.0);
        }
        assert_eq!(package(Manager::Apk, "libstdc++.so.6"), Some("libstdc++"));
        assert_eq!(package(Manager::Apt, "libpcre.so.1"), None);
    }
}
