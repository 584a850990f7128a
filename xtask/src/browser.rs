//! A Chromium for the tests of the page: one that is here, or Debian's.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::run::{apt_install, find};

/// Where it may lie, by the names that distributions and vendors give it.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/// Finds one (`CHROMIUM` names another), or installs Debian's.
///
/// # Errors
/// Where there is none and none can be installed.
pub(crate) fn chromium() -> Result<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    if let Some(found) = named.or_else(search) {
        return Ok(found);
    }
    eprintln!("Installing Chromium for the tests of the page");
    if matches!(apt_install(&["chromium"]), Ok(true)) {
        if let Some(found) = search() {
            return Ok(found);
        }
    }
    bail!("no Chromium was found for the tests of the page: install one, or set CHROMIUM to its path")
}

/// What drives Firefox and WebKit, by the names of Debian's packages and of the programs in them.
const OTHERS: [(&str, &str); 3] =
    [("firefox-esr", "firefox-esr"), ("webkit2gtk-driver", "WebKitWebDriver"), ("xvfb", "Xvfb")];

/// Installs Firefox and WebKit, where that can be done: their journey is left out where they are not.
pub(crate) fn others() {
    let missing: Vec<&str> =
        OTHERS.iter().filter(|(_, program)| find(program).is_none()).map(|(package, _)| *package).collect();
    if !missing.is_empty() && !matches!(apt_install(&missing), Ok(true)) {
        println!("not checked: the page in {} (not installed)", missing.join(", "));
    }
}

fn search() -> Option<PathBuf> {
    let on_a_mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    NAMES.iter().find_map(|name| find(name)).or_else(|| on_a_mac.is_file().then_some(on_a_mac))
}
