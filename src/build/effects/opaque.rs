//! Commands whose effect is not known in detail: where they may have written.
//!
//! The model: a command writes below its working directory, below the paths that it names, and where such commands
//! install things (`/usr/local`, `/opt`, the home directory).
//! It takes nothing away, and what a distribution's packages bring (the loader, the libraries of `/usr/lib`) stays.

use std::sync::Arc;

use super::{Call, Runner};
use crate::fact::{Need, Settler};
use crate::shell::{Command, Status};
use crate::text;
use crate::text::Text;
use crate::tree::normalize;

/// Where a command writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    /// Nowhere that matters to a start.
    Nowhere,
    /// Below the working directory and the paths that it names.
    Here,
    /// There, and in its home directory.
    Home,
    /// There, and below `/usr/local` and `/opt`.
    Local,
}

fn region(name: &str) -> Option<Region> {
    use Region::{Here, Home, Local, Nowhere};
    Some(match name {
        ":"
        | "true"
        | "false"
        | "["
        | "test"
        | "ls"
        | "grep"
        | "egrep"
        | "fgrep"
        | "rg"
        | "head"
        | "tail"
        | "pwd"
        | "date"
        | "sleep"
        | "whoami"
        | "id"
        | "uname"
        | "which"
        | "type"
        | "hash"
        | "file"
        | "stat"
        | "du"
        | "df"
        | "sort"
        | "uniq"
        | "wc"
        | "awk"
        | "gawk"
        | "cut"
        | "tr"
        | "diff"
        | "cmp"
        | "sha1sum"
        | "sha256sum"
        | "sha512sum"
        | "md5sum"
        | "shasum"
        | "gpg"
        | "gpgconf"
        | "dirname"
        | "basename"
        | "readlink"
        | "realpath"
        | "ldd"
        | "nm"
        | "readelf"
        | "objdump"
        | "sync"
        | "ulimit"
        | "umask"
        | "export"
        | "set"
        | "unset"
        | "cd"
        | "pushd"
        | "popd"
        | "exit"
        | "wait"
        | "kill"
        | "ps"
        | "getent"
        | "env"
        | "printenv"
        | "nproc"
        | "tput"
        | "jq"
        | "yq"
        | "xxd"
        | "od"
        | "expr"
        | "seq"
        | "strip"
        | "upx"
        | "setcap"
        | "getcap"
        | "update-ca-certificates"
        | "locale-gen"
        | "localedef"
        | "dpkg-reconfigure"
        | "apt-mark"
        | "apt-key"
        | "apt-cache"
        | "apt-config"
        | "add-apt-repository"
        | "debconf-set-selections"
        | "service"
        | "systemctl"
        | "rc-update"
        | "usermod"
        | "userdel"
        | "groupmod"
        | "passwd"
        | "chpasswd"
        | "setfacl"
        | "gpasswd"
        | "ssh-keyscan"
        | "ssh-keygen"
        | "ping"
        | "nc"
        | "read"
        | "trap"
        | "shopt"
        | "command"
        | "hadolint"
        | "shellcheck"
        | "golangci-lint"
        | "gofmt"
        | "gofumpt"
        | "staticcheck"
        | "rev"
        | "tac"
        | "paste"
        | "column"
        | "fold"
        | "nl"
        | "truncate"
        | "alias"
        | "declare"
        | "local"
        | "shift"
        | "return"
        | "eval"
        | "let"
        | "logger"
        | "sysctl"
        | "mount"
        | "umount"
        | "mountpoint"
        | "pgrep"
        | "pkill"
        | "killall"
        | "tzdata"
        | "update-alternatives"
        | "xx-verify"
        | "xx-info"
        | "ccache"
        | "history"
        | "time"
        | "clear"
        | "chsh"
        | "crontab" => Nowhere,
        "protoc" | "buf" | "swag" | "templ" | "sqlc" | "wire" | "mockgen" | "stringer" | "autoconf" | "automake"
        | "autoreconf" | "libtoolize" | "patch" | "openssl" | "split" | "csplit" | "rsync" | "scp" | "ssh"
        | "envsubst" | "ar" | "ranlib" | "as" | "objcopy" | "pkg-config" | "msgfmt" | "tsc" | "webpack" | "vite"
        | "next" | "ng" | "hugo" | "mkfifo" | "mknod" | "truncate_" | "cpio" | "dd" | "esbuild" | "rollup" | "sass"
        | "tailwindcss" | "prisma" => Here,
        "npm" | "npx" | "yarn" | "pnpm" | "bun" | "mvn" | "gradle" | "sbt" | "lein" | "composer" | "bundle" | "mix"
        | "rebar3" | "poetry" | "pdm" | "hatch" | "elm" | "stack" | "cabal" | "dune" | "deno" | "corepack"
        | "gradlew" | "mvnw" | "clojure" | "bazel" | "bazelisk" => Home,
        "pip"
        | "pip3"
        | "pipx"
        | "uv"
        | "gem"
        | "cpan"
        | "cpanm"
        | "pecl"
        | "pear"
        | "luarocks"
        | "conda"
        | "mamba"
        | "docker-php-ext-install"
        | "docker-php-ext-enable"
        | "docker-php-ext-configure"
        | "rustup"
        | "opam"
        | "ghcup"
        | "nvm" => Local,
        _ => return None,
    })
}

/// Runs a command that is known by name at most.
pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let known = region(&call.name);
    if known == Some(Region::Nowhere) {
        return Status::Unknown;
    }
    let global = call.arguments.iter().any(|word| matches!(word.as_str(), "-g" | "--global" | "global"));
    let region = match known {
        Some(Region::Home) if global => Region::Local,
        Some(region) => region,
        None => Region::Local,
    };
    let need = need(runner, call);
    let mut places: Vec<String> = call.command.directory.map(str::to_owned).into_iter().collect();
    for word in &call.arguments {
        let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
        if value.starts_with('/') || value.starts_with("./") || value.starts_with("../") {
            places.extend(call.path(value).filter(|path| path.len() > 1).or_else(|| call.known_directory(value)));
        }
    }
    if region != Region::Here {
        places.push(runner.home());
    }
    if region == Region::Local {
        places.extend(["/usr/local", "/opt"].map(str::to_owned));
        places.extend(install_directories(call));
    }
    places.retain(|place| place != "/" || call.command.directory == Some("/"));
    doubt_all(runner, &places, &need);
    Status::Unknown
}

/// Where the environment says that tools install programs.
pub(super) fn install_directories(call: &Call<'_>) -> Vec<String> {
    const VARIABLES: [&str; 8] =
        ["GOPATH", "GOBIN", "CARGO_HOME", "CARGO_TARGET_DIR", "PREFIX", "DESTDIR", "NVM_DIR", "PNPM_HOME"];
    let known = VARIABLES.iter().filter_map(|name| call.command.environment.get(name)?.value().cloned());
    known.filter(|path| path.starts_with('/') && path.len() > 1).collect()
}

fn doubt_all(runner: &mut Runner<'_, '_>, places: &[String], need: &Arc<Need>) {
    for place in places {
        runner.work_mut().doubt_here(place, Arc::clone(need));
    }
}

/// A command of which even the name is not known.
pub(super) fn unknown_command(runner: &mut Runner<'_, '_>, command: &Command<'_>) {
    let text = text! {
        en: "which command is run here is not known",
        ja: "ここで実行されるコマンドが分かりません",
    };
    let known = command.words.iter().find_map(|word| word.unknown()).cloned();
    let need = known.unwrap_or_else(|| Arc::new(Need { text, settled_by: Vec::new(), at: Some(command.at.clone()) }));
    let mut places: Vec<String> = command.directory.map(str::to_owned).into_iter().collect();
    places.push(runner.home());
    places.extend(["/usr/local", "/opt"].map(str::to_owned));
    doubt_all(runner, &places, &need);
}

/// Why it is not known what the command writes, and which file would tell.
fn need(runner: &Runner<'_, '_>, call: &Call<'_>) -> Arc<Need> {
    let file = deciding_file(runner, call);
    let command = call.title();
    let text: Text = match &file {
        Some(file) => text! {
            en: "`{command}` runs what `{file}` says, and that was not given",
            ja: "`{command}` は `{file}` の内容を実行しますが、そのファイルが渡されていません",
            command: command,
            file: file,
        },
        None => text! {
            en: "what `{command}` writes is not known",
            ja: "`{command}` が書き込むものは分かりません",
            command: command,
        },
    };
    let settled_by = match file {
        Some(file) => vec![Settler::File(file), Settler::ProjectFolder],
        None => Vec::new(),
    };
    Arc::new(Need { text, settled_by, at: Some(call.at().clone()) })
}

/// The file of the context that says what the command does.
fn deciding_file(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<String> {
    let here = |name: &str| {
        let path = normalize(call.command.directory?, name);
        Some(runner.context_path(&path).unwrap_or_else(|| name.to_owned()))
    };
    let by_tool = match call.name.as_str() {
        "make" | "gmake" => "Makefile",
        "mage" => "magefile.go",
        "task" | "go-task" => "Taskfile.yml",
        "just" => "justfile",
        "goreleaser" => ".goreleaser.yml",
        "npm" | "yarn" | "pnpm" | "npx" | "bun" => "package.json",
        "mvn" | "mvnw" => "pom.xml",
        "gradle" | "gradlew" => "build.gradle",
        "cmake" => "CMakeLists.txt",
        "meson" | "ninja" => "meson.build",
        "rake" => "Rakefile",
        "bazel" | "bazelisk" => "BUILD",
        _ => "",
    };
    if !by_tool.is_empty() {
        return here(by_tool);
    }
    // A script, by its own path or after its interpreter.
    let first = call.command.words.first()?.known()?.into_owned();
    let script = match call.name.as_str() {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "python" | "python3" | "node" | "perl" | "ruby" => {
            call.arguments.iter().find(|word| !word.starts_with('-'))?.clone()
        }
        _ if first.contains('/') => first,
        _ => return None,
    };
    let path = call.path(&script)?;
    runner.context_path(&path)
}
