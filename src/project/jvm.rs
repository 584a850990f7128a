//! `pom.xml` and `build.gradle`: which Java a project compiles for, and what its archive is called.
//!
//! Both are read as far as they say it plainly; what is computed elsewhere (a parent, a plugin of its own) stays open.

use super::xml::elements;
use crate::lists::Collect;

/// What a project file tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The version of Java whose class files it makes.
    pub release: Option<u32>,
    /// It is set for the compiler's `--release`, which a JDK 8 does not know.
    pub by_release: bool,
    /// The archive's name, `shop-1.0.jar`, where nothing in the file gives an archive another one.
    pub archive: Option<String>,
    /// Something outside of this file may have the last word.
    pub open: bool,
    /// A JDK of its own is looked for, or downloaded.
    pub has_toolchain: bool,
}

/// `17`, `1.8`, `1_8`.
fn java(version: &str) -> Option<u32> {
    let version = version.trim();
    let rest = version.strip_prefix("1.").or_else(|| version.strip_prefix("1_")).unwrap_or(version);
    rest.parse().ok().filter(|number| (5..100).contains(number))
}

/// A `pom.xml`.
#[must_use]
pub fn maven(text: &str) -> Manifest {
    let all = elements(text);
    let of = |path: &str| all.iter().find(|element| element.path == path).map(|element| element.text);
    let builtin = |name: &str| match name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."))? {
        "artifactId" => of("project/artifactId"),
        "version" => of("project/version").or_else(|| of("project/parent/version")),
        _ => None,
    };
    let property = |name: &str| {
        let is = |element: &&super::xml::Element<'_>| element.path.strip_prefix("project/properties/") == Some(name);
        all.iter().find(is).map(|element| element.text).or_else(|| builtin(name))
    };
    let resolve = |value: &str| {
        let mut value = value.to_owned();
        for _ in 0..5 {
            let Some((before, rest)) = value.split_once("${") else { return Some(value) };
            let (name, after) = rest.split_once('}')?;
            value = format!("{before}{}{after}", property(name)?);
            if value.len() > 200 {
                return None;
            }
        }
        None
    };
    // A plugin's configuration stands beside its name, and the plugin itself ends after both.
    let mut compiler = Vec::new();
    let mut within: Vec<(&str, &str)> = Vec::new();
    let mut is_compiler = false;
    for element in &all {
        let Some(rest) = element.path.strip_prefix("project/build/") else { continue };
        let Some((_, inner)) = rest.split_once("plugins/plugin") else { continue };
        match inner {
            "" => {
                compiler.extend(within.drain(..).filter(|_| is_compiler));
                is_compiler = false;
            }
            "/artifactId" => is_compiler = element.text == "maven-compiler-plugin",
            _ => within.extend(inner.strip_prefix("/configuration/").map(|name| (name, element.text))),
        }
    }
    let configured =
        |name: &str| compiler.iter().find(|(found, _)| *found == name).and_then(|(_, value)| java(&resolve(value)?));
    let set = |name: &str| property(name).and_then(|value| java(&resolve(value)?));
    let parent = of("project/parent/artifactId");
    let boot = (parent == Some("spring-boot-starter-parent"))
        .then(|| of("project/parent/version").and_then(|version| version.split('.').next()?.parse::<u32>().ok()))
        .flatten();
    let by_release = configured("release").or_else(|| set("maven.compiler.release"));
    let by_target = configured("target").or_else(|| set("maven.compiler.target"));
    // Spring Boot's parent compiles for `java.version` (spring-boot-starter-parent, `build.gradle`).
    let by_boot = boot.and_then(|major| set("java.version").or(Some(if major >= 3 { 17 } else { 8 })));
    let release = by_release.or(by_target).or(by_boot);
    // Its own classes are for 17.
    let release = release.map(|release| if boot.is_some_and(|major| major >= 3) { release.max(17) } else { release });
    let own = ["maven.compiler.release", "maven.compiler.target", "java.version", "release", "target"];
    let in_profile = all.iter().any(|element| {
        let name = element.path.rsplit('/').next().unwrap_or_default();
        element.path.starts_with("project/profiles/") && own.contains(&name)
    });
    let packaging = of("project/packaging").filter(|packaging| !packaging.is_empty()).unwrap_or("jar");
    // Plugins that write archives under names of their own.
    const RENAMING: [&str; 8] =
        ["antrun", "copy-rename", "exec-maven", "outputFile", "destFile", "jarName", "jarfile", "<profiles>"];
    let is_renamed = all.iter().any(|element| element.path.ends_with("plugin/configuration/finalName"))
        || text.matches("<finalName>").count() > 1
        || RENAMING.iter().any(|word| text.contains(word));
    let final_name = of("project/build/finalName").unwrap_or("${project.artifactId}-${project.version}");
    let archive = resolve(final_name).filter(|_| matches!(packaging, "jar" | "war") && !is_renamed);
    let archive = archive.map(|name| format!("{name}.{packaging}"));
    Manifest {
        release: release.filter(|_| !in_profile),
        by_release: by_release.is_some() || by_target.is_none() && boot.is_some_and(|major| major >= 3),
        archive,
        open: parent.is_some() && boot.is_none(),
        has_toolchain: text.contains("toolchain") || text.contains("<executable>"),
    }
}

/// A `build.gradle` or `build.gradle.kts`, and its `settings.gradle`, which names the project.
#[must_use]
pub fn gradle(text: &str, settings: &str) -> Manifest {
    let text = &without_comments(text);
    const KEYS: [&str; 6] = [
        "options.release",
        "targetCompatibility",
        "jvmTarget",
        "sourceCompatibility",
        "JavaLanguageVersion.of",
        "jvmToolchain",
    ];
    let release = KEYS.iter().find_map(|key| text.split(key).skip(1).filter_map(after_key).min());
    let boot = ["org.springframework.boot", "spring-boot-gradle-plugin"].iter().any(|plugin| {
        let version = |rest: &str| {
            let rest = rest.trim_start_matches(['"', '\'', ')', ' ', ':']);
            let rest = rest.strip_prefix("version").unwrap_or(rest).trim_start_matches(['"', '\'', '(', ' ']);
            rest.split('.').next().and_then(|major| major.parse::<u32>().ok())
        };
        text.split(plugin).skip(1).filter_map(version).any(|major| major >= 3)
    });
    // Settings that give archives another name than the usual one.
    const RENAMED: [&str; 7] = [
        "archiveFileName",
        "archiveBaseName",
        "archivesBaseName",
        "archivesName",
        "archiveVersion",
        "archiveName",
        "baseName",
    ];
    let is_renamed = RENAMED.iter().any(|word| text.contains(word));
    let settings = without_comments(settings);
    let alone = !settings.lines().any(|line| line.trim_start().starts_with("include"));
    let archive = (|| {
        let name = assigned(&settings, "rootProject.name")?;
        let mut versions = text.lines().filter_map(|line| line.trim_start().strip_prefix("version"));
        let version = assigned(versions.next()?, "").filter(|_| versions.next().is_none())?;
        (!is_renamed && alone).then(|| format!("{name}-{version}.jar"))
    })();
    Manifest {
        release: release.map(|release| if boot { release.max(17) } else { release }).or(boot.then_some(17)),
        by_release: text.contains("options.release"),
        archive,
        open: false,
        has_toolchain: text.contains("oolchain"),
    }
}

/// Whether a Gradle project that is called so in its settings makes no archive of that name, as far as they tell.
#[must_use]
pub fn is_of_another(file: &str, build: &str, settings: &str) -> bool {
    const RENAMED: [&str; 4] = ["archive", "baseName", "uberJar", "fatJar"];
    let build = without_comments(build);
    let name = assigned(&without_comments(settings), "rootProject.name");
    let plain = !RENAMED.iter().any(|word| build.contains(word));
    plain && name.is_some_and(|name| !file.starts_with(&name))
}

/// The text that is assigned behind a name.
fn assigned(text: &str, name: &str) -> Option<String> {
    let (_, rest) = if name.is_empty() { ("", text) } else { text.split_once(name)? };
    let rest = rest.trim_start().trim_start_matches('=').trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = rest[1..].split_once(quote)?;
    let is_plain = after.lines().next().is_none_or(|rest| rest.trim().trim_matches(';').is_empty());
    (is_plain && !value.contains('$') && !value.is_empty()).then(|| value.to_owned())
}

/// The version in the rest of a line: ` = JavaVersion.VERSION_17`, `.set(JavaLanguageVersion.of(17))`, ` = '1.8'`.
fn after_key(rest: &str) -> Option<u32> {
    let line = rest.split(['\n', ';', '}']).next()?;
    let at = line.find(|c: char| c.is_ascii_digit())?;
    let (before, number) = line.split_at(at);
    const WORDS: [&str; 7] = ["JavaVersion", "VERSION_", "toVersion", "JvmTarget", "JVM_", "set", "of"];
    let rest = WORDS.iter().fold(before.to_owned(), |rest, word| rest.replace(word, ""));
    let is_plain = rest.chars().all(|c| " =.('\"\t".contains(c));
    let end = number.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_')).unwrap_or(number.len());
    is_plain.then(|| java(&number[..end]))?
}

/// A Gradle file without its comments; `//` in an address is none.
fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let code = |line: &str| match line.find("//").filter(|at| !line[..*at].ends_with(':')) {
        Some(at) => line[..at].to_owned(),
        None => line.to_owned(),
    };
    out.lines().map(code).collect_vec().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn pom(inside: &str, release: Option<u32>, archive: Option<&str>) {
        let read = maven(&format!("<project><artifactId>shop</artifactId><version>1.0</version>{inside}</project>"));
        assert_eq!((read.release, read.archive.as_deref()), (release, archive), "{inside}");
    }

    #[test]
    fn a_pom_tells_its_java_and_its_archive() {
        let usual = Some("shop-1.0.jar");
        pom("", None, usual);
        pom("<properties><maven.compiler.target>1.8</maven.compiler.target></properties>", Some(8), usual);
        pom(
            "<properties><j>17</j><maven.compiler.release>${j}</maven.compiler.release></properties><packaging>war</packaging>",
            Some(17),
            Some("shop-1.0.war"),
        );
        let boot = |version: &str| {
            format!("<parent><artifactId>spring-boot-starter-parent</artifactId><version>{version}</version></parent>")
        };
        pom(&boot("3.2.0"), Some(17), usual);
        pom(&format!("{}<properties><java.version>11</java.version></properties>", boot("2.7.0")), Some(11), usual);
        pom(
            "<build><finalName>app</finalName><plugins><plugin><artifactId>x</artifactId><configuration><target>9</target></configuration></plugin>\
             <plugin><artifactId>maven-compiler-plugin</artifactId><configuration><release>21</release></configuration></plugin></plugins></build>",
            Some(21),
            Some("app.jar"),
        );
        pom("<packaging>pom</packaging>", None, None);
        pom("<build><finalName>${revision}</finalName></build>", None, None);
        pom(
            "<profiles><profile><properties><java.version>9</java.version></properties></profile></profiles>",
            None,
            None,
        );
    }

    #[test]
    fn a_gradle_file_tells_its_java_and_its_archive() {
        for (text, release) in [
            ("sourceCompatibility = '17'", Some(17)),
            ("sourceCompatibility = JavaVersion.VERSION_1_8", Some(8)),
            ("java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }", Some(21)),
            ("kotlin { jvmToolchain(17) }", Some(17)),
            ("kotlinOptions { languageVersion = \"1.9\" }", None),
            ("sourceCompatibility = javaVersion21", None),
            ("// sourceCompatibility = 17\nurl = 'https://x/17'", None),
            ("plugins { id 'org.springframework.boot' version '3.1.0' }", Some(17)),
            ("plugins { id(\"org.springframework.boot\") version \"2.7.0\" }", None),
            ("sourceCompatibility = 11\ntargetCompatibility = 8", Some(8)),
        ] {
            assert_eq!(gradle(text, "").release, release, "{text}");
        }
        let read = gradle("version = '1.0'", "rootProject.name = 'shop'");
        assert_eq!(read.archive, Some("shop-1.0.jar".into()));
        assert_eq!(gradle("version = '1' + suffix", "rootProject.name = 'shop'").archive, None);
        assert_eq!(gradle("version '1'\narchiveFileName = 'x'", "rootProject.name = 'shop'").archive, None);
        assert_eq!(gradle("version '1'", "rootProject.name = 'shop'\ninclude 'a'").archive, None);
    }
}
