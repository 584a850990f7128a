//! The words of an installation: packages, and the options that change what they mean.

use super::Manager;

/// What a command asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Names, without versions, architectures and repositories.
    pub packages: Vec<String>,
    /// The name of the group that holds them: `apk add --virtual .build-deps`.
    pub group: Option<String>,
    /// Whether recommended packages come too: apt's default.
    pub recommends: bool,
    /// Whether something is asked for that no table can know: a file, a variable, another root.
    pub opaque: bool,
}

/// Options that take the next word as their value (`apk --help`, `apt-get(8)`, `dnf(8)`, `zypper(8)`).
const WITH_VALUE: [&str; 24] = [
    "-p",
    "--root",
    "-X",
    "--repository",
    "--arch",
    "--keys-dir",
    "--repositories-file",
    "--wait",
    "--cache-dir",
    "-t",
    "--target-release",
    "--default-release",
    "-o",
    "-c",
    "--option",
    "--config-file",
    "-a",
    "--host-architecture",
    "--installroot",
    "--releasever",
    "--enablerepo",
    "--disablerepo",
    "--setopt",
    "--from",
];

impl Command {
    pub(super) fn read(manager: Manager, words: &[String]) -> Self {
        let mut command = Self { recommends: manager == Manager::Apt, ..Self::default() };
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            if let Some(value) = word.strip_prefix("--virtual=") {
                command.group = Some(value.to_owned());
            } else if manager == Manager::Apk && matches!(word, "-t" | "--virtual") {
                command.group = words.next().map(str::to_owned);
            } else if matches!(word, "--no-install-recommends" | "--no-recommends")
                || word.contains("Install-Recommends=false")
                || word.contains("Install-Recommends=0")
            {
                command.recommends = false;
            } else if word == "-o" || word == "--option" {
                let value = words.next().unwrap_or("").to_ascii_lowercase();
                if value.contains("install-recommends=0") || value.contains("install-recommends=false") {
                    command.recommends = false;
                }
            } else if matches!(word, "--root" | "-p" | "--installroot") && manager != Manager::Apt {
                command.opaque = true;
                words.next();
            } else if WITH_VALUE.contains(&word) && !(manager == Manager::Apk && word == "-a") {
                words.next();
            } else if !word.starts_with('-') {
                command.package(manager, word);
            }
        }
        command
    }

    fn package(&mut self, manager: Manager, word: &str) {
        if word.contains(['$', '*', '`', '('])
            || word.starts_with(['/', '.']) && word.contains('/')
            || word.ends_with(".apk")
        {
            self.opaque = true;
        }
        let name = match manager {
            // `curl=8.5.0-r0`, `curl~8`, `curl>8`, `curl@edge`
            Manager::Apk => word.split(['=', '~', '>', '<', '@']).next(),
            // `curl=7.88*`, `curl/bookworm-backports`, `libc6:i386`
            Manager::Apt => word.split(['=', '/']).next(),
            Manager::Dnf | Manager::Zypper | Manager::Pacman => Some(word),
        };
        let name = name.unwrap_or(word);
        // `:any` and `:native` name the image's own architecture; any other brings foreign files.
        let name = match (manager, name.split_once(':')) {
            (Manager::Apt, Some((plain, "any" | "native"))) => plain,
            _ => name,
        };
        // apt takes `name-` as "remove it", and `name+` as "install it".
        let removal = manager == Manager::Apt && name.ends_with('-') && !name.ends_with("--");
        if !name.is_empty() && !removal {
            self.packages.push(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_packages_or_options() {
        for (manager, words, packages, group, recommends) in [
            (Manager::Apk, "--no-cache ca-certificates tzdata", "ca-certificates tzdata", None, false),
            (
                Manager::Apk,
                "--no-cache --virtual .build-deps gcc musl-dev=1.2.4-r2",
                "gcc musl-dev",
                Some(".build-deps"),
                false,
            ),
            (Manager::Apk, "-U -t .deps curl@edge", "curl", Some(".deps"), false),
            (Manager::Apk, "-X http://mirror/main nodejs~=20", "nodejs", None, false),
            (
                Manager::Apt,
                "-y --no-install-recommends curl=7.88.1-10+deb12u5 libc6:i386",
                "curl libc6:i386",
                None,
                false,
            ),
            (Manager::Apt, "-yqq -t bookworm-backports git vim-", "git", None, true),
            (Manager::Apt, "-o APT::Install-Recommends=false -y g++", "g++", None, false),
            (Manager::Dnf, "-y --setopt install_weak_deps=0 gcc", "gcc", None, false),
        ] {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let command = Command::read(manager, &words);
            assert_eq!(command.packages.join(" "), packages, "{words:?}");
            assert_eq!((command.group.as_deref(), command.recommends), (group, recommends), "{words:?}");
        }
        assert!(Command::read(Manager::Apk, &["$DEPS".to_owned()]).opaque);
        assert!(Command::read(Manager::Apk, &["glibc-2.34-r0.apk".to_owned()]).opaque);
    }
}
