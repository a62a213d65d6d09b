//! The receipt of a submitted version: the file that proves it offline (`guxin-receipt/v1`, [`ledger::receipt`]) and
//! a PDF for people. Both are made on request from what the ledger has published, so they exist only once a
//! checkpoint covers the submission; before that the answer is to come back in a second.

use domain::{id::FilingId, locale::Locale};

use crate::{cx::Cx, error::Result, sheet, witness::finality::Judge};

pub(crate) mod issue;
pub(crate) mod page;

pub use issue::receipt;

/// The receipt file's bytes (`receipt.json`).
///
/// # Errors
/// As [`receipt`].
pub async fn file(cx: &Cx, filing: FilingId, number: i64) -> Result<Vec<u8>> {
    receipt(cx, filing, number).await?.to_bytes().map_err(crate::Error::internal)
}

/// The receipt as a PDF of A4 pages.
///
/// # Errors
/// As [`receipt`]; internal when no font can be read.
pub async fn pdf(cx: &Cx, filing: FilingId, number: i64, locale: Locale) -> Result<Vec<u8>> {
    let issued = issue::gather(cx, filing, number, issue::Base::Newest).await?;
    let finality = Judge::now(cx).await?.judge(cx, &issued.proof.checkpoint)?;
    let texts = page::texts(cx, &issued, &finality, locale)?;
    let chosen = cx.settings.pdf_font.clone();
    // Subsetting the font takes a moment of pure computation.
    tokio::task::spawn_blocking(move || sheet::draw(&texts, &sheet::load(chosen.as_deref())?))
        .await
        .map_err(crate::Error::internal)?
}
