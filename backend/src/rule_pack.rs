//! The rule packs of this instance: stored with their exact bytes, and each version's release anchored once, so
//! that nobody can say later that other rules applied. Run at start, and again when the exchange is set up.

use domain::{id::OrgId, rule_pack::LISTING_2026_2, rule_pack::RulePack, text::Text};
use ledger::EntryKind;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    journal::{self, Record},
    sql::statements,
};

/// The packs that come with the program, as files.
const BUNDLED: [&str; 1] = [LISTING_2026_2];

/// A version of a rule pack as lists show it.
#[derive(Clone, Debug, Serialize)]
pub struct RulePackView {
    pub id: String,
    pub version: String,
    pub title: Text,
    /// Where the rules come from and what is not official.
    pub source: Text,
    pub sha256: String,
    /// `2026-01-01`.
    pub effective_from: String,
    pub released_at: i64,
    pub fields: usize,
    pub slots: usize,
    /// Filings made under it.
    pub filings: i64,
    /// The leaf of its release, once sequenced.
    pub leaf_index: Option<i64>,
}

/// Stores every bundled pack and anchors the releases that are not anchored yet, in the name of the exchange.
/// Answers how many were anchored: 0 while no exchange is set up. Safe to repeat.
///
/// # Errors
/// Internal when a stored version has other bytes than the bundled one: a released pack never changes.
pub async fn store(cx: &Cx) -> Result<usize> {
    let mut tx = cx.db.begin().await?;
    let exchange: Option<(Uuid,)> = tx.maybe(EXCHANGE, args![]).await?;
    let mut anchored = 0;
    for body in BUNDLED {
        let pack = RulePack::parse(body)
            .map_err(|errors| Error::internal(anyhow::anyhow!("bundled rule pack: {errors:?}")))?;
        let (id, version, hash) = (pack.id.as_str(), pack.version.as_str(), pack.sha256());
        let from = pack.effective_from.to_string();
        tx.run(STORE, args![id, version, hash, body, from, cx.now()]).await?;
        let (stored,): (Vec<u8>,) = tx.one(HASH, args![id, version]).await?;
        if stored != hash {
            return Err(Error::internal(anyhow::anyhow!(
                "rule pack {id} {version} was stored with other bytes"
            )));
        }
        let (Some((exchange,)), key) = (exchange, release_key(id, version)) else { continue };
        if tx.maybe::<(i64,)>(RELEASED, args![key.as_str()]).await?.is_some() {
            continue;
        }
        let mut record = Record::new(
            EntryKind::RulePackRelease,
            "rule_pack_released",
            "rule_pack",
            subject(hash),
            1,
            OrgId(exchange),
        );
        record.idempotency_key = key;
        record.digests.insert("sha-256".into(), pack.sha256_hex());
        record.refs.insert("pack".into(), format!("{id}/{version}"));
        record.rule_pack = Some(hash);
        record.detail = serde_json::json!({ "id": id, "version": version });
        journal::record(&mut tx, cx, record).await?;
        anchored += 1;
    }
    cx.commit(tx).await?;
    Ok(anchored)
}

/// Every stored version, newest first. For anybody: rules are public.
///
/// # Errors
/// Only the database's.
pub async fn list(cx: &Cx) -> Result<Vec<RulePackView>> {
    let rows: Vec<PackRow> = cx.db.read().all(LIST, args![]).await?;
    rows.into_iter()
        .map(|row| {
            let pack = cx.pack(&row.id, &row.version)?;
            Ok(RulePackView {
                title: pack.title.clone(),
                source: pack.source.clone(),
                fields: pack.fields.len(),
                slots: pack.slots.len(),
                sha256: hex::encode(row.sha256),
                id: row.id,
                version: row.version,
                effective_from: row.effective_from,
                released_at: row.released_at,
                filings: row.filings,
                leaf_index: row.leaf_index,
            })
        })
        .collect()
}

fn release_key(id: &str, version: &str) -> String {
    format!("rule_pack:{id}:{version}:released")
}

/// A pack has no row id: the ledger names it by the first half of its hash.
fn subject(hash: [u8; 32]) -> Uuid {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(half).into_uuid()
}

#[derive(sqlx::FromRow)]
struct PackRow {
    id: String,
    version: String,
    sha256: Vec<u8>,
    effective_from: String,
    released_at: i64,
    filings: i64,
    leaf_index: Option<i64>,
}

statements! {
    EXCHANGE = "SELECT id FROM organisation WHERE kind = 'exchange' ORDER BY created_at, id LIMIT 1";
    STORE = "INSERT INTO rule_pack (id, version, sha256, body, effective_from, released_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id, version) DO NOTHING";
    HASH = "SELECT sha256 FROM rule_pack WHERE id = $1 AND version = $2";
    RELEASED = "SELECT seq FROM outbox WHERE idempotency_key = $1";
    LIST = "SELECT r.id, r.version, r.sha256, r.effective_from, r.released_at,
            (SELECT COUNT(*) FROM filing f WHERE f.pack_id = r.id AND f.pack_version = r.version) AS filings,
            x.leaf_index
        FROM rule_pack r
        LEFT JOIN outbox x ON x.idempotency_key = 'rule_pack:' || r.id || ':' || r.version || ':released'
        ORDER BY r.effective_from DESC, r.id, r.version DESC";
}
