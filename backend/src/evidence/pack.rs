//! Packing the bundle. Files stand in the order of their names, uncompressed and with the oldest date that ZIP knows, so that the
//! same evidence is the same bytes whoever packs it and whenever. Documents stream from the store through their hash check into a
//! spooled file that has no name: nothing is left behind, and memory stays small however large the documents are.

use std::{
    fs::File,
    io::{Seek as _, Write as _},
    path::Path,
};

use bytes::Bytes;
use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{BoxStream, Stream},
};
use ledger::{
    Digests, canonical,
    evidence::{self, CHECKPOINT, ENTRY, INDEX, Index, Kind, MANIFEST, PROOF, RECEIPT, SUMS, VKEY},
    statement::Statement,
};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::io::ReaderStream;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{
    item::{Item, Stored, What},
    readme,
};
use crate::{
    cx::Cx,
    document::download::checked,
    error::{Error, Result},
    objects::Objects,
};

/// Bundles packed at a time: each may take as much of the spool as a filing's documents.
static TURNS: Semaphore = Semaphore::const_new(2);
/// Seconds after which somebody who got no turn may come again.
const RETRY_AFTER: u32 = 5;
/// Blocks that wait between the store and the file.
const AHEAD: usize = 8;

/// A bundle, ready to be sent.
pub struct Bundle {
    /// The certificate's number.
    pub number: String,
    /// Bytes.
    pub size: u64,
    /// The ZIP.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// What the writing side is told.
enum Piece {
    File(String),
    Bytes(Bytes),
}

/// A file of the bundle.
enum Source<'i> {
    Text(Vec<u8>),
    Document(&'i Stored),
}

/// Packs everything that was gathered, with the certificate in Chinese and English.
pub(super) async fn pack(cx: &Cx, item: &Item, sheets: Vec<Vec<u8>>) -> Result<Bundle> {
    let _turn = TURNS.try_acquire().map_err(|_| Error::Busy { retry_after: RETRY_AFTER })?;
    let files = files(cx, item, sheets)?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    let path = cx.objects.spool_path(cx.id());
    let writing = tokio::task::spawn_blocking(move || write(&path, receiver));
    let sent = send(cx, &files, sender).await;
    // Whose end broke is told by the writer first: without it nobody listens.
    let (file, size) = writing.await.map_err(Error::internal)??;
    sent?;
    let body = ReaderStream::new(tokio::fs::File::from_std(file)).map_err(Error::from).boxed();
    Ok(Bundle { number: item.number.clone(), size, body })
}

fn files<'i>(cx: &Cx, item: &'i Item, sheets: Vec<Vec<u8>>) -> Result<Vec<(String, Source<'i>)>> {
    let receipt = &item.receipt;
    let mut texts: Vec<(String, Vec<u8>)> = vec![
        ("README.txt".to_owned(), readme::text(cx, item).into_bytes()),
        (RECEIPT.to_owned(), receipt.to_bytes().map_err(Error::internal)?),
        (PROOF.to_owned(), receipt.proof.clone().into_bytes()),
        (ENTRY.to_owned(), receipt.entry.clone().into_bytes()),
        (CHECKPOINT.to_owned(), item.proof.checkpoint.clone().into_bytes()),
        (VKEY.to_owned(), format!("{}\n", receipt.log.vkey).into_bytes()),
    ];
    texts.extend(receipt.manifest.iter().map(|text| (MANIFEST.to_owned(), text.clone().into_bytes())));
    texts.extend(item.policy.iter().map(|text| ("policy".to_owned(), text.clone().into_bytes())));
    let names = ["certificate.pdf", "certificate.en.pdf"];
    texts.extend(names.into_iter().map(str::to_owned).zip(sheets));
    let json = |value: &ledger::receipt::Attestation| {
        canonical::to_string(value).map(String::into_bytes).map_err(Error::internal)
    };
    for (at, attestation) in receipt.attestations.iter().enumerate() {
        let slot = Statement::parse(&attestation.statement).map_err(Error::internal)?.slot;
        texts.push((evidence::attestation_path(at, &slot), json(attestation)?));
    }
    if let (Kind::Attestation, What::Attestation { signed, .. }) = (item.kind, &item.what) {
        texts.push((evidence::ATTESTATION.to_owned(), json(signed)?));
    }

    let of_text = |(path, bytes): &(String, Vec<u8>)| {
        evidence::File::new(path.clone(), bytes.len() as u64, &Digests::of(bytes))
    };
    let of_document =
        |stored: &Stored| evidence::File::new(stored.path.clone(), stored.size, &stored.digests);
    let listed: Vec<_> = texts.iter().map(of_text).chain(item.documents.iter().map(of_document)).collect();
    let index = Index::new(item.number.clone(), item.kind, listed);
    let text = index.to_text().map_err(Error::internal)?.into_bytes();
    let own = Digests::of(&text).sha256;
    let summed = index.files.iter().map(|file| (file.path.as_str(), file.sha256)).chain([(INDEX, own)]);
    let sums = evidence::sums(summed).into_bytes();
    texts.extend([(INDEX.to_owned(), text), (SUMS.to_owned(), sums)]);

    let texts = texts.into_iter().map(|(path, bytes)| (path, Source::Text(bytes)));
    let documents = item.documents.iter().map(|stored| (stored.path.clone(), Source::Document(stored)));
    let mut files: Vec<_> = texts.chain(documents).collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(files)
}

/// Feeds the writing side; ends without complaint when that side has gone, which then says why.
async fn send(cx: &Cx, files: &[(String, Source<'_>)], sender: mpsc::Sender<Piece>) -> Result<()> {
    for (path, source) in files {
        if sender.send(Piece::File(path.clone())).await.is_err() {
            return Ok(());
        }
        let mut blocks: BoxStream<'_, Result<Bytes>> = match source {
            Source::Text(bytes) => one(Bytes::from(bytes.clone())).boxed(),
            Source::Document(stored) => {
                let (_, bytes) =
                    cx.objects.stream(&Objects::blob_key(&stored.digests.sha256)).await.map_err(|error| {
                        match error {
                            // The row exists: a missing object is our failure, not a wrong address.
                            Error::NotFound => {
                                Error::internal(anyhow::anyhow!("{}: the stored file is gone", stored.path))
                            }
                            other => other,
                        }
                    })?;
                checked(bytes, stored.digests.sha256)
            }
        };
        while let Some(block) = blocks.next().await {
            if sender.send(Piece::Bytes(block?)).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn one(bytes: Bytes) -> impl Stream<Item = Result<Bytes>> {
    futures::stream::once(async move { Ok(bytes) })
}

/// Writes the ZIP to a file whose name is gone before anything is in it.
fn write(path: &Path, mut pieces: mpsc::Receiver<Piece>) -> Result<(File, u64)> {
    let file = File::options().read(true).write(true).create_new(true).open(path)?;
    std::fs::remove_file(path)?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(file);
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::File(path) => zip.start_file(path, options).map_err(Error::internal)?,
            Piece::Bytes(bytes) => zip.write_all(&bytes)?,
        }
    }
    let mut file = zip.finish().map_err(Error::internal)?;
    let size = file.stream_position()?;
    file.rewind()?;
    Ok((file, size))
}
