//! Canonical JSON (RFC 8785) for the values the ledger uses: strings, integers, booleans, null, arrays, objects.
//!
//! Everything that is hashed or signed goes through here, so that one value has exactly one byte string. Fractions and exponents are
//! refused rather than formatted: nothing on the ledger needs them, and without them the rules fit on this page. Called by
//! `entry`, `manifest`, `statement` and `receipt`; nobody else builds JSON that is hashed.

pub use crate::members::FromJson;
use serde::Serialize;
use serde_json::Value;

/// Largest integer that every JSON reader keeps exactly (2^53 - 1, RFC 7493 §2.2).
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why bytes are not, or a value cannot become, canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// Not JSON, or not the shape expected of it.
    #[error("not the expected JSON: {0}")]
    Json(String),
    /// A number that is no integer, or lies outside ±(2^53 - 1).
    #[error("only integers between -(2^53-1) and 2^53-1 are allowed")]
    Number,
    /// Valid JSON with another spelling than RFC 8785 gives it: order of keys, white space, escapes, a repeated or null field.
    #[error("the JSON is not in canonical form (RFC 8785)")]
    NotCanonical,
}

/// Writes `value` in its canonical form.
///
/// # Errors
/// [`CanonicalError::Number`] for a number that is no safe integer, [`CanonicalError::Json`] when the type cannot be serialised.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|e| CanonicalError::Json(e.to_string()))?;
    let mut out = String::new();
    write(&value, &mut out)?;
    Ok(out)
}

/// Reads `bytes` as a `T` and refuses them unless they are exactly what [`to_string`] gives for the result, so that a repeated key,
/// an unknown field, a null or an odd escape cannot hide in signed bytes.
///
/// # Errors
/// [`CanonicalError::Json`] for a wrong shape, [`CanonicalError::NotCanonical`] for another spelling.
pub fn from_slice<T: FromJson>(bytes: &[u8]) -> Result<T, CanonicalError> {
    let (value, canonical) = parse(bytes)?;
    let read = T::from_json(value)?;
    if canonical? { Ok(read) } else { Err(CanonicalError::NotCanonical) }
}

/// The JSON, and whether it is spelt as it must be. A `T` takes every member or refuses the value, so that the value's canonical
/// form is the `T`'s. Apart from [`from_slice`], so that it is compiled once for every `T`.
fn parse(bytes: &[u8]) -> Result<(Value, Result<bool, CanonicalError>), CanonicalError> {
    let text = std::str::from_utf8(bytes).map_err(|e| CanonicalError::Json(e.to_string()))?;
    let value: Value = serde_json::from_str(text).map_err(|e| CanonicalError::Json(e.to_string()))?;
    let mut spelt = String::with_capacity(bytes.len());
    let canonical = write(&value, &mut spelt).map(|()| spelt == text);
    Ok((value, canonical))
}

fn write(value: &Value, out: &mut String) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let safe =
                number.as_i64().filter(|n| n.unsigned_abs() <= MAX_INTEGER).ok_or(CanonicalError::Number)?;
            out.push_str(&safe.to_string());
        }
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // RFC 8785 §3.2.3 orders by UTF-16 code units: U+10000 and above come before U+E000.
            members.sort_unstable_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (i, (name, member)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// RFC 8785 §3.2.2.2: short escapes where JSON has them, `\u00xx` in lower case for other control characters, all else verbatim.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                let code = u32::from(c);
                out.push_str("\\u00");
                out.push(if code >= 16 { '1' } else { '0' });
                out.push(char::from_digit(code % 16, 16).unwrap_or('0'));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    #[test]
    fn keys_are_ordered_by_utf16_code_units() {
        // The example of RFC 8785 §3.2.3.
        let value =
            json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let expected =
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(to_string(&value).unwrap(), expected);
    }

    #[rstest]
    #[case(b"{\"b\":1,\"a\":2}")]
    #[case(b"{\"a\":2, \"b\":1}")]
    #[case(b"{\"a\":1,\"a\":1}")]
    #[case(b"[1.0]")]
    #[case(b"[1e2]")]
    #[case(b"[-0]")]
    #[case(b"[\"\\u0041\"]")]
    #[case(b"[\"\\/\"]")]
    #[case(b" []")]
    #[case(b"[]\n")]
    #[case(b"[9007199254740992]")]
    #[case(b"[18446744073709551615]")]
    fn another_spelling_is_refused(#[case] bytes: &[u8]) {
        assert!(from_slice::<Value>(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert!(matches!(from_slice::<Value>(&deep), Err(CanonicalError::Json(_))));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_another_implementation_and_round_trips(value in any_value()) {
            let ours = to_string(&value).unwrap();
            prop_assert_eq!(&ours, &serde_jcs::to_string(&value).unwrap());
            prop_assert_eq!(from_slice::<Value>(ours.as_bytes()).unwrap(), value);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = from_slice::<Value>(&bytes);
        }
    }
}
