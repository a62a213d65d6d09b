//! Configuration: every option on the command line, in the environment (`GUXIN_…`) or in a TOML file, documented
//! by `guxin serve --help`. The command line wins over the environment, the environment over the file; an error
//! names the option.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use backend::{db::DbOptions, objects::Bucket, settings::Settings};
use clap::{Args, Command};

/// Options of every command that works on an instance.
#[derive(Args, Clone, Debug)]
pub(crate) struct Instance {
    /// Configuration file (TOML): one line per option, e.g. `listen = "0.0.0.0:3000"`.
    #[arg(long, env = "GUXIN_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for the SQLite database, the objects, the spool and the ledger's key.
    #[arg(long, env = "GUXIN_DATA", value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
    /// Database: `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/NAME`. Default: SQLite in the data folder.
    #[arg(long, env = "GUXIN_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// PostgreSQL only: URL of a role that may only SELECT, for the supervisors' reads (a standby in production).
    #[arg(long, env = "GUXIN_SUPERVISION_DATABASE", value_name = "URL", hide_env_values = true)]
    pub(crate) supervision_database: Option<String>,
    /// Most database connections per pool.
    #[arg(long, env = "GUXIN_DATABASE_CONNECTIONS", value_name = "N", default_value_t = 8)]
    pub(crate) database_connections: u32,
    /// S3-compatible bucket for documents and tiles; without it they live in the data folder.
    #[arg(long, env = "GUXIN_S3_BUCKET", value_name = "NAME")]
    pub(crate) s3_bucket: Option<String>,
    /// Endpoint of the S3-compatible service.
    #[arg(long, env = "GUXIN_S3_ENDPOINT", value_name = "URL")]
    pub(crate) s3_endpoint: Option<String>,
    /// Region of the bucket.
    #[arg(long, env = "GUXIN_S3_REGION", value_name = "NAME", default_value = "us-east-1")]
    pub(crate) s3_region: String,
    /// Access key of the bucket.
    #[arg(long, env = "GUXIN_S3_ACCESS_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) s3_access_key: Option<String>,
    /// Secret key of the bucket.
    #[arg(long, env = "GUXIN_S3_SECRET_KEY", value_name = "SECRET", hide_env_values = true)]
    pub(crate) s3_secret_key: Option<String>,
    /// Where people reach the platform; passkeys are bound to its host, so a name, not an address.
    #[arg(long, env = "GUXIN_PUBLIC_URL", value_name = "URL", default_value = "http://localhost:3000")]
    pub(crate) public_url: String,
    /// The ledger's origin, a schemeless URL prefix (C2SP tlog-checkpoint). Default: host of the public URL + /ledger.
    #[arg(long, env = "GUXIN_LEDGER_ORIGIN", value_name = "NAME")]
    pub(crate) ledger_origin: Option<String>,
    /// The log's signer in a process of its own (`guxin signer serve`): `unix:` and the path of its socket. Default: the key
    /// lies in the data folder and this process signs.
    #[arg(long, env = "GUXIN_SIGNER", value_name = "ADDRESS", value_parser = crate::signer::address)]
    pub(crate) signer: Option<PathBuf>,
    /// Name of the exchange, for pages and receipts.
    #[arg(
        long,
        env = "GUXIN_EXCHANGE_NAME",
        value_name = "NAME",
        default_value = "江苏示例股权交易中心有限责任公司"
    )]
    pub(crate) exchange_name: String,
    /// Number of the blockchain information service's filing (备案), shown in the footer when there is one.
    #[arg(long, env = "GUXIN_RECORD_NUMBER", value_name = "NUMBER")]
    pub(crate) record_number: Option<String>,
    /// Font file (OTF, TTF or TTC) of PDF receipts. Default: Noto CJK of the system, else the bundled one.
    #[arg(long, env = "GUXIN_PDF_FONT", value_name = "FILE")]
    pub(crate) pdf_font: Option<PathBuf>,
    /// Minutes without a request after which a session ends.
    #[arg(long, env = "GUXIN_SESSION_IDLE_MINUTES", value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(i64).range(5..=120))]
    pub(crate) session_idle_minutes: i64,
    /// Hours after which a session ends in any case.
    #[arg(long, env = "GUXIN_SESSION_HOURS", value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(i64).range(1..=24))]
    pub(crate) session_hours: i64,
    /// Minutes after which submitting, replying and the exchange's decisions ask for the second factor again.
    #[arg(long, env = "GUXIN_STEP_UP_MINUTES", value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=480))]
    pub(crate) step_up_minutes: i64,
    /// Files that are read at a time; each may take a core and the memory of --reading-memory-mb.
    #[arg(long, env = "GUXIN_READINGS_AT_ONCE", value_name = "N", default_value_t = 2, value_parser = readings)]
    pub(crate) readings_at_once: usize,
    /// Seconds after which the reading of a file is given up.
    #[arg(long, env = "GUXIN_READING_SECONDS", value_name = "N", default_value_t = 180, value_parser = clap::value_parser!(u64).range(10..=3600))]
    pub(crate) reading_seconds: u64,
    /// Megabytes of memory of each process that reads a file.
    #[arg(long, env = "GUXIN_READING_MEMORY_MB", value_name = "N", default_value_t = 512, value_parser = clap::value_parser!(u64).range(256..=8192))]
    pub(crate) reading_memory_mb: u64,
    /// Program that reads files, called as `PROGRAM read-document …`. Default: this one.
    #[arg(long, env = "GUXIN_READING_PROGRAM", value_name = "FILE")]
    pub(crate) reading_program: Option<PathBuf>,
    /// Most megabytes of all documents of one filing.
    #[arg(long, env = "GUXIN_FILING_QUOTA_MB", value_name = "N", default_value_t = 1024)]
    pub(crate) filing_quota_mb: u64,
    /// Most megabytes of everything that one filing ever stored: replaced and removed versions are kept, and count here.
    #[arg(long, env = "GUXIN_FILING_STORAGE_MB", value_name = "N", default_value_t = 4096)]
    pub(crate) filing_storage_mb: u64,
    /// Most filings of one organisation that were opened and never submitted.
    #[arg(long, env = "GUXIN_OPEN_DRAFTS", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) open_drafts: u32,
}

fn readings(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| (1..=32).contains(n)).ok_or_else(|| "a number from 1 to 32".to_owned())
}

/// Options of `guxin serve`.
#[derive(Args, Clone, Debug)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) instance: Instance,
    /// Address to listen on.
    #[arg(long, env = "GUXIN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,
    /// Folder of the site that `make build` leaves (style, icons, WebAssembly).
    #[arg(long, env = "GUXIN_SITE_ROOT", value_name = "DIR", default_value = "target/site")]
    pub(crate) site_root: PathBuf,
    /// Demonstration: fill an empty instance with invented data and show the accounts on the sign-in page.
    #[arg(long, env = "GUXIN_DEMO", default_value_t = false)]
    pub(crate) demo: bool,
    /// Login of the first operator, made when the instance has none.
    #[arg(long, env = "GUXIN_OPERATOR_LOGIN", value_name = "LOGIN")]
    pub(crate) operator_login: Option<String>,
    /// Password of the first operator; better in the environment than on the command line.
    #[arg(long, env = "GUXIN_OPERATOR_PASSWORD", value_name = "PASSWORD", hide_env_values = true)]
    pub(crate) operator_password: Option<String>,
    /// Addresses of reverse proxies whose X-Forwarded-For is believed, separated by commas.
    #[arg(long, env = "GUXIN_TRUSTED_PROXIES", value_name = "LIST", value_delimiter = ',')]
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
    /// Slowest upload, in kB a second averaged over half a minute; 0 for none. A slower one is given up (408).
    #[arg(long, env = "GUXIN_UPLOAD_FLOOR_KB", value_name = "N", default_value_t = 2)]
    pub(crate) upload_floor_kb: u64,
    /// Uploads of one person under way at the same time; more wait their turn.
    #[arg(long, env = "GUXIN_UPLOADS_AT_ONCE", value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) uploads_at_once: u16,
    /// Log as JSON lines (production) instead of text.
    #[arg(long, env = "GUXIN_LOG_JSON", default_value_t = false)]
    pub(crate) log_json: bool,
    /// What to log, in the syntax of tracing's EnvFilter.
    #[arg(long, env = "GUXIN_LOG", value_name = "FILTER", default_value = "info,sqlx=warn,hyper=warn")]
    pub(crate) log: String,
    /// Seconds to let running requests end after SIGTERM.
    #[arg(long, env = "GUXIN_SHUTDOWN_SECONDS", value_name = "N", default_value_t = 20)]
    pub(crate) shutdown_seconds: u64,
}

impl Instance {
    /// The database to open.
    pub(crate) fn database(&self) -> DbOptions {
        let url = self
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.join("guxin.db").display()));
        DbOptions {
            url,
            supervision_url: self.supervision_database.clone(),
            connections: self.database_connections.max(2),
        }
    }

    /// The bucket for objects, when there is one.
    ///
    /// # Errors
    /// A message that names the option.
    pub(crate) fn bucket(&self) -> anyhow::Result<Option<Bucket>> {
        let Some(name) = &self.s3_bucket else {
            anyhow::ensure!(
                self.s3_endpoint.is_none() && self.s3_access_key.is_none() && self.s3_secret_key.is_none(),
                "--s3-bucket is missing beside the other options for S3"
            );
            return Ok(None);
        };
        anyhow::ensure!(!name.trim().is_empty(), "--s3-bucket: the name is empty");
        if let Some(endpoint) = &self.s3_endpoint {
            let uri: Option<::http::Uri> = endpoint.parse().ok();
            anyhow::ensure!(
                uri.is_some_and(
                    |uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
                ),
                "--s3-endpoint: `{endpoint}` must begin with http:// or https:// and name a host"
            );
        }
        let needed = |value: &Option<String>, option: &str| {
            value.clone().ok_or_else(|| anyhow::anyhow!("{option} is needed with --s3-bucket"))
        };
        Ok(Some(Bucket {
            name: name.clone(),
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            access_key: needed(&self.s3_access_key, "--s3-access-key")?,
            secret_key: needed(&self.s3_secret_key, "--s3-secret-key")?,
        }))
    }

    /// The host of the public URL, without port.
    pub(crate) fn host(&self) -> Result<String, String> {
        let uri: ::http::Uri = self
            .public_url
            .parse()
            .map_err(|_| format!("--public-url: `{}` is not a URL", self.public_url))?;
        match (uri.scheme_str(), uri.host()) {
            (Some("http" | "https"), Some(host)) => Ok(host.to_owned()),
            _ => Err(format!(
                "--public-url: `{}` must begin with http:// or https:// and name a host",
                self.public_url
            )),
        }
    }

    /// The settings that use cases need.
    pub(crate) fn settings(&self, demo: bool) -> Result<Settings, String> {
        let host = self.host()?;
        Ok(Settings {
            public_url: self.public_url.trim_end_matches('/').to_owned(),
            ledger_origin: self.ledger_origin.clone().unwrap_or_else(|| format!("{host}/ledger")),
            rp_id: host,
            exchange_name: self.exchange_name.clone(),
            record_number: self.record_number.clone(),
            demo,
            session_idle_minutes: self.session_idle_minutes,
            session_hours: self.session_hours,
            step_up_minutes: self.step_up_minutes,
            filing_quota_bytes: self.filing_quota_mb.saturating_mul(1_000_000),
            filing_storage_bytes: self.filing_storage_mb.saturating_mul(1_000_000),
            open_drafts: self.open_drafts,
            pdf_font: self.pdf_font.clone(),
        })
    }
}

/// Puts the values of the configuration file in as defaults of the options they name, for every command that takes
/// `--config`. A command without it reads no file, whatever the environment says.
///
/// # Errors
/// A message that names the file and the option.
pub(crate) fn with_file_defaults(
    command: Command,
    args: impl IntoIterator<Item = OsString>,
) -> Result<Command, String> {
    let args: Vec<OsString> = args.into_iter().skip(1).collect();
    if !takes_a_file(&command, &args) {
        return Ok(command);
    }
    let mut file = std::env::var_os("GUXIN_CONFIG");
    let mut rest = args.into_iter();
    while let Some(arg) = rest.next() {
        let text = arg.to_string_lossy();
        if text == "--config" {
            file = rest.next();
        } else if let Some(value) = text.strip_prefix("--config=") {
            file = Some(value.into());
        }
    }
    let Some(file) = file.map(PathBuf::from) else { return Ok(command) };
    let text = std::fs::read_to_string(&file).map_err(|e| format!("--config: {}: {e}", file.display()))?;
    let table: toml::Table = text.parse().map_err(|e| format!("--config: {}: {e}", file.display()))?;
    let options = FileOptions::all();
    let mut command = command;
    for (name, value) in table {
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(flag) => flag.to_string(),
            toml::Value::Array(list) => {
                list.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            other => {
                return Err(format!("{}: option `{name}` cannot be {}", file.display(), other.type_str()));
            }
        };
        let id = name.replace('-', "_");
        command = if options.instance.contains(&id) {
            with_default(command, &id, &value)
        } else if options.serve.contains(&id) {
            command.mut_subcommand("serve", |serve| with_default(serve, &id, &value))
        } else {
            return Err(format!(
                "--config: {}: there is no option `{name}`; see `guxin serve --help`",
                file.display()
            ));
        };
    }
    Ok(command)
}

/// The options that a file may hold, by clap's id.
struct FileOptions {
    /// Of every command that works on an instance.
    instance: Vec<String>,
    /// Of `serve` alone. That another command has an option of the same name (`seed --demo`) means nothing: there it is
    /// asked for on purpose.
    serve: Vec<String>,
}

impl FileOptions {
    fn all() -> Self {
        let ids = |command: Command| -> Vec<String> {
            let ids = command.get_arguments().map(|arg| arg.get_id().to_string());
            ids.filter(|id| id != "config").collect()
        };
        let instance = ids(Instance::augment_args(Command::new("instance")));
        let mut serve = ids(Serve::augment_args(Command::new("serve")));
        serve.retain(|id| !instance.contains(id));
        Self { instance, serve }
    }
}

/// Whether the command that these arguments choose works on an instance.
fn takes_a_file(command: &Command, args: &[OsString]) -> bool {
    let chosen = args.iter().try_fold(command, |at, arg| at.find_subcommand(arg).ok_or(at));
    let (Ok(chosen) | Err(chosen)) = chosen;
    is_of_an_instance(chosen)
}

/// A witness has a `--config` as well, but no database: it is no instance, and its file is its own.
fn is_of_an_instance(command: &Command) -> bool {
    let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
    has("config") && has("database")
}

/// Gives the option this default wherever it belongs to an instance, in commands below commands too.
fn with_default(command: Command, id: &str, value: &str) -> Command {
    let command = command.mut_subcommands(|below| with_default(below, id, value));
    if !is_of_an_instance(&command) {
        return command;
    }
    let (id, value) = (id.to_owned(), value.to_owned());
    command.mut_arg(id, |arg| arg.default_value(value))
}

#[cfg(test)]
mod tests {
    use super::with_file_defaults;
    use clap::{ArgMatches, CommandFactory, parser::ValueSource};
    use rstest::rstest;

    /// What the whole command line of `guxin` makes of a file and these arguments: the chosen command's options.
    fn read(file: &str, args: &[&str]) -> Result<ArgMatches, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guxin.toml");
        std::fs::write(&path, file).unwrap();
        let mut all: Vec<std::ffi::OsString> = vec!["guxin".into()];
        all.extend(args.iter().map(Into::into));
        all.extend(["--config".into(), path.into_os_string()]);
        let command = with_file_defaults(crate::Guxin::command(), all.clone())?;
        let mut matches = command.try_get_matches_from(all).map_err(|e| e.to_string())?;
        while let Some((_, below)) = matches.remove_subcommand() {
            matches = below;
        }
        Ok(matches)
    }

    fn text(matches: &ArgMatches, id: &str) -> String {
        matches.get_one::<String>(id).cloned().unwrap_or_default()
    }

    #[rstest]
    #[case::serve(&["serve"])]
    #[case::migrate(&["migrate"])]
    #[case::seed(&["seed", "--demo"])]
    #[case::fsck(&["ledger", "fsck"])]
    #[case::drill(&["drill", "tamper"])]
    #[case::rotate(&["secrets", "rotate"])]
    #[case::rotate_key(&["ledger", "rotate-key"])]
    fn every_command_of_an_instance_reads_the_file(#[case] command: &[&str]) {
        let file = "database = \"postgres://db.example.cn/guxin\"\nsession_idle_minutes = 15\ns3-bucket = \"papers\"\n";
        let options = read(file, command).unwrap();
        assert_eq!(text(&options, "database"), "postgres://db.example.cn/guxin");
        assert_eq!(options.get_one::<i64>("session_idle_minutes"), Some(&15));
        assert_eq!(text(&options, "s3_bucket"), "papers");
        let other = [command, &["--database", "sqlite:other.db"]].concat();
        assert_eq!(
            text(&read(file, &other).unwrap(), "database"),
            "sqlite:other.db",
            "the command line wins"
        );
        let why = read("colour = \"red\"", command).unwrap_err();
        assert!(why.contains("--config") && why.contains("`colour`"), "{why}");
    }

    #[test]
    fn every_command_with_options_of_an_instance_is_tested() {
        fn count(command: &clap::Command) -> usize {
            usize::from(super::is_of_an_instance(command))
                + command.get_subcommands().map(count).sum::<usize>()
        }
        assert_eq!(count(&crate::Guxin::command()), 7, "add the new command to the cases above");
    }

    #[test]
    fn options_of_the_server_alone_are_for_the_server_alone() {
        let file = "listen = \"0.0.0.0:8080\"\ndemo = true\n";
        let options = read(file, &["serve", "--listen", "127.0.0.1:9000"]).unwrap();
        assert_eq!(options.get_one::<std::net::SocketAddr>("listen").unwrap().port(), 9000);
        assert!(options.get_flag("demo"));
        assert_eq!(options.value_source("demo"), Some(ValueSource::DefaultValue));
        assert!(read(file, &["ledger", "fsck"]).is_ok(), "one file serves every command");
        // Filling an instance is asked for on the command line or not at all.
        assert!(read(file, &["seed"]).unwrap_err().contains("--demo"));
        assert!(read("json = true", &["ledger", "fsck"]).unwrap_err().contains("`json`"));
    }

    #[test]
    fn errors_name_the_option() {
        assert!(read("", &["serve", "--session-hours", "99"]).unwrap_err().contains("--session-hours"));
        assert!(read("listen = \"somewhere\"", &["serve"]).unwrap_err().contains("--listen"));
        assert!(read("s3_bucket = { name = \"x\" }", &["serve"]).unwrap_err().contains("`s3_bucket`"));
        let missing = ["guxin", "ledger", "fsck", "--config=/nonexistent/guxin.toml"].map(Into::into);
        assert!(with_file_defaults(crate::Guxin::command(), missing).unwrap_err().contains("--config"));
    }

    #[test]
    fn a_command_without_an_instance_reads_no_file() {
        let args = ["guxin", "verify", "receipt.json", "--config=/nonexistent/guxin.toml"].map(Into::into);
        assert!(with_file_defaults(crate::Guxin::command(), args).is_ok());
    }
}
