//! `fsck` on a sound instance, and on one in which one thing was changed: it names that thing, and only that.

mod cosignatures;
mod records;

use std::{fs, path::PathBuf};

use backend::{
    Cx, access_record, args,
    db::Arg,
    fsck::{self, Check, FsckReport},
    journal::{self, Record},
    objects::Objects,
    sequencer,
};
use ledger::{Digests, EntryKind, Tile, tile::Rank};
use uuid::Uuid;

use crate::{
    World,
    cast::{Cast, opened, pdf, upload},
    on_both,
    sequencer::{QUICK, organisation, record},
};

/// 610 entries in batches of many sizes, three of them about one object, and two documents' contents.
const SIZE: u64 = 610;

async fn instance(world: &World) -> Cx {
    let cx = world.anonymous();
    let org = organisation(&cx).await;
    for version in 1..=3 {
        let mut tx = cx.db.begin().await.expect("a transaction");
        let event = Record::new(
            EntryKind::Evidence,
            "evidence.changed",
            "evidence",
            Uuid::from_u128(7),
            version,
            org,
        );
        journal::record(&mut tx, &cx, event).await.expect("a record");
        cx.commit(tx).await.expect("durable");
    }
    for count in [1, 6, 90, 155, 1, 2, 252, 100] {
        record(&cx, org, count).await;
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
    }
    let mut tx = cx.db.begin().await.expect("a transaction");
    for text in ["a document", "another"] {
        let digests = Digests::of(text.as_bytes());
        cx.objects.put(&Objects::blob_key(&digests.sha256), text.as_bytes().to_vec()).await.expect("stored");
        let size = i64::try_from(text.len()).expect("short");
        tx.run(
            "INSERT INTO blob (sha256, sm3, size, media_type, created_at) VALUES ($1, $2, $3, 'text/plain', 0)",
            args![&digests.sha256, &digests.sm3, size],
        )
        .await
        .expect("a row");
    }
    tx.commit().await.expect("durable");
    cx
}

async fn report(cx: &Cx) -> FsckReport {
    let mut steps = Vec::new();
    let report = fsck::run(cx, &mut |what: &str, done: u64, all: u64| {
        assert!(done <= all, "{what}: {done} of {all}");
        steps.push(what.to_owned());
    })
    .await
    .expect("everything can be read");
    assert!(steps.iter().any(|step| step == "entries"), "{steps:?}");
    report
}

/// The report has exactly one wrong check, and its first finding is this.
#[track_caller]
fn assert_only(report: &FsckReport, check: Check, place: &str, what: &str) {
    let wrong: Vec<_> = report.checks.iter().filter(|(_, outcome)| outcome.wrong > 0).collect();
    assert_eq!(wrong.iter().map(|(check, _)| **check).collect::<Vec<_>>(), [check], "{report}");
    let first = wrong[0].1.first.as_ref().expect("a finding");
    assert!(first.place == place && first.what.contains(what), "{first:?}");
    assert!(report.to_string().contains(&format!("first: {place}: ")), "{report}");
}

fn file(world: &World, key: &str) -> PathBuf {
    world.folder.path().join("objects").join(key)
}

fn tile(rank: Rank, index: u64) -> String {
    format!("ledger/{}", Tile::at(rank, index, SIZE).expect("a tile"))
}

async fn change(cx: &Cx, sql: &'static str, args: Vec<Arg>) {
    let mut tx = cx.db.begin().await.expect("a transaction");
    assert_eq!(tx.run(sql, args).await.expect("changed"), 1, "{sql}");
    tx.commit().await.expect("durable");
}

on_both! {
    async fn a_sound_instance_is_said_to_be_sound(world: World) {
        let empty = report_of_empty(&world).await;
        assert!(empty.is_good() && empty.size == 0, "{empty}");
        let cx = instance(&world).await;
        let report = report(&cx).await;
        assert!(report.is_good(), "{report}");
        assert_eq!((report.size, report.root.len()), (SIZE, 64));
        let examined = |check| report.checks[&check].examined;
        assert_eq!(examined(Check::Entries), SIZE);
        assert_eq!(examined(Check::Outbox), SIZE);
        assert_eq!(examined(Check::History), SIZE);
        // Three of level 0, one of level 1.
        assert_eq!(examined(Check::Tiles), 4);
        // The empty log, and one per batch.
        assert_eq!(examined(Check::Checkpoints), 9);
        assert_eq!((examined(Check::Documents), examined(Check::Orphans)), (2, 2));
        let json = serde_json::to_value(&report).expect("JSON");
        assert_eq!(json["sound"], true);
        assert_eq!(json["checks"]["entries"]["examined"], SIZE);

        // What waits is no fault.
        record(&cx, organisation(&cx).await, 2).await;
        assert!(self::report(&cx).await.is_good());
    }

    async fn a_changed_file_is_named(world: World) {
        let cx = instance(&world).await;
        let bundle = file(&world, &tile(Rank::Entries, 1));
        let second = fs::read(&bundle).expect("a bundle").iter().take(2).fold(0, |n, b| n * 256 + usize::from(*b)) + 2;
        let blob = Objects::blob_key(&Digests::of(b"a document").sha256);
        // Which file, which byte, which check, which place, what is said.
        let cases = [
            (tile(Rank::Entries, 1), second + 30, Check::Entries, "entry 257".to_owned(), "outbox still does"),
            (tile(Rank::Entries, 2), 40, Check::Entries, "entry 512".to_owned(), "outbox still does"),
            (tile(Rank::Entries, 1), second, Check::Entries, "tile/entries/001".to_owned(), "not a bundle of 256"),
            (tile(Rank::Level(0), 0), 32 * 9, Check::Tiles, "tile/0/000".to_owned(), "entry 9"),
            (tile(Rank::Level(0), 2), 5, Check::Tiles, "tile/0/002.p/98".to_owned(), "entry 512"),
            (tile(Rank::Level(1), 0), 33, Check::Tiles, "tile/1/000.p/2".to_owned(), "hash 1"),
            (blob.to_string(), 3, Check::Documents, blob.to_string(), "other digests"),
        ];
        for (key, byte, check, place, what) in cases {
            let path = file(&world, &key);
            let good = fs::read(&path).expect("a file");
            let mut bad = good.clone();
            bad[byte] ^= 0x40;
            fs::write(&path, &bad).expect("changed");
            let report = report(&cx).await;
            // A bundle that cannot be taken apart is made up for by the outbox.
            assert_only(&report, check, &place, what);
            assert_eq!(report.checks[&check].wrong, 1, "{report}");

            fs::remove_file(&path).expect("gone");
            let gone = self::report(&cx).await;
            assert!(!gone.is_good());
            let first = gone.checks[&check].first.clone().expect("a finding");
            assert!(first.what.contains("missing") && key.ends_with(&first.place), "{first:?}");
            fs::write(&path, &good).expect("restored");
        }
        let blob_file = file(&world, blob.as_ref());
        let orphan = blob_file.with_file_name("00ff");
        fs::write(&orphan, "nobody's").expect("an orphan");
        let report = report(&cx).await;
        assert_only(&report, Check::Orphans, blob.as_ref().rsplit_once('/').map(|(at, _)| format!("{at}/00ff")).expect("a folder").as_str(), "no document");
        assert!(report.is_good(), "an orphan is no fault");
        fs::remove_file(orphan).expect("gone");
        assert_eq!(self::report(&cx).await.checks[&Check::Orphans].wrong, 0);
    }

    async fn a_changed_row_is_named(world: World) {
        let cx = instance(&world).await;
        let row: (Vec<u8>, Vec<u8>) =
            cx.db.read().one("SELECT entry, leaf_hash FROM outbox WHERE seq = 300", args![]).await.expect("a row");
        let other: (Vec<u8>, Vec<u8>) =
            cx.db.read().one("SELECT entry, leaf_hash FROM outbox WHERE seq = 301", args![]).await.expect("a row");
        const ROW: &str = "UPDATE outbox SET entry = $1, leaf_hash = $2 WHERE seq = 300";

        change(&cx, ROW, args![b"{}".to_vec(), row.1.clone()]).await;
        let report = report(&cx).await;
        assert_eq!(report.checks[&Check::Outbox].first.as_ref().expect("named").place, "outbox row 300");
        assert_eq!(report.checks[&Check::Entries].wrong, 0, "{report}");
        // A whole other event, with its right hash.
        change(&cx, ROW, args![other.0, other.1]).await;
        let report = self::report(&cx).await;
        let first = report.checks[&Check::Outbox].first.clone().expect("named");
        assert_eq!(first.place, "outbox row 300");
        assert!(first.what.contains("entry 299"), "{first:?}");
        change(&cx, ROW, args![row.0, row.1]).await;

        change(&cx, "UPDATE outbox SET anchored_at = NULL WHERE seq = 7", args![]).await;
        assert_only(&self::report(&cx).await, Check::Outbox, "outbox row 7", "not marked as anchored");
        change(&cx, "UPDATE outbox SET anchored_at = 1 WHERE seq = 7", args![]).await;

        change(&cx, "UPDATE outbox SET leaf_index = 9999 WHERE seq = 2", args![]).await;
        let report = self::report(&cx).await;
        assert_eq!(report.checks[&Check::Outbox].first.as_ref().expect("named").place, "entry 1");
        assert_eq!(report.checks[&Check::Outbox].wrong, 2, "missing at 1, and anchored beyond the end: {report}");
        change(&cx, "UPDATE outbox SET leaf_index = 1 WHERE seq = 2", args![]).await;

        // The object's second event, given to another object, breaks the third as well.
        let object = format!("evidence:{}", Uuid::from_u128(7));
        change(&cx, "UPDATE outbox SET object = 'evidence:x' WHERE seq = 2", args![]).await;
        let report = self::report(&cx).await;
        assert_only(&report, Check::History, "outbox row 2", "another object");
        assert_eq!(report.checks[&Check::History].wrong, 2);
        change(&cx, "UPDATE outbox SET object = $1 WHERE seq = 2", args![object]).await;

        change(&cx, "UPDATE ledger_checkpoint SET root = $1 WHERE size = 100", args![[1; 32]]).await;
        assert_only(&self::report(&cx).await, Check::Checkpoints, "checkpoint of size 100", "does not say what was signed");
    }

    async fn a_submission_that_its_receipt_would_not_prove_is_named(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let filing = opened(cx).await;
        upload(cx, filing, "application_letter", "申请书.pdf", &pdf("1")).await.expect("uploaded");
        let manifest = "{\"v\":1}";
        let digests = Digests::of(manifest.as_bytes());
        let org = cx.actor().expect("signed in").org;
        let mut tx = cx.db.begin().await.expect("a transaction");
        let mut event = Record::new(EntryKind::Submission, "filing.submitted", "filing", filing.0, 9, org);
        event.digests.insert("sha-256".into(), digests.sha256_hex());
        event.digests.insert("sm3".into(), digests.sm3_hex());
        let seq = journal::record(&mut tx, cx, event).await.expect("a record");
        tx.run(
            "INSERT INTO filing_version (filing_id, number, idempotency_key, manifest, manifest_sha256, manifest_sm3, fields,
                received_at, submitted_by, submitted_at, outbox_seq) VALUES ($1, 1, 'k', $2, $3, $4, '{}', 0, $1, 0, $5)",
            args![filing, manifest, &digests.sha256, &digests.sm3, seq],
        )
        .await
        .expect("a version");
        cx.commit(tx).await.expect("durable");
        sequencer::drain(cx, &QUICK).await.expect("sequenced");
        let sound = report(cx).await;
        assert!(sound.is_good(), "{sound}");
        let examined = |check| sound.checks[&check].examined;
        assert_eq!((examined(Check::Receipts), examined(Check::Documents), examined(Check::Orphans)), (1, 1, 1));

        let place = format!("version 1 of filing {filing}");
        change(cx, "UPDATE filing_version SET manifest = '{\"v\":2}'", args![]).await;
        assert_only(&report(cx).await, Check::Receipts, &place, "the manifest was changed");
        let other = Digests::of(b"{\"v\":2}");
        const DIGESTS: &str = "UPDATE filing_version SET manifest_sha256 = $1, manifest_sm3 = $2";
        change(cx, DIGESTS, args![&other.sha256, &other.sm3]).await;
        assert_only(&report(cx).await, Check::Receipts, &place, "does not carry the manifest's digests");
        change(cx, DIGESTS, args![&digests.sha256, &digests.sm3]).await;
        change(cx, "UPDATE filing_version SET manifest = $1", args![manifest]).await;
        assert!(report(cx).await.is_good());
    }

    async fn a_changed_access_record_is_named(world: World) {
        let cx = instance(&world).await;
        let cast = Cast::of(&world).await;
        for path in ["/supervision", "/supervision/companies"] {
            access_record::note(&cast.supervisor, "supervision.overview", None, path).await.expect("noted");
        }
        let sound = report(&cx).await;
        assert!(sound.is_good() && sound.checks[&Check::AccessRecords].examined == 2, "{sound}");
        change(&cx, "UPDATE access_record SET path = '/' WHERE seq = 2", args![]).await;
        assert_only(&report(&cx).await, Check::AccessRecords, "access record 2", "was changed");
    }

    async fn a_ledger_that_disagrees_about_its_end_is_told(world: World) {
        let cx = instance(&world).await;
        let path = file(&world, "ledger/checkpoint");
        let newest = fs::read_to_string(&path).expect("a checkpoint");
        let (older,): (String,) =
            cx.db.read().one("SELECT note FROM ledger_checkpoint WHERE size = 100", args![]).await.expect("an old one");
        fs::write(&path, older).expect("put back");
        assert_only(&report(&cx).await, Check::Head, "ledger/checkpoint", "size 100");
        fs::write(&path, newest.replace("\n610\n", "\n611\n")).expect("forged");
        let forged = report(&cx).await;
        assert!(forged.checks[&Check::Head].wrong > 0, "{forged}");
        fs::write(&path, &newest).expect("restored");

        let memory = world.folder.path().join("ledger.signer");
        let remembered = fs::read_to_string(&memory).expect("a memory");
        fs::write(&memory, remembered.replace("\n610\n", "\n612\n")).expect("changed");
        assert_only(&report(&cx).await, Check::Head, "ledger.signer", "signed size 612");
        fs::write(&memory, remembered).expect("restored");
        assert!(report(&cx).await.is_good());
    }
}

async fn report_of_empty(world: &World) -> FsckReport {
    fsck::run(&world.anonymous(), &mut |_: &str, _: u64, _: u64| {})
        .await
        .expect("an empty instance can be read")
}
