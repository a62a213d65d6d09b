//! From the outbox to the ledger: the published folder read by nothing but `ledger`, crashes at every point, two
//! sequencers at once, an older database.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use backend::{
    Cx, Error, Services, args,
    chance::Random,
    error::Conflict,
    faults::{Fault, Faults, Point},
    journal::{self, Record},
    ledger_store::{self, leaf},
    queue::Queue,
    sequencer::{self, Options},
    signer::LogSigner,
};
use domain::id::OrgId;
use ledger::{
    EntryKind, Tile, Tree, bundle,
    checkpoint::Checkpoint,
    merkle,
    tile::{self, Rank},
    tree,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::on_both;

/// Short waits, so that tests are quick.
pub(crate) const QUICK: Options = Options {
    batch: 1024,
    quiet: Duration::from_millis(10),
    tick: Duration::from_millis(20),
    pause: Duration::from_millis(5),
    alone: true,
};

pub(crate) async fn organisation(cx: &Cx) -> OrgId {
    let id = OrgId(cx.id());
    let mut tx = cx.db.begin().await.expect("a transaction");
    tx.run(
        "INSERT INTO organisation (id, ledger_name, kind, name, credit_code, standing, created_at, updated_at)
         VALUES ($1, $2, 'enterprise', 'e', $3, 'active', 0, 0)",
        args![id, format!("org-{}", hex::encode(cx.random.bytes::<8>())), hex::encode(cx.random.bytes::<9>())],
    )
    .await
    .expect("an organisation");
    tx.commit().await.expect("durable");
    id
}

/// So many events in one transaction; answers the outbox numbers.
pub(crate) async fn record(cx: &Cx, org: OrgId, count: usize) -> Vec<i64> {
    let mut tx = cx.db.begin().await.expect("a transaction");
    let mut seqs = Vec::new();
    for _ in 0..count {
        let event = Record::new(EntryKind::Evidence, "evidence.deposited", "evidence", cx.id(), 1, org);
        seqs.push(journal::record(&mut tx, cx, event).await.expect("a record"));
    }
    cx.commit(tx).await.expect("durable");
    seqs
}

async fn number(cx: &Cx, sql: &'static str) -> i64 {
    cx.db.read().one::<(i64,)>(sql, args![]).await.expect("a number").0
}

/// Every checkpoint that the database released, oldest first.
async fn released(cx: &Cx) -> Vec<Checkpoint> {
    let rows: Vec<(i64, String)> = cx
        .db
        .read()
        .all("SELECT size, note FROM ledger_checkpoint ORDER BY size", args![])
        .await
        .expect("checkpoints");
    rows.iter()
        .map(|(size, note)| {
            let opened =
                Checkpoint::open(note, &cx.ledger.verifier_key(), &[]).expect("signed by the log").checkpoint;
            assert_eq!(i64::try_from(opened.size), Ok(*size));
            opened
        })
        .collect()
}

/// A log as files in a folder: what a mirror holds. Reads nothing else.
struct Mirror<'a>(&'a Path);

impl Mirror<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.0.join("objects/ledger").join(path)).ok()
    }

    /// A tile as wide as the current tree has it, cut to the asked width.
    fn tile(&self, wanted: &Tile, size: u64) -> Vec<u8> {
        let stored = Tile::at(wanted.rank(), wanted.index(), size).expect("a tile of the tree");
        let bytes = self.read(&stored.path()).unwrap_or_else(|| panic!("{stored} is published"));
        assert!(matches!(wanted.rank(), Rank::Level(_)));
        bytes[..usize::from(wanted.width()) * 32].to_vec()
    }

    /// Rebuilds the tree from the entries alone, compares every tile and returns the checkpoint with its entries.
    fn replay(&self, log: &ledger::key::VerifierKey) -> (Checkpoint, Vec<Vec<u8>>) {
        let note = String::from_utf8(self.read("checkpoint").expect("a checkpoint")).expect("text");
        let head = Checkpoint::open(&note, log, &[]).expect("signed").checkpoint;
        let mut entries = Vec::new();
        for index in 0..head.size.div_ceil(256) {
            let tile = Tile::at(Rank::Entries, index, head.size).expect("a bundle");
            let bytes = self.read(&tile.path()).unwrap_or_else(|| panic!("{tile} is published"));
            let bundle = bundle::entries(&bytes).expect("a bundle");
            assert_eq!(bundle.len(), usize::from(tile.width()));
            entries.extend(bundle.iter().map(|entry| entry.to_vec()));
        }
        let rebuilt = Tree::empty().append(&entries).expect("a tree");
        assert_eq!(rebuilt.tree.root(), head.root, "the entries lead to the signed root");
        for (tile, bytes) in &rebuilt.tiles {
            assert_eq!(self.read(&tile.path()).as_ref(), Some(bytes), "{tile}");
        }
        assert_eq!(rebuilt.tiles.len(), tile::changed(0, head.size).count());
        (head, entries)
    }

    fn check_consistent(&self, checkpoints: &[Checkpoint], size: u64) {
        for (at, old) in checkpoints.iter().enumerate() {
            for new in &checkpoints[at..] {
                let proof = tree::consistency_proof(old.size, new.size, |wanted| {
                    Ok::<_, std::fmt::Error>(self.tile(wanted, size))
                })
                .expect("a proof");
                assert_eq!(
                    merkle::verify_consistency(old.size, new.size, &proof, old.root, new.root),
                    Ok(()),
                    "{} -> {}",
                    old.size,
                    new.size
                );
            }
        }
    }
}

/// Invariants I1, I3 and I4 of an idle ledger, from the database, the folder and the proofs.
async fn check_everything(cx: &Cx, folder: &Path, expected: u64, also_released: &[Checkpoint]) {
    let mirror = Mirror(folder);
    let (head, entries) = mirror.replay(&cx.ledger.verifier_key());
    assert_eq!(head.size, expected, "every event is on the ledger, once");
    let rows: Vec<(i64, Vec<u8>, Option<i64>)> = cx
        .db
        .read()
        .all("SELECT leaf_index, entry, anchored_at FROM outbox WHERE leaf_index IS NOT NULL ORDER BY leaf_index", args![])
        .await
        .expect("rows");
    assert_eq!(rows.len(), entries.len());
    for (index, ((leaf_index, entry, anchored_at), published)) in rows.iter().zip(&entries).enumerate() {
        assert_eq!(i64::try_from(index), Ok(*leaf_index));
        assert_eq!(entry, published);
        assert!(anchored_at.is_some());
    }
    assert_eq!(number(cx, "SELECT COUNT(*) FROM outbox WHERE leaf_index IS NULL").await, 0);
    assert_eq!(number(cx, "SELECT COUNT(*) FROM ledger_staged").await, 0);
    assert_eq!(BTreeSet::from_iter(&entries).len(), entries.len(), "nothing twice");

    let mut checkpoints = released(cx).await;
    assert_eq!(checkpoints.last(), Some(&head));
    checkpoints.extend_from_slice(also_released);
    checkpoints.sort_by_key(|checkpoint| checkpoint.size);
    mirror.check_consistent(&checkpoints, head.size);

    let edges = [0, 1, 255, 256, 257, head.size / 2, head.size.saturating_sub(1)];
    for index in edges.into_iter().filter(|index| *index < head.size) {
        let text = ledger_store::proof_text(cx, index).await.expect("a proof");
        let proof: ledger::proof::Proof = text.parse().expect("a tlog-proof");
        let entry = &entries[usize::try_from(index).expect("small")];
        assert_eq!(proof.extra.as_ref(), Some(entry));
        proof.verify(entry, &cx.ledger.verifier_key(), &[]).expect("it proves");
    }
}

on_both! {
    async fn an_event_is_anchored_and_proven(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        assert!(matches!(cx.ledger.checkpoint_text().await, Err(Error::NotFound)));
        assert_eq!(sequencer::drain(&cx, &QUICK).await.expect("an empty log"), 0);
        assert_eq!(cx.ledger.checkpoint().await.expect("of size 0").0.root, merkle::empty_root());

        let seqs = record(&cx, org, 3).await;
        assert_eq!(leaf::of_seq(&cx, seqs[1]).await.expect("a row").anchored(), None);
        assert_eq!(sequencer::await_anchored(&cx, seqs[1], Duration::from_millis(1)).await.expect("no error"), None);
        assert_eq!(sequencer::drain(&cx, &QUICK).await.expect("sequenced"), 3);
        assert_eq!(cx.queue.waiting(), 0);
        for (index, seq) in seqs.iter().enumerate() {
            let index = u64::try_from(index).expect("small");
            assert_eq!(sequencer::await_anchored(&cx, *seq, Duration::from_secs(1)).await.expect("no error"), Some(index));
            let found = leaf::at_index(&cx, index).await.expect("a leaf");
            assert_eq!(found.seq, *seq);
            assert_eq!(leaf::of_hash(&cx, &found.leaf_hash).await.expect("by its hash"), found);
            assert_eq!(leaf::of_object(&cx, &found.object).await.expect("by its object"), std::slice::from_ref(&found));
            let entry = cx.ledger.entry(index).await.expect("published");
            assert_eq!(merkle::leaf_hash(&entry).0.as_slice(), found.leaf_hash);
        }
        assert_eq!(leaf::newest(&cx, Some(2), 5).await.expect("two").len(), 2);
        assert!(matches!(ledger_store::proof_text(&cx, 3).await, Err(Error::NotFound)));
        assert!(matches!(sequencer::await_anchored(&cx, 99, Duration::from_secs(1)).await, Err(Error::NotFound)));
        check_everything(&cx, world.folder.path(), 3, &[]).await;
    }

    async fn the_published_folder_is_a_log_for_other_tools(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        let mut expected = 0;
        for (count, batch) in [(1, 1024), (3, 2), (40, 7), (211, 1024), (1, 1024), (1, 1), (300, 90), (515, 256), (2, 1024)] {
            record(&cx, org, count).await;
            expected += u64::try_from(count).expect("small");
            assert_eq!(sequencer::drain(&cx, &Options { batch, ..QUICK }).await.expect("sequenced"), expected);
        }
        check_everything(&cx, world.folder.path(), expected, &[]).await;

        // Served addresses: those of partial tiles go on working after the tile filled up.
        let mirror = Mirror(world.folder.path());
        assert!(mirror.read("tile/0/000.p/1").is_none(), "cleared away");
        let first = cx.ledger.tile_bytes("tile/0/000.p/1").await.expect("cut from the full tile");
        assert_eq!(&first[..], &mirror.read("tile/0/000").expect("full")[..32]);
        let bundle = cx.ledger.tile_bytes("tile/entries/000.p/3").await.expect("cut from the full bundle");
        assert_eq!(bundle::entries(&bundle).expect("a bundle").len(), 3);
        assert_eq!(cx.ledger.tile_bytes("tile/1/000.p/2").await.expect("narrower than now").len(), 64);
        for path in [
            "", "checkpoint", "tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/999", "tile/9/000",
            "tile/0/../../blobs", "/tile/0/000", "tile/entries/005", "tile/1/000.p/200", "tile/0/000/", "tile/%30/000",
        ] {
            assert!(matches!(cx.ledger.tile_bytes(path).await, Err(Error::NotFound)), "{path}");
        }
        let proof = cx.ledger.consistency(44, 257).await.expect("between any two sizes");
        let root = |size: u64| {
            let (_, entries) = mirror.replay(&cx.ledger.verifier_key());
            Tree::empty().append(&entries[..usize::try_from(size).expect("small")]).expect("a tree").tree.root()
        };
        assert_eq!(merkle::verify_consistency(44, 257, &proof, root(44), root(257)), Ok(()));
        assert!(matches!(cx.ledger.consistency(5, expected + 1).await, Err(Error::NotFound)));
        let page = cx.ledger.entries(250, 10).await.expect("across two bundles");
        assert_eq!(page, mirror.replay(&cx.ledger.verifier_key()).1[250..260]);
    }

    async fn a_crash_at_any_point_loses_and_forks_nothing(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        let mut expected = 5;
        record(&cx, org, 5).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        cx.db.close().await;

        // Every point, and of the tiles also the second and third; batches that stay in a tile, fill it and cross it.
        let crashes = Point::ALL.map(|point| (point, 1)).into_iter().chain([(Point::TilePut, 2), (Point::TilePut, 3)]);
        let mut seen_outside = Vec::new();
        for (round, ((point, nth), count)) in crashes.zip([7, 244, 300, 1, 2, 255, 256, 257, 9, 260, 270, 280]).enumerate() {
            let seed = 100 + 2 * u64::try_from(round).expect("small");
            let (reached, mut arrived) = tokio::sync::mpsc::unbounded_channel();
            let passed = AtomicUsize::new(0);
            let faults = Faults::when(move |at| {
                if at == point && passed.fetch_add(1, Ordering::SeqCst) + 1 == nth {
                    let _ = reached.send(());
                    return Fault::Hang;
                }
                Fault::Pass
            });
            let doomed = Cx::anonymous(world.reopen(faults, seed).await);
            record(&doomed, org, count).await;
            let task = tokio::spawn({
                let doomed = doomed.clone();
                async move { sequencer::drain(&doomed, &QUICK).await }
            });
            tokio::time::timeout(Duration::from_secs(60), arrived.recv()).await.expect("the point is reached");
            task.abort();
            let _ = task.await;
            seen_outside.push(doomed.ledger.checkpoint().await.expect("a checkpoint").0);
            doomed.db.close().await;

            let restarted = Cx::anonymous(world.reopen(Faults::default(), seed + 1).await);
            // More waits than before the crash: another batch would have another root.
            record(&restarted, org, 3).await;
            expected += u64::try_from(count).expect("small") + 3;
            let size = sequencer::drain(&restarted, &QUICK).await.unwrap_or_else(|e| panic!("after {point:?}: {e}"));
            assert_eq!(size, expected, "after {point:?}");
            check_everything(&restarted, world.folder.path(), expected, &seen_outside).await;
            restarted.db.close().await;
        }
    }

    async fn an_error_at_any_point_is_overcome_without_a_human(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        let left = Arc::new(std::sync::Mutex::new(Point::ALL.to_vec()));
        let faults = Faults::when({
            let left = Arc::clone(&left);
            move |at| {
                let mut left = left.lock().expect("nobody panicked");
                match left.iter().position(|point| *point == at) {
                    Some(found) => { left.remove(found); Fault::Fail }
                    None => Fault::Pass,
                }
            }
        });
        let cx = Cx::anonymous({ drop(cx); world.reopen(faults, 5).await });
        let stop = CancellationToken::new();
        let task = tokio::spawn(sequencer::run_with(Arc::clone(cx.services()), QUICK, stop.clone()));
        let seqs = record(&cx, org, 20).await;
        let index = sequencer::await_anchored(&cx, seqs[19], Duration::from_secs(60)).await.expect("no error");
        assert_eq!(index, Some(19));
        // The last error may come after the release: the next event finds the sequencer at work again.
        let more = record(&cx, org, 1).await;
        assert_eq!(sequencer::await_anchored(&cx, more[0], Duration::from_secs(60)).await.expect("no error"), Some(20));
        stop.cancel();
        task.await.expect("it stops when asked");
        assert_eq!(*left.lock().expect("nobody panicked"), []);
        check_everything(&cx, world.folder.path(), 21, &[]).await;
    }

    async fn two_sequencers_on_one_database_never_fork(world: World) {
        for alone in [true, false] {
            let options = Options { batch: 5, alone, ..QUICK };
            let stop = CancellationToken::new();
            let mut tasks = Vec::new();
            for seed in [31, 32] {
                let services = world.reopen(Faults::default(), seed).await;
                tasks.push(tokio::spawn(sequencer::run_with(services, options, stop.clone())));
            }
            let cx = world.anonymous();
            let org = organisation(&cx).await;
            let before = u64::try_from(number(&cx, "SELECT COUNT(*) FROM outbox").await).expect("a count");
            let mut last = 0;
            for round in 0..30 {
                last = *record(&cx, org, 1 + round % 7).await.last().expect("at least one");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let anchored = sequencer::await_anchored(&cx, last, Duration::from_secs(60)).await.expect("no error");
            assert!(anchored.is_some(), "alone: {alone}");
            while number(&cx, "SELECT COUNT(*) FROM outbox WHERE anchored_at IS NULL").await > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            stop.cancel();
            for task in tasks {
                task.await.expect("it stops when asked");
            }
            sequencer::drain(&cx, &QUICK).await.expect("idle");
            let sum: u64 = (0..30).map(|round| 1 + round % 7).sum();
            check_everything(&cx, world.folder.path(), before + sum, &[]).await;
        }
    }

    async fn a_sequencer_that_was_overtaken_changes_nothing(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        let mut expected = 0;
        for (round, point) in [Point::Loaded, Point::Committed, Point::Signed].into_iter().enumerate() {
            let (go, (reached, mut arrived)) = (Arc::new(Notify::new()), tokio::sync::mpsc::unbounded_channel());
            let faults = Faults::when({
                let (go, waited) = (Arc::clone(&go), AtomicUsize::new(0));
                move |at| {
                    if at != point || waited.fetch_add(1, Ordering::SeqCst) > 0 {
                        return Fault::Pass;
                    }
                    let _ = reached.send(());
                    Fault::Wait(Arc::clone(&go))
                }
            });
            // Nothing left to release, so that the wait is in the middle of a batch.
            sequencer::drain(&cx, &QUICK).await.expect("idle");
            record(&cx, org, 3).await;
            let options = Options { alone: false, ..QUICK };
            let slow = Cx::anonymous(world.reopen(faults, 50 + u64::try_from(round).expect("small")).await);
            let task = tokio::spawn(async move { sequencer::drain(&slow, &options).await });
            tokio::time::timeout(Duration::from_secs(60), arrived.recv()).await.expect("the point is reached");
            record(&cx, org, 4).await;
            expected += 7;
            assert_eq!(sequencer::drain(&cx, &options).await.expect("the other one goes on"), expected);
            let published = cx.ledger.checkpoint_text().await.expect("published");
            record(&cx, org, 1).await;
            go.notify_one();
            let error = task.await.expect("no panic").expect_err("overtaken");
            match point {
                // By then the signer has signed more than it is asked for.
                Point::Committed => assert!(error.to_string().contains("does not go back"), "{error}"),
                _ => assert!(matches!(error, Error::Conflict(Conflict::Stale)), "{point:?}: {error}"),
            }
            assert_eq!(cx.ledger.checkpoint_text().await.expect("published"), published);
            expected += 1;
            assert_eq!(sequencer::drain(&cx, &QUICK).await.expect("idle"), expected);
            check_everything(&cx, world.folder.path(), expected, &[]).await;
        }
    }

    async fn a_database_older_than_the_log_is_not_grown(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        record(&cx, org, 4).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let (before, _) = cx.ledger.checkpoint().await.expect("published");
        record(&cx, org, 4).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let published = cx.ledger.checkpoint_text().await.expect("published");

        // What restoring yesterday's backup does to the ledger's tables.
        let mut tx = cx.db.begin().await.expect("a transaction");
        tx.run("UPDATE ledger_head SET size = 4, root = $1, published_size = 4", args![&before.root.0]).await.expect("back");
        tx.run("DELETE FROM ledger_checkpoint WHERE size > 4", args![]).await.expect("back");
        tx.run("UPDATE outbox SET leaf_index = NULL, anchored_at = NULL WHERE leaf_index >= 4", args![]).await.expect("back");
        tx.commit().await.expect("durable");
        let why = sequencer::drain(&cx, &QUICK).await.expect_err("refused").to_string();
        assert!(why.contains("older than the log"), "{why}");
        assert_eq!(cx.ledger.checkpoint_text().await.expect("untouched"), published);

        // With the published side restored as well, the signer still remembers.
        std::fs::remove_file(world.folder.path().join("objects/ledger/checkpoint")).expect("gone");
        let why = sequencer::drain(&cx, &QUICK).await.expect_err("refused").to_string();
        assert!(why.contains("older than the log"), "{why}");
        assert_eq!(number(&cx, "SELECT COUNT(*) FROM outbox WHERE leaf_index >= 4").await, 0);
    }

    async fn a_changed_tile_or_row_stops_the_sequencer(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        record(&cx, org, 4).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let tile = world.folder.path().join("objects/ledger/tile/0/000.p/4");
        let good = std::fs::read(&tile).expect("a tile");
        let mut bad = good.clone();
        bad[40] ^= 1;
        std::fs::write(&tile, &bad).expect("changed");
        record(&cx, org, 1).await;
        let why = sequencer::drain(&cx, &QUICK).await.expect_err("refused").to_string();
        assert!(why.contains("do not lead to the expected root"), "{why}");
        std::fs::write(&tile, &good).expect("restored");

        let mut tx = cx.db.begin().await.expect("a transaction");
        tx.run("UPDATE outbox SET entry = $1 WHERE leaf_index IS NULL", args![&b"{}"[..]]).await.expect("changed");
        tx.commit().await.expect("durable");
        let why = sequencer::drain(&cx, &QUICK).await.expect_err("refused").to_string();
        assert!(why.contains("outbox row 5 was changed"), "{why}");
        assert_eq!(cx.ledger.checkpoint().await.expect("as before").0.size, 4);
    }

    async fn a_lost_or_older_published_checkpoint_is_put_back(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        record(&cx, org, 2).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let older = cx.ledger.checkpoint_text().await.expect("published");
        record(&cx, org, 2).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let newest = cx.ledger.checkpoint_text().await.expect("published");
        let file = world.folder.path().join("objects/ledger/checkpoint");
        for text in [Some(older), None] {
            match text {
                Some(text) => std::fs::write(&file, text).expect("older"),
                None => std::fs::remove_file(&file).expect("lost"),
            }
            sequencer::drain(&cx, &QUICK).await.expect("mended");
            assert_eq!(cx.ledger.checkpoint_text().await.expect("published"), newest);
        }
    }

    async fn too_many_waiting_events_turn_submissions_away(world: World) {
        let services = Services { queue: Queue::with_limit(3), ..Services::clone(&world.services) };
        let cx = Cx::anonymous(Arc::new(services));
        let org = organisation(&cx).await;
        for _ in 0..4 {
            cx.pressure().expect("room");
            record(&cx, org, 1).await;
        }
        assert!(matches!(cx.pressure(), Err(Error::Busy { retry_after }) if retry_after > 0));
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        cx.pressure().expect("room again");
    }

    async fn another_key_on_the_same_log_is_refused(world: World) {
        let cx = world.anonymous();
        let org = organisation(&cx).await;
        record(&cx, org, 2).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let elsewhere = tempfile::TempDir::new().expect("a folder");
        let signer = LogSigner::open(elsewhere.path(), cx.signer.origin(), &Random::seeded(99)).expect("another key");
        let ledger = ledger_store::LedgerStore::new(cx.objects.clone(), signer.verifier_key());
        let cx = Cx::anonymous(Arc::new(Services { signer, ledger, ..Services::clone(&world.services) }));
        record(&cx, org, 1).await;
        let why = sequencer::drain(&cx, &QUICK).await.expect_err("refused").to_string();
        assert!(why.contains("ledger/checkpoint"), "{why}");
        assert_eq!(number(&cx, "SELECT COUNT(*) FROM outbox WHERE leaf_index >= 2").await, 0);
    }
}
