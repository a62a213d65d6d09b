//! What the reading process does: read one file of a known kind. Nothing here is trusted to end or to stay small; the
//! limits of the process see to that ([`super::confine`]).

use std::{fs::File, path::Path, time::Instant};

use domain::{media::Kind, reading::Reading};

use super::{docx, limits::Limits, pdf, problem::Problem, recognition, xlsx};

/// Reads a file.
///
/// # Errors
/// Why not; see [`Problem`].
pub fn read(path: &Path, kind: Kind, limits: &Limits) -> Result<Reading, Problem> {
    let begun = Instant::now();
    let open = || File::open(path).map_err(|_| Problem::Damaged { kind });
    match kind {
        Kind::Pdf => pdf::read(path, limits, begun),
        Kind::Docx => docx::read(open()?, limits),
        Kind::Xlsx => xlsx::read(open()?, limits),
        Kind::Jpg | Kind::Png => recognition::read(path, kind, limits, begun),
    }
}
