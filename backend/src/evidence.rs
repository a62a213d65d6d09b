//! Evidence that leaves the house: the certificate (存证证明) of a submitted version, a document or an attestation as a PDF, and
//! the bundle that proves it, a ZIP with receipt, documents, keys and how to check them ([`ledger::evidence`]).
//!
//! Both are made on request from what the ledger has published, and are the same bytes each time: proofs are for the checkpoint
//! that stays ([`crate::witness::finality::Basis::lasting`]), nothing in them is drawn by chance or dated with the clock.

use domain::{
    id::{AttestationId, DocumentId, FilingId},
    locale::Locale,
};

use crate::{cx::Cx, error::Result, sheet};

mod certificate;
pub(crate) mod item;
mod pack;
mod phrases;
mod readme;

pub use pack::Bundle;

/// What evidence is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A submitted version of a filing.
    Version(FilingId, i64),
    /// One version of a document.
    Document(DocumentId, i64),
    /// A firm's attestation.
    Attestation(AttestationId),
}

/// The certificate's number and its PDF.
///
/// # Errors
/// As the object itself for this reader; busy until it is anchored.
pub async fn certificate(cx: &Cx, subject: Subject, locale: Locale) -> Result<(String, Vec<u8>)> {
    let item = item::gather(cx, subject).await?;
    let texts = certificate::texts(cx, &item, locale)?;
    Ok((item.number.clone(), drawn(cx, vec![texts]).await?.pop().unwrap_or_default()))
}

/// The bundle, ready to be sent.
///
/// # Errors
/// As [`certificate`]; busy while others are being packed.
pub async fn bundle(cx: &Cx, subject: Subject) -> Result<Bundle> {
    let item = item::gather(cx, subject).await?;
    let texts = [Locale::Zh, Locale::En].map(|locale| certificate::texts(cx, &item, locale));
    let [zh, en] = texts;
    let sheets = drawn(cx, vec![zh?, en?]).await?;
    pack::pack(cx, &item, sheets).await
}

async fn drawn(cx: &Cx, texts: Vec<sheet::Texts>) -> Result<Vec<Vec<u8>>> {
    let chosen = cx.settings.pdf_font.clone();
    // Subsetting the font takes a moment of pure computation.
    tokio::task::spawn_blocking(move || {
        let face = sheet::load(chosen.as_deref())?;
        texts.iter().map(|texts| sheet::draw(texts, &face)).collect()
    })
    .await
    .map_err(crate::Error::internal)?
}
