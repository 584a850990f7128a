//! The image is built: what stops the build, or makes it build something else.

mod build_command_fails;
mod cgo_without_compiler;
mod copy_source_missing;
mod cross_build_not_applied;
mod dropped_program_differs;
mod no_shell_for_run;
mod refused_instruction;
mod unknown_stage;

use super::Rule;

pub static RULES: &[&Rule] = &[
    &refused_instruction::RULE,
    &unknown_stage::RULE,
    &copy_source_missing::RULE,
    &no_shell_for_run::RULE,
    &cgo_without_compiler::RULE,
    &build_command_fails::RULE,
    &cross_build_not_applied::RULE,
    &dropped_program_differs::RULE,
];
