//! What the files of an image tell: distribution, C library, machine, compilers and runtimes.

use crate::lists::Collect;
use std::sync::Arc;

use crate::fact::{Fact, Knowledge, Need, Provenance};
use crate::image::{Config, Distribution, Libc, LibcFamily, Tool};
use crate::needs::{ElfNeeds, Language, Needs};
use crate::platform::Platform;
use crate::tree::{Content, Library, Lookup, Node, Tree};

/// Docker's default `PATH` (moby `oci/defaults`).
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn content<'t>(tree: &'t Tree, path: &str) -> Option<&'t Content> {
    match tree.lookup(path) {
        Lookup::Found { entry, .. } => match &entry.node {
            Node::File(content) => Some(content),
            _ => None,
        },
        _ => None,
    }
}

fn text(tree: &Tree, path: &str) -> Option<String> {
    match content(tree, path)? {
        Content::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// What `/etc/os-release` says (`os-release(5)`), with versions as far as packages hang on them.
pub(super) fn distribution(tree: &Tree, from: &Provenance) -> Option<Fact<Distribution>> {
    let text = text(tree, "/etc/os-release").or_else(|| text(tree, "/usr/lib/os-release"))?;
    Some(Fact::new(named(&text)?, from.clone()))
}

fn named(os_release: &str) -> Option<Distribution> {
    let value = |name: &str| {
        let mut values = os_release.lines().filter_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='));
        values.next_back().map(|value| value.trim_matches(['"', '\'']).to_owned()).unwrap_or_default()
    };
    let (id, version, pretty) = (value("ID"), value("VERSION_ID"), value("PRETTY_NAME"));
    let numbers = |count: usize| version.split('.').take(count).collect_vec().join(".");
    let (id, version, name) = match id.as_str() {
        "" => return None,
        // A development version counts as the rolling one.
        "alpine" if version.contains('_') => (id, "edge".to_owned(), "Alpine edge".to_owned()),
        "alpine" => (id, numbers(2), format!("Alpine {}", numbers(2))),
        "debian" if pretty.starts_with("Distroless") => {
            let name = format!("distroless (Debian {version})");
            ("distroless".to_owned(), version, name)
        }
        "wolfi" | "chainguard" => ("wolfi".to_owned(), String::new(), pretty),
        "rhel" | "centos" | "rocky" | "almalinux" | "ol" => (id, numbers(1), pretty),
        _ => (id, version, pretty.replace(" GNU/Linux", "")),
    };
    let name = if name.is_empty() { format!("{id} {version}").trim_end().to_owned() } else { name };
    Some(Distribution { id, version, name })
}

/// The C library that most of the image's programs use; `None` when it has none.
pub(super) fn libc(tree: &Tree, distribution: Option<&Distribution>) -> Result<Option<Libc>, Arc<Need>> {
    let mut found: [Option<&str>; 3] = [None; 3];
    let mut bionic = false;
    for (path, _) in tree.below("/").filter(|(_, entry)| entry.node != Node::Directory) {
        let name = path.rsplit('/').next().unwrap_or_default();
        let in_lib = path.starts_with("/lib") || path.starts_with("/usr/lib");
        let family = match name {
            "libc.so.6" if in_lib => 0,
            _ if in_lib && name.starts_with("ld-musl-") => 1,
            _ if in_lib && (name.starts_with("ld-uClibc") || name.starts_with("ld64-uClibc")) => 2,
            "linker64" | "linker" if path.starts_with("/system/bin/") => {
                bionic = true;
                continue;
            }
            _ => continue,
        };
        found[family].get_or_insert(path);
    }
    let musl_first = distribution.is_some_and(|distribution| distribution.id == "alpine");
    let order = if musl_first { [1, 0, 2] } else { [0, 1, 2] };
    let first = order.into_iter().find_map(|family| found[family].map(|path| (family, path)));
    if let Some((family, path)) = first {
        let library = match content(tree, path) {
            Some(Content::Library(library)) => Some(&**library),
            _ => None,
        };
        let family = [LibcFamily::Glibc, LibcFamily::Musl, LibcFamily::Uclibc][family];
        return Ok(Some(Libc { family, version: library.map(|library| version(library, family)).unwrap_or_default() }));
    }
    if bionic {
        return Ok(Some(Libc { family: LibcFamily::Bionic, version: String::new() }));
    }
    match tree.gaps().next() {
        Some(gap) => Err(Arc::clone(&gap.need)),
        None => Ok(None),
    }
}

/// musl says which it is; of glibc the newest version that it defines is its own.
fn version(library: &Library, family: LibcFamily) -> String {
    if family != LibcFamily::Glibc {
        return library
            .release
            .as_deref()
            .and_then(|release| release.split_once(' '))
            .map_or("", |(_, v)| v)
            .to_owned();
    }
    let versions = library.versions.value().into_iter().flatten().filter_map(|version| version.strip_prefix("GLIBC_"));
    let numbers = |version: &str| version.split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<_>>>();
    versions
        .filter_map(|version| Some((numbers(version)?, version)))
        .max()
        .map_or("", |(_, version)| version)
        .to_owned()
}

/// The machine that the programs of a root file system are for.
pub(super) fn platform(tree: &Tree) -> Option<Platform> {
    const PROGRAMS: [&str; 5] = ["/bin/sh", "/bin/busybox", "/usr/bin/env", "/lib/ld-linux.so.2", "/sbin/init"];
    let elf = PROGRAMS.iter().find_map(|path| elf_of(content(tree, path)?))?;
    let machine = elf.machine.value;
    let platform = Platform::linux(machine.architecture()?);
    let variant = if machine.architecture() == Some("arm") && machine.arm_version > 0 {
        format!("v{}", machine.arm_version)
    } else {
        platform.variant.clone()
    };
    Some(Platform { variant, ..platform })
}

fn elf_of(content: &Content) -> Option<&ElfNeeds> {
    let needs = match content {
        Content::Program(needs) => &**needs,
        Content::Library(library) => library.needs.as_deref()?,
        _ => return None,
    };
    match needs {
        Needs::Elf(needs) => Some(needs),
        _ => None,
    }
}

/// The variables by which official images say what they bring (docker-library, their Dockerfiles).
const VERSIONS: [(&str, Language); 8] = [
    ("NODE_VERSION", Language::Node),
    ("PYTHON_VERSION", Language::Python),
    ("RUBY_VERSION", Language::Ruby),
    ("PHP_VERSION", Language::Php),
    ("JAVA_VERSION", Language::Java),
    ("DOTNET_VERSION", Language::DotNet),
    ("GHC", Language::Haskell),
    ("PERL_VERSION", Language::Perl),
];

/// Compilers and runtimes that the image's files and variables name.
pub(super) fn tools(tree: &Tree, config: &Config, from: &Provenance) -> Vec<Fact<Tool>> {
    let mut tools = Vec::new();
    let mut add = |language, version: &str, target| {
        tools.push(Fact::new(Tool { language, version: version.to_owned(), target }, from.clone()));
    };
    let go = ["/usr/local/go/VERSION", "/usr/lib/go/VERSION"].iter().find_map(|path| text(tree, path));
    if let Some(version) = go.as_deref().and_then(|text| text.lines().next()?.strip_prefix("go")) {
        add(Language::Go, version.trim(), None);
    }
    const TOOLCHAINS: &str = "/usr/local/rustup/toolchains/";
    let toolchain = tree.below(TOOLCHAINS).find_map(|(path, _)| path[TOOLCHAINS.len()..].split('/').next());
    if let Some((version, target)) = toolchain.and_then(|name| name.split_once('-')) {
        add(Language::Rust, version, Some(target.to_owned()));
    }
    for (name, language) in VERSIONS {
        if let Some(version) = config.variable(name) {
            add(language, version.trim_start_matches(|c: char| !c.is_ascii_digit()), None);
        }
    }
    tools
}

/// Whether a C compiler is in `PATH`.
pub(super) fn c_compiler(tree: &Tree, config: &Config, from: &Provenance) -> Knowledge<bool> {
    let mut unknown = None;
    for directory in config.variable("PATH").unwrap_or(PATH).split(':') {
        for name in ["gcc", "cc", "clang"] {
            match tree.lookup(&format!("{directory}/{name}")) {
                Lookup::Found { .. } => return Knowledge::Known(Fact::new(true, from.clone())),
                Lookup::Missing { .. } => {}
                Lookup::Unknown(need) => unknown = Some(need),
            }
        }
    }
    unknown.map_or_else(|| Knowledge::Known(Fact::new(false, from.clone())), Knowledge::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_have_the_catalogs_names() {
        for (text, id, version, name) in [
            ("ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME=\"Alpine Linux v3.19\"\n", "alpine", "3.19", "Alpine 3.19"),
            ("ID=alpine\nVERSION_ID=3.21_alpha20240807\n", "alpine", "edge", "Alpine edge"),
            (
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n",
                "debian",
                "12",
                "Debian 12 (bookworm)",
            ),
            (
                "PRETTY_NAME=\"Distroless\"\nID=\"debian\"\nVERSION_ID=\"12\"\n",
                "distroless",
                "12",
                "distroless (Debian 12)",
            ),
            ("ID=\"rocky\"\nVERSION_ID=\"9.3\"\nPRETTY_NAME=\"Rocky Linux 9.3\"", "rocky", "9", "Rocky Linux 9.3"),
            ("ID=wolfi\nVERSION_ID=\"20230201\"\nPRETTY_NAME=\"Wolfi\"", "wolfi", "", "Wolfi"),
            ("ID=other\n", "other", "", "other"),
        ] {
            let expected = Distribution { id: id.into(), version: version.into(), name: name.into() };
            assert_eq!(named(text), Some(expected), "{text}");
        }
        assert_eq!(named("NAME=x\n"), None);
    }
}
