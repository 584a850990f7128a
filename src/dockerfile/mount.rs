//! `RUN --mount` (`frontend/dockerfile/instructions/commands_runmount.go` in BuildKit).
//!
//! The fields are read twice: raw with the instruction, and for what they say once their variables are known.

use super::problem::Refusal;
use super::unicode;
use super::{Mount, Spanned};
use crate::text;
use crate::text::Text;

/// Reads the fields of one `--mount`; values stay raw.
pub(super) fn read(flag: &Spanned<String>) -> Result<Mount, Refusal> {
    let refuse = |message| Refusal { span: Some(flag.span), message };
    let fields = fields(&flag.value).ok_or_else(|| {
        refuse(text! {
            en: "failed to parse csv mounts: `{value}`",
            ja: "マウントの指定 `{value}` を CSV として読めません",
            value: &flag.value,
        })
    })?;
    let mut mount = Mount { span: flag.span, ..Mount::default() };
    for field in &fields {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        let value = value.to_owned();
        match unicode::lower(key).as_str() {
            "type" => mount.kind = unicode::lower(&value),
            "target" | "dst" | "destination" => mount.target = Some(value),
            "source" | "src" => mount.source = Some(value),
            "from" => {
                if has_variable(&value) {
                    return Err(refuse(text! {
                        en: "`from` doesn't support variable expansion: name a stage for it and use that name",
                        ja: "`from` では変数を展開できません。ステージに名前を付けて、その名前を指定してください",
                    }));
                }
                mount.from = Some(value);
            }
            key => mount.options.push((key.to_owned(), value)),
        }
    }
    mount.fields = fields;
    Ok(mount)
}

/// A dollar sign with something behind it on the same line.
fn has_variable(value: &str) -> bool {
    let mut after = value.split('$').skip(1).peekable();
    while let Some(text) = after.next() {
        // Another dollar sign is something, too.
        if text.chars().next().map_or(after.peek().is_some(), |c| c != '\n') {
            return true;
        }
    }
    false
}

/// The fields of one record of comma-separated values, as Go's `encoding/csv` reads it; `None` for a broken one.
fn fields(record: &str) -> Option<Vec<String>> {
    if record.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) = rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
            if field.contains('"') {
                return None;
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Some(fields),
            }
            continue;
        };
        let mut field = String::new();
        let mut inner = quoted;
        loop {
            let (said, after) = inner.split_once('"')?;
            field.push_str(said);
            match after.strip_prefix('"') {
                // Two quotes stand for one.
                Some(after) => {
                    field.push('"');
                    inner = after;
                }
                None => {
                    inner = after;
                    break;
                }
            }
        }
        fields.push(field);
        match inner.strip_prefix(',') {
            Some(after) => rest = after,
            None if inner.is_empty() => return Some(fields),
            None => return None,
        }
    }
}

/// What a `--mount` says once its variables are expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    pub kind: MountKind,
    pub from: Option<String>,
    pub source: Option<String>,
    pub target: Option<String>,
    pub readonly: bool,
    pub id: Option<String>,
    pub sharing: Option<String>,
    pub required: bool,
    /// Bytes.
    pub size: Option<u64>,
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    /// The variable that a secret becomes.
    pub variable: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MountKind {
    #[default]
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

impl MountKind {
    const NAMES: &[(&str, Self)] = &[
        ("bind", Self::Bind),
        ("cache", Self::Cache),
        ("tmpfs", Self::Tmpfs),
        ("secret", Self::Secret),
        ("ssh", Self::Ssh),
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

impl Mount {
    /// What the mount says; `expand` expands each value.
    ///
    /// # Errors
    /// What the build stops for: an unknown option, one that does not fit the type, a value that is none.
    pub fn meaning(&self, mut expand: impl FnMut(&str) -> Result<String, Text>) -> Result<Meaning, Text> {
        let mut meaning = Meaning::default();
        let mut readonly: Option<bool> = None;
        for field in &self.fields {
            let (key, value) = field.split_once('=').map_or((&**field, None), |(key, value)| (key, Some(value)));
            let key = unicode::lower(key);
            let value = match value {
                Some(value) => expand(value)?,
                None => match key.as_str() {
                    "readonly" | "ro" | "readwrite" | "rw" | "required" => "true".to_owned(),
                    _ => {
                        return Err(text! {
                            en: "invalid field `{field}`: it must be a key=value pair",
                            ja: "`{field}` は不正です。key=value の形で書く必要があります",
                            field: field,
                        });
                    }
                },
            };
            let invalid = || {
                text! {
                    en: "invalid value for `{key}`: `{value}`",
                    ja: "`{key}` の値 `{value}` は不正です",
                    key: &key,
                    value: &value,
                }
            };
            let unexpected = |kind: MountKind| {
                text! {
                    en: "unexpected key `{key}` for mount type `{kind}`",
                    ja: "`{key}` は `{kind}` 型のマウントでは使えません",
                    key: &key,
                    kind: kind.name(),
                }
            };
            let kind = meaning.kind;
            let takes_files = matches!(kind, MountKind::Secret | MountKind::Ssh);
            match key.as_str() {
                "type" => {
                    let lower = unicode::lower(&value);
                    let known = MountKind::NAMES.iter().find(|(name, _)| *name == lower);
                    meaning.kind = known.map(|(_, kind)| *kind).ok_or_else(invalid)?;
                }
                "from" => meaning.from = given(value),
                "source" | "src" => meaning.source = given(value),
                "target" | "dst" | "destination" => meaning.target = given(value),
                "readonly" | "ro" => readonly = Some(boolean(&value).ok_or_else(invalid)?),
                "readwrite" | "rw" => readonly = Some(!boolean(&value).ok_or_else(invalid)?),
                "required" if takes_files => meaning.required = boolean(&value).ok_or_else(invalid)?,
                "required" => return Err(unexpected(kind)),
                "size" if kind == MountKind::Tmpfs => meaning.size = Some(size(&value).ok_or_else(invalid)?),
                "size" => return Err(unexpected(kind)),
                "id" => meaning.id = given(value),
                "sharing" => {
                    let lower = unicode::lower(&value);
                    if !matches!(lower.as_str(), "shared" | "private" | "locked") {
                        return Err(invalid());
                    }
                    meaning.sharing = Some(lower);
                }
                "mode" => meaning.mode = Some(number(&value, 8).ok_or_else(invalid)?),
                "uid" => meaning.uid = Some(number(&value, 10).ok_or_else(invalid)?),
                "gid" => meaning.gid = Some(number(&value, 10).ok_or_else(invalid)?),
                "env" => meaning.variable = given(value),
                _ => return Err(unexpected(kind)),
            }
        }
        let writable = matches!(meaning.kind, MountKind::Cache | MountKind::Tmpfs);
        meaning.readonly = readonly.unwrap_or(!writable);
        fits(&meaning).map(|()| meaning)
    }
}

/// An empty value counts as none.
fn given(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}

/// Whether the options fit the type.
fn fits(meaning: &Meaning) -> Result<(), Text> {
    let kind = meaning.kind;
    let owned = meaning.mode.is_some() || meaning.uid.is_some() || meaning.gid.is_some();
    if owned && matches!(kind, MountKind::Bind | MountKind::Tmpfs) {
        return Err(text! {
            en: "mode, uid and gid are not allowed for `{kind}` type mounts",
            ja: "`{kind}` 型のマウントでは mode・uid・gid を指定できません",
            kind: kind.name(),
        });
    }
    if meaning.sharing.is_some() && kind != MountKind::Cache {
        return Err(text! {
            en: "invalid cache sharing set for `{kind}` mount",
            ja: "`{kind}` 型のマウントでは sharing を指定できません",
            kind: kind.name(),
        });
    }
    if kind == MountKind::Secret {
        if meaning.from.is_some() {
            return Err(
                text! { en: "secret mount should not have a from", ja: "secret マウントでは from を指定できません" },
            );
        }
        if meaning.source.is_some() && meaning.id.is_some() {
            return Err(text! { en: "both source and id can't be set", ja: "source と id は同時に指定できません" });
        }
        if meaning.source.is_none() && meaning.target.is_none() && meaning.id.is_none() && meaning.variable.is_none() {
            return Err(text! {
                en: "invalid secret mount: one of source, target required",
                ja: "secret マウントには source か target が必要です",
            });
        }
    }
    Ok(())
}

/// `strconv.ParseBool`
fn boolean(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseUint` with 32 bits: digits alone.
fn number(value: &str, base: u32) -> Option<u32> {
    value.bytes().all(|byte| byte.is_ascii_digit()).then(|| u32::from_str_radix(value, base).ok()).flatten()
}

/// `units.RAMInBytes`: a number, which may have a fraction, and `b`, `k`, `m`, `g`, `t` or `p` with or without `b` or `ib`.
fn size(value: &str) -> Option<u64> {
    let end = value.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let (number, unit) = value.split_at(end);
    let number = decimal(number).filter(|number| number.is_finite() && *number >= 0.0)?;
    let unit = unicode::lower(unit.strip_prefix(' ').unwrap_or(unit));
    let power = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    // Whole bytes, as Go's conversion cuts them.
    Some((number * 1024_f64.powi(power)) as u64)
}

/// A number as people write sizes.
///
/// The standard library's reader is right to the last bit of every number, for which it carries 15 KB of tables and code;
/// this one is so up to fifteen digits.
fn decimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => (true, mantissa),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mantissa = digits.bytes().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'));
    let power = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    // Powers of ten are exact up to the 22nd, and those below one never are.
    let number = if power < 0 { mantissa / 10_f64.powi(power.saturating_neg()) } else { mantissa * 10_f64.powi(power) };
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn records_of_comma_separated_values() {
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("a", Some(&["a"])),
            ("a,b", Some(&["a", "b"])),
            ("a,,", Some(&["a", "", ""])),
            ("\"a,b\",c", Some(&["a,b", "c"])),
            ("\"a\"\"b\"", Some(&["a\"b"])),
            ("", None),
            ("a\"b", None),
            ("\"a\"b", None),
            ("\"a", None),
        ];
        for (record, expected) in cases {
            let found = fields(record);
            assert_eq!(
                found.as_deref(),
                expected.map(|e| e.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()).as_deref(),
                "{record}"
            );
        }
    }

    #[test]
    fn numbers_are_what_the_standard_library_reads() {
        for text in [
            "0",
            "1",
            "1.5",
            ".5",
            "5.",
            "0.1",
            "12345.678",
            "1e3",
            "1.5E-3",
            "+2",
            "-0",
            "-1.5",
            "123456789012345",
            "0.3e1",
            "64",
            "0.7",
            "2.2",
            "1e",
            ".",
            "",
            "e5",
            "1.5.2",
            "1 2",
            "+-1",
            "1e+5",
            "x1",
            "0x1",
        ] {
            assert_eq!(decimal(text), text.parse().ok(), "{text}");
        }
    }

    #[track_caller]
    fn check(flag: &str, expected: Result<(MountKind, bool), ()>) {
        let flag = Spanned { value: flag.to_owned(), span: Span::default() };
        let Ok(mount) = read(&flag) else { panic!("{flag:?}") };
        let meaning = mount.meaning(|value| Ok(value.to_owned()));
        assert_eq!(meaning.map(|meaning| (meaning.kind, meaning.readonly)).map_err(|_| ()), expected, "{flag:?}");
    }

    #[test]
    fn options_depend_on_the_type_before_them() {
        check("target=/x", Ok((MountKind::Bind, true)));
        check("target=/x,rw", Ok((MountKind::Bind, false)));
        check("type=cache,target=/x", Ok((MountKind::Cache, false)));
        check("type=CACHE,target=/x,ro", Ok((MountKind::Cache, true)));
        check("type=tmpfs,target=/x,size=1.5g", Ok((MountKind::Tmpfs, false)));
        check("size=1,type=tmpfs", Err(()));
        check("type=secret,id=a", Ok((MountKind::Secret, true)));
        check("type=secret", Err(()));
        check("type=bind,uid=1", Err(()));
        check("type=volume", Err(()));
        check("target=/x,path", Err(()));
        check("target=/x,sharing=locked", Err(()));
    }
}
