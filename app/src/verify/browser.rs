//! Reading files in the browser: a receipt whole (but never more than a receipt may have), a document piece by piece.
//! On the server these do nothing, because no event ever reaches them there.

use leptos::ev;
#[cfg(target_arch = "wasm32")]
use leptos::wasm_bindgen::JsCast;

/// A file that somebody chose.
#[cfg(target_arch = "wasm32")]
pub(crate) type Chosen = web_sys::File;
/// There are no files to choose on the server.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug)]
pub(crate) enum Chosen {}

/// Bytes hashed between two looks at the clock: small enough that a phone's page goes on answering.
#[cfg(target_arch = "wasm32")]
const PIECE: u32 = 4 << 20;

/// The file of a `change` event, and the field emptied, so that choosing the same file again is an event again.
#[cfg(target_arch = "wasm32")]
pub(crate) fn chosen(event: &ev::Event) -> Option<Chosen> {
    let input: web_sys::HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = input.files()?.get(0);
    input.set_value("");
    file
}
/// Nothing is chosen on the server.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn chosen(_: &ev::Event) -> Option<Chosen> {
    None
}

/// The files of a `drop` event.
#[cfg(target_arch = "wasm32")]
pub(crate) fn dropped(event: &ev::DragEvent) -> Vec<Chosen> {
    event.prevent_default();
    let files = event.data_transfer().and_then(|data| data.files());
    files.map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect()).unwrap_or_default()
}
/// Nothing is dropped on the server.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn dropped(_: &ev::DragEvent) -> Vec<Chosen> {
    Vec::new()
}

/// Name and size in bytes.
#[cfg(target_arch = "wasm32")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a file's size is a whole number below 2^53"
)]
pub(crate) fn described(file: &Chosen) -> (String, u64) {
    (file.name(), file.size() as u64)
}
/// There is no file to describe.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn described(file: &Chosen) -> (String, u64) {
    match *file {}
}

/// The first bytes of a file, at most `most`; none when the browser cannot read it (gone, or not permitted).
#[cfg(target_arch = "wasm32")]
pub(crate) async fn head(file: &Chosen, most: usize) -> Option<Vec<u8>> {
    #[expect(clippy::cast_precision_loss, reason = "tens of megabytes")]
    piece(file, 0.0, most as f64).await
}
/// There is no file to read.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn head(file: &Chosen, _: usize) -> Option<Vec<u8>> {
    match *file {}
}

/// Reads a file through both digests, telling after each piece how many bytes are done.
#[cfg(target_arch = "wasm32")]
pub(crate) async fn digest(file: &Chosen, told: impl Fn(u64)) -> Option<ledger::Digests> {
    let mut digester = ledger::Digester::new();
    let size = file.size();
    let mut at = 0.0;
    while at < size {
        let bytes = piece(file, at, (at + f64::from(PIECE)).min(size)).await?;
        if bytes.is_empty() {
            return None;
        }
        digester.update(&bytes);
        at += f64::from(PIECE);
        told(digester.length());
    }
    Some(digester.finish())
}
/// There is no file to read.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn digest(file: &Chosen, _: impl Fn(u64)) -> Option<ledger::Digests> {
    match *file {}
}

#[cfg(target_arch = "wasm32")]
async fn piece(file: &Chosen, from: f64, to: f64) -> Option<Vec<u8>> {
    let blob = file.slice_with_f64_and_f64(from, to).ok()?;
    let buffer = wasm_bindgen_futures::JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}
