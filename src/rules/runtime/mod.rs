//! The program runs, and soon asks for something that the image does not have.

mod cgo_required;
mod missing_ca_certificates;
mod missing_directory;
mod missing_time_zones;
mod old_engine;
mod runtime_mismatch;
mod static_glibc_name_service;

mod class_version;
mod dotnet;
mod soon;

use super::Rule;

pub static RULES: &[&Rule] = &[
    &runtime_mismatch::RULE,
    &cgo_required::RULE,
    &missing_ca_certificates::RULE,
    &missing_time_zones::RULE,
    &static_glibc_name_service::RULE,
    &missing_directory::RULE,
    &old_engine::RULE,
];
