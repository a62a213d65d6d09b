//! The public ledger in JSON, for programs that do not want to parse the C2SP formats below `/ledger/`. Anybody may
//! read it. What is said here can be checked: every answer holds what a verifier needs.

use std::collections::BTreeMap;

use backend::{Error, ledger_store::lookup};
use ledger::{Entry, EntryKind, merkle::leaf_hash};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{self, Answer, List},
    caller::{Address, Anybody, Asked},
    problem::PublicFailures,
};

/// The published checkpoint: a signed statement of how many entries there are and what their root hash is.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerCheckpoint {
    /// Name of the log.
    #[schema(example = "guxin.example/log")]
    origin: String,
    /// Number of entries.
    #[schema(example = 512)]
    size: u64,
    /// Root hash over them (RFC 9162), hexadecimal.
    root: String,
    /// The signed note (C2SP tlog-checkpoint), verbatim.
    note: String,
    /// The log's verifier key; pin it, do not take it from here each time.
    verifier_key: String,
}

/// One entry. Ids are pseudonyms; nothing personal is on the ledger.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerEntry {
    /// Index in the log, from 0.
    #[schema(example = 0)]
    index: u64,
    /// What happened, e.g. `submission`.
    #[schema(example = "submission")]
    kind: String,
    /// When, by the server's clock; microseconds since the epoch, UTC.
    time: i64,
    /// Pseudonym of the acting organisation.
    organisation: String,
    /// The object it happened to.
    #[schema(example = "filing:019c0000-0000-7000-8000-000000000000")]
    object: String,
    /// That object's version after the event.
    object_version: u64,
    /// Digests by algorithm, hexadecimal.
    digests: BTreeMap<String, String>,
    /// Hash of the rule pack that applied.
    rule_pack: Option<String>,
    /// Leaf hash of the object's entry before.
    prev: Option<String>,
    /// Further references by name.
    refs: BTreeMap<String, String>,
    /// Leaf hash of this entry (RFC 9162), hexadecimal.
    leaf_hash: String,
    /// The entry's bytes, which are canonical JSON: what the leaf hash covers.
    text: String,
}

/// Where entries with a digest are.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerPlace {
    /// Index in the log, from 0.
    #[schema(example = 0)]
    index: u64,
}

/// A proof that an entry is in the published checkpoint's tree. It was verified before it was given out.
#[derive(Debug, Serialize, ToSchema)]
struct InclusionProof {
    /// Index of the entry, from 0.
    #[schema(example = 0)]
    index: u64,
    /// Leaf hash of the entry, hexadecimal.
    leaf_hash: String,
    /// Number of entries of the tree.
    #[schema(example = 512)]
    tree_size: u64,
    /// Root hash that the path leads to, hexadecimal.
    root: String,
    /// Hashes beside the path, from the leaf upwards (RFC 9162 §2.1.3), hexadecimal.
    hashes: Vec<String>,
    /// The signed checkpoint, verbatim.
    checkpoint: String,
    /// The same as a file (C2SP tlog-proof) with the entry in it: `guxin verify` reads it.
    tlog_proof: String,
}

/// Digest to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// 64 hexadecimal digits: a leaf hash, or the SHA-256 or SM3 of a document or of a version's manifest.
    #[param(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    digest: String,
}

/// The published checkpoint.
#[utoipa::path(get, path = "/ledger/checkpoint", tag = "ledger", security(()),
    responses((status = 200, body = LedgerCheckpoint), PublicFailures))]
pub(super) async fn checkpoint(anybody: Anybody) -> Answer {
    let (checkpoint, note) = anybody.cx.ledger.checkpoint().await?;
    let body = LedgerCheckpoint {
        origin: checkpoint.origin,
        size: checkpoint.size,
        root: hexadecimal(&checkpoint.root.0),
        note,
        verifier_key: anybody.cx.ledger.verifier_key().to_string(),
    };
    answer::json(&anybody.headers, &body)
}

/// Entries that carry a digest, newest first, at most fifty.
#[utoipa::path(get, path = "/ledger/entries", tag = "ledger", params(Query), security(()),
    responses((status = 200, body = List<LedgerPlace>), PublicFailures))]
pub(super) async fn entries(anybody: Anybody, Asked(asked): Asked<Query>) -> Answer {
    let digest = digest(&asked.digest).ok_or_else(|| answer::invalid("digest", "64 hexadecimal digits"))?;
    let found = lookup::by_digest(&anybody.cx, &digest).await?;
    answer::json(
        &anybody.headers,
        &List::whole(found.into_iter().map(|index| LedgerPlace { index }).collect()),
    )
}

/// One entry.
///
/// Everybody. With a supervisor's token the reading is recorded (`supervision.leaf`).
#[utoipa::path(get, path = "/ledger/entries/{index}", tag = "ledger", security(()),
    params(("index" = u64, Path, description = "Index in the log, from 0.")),
    responses((status = 200, body = LedgerEntry), PublicFailures))]
pub(super) async fn entry(anybody: Anybody, Address(index): Address<u64>) -> Answer {
    anybody.noted_leaf().await?;
    let bytes = anybody.cx.ledger.entry(index).await?;
    let entry = Entry::parse(&bytes).map_err(Error::internal)?;
    let body = LedgerEntry {
        index,
        kind: kind(entry.kind)?,
        time: entry.time.unix_micros(),
        organisation: entry.org,
        object: entry.object,
        object_version: entry.object_version,
        digests: entry.digests,
        rule_pack: entry.rule_pack.map(|hash| hash.to_string()),
        prev: entry.prev.map(|hash| hash.to_string()),
        refs: entry.refs.unwrap_or_default(),
        leaf_hash: hexadecimal(&leaf_hash(&bytes).0),
        text: String::from_utf8(bytes).map_err(Error::internal)?,
    };
    answer::json(&anybody.headers, &body)
}

/// A proof that an entry is on the ledger.
///
/// Everybody. With a supervisor's token the reading is recorded (`supervision.leaf`).
#[utoipa::path(get, path = "/ledger/entries/{index}/proof", tag = "ledger", security(()),
    params(("index" = u64, Path, description = "Index in the log, from 0.")),
    responses((status = 200, body = InclusionProof), PublicFailures))]
pub(super) async fn proof(anybody: Anybody, Address(index): Address<u64>) -> Answer {
    anybody.noted_leaf().await?;
    let proof = anybody.cx.ledger.proof(index).await?;
    let checkpoint =
        anybody.cx.ledger.keys().open(&proof.checkpoint, &[]).map_err(Error::internal)?.checkpoint;
    let body = InclusionProof {
        index,
        leaf_hash: hexadecimal(&leaf_hash(proof.extra.as_deref().unwrap_or_default()).0),
        tree_size: checkpoint.size,
        root: hexadecimal(&checkpoint.root.0),
        hashes: proof.hashes.iter().map(|hash| hexadecimal(&hash.0)).collect(),
        tlog_proof: proof.to_string(),
        checkpoint: proof.checkpoint,
    };
    answer::json(&anybody.headers, &body)
}

/// As the entry itself spells it.
fn kind(kind: EntryKind) -> Result<String, Error> {
    let value = serde_json::to_value(kind)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}
