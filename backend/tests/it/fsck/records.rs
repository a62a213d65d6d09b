//! The database's own record, changed beside entries that are as they were: documents, timeline, access records.

use std::fs;

use backend::{
    access_record::{self, chain},
    args,
    fsck::Check,
    objects::Objects,
    sequencer,
};
use ledger::{Digests, tile::Rank};

use super::{assert_only, change, file, instance, report, tile};
use crate::{
    cast::{Cast, opened, pdf, upload},
    on_both,
    sequencer::QUICK,
};

on_both! {
    async fn a_document_that_is_not_the_one_on_the_ledger_is_named(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let filing = opened(cx).await;
        upload(cx, filing, "application_letter", "申请书.pdf", &pdf("1")).await.expect("uploaded");
        sequencer::drain(cx, &QUICK).await.expect("sequenced");
        let sound = report(cx).await;
        assert!(sound.is_good() && sound.checks[&Check::Records].examined == 1, "{sound}");
        let (id, good): (uuid::Uuid, Vec<u8>) =
            cx.db.read().one("SELECT document_id, sha256 FROM document_version", args![]).await.expect("a version");
        let place = format!("version 1 of document {id}");

        // Another content, kept as it should be: only the entry tells.
        let other = Digests::of(b"another");
        cx.objects.put(&Objects::blob_key(&other.sha256), b"another".to_vec()).await.expect("stored");
        const BLOB: &str = "INSERT INTO blob (sha256, sm3, size, media_type, created_at) VALUES ($1, $2, 7, 'text/plain', 0)";
        change(cx, BLOB, args![&other.sha256, &other.sm3]).await;
        const CONTENT: &str = "UPDATE document_version SET sha256 = $1";
        change(cx, CONTENT, args![&other.sha256]).await;
        assert_only(&report(cx).await, Check::Records, &place, "carries other digests");
        change(cx, CONTENT, args![good]).await;
        change(cx, "UPDATE document_version SET number = 2", args![]).await;
        let place = format!("version 2 of document {id}");
        assert_only(&report(cx).await, Check::Records, &place, "about another version");
    }

    async fn an_event_that_is_not_the_entrys_is_named(world: World) {
        let cx = instance(&world).await;
        for sql in [
            "UPDATE event SET kind = 'evidence.withdrawn' WHERE outbox_seq = 300",
            "DELETE FROM event WHERE outbox_seq = 300",
        ] {
            change(&cx, sql, args![]).await;
            let report = report(&cx).await;
            assert_only(&report, Check::History, "outbox row 300", "timeline");
            assert_eq!((report.is_good(), report.checks[&Check::History].wrong), (false, 1));
        }
    }

    async fn access_records_that_forget_their_ledger_entry_are_named(world: World) {
        let cast = Cast::of(&world).await;
        let cx = world.anonymous();
        for path in ["/supervision", "/supervision/companies", "/supervision"] {
            access_record::note(&cast.supervisor, "supervision.overview", None, path).await.expect("noted");
        }
        let anchor = chain::anchor(&cx).await.expect("written").expect("an entry");
        sequencer::drain(&cx, &QUICK).await.expect("sequenced");
        let sound = report(&cx).await;
        assert!(sound.is_good(), "{sound}");

        // The entry under the records is made unreadable: a finding, and not the end of the check.
        let (entry, hash): (Vec<u8>, Vec<u8>) =
            cx.db.read().one("SELECT entry, leaf_hash FROM outbox WHERE seq = $1", args![anchor]).await.expect("a row");
        const ENTRY: &str = "UPDATE outbox SET entry = $1, leaf_hash = $2 WHERE seq = $3";
        change(&cx, ENTRY, args![b"{}".to_vec(), hash.clone(), anchor]).await;
        let found = report(&cx).await;
        let first = found.checks[&Check::AccessRecords].first.clone().expect("named");
        assert!(first.place == "access record 3" && first.what.contains("another digest"), "{first:?}");
        assert!(found.checks[&Check::Outbox].wrong > 0, "{found}");
        change(&cx, ENTRY, args![entry, hash, anchor]).await;

        // A chain that names no entry is sound in itself; the ledger's side remembers.
        for sql in [
            "UPDATE access_record SET outbox_seq = NULL WHERE seq = 1",
            "UPDATE access_record SET outbox_seq = NULL WHERE seq = 2",
            "UPDATE access_record SET outbox_seq = NULL WHERE seq = 3",
        ] {
            change(&cx, sql, args![]).await;
        }
        assert_eq!(chain::verify_chain(&cx).await.expect("read").broken, None);
        assert_only(&report(&cx).await, Check::AccessRecords, "access record 3", "is not the one whose digest");
    }

    async fn a_row_outside_the_ledger_and_one_too_long_for_it_are_named(world: World) {
        let cx = instance(&world).await;
        change(&cx, "UPDATE outbox SET leaf_index = -5 WHERE seq = 300", args![]).await;
        let found = report(&cx).await;
        assert_eq!(found.checks[&Check::Outbox].first.as_ref().expect("named").place, "entry 299");
        assert_eq!(found.checks[&Check::Outbox].wrong, 2, "the entry without a row, the row without an entry: {found}");
        change(&cx, "UPDATE outbox SET leaf_index = 299 WHERE seq = 300", args![]).await;

        let bundle = file(&world, &tile(Rank::Entries, 1));
        fs::remove_file(bundle).expect("gone");
        change(&cx, "UPDATE outbox SET entry = $1 WHERE seq = 300", args![vec![b' '; 70_000]]).await;
        let found = report(&cx).await;
        assert!(!found.is_good());
        assert_eq!(found.checks[&Check::Outbox].first.as_ref().expect("named").place, "outbox row 300");
    }
}
