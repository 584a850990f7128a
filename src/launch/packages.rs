//! What `npm start` and its kin execute: a script of the `package.json` that lies in the working directory.

use crate::lists::Collect;
use std::sync::Arc;

use super::chain::{Chain, Step};
use crate::build::scripts::{of_package, package_script};
use crate::fact::{Fact, Knowledge};
use crate::shell::Dialect;
use crate::source::Excerpt;
use crate::text;
use crate::tree::{Lookup, normalize};
use crate::word::Word;

impl Chain<'_> {
    /// Walks the script, where its manifest was dropped.
    ///
    /// Nobody sees all of `node_modules/.bin`, so what it names says something only when that is certain.
    pub(super) fn package_script(&mut self, step: &Step, path: &str) {
        let tool = path.rsplit('/').next().unwrap_or_default();
        let arguments: Vec<String> = step.argv.iter().skip(1).map(Word::pattern).collect_vec();
        let Some(name) = package_script(tool, &arguments) else { return };
        let manifest = normalize(&step.directory, "package.json");
        let Lookup::Found { entry, .. } = self.place.image.tree.lookup(&manifest) else { return };
        let Some(dockerfile) = self.place.build.map(|build| &build.dockerfile) else { return };
        let Some((file, scripts)) = of_package(entry, &dockerfile.text, &dockerfile.path) else { return };
        let Some(script) = scripts.into_iter().find(|script| script.name == name) else { return };
        let mut environment = self.place.within(step).environment.clone();
        if let Some(Knowledge::Known(path)) = environment.get("PATH") {
            let own = format!("{}/node_modules/.bin:{}", step.directory.trim_end_matches('/'), path.value);
            environment.variables.insert("PATH".to_owned(), Fact::new(own, path.from).into());
        }
        let start = file.text.span(script.at, script.at).start;
        let excerpt = Excerpt::contiguous(script.command, start as usize);
        let reason = text! {
            en: "the script `{script}` of `package.json`",
            ja: "`package.json` の `{script}` スクリプト",
            script: name,
        };
        let inner = Step {
            environment: Some(Arc::new(environment)),
            reason,
            depth: step.depth + 1,
            script: None,
            only_certain: true,
            ..step.clone()
        };
        self.walk(&inner, &excerpt, &file.path, "sh", Dialect::Posix, vec![Word::new("sh")]);
    }
}
