//! Archives: tar files, packed or not, and the images in them, read by ranges.
//!
//! Only headers are read at first; what lies in a file is read when a rule asks for it.
//! Whatever an archive claims, what is read of it is bounded: its members, what is unpacked, the length of names.

mod gzip;
mod inspect;
mod layout;
mod part;
mod tar;
mod unpack;

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::image::{self, Config, Image};
use crate::input::{Input, ReadAt};
use crate::platform::Platform;
use crate::source::Location;
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, Tree};
use gzip::{Budget, Inflated};
use layout::{Index, Packed};
use tar::Damage;
use unpack::{Entries, MOST_MEMBERS, Tar};

/// As much is unpacked of one dropped file: half a minute of work, and more than all but the largest images hold.
const MOST_UNPACKED: u64 = 4 << 30;

/// An archive that was dropped.
pub struct Archive {
    pub path: Arc<str>,
    pub kind: Kind,
    /// What keeps it from being read, or from being read whole.
    pub problem: Option<Text>,
}

pub enum Kind {
    /// `docker save`, or an OCI image layout.
    Images(Vec<Archived>),
    /// A root file system without a configuration: `docker export`.
    Root(Box<Archived>),
    /// Files, which a Dockerfile may unpack.
    Files,
    /// None that is read: another way of packing, a zip file.
    Other,
}

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

/// Opens what was dropped; of an image only the manifests are read.
#[must_use]
pub fn open(input: &Input) -> Archive {
    let budget: Budget = Rc::new(Cell::new(MOST_UNPACKED));
    let path = Arc::clone(&input.path);
    let content = match unpacked(&input.content, &budget) {
        Ok(content) => content,
        Err(problem) => return Archive { path, kind: Kind::Other, problem: Some(problem) },
    };
    let index = Index::of(&content.0);
    let damage = index.damage.map(|damage| damage.text(&path));
    let archived = |packed: Packed| Archived {
        names: packed.names,
        platform: packed.platform,
        archive: Arc::clone(&path),
        config: packed.config,
        layers: packed.layers,
        budget: Rc::clone(&budget),
        image: OnceCell::new(),
    };
    if index.is_image() {
        let images: Vec<Archived> = index.images().into_iter().map(archived).collect();
        let empty = || {
            text! {
                en: "`{path}` has the files of an image, but no manifest in it leads to one",
                ja: "`{path}` はイメージのファイルを含みますが、マニフェストからイメージにたどれません",
                path: &path,
            }
        };
        let problem = damage.or_else(|| images.is_empty().then(empty));
        return Archive { path: Arc::clone(&path), kind: Kind::Images(images), problem };
    }
    let is_root = is_root(&index.top);
    if is_root {
        let root = Packed::root(Arc::clone(&input.content));
        return Archive { kind: Kind::Root(Box::new(archived(root))), problem: damage, path };
    }
    Archive { path, kind: Kind::Files, problem: damage }
}

/// Whether the directories at the top are those of a system.
fn is_root(top: &[String]) -> bool {
    let has = |name: &str| top.iter().any(|path| path == name);
    let system = ["bin", "usr", "lib", "sbin", "dev", "proc", "sys", "var", "tmp"];
    has("etc") && system.iter().filter(|name| has(name)).count() >= 3 || has(".dockerenv")
}

/// What is in an archive that a Dockerfile unpacks.
pub struct Members {
    /// By their paths in the archive, made absolute and clean.
    pub entries: Vec<(String, Entry)>,
    /// Why there may be more.
    pub left_out: Option<Text>,
}

/// The members of an archive; `None` when it is no tar file that is read.
#[must_use]
pub fn members(input: &Input, from: &Provenance) -> Option<Members> {
    let budget: Budget = Rc::new(Cell::new(MOST_UNPACKED));
    let (content, packed) = unpacked(&input.content, &budget).ok()?;
    let tar = Tar { content, packed, path: Arc::clone(&input.path) };
    let Entries { entries, damage } = tar.entries(from, &mut MOST_MEMBERS.clone());
    Some(Members { entries, left_out: damage.map(|damage| damage.text(&input.path)) })
}

/// The tar file in a file, and whether it is packed; else why it is not read.
fn unpacked(content: &Arc<dyn ReadAt>, budget: &Budget) -> Result<(Arc<dyn ReadAt>, bool), Text> {
    let mut head = [0; 6];
    let length = usize::try_from(content.size()).unwrap_or(head.len()).min(head.len());
    let readable = content.read_at(0, &mut head[..length]).is_ok();
    let not_read = |packing: &str| {
        text! {
            en: "archives packed by {packing} are not read: unpack it, or pack it with gzip",
            ja: "{packing} で圧縮されたアーカイブは読めません。展開するか gzip で圧縮してください",
            packing: packing,
        }
    };
    if head.starts_with(gzip::MAGIC) {
        let inflated: Arc<dyn ReadAt> = Arc::new(Inflated::new(Arc::clone(content), Rc::clone(budget)));
        if tar::is_tar(&*inflated) {
            return Ok((inflated, true));
        }
    } else if readable && tar::is_tar(&**content) {
        return Ok((Arc::clone(content), false));
    }
    Err(match &head {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => not_read("zstd"),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => not_read("xz"),
        [b'B', b'Z', b'h', ..] => not_read("bzip2"),
        [b'P', b'K', 3, 4, ..] => {
            text! { en: "zip files are not looked into", ja: "zip ファイルの中身は調べません" }
        }
        _ => text! { en: "it is no archive that is read", ja: "読み取れる形式のアーカイブではありません" },
    })
}

impl Archive {
    /// The images that it holds, a root file system among them.
    pub fn images(&self) -> impl Iterator<Item = &Archived> {
        let images = match &self.kind {
            Kind::Images(images) => images.as_slice(),
            Kind::Root(root) => std::slice::from_ref(&**root),
            Kind::Files | Kind::Other => &[],
        };
        images.iter()
    }
}

impl Archived {
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
        self.names.iter().any(|name| match reference.split_once('@') {
            Some((_, digest)) => name == digest,
            None => image::same_reference(&short(name), &short(reference)),
        })
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

impl Damage {
    fn text(self, path: &str) -> Text {
        match self {
            Self::Truncated => text! {
                en: "`{path}` ends too early: it was not copied whole",
                ja: "`{path}` は途中で切れています（最後までコピーされていません）",
                path: path,
            },
            Self::Broken => text! {
                en: "`{path}` is damaged: something in it is no tar header",
                ja: "`{path}` は壊れています（tar ヘッダーではない部分があります）",
                path: path,
            },
            Self::Packing => text! {
                en: "`{path}` is damaged: its gzip data cannot be unpacked",
                ja: "`{path}` は壊れています（gzip データを展開できません）",
                path: path,
            },
            Self::TooMuch => text! {
                en: "`{path}` holds more than execlens reads of an archive",
                ja: "`{path}` は execlens が読み取る上限を超えています",
                path: path,
            },
            Self::Unreadable => text! {
                en: "`{path}` cannot be read any more",
                ja: "`{path}` を読み取れなくなりました",
                path: path,
            },
        }
    }
}
