//! The engine looks the program up, before it executes anything.

mod command_in_one_string;
mod inherited_command_reset;
mod malformed_exec_form;
mod misnamed;
mod missing_shell;
mod program_missing;
mod program_not_executable;
mod program_not_in_path;
mod program_not_reachable;
mod unexpanded_exec_form;
mod unknown_user;

use super::Rule;

/// The particular before the general: each of the first explains why nothing of that name is found.
pub static RULES: &[&Rule] = &[
    &unknown_user::RULE,
    &malformed_exec_form::RULE,
    &missing_shell::RULE,
    &unexpanded_exec_form::RULE,
    &command_in_one_string::RULE,
    &program_missing::RULE,
    &program_not_in_path::RULE,
    &program_not_executable::RULE,
    &program_not_reachable::RULE,
    &inherited_command_reset::RULE,
];
