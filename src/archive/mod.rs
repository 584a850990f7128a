//! Archives: tar files, packed or not, and the images in them, read by ranges.
//!
//! Only headers are read at first; what lies in a file is read when a rule asks for it.
//! Whatever an archive claims, what is read of it is bounded: its members, what is unpacked, the length of names.

mod gzip;
mod image;
mod inspect;
mod layout;
mod part;
mod tar;
mod unpack;

use crate::lists::Collect;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use crate::fact::Provenance;
use crate::input::{Input, ReadAt};
use crate::text;
use crate::text::Text;
use crate::tree::Entry;
pub use image::Archived;

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
    content: Arc<dyn ReadAt>,
    /// What is in it, once somebody has unpacked it; `None` when it is no tar file that is read.
    members: OnceCell<Option<Members>>,
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

/// Whether it has to be unpacked as a whole before anything is known of it.
#[must_use]
pub fn is_packed(input: &Input) -> bool {
    input.head(gzip::MAGIC.len()).is_ok_and(|head| head == gzip::MAGIC)
}

/// Takes an archive for files, without looking whether it holds images.
#[must_use]
pub fn of_files(input: &Input) -> Archive {
    Archive {
        path: Arc::clone(&input.path),
        kind: Kind::Files,
        problem: None,
        content: Arc::clone(&input.content),
        members: OnceCell::new(),
    }
}

/// Opens what was dropped; of an image only the manifests are read.
#[must_use]
pub fn open(input: &Input) -> Archive {
    let (kind, problem) = look(input);
    Archive { kind, problem, ..of_files(input) }
}

fn look(input: &Input) -> (Kind, Option<Text>) {
    let budget: Budget = Rc::new(Cell::new(MOST_UNPACKED));
    let path = Arc::clone(&input.path);
    let content = match unpacked(&input.content, &budget) {
        Ok(content) => content,
        Err(problem) => return (Kind::Other, Some(problem)),
    };
    let index = Index::of(&content.0);
    let damage = index.damage.map(|damage| damage.text(&path));
    let archived = |packed: Packed| Archived::new(packed, &path, &budget);
    if index.is_image() {
        let images: Vec<Archived> = index.images().into_iter().map(archived).collect_vec();
        let empty = || {
            text! {
                en: "`{path}` has the files of an image, but no manifest in it leads to one",
                ja: "`{path}` はイメージのファイルを含みますが、マニフェストからイメージにたどれません",
                path: &path,
            }
        };
        let problem = damage.or_else(|| images.is_empty().then(empty));
        return (Kind::Images(images), problem);
    }
    if is_root(&index.top) {
        let root = Packed::root(Arc::clone(&input.content));
        return (Kind::Root(Box::new(archived(root))), damage);
    }
    (Kind::Files, damage)
}

/// Whether the directories at the top are those of a system.
fn is_root(top: &[String]) -> bool {
    let has = |name: &str| top.iter().any(|path| path == name);
    let system = ["bin", "usr", "lib", "sbin", "dev", "proc", "sys", "var", "tmp"];
    has("etc") && system.iter().filter(|name| has(name)).count() >= 3 || has(".dockerenv")
}

/// What is in an archive that a Dockerfile unpacks.
#[derive(Clone)]
pub struct Members {
    /// By their paths in the archive, made absolute and clean.
    pub entries: Vec<(String, Entry)>,
    /// Why there may be more.
    pub left_out: Option<Text>,
}

/// The members of an archive; `None` when it is no tar file that is read.
///
/// One of `archives` is unpacked once, however often a Dockerfile is run.
#[must_use]
pub fn members(archives: &[Archive], input: &Input, from: &Provenance) -> Option<Members> {
    let known = archives.iter().find(|archive| archive.path == input.path);
    let mut members = match known {
        Some(archive) => archive.members.get_or_init(|| unpack_all(&archive.content, &archive.path)).clone()?,
        None => unpack_all(&input.content, &input.path)?,
    };
    for (_, entry) in &mut members.entries {
        entry.from = from.clone();
    }
    Some(members)
}

fn unpack_all(content: &Arc<dyn ReadAt>, path: &Arc<str>) -> Option<Members> {
    let budget: Budget = Rc::new(Cell::new(MOST_UNPACKED));
    let (content, packed) = unpacked(content, &budget).ok()?;
    let tar = Tar { content, packed, path: Arc::clone(path) };
    let Entries { entries, damage } = tar.entries(&Provenance::Always, &mut MOST_MEMBERS.clone());
    Some(Members { entries, left_out: damage.map(|damage| damage.text(path)) })
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
