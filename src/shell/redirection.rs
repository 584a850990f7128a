//! Redirections: `>`, `<`, here-documents, and commands that stand in the place of a file.

use brush_parser::ast;
use brush_parser::ast::{CommandPrefixOrSuffixItem as Item, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect};

use super::compound::raw_word;
use super::expand::{Raw, push_text};
use super::walk::{Failing, Outcome, Walker};
use super::{Redirection, RedirectionKind, State};
use crate::word::Word;

impl Walker<'_> {
    /// Walks a compound command whose output goes elsewhere.
    pub(super) fn redirected(
        &mut self,
        redirections: Option<&ast::RedirectList>,
        state: &mut State,
        inside: impl FnOnce(&mut Self, &mut State) -> Outcome,
    ) -> Outcome {
        let mut own = Vec::new();
        for redirection in redirections.iter().flat_map(|list| &list.0) {
            self.redirection(redirection, state, &mut own);
        }
        own.retain(|redirection| redirection.kind != RedirectionKind::Read);
        let depth = self.outer.len();
        self.outer.extend(own);
        let outcome = inside(self, state);
        self.outer.truncate(depth);
        outcome
    }

    pub(super) fn redirection_of(&mut self, item: &Item, state: &mut State, into: &mut Vec<Redirection>) {
        match item {
            Item::IoRedirect(redirection) => self.redirection(redirection, state, into),
            Item::ProcessSubstitution(_, group) => self.process_substitution(group, state),
            Item::Word(_) | Item::AssignmentWord(..) => {}
        }
    }

    /// `<(…)`: its commands run beside this one.
    pub(super) fn process_substitution(&mut self, group: &ast::SubshellCommand, state: &State) {
        let mut own = state.clone();
        let around = std::mem::replace(&mut self.piped, true);
        let output = self.output.take();
        self.deeper(|walker| walker.isolated(|walker| walker.list(&group.list, &mut own, Failing::Passes)));
        self.output = output;
        self.piped = around;
    }

    fn redirection(&mut self, redirection: &IoRedirect, state: &mut State, into: &mut Vec<Redirection>) {
        let number = |descriptor: &Option<i32>, default: u32| {
            descriptor.and_then(|descriptor| u32::try_from(descriptor).ok()).unwrap_or(default)
        };
        match redirection {
            IoRedirect::File(descriptor, kind, target) => {
                let (kind, default) = match kind {
                    IoFileRedirectKind::Read | IoFileRedirectKind::DuplicateInput => (RedirectionKind::Read, 0),
                    IoFileRedirectKind::ReadAndWrite => (RedirectionKind::Append, 0),
                    IoFileRedirectKind::Append => (RedirectionKind::Append, 1),
                    IoFileRedirectKind::Write | IoFileRedirectKind::Clobber | IoFileRedirectKind::DuplicateOutput => {
                        (RedirectionKind::Write, 1)
                    }
                };
                match target {
                    IoFileRedirectTarget::Filename(word) => {
                        let file = Some(self.single(raw_word(word), state));
                        into.push(Redirection { kind, descriptor: number(descriptor, default), file, text: None });
                    }
                    IoFileRedirectTarget::Duplicate(word) => {
                        let duplicates = word.value.trim_end_matches('-').bytes().all(|byte| byte.is_ascii_digit());
                        if !duplicates && default == 1 {
                            let file = Some(self.single(raw_word(word), state));
                            into.push(Redirection { kind, descriptor: 1, file, text: None });
                        }
                    }
                    IoFileRedirectTarget::ProcessSubstitution(_, group) => self.process_substitution(group, state),
                    IoFileRedirectTarget::Fd(_) => {}
                }
            }
            IoRedirect::OutputAndError(word, appends) => {
                let kind = if *appends { RedirectionKind::Append } else { RedirectionKind::Write };
                let file = Some(self.single(raw_word(word), state));
                into.push(Redirection { kind, descriptor: 1, file, text: None });
            }
            IoRedirect::HereDocument(descriptor, document) => {
                let raw = raw_word(&document.doc);
                let stripped;
                let raw = if document.remove_tabs {
                    stripped = raw
                        .text
                        .lines()
                        .map(|line| line.trim_start_matches('\t').to_owned() + "\n")
                        .collect::<String>();
                    Raw::new(&stripped, raw.at)
                } else {
                    raw
                };
                let text = if document.requires_expansion { self.document(raw, state) } else { Word::new(raw.text) };
                let descriptor = number(descriptor, 0);
                into.push(Redirection { kind: RedirectionKind::Read, descriptor, file: None, text: Some(text) });
            }
            IoRedirect::HereString(descriptor, word) => {
                let mut text = self.single(raw_word(word), state);
                push_text(&mut text, "\n");
                let descriptor = number(descriptor, 0);
                into.push(Redirection { kind: RedirectionKind::Read, descriptor, file: None, text: Some(text) });
            }
        }
    }
}
