//! The platform's log with four witnesses: registered by the operator, asked in the background, counted by everybody.

use backend::{
    Cx,
    chance::Random,
    sequencer::{self, Options},
    witness::{
        asking,
        finality::{self, Judge},
    },
};
use ledger::{
    checkpoint::Checkpoint, cosignature::Cosigner, note::Note, policy::Policy, proof::Proof, receipt::Receipt,
};
use server::witness::Witness;

use super::{Served, Site};
use crate::{Client, Platform, Who, on_both};

/// Short waits, so that tests are quick.
pub(super) const QUICK: asking::Options = asking::Options {
    timeout: std::time::Duration::from_secs(5),
    tick: std::time::Duration::from_millis(50),
    pause: std::time::Duration::from_millis(10),
    longest_pause: std::time::Duration::from_millis(40),
};

/// A witness that knows the platform's log.
pub(super) fn site_for(platform: &Platform, name: &str, more: &str) -> Site {
    let vkey = platform.services.signer.vkey();
    let origin = platform.services.signer.origin();
    Site::new(name, &format!("[[log]]\norigin = \"{origin}\"\nvkey = \"{vkey}\"\n{more}"))
}

/// Four witnesses at work, registered by the operator.
pub(super) async fn four(platform: &Platform) -> Vec<(Site, Witness, Served)> {
    let mut operator = platform.client(Who::Operator);
    let mut all = Vec::new();
    for n in 1..=4 {
        let site = site_for(platform, &format!("w{n}.example/guxin"), "");
        let witness = site.open();
        let served = Served::new(witness.router()).await;
        let fields = [("vkey", witness.vkey()), ("url", format!("{}/", served.url()))];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = operator.submit("/admin/witnesses", "/do/witness/register", &fields).await;
        assert_eq!(answer.location(), "/admin/witnesses", "{}", answer.text());
        let page = operator.get("/admin/witnesses").await.text();
        assert!(page.contains("已登记") && page.contains(&format!("w{n}.example/guxin")), "{page}");
        all.push((site, witness, served));
    }
    platform.anchor().await;
    all
}

pub(super) async fn published(platform: &Platform) -> String {
    Client::new(platform.router.clone()).get("/ledger/checkpoint").await.text()
}

pub(super) async fn policy(platform: &Platform) -> Policy {
    Client::new(platform.router.clone()).get("/ledger/policy").await.text().parse().expect("a policy")
}

/// One more entry on the ledger.
pub(super) async fn grow(platform: &Platform) {
    let upload = format!("/filings/{}/slots/audit_report/documents", platform.known.draft);
    let name = hex::encode(Random::System.bytes::<4>());
    let answer =
        platform.client(Who::OtherEnterprise).upload(&upload, "a.pdf", crate::upload::pdf(&name)).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    platform.anchor().await;
}

on_both! {
    async fn a_checkpoint_becomes_final_with_three_of_four(platform: Platform) {
        let cx = platform.cx();
        assert!(finality::newest(&cx).await.expect("read").is_none());
        let mut witnesses = four(&platform).await;
        let plain = published(&platform).await;
        assert!(!policy(&platform).await.open(&plain, None).expect("signed").is_final);
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 4);
        let full = published(&platform).await;
        assert!(full.starts_with(&plain), "the log's own line comes first: {full}");
        let judged = policy(&platform).await.open(&full, None).expect("verifies");
        assert_eq!((judged.present.len(), judged.is_final), (4, true));
        let page = Client::new(platform.router.clone()).get("/ledger").await.text();
        assert!(page.contains("已由 4/4 见证") && page.contains("终局"), "{page}");

        // One is down: the ledger grows, and three are enough.
        drop(witnesses.pop());
        grow(&platform).await;
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 3);
        let three = published(&platform).await;
        let judged = policy(&platform).await.open(&three, None).expect("verifies");
        assert_eq!((judged.present.len(), judged.missing.clone(), judged.is_final), (3, vec!["w4.example/guxin".to_owned()], true));
        let page = Client::new(platform.router.clone()).get("/ledger/witnesses").await.text();
        assert!(page.contains("无法连接"), "{page}");

        // Two are down: nothing waits for them, and the newest checkpoint is not final; the one before still is.
        let last_final = finality::newest(&cx).await.expect("read").expect("final").0;
        drop(witnesses.pop());
        grow(&platform).await;
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 2);
        let two = published(&platform).await;
        assert!(!policy(&platform).await.open(&two, None).expect("verifies").is_final);
        assert_eq!(finality::newest(&cx).await.expect("read").expect("final").0, last_final);
        let judged = Judge::now(&cx).await.expect("read").judge(&cx, &two).expect("judged");
        assert_eq!((judged.present.len(), judged.needed, judged.is_final), (2, 3, false));

        // A restarted server publishes the plain checkpoint where the lines were lost, and then the lines again.
        let lost = Note::new(two.parse::<Note>().expect("a note").text()).expect("a note")
            .with(two.parse::<Note>().expect("a note").signatures()[0].clone()).to_string();
        std::fs::write(platform.folder.path().join("objects/ledger/checkpoint"), &lost).expect("written");
        let stop = tokio_util::sync::CancellationToken::new();
        let task = tokio::spawn(asking::run(platform.services.clone(), QUICK, stop.clone()));
        for _ in 0..200 {
            if published(&platform).await == two { break; }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert_eq!(published(&platform).await, two);
        // The sequencer takes over a checkpoint with lines as its own.
        assert_eq!(sequencer::drain(&cx, &Options::default()).await.expect("drained"), last_final.size + 1);
        assert_eq!(published(&platform).await, two, "loading the head leaves the witnesses' lines alone");
        stop.cancel();
        task.await.expect("ended");
    }

    async fn a_receipt_carries_the_cosignatures_and_more_when_it_is_fetched_again(platform: Platform) {
        let witnesses = four(&platform).await;
        let path = format!("/filings/{}/versions/1/receipt.json", platform.known.submitted.filing);
        let fetch = || async {
            let answer = platform.client(Who::OwnerSubmitted).get(&path).await;
            assert!(answer.status.is_success(), "{}", answer.text());
            let receipt = Receipt::parse(&answer.body).expect("a receipt");
            assert!(ledger::receipt::verify(&answer.body, None, Some(&platform.services.signer.vkey())).is_valid());
            receipt.proof.parse::<Proof>().expect("a proof").checkpoint
        };
        let policy = policy(&platform).await;
        assert!(policy.open(&fetch().await, None).expect("verifies").present.is_empty());
        asking::once(&platform.cx(), QUICK).await.expect("asked");
        assert!(policy.open(&fetch().await, None).expect("verifies").is_final);
        // The newest checkpoint waits for witnesses that are gone: the receipt goes by the final one.
        drop(witnesses);
        grow(&platform).await;
        assert!(!policy.open(&published(&platform).await, None).expect("verifies").is_final);
        assert!(policy.open(&fetch().await, None).expect("verifies").is_final);
    }

    async fn a_liar_is_found_out_and_counts_for_nothing(platform: Platform) {
        let cx = platform.cx();
        let key = Cosigner::from_seed("liar.example", &[5; 32]).expect("a key");
        let other = Cosigner::from_seed("liar.example", &[6; 32]).expect("a key");
        let text = std::sync::Arc::new(std::sync::Mutex::new((200, String::new())));
        let told = text.clone();
        let router = axum::Router::new().route("/add-checkpoint", axum::routing::post(move || {
            let (status, body) = told.lock().expect("a lock").clone();
            async move { (axum::http::StatusCode::from_u16(status).expect("a status"), body) }
        }));
        let served = Served::new(router).await;
        let (vkey, url) = (key.verifier_key().to_string(), served.url());
        let mut operator = platform.client(Who::Operator);
        operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", &vkey), ("url", &url)]).await;
        platform.anchor().await;
        let plain = published(&platform).await;
        let body = plain.parse::<Note>().expect("a note").text().to_owned();
        let size = Checkpoint::with_extensions(&body).expect("a checkpoint").size;
        let cases = [
            (200, String::new(), "answer"),
            (200, "thanks\n".to_owned(), "answer"),
            (200, format!("{}\n", other.cosign(&body, 1)), "answer"),
            (200, format!("{}\n", key.cosign("another\n1\n", 1)), "answer"),
            (409, format!("{}\n", size + 7), "ahead"),
            (409, format!("{size}\n"), "fork"),
            (409, "many\n".to_owned(), "answer"),
            (404, String::new(), "unknown_log"),
            (500, "x".repeat(200_000), "answer"),
            (403, "no\n".to_owned(), "refused"),
        ];
        for (status, said, expected) in cases {
            *text.lock().expect("a lock") = (status, said.clone());
            assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 0, "{said:.80}");
            let known = backend::witness::list(&cx).await.expect("read");
            let (code, _) = known[0].failure().expect("a failure");
            assert_eq!(code, expected, "{status} {said:.80}");
            assert_eq!(published(&platform).await, plain);
        }
        assert_eq!(backend::witness::list(&cx).await.expect("read")[0].failures, 10);
        *text.lock().expect("a lock") = (200, format!("{}\n", key.cosign(&body, 77)));
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 1);
        let known = backend::witness::list(&cx).await.expect("read");
        assert_eq!((known[0].failures, known[0].error.clone()), (0, None));
    }

    async fn a_leader_does_not_sign_below_what_a_witness_has_seen(platform: Platform) {
        let cx = platform.cx();
        let key = Cosigner::from_seed("ahead.example", &[5; 32]).expect("a key");
        let text = std::sync::Arc::new(std::sync::Mutex::new((500, String::new())));
        let told = text.clone();
        let router = axum::Router::new().route("/add-checkpoint", axum::routing::post(move || {
            let (status, body) = told.lock().expect("a lock").clone();
            async move { (axum::http::StatusCode::from_u16(status).expect("a status"), body) }
        }));
        let served = Served::new(router).await;
        let (vkey, url) = (key.verifier_key().to_string(), served.url());
        let mut operator = platform.client(Who::Operator);
        operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", &vkey), ("url", &url)]).await;
        platform.anchor().await;
        let (released, plain) = (ledger_size(&cx).await, published(&platform).await);
        // A term begins with every call.
        for (status, said, seen) in [
            (409, format!("{}\n", released + 7), "a ledger of"),
            (409, format!("{released}\n"), "another ledger of"),
            (422, String::new(), "another ledger of"),
        ] {
            *text.lock().expect("a lock") = (status, said);
            let refused = sequencer::drain(&cx, &Options::default()).await.expect_err("refused").to_string();
            assert!(refused.contains("ahead.example") && refused.contains(seen), "{refused}");
            assert_eq!(published(&platform).await, plain);
        }
        for (status, said) in [(409, "1\n"), (404, ""), (500, ""), (409, "many\n")] {
            *text.lock().expect("a lock") = (status, said.to_owned());
            sequencer::drain(&cx, &Options::default()).await.expect("goes on");
        }
        // One that is mistaken is ended, and the log goes on.
        *text.lock().expect("a lock") = (409, format!("{}\n", released + 7));
        let id = backend::witness::list(&cx).await.expect("read")[0].id.to_string();
        operator.submit("/admin/witnesses", "/do/witness/end", &[("witness", &id)]).await;
        sequencer::drain(&cx, &Options::default()).await.expect("goes on");
        assert!(ledger_size(&cx).await > released);
    }

    async fn an_answer_that_comes_late_never_puts_an_older_checkpoint_over_a_newer_one(platform: Platform) {
        let cx = platform.cx();
        let key = Cosigner::from_seed("slow.example", &[5; 32]).expect("a key");
        let vkey = key.verifier_key().to_string();
        let (asked, answer) = (std::sync::Arc::new(tokio::sync::Notify::new()), std::sync::Arc::new(tokio::sync::Notify::new()));
        let (was_asked, may_answer) = (asked.clone(), answer.clone());
        let router = axum::Router::new().route("/add-checkpoint", axum::routing::post(move |body: String| {
            let (key, asked, answer) = (key.clone(), was_asked.clone(), may_answer.clone());
            async move {
                let request: ledger::witness::Request = body.parse().expect("a request");
                asked.notify_one();
                answer.notified().await;
                let note: Note = request.checkpoint.parse().expect("a note");
                format!("{}\n", key.cosign(note.text(), 77))
            }
        }));
        let served = Served::new(router).await;
        let mut operator = platform.client(Who::Operator);
        operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", &vkey), ("url", &served.url())]).await;
        platform.anchor().await;
        let old = cx.ledger.checkpoint().await.expect("published").0;
        let working = cx.clone();
        let asking = tokio::spawn(async move { asking::once(&working, QUICK).await });
        asked.notified().await;
        grow(&platform).await;
        let newer = published(&platform).await;
        answer.notify_one();
        assert_eq!(asking.await.expect("ended").expect("asked"), 1, "the late line is kept");
        assert_eq!(published(&platform).await, newer, "and published nowhere");
        let known = backend::witness::list(&cx).await.expect("read");
        assert_eq!(u64::try_from(known[0].size), Ok(old.size));
        answer.notify_one();
        assert_eq!(asking::once(&cx, QUICK).await.expect("asked"), 1, "the newest is asked about next");
        assert!(published(&platform).await.starts_with(&newer) && published(&platform).await.contains("slow.example"));
    }

    async fn only_sound_registrations_are_taken_and_each_is_on_the_ledger(platform: Platform) {
        let mut operator = platform.client(Who::Operator);
        let key = |name: &str, seed| Cosigner::from_seed(name, &[seed; 32]).expect("a key").verifier_key().to_string();
        let good = key("w.example", 1);
        let log = platform.services.signer.vkey();
        let before = ledger_size(&platform.cx()).await;
        for (vkey, url, said) in [
            ("", "https://w.example", "vkey"),
            ("w.example+00000000+BA==", "https://w.example", "不是有效的公钥"),
            (log.as_str(), "https://w.example", "这不是见证密钥"),
            (good.as_str(), "w.example", "请填写完整网址"),
        ] {
            operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", vkey), ("url", url)]).await;
            let page = operator.get("/admin/witnesses").await.text();
            assert!(page.contains(said), "{vkey} {url}: {page}");
        }
        assert_eq!(backend::witness::list(&platform.cx()).await.expect("read"), []);
        operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", &good), ("url", "https://w.example/")]).await;
        let twice = key("other.example", 1);
        operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", &twice), ("url", "https://w.example")]).await;
        assert!(operator.get("/admin/witnesses").await.text().contains("同一密钥只能算一个"));
        let known = backend::witness::list(&platform.cx()).await.expect("read");
        assert_eq!((known.len(), known[0].url.as_str()), (1, "https://w.example"));

        let version = || async { backend::witness::threshold(&platform.cx()).await.expect("read") };
        assert_eq!(version().await.0, 3, "3 of 4 unless it is changed");
        for wrong in ["", "0", "33", "-1", "two"] {
            let at = version().await.1.to_string();
            operator.submit("/admin/witnesses", "/do/witness/set-threshold", &[("threshold", wrong), ("version", &at)]).await;
            assert_eq!(version().await.0, 3, "{wrong}");
        }
        let at = version().await.1.to_string();
        operator.submit("/admin/witnesses", "/do/witness/set-threshold", &[("threshold", "1"), ("version", &at)]).await;
        assert_eq!(version().await.0, 1);
        operator.submit("/admin/witnesses", "/do/witness/set-threshold", &[("threshold", "2"), ("version", &at)]).await;
        assert_eq!(version().await.0, 1, "a number that somebody else changed meanwhile");

        let id = known[0].id.to_string();
        operator.submit("/admin/witnesses", "/do/witness/end", &[("witness", &id)]).await;
        assert!(!backend::witness::list(&platform.cx()).await.expect("read")[0].is_active());
        operator.submit("/admin/witnesses", "/do/witness/register", &[("vkey", &good), ("url", "https://new.example")]).await;
        let known = backend::witness::list(&platform.cx()).await.expect("read");
        assert_eq!((known.len(), known[0].is_active(), known[0].url.as_str()), (1, true, "https://new.example"));
        platform.anchor().await;
        assert_eq!(ledger_size(&platform.cx()).await, before + 4, "registered, number, ended, registered again");
    }
}

async fn ledger_size(cx: &Cx) -> u64 {
    sequencer::drain(cx, &Options::default()).await.expect("drained")
}
