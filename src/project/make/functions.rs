//! make's functions for text ("Functions for Transforming Text" in its manual).

use super::expand::Shell;
use super::{Makefile, stem};
use crate::lists::{self, Collect};
use crate::word::UNKNOWN;

/// The value of `$(name arguments)`; `None` when no function has this name.
pub(super) fn call(makefile: &Makefile, name: &str, arguments: &str, shell: Shell<'_>, depth: usize) -> Option<String> {
    let parts = split(arguments);
    let mut expanded =
        |n: usize| parts.get(n).map(|part| makefile.expand_at(part, shell, depth + 1)).unwrap_or_default();
    let words = |text: String, change: fn(&str) -> String| -> String {
        text.split_whitespace().map(change).filter(|word| !word.is_empty()).collect_vec().join(" ")
    };
    Some(match name {
        "shell" => {
            let command = makefile.expand_at(arguments, shell, depth + 1);
            if command.contains(UNKNOWN) {
                UNKNOWN.to_owned()
            } else {
                shell(&command).unwrap_or_else(|| UNKNOWN.to_owned())
            }
        }
        "subst" => {
            let (from, to, text) = (expanded(0), expanded(1), expanded(2));
            if from.is_empty() { text } else { text.replace(&from, &to) }
        }
        "patsubst" => patsubst(&expanded(0), &expanded(1), &expanded(2)),
        "strip" => words(expanded(0), str::to_owned),
        "findstring" => {
            let (find, text) = (expanded(0), expanded(1));
            if text.contains(&find) { find } else { String::new() }
        }
        "filter" | "filter-out" => {
            let patterns = expanded(0);
            let matches = |word: &str| {
                patterns
                    .split_whitespace()
                    .any(|pattern| pattern == word || pattern == "%" || stem(pattern, word).is_some())
            };
            let keep = name == "filter";
            let text = expanded(1);
            text.split_whitespace().filter(|word| matches(word) == keep).collect_vec().join(" ")
        }
        "sort" => {
            let text = expanded(0);
            let mut sorted: Vec<&str> = text.split_whitespace().collect_vec();
            lists::sort(&mut sorted);
            sorted.dedup();
            sorted.join(" ")
        }
        "word" => {
            let (n, text) = (expanded(0).trim().parse::<usize>().unwrap_or(0), expanded(1));
            n.checked_sub(1).and_then(|n| text.split_whitespace().nth(n)).unwrap_or_default().to_owned()
        }
        "words" => expanded(0).split_whitespace().count().to_string(),
        "firstword" => expanded(0).split_whitespace().next().unwrap_or_default().to_owned(),
        "lastword" => expanded(0).split_whitespace().last().unwrap_or_default().to_owned(),
        "dir" => words(expanded(0), |word| match word.rfind('/') {
            Some(slash) => word[..=slash].to_owned(),
            None => "./".into(),
        }),
        "notdir" => words(expanded(0), |word| word.rsplit('/').next().unwrap_or_default().to_owned()),
        "basename" => words(expanded(0), |word| match (word.rfind('.'), word.rfind('/')) {
            (Some(dot), slash) if slash.is_none_or(|slash| slash < dot) => word[..dot].to_owned(),
            _ => word.to_owned(),
        }),
        "suffix" => words(expanded(0), |word| match word.rfind('.') {
            Some(dot) if !word[dot..].contains('/') => word[dot..].to_owned(),
            _ => String::new(),
        }),
        "addsuffix" | "addprefix" => {
            let (affix, text) = (expanded(0), expanded(1));
            let add = |word| if name == "addsuffix" { format!("{word}{affix}") } else { format!("{affix}{word}") };
            text.split_whitespace().map(add).collect_vec().join(" ")
        }
        "abspath" | "realpath" => {
            let current = makefile.value("CURDIR", shell);
            let text = parts.first().map(|part| makefile.expand_at(part, shell, depth + 1)).unwrap_or_default();
            text.split_whitespace().map(|word| crate::project::join(&current, word)).collect_vec().join(" ")
        }
        "wildcard" => UNKNOWN.to_owned(),
        "if" => {
            let condition = expanded(0);
            match condition.trim() {
                "" => expanded(2),
                condition if condition.contains(UNKNOWN) => UNKNOWN.to_owned(),
                _ => expanded(1),
            }
        }
        "or" => (0..parts.len()).map(&mut expanded).find(|value| !value.is_empty()).unwrap_or_default(),
        "and" => {
            let values: Vec<String> = (0..parts.len()).map(&mut expanded).collect_vec();
            if values.iter().any(String::is_empty) { String::new() } else { values.last().cloned().unwrap_or_default() }
        }
        "foreach" => {
            let (variable, list) = (expanded(0), expanded(1));
            let body = parts.get(2).cloned().unwrap_or_default();
            let mut inner = makefile.clone();
            let mut out = Vec::new();
            for word in list.split_whitespace().take(100) {
                inner.set(variable.trim(), word.to_owned(), false, super::Origin::Override);
                out.push(inner.expand_at(&body, shell, depth + 1));
            }
            out.join(" ")
        }
        "call" => {
            let function = expanded(0);
            let mut inner = makefile.clone();
            for (n, part) in parts.iter().enumerate().take(10) {
                let value = makefile.expand_at(part, shell, depth + 1);
                inner.set(&n.to_string(), value, false, super::Origin::Override);
            }
            inner.variable(function.trim(), shell, depth + 1)
        }
        "value" => makefile.variables.get(expanded(0).trim()).map(|known| known.value.clone()).unwrap_or_default(),
        "info" | "warning" | "error" | "eval" => String::new(),
        "join" | "wordlist" | "file" | "guile" | "origin" | "flavor" => UNKNOWN.to_owned(),
        _ => return None,
    })
}

/// Arguments at commas that stand in no parentheses.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// Words that match a pattern, changed; others stay.
pub(super) fn patsubst(from: &str, to: &str, text: &str) -> String {
    let change = |word: &str| {
        if !from.contains('%') {
            return if word == from { to.to_owned() } else { word.to_owned() };
        }
        let stem = stem(from, word);
        stem.map_or_else(|| word.to_owned(), |stem| to.replacen('%', stem, 1))
    };
    text.split_whitespace().map(change).collect_vec().join(" ")
}
