//! GoReleaser (goreleaser.com): `.goreleaser.yml`, as the `go build` commands that it comes to.

use super::{Line, Plan, expanded};
use crate::lists::Collect;
use crate::project::yaml::{self, Value};

/// What `goreleaser build` runs for one platform. Where the name of the project is not in the file, `project` is it, if
/// that is known.
///
/// A program lands in `dist/ID_OS_ARCH/BINARY`, for amd64 and arm with the level in the folder's name
/// (goreleaser.com, "Builds"), or with `--single-target --output` where that says.
#[must_use]
pub fn plan(text: &str, project: Option<&str>, os: &str, architecture: &str, output: Option<&str>) -> Option<Plan> {
    let file = yaml::read(text)?;
    let own = file.get("project_name").and_then(Value::text).map(str::to_owned).or_else(|| project.map(str::to_owned));
    let default = Value::Map(Vec::new());
    let builds = match file.get("builds") {
        Some(Value::List(builds)) => builds.iter().collect_vec(),
        _ => vec![&default],
    };
    let known = |inside: &str| match inside.trim_start_matches('.') {
        "ProjectName" => own.clone(),
        "Os" => Some(os.to_owned()),
        "Arch" => Some(architecture.to_owned()),
        _ => None,
    };
    let mut plan = Plan::default();
    for build in builds {
        let text = |name: &str| build.get(name).and_then(Value::text);
        let all = |name: &str| build.get(name).map(Value::items).unwrap_or_default().iter().filter_map(Value::text);
        let builds_with_go = text("builder").is_none_or(|builder| builder == "go");
        let skipped = text("skip") == Some("true") || build.get("prebuilt").is_some();
        let wants = |name: &str, wanted: &str| build.get(name).is_none() || all(name).any(|one| one == wanted);
        if !builds_with_go {
            plan.open = true;
        }
        if !builds_with_go || skipped || !wants("goos", os) || !wants("goarch", architecture) {
            continue;
        }
        let unknown = || "{{?}}".to_owned();
        let id = text("id").map(str::to_owned).or_else(|| own.clone()).unwrap_or_else(unknown);
        let binary = text("binary").map(str::to_owned).or_else(|| own.clone()).unwrap_or_else(unknown);
        let level = match architecture {
            "amd64" => "_v1",
            "arm64" => "_v8.0",
            _ => "",
        };
        let place = match output {
            Some(output) => output.to_owned(),
            None => format!("dist/{id}_{os}_{architecture}{level}/{binary}"),
        };
        let flags: Vec<&str> = all("flags").collect_vec();
        let tags: Vec<&str> = all("tags").collect_vec();
        let ldflags: Vec<&str> = all("ldflags").collect_vec();
        let mut script = format!("go build -o {place} {}", flags.join(" "));
        if !tags.is_empty() {
            script += &format!(" -tags {}", tags.join(","));
        }
        if !ldflags.is_empty() {
            script += &format!(" -ldflags \"{}\"", ldflags.join(" ").replace('"', "'"));
        }
        script += &format!(" {}", text("main").unwrap_or("."));
        let mut environment: Vec<(String, String)> =
            vec![("GOOS".to_owned(), os.to_owned()), ("GOARCH".to_owned(), architecture.to_owned())];
        let global = file.get("env").map(Value::items).unwrap_or_default().iter().filter_map(Value::text);
        let pairs = global.chain(all("env")).filter_map(|pair| pair.split_once('='));
        environment.extend(pairs.map(|(name, value)| (name.to_owned(), expanded(value, &known))));
        let directory = text("dir").map(str::to_owned);
        plan.lines.push(Line { script: expanded(&script, &known), at: None, directory, environment });
    }
    Some(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_come_to_commands() {
        let text = "project_name: shop\nbuilds:\n  - id: server\n    main: ./cmd/server\n    env:\n      - CGO_ENABLED=0\n    goos: [linux]\n    \
                    ldflags:\n      - -s -w -X main.version={{.Version}}\n  - id: win\n    goos: [windows]\n";
        let plan = plan(text, None, "linux", "amd64", None).unwrap();
        assert_eq!(plan.lines.len(), 1);
        assert_eq!(
            plan.lines[0].script,
            "go build -o dist/server_linux_amd64_v1/shop  -ldflags \"-s -w -X main.version=${_make_unknown}\" ./cmd/server"
        );
        assert_eq!(plan.lines[0].environment.last().unwrap(), &("CGO_ENABLED".to_owned(), "0".to_owned()));
        let plan = super::plan("before:\n  hooks: [x]\n", Some("a"), "linux", "arm64", Some("/out/a")).unwrap();
        assert_eq!(plan.lines[0].script, "go build -o /out/a  .");
    }
}
