//! What the standard library reaches: which of its packages end at `net`, `os/user`, `plugin` or cgo.
//!
//! Derived from the import graphs of the sources of Go 1.15, 1.19, 1.21, 1.22, 1.23, 1.24, 1.26 and 1.27 as Debian
//! packages them, for linux/amd64 with cgo on: the answer is the same in all of them, for every package that exists.

/// Packages that reach `net`, and so its cgo resolver.
const REACH_NET: [&str; 19] = [
    "crypto/tls",
    "crypto/x509",
    "expvar",
    "log/syslog",
    "mime/multipart",
    "net",
    "net/http",
    "net/http/cgi",
    "net/http/cookiejar",
    "net/http/fcgi",
    "net/http/httptest",
    "net/http/httptrace",
    "net/http/httputil",
    "net/http/pprof",
    "net/mail",
    "net/rpc",
    "net/rpc/jsonrpc",
    "net/smtp",
    "net/textproto",
];

/// Packages that reach `os/user`, and so its cgo user database.
const REACH_USER: [&str; 2] = ["archive/tar", "os/user"];

/// What a standard package brings into a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Net,
    User,
    Plugin,
    /// `runtime/cgo` itself.
    Cgo,
    Nothing,
}

#[must_use]
pub(super) fn reach(package: &str) -> Reach {
    match package {
        "plugin" => Reach::Plugin,
        "runtime/cgo" | "runtime/race" | "runtime/msan" | "runtime/asan" => Reach::Cgo,
        package if REACH_NET.contains(&package) => Reach::Net,
        package if REACH_USER.contains(&package) => Reach::User,
        _ => Reach::Nothing,
    }
}

/// Whether an import path is the standard library's: its first element has no dot (`cmd/go/internal/search`).
#[must_use]
pub(super) fn is_standard(path: &str) -> bool {
    !path.split('/').next().unwrap_or_default().contains('.')
}
