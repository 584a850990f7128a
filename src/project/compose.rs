//! Compose files: which service is built from a Dockerfile, and what it mounts over its image (compose-spec, `build.md`
//! and `05-services.md`).

use crate::lists::{self, Collect};
use std::sync::Arc;

use super::yaml::{self, Value};
use super::{Project, clean};
use crate::source::{Location, Span};

/// What a compose file says of a service that is built from the Dockerfile in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: String,
    /// The compose file, as it was dropped.
    pub file: Arc<str>,
    /// The stage that is built; `None` for the last.
    pub target: Option<String>,
    /// Whether it starts something else than the image says.
    pub entrypoint: bool,
    pub command: bool,
    pub mounts: Vec<Mount>,
}

/// Something that lies over the image's own files when the service runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Absolute, cleaned.
    pub target: String,
    /// The folder of the host, for a bind mount; a volume begins with what the image has there.
    pub bind: Option<Bind>,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// As written: `.`, `./src`.
    pub written: String,
    /// The same below the project's root; `None` where it lies elsewhere.
    pub path: Option<String>,
}

/// The names that `docker compose` looks for, and that it adds to these.
const FILES: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The services that are built from a Dockerfile, given as it was dropped.
#[must_use]
pub fn services(project: &Project, dockerfile: &str) -> Vec<Service> {
    let is_compose = |path: &&str| FILES.contains(&path.rsplit('/').next().unwrap_or_default());
    let mut paths: Vec<&str> = project.paths_below("").filter(is_compose).collect_vec();
    // An override says of a service only what differs, so the file that it belongs to comes first.
    lists::sort_by_key(&mut paths, |path| path.contains(".override."));
    let mut services: Vec<Service> = Vec::new();
    for path in paths.into_iter().take(FILES.len()) {
        let (Some(text), Some(file)) = (project.text(path), project.dropped_path(path)) else { continue };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let read = yaml::read(&text);
        for (name, yaml) in read.as_ref().and_then(|read| read.get("services")).map_or(&[][..], Value::members) {
            let builds = built_from(yaml, folder)
                .is_some_and(|built| project.dropped_path(&built).is_some_and(|dropped| **dropped == *dockerfile));
            let found = service(name, yaml, folder, file);
            let known = services.iter_mut().find(|service| service.name == *name && path.contains(".override."));
            if let Some(known) = known {
                known.entrypoint |= found.entrypoint;
                known.command |= found.command;
                known.mounts.extend(found.mounts);
            } else if builds {
                services.push(found);
            }
        }
    }
    services
}

/// The Dockerfile that a service is built from.
fn built_from(service: &Value, folder: &str) -> Option<String> {
    let build = service.get("build")?;
    let context = build.text().or_else(|| build.get("context")?.text()).unwrap_or(".");
    let dockerfile = build.get("dockerfile").and_then(Value::text).unwrap_or("Dockerfile");
    let plain = !context.contains(['$', ':']) && !dockerfile.contains('$') && !context.starts_with('/');
    plain.then(|| clean(&format!("{folder}/{context}/{dockerfile}")))
}

fn service(name: &str, yaml: &Value, folder: &str, file: &Arc<str>) -> Service {
    let mounts = yaml.get("volumes").map_or(&[][..], Value::items);
    Service {
        name: name.to_owned(),
        file: Arc::clone(file),
        target: yaml.get("build").and_then(|build| build.get("target")?.text()).map(str::to_owned),
        entrypoint: yaml.get("entrypoint").is_some(),
        command: yaml.get("command").is_some(),
        mounts: mounts.iter().filter_map(|volume| mount(volume, folder, file)).collect_vec(),
    }
}

/// `./src:/app:ro`, `data:/data`, `/cache`, or the same in keys.
fn mount(volume: &Value, folder: &str, file: &Arc<str>) -> Option<Mount> {
    let (source, target, is_bind) = match volume.text() {
        Some(text) => {
            let mut parts = text.split(':');
            match (parts.next()?, parts.next()) {
                (target, None) => ("", target, false),
                (source, Some(target)) => (source, target, source.starts_with(['.', '/', '~', '$'])),
            }
        }
        None => {
            let word = |name: &str| volume.get(name).and_then(Value::text);
            (word("source").unwrap_or_default(), word("target")?, word("type") == Some("bind"))
        }
    };
    // The shell's own folder is where compose is called: beside its file.
    let here = source.replace("${PWD}", ".").replace("$PWD", ".");
    if !target.starts_with('/') || target.contains('$') {
        return None;
    }
    let bind = is_bind.then(|| Bind { written: source.to_owned(), path: below(folder, &here) });
    let start = start(volume).unwrap_or(0);
    let span = Span::at(start);
    Some(Mount { target: crate::project::join("/", target), bind, at: Location::new(file, span) })
}

/// Where a value begins in the file.
fn start(value: &Value) -> Option<usize> {
    match value {
        Value::Text(_, at) => *at,
        Value::List(items) => items.iter().find_map(start),
        Value::Map(members) => members.iter().find_map(|(_, value)| start(value)),
    }
}

/// A folder below the project's root.
fn below(folder: &str, source: &str) -> Option<String> {
    let relative = !source.starts_with(['/', '~']) && !source.contains('$');
    let ups = source.split('/').filter(|part| *part == "..").count();
    let depth = folder.split('/').filter(|part| !part.is_empty()).count();
    (relative && ups <= depth).then(|| clean(&format!("{folder}/{source}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;

    #[test]
    fn services_are_those_of_the_dockerfile() {
        let compose = "services:\n  web:\n    build: .\n    volumes:\n      - .:/app\n      - /app/node_modules\n      - data:/data\n  \
                       api:\n    build:\n      context: api\n      dockerfile: Dockerfile.dev\n      target: dev\n    command: x\n    \
                       volumes:\n      - type: bind\n        source: ../outside\n        target: /srv\n";
        let over = "services:\n  web:\n    volumes: [\"./src:/app/src:ro\"]\n";
        let inputs = [
            ("p/compose.yaml", compose),
            ("p/compose.override.yaml", over),
            ("p/Dockerfile", ""),
            ("p/api/Dockerfile.dev", ""),
        ];
        let project = Project::new(&inputs.map(|(path, text)| Input::new(path, text)), "p", true);
        let web = services(&project, "p/Dockerfile");
        let told: Vec<String> = web
            .iter()
            .flat_map(|service| &service.mounts)
            .map(|mount| format!("{:?} {}", mount.bind.as_ref().map(|bind| bind.path.as_deref()), mount.target))
            .collect();
        assert_eq!(
            told,
            ["Some(Some(\"\")) /app", "None /app/node_modules", "None /data", "Some(Some(\"src\")) /app/src"]
        );
        assert_eq!(web.len(), 1);
        let at = web[0].mounts[0].at.span.start as usize;
        assert!(compose[at..].starts_with(".:/app"));
        let api = services(&project, "p/api/Dockerfile.dev");
        assert_eq!((api.len(), api[0].target.as_deref(), api[0].command), (1, Some("dev"), true));
        assert_eq!(api[0].mounts[0].bind, Some(Bind { written: "../outside".into(), path: None }));
        assert!(services(&project, "other").is_empty());
    }
}
