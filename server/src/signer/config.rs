//! `signer.toml`: whose key the signer has and where. `guxin signer --help` prints an example; an error names the line or the option and
//! what to do.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use backend::signer::Place;
use serde::Deserialize;

/// A complete example, for `--help` and the documentation.
pub const EXAMPLE: &str = r#"# The log's origin, as the server is configured (--ledger-origin)
origin = "guxin.example.cn/ledger"
# Folder for the memory of what was signed last, and for the key unless `key` says otherwise
data = "/var/lib/guxin-signer"
# Socket that the server connects to; whoever can write to it can have checkpoints signed
socket = "/run/guxin-signer/signer.sock"
# Mode of the socket: 0600 for a server of the same user, 0660 with a common group
socket_mode = "0600"
"#;

/// The file's content.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The log's origin, which is the key's name.
    pub origin: String,
    /// Folder for memory and key.
    pub data: PathBuf,
    /// Path of the socket.
    pub socket: PathBuf,
    /// Its mode, octal.
    #[serde(default = "socket_mode")]
    pub socket_mode: String,
    /// Where the key is, unless it is `ledger.key` in the folder.
    #[serde(default)]
    pub key: Option<String>,
    /// Where the next key is, while the key changes, unless it is made beside the key.
    #[serde(default)]
    pub next: Option<String>,
}

fn socket_mode() -> String {
    "0600".to_owned()
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Naming the file, and the line or the option.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("--config: {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("--config: {}", path.display()))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Naming the line or the option.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let config: Self = toml::from_str(text)?;
        config.mode()?;
        config.key()?;
        config.next()?;
        Ok(config)
    }

    /// The socket's mode.
    ///
    /// # Errors
    /// When it is no octal number, or lets everybody connect.
    pub fn mode(&self) -> anyhow::Result<u32> {
        let mode = u32::from_str_radix(&self.socket_mode, 8).ok().filter(|mode| *mode <= 0o777);
        let mode =
            mode.with_context(|| format!("`socket_mode` {} is no mode such as 0600", self.socket_mode))?;
        ensure!(mode & 0o007 == 0, "`socket_mode` {} lets everybody connect", self.socket_mode);
        Ok(mode)
    }

    /// Where the key is.
    ///
    /// # Errors
    /// Naming the option.
    pub fn key(&self) -> anyhow::Result<Place> {
        let named = self.key.as_deref().map(str::parse).transpose().context("`key`")?;
        Ok(named.unwrap_or_else(|| Place::in_folder(&self.data)))
    }

    /// Where the next key is, if that is said.
    ///
    /// # Errors
    /// Naming the option.
    pub fn next(&self) -> anyhow::Result<Option<Place>> {
        self.next.as_deref().map(str::parse).transpose().context("`next`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(more: &str) -> Result<Config, String> {
        let text = format!("origin = \"log.example\"\ndata = \"d\"\nsocket = \"s\"\n{more}");
        Config::parse(&text).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn the_example_is_a_configuration() {
        let config = Config::parse(EXAMPLE).expect("parses");
        assert_eq!(config.mode().expect("a mode"), 0o600);
        assert_eq!(config.key().expect("a place"), Place::File("/var/lib/guxin-signer/ledger.key".into()));
        assert_eq!(parse("").expect("defaults").mode().expect("a mode"), 0o600);
        assert_eq!(
            parse("key = \"file:/k\"").expect("a key").key().expect("a place"),
            Place::File("/k".into())
        );
    }

    #[test]
    fn errors_name_the_option() {
        for (line, named) in [
            ("socket_mode = \"0606\"", "everybody"),
            ("socket_mode = \"rw\"", "socket_mode"),
            ("key = \"ledger.key\"", "`key`"),
            ("next = \"file:\"", "`next`"),
            ("colour = 1", "colour"),
        ] {
            let error = parse(line).expect_err(line);
            assert!(error.contains(named), "{line}: {error}");
        }
    }
}
