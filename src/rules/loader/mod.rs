//! The loader brings the program's libraries and symbols together.

mod bases_drift_apart;
mod compiled_file;
mod cpu_level_too_new;
mod missing_library;
mod missing_symbol;
mod native_module_mismatch;
mod packages;
mod symbol_version_too_new;
mod unsupported_relocations;

use super::Rule;

/// In the order in which loaders act: libraries, then versions, relocations and symbols; what a program loads later
/// comes last.
pub static RULES: &[&Rule] = &[
    &cpu_level_too_new::RULE,
    &missing_library::RULE,
    &symbol_version_too_new::RULE,
    &unsupported_relocations::RULE,
    &missing_symbol::RULE,
    &native_module_mismatch::RULE,
    &bases_drift_apart::RULE,
];
