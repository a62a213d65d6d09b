//! Follows the markers of a JPEG stream to its end-of-image marker. Looking for the two bytes FF D9 alone would be
//! fooled by the thumbnail that cameras put into the header, and by what phones append after the picture.

/// Where the reader stands. Bytes are fed in order, in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct JpegScan {
    state: State,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Before or between markers: expects FF.
    #[default]
    Marker,
    /// After FF: the marker's code.
    Code,
    /// First length byte; `scan` when entropy-coded data follows the segment.
    LengthHigh {
        scan: bool,
    },
    LengthLow {
        scan: bool,
        high: u8,
    },
    Skip {
        scan: bool,
        left: u16,
    },
    /// Entropy-coded data, until FF and something else than 00 or a restart marker.
    Scan,
    ScanFf,
    Complete,
    Broken,
}

impl JpegScan {
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }

    pub(super) fn update(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() && !matches!(self.state, State::Complete | State::Broken) {
            match self.state {
                // The two states that hold nearly all the bytes move in leaps.
                State::Scan => match chunk.iter().position(|byte| *byte == 0xFF) {
                    Some(at) => {
                        chunk = &chunk[at + 1..];
                        self.state = State::ScanFf;
                    }
                    None => return,
                },
                State::Skip { scan, left } => {
                    let step = chunk.len().min(usize::from(left));
                    chunk = &chunk[step..];
                    let left = left - u16::try_from(step).unwrap_or(left);
                    self.state = if left == 0 { after_segment(scan) } else { State::Skip { scan, left } };
                }
                state => {
                    self.state = next(state, chunk[0]);
                    chunk = &chunk[1..];
                }
            }
        }
    }
}

fn after_segment(scan: bool) -> State {
    if scan { State::Scan } else { State::Marker }
}

fn next(state: State, byte: u8) -> State {
    match (state, byte) {
        (State::Marker, 0xFF) => State::Code,
        (State::Marker, _) => State::Broken,
        // FF may be repeated as filling before a code.
        (State::Code | State::ScanFf, 0xFF) => state,
        (State::Code | State::ScanFf, 0xD9) => State::Complete,
        (State::ScanFf, 0x00 | 0xD0..=0xD7) => State::Scan,
        (State::Code, 0x01 | 0xD0..=0xD8) => State::Marker,
        (State::Code, 0x00) => State::Broken,
        (State::Code | State::ScanFf, code) => State::LengthHigh { scan: code == 0xDA },
        (State::LengthHigh { scan }, high) => State::LengthLow { scan, high },
        (State::LengthLow { scan, high }, low) => match u16::from_be_bytes([high, low]) {
            // The length counts its own two bytes.
            0 | 1 => State::Broken,
            2 => after_segment(scan),
            length => State::Skip { scan, left: length - 2 },
        },
        (state, _) => state,
    }
}
