//! COPY and ADD.

use super::{Converter, State};
use crate::build::expand::Expander;
use crate::build::operation::{Copy, Id, Origin, Owner, Source};
use crate::build::paths;
use crate::build::refusal::refused;
use crate::dockerfile::{self, Instruction, Spanned};
use crate::lists::Collect;
use crate::source::{Excerpt, Span};
use crate::text::Text;

impl Converter<'_> {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn copy(
        &self,
        stage: usize,
        state: &State,
        instruction: &Instruction,
        copy: &dockerfile::Copy,
        at: Span,
        expander: &Expander<'_>,
        is_add: bool,
    ) -> Result<Copy, Text> {
        let refuse = |message: String| Err(refused(message));
        let windows = state.platform.is_windows();
        let from = match copy.from.as_ref().map(|from| from.value.as_str()).filter(|from| !from.is_empty()) {
            None => Origin::Context,
            Some(name) => {
                let origin = self.origin(name, true);
                if let Origin::Stage(used) = origin {
                    if self.states[used].is_none() {
                        let current = &self.graph.stages[stage].name;
                        return refuse(format!(
                            "cannot copy from stage \"{name}\", it needs to be defined before current stage \"{current}\""
                        ));
                    }
                }
                origin
            }
        };
        let expanded = |value: &Option<Spanned<String>>| {
            value
                .as_ref()
                .map(|value| expander.word(&value.value))
                .transpose()
                .map(|value| value.filter(|v| !v.is_empty()))
        };
        let owner = expanded(&copy.chown)?.map(|owner| self::owner(&owner));
        let mode = expanded(&copy.chmod)?.map(|mode| self::mode(&mode)).transpose().map_err(refused)?;
        let mut sources = Vec::new();
        let (heredocs, files) = copy.contents(instruction);
        for written in files {
            let path = expander.word(&written.value)?;
            let span = if at == instruction.span { written.span } else { at };
            let open = state.variables.open_in(&written.value);
            let source =
                |origin, path, unpack| Source { origin, path, parents: None, unpack, open: open.clone(), span };
            if is_url(&path) && !is_repository(&path) {
                if !is_add {
                    return refuse("source can't be a URL for COPY".into());
                }
                let name = format!("/{}", url_name(&path));
                sources.push(source(Origin::Url(path), name, copy.unpack == Some(true)));
            } else if is_repository(&path) {
                if !is_add {
                    return refuse("source can't be a git ref for COPY".into());
                }
                sources.push(source(Origin::Git(repository(&path)), "/".into(), false));
            } else {
                let unpack = copy.unpack.unwrap_or(is_add);
                let (path, parents) = match copy.parents {
                    false => (path, None),
                    true => match path.split_once("/./") {
                        Some((pivot, pattern)) => (pivot.to_owned(), Some(paths::cleaned(pattern, windows))),
                        None => ("/".to_owned(), Some(paths::cleaned(&path, windows))),
                    },
                };
                let path = paths::cleaned(&path, windows);
                sources.push(Source { parents, ..source(from.clone(), path, unpack) });
            }
        }
        if copy.checksum.is_some() && !sources.iter().all(|s| matches!(s.origin, Origin::Url(_) | Origin::Git(_))) {
            return refuse("checksum requires HTTP(S) or Git sources".into());
        }
        for heredoc in heredocs {
            let mut body = heredoc.body();
            if heredoc.expand {
                body = expander.heredoc(&body)?;
            }
            let span = if at == instruction.span { heredoc.span } else { at };
            let excerpt = Excerpt { text: body, pieces: vec![(0, span.start)] };
            let origin = Origin::Inline(excerpt);
            sources.push(Source {
                origin,
                path: format!("/{}", heredoc.name),
                parents: None,
                unpack: false,
                open: None,
                span,
            });
        }
        let to = expander.word(&copy.destination.value)?;
        let to = paths::destination(&paths::plain(&state.config.working_dir, windows), &to, windows);
        let exclude = copy.exclude.iter().map(|pattern| pattern.value.clone()).collect_vec();
        let to_span = if at == instruction.span { copy.destination.span } else { at };
        Ok(Copy { sources, to, owner, mode, exclude, span: at, to_span })
    }
}

/// `--chown`: a user, and a group after a colon.
fn owner(written: &str) -> Owner {
    let id = |text: &str| text.parse().map_or_else(|_| Id::Name(text.to_owned()), Id::Number);
    match written.split_once(':') {
        Some((user, group)) => Owner { user: id(user), group: (!group.is_empty()).then(|| id(group)) },
        None => Owner { user: id(written), group: None },
    }
}

/// `--chmod`: octal digits, or symbols (tonistiigi/go-rosetta's `mode`, as `chmod` reads them).
fn mode(written: &str) -> Result<String, String> {
    if written.bytes().all(|b| b.is_ascii_digit()) {
        return match u32::from_str_radix(written, 8) {
            Ok(mode) if mode <= 0o7777 => Ok(format!("{mode:o}")),
            _ => {
                Err(format!("invalid chmod parameter: '{written}'. it should be octal string and between 0 and 07777"))
            }
        };
    }
    let is_symbolic = |part: &str| {
        let rest = part.trim_start_matches(['u', 'g', 'o', 'a']);
        let Some(rest) = rest.strip_prefix(['+', '-', '=']) else { return false };
        rest.chars().all(|c| "rwxXstugo+-=".contains(c))
    };
    if written.split(',').all(is_symbolic) { Ok(written.to_owned()) } else { Err("invalid syntax".to_owned()) }
}

fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// `https://host/x.git`, `git@host:x`, `git://…`, with a reference after `#`.
fn is_repository(path: &str) -> bool {
    let address = path.split('#').next().unwrap_or_default();
    let by_name = is_url(path) && address.ends_with(".git");
    let by_ssh = address.split_once('@').is_some_and(|(user, rest)| {
        !user.is_empty()
            && !user.contains(['/', '$'])
            && rest.split_once(':').is_some_and(|(host, _)| host.contains('.'))
    });
    by_name || by_ssh || ["git://", "ssh://"].iter().any(|scheme| address.starts_with(scheme))
}

/// A repository without its scheme or user, as BuildKit writes its source.
fn repository(path: &str) -> String {
    if let Some((_, rest)) = path.split_once("://") {
        return rest.to_owned();
    }
    path.split_once('@').map_or_else(|| path.to_owned(), |(_, rest)| rest.replacen(':', "/", 1))
}

/// The name that a download gets: the last part of the path.
pub(in crate::build) fn url_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once('/').map_or("", |(_, path)| path).trim_end_matches('/');
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("__unnamed__")
}
