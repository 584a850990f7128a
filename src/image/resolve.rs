//! A reference to an [`Image`]: family, tag, base, and what the family adds.

use std::sync::Arc;

use super::bases::Base;
use super::catalog::{FAMILIES, MOVING, source};
use super::contents::{self, Filler, unlisted};
use super::derived;
use super::libraries::{LibraryDirectory, System};
use super::reference::Reference;
use super::tags::{self, How, Meaning};
use super::{Config, Image, Move, packages, pattern, standing, tools};
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::platform::Platform;
use crate::text;
use crate::tree::Tree;

/// Docker's default `PATH`, which the images of most distributions set themselves.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is known of the image that a reference names, on a platform.
///
/// It always answers: of an image that the catalog does not know, it says that nothing is known, and what would tell.
#[must_use]
pub fn resolve(reference: &str, platform: &Platform) -> Image {
    let parsed = Reference::parse(reference);
    if parsed.repository == "scratch" {
        return Image::scratch(platform);
    }
    let Some(tag) = parsed.tag.clone() else {
        return unknown(
            reference,
            platform,
            text! {
                en: "`{image}` is named by a digest alone, which does not tell what it holds",
                ja: "`{image}` はダイジェストだけで指定されており、中身がわかりません",
                image: reference,
            },
        );
    };
    if let Some(official) = derived::official(&parsed.repository, &tag) {
        return Image { reference: reference.to_owned(), ..resolve(&official, platform) };
    }
    let outside = || {
        text! {
            en: "`{image}` is not in the catalog of base images",
            ja: "`{image}` はベースイメージのカタログにありません",
            image: reference,
        }
    };
    let Some(family) = Family::find(&parsed.repository, &tag) else {
        return match tags::named(&tag).as_deref() {
            Some("windows") => windows(reference, platform),
            _ => unknown(reference, platform, outside()),
        };
    };
    let Some(meaning) = family.base(&parsed.repository, &tag) else {
        return unknown(reference, platform, outside());
    };
    if meaning.base == "windows" {
        return windows(reference, platform);
    }
    build(reference, &parsed, &tag, platform, &family, &meaning)
        .unwrap_or_else(|| unknown(reference, platform, outside()))
}

/// The id of the base that a reference stands on.
pub(super) fn base_of(parsed: &Reference) -> Option<String> {
    let tag = parsed.tag.as_deref()?;
    let base = Family::find(&parsed.repository, tag)?.base(&parsed.repository, tag)?.base;
    Base::find(&base).map(|base| base.id.to_owned())
}

/// One row of `families.tsv`, with what its patterns stood for.
struct Family {
    base: &'static str,
    content: &'static str,
    compiler: &'static str,
    tools: &'static str,
    user: &'static str,
    working_dir: &'static str,
    env: &'static str,
    entrypoint: &'static str,
    cmd: &'static str,
    source: &'static str,
    captures: Vec<String>,
}

impl Family {
    fn find(repository: &str, tag: &str) -> Option<Self> {
        FAMILIES.rows::<12>().find_map(|row| {
            let mut captures = pattern::matches(row[0], repository)?;
            captures.extend(pattern::matches(row[1], tag)?);
            let [_, _, base, content, compiler, tools, user, working_dir, env, entrypoint, cmd, source] = row;
            let captures = captures.into_iter().map(str::to_owned).collect();
            Some(Self { base, content, compiler, tools, user, working_dir, env, entrypoint, cmd, source, captures })
        })
    }

    /// What the tag stands on: what the row says, or for `@tags` what the tables say, or for both the first that tells.
    fn base(&self, repository: &str, tag: &str) -> Option<Meaning> {
        let captures: Vec<&str> = self.captures.iter().map(String::as_str).collect();
        self.base.split('|').find_map(|base| match base {
            "@tags" => tags::meaning(repository, tag),
            base => {
                // A base that ends in `?` moves with time; the record's date says when it was so.
                let how = if base.ends_with("??") { How::Observed } else { How::Named };
                let base = pattern::fill(base.trim_end_matches('?'), &captures);
                Some(Meaning { base, how, moves: Vec::new() })
            }
        })
    }
}

fn build(
    reference: &str,
    parsed: &Reference,
    tag: &str,
    platform: &Platform,
    family: &Family,
    meaning: &Meaning,
) -> Option<Image> {
    let need = unlisted(reference);
    let own = family_source(parsed, tag, family);
    let newer = Base::find(&meaning.base).is_none().then(|| standing::nearest(&meaning.base)).flatten();
    let meaning = newer.as_ref().unwrap_or(meaning);
    let base = if meaning.base == "scratch" { None } else { Some(Base::find(&meaning.base)?) };
    let record = standing::of(parsed, tag, meaning, base.as_ref(), &own);
    let mut image = match &base {
        Some(base) => on_base(base, platform, &record, &need),
        None => Image::scratch(platform),
    };
    if base.is_none() {
        image.tree.doubt("/", Arc::clone(&need));
        image.record = Knowledge::Known(Fact::new((), record.clone()));
    }
    image.reference = format!("{}:{tag}", parsed.repository);
    let captures: Vec<&str> = family.captures.iter().map(String::as_str).collect();
    let words = pattern::fill(family.tools, &captures);
    let tools: Vec<_> = words.split(' ').filter_map(|word| tools::of(word, parsed, tag, platform)).collect();
    let version = tools.first().map_or("", |tool| &tool.version);
    add_content(&mut image, base.as_ref(), family, version, &own, &need);
    image.c_compiler = match family.compiler {
        "" | "n" => Knowledge::Known(Fact::new(false, record.clone())),
        "y" => Knowledge::Known(Fact::new(true, record.clone())),
        _ => Knowledge::Unknown(Arc::clone(&need)),
    };
    configure(&mut image.config, base.as_ref(), family);
    image.tools = tools.into_iter().map(|tool| Fact::new(tool, record.clone())).collect();
    if meaning.moves.len() > 1 && !parsed.pinned {
        let moves =
            meaning.moves.iter().map(|(base, since)| Move { since: since.clone(), base: base.clone() }).collect();
        image.moves = Some(Fact::new(moves, standing::table_source(&MOVING, parsed, tag)));
    }
    Some(image)
}

/// The image of a base, whose facts rest on `record`.
fn on_base(base: &Base, platform: &Platform, record: &Provenance, need: &Arc<Need>) -> Image {
    let system = base.system(platform);
    Image {
        reference: base.id.to_owned(),
        platform: platform.clone(),
        record: Knowledge::Known(Fact::new((), record.clone())),
        distribution: Some(Fact::new(base.distribution.clone(), record.clone())),
        libc: Knowledge::Known(Fact::new(base.libc.clone(), record.clone())),
        tree: base.tree(&system, platform, record, need),
        config: Config::default(),
        tools: Vec::new(),
        c_compiler: Knowledge::Known(Fact::new(false, record.clone())),
        packages: Vec::new(),
        moves: None,
    }
}

fn family_source(parsed: &Reference, tag: &str, family: &Family) -> Provenance {
    let reference = match FAMILIES.note(&format!("source {}", family.source)) {
        "" => family.source,
        note => note,
    };
    source(&format!("{}:{tag}", parsed.repository), reference, FAMILIES.note("observed"))
}

/// What the family adds to its base: files in the catalog's notation, and packages (`+curl`); `version` is the language's.
fn add_content(
    image: &mut Image,
    base: Option<&Base>,
    family: &Family,
    version: &str,
    own: &Provenance,
    need: &Arc<Need>,
) {
    let platform = &image.platform.clone();
    let captures: Vec<&str> = family.captures.iter().map(String::as_str).collect();
    let content = pattern::fill(family.content, &captures);
    let content = tools::with_version(&content, version);
    let (added, words): (Vec<&str>, Vec<&str>) = content.split(' ').partition(|word| word.starts_with('+'));
    let system = match base {
        Some(base) => base.system(platform),
        None => System::new(platform, None, LibraryDirectory::Lib),
    };
    // First what is not listed, then the loaders that are not there all the same, then what is there.
    let regions = |word: &&str| word.starts_with('~') || matches!(*word, "@language" | "@server");
    let (gaps, words): (Vec<&str>, Vec<&str>) = words.into_iter().partition(regions);
    Filler::new(&mut image.tree, &system, own.clone(), Arc::clone(need)).fill(&gaps.join(" "));
    if let Some(base) = base {
        base.close_foreign_loaders(&mut image.tree, platform);
    }
    // A server's image has a user for it.
    if gaps.iter().any(|word| matches!(*word, "@server" | "~/")) {
        packages::open_users(&mut image.tree, need);
    }
    Filler::new(&mut image.tree, &system, own.clone(), Arc::clone(need)).fill(&words.join(" "));
    let names: Vec<String> = added.iter().map(|word| word[1..].to_owned()).collect();
    if let (false, Some(base)) = (names.is_empty(), base) {
        packages::bring(image, base, &names, own, need);
    }
}

fn configure(config: &mut Config, base: Option<&Base>, family: &Family) {
    if base.is_some() {
        config.set_variable("PATH", PATH);
    }
    let own = family.env.split(';').flat_map(|word| match word.strip_prefix('@') {
        Some(set) => contents::set(set).split(';'),
        None => word.split(';'),
    });
    for assignment in base.map_or("", |base| base.env).split(';').chain(own) {
        if let Some((name, value)) = assignment.split_once('=') {
            let old = config.variable(name).unwrap_or("").to_owned();
            config.set_variable(name, &value.replace(&format!("${name}"), &old));
        }
    }
    let words = |text: &str| text.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    config.user = if family.user.is_empty() { base.map_or("", |base| base.user) } else { family.user }.to_owned();
    config.working_dir = family.working_dir.to_owned();
    config.entrypoint = words(family.entrypoint);
    config.cmd = match (family.cmd, base) {
        ("", Some(base)) if config.entrypoint.is_empty() => {
            base.cmd.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect()
        }
        (cmd, _) => words(cmd),
    };
}

/// An image of which nothing is known.
fn unknown(reference: &str, platform: &Platform, why: text::Text) -> Image {
    let need = Arc::new(Need { text: why, settled_by: vec![Settler::Image(reference.to_owned())], at: None });
    let mut tree = Tree::empty();
    tree.doubt("/", Arc::clone(&need));
    Image {
        reference: reference.to_owned(),
        platform: platform.clone(),
        record: Knowledge::Unknown(Arc::clone(&need)),
        distribution: None,
        libc: Knowledge::Unknown(Arc::clone(&need)),
        tree,
        config: Config::default(),
        tools: Vec::new(),
        c_compiler: Knowledge::Unknown(need),
        packages: Vec::new(),
        moves: None,
    }
}

/// A Windows image: recognised, and not judged.
fn windows(reference: &str, platform: &Platform) -> Image {
    let why = text! {
        en: "`{image}` is a Windows image, and execlens judges Linux images only",
        ja: "`{image}` は Windows のイメージで、execlens は Linux のイメージだけを判定します",
        image: reference,
    };
    let architecture = platform.architecture.clone();
    let platform = Platform { os: "windows".to_owned(), architecture, variant: String::new() };
    unknown(reference, &platform, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::catalog::{RANGES, SETS};

    #[test]
    fn families_name_sources_sets_and_bases_that_exist() {
        let sets: Vec<&str> = SETS.rows().map(|[name]: [&str; 1]| name).collect();
        for row in FAMILIES.rows::<12>() {
            let [repository, tags, base, content, .., env, _, _, source] = row;
            let name = format!("{repository}:{tags}");
            assert!(!FAMILIES.note(&format!("source {source}")).is_empty(), "{name}: source {source}");
            for word in content.split(' ').chain(env.split(';')).filter_map(|word| word.strip_prefix('@')) {
                assert!(sets.contains(&word), "{name}: @{word}");
            }
            for base in base.split('|').map(|base| base.trim_end_matches('?')).filter(|base| !base.contains('$')) {
                let known = matches!(base, "@tags" | "scratch" | "windows") || Base::find(base).is_some();
                assert!(known, "{name}: {base}");
            }
        }
    }

    #[test]
    fn tags_stand_on_bases_that_exist() {
        let ranges =
            RANGES.rows().flat_map(|[_, _, list]: [&str; 3]| list.split(' ')).filter_map(|range| range.split_once('='));
        let moves =
            MOVING.rows().flat_map(|[_, _, list]: [&str; 3]| list.split(' ')).filter_map(|entry| entry.split_once('@'));
        let bases = ranges.map(|(_, base)| base).chain(moves.map(|(base, _)| base));
        // Releases older than any image that still runs have no record.
        let forgotten = |base: &str| {
            let named =
                ["squeeze", "wheezy", "ubuntu-debootstrap", "mageia", "opensuse:4", "ubuntu:15", "ubuntu:16.10"];
            let old = [
                "alpine:2.7",
                "alpine:3.1",
                "alpine:3.2",
                "alpine:3.3",
                "alpine:3.4",
                "debian:squeeze",
                "debian:wheezy",
            ];
            old.contains(&base) || named.iter().any(|name| base.starts_with(name))
        };
        let missing: std::collections::BTreeSet<String> = bases
            .map(tags::full)
            .filter(|base| base != "scratch" && !forgotten(base) && Base::find(base).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
