//! The options as a caller of JavaScript or JSON writes them.

use crate::lists::{Collect, Map};
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::build::Request;
use crate::options::Options;
use crate::platform::Platform;
use crate::text::Locale;

/// `CheckOptions` of `report.d.ts`; an option that is not known is a mistake, since it would silently do nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CheckOptions {
    pub platform: Option<String>,
    pub build_platform: Option<String>,
    pub target: Option<String>,
    pub build_args: Option<Map<String>>,
    pub locale: Option<String>,
    pub images: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for Map<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::<String, String>::deserialize(deserializer)?.into_iter().collect_map())
    }
}

/// A caller's mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// The option's name as it is published: `buildPlatform`.
    pub option: &'static str,
    pub value: String,
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no platform: \"{}\" (write `linux/arm64`)", self.option, self.value)
    }
}

impl std::error::Error for OptionError {}

impl TryFrom<CheckOptions> for Options {
    type Error = OptionError;

    fn try_from(given: CheckOptions) -> Result<Self, OptionError> {
        let platform = |option, value: Option<String>| match value.filter(|value| !value.is_empty()) {
            Some(value) => Platform::parse(&value).map(Some).ok_or(OptionError { option, value }),
            None => Ok(None),
        };
        Ok(Self {
            request: Request {
                platform: platform("platform", given.platform)?.unwrap_or_default(),
                build_platform: platform("buildPlatform", given.build_platform)?,
                target: given.target.filter(|target| !target.is_empty()),
                build_args: given
                    .build_args
                    .iter()
                    .flatten()
                    .map(|(name, value)| (name.to_string(), value.clone()))
                    .collect_vec(),
            },
            locale: given.locale.as_deref().map(Locale::from_tag).unwrap_or_default(),
            images: given.images,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Options, String> {
        let given: CheckOptions = serde_json::from_str(json).map_err(|error| error.to_string())?;
        Options::try_from(given).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_and_mistakes_named() {
        let options = read(r#"{"platform": "arm64", "buildArgs": {"A": "1"}, "locale": "ja-JP"}"#).unwrap();
        assert_eq!(options.request.platform.to_string(), "linux/arm64");
        assert_eq!(options.request.build_args, [("A".to_owned(), "1".to_owned())]);
        assert_eq!(options.locale, Locale::Japanese);
        assert_eq!(read("{}").unwrap().request.platform, Platform::default());
        for (wrong, named) in
            [(r#"{"buildPlatform": "a b"}"#, "`buildPlatform`"), (r#"{"plattform": "x"}"#, "plattform")]
        {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
