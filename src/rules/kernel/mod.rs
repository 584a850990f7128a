//! The kernel executes the program, or refuses it.

mod broken_static_link;
mod carriage_return_after_shebang;
mod missing_interpreter;
mod missing_script_interpreter;
mod missing_shebang;
mod not_a_linux_program;
mod wrong_architecture;

use super::Rule;

/// In the order in which `execve` looks: the format, the machine, the interpreter, and then the program's first steps.
pub static RULES: &[&Rule] = &[
    &missing_shebang::RULE,
    &carriage_return_after_shebang::RULE,
    &missing_script_interpreter::RULE,
    &not_a_linux_program::RULE,
    &wrong_architecture::RULE,
    &missing_interpreter::RULE,
    &broken_static_link::RULE,
];
