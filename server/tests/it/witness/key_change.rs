//! The log changes its key while witnesses and a mirror follow it: one that knows only the old key refuses and delays finality, and goes
//! on once it has been told the new one.

use backend::{
    Cx,
    chance::Random,
    key_change,
    ledger_audit::{self, Audit},
    remote_log::RemoteLog,
    sequencer::{self, Options},
    witness::{asking, finality},
};
use ledger::{
    key::VerifierKey,
    log_keys::LogKeys,
    receipt::{Receipt, Trust, verify_trusting},
};
use server::witness::config::Keys;

use super::{
    Served,
    log::{QUICK, four, grow, policy, published, site_for},
    watching::{again, health},
};
use crate::{Client, Platform, Who, on_both};

async fn change(platform: &Platform) -> (VerifierKey, VerifierKey) {
    // The platform's own chance makes the key that the log has already.
    let (services, _) = platform.changed(|services| services.random = Random::System);
    let cx = Cx::anonymous(services);
    let old = cx.ledger.verifier_key();
    platform.anchor().await;
    key_change::begin(&cx).await.expect("begun");
    sequencer::drain(&cx, &Options { batch: 1, ..Options::default() }).await.expect("sequenced");
    cx.signer.finish().await.expect("finished");
    (old, cx.ledger.verifier_key())
}

on_both! {
    async fn a_witness_goes_on_once_it_knows_the_new_key(platform: Platform) {
        let cx = platform.cx();
        let witnesses = four(&platform).await;
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 4);
        let final_before = finality::newest(&cx).await.expect("read").expect("final").0;
        let path = format!("/filings/{}/versions/1/receipt.json", platform.known.submitted.filing);
        let receipt = async || platform.client(Who::OwnerSubmitted).get(&path).await.body;
        let kept = receipt().await;

        // The checkpoint that both keys signed is good for whoever knows either.
        let (old, new) = change(&platform).await;
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 4);
        let border = finality::newest(&cx).await.expect("read").expect("final").0;
        assert!(border.size > final_before.size);
        assert!(policy(&platform).await.open(&published(&platform).await, None).expect("verifies").is_final);

        // The next is the new key's alone: they refuse, nothing waits for them, and the receipt goes by the last final one.
        grow(&platform).await;
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 0);
        assert_eq!(finality::newest(&cx).await.expect("read").expect("final").0, border);
        let page = Client::new(platform.router.clone()).get("/ledger/witnesses").await;
        assert_eq!(page.status, 200);
        let keys = cx.ledger.keys();
        for (file, vkey) in [(&kept, &old), (&kept, &new), (&receipt().await, &new), (&receipt().await, &old)] {
            let vkey = vkey.to_string();
            let trust = Trust { vkey: Some(&vkey), keys: Some(&keys), witnesses: &[] };
            let report = verify_trusting(file, None, &trust);
            assert!(report.is_valid(), "{report:?}");
        }
        assert_eq!(Receipt::parse(&kept).expect("a receipt").log.vkey, old.to_string());

        // Told the new key and started again, each goes on from what it remembers.
        let mut told = Vec::new();
        for (mut site, witness, served) in witnesses {
            let address = served.address;
            drop((witness, served));
            site.config.logs[0].vkey = Keys::Several(vec![new.to_string(), old.to_string()]);
            let witness = loop {
                // What the old process was still answering holds its lock for a moment.
                match server::witness::Witness::open(site.config.clone(), site.clock.clone(), None) {
                    Ok(witness) => break witness,
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
                }
            };
            let served = again(address, witness.router()).await;
            told.push((site, witness, served));
        }
        tokio::time::sleep(QUICK.longest_pause).await;
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 4);
        let newest = finality::newest(&cx).await.expect("read").expect("final").0;
        assert_eq!(newest.size, cx.ledger.checkpoint().await.expect("published").0.size);
        assert_eq!(Receipt::parse(&receipt().await).expect("a receipt").log.vkey, new.to_string());
        drop(told);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_follows_and_serves_the_list_and_a_monitor_reads_both() {
    let platform = Platform::sqlite().await;
    let served = Served::new(platform.router.clone()).await;
    let url = format!("{}/ledger", served.url());
    let mut site = site_for(&platform, "mirror.example", &format!("url = \"{url}\"\nmirror = true\n"));
    let witness = site.open();
    witness.watch_once().await;
    drop(witness);
    let (old, new) = change(&platform).await;
    grow(&platform).await;
    site.config.logs[0].vkey = Keys::Several(vec![new.to_string(), old.to_string()]);
    let witness = site.open();
    witness.watch_once().await;
    let health = health(&witness).await;
    let size = platform.services.ledger.checkpoint().await.expect("a checkpoint").0.size;
    assert_eq!(
        (health["alarms"].clone(), health["logs"][0]["mirrored"].clone()),
        (0.into(), size.into()),
        "{health}"
    );
    let name = health["logs"][0]["name"].as_str().expect("a name");
    let mirror = Served::new(witness.router()).await;
    let mirrored = format!("{}/mirror/{name}", mirror.url());
    let audit = async |url: &str, key: &VerifierKey, from: u64| {
        let log = RemoteLog::new(url).expect("an address");
        let audit = Audit { log: &log, key, from, entries: true, known: None };
        ledger_audit::run(&audit, &mut |_, _| {}).await.expect("read")
    };
    let border = platform.services.ledger.keys().terms()[1].from;
    for url in [&url, &mirrored] {
        for key in [&old, &new] {
            for from in [0, border - 1, border, size] {
                let report = audit(url, key, from).await;
                assert!(report.is_good() && report.size == size, "{url} from {from}: {report}");
            }
        }
    }
    // A list that leaves the change out, and one whose change is not the log's.
    let path = platform.folder.path().join("objects/ledger/keys");
    let copy = tempfile::TempDir::new().expect("a folder");
    let files = platform.folder.path().join("objects");
    let copied =
        std::process::Command::new("cp").args(["-r"]).arg(&files).arg(copy.path()).status().expect("cp");
    assert!(copied.success());
    let folder = copy.path().join("objects");
    let liar =
        Served::new(axum::Router::new().fallback_service(tower_http::services::ServeDir::new(&folder))).await;
    let liar_url = format!("{}/ledger", liar.url());
    assert!(audit(&liar_url, &new, 0).await.is_good());
    std::fs::write(folder.join("ledger/keys"), LogKeys::only(new.clone()).to_string()).expect("written");
    let report = audit(&liar_url, &new, 0).await;
    assert!(
        !report.is_good() && report.to_string().contains("changes the log's key in another way"),
        "{report}"
    );
    let text = std::fs::read_to_string(&path).expect("a list");
    std::fs::write(folder.join("ledger/keys"), text.replace("index ", "index 1")).expect("written");
    let report = audit(&liar_url, &new, 0).await;
    assert!(!report.is_good() && report.findings[0].place == "keys", "{report}");
}
