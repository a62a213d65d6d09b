//! Bytes as unpadded base64url, the way browsers write binary members of credentials in JSON.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Bytes that travel as base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base64Url(pub Vec<u8>);

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        // Some scripts pad; nothing is lost by reading both.
        URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_with_or_without_padding() {
        let bytes = Base64Url(vec![0xfb, 0xff, 1, 2]);
        assert_eq!(serde_json::to_string(&bytes).unwrap(), "\"-_8BAg\"");
        assert_eq!(serde_json::from_str::<Base64Url>("\"-_8BAg==\"").unwrap(), bytes);
        assert!(serde_json::from_str::<Base64Url>("\"+/8B\"").is_err());
    }
}
