//! Downloads: what the browser is told about the file, and what happens when the stored bytes are no longer those that
//! were hashed.

use std::fs;

use sha2::{Digest as _, Sha256};

use crate::{Client, Platform, Who, on_both, upload::pdf};

/// Uploads a document into the draft and answers its download's address.
async fn stored(client: &mut Client, platform: &Platform, name: &str, bytes: Vec<u8>) -> String {
    let path = format!("/filings/{}/slots/audit_report/documents", platform.known.draft);
    let answer = client.upload(&path, name, bytes).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    format!("/documents/{}/versions/1/content", answer.json()["document"].as_str().expect("an id"))
}

on_both! {
    async fn give_back_what_was_uploaded(platform: Platform) {
        let mut client = platform.client(Who::OtherEnterprise);
        let bytes = pdf("round trip");
        let path = stored(&mut client, &platform, "审计报告 2026.pdf", bytes.clone()).await;
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, bytes);
        assert_eq!(answer.header("content-type"), "application/pdf");
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").starts_with("sandbox"));
        let disposition = answer.header("content-disposition");
        assert!(disposition.starts_with("attachment"), "{disposition}");
        assert!(disposition.contains("filename*=UTF-8''%E5%AE%A1%E8%AE%A1%E6%8A%A5%E5%91%8A%202026.pdf"), "{disposition}");
        assert!(disposition.is_ascii(), "RFC 6266: {disposition}");
    }

    async fn that_are_not_theirs_are_not_found(platform: Platform) {
        let mut client = platform.client(Who::OtherEnterprise);
        let path = stored(&mut client, &platform, "a.pdf", pdf("private")).await;
        for who in [Who::OwnerAttesting, Who::EngagedSigner, Who::ForeignFirm, Who::Reviewer, Who::Operator, Who::Supervisor] {
            let answer = platform.client(who).get(&path).await;
            assert_eq!(answer.status, 404, "{who:?}");
            assert!(!answer.text().contains("private"));
        }
        for path in ["/documents/none/versions/1/content", "/documents/00000000-0000-7000-8000-000000000000/versions/1/content"] {
            let answer = client.get(path).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        }
        assert_eq!(client.get(&path.replace("/versions/1/", "/versions/2/")).await.status, 404);
    }
}

#[tokio::test]
async fn that_were_tampered_with_are_cut_off() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::OtherEnterprise);
    // More than one chunk, so that the first is on its way before the last is judged.
    let mut bytes = pdf("tampered");
    let end = bytes.split_off(bytes.len() - 60);
    bytes.extend(std::iter::repeat_n(b'%', 3 << 20));
    bytes.push(b'\n');
    bytes.extend(end);
    let path = stored(&mut client, &platform, "a.pdf", bytes.clone()).await;
    assert_eq!(client.get(&path).await.body, bytes);

    let name = hex::encode(Sha256::digest(&bytes));
    let blob = platform.folder.path().join("objects/blobs/sha256").join(&name[..2]).join(&name);
    let mut kept = fs::read(&blob).expect("the stored bytes");
    let middle = kept.len() / 2;
    kept[middle] ^= 1;
    fs::write(&blob, &kept).expect("one bit is flipped");
    let answer = client.get(&path).await;
    assert!(answer.broken || answer.status.is_server_error(), "a tampered document was delivered whole");

    // A shorter file is refused as well, not padded.
    fs::write(&blob, &bytes[..bytes.len() - 1]).expect("one byte is gone");
    let answer = client.get(&path).await;
    assert!(answer.broken || answer.status.is_server_error(), "a shortened document was delivered");
}
