//! The import graph of a program, as far as the dropped sources show it.

use crate::lists::{Collect, Map, Set};
use ::std::collections::VecDeque;
use ::std::sync::Arc;

use super::layout::{Layout, Module, Root};
use super::modules::{self, Effect, WithoutCgo};
use super::source::{self, Header, Import};
use super::{Target, Use, Uses, hints, std};
use crate::fact::{Condition, Provenance, Settler, Step};
use crate::project::join;
use crate::source::Location;
use crate::text;
use crate::text::Text;

/// What a program takes in.
///
/// With the sources dropped, every package of the module that the program reaches is read; without them, what
/// `go.mod` requires is a hint at most.
#[must_use]
pub fn uses(layout: &Layout<'_>, root: &Root, target: &Target) -> Uses {
    let Some(directory) = root.directory.as_deref() else { return of_download(root) };
    let module = layout.module(directory);
    if !layout.has_go_files(directory) {
        return module.map_or_else(Uses::default, |module| of_requirements(layout, &module));
    }
    let has_manifest = module.is_some();
    let mut walk = Walk {
        layout,
        target,
        unseen: false,
        modules: local_modules(layout, module),
        uses: Uses {
            net: Use::No,
            user: Use::No,
            plugin: Use::No,
            c: Use::No,
            tls_client: Use::No,
            time_zones: Use::No,
            ..Uses::default()
        },
        seen: Set::new(),
        queue: VecDeque::new(),
    };
    walk.package(directory, &root.files);
    while let Some(directory) = walk.queue.pop_front() {
        walk.package(&directory, &[]);
    }
    let (mut uses, unseen) = (walk.uses, walk.unseen);
    // A module whose manifest is there, and of which each package that is imported is there, was dropped as far as it
    // matters.
    if !layout.sources.project.whole && (unseen || !has_manifest) {
        let condition = Arc::new(Condition {
            text: text! {
                en: "a source file that was not dropped uses cgo (net, os/user or C)",
                ja: "ドロップされていないソースファイルが cgo(net、os/user、C)を使う",
            },
            settled_by: vec![Settler::ProjectFolder],
        });
        uses.net.raise(Use::Maybe(condition));
    }
    uses
}

struct Walk<'a> {
    layout: &'a Layout<'a>,
    target: &'a Target,
    /// Module path to directory in the stage: the main module, and those that `replace` and `go.work` point at.
    modules: Map<String>,
    uses: Uses,
    seen: Set,
    queue: VecDeque<String>,
    /// A package of the module was imported, and none of its files was dropped.
    unseen: bool,
}

impl Walk<'_> {
    /// Reads one package; `only` are the files that the command names, if it names files.
    fn package(&mut self, directory: &str, only: &[String]) {
        if !self.seen.add(directory) {
            return;
        }
        let (mut taken, mut left_out) = (0, None);
        let files: Vec<(String, String)> =
            self.layout.go_files(directory).map(|(name, path)| (name.to_owned(), path.to_owned())).collect_vec();
        self.unseen |= files.is_empty();
        for (name, path) in &files {
            if !only.is_empty() && !only.contains(name) {
                continue;
            }
            let Some(text) = self.layout.sources.project.text(path) else { continue };
            let Some(dropped) = self.layout.sources.project.dropped_path(path).cloned() else { continue };
            // Files that the command names are taken whatever their constraints say.
            let header = (!only.is_empty() || self.target.takes(name, &text)).then(|| source::read(&text));
            let Some(header) = header.filter(|header| !header.package.is_empty()) else {
                left_out = left_out.or(Some(Location::file(&dropped)));
                continue;
            };
            let c = header.imports.iter().find(|import| import.path == "C");
            if let Some(c) = c.filter(|_| !self.target.cgo) {
                left_out = Some(Location::new(&dropped, c.span));
                continue;
            }
            taken += 1;
            self.file(&header, &dropped, path);
            hints::read(&text, &dropped, &mut self.uses);
        }
        if let (0, Some(at)) = (taken, left_out) {
            let claim = text! {
                en: "build constraints leave out every file of `{directory}`",
                ja: "ビルド制約により `{directory}` のすべてのファイルが除外されます",
                directory: directory,
            };
            let step = Step { claim, from: Provenance::Read(at) };
            self.uses.no_files.get_or_insert((directory.to_owned(), step));
        }
    }

    fn file(&mut self, header: &Header, dropped: &Arc<str>, path: &str) {
        for import in &header.imports {
            let step = imports_step(path, import, dropped);
            if import.path == "C" {
                self.c_code(header, step);
            } else if let Some(directory) = self.own_directory(&import.path) {
                if self.layout.has_go_files(&directory) {
                    self.queue.push_back(directory);
                } else {
                    self.uses.net.raise(Use::Maybe(missing_package(&import.path)));
                }
            } else if std::is_standard(&import.path) {
                self.standard(&import.path, step);
            } else if let Some(vendored) = self.vendored(&import.path) {
                self.queue.push_back(vendored);
            } else {
                self.foreign(&import.path, step);
            }
            hints::import(&import.path, &imports_step(path, import, dropped), &mut self.uses);
        }
    }

    fn c_code(&mut self, header: &Header, step: Step) {
        for library in header.cgo_lines.iter().flat_map(|line| cgo_libraries(line, self.target)) {
            self.uses.libraries.push((library, step.clone()));
        }
        self.uses.c.raise(Use::Yes(step));
    }

    fn standard(&mut self, package: &str, step: Step) {
        let used = match std::reach(package) {
            std::Reach::Net => &mut self.uses.net,
            std::Reach::User => &mut self.uses.user,
            std::Reach::Plugin => &mut self.uses.plugin,
            std::Reach::Cgo => &mut self.uses.c,
            std::Reach::Nothing => return,
        };
        used.raise(Use::Yes(step));
    }

    fn foreign(&mut self, package: &str, step: Step) {
        match modules::lookup(package) {
            Some((_, Effect::Nothing, _)) => {}
            Some((_, Effect::Net, true)) => self.uses.net.raise(Use::Yes(known_module(step, package, "net"))),
            Some((_, Effect::C(module), _)) => {
                let step = known_module(step, package, "C");
                if !matches!(self.uses.needs_cgo, Some((WithoutCgo::BuildFails, _))) {
                    self.uses.needs_cgo = Some((module.without_cgo, step.clone()));
                }
                for library in module.libraries {
                    self.uses.libraries.push(((*library).to_owned(), step.clone()));
                }
                if module.glibc_archive_unless.is_some_and(|tag| !self.target.tags.iter().any(|set| set == tag)) {
                    self.uses.glibc_archive.get_or_insert(step.clone());
                }
                self.uses.c.raise(Use::Yes(step));
            }
            Some((_, Effect::Net, false)) | None => self.uses.net.raise(Use::Maybe(foreign_package(package))),
        }
    }

    /// The directory of a package of a local module.
    fn own_directory(&self, package: &str) -> Option<String> {
        let own = |(module, _): &(&Arc<str>, &String)| {
            package.strip_prefix(&***module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let (module, directory) = self.modules.iter().filter(own).max_by_key(|(module, _)| module.len())?;
        Some(join(directory, package[module.len()..].trim_start_matches('/')))
    }

    fn vendored(&self, package: &str) -> Option<String> {
        let directories =
            self.modules.values().map(|directory| format!("{}/vendor/{package}", directory.trim_end_matches('/')));
        directories.into_iter().find(|directory| self.layout.has_go_files(directory))
    }
}

/// Modules whose sources lie beside the main one.
fn local_modules(layout: &Layout<'_>, module: Option<Module>) -> Map<String> {
    let mut found = Map::new();
    let Some(module) = module else { return found };
    for (path, directory) in &module.manifest.replaces {
        found.insert(path.clone(), join(&module.directory, directory));
    }
    let mut at = module.directory.as_str();
    while let Some((above, _)) = at.rsplit_once('/') {
        let workspace = layout.file(if at.is_empty() { "/" } else { at }, "go.work");
        if let Some(text) = workspace.and_then(|path| layout.sources.project.text(path)) {
            for used in super::manifest::read(&text).uses {
                let directory = join(at, &used);
                if let Some(name) = layout.module(&directory).and_then(|module| module.manifest.module) {
                    found.insert(name.value, directory);
                }
            }
            break;
        }
        at = above;
    }
    if let Some(name) = module.manifest.module {
        found.insert(name.value, module.directory);
    }
    found
}

/// A program that is downloaded by its import path: only a well-known module tells anything.
fn of_download(root: &Root) -> Uses {
    let mut uses = Uses::default();
    let known = root.import_path.as_deref().and_then(modules::lookup);
    if let Some((path, Effect::C(module), _)) = known {
        let step = Step { claim: module_claim(path, "C"), from: recorded(path) };
        uses.needs_cgo = Some((module.without_cgo, step.clone()));
        uses.c = Use::Yes(step);
    }
    uses
}

/// Only `go.mod` was dropped: what it requires directly is imported by some package of the module, which need not be
/// the one that is built.
fn of_requirements(layout: &Layout<'_>, module: &Module) -> Uses {
    let mut uses = Uses::default();
    let Some(dropped) = layout.sources.project.dropped_path(&module.path) else { return uses };
    for require in module.manifest.requires.iter().filter(|require| !require.indirect) {
        let Some((_, effect, _)) = modules::lookup(&require.path) else { continue };
        let condition = Arc::new(Condition {
            text: text! {
                en: "the program imports `{module}`, which {file} requires",
                ja: "{file} が必要とする `{module}` をプログラムがインポートしている",
                module: &require.path,
                file: dropped,
            },
            settled_by: vec![Settler::ProjectFolder],
        });
        match effect {
            Effect::Net => uses.net.raise(Use::Maybe(condition)),
            Effect::C(module) => {
                let step =
                    Step { claim: module_claim(&require.path, "C"), from: Provenance::Assumed(Arc::clone(&condition)) };
                uses.needs_cgo.get_or_insert((module.without_cgo, step.clone()));
                if module.glibc_archive_unless.is_some() {
                    uses.glibc_archive.get_or_insert(step);
                }
                uses.c.raise(Use::Maybe(condition));
            }
            Effect::Nothing => {}
        }
    }
    uses
}

/// The libraries in one `#cgo` line: `linux,!musl LDFLAGS: -lz -L/x -pthread` names `z`.
fn cgo_libraries(line: &str, target: &Target) -> Vec<String> {
    let Some((left, flags)) = line.split_once(':') else { return Vec::new() };
    let mut words: Vec<&str> = left.split_whitespace().collect_vec();
    let kind = words.pop().unwrap_or_default();
    let term = |term: &str| term.strip_prefix('!').map_or_else(|| target.holds(term), |term| !target.holds(term));
    if !words.is_empty() && !words.iter().any(|option| option.split(',').all(term)) {
        return Vec::new();
    }
    let flags = flags.split_whitespace();
    match kind {
        "LDFLAGS" => flags.filter_map(|flag| flag.strip_prefix("-l")).map(str::to_owned).collect_vec(),
        "pkg-config" => flags
            .filter(|flag| !flag.starts_with('-'))
            .map(|name| name.trim_start_matches("lib").to_owned())
            .collect_vec(),
        _ => Vec::new(),
    }
}

fn imports_step(path: &str, import: &Import, dropped: &Arc<str>) -> Step {
    let claim = text! {
        en: "`{file}` imports `{package}`",
        ja: "`{file}` が `{package}` をインポートしています",
        file: path,
        package: &import.path,
    };
    Step { claim, from: Provenance::Read(Location::new(dropped, import.span)) }
}

/// The import of a well-known module, and what that brings.
fn known_module(import: Step, package: &str, brings: &str) -> Step {
    let claim = module_claim(package, brings);
    let known = Step { claim: claim.clone(), from: recorded(package) };
    Step { claim, from: Provenance::derived(vec![import, known]) }
}

fn module_claim(package: &str, brings: &str) -> Text {
    if brings == "C" {
        text! { en: "`{package}` is C code, which needs cgo", ja: "`{package}` は C のコードで、cgo を必要とします", package: package }
    } else {
        text! { en: "`{package}` imports `{brings}`", ja: "`{package}` は `{brings}` をインポートしています", package: package, brings: brings }
    }
}

fn recorded(module: &str) -> Provenance {
    Provenance::recorded(module, "the module's own imports", "")
}

fn foreign_package(package: &str) -> Arc<Condition> {
    let text = text! {
        en: "`{package}`, or what it imports, uses cgo (net, os/user or C)",
        ja: "`{package}` またはそのインポート先が cgo(net、os/user、C)を使う",
        package: package,
    };
    Arc::new(Condition { text, settled_by: vec![Settler::File("vendor".into())] })
}

fn missing_package(package: &str) -> Arc<Condition> {
    let text = text! {
        en: "`{package}`, which is not among the dropped files, uses cgo (net, os/user or C)",
        ja: "ドロップされたファイルにない `{package}` が cgo(net、os/user、C)を使う",
        package: package,
    };
    Arc::new(Condition { text, settled_by: vec![Settler::ProjectFolder] })
}
