//! The bases: distribution releases and other images that stand on no other one.

use crate::lists::Collect;
use std::sync::Arc;

use super::catalog::{BASES, source};
use super::contents::Filler;
use super::libraries::{LibraryDirectory, System, glibc_loaders, musl_loader};
use super::{Distribution, Libc, LibcFamily, users};
use crate::fact::{Need, Provenance};
use crate::platform::Platform;
use crate::tree::{Content, Entry, Lookup, Node, Tree};

/// One row of `bases.tsv`.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub id: &'static str,
    pub distribution: Distribution,
    pub libc: Option<Libc>,
    /// The newest symbol versions of libstdc++ and libgcc, there or installable.
    pub glibcxx: &'static str,
    pub gcc: &'static str,
    pub layout: Layout,
    content: &'static str,
    pub env: &'static str,
    pub user: &'static str,
    pub cmd: &'static str,
    observed: &'static str,
    sources: &'static str,
}

/// How a base lays out `/bin`, `/lib` and their like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Alpine,
    /// Debian and its kin, with `/bin` and `/lib` of their own or merged into `/usr`.
    Debian {
        merged: bool,
    },
    /// Red Hat, SUSE, Photon: libraries in `lib64`.
    RedHat {
        merged: bool,
    },
    /// Arch Linux: `/usr/lib`, with `/lib64` a link to it.
    Arch,
    Wolfi,
    Distroless {
        merged: bool,
    },
    BusyboxGlibc,
    Busybox,
}

impl Layout {
    fn read(word: &str) -> Self {
        match word {
            "alpine" => Self::Alpine,
            "debian" => Self::Debian { merged: true },
            "debian-split" => Self::Debian { merged: false },
            "redhat-split" => Self::RedHat { merged: false },
            "arch" => Self::Arch,
            "wolfi" => Self::Wolfi,
            "distroless" => Self::Distroless { merged: true },
            "distroless-split" => Self::Distroless { merged: false },
            "busybox-glibc" => Self::BusyboxGlibc,
            "busybox" => Self::Busybox,
            _ => Self::RedHat { merged: true },
        }
    }

    pub(super) fn libraries(self) -> LibraryDirectory {
        match self {
            Self::Debian { .. } | Self::Distroless { .. } => LibraryDirectory::Triplet,
            Self::RedHat { .. } => LibraryDirectory::Lib64,
            Self::Alpine | Self::Arch | Self::Wolfi | Self::BusyboxGlibc | Self::Busybox => LibraryDirectory::Lib,
        }
    }

    /// Links at the root: (path, target).
    fn links(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Debian { merged: true } | Self::RedHat { merged: true } | Self::Distroless { merged: true } => {
                &[("/bin", "usr/bin"), ("/sbin", "usr/sbin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib64")]
            }
            Self::Arch => &[("/bin", "usr/bin"), ("/sbin", "usr/bin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib")],
            Self::Wolfi => &[("/bin", "usr/bin"), ("/sbin", "usr/sbin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib")],
            Self::BusyboxGlibc => &[("/lib64", "lib")],
            _ => &[],
        }
    }

    /// Directories that every image of this layout has.
    fn directories(self) -> &'static str {
        match self {
            Self::Busybox | Self::BusyboxGlibc => {
                "/bin /dev /etc /home /root /tmp /usr/bin /usr/sbin /var/spool/mail /var/www"
            }
            Self::Distroless { merged: false } => {
                "/bin /boot /dev /etc /home /lib /proc /root /run /sbin /sys /tmp /usr/bin /usr/games /usr/include /usr/lib \
                 /usr/sbin /usr/share /usr/src /var/cache /var/lib /var/lock /var/log /var/run /var/spool /var/tmp"
            }
            Self::Alpine => {
                "/bin /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr/bin /usr/lib /usr/local/bin \
                 /usr/local/lib /usr/local/share /usr/sbin /usr/share /var/cache /var/lib /var/log /var/tmp"
            }
            _ => {
                "/boot /dev /etc /home /media /mnt /opt /proc /root /run /srv /sys /tmp /usr/bin /usr/include /usr/lib \
                 /usr/local/bin /usr/local/lib /usr/local/sbin /usr/local/share /usr/sbin /usr/share /usr/src /var/cache \
                 /var/lib /var/log /var/tmp"
            }
        }
    }
}

/// Regions that no record lists and that decide no start: configuration, data, what the engine mounts.
const UNLISTED: &str = "~/etc ~/var ~/usr/share ~/usr/include ~/usr/libexec ~/usr/src ~/usr/games ~/usr/lib/locale ~/usr/lib/debug \
                        ~/root ~/dev ~/proc ~/sys ~/run";

/// Where tools that a user runs put programs of their own, which no distribution does.
const NEVER: &str = "-/root/.local";

impl Base {
    pub(super) fn find(id: &str) -> Option<Self> {
        BASES.rows::<14>().find(|row| row[0] == id).map(Self::read)
    }

    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = Self> {
        BASES.rows::<14>().map(Self::read)
    }

    fn read(row: [&'static str; 14]) -> Self {
        let [id, distribution, version, name, libc, glibcxx, gcc, layout, content, env, user, cmd, observed, sources] =
            row;
        // The family can be known without the version.
        let (family, libc_version) = libc.split_once(' ').unwrap_or((libc, ""));
        let family = match family {
            "glibc" => Some(LibcFamily::Glibc),
            "musl" => Some(LibcFamily::Musl),
            _ => None,
        };
        let libc = family.map(|family| Libc { family, version: libc_version.to_owned() });
        Self {
            id,
            distribution: Distribution { id: distribution.into(), version: version.into(), name: name.into() },
            libc,
            glibcxx,
            gcc,
            layout: Layout::read(layout),
            content,
            env,
            user,
            cmd,
            observed,
            sources,
        }
    }

    /// The record as a source: `debian:bookworm`.
    pub(super) fn source(&self) -> Provenance {
        let names: Vec<_> = self.sources.split(',').map(|letter| BASES.note(&format!("source {letter}"))).collect_vec();
        source(self.id, &names.join(", "), self.observed)
    }

    pub(super) fn system(&self, platform: &Platform) -> System {
        let of_debian = matches!(self.distribution.id.as_str(), "debian" | "distroless");
        System {
            debian: self.distribution.version.parse().ok().filter(|release| of_debian && (11..=13).contains(release)),
            glibcxx: self.glibcxx,
            gcc: self.gcc,
            ..System::new(platform, self.libc.clone(), self.layout.libraries())
        }
    }

    /// The file system of this base.
    pub(super) fn tree(&self, system: &System, platform: &Platform, from: &Provenance, need: &Arc<Need>) -> Tree {
        let mut tree = Tree::empty();
        let mut put = |path: &str, node: Node, mode: u32| {
            tree.put(path, Entry { node, mode: Some(mode), owner: None, from: from.clone() });
        };
        for (path, target) in self.layout.links() {
            // A system whose loader lies in `/lib` has no `lib64`.
            if *path == "/lib64" && !matches!(&system.loader, Some(loader) if loader.starts_with("/lib64/")) {
                continue;
            }
            put(&format!("/{}", target.trim_start_matches('/')), Node::Directory, 0o755);
            put(path, Node::Link(Arc::from(*target)), 0o777);
        }
        for path in self.layout.directories().split_ascii_whitespace() {
            let mode = match path {
                "/tmp" | "/var/tmp" => 0o1777,
                "/root" => 0o700,
                "/sys" | "/proc" => 0o555,
                _ => 0o755,
            };
            put(path, Node::Directory, mode);
        }
        let (passwd, group) = users::of(self.layout, &self.distribution);
        for (path, text) in [("/etc/passwd", passwd), ("/etc/group", group)] {
            put(path, Node::File(Content::Bytes(Arc::from(text.as_bytes()))), 0o644);
        }
        let mut filler = Filler::new(&mut tree, system, from.clone(), Arc::clone(need));
        filler.fill(UNLISTED);
        filler.fill(NEVER);
        filler.fill(self.content);
        self.place_loader(&mut filler);
        self.close_foreign_loaders(&mut tree, platform);
        tree
    }

    /// Libraries that no package of the release brings under this name: another OpenSSL than its own.
    pub(super) fn never(&self) -> impl Iterator<Item = &'static str> {
        self.content.split(' ').filter_map(|word| word.strip_prefix("-/usr/$L/"))
    }

    /// Puts the loader where the layout has it, and the link by which programs name it.
    fn place_loader(&self, filler: &mut Filler<'_>) {
        let Some(loader) = filler.system.loader.clone() else { return };
        let Some((_, name)) = loader.rsplit_once('/') else { return };
        let musl = matches!(&filler.system.libc, Some(libc) if libc.family == LibcFamily::Musl);
        let lies = if musl { loader.clone() } else { format!("/{}/{name}", filler.system.libraries) };
        filler.fill(&lies);
        if musl {
            if let Some(soname) = filler.system.libc_soname() {
                filler.fill(&format!("/lib/{soname}>/{}", loader.trim_start_matches('/')));
            }
        } else if !matches!(filler.tree.lookup(&loader), Lookup::Found { .. }) {
            filler.fill(&format!("{loader}>{lies}"));
        }
    }

    /// No image holds another libc's loader unless something brings it.
    pub(super) fn close_foreign_loaders(&self, tree: &mut Tree, platform: &Platform) {
        let family = self.libc.as_ref().map(|libc| libc.family);
        if family != Some(LibcFamily::Musl) {
            if let Some(path) = musl_loader(platform) {
                tree.close(&path);
            }
        }
        if family != Some(LibcFamily::Glibc) {
            for path in glibc_loaders(platform) {
                tree.close(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::catalog::{BASES, SETS};

    #[test]
    fn bases_are_sorted_sourced_and_whole() {
        let ids: Vec<_> = Base::all().map(|base| base.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "sorted, and each once");
        for base in Base::all() {
            assert!(!base.observed.is_empty(), "{} says when it was observed", base.id);
            for letter in base.sources.split(',') {
                assert!(!BASES.note(&format!("source {letter}")).is_empty(), "{}: source {letter}", base.id);
            }
            assert!(!base.distribution.name.is_empty(), "{}", base.id);
        }
    }

    #[test]
    fn every_set_that_is_named_exists_and_says_where_it_is_from() {
        let sets: Vec<[&str; 4]> = SETS.rows().collect();
        let names: Vec<_> = sets.iter().map(|[name, ..]| *name).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "sorted, and each once");
        let contents = sets.iter().map(|[_, content, ..]| *content).chain(Base::all().map(|base| base.content));
        for word in contents.flat_map(|content| content.split(' ')) {
            if let Some(name) = word.strip_prefix('@') {
                assert!(names.contains(&name), "@{name}");
            }
        }
        for [name, _, observed, source] in sets {
            assert!(!observed.is_empty() && !source.is_empty(), "{name}");
        }
    }
}
