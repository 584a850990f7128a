//! Project files of MSBuild (`*.csproj`, `Directory.Build.props`): what decides about the program that they make.

use super::xml::elements;
use crate::lists::Collect;

/// A project file, together with the properties that all projects around it share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `Microsoft.NET.Sdk.Web`
    sdk: String,
    properties: Vec<Property>,
    /// What `FrameworkReference`, `PackageReference` and their kin include.
    includes: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Property {
    name: String,
    value: String,
    /// It holds under a condition alone, its own or its group's.
    conditional: bool,
}

impl Manifest {
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        let mut group = 0;
        for element in elements(text) {
            let mut parts = element.path.split('/').skip(1);
            let conditional = element.attribute("Condition").is_some();
            match (parts.next(), parts.next(), parts.next()) {
                (None, ..) => read.sdk = element.attribute("Sdk").unwrap_or_default().to_owned(),
                (Some("PropertyGroup"), Some(name), None) => {
                    let (name, value) = (name.to_owned(), element.text.to_owned());
                    read.properties.push(Property { name, value, conditional });
                }
                // A group ends after all that it holds.
                (Some("PropertyGroup"), None, _) => {
                    read.properties[group..].iter_mut().for_each(|property| property.conditional |= conditional);
                    group = read.properties.len();
                }
                (Some("ItemGroup"), Some(kind), None) => {
                    let include = element.attribute("Include").unwrap_or_default();
                    read.includes.push((kind.to_owned(), include.to_owned()));
                }
                _ => {}
            }
        }
        read
    }

    /// Adds what a file says that is imported before this one, which has the last word.
    pub fn after(&mut self, shared: Self) {
        self.properties.extend(shared.properties);
        self.includes.extend(shared.includes);
    }

    /// A property that is set whatever the conditions; `None` too where its value is computed.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        let all = || self.properties.iter().filter(|property| property.name.eq_ignore_ascii_case(name));
        let found = all().next().filter(|_| all().all(|property| !property.conditional))?;
        (!found.value.is_empty() && !found.value.contains("$(")).then_some(found.value.as_str())
    }

    #[must_use]
    pub fn sets(&self, name: &str) -> bool {
        self.properties.iter().any(|property| property.name.eq_ignore_ascii_case(name))
    }

    /// Whether a property may be `true`.
    #[must_use]
    pub fn may_enable(&self, name: &str) -> bool {
        let is = |property: &&Property| property.name.eq_ignore_ascii_case(name);
        self.properties.iter().filter(is).any(|property| !property.value.eq_ignore_ascii_case("false"))
    }

    /// The packages that it refers to.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.includes.iter().filter(|(kind, _)| kind == "PackageReference").map(|(_, name)| name.as_str())
    }

    /// The shared framework beyond .NET itself that the program asks for, and whether that is sure.
    ///
    /// From .NET Core 3.0 on the SDK for the web refers to it (`Microsoft.NET.Sdk.Web.ProjectSystem.targets`); in 2.1 and
    /// 2.2 a package of that name does (learn.microsoft.com, "Microsoft.AspNetCore.App metapackage").
    #[must_use]
    pub fn framework(&self, version: Option<&str>) -> Option<(&'static str, bool)> {
        const APP: &str = "Microsoft.AspNetCore.App";
        const ALL: &str = "Microsoft.AspNetCore.All";
        let is_web = self.sdk == "Microsoft.NET.Sdk.Web" || self.sdk.starts_with("Microsoft.NET.Sdk.Web/");
        let is_2 = version.is_some_and(|version| version.starts_with("2."));
        if !is_2 {
            let refers = self.includes.iter().any(|(kind, name)| kind == "FrameworkReference" && name == APP);
            let is_modern = version.is_none_or(|version| !version.starts_with("1."));
            return (is_modern && (refers || is_web && !self.sets("DisableImplicitFrameworkReferences")))
                .then_some((APP, true));
        }
        // The packages of 2.0 lie in a store of their own.
        if version == Some("2.0") {
            return None;
        }
        let has = |wanted: &str| self.packages().any(|name| name.eq_ignore_ascii_case(wanted));
        if let Some(named) = [APP, ALL].into_iter().find(|name| has(name)) {
            return Some((named, true));
        }
        // One by one they come with the program.
        let has_parts = self.packages().any(|name| name.starts_with("Microsoft.AspNetCore"));
        (is_web && !has_parts).then_some((APP, false))
    }

    /// Whether the program brings its runtime, where a property may say so.
    #[must_use]
    pub fn may_be_self_contained(&self) -> bool {
        const SETTINGS: [&str; 6] = [
            "SelfContained",
            "PublishSelfContained",
            "PublishAot",
            "PublishTrimmed",
            "PublishSingleFile",
            "RuntimeIdentifier",
        ];
        let refused = self.property("SelfContained").is_some_and(|value| value.eq_ignore_ascii_case("false"));
        !refused && SETTINGS.iter().any(|name| self.may_enable(name))
    }
}

/// `8.0` of `net8.0`, `net8.0-linux` or `netcoreapp8.0`.
#[must_use]
pub fn version(framework: &str) -> Option<&str> {
    let rest = framework.strip_prefix("netcoreapp").or_else(|| framework.strip_prefix("net"))?;
    let version = rest.split('-').next().unwrap_or_default();
    // `net472` is .NET Framework.
    let is_version = version.contains('.') && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_version.then_some(version)
}

/// A `*.runtimeconfig.json`: the shared frameworks that it asks for with their versions, and its roll-forward policy.
/// Nothing for a program that brings its own.
#[must_use]
pub fn runtime_config(text: &str) -> (Vec<(String, String)>, Option<String>) {
    let quoted = |text: &str| {
        let (_, rest) = text.split_once('"')?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    if text.contains("\"includedFrameworks\"") {
        return Default::default();
    }
    let named = text.split("\"name\"").skip(1).take(8).filter_map(|rest| {
        let (_, version) = rest.split_once("\"version\"")?;
        Some((quoted(rest)?, quoted(version)?))
    });
    let roll_forward = text.split_once("\"rollForward\"").and_then(|(_, rest)| quoted(rest));
    (named.filter(|(name, _)| name.starts_with("Microsoft.")).collect_vec(), roll_forward)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_tell_their_frameworks() {
        let web = r#"<Project Sdk="Microsoft.NET.Sdk.Web"></Project>"#;
        let all = r#"<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="Microsoft.AspNetCore.All" /></ItemGroup></Project>"#;
        let part = r#"<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><PackageReference Include="Microsoft.AspNetCore.Mvc"/></ItemGroup></Project>"#;
        let refers = r#"<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><FrameworkReference Include="Microsoft.AspNetCore.App"/></ItemGroup></Project>"#;
        let worker = r#"<Project Sdk="Microsoft.NET.Sdk.Worker"><!-- Sdk="Microsoft.NET.Sdk.Web" --></Project>"#;
        for (text, version, expected) in [
            (web, "8.0", Some(("Microsoft.AspNetCore.App", true))),
            (web, "2.2", Some(("Microsoft.AspNetCore.App", false))),
            (web, "2.0", None),
            (all, "2.1", Some(("Microsoft.AspNetCore.All", true))),
            (all, "3.1", None),
            (part, "2.2", None),
            (refers, "6.0", Some(("Microsoft.AspNetCore.App", true))),
            (worker, "8.0", None),
        ] {
            assert_eq!(Manifest::read(text).framework(Some(version)), expected, "{text} {version}");
        }
    }

    #[test]
    fn a_property_holds_without_conditions_alone() {
        let text = "<Project><PropertyGroup Condition=\"'$(C)'=='R'\"><A>1</A></PropertyGroup>\
            <PropertyGroup><B>2</B><C>$(B)</C><PublishAot>true</PublishAot></PropertyGroup></Project>";
        let read = Manifest::read(text);
        assert_eq!((read.property("A"), read.property("b"), read.property("C")), (None, Some("2"), None));
        assert!(read.sets("A") && read.may_be_self_contained());
    }

    #[test]
    fn a_runtime_configuration_names_frameworks() {
        let one = r#"{"runtimeOptions":{"framework":{"name":"Microsoft.AspNetCore.App","version":"3.0.0"},"rollForward":"Major"}}"#;
        let (frameworks, roll_forward) = runtime_config(one);
        assert_eq!(frameworks, [("Microsoft.AspNetCore.App".to_owned(), "3.0.0".to_owned())]);
        assert_eq!(roll_forward.as_deref(), Some("Major"));
        let own = r#"{"includedFrameworks":[{"name":"Microsoft.NETCore.App","version":"8.0.0"}]}"#;
        assert!(runtime_config(own).0.is_empty());
        for (framework, expected) in
            [("net8.0-linux", Some("8.0")), ("netcoreapp3.1", Some("3.1")), ("net472", None), ("netstandard2.0", None)]
        {
            assert_eq!(version(framework), expected, "{framework}");
        }
    }
}
