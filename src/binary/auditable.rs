//! The dependencies that `cargo auditable` records in a Rust program: a section of deflated JSON
//! (cargo-auditable, `PARSING.md`).

use super::elf::Elf;
use crate::lists::{self, Collect};

const SECTION: &str = ".dep-v0";
/// The format's own limits for readers: 1 MB packed, 8 MB unpacked are far more than any list takes.
const MAXIMUM_PACKED: usize = 1 << 20;
const MAXIMUM_PLAIN: usize = 8 << 20;

/// The packages that are part of the program, with their versions, the program's own first.
pub(super) fn dependencies(elf: &Elf<'_>) -> Vec<(String, String)> {
    let Some(packed) = elf.section_bytes(SECTION, MAXIMUM_PACKED) else { return Vec::new() };
    read(&packed).unwrap_or_default()
}

fn read(packed: &[u8]) -> Option<Vec<(String, String)>> {
    let plain = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, MAXIMUM_PLAIN).ok()?;
    let text = std::str::from_utf8(&plain).ok()?;
    // Each package is one flat object; names and versions hold no quotes, brackets or escapes (Cargo's own rule).
    let (_, list) = text.split_once("\"packages\":[")?;
    let mut packages: Vec<(String, String, bool)> = list
        .split('{')
        .filter_map(|object| {
            let object = object.split('}').next()?;
            let built_with = field(object, "kind") == Some("build");
            let package = (field(object, "name")?.to_owned(), field(object, "version")?.to_owned());
            (!built_with).then_some((package.0, package.1, object.contains("\"root\":true")))
        })
        .collect_vec();
    lists::sort_by_key(&mut packages, |(.., root)| !root);
    Some(packages.into_iter().map(|(name, version, _)| (name, version)).collect_vec())
}

/// The value of a text field: `"name":"itoa"`.
fn field<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = object.split_once(&format!("\"{name}\":\""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::read;

    /// `{"packages":[{"name":"app",…,"root":true},{"name":"itoa",…},{"name":"cc",…,"kind":"build"}]}`, by zlib.
    const PACKED: [u8; 130] = [
        0x78, 0xda, 0x6d, 0x8c, 0x3b, 0x0e, 0x02, 0x31, 0x0c, 0x05, 0xef, 0xe2, 0x3a, 0x8a, 0x36, 0x25, 0xb9, 0x0a,
        0xda, 0xc2, 0x38, 0x16, 0xb2, 0x36, 0xc4, 0x51, 0x3e, 0x34, 0xab, 0xdc, 0x9d, 0x2c, 0x05, 0x5a, 0x04, 0xe5,
        0x1b, 0xbd, 0x99, 0x1d, 0x32, 0xd2, 0x86, 0x77, 0xae, 0xe0, 0xaf, 0x3b, 0x24, 0x7c, 0x30, 0x78, 0xc0, 0x9c,
        0xc1, 0xc0, 0x93, 0x4b, 0x15, 0x4d, 0x73, 0x2f, 0xd6, 0xd9, 0x65, 0x92, 0xaa, 0xbd, 0xd0, 0x71, 0x88, 0x4a,
        0x18, 0x27, 0x08, 0x9c, 0x39, 0x05, 0x4e, 0x24, 0xef, 0x80, 0x5b, 0x0d, 0x14, 0xd5, 0x06, 0xbe, 0x95, 0xce,
        0xc3, 0x7c, 0x82, 0xd2, 0x14, 0xbf, 0x8a, 0xb3, 0x67, 0x2f, 0xe7, 0x22, 0x15, 0x6c, 0x5c, 0xad, 0x28, 0x9c,
        0x34, 0xa2, 0x1f, 0xc9, 0xfd, 0x97, 0x0c, 0x6c, 0x92, 0xc2, 0x44, 0xb7, 0x2e, 0x31, 0xc0, 0x58, 0xc7, 0x0b,
        0xb1, 0xf1, 0x45, 0x1c,
    ];

    #[test]
    fn what_is_built_in_is_listed_with_the_program_first() {
        let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(read(&PACKED), Some(vec![pair("app", "0.1.0"), pair("itoa", "1.0.9")]));
        for length in 0..PACKED.len() {
            let _ = read(&PACKED[..length]);
        }
    }
}
