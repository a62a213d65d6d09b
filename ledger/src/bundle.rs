//! Entry bundles (C2SP tlog-tiles): up to 256 entries, each after its length as a big-endian 16-bit number.
//!
//! Read by mirrors, by `guxin ledger fsck` and when the sequencer starts again; written by `tree`.

use crate::{entry::MAX_ENTRY_BYTES, tile::FULL_WIDTH};

/// Why bytes are no bundle, or entries do not fit one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than 65,535 bytes.
    #[error("an entry may have at most 65535 bytes, this one has {0}")]
    EntryTooLong(usize),
    /// More than 256 entries.
    #[error("a bundle holds at most 256 entries")]
    TooMany,
    /// The bytes end inside a length or an entry.
    #[error("the bundle is cut short in entry {0}")]
    Truncated(usize),
}

/// Appends one entry to a bundle's bytes.
///
/// # Errors
/// [`BundleError::EntryTooLong`].
pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, borrowed from it.
///
/// # Errors
/// [`BundleError::Truncated`] names the entry (from 0) in which the bytes end, [`BundleError::TooMany`] above 256.
pub fn entries(mut bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        if entries.len() == usize::from(FULL_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let cut = BundleError::Truncated(entries.len());
        let (length, rest) = bundle.split_first_chunk::<2>().ok_or(cut)?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(cut)?;
        debug_assert!(entry.len() <= MAX_ENTRY_BYTES);
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits() {
        let mut bundle = Vec::new();
        push(&mut bundle, &vec![1; 65_535]).unwrap();
        push(&mut bundle, b"").unwrap();
        assert_eq!(entries(&bundle).unwrap(), [vec![1; 65_535].as_slice(), b""]);
        assert_eq!(push(&mut bundle, &vec![1; 65_536]), Err(BundleError::EntryTooLong(65_536)));
        assert_eq!(entries(&bundle[..bundle.len() - 1]), Err(BundleError::Truncated(1)));
        assert_eq!(entries(&bundle[..100]), Err(BundleError::Truncated(0)));
        assert_eq!(entries(&[0; 512]).unwrap().len(), 256);
        assert_eq!(entries(&[0; 514]), Err(BundleError::TooMany));
    }

    proptest! {
        #[test]
        fn round_trips(list in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..256)) {
            let mut bundle = Vec::new();
            for entry in &list {
                push(&mut bundle, entry).unwrap();
            }
            prop_assert_eq!(entries(&bundle).unwrap(), list);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = entries(&bytes);
        }
    }
}
