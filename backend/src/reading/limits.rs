//! How much a reading may take, for the process that reads and for the one that started it. The defaults suit a server
//! with two cores and little memory; what people file stays far below them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits of one reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Seconds on the clock for the whole file, recognition included.
    pub time: Duration,
    /// Address space of each process of the reading, in bytes.
    pub memory_bytes: u64,
    /// Bytes of the reading as it is handed over.
    pub output_bytes: u64,
    /// Pages whose text is read; further ones are only counted.
    pub pages: usize,
    /// A PDF with more pages is not read at all.
    pub most_pages: u64,
    /// Pages whose picture is recognised, at most; each takes seconds.
    pub recognised_pages: usize,
    /// Time for recognising one page.
    pub page_time: Duration,
    /// Bytes that an Office file may unpack to.
    pub unpacked_bytes: u64,
    /// Cells of a workbook.
    pub cells: u64,
    /// Points of a picture that is recognised.
    pub pixels: u64,
    /// Whether programs of the machine may help. Without them scans and pictures stay unread.
    pub programs: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(180),
            memory_bytes: 512 << 20,
            output_bytes: 16 << 20,
            pages: 400,
            most_pages: 2_000,
            recognised_pages: 40,
            page_time: Duration::from_secs(30),
            unpacked_bytes: 128 << 20,
            cells: 500_000,
            pixels: 64_000_000,
            programs: true,
        }
    }
}
