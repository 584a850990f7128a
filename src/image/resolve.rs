//! A reference to an [`Image`]: family, tag, base, and what the family adds.

use crate::lists::Collect;
use std::sync::Arc;

use super::bases::Base;
use super::catalog::MOVING;
use super::contents::{self, Filler, unlisted};
use super::family::Family;
use super::libraries::{LibraryDirectory, System};
use super::reference::Reference;
use super::tags::{self, How, Meaning};
use super::{Config, Image, Move, packages, standing, tools};
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
    resolve_below(reference, platform, MAXIMUM_PARENTS)
}

/// Images that are made from images of the catalog go no deeper than this: one on `maven`, on `eclipse-temurin`, on `ubuntu`.
const MAXIMUM_PARENTS: usize = 4;

/// What stands for the tag that nobody knows.
pub(super) const ANY_TAG: &str = "?";

fn resolve_below(reference: &str, platform: &Platform, parents: usize) -> Image {
    let parsed = Reference::parse(reference);
    if parsed.repository == "scratch" {
        return Image::scratch(platform);
    }
    // Some repositories hold the same under every tag, so that a digest alone tells.
    let only = || Family::of_every_tag(&parsed.repository).then(|| ANY_TAG.to_owned());
    let Some(tag) = parsed.tag.clone().or_else(only) else {
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
    if let Some((parent, how)) = family.parent() {
        let parent = (parents > 0).then(|| resolve_below(parent, platform, parents - 1));
        return match parent.filter(|parent| parent.record.known().is_some() || parent.platform.is_windows()) {
            Some(parent) => on_image(reference, &parsed, &tag, &family, parent, &how),
            None => unknown(reference, platform, outside()),
        };
    }
    let Some(mut meaning) = family.base(&parsed.repository, &tag) else {
        return unknown(reference, platform, outside());
    };
    if tag == ANY_TAG {
        meaning.how = How::Observed;
    }
    if meaning.base == "windows" {
        return windows(reference, platform);
    }
    build(reference, &parsed, &tag, platform, &family, &meaning)
        .unwrap_or_else(|| unknown(reference, platform, outside()))
}

/// The reference with its tag completed; as it was written, where only a digest names it.
fn named(reference: &str, parsed: &Reference, tag: &str) -> String {
    if tag == ANY_TAG { reference.to_owned() } else { format!("{}:{tag}", parsed.repository) }
}

/// The id of the base that a reference stands on.
pub(super) fn base_of(parsed: &Reference) -> Option<String> {
    base_below(parsed, MAXIMUM_PARENTS).map(|base| base.id.to_owned())
}

fn base_below(parsed: &Reference, parents: usize) -> Option<Base> {
    let tag = parsed.tag.as_deref()?;
    let family = Family::find(&parsed.repository, tag)?;
    match family.parent() {
        Some((parent, _)) => base_below(&Reference::parse(parent), parents.checked_sub(1)?),
        None => Base::find(&family.base(&parsed.repository, tag)?.base),
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
    let own = family.source(parsed, tag);
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
        image.libc = Knowledge::Unknown(Arc::clone(&need));
        image.record = Knowledge::Known(Fact::new((), record.clone()));
    }
    image.reference = named(reference, parsed, tag);
    let tools: Vec<_> = family.tools.split(' ').filter_map(|word| tools::of(word, parsed, tag, platform)).collect_vec();
    let version = tools.first().map_or("", |tool| &tool.version);
    add_content(&mut image, base.as_ref(), family, version, &own, &need);
    image.c_compiler = match family.compiler.as_str() {
        "" | "n" => Knowledge::Known(Fact::new(false, record.clone())),
        "y" => Knowledge::Known(Fact::new(true, record.clone())),
        _ => Knowledge::Unknown(Arc::clone(&need)),
    };
    if let Some(base) = &base {
        image.config.set_variable("PATH", PATH);
        assign(&mut image.config, base.env);
        base.user.clone_into(&mut image.config.user);
        image.config.cmd = base.cmd.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect_vec();
    }
    configure(&mut image.config, family);
    image.tools = tools.into_iter().map(|tool| Fact::new(tool, record.clone())).collect_vec();
    if meaning.moves.len() > 1 && !parsed.pinned {
        let moves =
            meaning.moves.iter().map(|(base, since)| Move { since: since.clone(), base: base.clone() }).collect_vec();
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
    let content = tools::with_version(&family.content, version);
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
    let names: Vec<String> = added.iter().map(|word| word[1..].to_owned()).collect_vec();
    if let (false, Some(base)) = (names.is_empty(), base) {
        packages::bring(image, base, &names, own, need);
    }
}

fn configure(config: &mut Config, family: &Family) {
    assign(config, &family.env);
    // A `-` takes away what the image below has.
    let words = |text: &str| text.split('|').filter(|word| !matches!(*word, "" | "-")).map(str::to_owned).collect_vec();
    if !family.user.is_empty() {
        config.user.clone_from(&family.user);
    }
    if !family.working_dir.is_empty() {
        config.working_dir.clone_from(&family.working_dir);
    }
    // An ENTRYPOINT drops the command of the image below.
    if !family.entrypoint.is_empty() {
        config.entrypoint = words(&family.entrypoint);
        config.cmd = Vec::new();
    }
    // A server has a command of its own, recorded or not: its distribution's shell it is not.
    if family.entrypoint.is_empty() && family.cmd.is_empty() && family.content.split(' ').any(|word| word == "@server")
    {
        config.cmd = Vec::new();
    }
    if !family.cmd.is_empty() {
        config.cmd = words(&family.cmd);
    }
    config.on_build = words(&family.on_build);
}

/// Sets variables: `NAME=value` or `@set`, separated by `;`; `$NAME` in its own value is the value so far.
fn assign(config: &mut Config, env: &str) {
    let assignments = env.split(';').flat_map(|word| match word.strip_prefix('@') {
        Some(set) => contents::set(set).split(';'),
        None => word.split(';'),
    });
    for (name, value) in assignments.filter_map(|assignment| assignment.split_once('=')) {
        let old = config.variable(name).unwrap_or("").to_owned();
        config.set_variable(name, &value.replace(&format!("${name}"), &old));
    }
}

/// The image that a row makes from another image of the catalog.
fn on_image(reference: &str, parsed: &Reference, tag: &str, family: &Family, parent: Image, how: &How) -> Image {
    let mut image = parent;
    if image.platform.is_windows() {
        return Image { reference: reference.to_owned(), ..image };
    }
    let own = family.source(parsed, tag);
    let name = named(reference, parsed, tag);
    let record = standing::on_image(&name, &image, how, &own);
    let need = unlisted(reference);
    let base = base_of(parsed).and_then(|base| Base::find(&base));
    let tools: Vec<_> =
        family.tools.split(' ').filter_map(|word| tools::of(word, parsed, tag, &image.platform)).collect_vec();
    let version = tools.first().map_or("", |tool| &tool.version);
    add_content(&mut image, base.as_ref(), family, version, &own, &need);
    match family.compiler.as_str() {
        "" => {}
        "y" => image.c_compiler = Knowledge::Known(Fact::new(true, record.clone())),
        "n" => image.c_compiler = Knowledge::Known(Fact::new(false, record.clone())),
        _ => image.c_compiler = Knowledge::Unknown(need),
    }
    configure(&mut image.config, family);
    // The libc and the distribution are what they are because of what the image is made from.
    if let Some(distribution) = &mut image.distribution {
        distribution.from = record.clone();
    }
    if let Knowledge::Known(libc) = &mut image.libc {
        libc.from = record.clone();
    }
    image.tools.extend(tools.into_iter().map(|tool| Fact::new(tool, record.clone())));
    image.record = Knowledge::Known(Fact::new((), record));
    image.reference = name;
    image.moves = None;
    image
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
    use crate::image::catalog::{FAMILIES, RANGES, SETS};

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
                let known = match base.strip_prefix('=') {
                    Some(parent) => resolve(parent, &Platform::default()).record.known().is_some(),
                    None => {
                        matches!(base, "+" | "scratch" | "windows")
                            || base.starts_with("@tags")
                            || Base::find(base).is_some()
                    }
                };
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
