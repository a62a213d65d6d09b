//! `witness.toml`: who the witness is and which logs it watches. `guxin witness --help` prints an example; an error names the
//! line or the option and what to do.

use std::{net::SocketAddr, path::Path, path::PathBuf};

use anyhow::{Context, ensure};
use ledger::key::{KeyType, VerifierKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// A complete example, for `--help` and the documentation.
pub const EXAMPLE: &str = r#"# The key's name: an address that is yours, without https://
name = "witness.example.cn/guxin"
# Who you are, for the page
operator = "示例省地方金融管理局"
listen = "127.0.0.1:3100"
data = "/var/lib/guxin-witness"

[[log]]
origin = "guxin.example.cn/ledger"
# One key or, while the log changes its key, a list of both
vkey = "guxin.example.cn/ledger+…"
# Where the log is read; needed for a mirror, useful for everybody
url = "https://guxin.example.cn/ledger"
mirror = true
"#;

/// The file's content.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the witness's key: a schemeless URL.
    pub name: String,
    /// Who runs it, for the page.
    #[serde(default)]
    pub operator: String,
    /// Address to listen on.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// Folder for key, memory, history and mirrors.
    pub data: PathBuf,
    /// Seconds between two looks at a log.
    #[serde(default = "poll_seconds")]
    pub poll_seconds: u64,
    /// Minutes after which a checkpoint without its tiles is an alarm.
    #[serde(default = "withheld_after_minutes")]
    pub withheld_after_minutes: u64,
    /// Seconds to let running requests end after SIGTERM.
    #[serde(default = "shutdown_seconds")]
    pub shutdown_seconds: u64,
    /// What is witnessed.
    #[serde(default, rename = "log")]
    pub logs: Vec<Log>,
}

/// One log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// First line of its checkpoints.
    pub origin: String,
    /// Its verifier key, or several.
    pub vkey: Keys,
    /// URL prefix under which it serves checkpoint and tiles.
    pub url: Option<String>,
    /// Whether everything is kept and served here.
    #[serde(default)]
    pub mirror: bool,
}

/// One key or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Keys {
    /// `vkey = "…"`.
    One(String),
    /// `vkey = ["…", "…"]`.
    Several(Vec<String>),
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 3100))
}

fn poll_seconds() -> u64 {
    15
}

fn withheld_after_minutes() -> u64 {
    10
}

fn shutdown_seconds() -> u64 {
    10
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
        ensure!(!config.logs.is_empty(), "there is no [[log]]: a witness of nothing");
        ensure!(config.poll_seconds > 0, "`poll_seconds` must be at least 1");
        for (at, log) in config.logs.iter().enumerate() {
            log.keys().with_context(|| format!("[[log]] {}", log.origin))?;
            ensure!(
                !log.mirror || log.url.is_some(),
                "[[log]] {}: `mirror = true` needs the log's `url`",
                log.origin
            );
            ensure!(
                config.logs[..at].iter().all(|other| other.origin != log.origin),
                "[[log]] {} stands twice: list its keys in one",
                log.origin
            );
        }
        Ok(config)
    }

    /// Where a log's memory and mirror lie.
    #[must_use]
    pub fn folder_of(&self, origin: &str) -> PathBuf {
        self.data.join("logs").join(folder_name(origin))
    }
}

impl Log {
    /// The keys, the first being the current one.
    ///
    /// # Errors
    /// When one is not the vkey of a log.
    pub fn keys(&self) -> anyhow::Result<Vec<VerifierKey>> {
        let texts = match &self.vkey {
            Keys::One(text) => std::slice::from_ref(text),
            Keys::Several(texts) => texts,
        };
        ensure!(!texts.is_empty(), "`vkey` is empty");
        texts
            .iter()
            .map(|text| {
                let key: VerifierKey = text.trim().parse().with_context(|| format!("`vkey` {text}"))?;
                ensure!(key.key_type() == KeyType::Ed25519, "`vkey` {text} is not a log's key");
                Ok(key)
            })
            .collect()
    }
}

/// A log's name in paths: an origin has slashes.
#[must_use]
pub fn folder_name(origin: &str) -> String {
    hex::encode(&Sha256::digest(origin)[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    fn parse(log: &str) -> Result<Config, String> {
        let text = format!("name = \"w\"\ndata = \"d\"\n{}", log.replace("VKEY", VKEY));
        Config::parse(&text).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn the_example_is_a_configuration() {
        let config = Config::parse(&EXAMPLE.replace("guxin.example.cn/ledger+…", VKEY)).expect("parses");
        assert_eq!((config.logs.len(), config.logs[0].mirror), (1, true));
    }

    #[test]
    fn one_key_or_several() {
        let one = parse("[[log]]\norigin = \"a\"\nvkey = \"VKEY\"\n").expect("one");
        assert_eq!(one.logs[0].keys().expect("keys").len(), 1);
        assert!(parse("[[log]]\norigin = \"a\"\nvkey = [\"VKEY\", \"VKEY\"]\n").is_ok());
    }

    #[test]
    fn errors_name_the_option() {
        let cases = [
            ("", "[[log]]"),
            ("[[log]]\norigin = \"a\"\nvkey = []\n", "vkey"),
            ("[[log]]\norigin = \"a\"\nvkey = \"a+b\"\n", "vkey"),
            ("[[log]]\norigin = \"a\"\nvkey = \"VKEY\"\nmirror = true\n", "url"),
            ("[[log]]\norigin = \"a\"\nvkey = \"VKEY\"\ncolour = 1\n", "colour"),
            ("[[log]]\norigin = \"a\"\nvkey = \"VKEY\"\n[[log]]\norigin = \"a\"\nvkey = \"VKEY\"\n", "twice"),
            ("poll_seconds = 0\n[[log]]\norigin = \"a\"\nvkey = \"VKEY\"\n", "poll_seconds"),
        ];
        for (log, named) in cases {
            let error = parse(log).expect_err(log);
            assert!(error.contains(named), "{log}: {error}");
        }
    }
}
