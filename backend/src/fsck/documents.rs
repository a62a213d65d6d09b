//! The documents' contents: each is there, has the digests and the size that the database says, and what nobody names is
//! counted.

use futures::{StreamExt, TryStreamExt};
use ledger::Digester;
use object_store::path::Path as Key;

use super::{Check, Run};
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    objects::Objects,
    sql::statements,
};

/// Rows that are read at a time.
const PAGE: i64 = 500;

#[derive(sqlx::FromRow)]
struct Blob {
    sha256: Vec<u8>,
    sm3: Vec<u8>,
    size: i64,
}

/// Checks [`Check::Documents`] and [`Check::Orphans`].
pub(super) async fn check(cx: &Cx, run: &mut Run<'_>) -> Result<()> {
    let (total,): (i64,) = cx.db.read().one(COUNT, args![]).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let (mut after, mut done) = (Vec::new(), 0);
    loop {
        let page: Vec<Blob> = cx.db.read().all(BLOBS, args![after.as_slice(), PAGE]).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.sha256);
        for blob in &page {
            content(cx, run, blob).await?;
            done += 1;
            run.progress(Check::Documents, done, total);
        }
    }
    let mut contents = cx.objects.list(&Key::from("blobs"));
    let mut listed = 0;
    while let Some((key, _)) = contents.try_next().await? {
        run.examined(Check::Orphans, 1);
        listed += 1;
        run.progress(Check::Orphans, listed, total.max(listed));
        let digest = key.filename().and_then(|name| hex::decode(name).ok());
        let known = match digest {
            Some(digest) => cx.db.read().maybe::<(i64,)>(KNOWN, args![digest]).await?.is_some(),
            None => false,
        };
        if !known {
            run.wrong(Check::Orphans, &key, &"no document has this content");
        }
    }
    Ok(())
}

/// Reads one content through and compares it.
async fn content(cx: &Cx, run: &mut Run<'_>, blob: &Blob) -> Result<()> {
    let key = Objects::blob_key(&blob.sha256);
    run.examined(Check::Documents, 1);
    let mut stream = match cx.objects.stream(&key).await {
        Ok((_, stream)) => stream,
        Err(Error::NotFound) => {
            run.wrong(Check::Documents, &key, &"is missing");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let mut digester = Digester::new();
    while let Some(piece) = stream.next().await {
        digester.update(&piece?);
    }
    let length = digester.length();
    let digests = digester.finish();
    if i64::try_from(length) != Ok(blob.size) {
        run.wrong(Check::Documents, &key, &format!("has {length} bytes instead of {}", blob.size));
    } else if digests.sha256.as_slice() != blob.sha256 || digests.sm3.as_slice() != blob.sm3 {
        run.wrong(Check::Documents, &key, &"has other digests than the database says");
    }
    Ok(())
}

statements! {
    COUNT = "SELECT COUNT(*) FROM blob";
    BLOBS = "SELECT sha256, sm3, size FROM blob WHERE sha256 > $1 ORDER BY sha256 LIMIT $2";
    KNOWN = "SELECT size FROM blob WHERE sha256 = $1";
}
