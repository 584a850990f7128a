//! The images in an archive: what `docker save` writes (`manifest.json`), and the OCI image layout (`index.json`).
//!
//! An archive may be both, and an index may name images for many platforms of which only some are in the file.
//! Sources: moby `image/tarexport`, containerd `core/images/archive`, OCI image specification (`image-layout.md`,
//! `manifest.md`, `config.md`).

use crate::lists::{Collect, Map};
use std::sync::Arc;

use super::part::{Part, whole};
use super::tar::{Damage, Kind, Members};
use crate::image::{Config, Healthcheck};
use crate::input::ReadAt;
use crate::json::Value;
use crate::platform::Platform;
use crate::tree::normalize;

/// Manifests and configurations; a large one has some hundred kilobytes of history.
const LARGEST_JSON: usize = 8 << 20;

/// An archive of more images than these is no one's.
const MOST_IMAGES: usize = 64;

/// More members than these are no image archive: it has a few for each layer.
const MOST_MEMBERS: usize = 20_000;

/// An index may name an index; nobody's goes deeper.
const DEEPEST: usize = 3;

/// A tar file whose members are looked up by name.
pub(super) struct Index {
    source: Arc<dyn ReadAt>,
    files: Map<(u64, u64)>,
    links: Map<String>,
    /// The paths of directories and files at the top.
    pub(super) top: Vec<String>,
    pub(super) damage: Option<Damage>,
}

/// An image as it lies in an archive.
pub(super) struct Packed {
    /// `alpine:3.19`, `docker.io/library/alpine:3.19`; also digests.
    pub(super) names: Vec<String>,
    pub(super) platform: Platform,
    pub(super) config: Config,
    /// The lowest first; `None` for one that is not in the file.
    pub(super) layers: Vec<Option<Arc<dyn ReadAt>>>,
    /// The configuration's path, which tells images apart.
    id: String,
}

impl Index {
    pub(super) fn of(source: &Arc<dyn ReadAt>) -> Self {
        let mut index =
            Self { source: Arc::clone(source), files: Map::new(), links: Map::new(), top: Vec::new(), damage: None };
        for member in Members::of(&**source).take(MOST_MEMBERS) {
            let member = match member {
                Ok(member) => member,
                Err(damage) => {
                    index.damage = Some(damage);
                    break;
                }
            };
            let path = normalize("/", &format!("/{}", member.path));
            let first = path[1..].split('/').next().unwrap_or_default();
            if !first.is_empty() && index.top.last().is_none_or(|last| last != first) && index.top.len() < 1000 {
                index.top.push(first.to_owned());
            }
            match member.kind {
                Kind::File { start, size } => {
                    index.files.insert(path, (start, size));
                }
                // Older versions of Docker link a layer that several images share.
                Kind::Symlink(target) => {
                    let directory = path.rsplit_once('/').map_or("/", |(directory, _)| directory).to_owned();
                    index.links.insert(path, normalize(&directory, &target));
                }
                Kind::Hardlink(target) => {
                    index.links.insert(path, normalize("/", &format!("/{target}")));
                }
                _ => {}
            }
        }
        index
    }

    /// Whether it has what every image archive has.
    pub(super) fn is_image(&self) -> bool {
        self.files.contains_key("/manifest.json")
            || self.files.contains_key("/index.json") && self.files.contains_key("/oci-layout")
    }

    fn file(&self, path: &str) -> Option<Arc<dyn ReadAt>> {
        let mut path = normalize("/", &format!("/{path}"));
        for _ in 0..DEEPEST {
            if let Some((start, size)) = self.files.get(&path) {
                return Some(Arc::new(Part { source: Arc::clone(&self.source), start: *start, size: *size }));
            }
            path.clone_from(self.links.get(&path)?);
        }
        None
    }

    fn json(&self, path: &str) -> Option<Value> {
        Value::read(std::str::from_utf8(&whole(&*self.file(path)?, LARGEST_JSON)?).ok()?)
    }

    /// The images, each once.
    pub(super) fn images(&self) -> Vec<Packed> {
        let mut images = Vec::new();
        if let Some(index) = self.json("index.json") {
            self.manifests(&index, &[], 0, &mut images);
        }
        for entry in self.json("manifest.json").as_ref().and_then(Value::as_list).into_iter().flatten() {
            let tags = strings(&entry["RepoTags"]);
            let Some(config) = entry["Config"].as_str() else { continue };
            let id = normalize("/", &format!("/{config}"));
            match images.iter_mut().find(|image: &&mut Packed| image.id == id) {
                Some(image) => image.names.extend(tags),
                None => {
                    let layers = strings(&entry["Layers"]).iter().map(|path| self.file(path)).collect_vec();
                    images.extend(self.packed(tags, config, layers).filter(|_| images.len() < MOST_IMAGES));
                }
            }
        }
        images
    }

    /// What an index names; what it names is mostly only partly in the file.
    fn manifests(&self, index: &Value, names: &[String], depth: usize, images: &mut Vec<Packed>) {
        for descriptor in index["manifests"].as_list().into_iter().flatten() {
            if images.len() == MOST_IMAGES {
                return;
            }
            // BuildKit's attestations stand beside the images that they are about.
            let annotations = &descriptor["annotations"];
            if annotations["vnd.docker.reference.type"].as_str().is_some() {
                continue;
            }
            let mut names = names.to_vec();
            let full = annotations["io.containerd.image.name"].as_str();
            // The other annotation may be a tag alone, which names no image.
            let other = annotations["org.opencontainers.image.ref.name"].as_str();
            names.extend(full.or(other.filter(|name| name.contains([':', '/']))).map(str::to_owned));
            let Some(digest) = descriptor["digest"].as_str() else { continue };
            names.push(digest.to_owned());
            let Some(manifest) = self.json(&blob(digest)) else { continue };
            if manifest["manifests"].as_list().is_some() {
                if depth < DEEPEST {
                    self.manifests(&manifest, &names, depth + 1, images);
                }
                continue;
            }
            let Some(config) = manifest["config"]["digest"].as_str().map(blob) else { continue };
            let id = normalize("/", &format!("/{config}"));
            if let Some(known) = images.iter_mut().find(|image| image.id == id) {
                known.names.extend(names);
                continue;
            }
            let layers = manifest["layers"].as_list().into_iter().flatten();
            let layers = layers.map(|layer| self.file(&blob(layer["digest"].as_str()?))).collect_vec();
            images.extend(self.packed(names, &config, layers));
        }
    }

    fn packed(&self, names: Vec<String>, config: &str, layers: Vec<Option<Arc<dyn ReadAt>>>) -> Option<Packed> {
        let json = self.json(config)?;
        // Signatures and the like lie beside images, as manifests with a configuration that is none.
        if json["architecture"].as_str().is_none() && json["rootfs"].as_object().is_none() {
            return None;
        }
        let word = |name: &str| json[name].as_str().filter(|word| !word.is_empty());
        let platform = [word("os").unwrap_or("linux"), word("architecture").unwrap_or("amd64")].join("/");
        let platform = match word("variant") {
            Some(variant) => format!("{platform}/{variant}"),
            None => platform,
        };
        let platform = Platform::parse(&platform).unwrap_or_default();
        let id = normalize("/", &format!("/{config}"));
        Some(Packed { names, platform, config: read_config(&json["config"]), layers, id })
    }
}

impl Packed {
    /// A file system that stands for an image of one layer.
    pub(super) fn root(content: Arc<dyn ReadAt>) -> Self {
        Self {
            names: Vec::new(),
            platform: Platform::default(),
            config: Config::default(),
            layers: vec![Some(content)],
            id: String::new(),
        }
    }
}

/// `sha256:…` as a path of the layout.
fn blob(digest: &str) -> String {
    format!("blobs/{}", digest.replacen(':', "/", 1))
}

/// What an image says about how to run it.
fn read_config(json: &Value) -> Config {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let mut config = Config {
        working_dir: text("WorkingDir"),
        user: text("User"),
        entrypoint: strings(&json["Entrypoint"]),
        cmd: strings(&json["Cmd"]),
        shell: strings(&json["Shell"]),
        on_build: strings(&json["OnBuild"]),
        exposed_ports: keys(&json["ExposedPorts"]),
        volumes: keys(&json["Volumes"]),
        stop_signal: text("StopSignal"),
        ..Config::default()
    };
    for variable in strings(&json["Env"]) {
        if let Some((name, value)) = variable.split_once('=') {
            config.set_variable(name, value);
        }
    }
    for (name, value) in json["Labels"].as_object().into_iter().flatten() {
        config.labels.insert(Arc::clone(name), value.as_str().unwrap_or_default().to_owned());
    }
    let check = &json["Healthcheck"];
    let test = strings(&check["Test"]);
    if !test.is_empty() {
        let time = |name: &str| check[name].as_number().unwrap_or(0);
        config.healthcheck = Some(Healthcheck {
            test,
            interval: time("Interval"),
            timeout: time("Timeout"),
            start_period: time("StartPeriod"),
            start_interval: time("StartInterval"),
            retries: u32::try_from(time("Retries")).unwrap_or(0),
        });
    }
    config
}

/// A list of strings; Docker's oldest images have a lone string in places.
fn strings(json: &Value) -> Vec<String> {
    match json {
        Value::String(word) => vec![word.clone()],
        _ => json.as_list().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect_vec(),
    }
}

fn keys(json: &Value) -> Vec<String> {
    json.as_object().into_iter().flatten().map(|(key, _)| key.to_string()).collect_vec()
}
