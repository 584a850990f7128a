//! Task (taskfile.dev): `Taskfile.yml`.

use crate::lists::{Collect, Map};

use super::{DEEPEST, Line, MOST_LINES, Plan, expanded};
use crate::project::yaml::{self, Value};

/// What the named tasks run; `None` when the file has no such task.
///
/// `set` are the `NAME=value` words of the command line.
#[must_use]
pub fn plan(text: &str, names: &[String], set: &[(String, String)]) -> Option<Plan> {
    let file = yaml::read(text)?;
    let tasks = file.get("tasks")?;
    let mut variables = texts(file.get("vars"), &Map::new());
    variables.extend(set.iter().cloned());
    let mut runner = Runner {
        tasks,
        plan: Plan { open: file.get("includes").is_some(), ..Plan::default() },
        environment: pairs(&texts(file.get("env"), &variables)).collect_vec(),
        done: Vec::new(),
    };
    let default = [String::from("default")];
    for name in if names.is_empty() { &default } else { names } {
        runner.task(name, &variables, 0)?;
    }
    Some(runner.plan)
}

type Variables = Map<String>;

struct Runner<'t> {
    tasks: &'t Value,
    plan: Plan,
    environment: Vec<(String, String)>,
    done: Vec<String>,
}

impl Runner<'_> {
    fn task(&mut self, name: &str, outer: &Variables, depth: usize) -> Option<()> {
        let named = |(own, task): &&(String, Value)| {
            let aliases = task.get("aliases").map(Value::items).unwrap_or_default();
            own == name || aliases.iter().any(|alias| alias.text() == Some(name))
        };
        let (_, task) = self.tasks.members().iter().find(named)?;
        if depth > DEEPEST || self.plan.lines.len() > MOST_LINES {
            self.plan.open = true;
            return Some(());
        }
        let mut variables = outer.clone();
        variables.extend(pairs(&texts(task.get("vars"), outer)));
        for needed in task.get("deps").map(Value::items).unwrap_or_default() {
            self.call(needed, outer, depth);
        }
        let mut environment = self.environment.clone();
        environment.extend(pairs(&texts(task.get("env"), &variables)));
        let directory = task.get("dir").and_then(Value::text).map(|text| filled(text, &variables));
        // A task may be its commands alone.
        let commands = task.get("cmds").or_else(|| task.get("cmd")).unwrap_or(task).items();
        for command in commands {
            let text = match command {
                Value::Text(text, at) => Some((text, *at)),
                other => match other.get("cmd") {
                    Some(Value::Text(text, at)) => Some((text, *at)),
                    _ => None,
                },
            };
            match text {
                Some((text, at)) => self.plan.lines.push(Line {
                    script: filled(text, &variables),
                    at: at.filter(|_| !text.contains("{{")),
                    directory: directory.clone(),
                    environment: environment.clone(),
                }),
                None => self.call(command, &variables, depth),
            }
        }
        Some(())
    }

    /// `- other` among what a task needs, `- task: other` among its commands.
    fn call(&mut self, needed: &Value, outer: &Variables, depth: usize) {
        let (name, own) = match needed {
            Value::Text(name, _) => (Some(name.as_str()), None),
            other => (other.get("task").and_then(Value::text), other.get("vars")),
        };
        let Some(name) = name else {
            self.plan.open = true;
            return;
        };
        if own.is_none() && self.done.iter().any(|done| done == name) {
            return;
        }
        self.done.push(name.to_owned());
        let mut variables = outer.clone();
        variables.extend(pairs(&texts(own, outer)));
        if self.task(name, &variables, depth + 1).is_none() {
            self.plan.open = true;
        }
    }
}

/// The texts of a mapping; what a command tells, or a template that is not read, is not known.
fn texts(map: Option<&Value>, outer: &Variables) -> Variables {
    let mut variables = Variables::new();
    for (name, value) in map.map(Value::members).unwrap_or_default() {
        let value = match value {
            Value::Text(text, _) => {
                let mut known = outer.clone();
                known.extend(pairs(&variables));
                filled(text, &known)
            }
            _ => filled("{{?}}", outer),
        };
        variables.insert(name.as_str(), value);
    }
    variables
}

fn pairs(variables: &Variables) -> impl Iterator<Item = (String, String)> {
    variables.iter().map(|(name, value)| (name.to_string(), value.clone()))
}

fn filled(text: &str, variables: &Variables) -> String {
    expanded(text, &|inside| variables.get(inside.strip_prefix('.')?).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_run_what_they_need_first() {
        let text = "version: '3'\nvars:\n  NAME: shop\n  REV:\n    sh: git rev-parse HEAD\nenv:\n  CGO_ENABLED: 0\ntasks:\n  \
                    default: go vet\n  gen:\n    - go generate ./...\n  build:\n    deps: [gen]\n    dir: cmd\n    cmds:\n      \
                    - go build -o ../{{.NAME}} -ldflags {{.REV}} .\n      - task: done\n        vars: {A: b}\n      - cmd: ls\n  \
                    done:\n    cmd: |\n      echo 1\n      echo 2\n";
        let plan = plan(text, &["build".into()], &[]).unwrap();
        let shown: Vec<_> = plan.lines.iter().map(|line| line.script.as_str()).collect();
        assert_eq!(
            shown,
            ["go generate ./...", "go build -o ../shop -ldflags ${_make_unknown} .", "echo 1\necho 2", "ls",]
        );
        assert_eq!(plan.lines[1].directory.as_deref(), Some("cmd"));
        assert_eq!(plan.lines[1].environment, [("CGO_ENABLED".to_owned(), "0".to_owned())]);
        assert!(!plan.open);
        assert_eq!(super::plan(text, &[], &[]).unwrap().lines[0].script, "go vet");
        assert_eq!(super::plan(text, &["nothing".into()], &[]), None);
        assert_eq!(
            super::plan("tasks:\n  a:\n    deps: [a]\n", &["a".into()], &[]).map(|plan| plan.lines.len()),
            Some(0)
        );
    }
}
