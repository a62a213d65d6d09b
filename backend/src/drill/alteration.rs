//! What is altered: which row or object is picked, what is written into it, and how it is put back. Each is what a careful
//! forger would do: a hash that stands beside is made to fit, an object keeps its length.

use object_store::path::Path as Key;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use ledger::{Tile, merkle::leaf_hash, tile::Rank};

use crate::{
    args,
    cx::Cx,
    db::{Arg, Db},
    error::{Error, Result},
    ledger_store,
    objects::Objects,
    sql::statements,
};

/// What the drill alters, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alteration {
    /// A field's value of a filing that lies with the exchange.
    FilingField,
    /// Such a filing's stage: as if it had been approved.
    FilingStage,
    /// The manifest of a submission, with digests that fit it.
    Manifest,
    /// A byte of a document's content.
    Document,
    /// A hash in a tile.
    Tile,
    /// A byte of an entry in its bundle.
    EntryBundle,
    /// The published checkpoint.
    Checkpoint,
    /// The root of an earlier checkpoint.
    CheckpointHistory,
    /// An event in the outbox, with a leaf hash that fits it.
    OutboxEntry,
    /// What a supervisor looked at.
    AccessRecord,
    /// A witness's line.
    Cosignature,
}

/// Something to alter, and how.
pub(super) struct Planned {
    pub(super) place: String,
    pub(super) how: String,
    pub(super) change: Change,
}

/// One change and its way back.
pub(super) enum Change {
    /// The statement with the altered values, and with the original ones.
    Row {
        sql: &'static str,
        altered: Vec<Arg>,
        original: Vec<Arg>,
    },
    Object {
        key: Key,
        altered: Vec<u8>,
        original: Vec<u8>,
    },
}

impl Change {
    pub(super) async fn apply(&self, cx: &Cx) -> Result<()> {
        match self {
            Self::Row { sql, altered, .. } => write(cx, sql, altered.clone()).await,
            Self::Object { key, altered, .. } => cx.objects.put(key, altered.clone()).await,
        }
    }

    pub(super) async fn undo(&self, cx: &Cx) -> Result<()> {
        match self {
            Self::Row { sql, original, .. } => write(cx, sql, original.clone()).await,
            Self::Object { key, original, .. } => cx.objects.put(key, original.clone()).await,
        }
    }
}

async fn write(cx: &Cx, sql: &'static str, args: Vec<Arg>) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    tx.swap(sql, args).await?;
    tx.commit().await
}

/// Size of the ledger that a database knows, 0 before its first batch.
pub(super) async fn head_size(db: &Db) -> Result<i64> {
    Ok(db.read().maybe::<(i64,)>(HEAD, args![]).await?.map_or(0, |(size,)| size))
}

impl Alteration {
    pub const ALL: [Self; 11] = [
        Self::FilingField,
        Self::FilingStage,
        Self::Manifest,
        Self::Document,
        Self::Tile,
        Self::EntryBundle,
        Self::Checkpoint,
        Self::CheckpointHistory,
        Self::OutboxEntry,
        Self::AccessRecord,
        Self::Cosignature,
    ];

    /// Its name, as in the JSON report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FilingField => "filing_field",
            Self::FilingStage => "filing_stage",
            Self::Manifest => "manifest",
            Self::Document => "document",
            Self::Tile => "tile",
            Self::EntryBundle => "entry_bundle",
            Self::Checkpoint => "checkpoint",
            Self::CheckpointHistory => "checkpoint_history",
            Self::OutboxEntry => "outbox_entry",
            Self::AccessRecord => "access_record",
            Self::Cosignature => "cosignature",
        }
    }

    /// Picks what to alter; none where the instance has nothing of the kind.
    pub(super) async fn plan(self, cx: &Cx) -> Result<Option<Planned>> {
        match self {
            Self::FilingField => filing_field(cx).await,
            Self::FilingStage => filing_stage(cx).await,
            Self::Manifest => manifest(cx).await,
            Self::Document => document(cx).await,
            Self::Tile => object_of_ledger(cx, Rank::Level(0)).await,
            Self::EntryBundle => object_of_ledger(cx, Rank::Entries).await,
            Self::Checkpoint => checkpoint(cx).await,
            Self::CheckpointHistory => checkpoint_history(cx).await,
            Self::OutboxEntry => outbox_entry(cx).await,
            Self::AccessRecord => access_record(cx).await,
            Self::Cosignature => cosignature(cx).await,
        }
    }
}

async fn filing_field(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(Uuid, String, String)> = cx.db.read().maybe(FIELD, args![]).await?;
    Ok(row.map(|(filing, field, value)| Planned {
        place: format!("field {field} of filing {filing}"),
        how: "a sign was added to its value".into(),
        change: Change::Row {
            sql: SET_FIELD,
            altered: args![filing, field.as_str(), format!("{value}1")],
            original: args![filing, field.as_str(), value],
        },
    }))
}

async fn filing_stage(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(Uuid, String, String)> = cx.db.read().maybe(STAGE, args![]).await?;
    Ok(row.map(|(filing, stage, data)| {
        let nobody = Uuid::nil();
        let approved = format!("{{\"stage\":\"approved\",\"first\":\"{nobody}\",\"second\":\"{nobody}\"}}");
        Planned {
            place: format!("filing {filing}"),
            how: format!("its stage was {stage} and became approved"),
            change: Change::Row {
                sql: SET_STAGE,
                altered: args![filing, "approved", approved],
                original: args![filing, stage, data],
            },
        }
    }))
}

async fn manifest(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(Uuid, i64, String)> = cx.db.read().maybe(MANIFEST, args![]).await?;
    Ok(row.map(|(filing, number, manifest)| {
        // The name of the first document, or whatever ends last: the text stays readable and the digests fit it.
        let altered = manifest.replacen(".pdf", ".PDF", 1);
        let altered = if altered == manifest { format!("{manifest} ") } else { altered };
        let digests = |text: &str| ledger::Digests::of(text.as_bytes());
        let (new, old) = (digests(&altered), digests(&manifest));
        Planned {
            place: format!("version {number} of filing {filing}"),
            how: "a document's name in its manifest was changed, and the digests beside it made to fit"
                .into(),
            change: Change::Row {
                sql: SET_MANIFEST,
                altered: args![filing, number, altered, &new.sha256, &new.sm3],
                original: args![filing, number, manifest, &old.sha256, &old.sm3],
            },
        }
    }))
}

async fn document(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(Vec<u8>,)> = cx.db.read().maybe(BLOB, args![]).await?;
    let Some((sha256,)) = row else { return Ok(None) };
    let key = Objects::blob_key(&sha256);
    one_byte(cx, key, |length| length / 2).await
}

/// The first tile or bundle of the ledger.
async fn object_of_ledger(cx: &Cx, rank: Rank) -> Result<Option<Planned>> {
    let size = match cx.ledger.checkpoint().await {
        Ok((checkpoint, _)) => checkpoint.size,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    // The second entry where there is one: neither begin nor end. In a bundle its bytes begin after the first's length.
    let Some(tile) = Tile::at(rank, 0, size) else { return Ok(None) };
    let at = |length: usize| match rank {
        Rank::Level(_) => 40.min(length - 1),
        Rank::Entries => length / 2,
    };
    one_byte(cx, ledger_store::tile_key(&tile), at).await
}

/// Turns one bit of an object over.
async fn one_byte(cx: &Cx, key: Key, at: impl Fn(usize) -> usize) -> Result<Option<Planned>> {
    let original = cx.objects.get(&key).await?.to_vec();
    if original.is_empty() {
        return Ok(None);
    }
    let at = at(original.len());
    let mut altered = original.clone();
    if let Some(byte) = altered.get_mut(at) {
        *byte ^= 1;
    }
    let (place, how) = (key.to_string(), format!("one bit of byte {at} was turned over"));
    Ok(Some(Planned { place, how, change: Change::Object { key, altered, original } }))
}

async fn checkpoint(cx: &Cx) -> Result<Option<Planned>> {
    let original = match cx.ledger.checkpoint_text().await {
        Ok(text) => text,
        Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let altered = other_root(&original);
    let key = ledger_store::checkpoint_key();
    Ok(Some(Planned {
        place: key.to_string(),
        how: "it names another root".into(),
        change: Change::Object { key, altered: altered.into_bytes(), original: original.into_bytes() },
    }))
}

/// The note with another root in its third line.
fn other_root(note: &str) -> String {
    let mut lines: Vec<String> = note.split('\n').map(str::to_owned).collect();
    if let Some(root) = lines.get_mut(2) {
        *root = other_letter(root, 0);
    }
    lines.join("\n")
}

/// Another letter of base64 at this place.
fn other_letter(text: &str, at: usize) -> String {
    text.char_indices().map(|(i, c)| if i == at { if c == 'A' { 'B' } else { 'A' } } else { c }).collect()
}

async fn checkpoint_history(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(i64, Vec<u8>)> = cx.db.read().maybe(RELEASED, args![]).await?;
    Ok(row.map(|(size, root)| {
        let mut other = root.clone();
        if let Some(byte) = other.first_mut() {
            *byte ^= 1;
        }
        Planned {
            place: format!("checkpoint of size {size}"),
            how: "its root in the history was changed".into(),
            change: Change::Row {
                sql: SET_RELEASED,
                altered: args![size, other],
                original: args![size, root],
            },
        }
    }))
}

async fn outbox_entry(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(i64, Vec<u8>, Vec<u8>)> = cx.db.read().maybe(ENTRY, args![]).await?;
    Ok(row.map(|(seq, entry, hash)| {
        // The last digit: canonical JSON ends with its time or version, and stays canonical.
        let mut altered = entry.clone();
        if let Some(digit) = altered.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
            *digit = if *digit == b'1' { b'2' } else { b'1' };
        }
        let fits = leaf_hash(&altered);
        Planned {
            place: format!("outbox row {seq}"),
            how: "a digit of its entry was changed, and the leaf hash beside it made to fit".into(),
            change: Change::Row {
                sql: SET_ENTRY,
                altered: args![seq, altered, &fits.0],
                original: args![seq, entry, hash],
            },
        }
    }))
}

async fn access_record(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(i64, String)> = cx.db.read().maybe(ACCESS, args![]).await?;
    Ok(row.map(|(seq, path)| Planned {
        place: format!("access record {seq}"),
        how: "it says that another page was read".into(),
        change: Change::Row { sql: SET_ACCESS, altered: args![seq, "/rules"], original: args![seq, path] },
    }))
}

async fn cosignature(cx: &Cx) -> Result<Option<Planned>> {
    let row: Option<(i64, Uuid, String)> = cx.db.read().maybe(LINE, args![]).await?;
    Ok(row.map(|(size, witness, line)| {
        // Within the signature's bytes, which end the line.
        let altered = other_letter(&line, line.len().saturating_sub(8));
        Planned {
            place: format!("cosignature of size {size} by witness {witness}"),
            how: "one letter of its line was changed".into(),
            change: Change::Row {
                sql: SET_LINE,
                altered: args![size, witness, altered],
                original: args![size, witness, line],
            },
        }
    }))
}

statements! {
    HEAD = "SELECT published_size FROM ledger_head WHERE id = 1";
    FIELD = "SELECT f.filing_id, f.field, f.value FROM filing_field f JOIN filing g ON g.id = f.filing_id
        WHERE g.stage IN ('submitted', 'review', 'second_review', 'approved', 'publicised', 'listed') AND f.value <> ''
        ORDER BY g.submitted_at DESC, f.filing_id, f.field LIMIT 1";
    SET_FIELD = "UPDATE filing_field SET value = $3 WHERE filing_id = $1 AND field = $2";
    STAGE = "SELECT id, stage, stage_data FROM filing WHERE stage IN ('submitted', 'review', 'second_review')
        ORDER BY submitted_at DESC, id LIMIT 1";
    SET_STAGE = "UPDATE filing SET stage = $2, stage_data = $3 WHERE id = $1";
    MANIFEST = "SELECT v.filing_id, v.number, v.manifest FROM filing_version v JOIN outbox o ON o.seq = v.outbox_seq
        WHERE o.anchored_at IS NOT NULL ORDER BY v.filing_id, v.number LIMIT 1";
    SET_MANIFEST = "UPDATE filing_version SET manifest = $3, manifest_sha256 = $4, manifest_sm3 = $5
        WHERE filing_id = $1 AND number = $2";
    BLOB = "SELECT sha256 FROM blob WHERE size > 0 ORDER BY sha256 LIMIT 1";
    RELEASED = "SELECT size, root FROM ledger_checkpoint WHERE size > 0 ORDER BY size LIMIT 1";
    SET_RELEASED = "UPDATE ledger_checkpoint SET root = $2 WHERE size = $1";
    ENTRY = "SELECT seq, entry, leaf_hash FROM outbox WHERE anchored_at IS NOT NULL ORDER BY seq LIMIT 1";
    SET_ENTRY = "UPDATE outbox SET entry = $2, leaf_hash = $3 WHERE seq = $1";
    ACCESS = "SELECT seq, path FROM access_record ORDER BY seq LIMIT 1";
    SET_ACCESS = "UPDATE access_record SET path = $2 WHERE seq = $1";
    LINE = "SELECT size, witness_id, line FROM cosignature ORDER BY size, witness_id LIMIT 1";
    SET_LINE = "UPDATE cosignature SET line = $3 WHERE size = $1 AND witness_id = $2";
}
