//! Words against BuildKit's answers; see `tests/corpus/dockerfile/README.md`.

#[path = "support/cases.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use execlens::dockerfile::expand::{self, Variable};
use execlens::word::Word;
use serde_json::{Value, json};

#[test]
fn conformance_words() {
    let Some(folder) = support::cases("words") else { return };
    let mut total = 0;
    let mut failures = Vec::new();
    for file in support::list(&folder).iter().filter(|file| file.extension().is_some_and(|end| end == "tsv")) {
        let text = std::fs::read_to_string(file).expect("a table can be read");
        let mut rows = text.split('\n').filter(|row| !row.is_empty());
        let columns: Vec<&str> = rows.next().unwrap_or_default().split('\t').collect();
        for row in rows {
            total += 1;
            let row: BTreeMap<&str, &str> = columns.iter().copied().zip(row.split('\t')).collect();
            failures.extend(check(file, &row).err());
        }
    }
    support::report("words", total, &failures);
}

fn check(file: &Path, row: &BTreeMap<&str, &str>) -> Result<(), String> {
    let parsed = |column: &str| -> Value { serde_json::from_str(row[column]).expect("a column of JSON") };
    let env = parsed("env");
    let input = parsed("input");
    let input = input.as_str().expect("a word is a string");
    let escape = row["escape"].chars().next().expect("an escape character");
    let mut lookup = |name: &str| match env.get(name) {
        Some(value) => Variable::Set(Word::new(value.as_str().expect("a value is a string"))),
        None => Variable::Unset,
    };
    let known = |word: &Word| word.known().expect("all values are known").into_owned();
    let (outcome, result, unset) = if file.ends_with("split.tsv") {
        match expand::words(input, escape, &mut lookup) {
            Ok(words) => ("ok", json!(words.iter().map(known).collect::<Vec<_>>()), None),
            Err(error) => ("error", json!(error.message.in_english()), None),
        }
    } else {
        match expand::expand(input, escape, &mut lookup) {
            Ok(expanded) => ("ok", json!(known(&expanded.word)), Some(expanded.unset)),
            Err(error) => ("error", json!(error.message.in_english()), Some(error.unset)),
        }
    };
    let same_result = outcome == "error" || result == parsed("result");
    let same_unset = unset.as_ref().is_none_or(|unset| json!(unset) == parsed("unset"));
    if outcome == row["outcome"] && same_result && same_unset {
        return Ok(());
    }
    Err(format!(
        "{}: {}\n  {input:?} with {env}\n  expected {} {} {}\n  found    {outcome} {result} {unset:?}",
        file.file_name().unwrap_or_default().to_string_lossy(),
        row["name"],
        row["outcome"],
        row["result"],
        row.get("unset").unwrap_or(&""),
    ))
}
