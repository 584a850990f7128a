//! What a program needs, in words.

use super::{Certainty, LabelledFact, Linkage, ProgramKind, ProgramNeeds, Setting, SymbolVersion};
use crate::fact::Fact;
use crate::lists::Collect;
use crate::needs::{self, ElfNeeds, Foreign, Language, Needs, ScriptNeeds, Trait};
use crate::text;
use crate::text::{Locale, Text};

/// `certain` says whether the program itself is sure to be there.
pub(super) fn program_needs(needs: &Needs, certain: bool, locale: Locale) -> ProgramNeeds {
    let mut out = ProgramNeeds {
        kind: ProgramKind::Unknown,
        description: String::new(),
        platform: None,
        interpreter: None,
        linkage: None,
        libraries: Vec::new(),
        symbol_versions: Vec::new(),
        toolchain: None,
        settings: Vec::new(),
        facts: Vec::new(),
        certainty: if certain { Certainty::Certain } else { Certainty::Conditional },
    };
    match needs {
        Needs::Elf(elf) => write_elf(&mut out, elf, locale),
        Needs::Script(script) => write_script(&mut out, script, locale),
        Needs::Foreign(foreign) => {
            out.kind = ProgramKind::Foreign;
            out.description = foreign_name(&foreign.value).render(locale);
            hold(&mut out, foreign);
        }
        Needs::Unknown(need) => out.description = need.text.render(locale),
    }
    out
}

/// What hangs on an assumption makes the whole conditional.
fn hold<T>(out: &mut ProgramNeeds, fact: &Fact<T>) {
    if !fact.from.conditions().is_empty() {
        out.certainty = Certainty::Conditional;
    }
}

fn write_elf(out: &mut ProgramNeeds, elf: &ElfNeeds, locale: Locale) {
    out.kind = ProgramKind::Elf;
    out.description = describe(elf).render(locale);
    let architecture = elf.machine.value.architecture();
    let system = elf.foreign_system.as_ref().map_or("linux".to_owned(), |system| system.value.to_ascii_lowercase());
    out.platform = architecture.map(|architecture| format!("{system}/{architecture}"));
    out.interpreter.clone_from(&elf.interpreter.value);
    out.linkage = Some(match elf.linkage.value {
        needs::Linkage::Static | needs::Linkage::StaticBroken => Linkage::Static,
        needs::Linkage::Dynamic => Linkage::Dynamic,
    });
    hold(out, &elf.machine);
    hold(out, &elf.interpreter);
    hold(out, &elf.linkage);
    out.libraries = elf.libraries.iter().map(|library| library.value.clone()).collect_vec();
    out.symbol_versions = newest_versions(elf);
    if let Some(maker) = &elf.made_by {
        let (name, version) = (language(maker.value.language), &maker.value.version);
        out.toolchain = Some(if version.is_empty() { name.to_owned() } else { format!("{name} {version}") });
        let setting = |(name, value): &(String, String)| Setting { name: name.clone(), value: value.clone() };
        out.settings = maker.value.settings.iter().map(setting).collect_vec();
    }
    let mut fact = |label: Text, value: String| {
        out.facts.push(LabelledFact { label: label.render(locale), value });
    };
    if let Some(kernel) = &elf.minimum_kernel {
        let (major, minor, patch) = kernel.value;
        fact(text! { en: "oldest kernel", ja: "最も古いカーネル" }, format!("Linux {major}.{minor}.{patch}"));
    }
    if let Some(level) = elf.cpu_level.as_ref().filter(|level| level.value > 1) {
        fact(text! { en: "processor", ja: "プロセッサー" }, format!("x86-64-v{}", level.value));
    }
    for path in [("RPATH", &elf.rpath), ("RUNPATH", &elf.runpath)].iter().filter(|path| !path.1.is_empty()) {
        fact(
            text! { en: "library path ({tag})", ja: "ライブラリーの検索パス（{tag}）", tag: path.0 },
            path.1.join(":"),
        );
    }
    for found in elf.traits.iter().filter(|found| found.from.conditions().is_empty()) {
        fact(text! { en: "at run time", ja: "実行時" }, trait_text(found.value).render(locale));
    }
}

/// `ELF 64-bit x86-64, dynamically linked`
fn describe(elf: &ElfNeeds) -> Text {
    let machine = elf.machine.value;
    let name = machine.architecture().map_or_else(|| format!("machine {}", machine.number), str::to_owned);
    let bits = usize::from(machine.bits);
    match (elf.linkage.value, elf.interpreter.value.is_some()) {
        (needs::Linkage::Dynamic, _) | (_, true) => text! {
            en: "ELF {bits}-bit {name}, dynamically linked",
            ja: "ELF {bits} ビット {name}、動的リンク",
            bits: bits,
            name: name,
        },
        _ => text! {
            en: "ELF {bits}-bit {name}, statically linked",
            ja: "ELF {bits} ビット {name}、静的リンク",
            bits: bits,
            name: name,
        },
    }
}

fn write_script(out: &mut ProgramNeeds, script: &ScriptNeeds, locale: Locale) {
    out.kind = ProgramKind::Script;
    hold(out, &script.shebang);
    let description = match &script.shebang.value {
        Some(shebang) => {
            out.interpreter = Some(shebang.interpreter.clone());
            // A carriage return would garble the terminal that shows it.
            let shown = shebang.interpreter.escape_debug().to_string();
            text! { en: "script for `{interpreter}`", ja: "`{interpreter}` のスクリプト", interpreter: shown }
        }
        None => text! { en: "script without a `#!` line", ja: "`#!` 行のないスクリプト" },
    };
    out.description = description.render(locale);
}

/// The newest version of each family (GLIBC, GLIBCXX, …) per library.
fn newest_versions(elf: &ElfNeeds) -> Vec<SymbolVersion> {
    let mut newest: Vec<SymbolVersion> = Vec::new();
    for need in elf.versions.iter().map(|need| &need.value) {
        let family = |version: &str| version.split_once('_').map(|(family, _)| family.to_owned());
        let same = |known: &&mut SymbolVersion| {
            known.library == need.library && family(&known.version) == family(&need.version)
        };
        match newest.iter_mut().find(same) {
            Some(known) if numbers(&known.version) < numbers(&need.version) => known.version.clone_from(&need.version),
            Some(_) => {}
            None => newest.push(SymbolVersion { library: need.library.clone(), version: need.version.clone() }),
        }
    }
    newest
}

fn numbers(version: &str) -> Vec<u32> {
    let (_, numbers) = version.split_once('_').unwrap_or_default();
    numbers.split('.').map(|part| part.parse().unwrap_or(0)).collect_vec()
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Go => "Go",
        Language::Rust => "rustc",
        Language::C => "C",
        Language::Cxx => "C++",
        Language::Zig => "Zig",
        Language::Nim => "Nim",
        Language::Haskell => "GHC",
        Language::Swift => "Swift",
        Language::Crystal => "Crystal",
        Language::Dart => "Dart",
        Language::D => "D",
        Language::OCaml => "OCaml",
        Language::Ada => "Ada",
        Language::Fortran => "Fortran",
        Language::Pascal => "Pascal",
        Language::DotNet => ".NET",
        Language::Java => "Java",
        Language::GraalNative => "GraalVM native image",
        Language::Node => "Node.js",
        Language::Bun => "Bun",
        Language::Deno => "Deno",
        Language::Python => "Python",
        Language::Ruby => "Ruby",
        Language::Php => "PHP",
        Language::Perl => "Perl",
        Language::Erlang => "Erlang/OTP",
        Language::Other => "?",
    }
}

fn trait_text(found: Trait) -> Text {
    match found {
        Trait::StaticNameService => text! {
            en: "looks up names through glibc's modules although it is static",
            ja: "静的リンクだが、名前解決に glibc のモジュールを使う",
        },
        Trait::UsesSystemCertificates => text! {
            en: "verifies TLS with the image's certificates",
            ja: "イメージの証明書で TLS を検証する",
        },
        Trait::EmbedsCertificates => text! { en: "carries its own certificates", ja: "証明書を内蔵している" },
        Trait::UsesTimeZones => text! {
            en: "loads time zones from the image",
            ja: "イメージのタイムゾーンデータを読む",
        },
        Trait::EmbedsTimeZones => text! { en: "carries its own time zones", ja: "タイムゾーンデータを内蔵している" },
        Trait::CgoStub => text! {
            en: "has a stub where a package needs cgo",
            ja: "cgo を必要とするパッケージがスタブになっている",
        },
        Trait::Packed => text! { en: "is packed by UPX", ja: "UPX で圧縮されている" },
    }
}

/// What a file is that Linux does not start.
pub(crate) fn foreign_name(foreign: &Foreign) -> Text {
    match foreign {
        Foreign::MachO => text! { en: "a macOS program (Mach-O)", ja: "macOS のプログラム（Mach-O）" },
        Foreign::Pe => text! { en: "a Windows program (PE)", ja: "Windows のプログラム（PE）" },
        Foreign::ElfObject => text! { en: "an object file", ja: "オブジェクトファイル" },
        Foreign::StaticArchive => text! { en: "a static library", ja: "静的ライブラリー" },
        Foreign::SharedLibrary => text! { en: "a shared library", ja: "共有ライブラリー" },
        Foreign::JavaArchive => text! { en: "a Java archive", ja: "Java アーカイブ" },
        Foreign::JavaClass => text! { en: "a Java class", ja: "Java クラス" },
        Foreign::WebAssembly => text! { en: "a WebAssembly module", ja: "WebAssembly モジュール" },
        Foreign::Zip => text! { en: "a zip archive", ja: "zip アーカイブ" },
        Foreign::Gzip => text! { en: "a gzip file", ja: "gzip ファイル" },
        Foreign::Tar => text! { en: "a tar archive", ja: "tar アーカイブ" },
        Foreign::Empty => text! { en: "an empty file", ja: "空のファイル" },
        Foreign::TruncatedElf => text! { en: "a program whose end is missing", ja: "途中で切れたプログラム" },
        Foreign::Text => text! { en: "a text without a `#!` line", ja: "`#!` 行のないテキスト" },
        Foreign::Data => text! { en: "data, not a program", ja: "プログラムではないデータ" },
    }
}
