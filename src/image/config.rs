//! An image's configuration, in the terms of the OCI image specification (`config.md`).

use crate::lists::Map;

/// What an image says about how to run it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `Env`, in order; a name stands once.
    pub env: Vec<(String, String)>,
    /// `WorkingDir`; empty means `/`.
    pub working_dir: String,
    /// `User`: `name`, `uid`, `user:group`; empty means root.
    pub user: String,
    /// `Entrypoint` in exec form, the shell that wraps a shell form included.
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    /// `Shell`, Docker's extension; empty means the system's usual one.
    pub shell: Vec<String>,
    /// `OnBuild`, Docker's extension: instructions that run when the image is used as a base.
    pub on_build: Vec<String>,
    pub exposed_ports: Vec<String>,
    pub volumes: Vec<String>,
    pub labels: Map<String>,
    pub stop_signal: String,
    pub healthcheck: Option<Healthcheck>,
}

/// Docker's health check; times in nanoseconds, zero when not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", "…"]`.
    pub test: Vec<String>,
    pub interval: u64,
    pub timeout: u64,
    pub start_period: u64,
    pub start_interval: u64,
    pub retries: u32,
}

impl Config {
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Sets a variable where it stands, or at the end.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        match self.env.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.env.push((name.to_owned(), value.to_owned())),
        }
    }
}
