//! Where commands write, by their names.

/// Where a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// Nowhere that matters to a start, unless an option names a file.
    Nowhere,
    /// Below the working directory and the paths that it names.
    Here,
    /// There, and in its home directory.
    Home,
    /// There, and below `/usr/local` and `/opt`.
    Local,
    /// There, and below the system's own directories: an installer, or a package manager of a language that has no
    /// directory of its own.
    System,
}

/// Commands that look, test, and change what no start asks for.
const NOWHERE: &str = " : true false [ test ls grep egrep fgrep rg head tail pwd date sleep whoami id uname which type hash file \
    stat du df sort uniq wc awk gawk cut tr diff cmp sha1sum sha256sum sha512sum md5sum shasum gpg gpgconf dirname basename \
    readlink realpath ldd nm readelf objdump sync ulimit umask export set unset cd pushd popd exit wait kill ps getent env \
    printenv nproc tput jq yq xxd od expr seq strip upx setcap getcap locale-gen localedef dpkg-reconfigure apt-mark apt-key \
    apt-cache apt-config add-apt-repository debconf-set-selections service systemctl rc-update passwd chpasswd \
    setfacl gpasswd ssh-keyscan ping nc read trap shopt command hadolint shellcheck golangci-lint gofmt gofumpt staticcheck rev \
    tac paste column fold nl alias declare local shift return eval let logger sysctl mount umount mountpoint pgrep pkill killall \
    xx-verify xx-info ccache history time clear chsh crontab ";

const HERE: &str = " protoc buf swag templ sqlc wire mockgen stringer autoconf automake autoreconf libtoolize patch openssl split \
    csplit rsync scp ssh envsubst ar ranlib as objcopy pkg-config msgfmt tsc webpack vite next ng hugo mkfifo mknod cpio dd \
    esbuild rollup sass tailwindcss prisma truncate ssh-keygen mktemp update-ca-certificates ";

const HOME: &str = " npm npx yarn pnpm bun mvn gradle sbt lein composer bundle mix rebar3 poetry pdm hatch elm stack cabal dune deno \
    gradlew mvnw clojure bazel bazelisk rustup ghcup nvm opam ";

/// Package managers that put programs beside the language's own.
const BESIDE: &str = " pip pip3 pipx uv gem cpan cpanm pecl pear luarocks conda mamba corepack docker-php-ext-install \
    docker-php-ext-enable docker-php-ext-configure ";

impl Region {
    /// The region of a command; `installs` says that its words speak of installing.
    pub(super) fn of(name: &str, global: bool, installs: bool) -> Self {
        let listed = |list: &str| !name.contains(' ') && list.contains(&format!(" {name} "));
        if name == "uv" && !installs && !global {
            // `uv sync`, `uv venv`: the project's own environment, and interpreters in the home directory.
            Self::Home
        } else if listed(NOWHERE) {
            Self::Nowhere
        } else if listed(HERE) {
            Self::Here
        } else if listed(HOME) {
            if global { Self::System } else { Self::Home }
        } else if listed(BESIDE) || installs {
            Self::System
        } else {
            Self::Local
        }
    }
}

/// Whether a command may give files to other users or open directories to them: no tool that is known for other things.
pub(super) fn may_change_owners(name: &str) -> bool {
    let listed = |list: &str| !name.contains(' ') && list.contains(&format!(" {name} "));
    name == "setfacl" || ![NOWHERE, HERE, HOME, BESIDE].into_iter().any(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_regions() {
        for (name, global, installs, expected) in [
            ("ls", false, false, Region::Nowhere),
            ("npm", false, true, Region::Home),
            ("npm", true, false, Region::System),
            ("pip", false, false, Region::System),
            ("uv", false, false, Region::Home),
            ("uv", false, true, Region::System),
            ("make", false, false, Region::Local),
            ("make", false, true, Region::System),
            ("", false, false, Region::Local),
        ] {
            assert_eq!(Region::of(name, global, installs), expected, "{name}");
        }
    }
}
