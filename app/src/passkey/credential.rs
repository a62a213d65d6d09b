//! Between JSON and the browser's credentials: the server writes binary members in base64url, the browser wants
//! and gives buffers. Pure, so that the conversion is tested without a browser; older browsers know no
//! `parseRequestOptionsFromJSON`, so this does for all of them.

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Options as the browser wants them: JSON, but for members that are bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Bytes(Vec<u8>),
    /// Text, number, boolean or null.
    Plain(Value),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Reads `{"publicKey": …}`. `None` when it is no JSON object or a binary member is no base64url.
pub(super) fn read_options(json: &str) -> Option<Node> {
    match serde_json::from_str(json).ok()? {
        Value::Object(map) => convert(Value::Object(map), false),
        _ => None,
    }
}

/// `within_descriptor`: inside `user` or a list of credentials, whose `id` is bytes (that of `rp` is a name).
fn convert(value: Value, within_descriptor: bool) -> Option<Node> {
    Some(match value {
        Value::Object(map) => {
            let mut members = Vec::with_capacity(map.len());
            for (name, value) in map {
                let node = match (&value, name.as_str()) {
                    (Value::String(text), "challenge") => Node::Bytes(decode(text)?),
                    (Value::String(text), "id") if within_descriptor => Node::Bytes(decode(text)?),
                    (_, "user" | "allowCredentials" | "excludeCredentials") => convert(value, true)?,
                    _ => convert(value, false)?,
                };
                members.push((name, node));
            }
            Node::Map(members)
        }
        Value::Array(items) => {
            Node::List(items.into_iter().map(|item| convert(item, within_descriptor)).collect::<Option<_>>()?)
        }
        plain => Node::Plain(plain),
    })
}

/// What the browser gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) raw_id: Vec<u8>,
    pub(super) client_data_json: Vec<u8>,
    /// Of a registration.
    pub(super) attestation_object: Option<Vec<u8>>,
    /// Of a registration: `internal`, `hybrid`, `usb` …
    pub(super) transports: Vec<String>,
    /// Of a signature.
    pub(super) authenticator_data: Option<Vec<u8>>,
    pub(super) signature: Option<Vec<u8>>,
    pub(super) user_handle: Option<Vec<u8>>,
    pub(super) attachment: Option<String>,
}

impl Given {
    /// As `PublicKeyCredential.toJSON` writes it.
    pub(super) fn to_json(&self) -> String {
        let id = encode(&self.raw_id);
        let mut response = json!({ "clientDataJSON": encode(&self.client_data_json) });
        let optional = [
            ("attestationObject", &self.attestation_object),
            ("authenticatorData", &self.authenticator_data),
            ("signature", &self.signature),
            ("userHandle", &self.user_handle),
        ];
        for (name, bytes) in optional {
            if let Some(bytes) = bytes {
                response[name] = encode(bytes).into();
            }
        }
        if self.attestation_object.is_some() {
            response["transports"] = json!(self.transports);
        }
        let mut credential = json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} });
        if let Some(attachment) = &self.attachment {
            credential["authenticatorAttachment"] = attachment.as_str().into();
        }
        credential.to_string()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
        path.iter().fold(node, |node, name| match node {
            Node::Map(members) => &members.iter().find(|(found, _)| found == name).expect(name).1,
            Node::List(items) => &items[name.parse::<usize>().expect(name)],
            other => panic!("{name} of {other:?}"),
        })
    }

    #[test]
    fn challenge_user_and_credentials_become_bytes_and_nothing_else_does() {
        let options = read_options(
            r#"{"publicKey": {
                "challenge": "-_8BAg",
                "rp": {"id": "localhost", "name": "AAAA"},
                "user": {"id": "AQID", "name": "AAAA", "displayName": "AAAA"},
                "excludeCredentials": [{"type": "public-key", "id": "_w=="}],
                "timeout": 300000,
                "authenticatorSelection": {"userVerification": "required"}
            }}"#,
        )
        .expect("options");
        let at = |path: &[&str]| member(&options, path).clone();
        assert_eq!(at(&["publicKey", "challenge"]), Node::Bytes(vec![0xfb, 0xff, 1, 2]));
        assert_eq!(at(&["publicKey", "rp", "id"]), Node::Plain("localhost".into()));
        assert_eq!(at(&["publicKey", "user", "id"]), Node::Bytes(vec![1, 2, 3]));
        assert_eq!(at(&["publicKey", "user", "name"]), Node::Plain("AAAA".into()));
        assert_eq!(at(&["publicKey", "excludeCredentials", "0", "id"]), Node::Bytes(vec![0xff]));
        assert_eq!(at(&["publicKey", "timeout"]), Node::Plain(300_000.into()));
    }

    #[test]
    fn what_is_no_base64url_is_refused_rather_than_signed() {
        assert_eq!(read_options(r#"{"publicKey": {"challenge": "+/+/"}}"#), None);
        assert_eq!(read_options(r#"["publicKey"]"#), None);
        assert_eq!(read_options("no JSON"), None);
    }

    #[test]
    fn a_signature_carries_no_members_of_a_registration() {
        let given = Given {
            raw_id: vec![0xfb, 0xff],
            client_data_json: b"{}".to_vec(),
            authenticator_data: Some(vec![1]),
            signature: Some(vec![2]),
            ..Given::default()
        };
        let json: Value = serde_json::from_str(&given.to_json()).expect("JSON");
        assert_eq!(json["id"], "-_8");
        assert_eq!(json["rawId"], "-_8");
        assert_eq!(
            json["response"],
            json!({"clientDataJSON": "e30", "authenticatorData": "AQ", "signature": "Ag"})
        );
    }
}
