//! An image in an archive: its layers, laid over each other when somebody asks, and what the whole provides.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use super::gzip::Budget;
use super::layout::Packed;
use super::unpack::{self, Entries, MOST_MEMBERS, Tar};
use super::{inspect, unpacked};
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::image::{self, Config, Image};
use crate::input::ReadAt;
use crate::platform::Platform;
use crate::source::Location;
use crate::text;
use crate::text::Text;
use crate::tree::Tree;

/// An image in an archive.
pub struct Archived {
    /// The references that it has in the archive, as written; digests among them.
    pub names: Vec<String>,
    pub platform: Platform,
    archive: Arc<str>,
    config: Config,
    layers: Vec<Option<Arc<dyn ReadAt>>>,
    budget: Budget,
    image: OnceCell<(Arc<Image>, Option<Text>)>,
}

impl Archived {
    pub(super) fn new(packed: Packed, archive: &Arc<str>, budget: &Budget) -> Self {
        let Packed { names, platform, config, layers, .. } = packed;
        let (archive, budget) = (Arc::clone(archive), Rc::clone(budget));
        Self { names, platform, archive, config, layers, budget, image: OnceCell::new() }
    }

    fn tags(&self) -> impl Iterator<Item = &String> {
        self.names.iter().filter(|name| !name.contains("sha256:"))
    }

    /// Whether it has a name, and not only a digest.
    #[must_use]
    pub fn is_tagged(&self) -> bool {
        self.tags().next().is_some()
    }

    /// What it is called: its first reference, or the file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.tags().next().map_or(&*self.archive, |name| image::short_reference(name))
    }

    /// Whether a Dockerfile's reference names it, through whatever mirror.
    #[must_use]
    pub fn is_named(&self, reference: &str) -> bool {
        // Podman calls what it has built itself `localhost/NAME`, and finds it by the short name.
        let short = |name: &str| name.strip_prefix("localhost/").unwrap_or(name).to_owned();
        let same = |reference: &str| self.tags().any(|name| image::same_reference(&short(name), &short(reference)));
        match reference.split_once('@') {
            None => same(reference),
            // `docker save` of the older image store does not know the digest; then the tag beside it is the name.
            Some((tagged, _)) if self.names.iter().all(|name| !name.contains("sha256:")) => {
                tagged.rsplit('/').next().is_some_and(|last| last.contains(':')) && same(tagged)
            }
            Some((_, digest)) => self.names.iter().any(|name| name == digest),
        }
    }

    /// The file that it lies in.
    #[must_use]
    pub fn archive(&self) -> &Arc<str> {
        &self.archive
    }

    /// What it provides; its layers are read at the first call.
    pub fn image(&self) -> &Arc<Image> {
        &self.unpacked().0
    }

    /// Whether somebody has asked what it provides.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.image.get().is_some()
    }

    /// What of its layers could not be read, once they were asked for.
    #[must_use]
    pub fn problem(&self) -> Option<&Text> {
        self.image.get()?.1.as_ref()
    }

    fn unpacked(&self) -> &(Arc<Image>, Option<Text>) {
        self.image.get_or_init(|| {
            let from = Provenance::InImage(Location::file(&self.archive));
            let mut problem = None;
            let mut left = MOST_MEMBERS;
            let mut tree = Tree::empty();
            for layer in &self.layers {
                if let Err(text) = self.layer(layer.as_ref(), &from, &mut left, &mut tree) {
                    let settled_by = vec![Settler::Image(self.name().to_owned())];
                    let at = Some(Location::file(&self.archive));
                    tree.doubt("/", Arc::new(Need { text: text.clone(), settled_by, at }));
                    problem.get_or_insert(text);
                }
            }
            (Arc::new(self.describe(tree, &from)), problem)
        })
    }

    /// Lays one layer over the tree; the text says what of it is not known.
    fn layer(
        &self,
        layer: Option<&Arc<dyn ReadAt>>,
        from: &Provenance,
        left: &mut usize,
        tree: &mut Tree,
    ) -> Result<(), Text> {
        let Some(layer) = layer else {
            return Err(text! {
                en: "`{path}` does not hold all layers of the image",
                ja: "`{path}` にはイメージのレイヤーがそろっていません",
                path: &self.archive,
            });
        };
        let (content, packed) = unpacked(layer, &self.budget).map_err(|why| {
            text! {
                en: "a layer in `{path}` could not be read: {why}",
                ja: "`{path}` のレイヤーを読めませんでした：{why}",
                path: &self.archive, why: why,
            }
        })?;
        let tar = Tar { content, packed, path: Arc::clone(&self.archive) };
        let Entries { entries, damage } = tar.entries(from, left);
        unpack::lay(tree, entries);
        damage.map_or(Ok(()), |damage| Err(damage.text(&self.archive)))
    }

    fn describe(&self, tree: Tree, from: &Provenance) -> Image {
        let platform = match inspect::platform(&tree) {
            // A root file system does not say for what machine it is, but its programs do.
            Some(platform) if self.names.is_empty() && self.config == Config::default() => platform,
            _ => self.platform.clone(),
        };
        let recorded = image::resolve(self.name(), &platform);
        let distribution = inspect::distribution(&tree, from);
        let libc = match inspect::libc(&tree, distribution.as_ref().map(|fact| &fact.value)) {
            Ok(libc) => Knowledge::Known(Fact::new(libc, from.clone())),
            Err(need) => Knowledge::Unknown(need),
        };
        let tools = match inspect::tools(&tree, &self.config, from) {
            // The catalog knows which tools an image of this name has; its files tell what is there.
            tools if tools.is_empty() => recorded.tools,
            tools => tools,
        };
        let c_compiler = inspect::c_compiler(&tree, &self.config, from);
        Image {
            reference: self.name().to_owned(),
            platform,
            record: Knowledge::Known(Fact::new((), from.clone())),
            distribution,
            libc,
            config: self.config.clone(),
            tools,
            c_compiler,
            packages: Vec::new(),
            moves: None,
            tree,
        }
    }
}
