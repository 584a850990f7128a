//! just (just.systems): `justfile`.

use crate::lists::{Collect, Map};

use super::{DEEPEST, Line, MOST_LINES, Plan, expanded};
use crate::word::UNKNOWN;

/// What the named recipes run, the first one without a name; `None` when the file has no such recipe.
///
/// Words after a recipe's name are its arguments; `set` are the `NAME=value` words of the command line.
#[must_use]
pub fn plan(text: &str, words: &[String], set: &[(String, String)]) -> Option<Plan> {
    let mut file = read(text);
    for (name, value) in set {
        file.variables.insert(name.clone(), value.clone());
    }
    let mut plan = Plan { open: file.open, ..Plan::default() };
    let mut words = words.iter();
    let mut name = words.next().cloned().or_else(|| file.recipes.first().map(|recipe| recipe.name.clone()));
    name.as_ref()?;
    let mut done = Vec::new();
    while let Some(wanted) = name {
        let recipe = file.recipe(&wanted)?;
        let arguments: Vec<String> = words.by_ref().take(recipe.parameters.len()).cloned().collect_vec();
        file.run(&mut plan, &mut done, recipe, &arguments, 0);
        name = words.next().cloned();
    }
    Some(plan)
}

#[derive(Default)]
struct File {
    recipes: Vec<Recipe>,
    aliases: Map<String>,
    variables: Map<String>,
    exported: Vec<String>,
    open: bool,
}

struct Recipe {
    name: String,
    /// Names, with their defaults.
    parameters: Vec<(String, Option<String>)>,
    /// Recipes that run before; `&&` ones run after.
    needs: Vec<String>,
    then: Vec<String>,
    /// Each line with where it begins.
    body: Vec<(String, usize)>,
}

impl File {
    fn recipe(&self, name: &str) -> Option<&Recipe> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.recipes.iter().find(|recipe| recipe.name == name)
    }

    fn run(&self, plan: &mut Plan, done: &mut Vec<String>, recipe: &Recipe, arguments: &[String], depth: usize) {
        if depth > DEEPEST || plan.lines.len() > MOST_LINES || done.contains(&recipe.name) {
            plan.open |= depth > DEEPEST;
            return;
        }
        done.push(recipe.name.clone());
        self.all(plan, done, &recipe.needs, depth);
        let mut variables = self.variables.clone();
        for (at, (name, default)) in recipe.parameters.iter().enumerate() {
            let value = arguments.get(at).cloned().or_else(|| default.clone());
            variables.insert(name.clone(), value.unwrap_or_else(|| UNKNOWN.to_owned()));
        }
        let known = |inside: &str| match literal(inside, &variables) {
            value if value.contains(UNKNOWN) => None,
            value => Some(value),
        };
        let environment: Vec<(String, String)> =
            self.exported.iter().filter_map(|name| Some((name.clone(), variables.get(name)?.clone()))).collect_vec();
        let line = |script: &str, at| Line {
            script: expanded(script, &known),
            at: Some(at).filter(|_| !script.contains("{{")),
            directory: None,
            environment: environment.clone(),
        };
        match recipe.body.first() {
            // A recipe with an interpreter of its own is one script.
            Some((first, _)) if first.starts_with("#!") => {
                let whole: Vec<&str> = recipe.body.iter().map(|(line, _)| line.as_str()).collect_vec();
                let is_shell = first.contains("sh");
                plan.open |= !is_shell;
                plan.lines.extend(is_shell.then(|| Line { at: None, ..line(&whole.join("\n"), 0) }));
            }
            _ => {
                for (text, at) in &recipe.body {
                    let bare = text.trim_start_matches(['@', '-']);
                    plan.lines.push(line(bare, at + text.len() - bare.len()));
                }
            }
        }
        self.all(plan, done, &recipe.then, depth);
    }

    fn all(&self, plan: &mut Plan, done: &mut Vec<String>, names: &[String], depth: usize) {
        for name in names {
            match self.recipe(name) {
                Some(recipe) => self.run(plan, done, recipe, &[], depth + 1),
                None => plan.open = true,
            }
        }
    }
}

fn read(text: &str) -> File {
    let mut file = File::default();
    let mut at = 0;
    let mut joins = false;
    for whole in text.split_inclusive('\n') {
        let start = at;
        at += whole.len();
        let line = whole.trim_end_matches(['\n', '\r']);
        let body = line.trim_start_matches([' ', '\t']);
        if body.len() < line.len() && !body.is_empty() {
            let Some(recipe) = file.recipes.last_mut() else { continue };
            match recipe.body.last_mut() {
                // A backslash joins lines.
                Some((last, _)) if joins => {
                    last.truncate(last.len() - 1);
                    last.push_str(body);
                }
                _ => recipe.body.push((body.to_owned(), start + line.len() - body.len())),
            }
            joins = body.ends_with('\\');
            continue;
        }
        joins = false;
        if body.is_empty() || body.starts_with(['#', '[']) || body.starts_with("set ") {
            continue;
        }
        statement(&mut file, body);
    }
    file
}

fn statement(file: &mut File, line: &str) {
    let (exports, rest) = match line.strip_prefix("export ") {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    if let Some((name, value)) = rest.split_once(":=") {
        let name = name.trim();
        if let Some(alias) = name.strip_prefix("alias ") {
            file.aliases.insert(alias.trim().to_owned(), value.trim().to_owned());
            return;
        }
        let value = literal(value.trim(), &file.variables);
        file.variables.insert(name, value);
        file.exported.extend(exports.then(|| name.to_owned()));
        return;
    }
    // A default value may hold a colon of its own.
    let Some(colon) = line.rfind(": ").or_else(|| line.strip_suffix(':').map(str::len)) else {
        file.open |= line.starts_with("import") || line.starts_with("mod ");
        return;
    };
    let (head, needs) = (&line[..colon], line[colon + 1..].split('#').next().unwrap_or_default());
    let mut words = head.trim_start_matches('@').split_whitespace();
    let Some(name) = words.next() else { return };
    let parameters = words
        .map(|word| {
            let word = word.trim_start_matches(['$', '+', '*']);
            match word.split_once('=') {
                Some((name, default)) => (name.to_owned(), Some(literal(default, &file.variables))),
                None => (word.to_owned(), None),
            }
        })
        .collect_vec();
    let (before, after) = needs.split_once("&&").unwrap_or((needs, ""));
    let named = |text: &str| text.split_whitespace().map(|word| word.trim_matches(['(', ')']).to_owned()).collect_vec();
    let recipe =
        Recipe { name: name.to_owned(), parameters, needs: named(before), then: named(after), body: Vec::new() };
    file.recipes.push(recipe);
}

/// The value of an expression: texts, names, and what is joined by `+`; anything else is not known.
fn literal(expression: &str, variables: &Map<String>) -> String {
    let expression = expression.trim();
    if expression.contains('`') || expression.contains('(') {
        return UNKNOWN.to_owned();
    }
    let part = |part: &str| {
        let part = part.trim();
        for quote in ['"', '\''] {
            if let Some(inner) = part.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
                return inner.to_owned();
            }
        }
        variables.get(part).cloned().unwrap_or_else(|| UNKNOWN.to_owned())
    };
    if expression.starts_with(['"', '\'']) && !expression.contains('+') {
        return part(expression);
    }
    expression.split('+').map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_run_what_they_need_first() {
        let text = "set shell := [\"bash\", \"-c\"]\nname := \"shop\"\nexport CGO_ENABLED := '0'\nrev := `git rev-parse HEAD`\n\
                    alias b := build\n\n# all of it\nall: (build \"x\") && done\n\n[private]\nbuild target=name: gen\n    \
                    @go build -o {{target}} \\\n      ./cmd\n    -rm {{ rev }}\n\ngen:\n\tgo generate\n\ndone:\n    #!/bin/sh\n    echo 1\n    echo 2\n";
        let scripts = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            plan(text, &words, &[]).map(|plan| plan.lines.into_iter().map(|line| line.script).collect::<Vec<_>>())
        };
        let build = |name: &str| format!("go build -o {name} ./cmd");
        let unknown = "rm ${_make_unknown}".to_owned();
        assert_eq!(scripts(&["b"]).unwrap(), ["go generate".to_owned(), build("shop"), unknown.clone()]);
        assert_eq!(scripts(&["build", "x"]).unwrap()[1], build("x"));
        assert_eq!(scripts(&[]).unwrap().last().unwrap(), "#!/bin/sh\necho 1\necho 2");
        assert_eq!(scripts(&["nothing"]), None);
        let plan = plan(text, &["gen".into()], &[]).unwrap();
        assert_eq!(plan.lines[0].environment, [("CGO_ENABLED".to_owned(), "0".to_owned())]);
        assert!(text[plan.lines[0].at.unwrap()..].starts_with("go generate"));
        assert_eq!(super::plan("", &[], &[]), None);
        assert_eq!(super::plan("a: a\n", &[], &[]).map(|plan| plan.lines.len()), Some(0));
    }
}
