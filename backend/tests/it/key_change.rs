//! The log changes its key: what is signed by whom, crashes on the way, what was issued before, and what `fsck` says about the list.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use backend::{
    Cx, Services,
    evidence::Subject,
    faults::{Fault, Faults, Point},
    fsck::{self, Check},
    key_change::{self, Begun},
    receipt,
    sequencer::{self, Options},
};
use ledger::{
    checkpoint::Checkpoint,
    key::VerifierKey,
    log_keys::LogKeys,
    receipt::{Receipt, Trust, verify, verify_trusting},
};

use crate::{
    World,
    cast::Cast,
    on_both,
    review::submitted,
    sequencer::{QUICK, organisation, record},
};

const ONE_BY_ONE: Options = Options { batch: 1, ..QUICK };

/// As `guxin ledger rotate-key` does it.
async fn change(cx: &Cx) -> (VerifierKey, VerifierKey) {
    let old = cx.ledger.verifier_key();
    sequencer::drain(cx, &QUICK).await.expect("sequenced");
    assert!(matches!(key_change::begin(cx).await.expect("begun"), Begun::Now(_)));
    sequencer::drain(cx, &ONE_BY_ONE).await.expect("sequenced");
    cx.signer.finish().await.expect("finished");
    (old, cx.ledger.verifier_key())
}

/// What anybody reads: the list, and the checkpoint.
fn published(world: &World) -> (LogKeys, String) {
    let read =
        |name: &str| fs::read_to_string(world.folder.path().join("objects/ledger").join(name)).expect(name);
    (read("keys").parse().expect("a list that holds"), read("checkpoint"))
}

fn signs(note: &str, key: &VerifierKey) -> bool {
    Checkpoint::open(note, key, &[]).is_ok()
}

async fn is_sound(cx: &Cx) {
    let report = fsck::run(cx, &mut |_, _, _| {}).await.expect("read");
    assert!(report.is_good(), "{report}");
}

on_both! {
    async fn both_keys_sign_where_one_takes_over_and_the_old_secret_is_gone(world: World) {
        Cast::of(&world).await;
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        let folder = world.folder.path();
        record(&cx, org, 20).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        assert!(!folder.join("objects/ledger/keys").exists(), "no list before there is more than one key");
        let seed = fs::read(folder.join("ledger.key")).expect("a key");
        let before = published_checkpoint(&world);

        let (old, new) = change(&cx).await;
        assert_ne!(old, new);
        let (keys, note) = published(&world);
        assert!(signs(&note, &old) && signs(&note, &new), "{note}");
        assert_eq!(keys.terms().iter().map(|term| (term.from, term.until)).collect::<Vec<_>>(), [(0, Some(21)), (21, None)]);
        assert_eq!((keys.terms()[1].entry, keys.current()), (Some(20), &new), "the change is the last entry of its tree");
        // The retired seed is nowhere any more.
        for entry in fs::read_dir(folder).expect("a folder").flatten().filter(|entry| entry.path().is_file()) {
            let bytes = fs::read(entry.path()).expect("a file");
            let text = seed.trim_ascii_end();
            assert!(!bytes.windows(text.len()).any(|part| part == text), "{}", entry.path().display());
        }
        assert!(!folder.join("ledger.key.next").exists() && !folder.join("ledger.change").exists());

        record(&cx, org, 3).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let (_, note) = published(&world);
        assert!(signs(&note, &new) && !signs(&note, &old), "{note}");
        // What was kept from before is still of this log.
        assert!(signs(&before, &old));
        let kept = keys.open(&before, &[]).expect("of its time");
        let newest = cx.ledger.checkpoint().await.expect("a checkpoint").0;
        let proof = cx.ledger.consistency(kept.checkpoint.size, newest.size).await.expect("a proof");
        ledger::merkle::verify_consistency(kept.checkpoint.size, newest.size, &proof, kept.checkpoint.root, newest.root).expect("one history");
        is_sound(&cx).await;

        // A restarted process knows, and the key changes again.
        let again = Cx::anonymous(world.reopen(Faults::default(), 77).await);
        assert_eq!(again.ledger.verifier_key(), new);
        let (second, third) = change(&again).await;
        assert_eq!(second, new);
        let (keys, _) = published(&world);
        assert_eq!(keys.terms().iter().map(|term| term.key.clone()).collect::<Vec<_>>(), [old, new, third]);
        is_sound(&again).await;
        // The first process goes on reading: it finds the new list by itself.
        record(&again, org, 1).await;
        sequencer::drain(&again, &QUICK).await.expect("sequenced");
        assert_eq!(cx.ledger.checkpoint().await.expect("read with the third key").0.size, 26);
        assert_eq!(cx.ledger.keys(), again.ledger.keys());
    }

    async fn a_crash_at_any_point_leaves_a_change_that_is_finished_later(world: World) {
        Cast::of(&world).await;
        let org = organisation(&world.anonymous()).await;
        let mut size = 0;
        for (round, point) in Point::ALL.into_iter().enumerate() {
            let seed = 300 + 3 * u64::try_from(round).expect("small");
            let first = Cx::anonymous(world.reopen(Faults::default(), seed).await);
            record(&first, org, 4).await;
            sequencer::drain(&first, &QUICK).await.expect("sequenced");
            let old = first.ledger.verifier_key();
            first.db.close().await;

            let (reached, mut arrived) = tokio::sync::mpsc::unbounded_channel();
            let passed = AtomicUsize::new(0);
            let faults = Faults::when(move |at| {
                if at == point && passed.fetch_add(1, Ordering::SeqCst) == 0 {
                    let _ = reached.send(());
                    return Fault::Hang;
                }
                Fault::Pass
            });
            let doomed = Cx::anonymous(world.reopen(faults, seed + 1).await);
            key_change::begin(&doomed).await.expect("begun");
            let task = tokio::spawn({
                let doomed = doomed.clone();
                async move { sequencer::drain(&doomed, &ONE_BY_ONE).await }
            });
            tokio::time::timeout(Duration::from_secs(60), arrived.recv()).await.expect("the point is reached");
            task.abort();
            let _ = task.await;
            doomed.db.close().await;

            // A server is started, and more waits than before: the change need not be the last entry of its tree.
            let restarted = Cx::anonymous(world.reopen(Faults::default(), seed + 2).await);
            record(&restarted, org, 3).await;
            size = sequencer::drain(&restarted, &QUICK).await.unwrap_or_else(|e| panic!("after {point:?}: {e}"));
            let new = restarted.ledger.verifier_key();
            assert_ne!(old, new, "after {point:?}");
            let (keys, note) = published(&world);
            assert_eq!(keys.terms().len(), round + 2, "after {point:?}");
            assert_eq!((keys.current(), signs(&note, &new)), (&new, true), "after {point:?}");
            record(&restarted, org, 1).await;
            size = sequencer::drain(&restarted, &QUICK).await.unwrap_or_else(|e| panic!("after {point:?}: {e}")).max(size);
            let (_, note) = published(&world);
            assert!(signs(&note, &new) && !signs(&note, &old), "after {point:?}");
            is_sound(&restarted).await;
            restarted.db.close().await;
        }
        assert_eq!(size, Point::ALL.len() as u64 * (4 + 1 + 3 + 1), "nothing twice, nothing lost");
    }

    async fn one_change_at_a_time(world: World) {
        let cx = world.anonymous();
        let error = key_change::begin(&cx).await.expect_err("whose act would it be");
        assert!(error.to_string().contains("no exchange"), "{error}");
        Cast::of(&world).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let Begun::Now(first) = key_change::begin(&cx).await.expect("begun") else { panic!("nothing was under way") };
        assert_eq!(key_change::begin(&cx).await.expect("looked"), Begun::Before);
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        assert_eq!(cx.ledger.verifier_key(), *first.new_key());
        // The checkpoint is signed and the old secret still there: no second change before that is finished.
        let error = key_change::begin(&cx).await.expect_err("not finished");
        assert!(error.to_string().contains("not finished"), "{error}");
        cx.signer.finish().await.expect("finished");
        cx.signer.finish().await.expect("nothing to do");
        assert!(matches!(key_change::begin(&cx).await.expect("begun"), Begun::Now(_)));
    }

    async fn what_was_issued_before_holds_after(world: World) {
        let cast = Cast::of(&world).await;
        let (id, _) = submitted(&cast).await;
        let cx = world.anonymous();
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let kept = receipt::file(&cast.enterprise, id, 1).await.expect("a receipt");
        let bundle = packed(&cast.enterprise, id).await;

        let (old, new) = change(&cx).await;
        record(&cx, organisation(&cx).await, 2).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let keys = cx.ledger.keys();
        let (old_text, new_text) = (old.to_string(), new.to_string());
        assert!(verify(&kept, None, Some(&old_text)).is_valid());
        let without = verify(&kept, None, Some(&new_text));
        assert_eq!(without.first_failure().expect("another key").code, "checkpoint.other_key");
        for vkey in [&old_text, &new_text] {
            let trust = Trust { vkey: Some(vkey), keys: Some(&keys), witnesses: &[] };
            let report = verify_trusting(&kept, None, &trust);
            assert!(report.is_valid(), "{report:?}");
        }
        // Fetched again it is under the new key; evidence is the same bytes as before, under the key of its time.
        let fetched = receipt::file(&cast.enterprise, id, 1).await.expect("a receipt");
        assert_eq!(Receipt::parse(&fetched).expect("a receipt").log.vkey, new_text);
        assert!(verify(&fetched, None, Some(&new_text)).is_valid());
        assert!(packed(&cast.enterprise, id).await == bundle, "the evidence is not the same bytes again");
        is_sound(&cx).await;
    }

    async fn a_list_that_is_not_the_ledgers_is_named(world: World) {
        Cast::of(&world).await;
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        record(&cx, org, 5).await;
        change(&cx).await;
        record(&cx, org, 5).await;
        change(&cx).await;
        let path = world.folder.path().join("objects/ledger/keys");
        let text = fs::read_to_string(&path).expect("a list");
        let last = text.rfind("\n\nc2sp.org").expect("two changes");
        let found = async |list: &str| {
            fs::write(&path, list).expect("changed");
            let report = fsck::run(&cx, &mut |_, _, _| {}).await.expect("read");
            let head = report.checks[&Check::Head].first.clone();
            let head = head.unwrap_or_else(|| panic!("nothing found: {report}"));
            assert_eq!(head.place, "ledger/keys");
            head.what
        };
        let shorter = {
            let keys: LogKeys = text.parse().expect("a list");
            LogKeys::only(keys.terms()[0].key.clone()).with(keys.links()[0].clone()).expect("one change").to_string()
        };
        assert!(found(&shorter).await.contains("does not have the change of the key in entry 11"));
        assert!(found(&text[..last]).await.contains("not a list"));
        assert!(found(&text.replacen(" 0 6\n", " 0 7\n", 1)).await.contains("not a list"));
        assert!(found(&text.replacen("index 5\n", "index 4\n", 1)).await.contains("link"));
        fs::remove_file(&path).expect("lost");
        let fresh = fsck::run(&reopened_reading(&world).await, &mut |_, _, _| {}).await.expect("read");
        assert!(!fresh.is_good(), "{fresh}");
        fs::write(&path, &text).expect("restored");
        is_sound(&cx).await;
    }
}

fn published_checkpoint(world: &World) -> String {
    fs::read_to_string(world.folder.path().join("objects/ledger/checkpoint")).expect("a checkpoint")
}

/// As `guxin ledger fsck` opens it: a list that does not hold is no reason not to look.
async fn reopened_reading(world: &World) -> Cx {
    let services: Services = (*world.services).clone();
    let ledger =
        backend::ledger_store::LedgerStore::new(services.objects.clone(), services.signer.verifier_key());
    Cx::anonymous(Arc::new(Services { ledger, ..services }))
}

async fn packed(cx: &Cx, id: domain::id::FilingId) -> Vec<u8> {
    crate::evidence::packed(cx, Subject::Version(id, 1)).await
}
