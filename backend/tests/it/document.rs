//! Uploading, replacing, removing and downloading documents, and everything that is refused.

use backend::{
    Error,
    document::{self, Upload},
    filing,
    objects::Objects,
};
use domain::id::FilingId;
use futures::TryStreamExt;

use crate::{
    World,
    cast::{Cast, opened, pdf, said, to, upload, with_settings},
    on_both,
};

/// Nothing lies in the spool, and the filing has so many documents.
async fn clean(world: &World, cast: &Cast, id: FilingId, documents: usize) {
    assert_eq!(
        std::fs::read_dir(world.folder.path().join("spool")).unwrap().count(),
        0,
        "the spool is empty"
    );
    let blobs = walk(&world.folder.path().join("objects"));
    assert_eq!(blobs, documents, "objects stored");
    let shown = filing::workspace(&cast.enterprise, id).await.unwrap();
    assert_eq!(shown.slots.iter().map(|slot| slot.documents.len()).sum::<usize>(), documents);
}

fn walk(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|e| if e.path().is_dir() { walk(&e.path()) } else { 1 })
        .sum()
}

async fn body(cx: &backend::Cx, id: domain::id::DocumentId, number: i64) -> Result<Vec<u8>, Error> {
    let parts: Vec<bytes::Bytes> = document::download(cx, id, number).await?.body.try_collect().await?;
    Ok(parts.concat())
}

on_both! {
    async fn a_document_is_stored_hashed_and_given_back(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let mut bytes = pdf("large");
        // Several blocks, in odd pieces.
        let filler = format!("% {}\n", "x".repeat(97)).repeat(30_000);
        bytes.splice(9..9, filler.into_bytes());
        let mut new = to(&cast.enterprise, id, "audit_report", "C:\\资料\\审计 报告.pdf");
        new.declared_length = Some(bytes.len() as u64);
        let mut up = Upload::begin(&cast.enterprise, new).await.unwrap();
        for piece in bytes.chunks(70_001) {
            up.write(piece).await.unwrap();
        }
        let added = up.finish().await.unwrap();
        assert_eq!((added.number, added.size, added.file_name.as_str()), (1, bytes.len() as u64, "审计 报告.pdf"));
        assert_eq!(added.digests, ledger::Digests::of(&bytes));
        assert_eq!(added.notes.len(), 1, "the path was dropped and that is said");

        let download = document::download(&cast.enterprise, added.document, 1).await.unwrap();
        assert_eq!((download.media_type, download.size), ("application/pdf", bytes.len() as u64));
        assert!(download.disposition.starts_with("attachment; "));
        assert_eq!(body(&cast.enterprise, added.document, 1).await.unwrap(), bytes);
        clean(&world, &cast, id, 1).await;
    }

    async fn bad_uploads_are_refused_in_words_and_leave_nothing(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let good = pdf("good");
        let up = async |slot: &str, name: &str, bytes: &[u8]| said(upload(cx, id, slot, name, bytes).await);
        assert!(up("audit_report", "a.pdf", b"").await.contains("空"));
        assert!(!up("audit_report", "a.exe", &good).await.is_empty());
        assert!(!up("audit_report", "a.pdf", b"MZ\x90\0 not a PDF at all").await.is_empty());
        assert!(!up("audit_report", "a.pdf", &good[..good.len() - 30]).await.is_empty());
        let encrypted = String::from_utf8(good.clone()).unwrap().replace("/Size 1", "/Size 1 /Encrypt 2 0 R");
        assert!(up("audit_report", "a.pdf", encrypted.as_bytes()).await.contains("密"));
        assert!(up("no_such_slot", "a.pdf", &good).await.contains("槽位"));

        let mut short = to(cx, id, "audit_report", "a.pdf");
        short.declared_length = Some(good.len() as u64 + 5);
        let mut broken = Upload::begin(cx, short).await.unwrap();
        broken.write(&good).await.unwrap();
        assert!(said(broken.finish().await).contains("中断"));

        let mut announced = to(cx, id, "audit_report", "a.pdf");
        announced.declared_length = Some(1 << 40);
        assert!(said(Upload::begin(cx, announced).await).contains("100 MB"));
        let mut endless = Upload::begin(cx, to(cx, id, "legal_opinion", "a.pdf")).await.unwrap();
        let block = vec![b' '; 8 << 20];
        let stopped = loop {
            if let Err(error) = endless.write(&block).await {
                break said(Err::<(), _>(error));
            }
        };
        assert!(stopped.contains("50 MB"), "{stopped}");
        drop(endless);

        let dropped = Upload::begin(cx, to(cx, id, "audit_report", "a.pdf")).await.unwrap();
        drop(dropped);
        clean(&world, &cast, id, 0).await;
    }

    async fn the_same_content_is_refused_in_its_slot_and_noted_in_another(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        upload(cx, id, "audit_report", "a.pdf", &pdf("same")).await.unwrap();
        assert!(said(upload(cx, id, "audit_report", "b.pdf", &pdf("same")).await).contains("相同"));
        let elsewhere = upload(cx, id, "legal_opinion", "b.pdf", &pdf("same")).await.unwrap();
        assert_eq!(elsewhere.notes.len(), 1);
        let blob = Objects::blob_key(&elsewhere.digests.sha256);
        assert_eq!(world.services.objects.get(&blob).await.unwrap(), pdf("same"));
        assert_eq!(walk(&world.folder.path().join("objects")), 1, "stored once");
    }

    async fn slots_and_filings_have_limits(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        for n in 0..2 {
            upload(cx, id, "business_licence", "a.pdf", &pdf(&n.to_string())).await.unwrap();
        }
        assert!(said(upload(cx, id, "business_licence", "a.pdf", &pdf("3")).await).contains("最多 2 个"));
        let mut large = to(cx, id, "audit_report", "a.pdf");
        large.declared_length = Some(90 << 20);
        assert!(Upload::begin(cx, large).await.is_ok());
        let mut small = backend::settings::Settings::for_tests();
        small.filing_quota_bytes = 1_000;
        let tight = with_settings(&world, small, cx);
        assert!(said(upload(&tight, id, "audit_report", "a.pdf", &pdf(&"x".repeat(900))).await).contains("上限"));
        clean(&world, &cast, id, 2).await;
    }

    async fn replacing_does_not_get_around_the_limits(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let large = |n: usize| pdf(&format!("{n}{}", "x".repeat(10_000)));
        let mut settings = backend::settings::Settings::for_tests();
        // One such file at a time, three of them ever.
        (settings.filing_quota_bytes, settings.filing_storage_bytes) = (15_000, 35_000);
        let cx = &with_settings(&world, settings, &cast.enterprise);
        let first = upload(cx, id, "audit_report", "a.pdf", &large(0)).await.unwrap();
        let replace = async |n: usize, length: Option<u64>| {
            let mut new = to(cx, id, "audit_report", "a.pdf");
            (new.replaces, new.declared_length) = (Some(first.document), length);
            let mut up = Upload::begin(cx, new).await?;
            up.write(&large(n)).await?;
            up.finish().await
        };
        assert_eq!(replace(1, None).await.unwrap().number, 2);
        assert_eq!(replace(2, None).await.unwrap().number, 3);
        let refused = said(replace(3, None).await);
        assert!(refused.contains("累计上限") && refused.contains("交易中心"), "{refused}");
        assert!(said(replace(3, Some(large(3).len() as u64)).await).contains("累计上限"), "before its bytes are sent, too");
        // Taking it out makes room in the filing, not in the store.
        document::remove(cx, first.document).await.unwrap();
        assert!(said(upload(cx, id, "legal_opinion", "b.pdf", &large(4)).await).contains("累计上限"));
        // What is stored already needs no room; other filings have their own.
        upload(cx, id, "legal_opinion", "b.pdf", &large(0)).await.unwrap();
        upload(cx, opened(cx).await, "audit_report", "c.pdf", &large(5)).await.unwrap();
        assert_eq!(walk(&world.folder.path().join("objects")), 4, "contents stored");
    }

    async fn versions_are_kept_and_removal_can_be_undone(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let first = upload(cx, id, "audit_report", "一.pdf", &pdf("1")).await.unwrap();
        let mut new = to(cx, id, "audit_report", "二.pdf");
        new.replaces = Some(first.document);
        let mut up = Upload::begin(cx, new).await.unwrap();
        up.write(&pdf("2")).await.unwrap();
        let second = up.finish().await.unwrap();
        assert_eq!((second.document, second.number), (first.document, 2));
        assert_eq!(body(cx, first.document, 1).await.unwrap(), pdf("1"));
        let history = document::versions(cx, first.document).await.unwrap();
        assert_eq!(history.versions.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1]);

        document::remove(cx, first.document).await.unwrap();
        assert!(matches!(document::remove(cx, first.document).await, Err(Error::Conflict(_))));
        let shown = filing::workspace(cx, id).await.unwrap();
        let slot = shown.slots.iter().find(|slot| slot.id.as_str() == "audit_report").unwrap();
        assert_eq!((slot.documents.len(), slot.removed.len()), (0, 1));
        document::restore(cx, first.document).await.unwrap();
        document::remove(cx, first.document).await.unwrap();
        document::restore(cx, first.document).await.unwrap();
        let shown = filing::workspace(cx, id).await.unwrap();
        assert_eq!(shown.timeline.iter().filter(|event| event.subject_kind == "document").count(), 6);
    }

    async fn strangers_get_nothing(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let added = upload(cx, id, "audit_report", "一.pdf", &pdf("1")).await.unwrap();
        for other in [&cast.stranger, &cast.accountant, &cast.reviewer, &cast.supervisor] {
            assert!(matches!(document::download(other, added.document, 1).await, Err(Error::NotFound)));
            assert!(matches!(document::versions(other, added.document).await, Err(Error::NotFound)));
            assert!(matches!(document::remove(other, added.document).await, Err(Error::NotFound)));
            assert!(matches!(upload(other, id, "audit_report", "x.pdf", &pdf("x")).await, Err(Error::NotFound)));
        }
        assert!(matches!(document::download(cx, added.document, 9).await, Err(Error::NotFound)));
    }

    async fn a_tampered_object_is_cut_off(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let bytes = pdf(&"y".repeat(200_000));
        let added = upload(cx, id, "audit_report", "一.pdf", &bytes).await.unwrap();
        let path = world.folder.path().join("objects").join(Objects::blob_key(&added.digests.sha256).as_ref());
        let mut changed = bytes.clone();
        changed[100_000] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let mut stream = document::download(cx, added.document, 1).await.unwrap().body;
        let mut given = 0;
        let failed = loop {
            match stream.try_next().await {
                Ok(Some(part)) => given += part.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(failed && given < bytes.len(), "{given} of {} bytes", bytes.len());
        assert!(matches!(stream.try_next().await, Ok(None)), "nothing after the failure");

        std::fs::write(&path, &changed[1..]).unwrap();
        assert!(matches!(document::download(cx, added.document, 1).await, Err(Error::Internal(_))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(document::download(cx, added.document, 1).await, Err(Error::Internal(_))));
        // Uploading the same bytes again elsewhere mends it.
        upload(cx, id, "legal_opinion", "二.pdf", &bytes).await.unwrap();
        assert_eq!(body(cx, added.document, 1).await.unwrap(), bytes);
    }
}
