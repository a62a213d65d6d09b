//! The little CBOR (RFC 8949) that a COSE key needs: integers, byte strings and one map of definite length, in the shortest encoding
//! only (CTAP2 canonical form). Everything else is an error. Called by `cose` alone.

/// A value of a COSE key's map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

/// Reads a map of small integers to items; `None` for anything else, a repeated key, or bytes that follow the map.
pub(crate) fn read_map(mut bytes: &[u8]) -> Option<Vec<(i64, Item<'_>)>> {
    let input = &mut bytes;
    let (5, count) = read_head(input)? else { return None };
    // No COSE key has more; this also bounds the work on hostile input.
    if count > 16 {
        return None;
    }
    let mut members: Vec<(i64, Item<'_>)> = Vec::new();
    for _ in 0..count {
        let Item::Int(key) = read_item(input)? else { return None };
        if members.iter().any(|(seen, _)| *seen == key) {
            return None;
        }
        members.push((key, read_item(input)?));
    }
    input.is_empty().then_some(members)
}

fn read_item<'a>(input: &mut &'a [u8]) -> Option<Item<'a>> {
    match read_head(input)? {
        (0, value) => Some(Item::Int(i64::try_from(value).ok()?)),
        (1, value) => Some(Item::Int(-1 - i64::try_from(value).ok()?)),
        (2, length) => {
            let (bytes, rest) = input.split_at_checked(usize::try_from(length).ok()?)?;
            *input = rest;
            Some(Item::Bytes(bytes))
        }
        _ => None,
    }
}

/// Major type and argument; longer encodings than needed and indefinite lengths are refused.
fn read_head(input: &mut &[u8]) -> Option<(u8, u64)> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    let (major, info) = (first >> 5, first & 0x1f);
    let length = match info {
        0..=23 => return Some((major, u64::from(info))),
        24..=27 => 1usize << (info - 24),
        _ => return None,
    };
    let (argument, rest) = input.split_at_checked(length)?;
    *input = rest;
    let value = argument.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let smallest = match length {
        1 => 24,
        2 => 1 << 8,
        4 => 1 << 16,
        _ => 1 << 32,
    };
    (value >= smallest).then_some((major, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[test]
    fn integers_and_bytes() {
        let bytes = hex::decode("a4010203262000214568656c6c6f").unwrap();
        let map = read_map(&bytes).unwrap();
        assert_eq!(
            map,
            [(1, Item::Int(2)), (3, Item::Int(-7)), (-1, Item::Int(0)), (-2, Item::Bytes(b"hello"))]
        );
        assert_eq!(read_map(&[0xa0]), Some(vec![]));
        assert_eq!(read_map(&hex::decode("a101190100").unwrap()), Some(vec![(1, Item::Int(256))]));
    }

    #[rstest]
    #[case("")]
    #[case("a1")] // cut short
    #[case("a101")]
    #[case("a1014568")]
    #[case("a10102ff")] // bytes behind it
    #[case("a201020103")] // the key 1 twice
    #[case("bf0102ff")] // indefinite length
    #[case("a1011802")] // 2 in two bytes
    #[case("a101190018")] // 24 in three bytes
    #[case("b80101 02")]
    #[case("a1016161")] // a text
    #[case("a101f5")] // true
    #[case("a1410102")] // a byte string as key
    #[case("b1")] // too many members
    #[case("a1011bffffffffffffffff")] // beyond i64
    #[case("a1015bffffffffffffffff")]
    fn the_rest_is_refused(#[case] text: &str) {
        assert_eq!(read_map(&hex::decode(text.replace(' ', "")).unwrap()), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read_map(&bytes);
        }
    }
}
