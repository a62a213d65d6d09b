//! The log's signer in a process of its own: what goes over its socket, and what the platform does while it is away.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc, time::Duration};

use backend::{
    Services,
    queue::Queue,
    sequencer::{self, Options},
    signer::LogSigner,
};
use ledger::{Tree, checkpoint::Checkpoint, cosignature::Cosigner};
use serde_json::{Value, json};
use server::signer::{Config, SignerProcess, listen};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Client, Platform, Who, on_both};

const QUICK: Options = Options {
    batch: 64,
    tick: Duration::from_millis(10),
    quiet: Duration::from_millis(10),
    pause: Duration::from_millis(10),
    alone: true,
};

/// A signer with the key that an instance had until now.
struct Signer {
    config: Config,
    task: Option<JoinHandle<()>>,
}

impl Signer {
    fn config(folder: &Path, origin: &str) -> Config {
        let (data, socket) = (folder.join("signer"), folder.join("signer.sock"));
        let text = format!("origin = \"{origin}\"\ndata = {data:?}\nsocket = {socket:?}\n");
        Config::parse(&text).expect("a configuration")
    }

    fn with_the_key_of(platform: &Platform) -> Self {
        let folder = platform.folder.path();
        let config = Self::config(folder, platform.services.signer.origin());
        fs::create_dir(&config.data).expect("a folder");
        for name in ["ledger.key", "ledger.signer"] {
            fs::rename(folder.join(name), config.data.join(name)).expect("moved");
        }
        Self { config, task: None }
    }

    async fn start(&mut self) {
        // What an earlier one was still answering holds its lock for a moment.
        eventually("opened", async || SignerProcess::open(&self.config).is_ok()).await;
        let process = SignerProcess::open(&self.config).expect("opened");
        let listener = listen(&self.config).expect("a socket");
        self.task = Some(tokio::spawn(async move {
            axum::serve(listener, process.router()).await.expect("served");
        }));
    }

    async fn stop(&mut self) {
        let task = self.task.take().expect("it ran");
        task.abort();
        let _ = task.await;
        fs::remove_file(&self.config.socket).expect("gone");
    }

    fn last(&self) -> Checkpoint {
        let text = fs::read_to_string(self.config.data.join("ledger.signer")).expect("a memory");
        let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
        format!("{last}\n").parse().expect("a checkpoint")
    }
}

async fn connected(platform: &Platform, signer: &Signer) -> LogSigner {
    let (socket, data) = (&signer.config.socket, platform.folder.path());
    LogSigner::connect(socket, data, platform.services.signer.origin(), true).await.expect("it answers")
}

fn at_work(services: &Arc<Services>) -> (JoinHandle<()>, CancellationToken) {
    let stop = CancellationToken::new();
    (tokio::spawn(sequencer::run_with(Arc::clone(services), QUICK, stop.clone())), stop)
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// An act that is an entry on the ledger.
async fn register_a_witness(operator: &mut Client, seed: u8) {
    let key = Cosigner::from_seed(&format!("w{seed}.example"), &[seed; 32])
        .expect("a key")
        .verifier_key()
        .to_string();
    let fields = [("vkey", key.as_str()), ("url", "https://witness.example")];
    operator.submit("/admin/witnesses", "/do/witness/register", &fields).await;
}

on_both! {
    async fn while_the_signer_is_away_filings_are_taken_in_and_anchored_once_it_is_back(platform: Platform) {
        let mut signer = Signer::with_the_key_of(&platform);
        signer.start().await;
        let away = connected(&platform, &signer).await;
        assert_eq!(away.vkey(), platform.services.signer.vkey(), "the key only moved");
        let (services, router) = platform.changed(|services| {
            services.signer = away;
            services.queue = Queue::default();
        });
        let (task, stop) = at_work(&services);
        let mut operator = Client::with_cookies(router.clone(), platform.client(Who::Operator).cookies);
        let size = async || services.ledger.checkpoint().await.expect("a checkpoint").0.size;
        let ready = async || {
            let answer = Client::new(router.clone()).get("/readyz").await;
            (answer.status.as_u16(), answer.text())
        };
        let before = size().await;
        register_a_witness(&mut operator, 1).await;
        eventually("anchored", async || size().await == before + 1).await;
        assert_eq!(signer.last().size, before + 1, "the signer's own memory");
        assert_eq!(ready().await, (200, "ready\n".to_owned()));

        signer.stop().await;
        register_a_witness(&mut operator, 2).await;
        eventually("named", async || ready().await == (503, "not ready: sequencer, signer\n".to_owned())).await;
        let page = operator.get("/admin/witnesses").await.text();
        assert!(page.contains("signer.sock") && page.contains("does not answer"), "{page}");
        assert!(page.contains("w2.example"), "it was taken in all the same");
        assert_eq!(size().await, before + 1, "and is not said to be anchored");

        signer.start().await;
        eventually("anchored", async || size().await == before + 2).await;
        eventually("ready", async || ready().await == (200, "ready\n".to_owned())).await;
        assert_eq!(signer.last().size, before + 2);
        assert!(!operator.get("/admin/witnesses").await.text().contains("does not answer"));
        stop.cancel();
        task.await.expect("it ends");
    }

    async fn the_key_changes_in_the_signers_process(platform: Platform) {
        let mut signer = Signer::with_the_key_of(&platform);
        signer.start().await;
        let away = connected(&platform, &signer).await;
        let (services, router) = platform.changed(|services| services.signer = away);
        let cx = backend::Cx::anonymous(Arc::clone(&services));
        let (old, size) = (services.ledger.verifier_key(), services.ledger.checkpoint().await.expect("one").0.size);
        backend::key_change::begin(&cx).await.expect("begun");
        sequencer::drain(&cx, &Options { batch: 1, ..QUICK }).await.expect("sequenced");
        services.signer.finish().await.expect("finished");
        let new = services.ledger.verifier_key();
        assert!(new != old && services.signer.verifier_key() == new);
        assert!(!signer.config.data.join("ledger.key.next").exists());

        let mut client = Client::new(router);
        assert_eq!(client.get("/ledger/vkey").await.text(), format!("{new}\n"));
        let list = client.get("/ledger/keys").await;
        assert_eq!(list.header("content-type"), "text/plain; charset=utf-8");
        let keys: ledger::log_keys::LogKeys = list.text().parse().expect("a list");
        assert_eq!(keys.terms().iter().map(|term| (&term.key, term.from)).collect::<Vec<_>>(), [(&old, 0), (&new, size + 1)]);
        let page = client.get("/ledger").await.text();
        for shown in [new.to_string().split('+').nth(1).expect("an id"), old.to_string().split('+').nth(1).expect("an id")] {
            assert!(page.contains(shown), "{shown} is not shown");
        }
        assert!(page.contains(&format!("/ledger/entries/{size}")));
        let entry = client.get(&format!("/ledger/entries/{size}")).await;
        assert_eq!(entry.status, 200, "{}", entry.text());
        // Checkpoints of both times are served, and compared.
        let compared = client.get(&format!("/ledger/consistency?from={size}&to={}", size + 1)).await;
        assert_eq!(compared.status, 200);
        assert!(compared.text().contains(&old.to_string()) && compared.text().contains(&new.to_string()));

        // A server that starts while the signer is away knows which key is the log's.
        signer.stop().await;
        let restarted = connected(&platform, &signer).await;
        assert_eq!(restarted.verifier_key(), new);
    }
}

/// Asks over the socket, as another program than the platform would.
async fn asked(socket: &Path, path: &str, body: Option<Value>) -> (u16, String) {
    let client = reqwest::Client::builder().unix_socket(socket.to_owned()).build().expect("a client");
    let url = format!("http://signer{path}");
    let request = match body {
        Some(body) => client.post(url).header("content-type", "application/json").body(body.to_string()),
        None => client.get(url),
    };
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn over_the_socket_it_neither_goes_back_nor_forks_nor_signs_for_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Signer::config(folder.path(), "log.example");
    let random = backend::chance::Random::seeded(1);
    let made = backend::signer::AtHand::make(
        &config.data,
        "log.example",
        config.key().expect("a place"),
        None,
        &random,
    );
    let key = made.expect("a key").verifier_key();
    let mut signer = Signer { config, task: None };
    signer.start().await;
    let socket = signer.config.socket.clone();
    assert_eq!(fs::metadata(&socket).expect("a socket").permissions().mode() & 0o777, 0o600);
    assert!(
        SignerProcess::open(&signer.config)
            .err()
            .expect("one at a time")
            .to_string()
            .contains("another signer")
    );

    let tree = |prefix: &str, size: u64| {
        let entries: Vec<String> = (0..size).map(|i| format!("{prefix}{i}")).collect();
        Tree::empty().append(&entries).expect("small").tree
    };
    let text = |origin: &str, tree: &Tree| {
        Checkpoint { origin: origin.into(), size: tree.size(), root: tree.root() }.to_string()
    };
    let sign = async |text: String| asked(&socket, "/sign", Some(json!({ "checkpoint": text }))).await;
    let (status, note) = sign(text("log.example", &tree("a", 4))).await;
    assert_eq!(status, 200, "{note}");
    assert!(Checkpoint::open(&note, &key, &[]).is_ok());
    for (checkpoint, why) in [
        (text("log.example", &tree("a", 3)), "does not go back"),
        (text("log.example", &tree("b", 4)), "fork"),
        (text("log.example", &tree("a", 5)), "fork"),
        (text("other.example", &tree("a", 5)), "signs for log.example"),
    ] {
        let (status, said) = sign(checkpoint).await;
        assert!(status == 409 && said.contains(why), "{status} {said}");
        assert_eq!(signer.last().size, 4);
    }
    assert_eq!(sign(text("log.example", &tree("a", 4))).await, (200, note), "the same again");

    for body in [json!({}), json!({ "checkpoint": "x" }), json!({ "checkpoint": "x", "colour": 1 })] {
        let (status, said) = asked(&socket, "/sign", Some(body)).await;
        assert!((400..500).contains(&status) && status != 409, "{status} {said}");
    }
    let (status, standing) = asked(&socket, "/standing", None).await;
    let standing: Value = serde_json::from_str(&standing).expect("JSON");
    assert_eq!((status, &standing["key"]), (200, &json!(key.to_string())));
    let seed = fs::read_to_string(signer.config.data.join("ledger.key")).expect("a seed");
    assert!(!standing.to_string().contains(seed.trim()));

    // What cannot be remembered is not signed, and that is no refusal.
    let memory = signer.config.data.join("ledger.signer");
    let kept = fs::read_to_string(&memory).expect("a memory");
    // As by hand: such a file is replaced, and the replacement's place is taken.
    fs::write(&memory, signer.last().to_string()).expect("written");
    assert!(kept.ends_with("\n\n") && kept.contains(&signer.last().to_string()));
    fs::create_dir(signer.config.data.join("ledger.signer.new")).expect("in the way");
    let next = json!({ "checkpoint": text("log.example", &tree("a", 4)) });
    assert_eq!(asked(&socket, "/sign", Some(next)).await.0, 200, "nothing to remember");
    let grown = Tree::empty().append(&["a0", "a1", "a2", "a3", "a4", "a5"]).expect("small");
    let find = |wanted: &ledger::Tile| {
        grown.tiles.iter().find(|(tile, _)| tile == wanted).map(|(_, bytes)| bytes.clone()).ok_or(())
    };
    let proof: Vec<String> = ledger::tree::consistency_proof(4, 6, find)
        .expect("a proof")
        .iter()
        .map(|hash| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hash.0))
        .collect();
    let next = json!({ "checkpoint": text("log.example", &grown.tree), "extends": proof });
    let (status, said) = asked(&socket, "/sign", Some(next.clone())).await;
    assert!(status == 500 && said.contains("durable"), "{status} {said}");
    assert_eq!(signer.last().size, 4);
    fs::remove_dir(signer.config.data.join("ledger.signer.new")).expect("out of the way");
    assert_eq!(asked(&socket, "/sign", Some(next)).await.0, 200);
    assert_eq!(signer.last().size, 6);
}

#[tokio::test]
async fn an_instance_has_one_signer() {
    let platform = Platform::sqlite().await;
    let folder = platform.folder.path();
    let origin = platform.services.signer.origin().to_owned();
    let connect = async |socket: &Path, origin: &str| {
        LogSigner::connect(socket, folder, origin, true).await.err().map(|error| format!("{error:#}"))
    };
    let socket = folder.join("signer.sock");
    let said = connect(&socket, &origin).await.expect("two keys");
    assert!(said.contains("ledger.key of its own"), "{said}");
    let mut signer = Signer::with_the_key_of(&platform);
    let said = connect(&socket, &origin).await.expect("nobody there");
    assert!(said.contains("must answer once") && said.contains("signer.sock"), "{said}");
    signer.start().await;
    let said = connect(&socket, "other.example").await.expect("another log");
    assert!(said.contains("other.example") && said.contains(&origin), "{said}");
    assert!(!folder.join("ledger.vkey").exists(), "another log's key is not kept");
    assert_eq!(connect(&socket, &origin).await, None);
    assert!(fs::read_to_string(folder.join("ledger.vkey")).expect("pinned").starts_with(&origin));
}
