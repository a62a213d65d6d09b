//! Attestations: a firm's signer states, with a passkey, that the firm answers for exactly these documents, or that
//! it does not. The passkey signs the SHA-256 of the statement and the statement lists the documents' digests, so
//! the signature can be checked offline, without this instance ([`ledger::statement`], [`ledger::assertion`]).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access::{Permit, action},
    id::{AttestationId, FilingId},
};
pub use ledger::statement::Decision;
use ledger::{
    Digests, EntryKind, HashRef,
    assertion::{Assertion, AssertionError, Expected, verify},
    cose::CoseKey,
    statement::Statement,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, FieldErrors, Message, Result},
    filing::{self, FilingRow, commitment},
    journal,
    sql::statements,
};

pub(crate) mod list;
pub use list::{AttestationListRow, list};

/// Longest reason for declining, in characters.
const MAX_REASON: usize = 2_000;

/// What the signer is about to sign. Kept by the caller between the two steps (in the page); everything in it is
/// checked again, so it need not be kept secret or trusted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prepared {
    pub filing: FilingId,
    pub slot: String,
    /// Canonical JSON.
    pub statement: String,
    /// Why declined; empty for an attestation.
    pub reason: String,
    /// `publicKey` of `navigator.credentials.get`, with binary members in base64url.
    pub options: serde_json::Value,
}

/// What the authenticator returned, decoded.
#[derive(Clone, Debug)]
pub struct SignedBy {
    /// `rawId`.
    pub credential_id: Vec<u8>,
    pub authenticator_data: Vec<u8>,
    pub client_data_json: Vec<u8>,
    pub signature: Vec<u8>,
}

/// Makes the statement over the current documents of a slot, and what the browser hands to the passkey. Four
/// queries; writes nothing.
///
/// # Errors
/// Rejected with a message when the firm is not engaged for the slot, the slot is empty, or the signer has no
/// passkey; [`Error::Invalid`] when a refusal gives no reason.
pub async fn prepare(
    cx: &Cx,
    id: FilingId,
    slot: &str,
    decision: Decision,
    reason: &str,
) -> Result<Prepared> {
    let reader = cx.db.read();
    let row = filing::find(reader, cx, id).await?;
    let permit = cx.permit::<action::Attest>(&row.facts()?)?;
    let reason = checked_reason(decision, reason)?;
    let firm: Option<FirmRow> = reader.maybe(FIRM, args![id, permit.actor().org, slot]).await?;
    let firm = fits(cx, &row, slot, firm)?;
    let documents: Vec<DigestRow> = reader.all(DIGESTS, args![id, slot]).await?;
    if documents.is_empty() {
        return Err(rejected(
            "此项材料还没有文件，无法鉴证。",
            "This slot has no document yet: there is nothing to attest.",
        ));
    }
    let nonce = cx.random.bytes::<32>();
    let statement = Statement::new(
        decision,
        &row.object(),
        slot,
        &firm.ledger_name,
        digests(&documents)?,
        reason_commitment(&firm, &hex::encode(nonce), &reason),
        &nonce,
    )
    .map_err(Error::internal)?
    .to_text()
    .map_err(Error::internal)?;
    let passkeys: Vec<(Vec<u8>,)> = reader.all(PASSKEYS, args![permit.actor().user]).await?;
    if passkeys.is_empty() {
        return Err(rejected(
            "您还没有通行密钥，无法签署。请先在“我的账户”中登记。",
            "You have no passkey to sign with. Register one under “My account” first.",
        ));
    }
    let allow: Vec<_> = passkeys
        .iter()
        .map(|(id,)| serde_json::json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) }))
        .collect();
    let options = serde_json::json!({
        "challenge": URL_SAFE_NO_PAD.encode(Statement::challenge(&statement)),
        "rpId": cx.settings.rp_id,
        "allowCredentials": allow,
        "userVerification": "required",
        "timeout": 300_000,
    });
    Ok(Prepared { filing: id, slot: slot.to_owned(), statement, reason, options })
}

/// Checks the signature, stores it with everything that an offline check needs, and journals it. What the firm
/// said of this slot before is superseded.
///
/// # Errors
/// A conflict when a document changed since [`prepare`]; rejected when the signature does not hold.
pub async fn complete(cx: &Cx, prepared: &Prepared, signed: &SignedBy) -> Result<AttestationId> {
    let mut tx = cx.db.begin().await?;
    let row = filing::lock(&mut tx, cx, prepared.filing).await?;
    let permit = cx.permit::<action::Attest>(&row.facts()?)?;
    let firm: Option<FirmRow> =
        tx.maybe(FIRM, args![row.id, permit.actor().org, prepared.slot.as_str()]).await?;
    let firm = fits(cx, &row, &prepared.slot, firm)?;
    let statement = Statement::parse(&prepared.statement).map_err(|_| invalid_signature(None))?;
    let reason = checked_reason(statement.decision, &prepared.reason)?;
    let documents: Vec<DigestRow> = tx.all(DIGESTS, args![row.id, prepared.slot.as_str()]).await?;
    let expected = Statement {
        filing: row.object(),
        slot: prepared.slot.clone(),
        firm: firm.ledger_name.clone(),
        documents: sorted(digests(&documents)?),
        reason_commitment: reason_commitment(&firm, &statement.nonce, &reason),
        ..statement.clone()
    };
    if expected != statement {
        return Err(Error::Conflict(Conflict::Stale));
    }
    let key = check_signature(&mut tx, cx, &permit, &prepared.statement, signed).await?;
    let id = AttestationId(cx.id());
    let (decision, event) = match statement.decision {
        Decision::Attest => ("attest", "attested"),
        Decision::Decline => ("decline", "attestation_declined"),
    };
    let mut record = row.record(EntryKind::Attestation, event);
    let text_digests = Digests::of(prepared.statement.as_bytes());
    record.idempotency_key = format!("attestation:{}", text_digests.sha256_hex());
    record.digests.insert("sha-256".into(), text_digests.sha256_hex());
    record.digests.insert("sm3".into(), text_digests.sm3_hex());
    record.refs.insert("slot".into(), prepared.slot.clone());
    record.refs.insert("credential".into(), key.reference().to_string());
    record.rule_pack = Some(row.pack_hash()?);
    record.detail =
        serde_json::json!({ "slot": prepared.slot, "firm": permit.actor().org_name, "reason": reason });
    let outbox_seq = journal::record(&mut tx, cx, record).await?;
    tx.run(SUPERSEDE, args![cx.now(), row.id, prepared.slot.as_str(), permit.actor().org]).await?;
    tx.run(
        INSERT,
        args![
            id,
            row.id,
            firm.engagement,
            prepared.slot.as_str(),
            permit.actor().org,
            permit.actor().user,
            decision,
            reason,
            prepared.statement.as_str(),
            key.to_bytes(),
            signed.authenticator_data.as_slice(),
            signed.client_data_json.as_slice(),
            signed.signature.as_slice(),
            cx.settings.rp_id.as_str(),
            cx.settings.public_url.as_str(),
            cx.now(),
            outbox_seq
        ],
    )
    .await?;
    cx.commit(tx).await?;
    Ok(id)
}

async fn check_signature(
    tx: &mut Tx,
    cx: &Cx,
    permit: &Permit<action::Attest>,
    statement: &str,
    signed: &SignedBy,
) -> Result<CoseKey> {
    let user = permit.actor().user;
    let passkey: Option<PasskeyRow> = tx.maybe(PASSKEY, args![user, signed.credential_id.as_slice()]).await?;
    let passkey = passkey.ok_or_else(|| {
        rejected(
            "这不是您登记的通行密钥。请换用已登记的密钥。",
            "This is not one of your passkeys. Use one that you registered.",
        )
    })?;
    let key = CoseKey::parse(&passkey.public_key).map_err(Error::internal)?;
    let assertion = Assertion {
        authenticator_data: &signed.authenticator_data,
        client_data_json: &signed.client_data_json,
        signature: &signed.signature,
    };
    let expected = Expected {
        challenge: &Statement::challenge(statement),
        rp_id: &cx.settings.rp_id,
        origins: &[cx.settings.public_url.as_str()],
    };
    let asserted = verify(&key, &assertion, &expected).map_err(|error| invalid_signature(Some(error)))?;
    let counter = i64::from(asserted.counter);
    // An authenticator that counts never goes back: a copy of the key would.
    if counter != 0 && counter <= passkey.counter {
        tracing::warn!(user = %user, "a passkey's counter went back");
        return Err(invalid_signature(None));
    }
    tx.run(USED, args![counter, cx.now(), passkey.id]).await?;
    Ok(key)
}

fn fits(cx: &Cx, row: &FilingRow, slot: &str, firm: Option<FirmRow>) -> Result<FirmRow> {
    let signs = row.pack(cx)?.slot(slot).and_then(|slot| slot.signs);
    firm.filter(|_| signs == cx.actor().ok().map(|actor| actor.org_kind)).ok_or_else(|| {
        rejected("本机构没有承接此项材料的鉴证。", "Your firm has not accepted an engagement for this slot.")
    })
}

fn checked_reason(decision: Decision, reason: &str) -> Result<String> {
    let reason = reason.trim();
    let wrong = |zh: &str, en: &str| {
        Err(Error::Invalid(FieldErrors::one("reason", Message::Said(zh.to_owned(), en.to_owned()))))
    };
    match decision {
        Decision::Attest => Ok(String::new()),
        Decision::Decline if reason.is_empty() => wrong("请写明不予鉴证的理由。", "Say why you decline."),
        Decision::Decline if reason.chars().count() > MAX_REASON => {
            wrong("最多 2000 个字。请缩短。", "At most 2000 characters. Shorten it.")
        }
        Decision::Decline => Ok(reason.to_owned()),
    }
}

fn reason_commitment(firm: &FirmRow, nonce: &str, reason: &str) -> Option<HashRef> {
    if reason.is_empty() { None } else { commitment(firm.salt.as_deref(), nonce, reason) }
}

fn digests(rows: &[DigestRow]) -> Result<Vec<Digests>> {
    rows.iter()
        .map(|row| Ok(Digests { sha256: filing::bytes32(&row.sha256)?, sm3: filing::bytes32(&row.sm3)? }))
        .collect()
}

fn sorted(mut digests: Vec<Digests>) -> Vec<Digests> {
    digests.sort_unstable();
    digests.dedup();
    digests
}

fn invalid_signature(error: Option<AssertionError>) -> Error {
    if let Some(error) = error {
        tracing::info!(step = error.step(), "an assertion was refused");
    }
    rejected(
        "签名未通过校验，未作记录。请重新签署。",
        "The signature does not hold and was not recorded. Sign again.",
    )
}

fn rejected(zh: &str, en: &str) -> Error {
    Error::Rejected(Message::Said(zh.to_owned(), en.to_owned()))
}

#[derive(sqlx::FromRow)]
struct FirmRow {
    engagement: Uuid,
    ledger_name: String,
    salt: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct DigestRow {
    sha256: Vec<u8>,
    sm3: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct PasskeyRow {
    id: Uuid,
    public_key: Vec<u8>,
    counter: i64,
}

statements! {
    FIRM = "SELECT e.id AS engagement, o.ledger_name, o.salt FROM engagement e
        JOIN engagement_slot s ON s.engagement_id = e.id JOIN organisation o ON o.id = e.firm_id
        WHERE e.filing_id = $1 AND e.firm_id = $2 AND s.slot = $3 AND e.status = 'accepted'";
    DIGESTS = "SELECT b.sha256, b.sm3 FROM document d
        JOIN document_version v ON v.document_id = d.id AND v.number = d.latest JOIN blob b ON b.sha256 = v.sha256
        WHERE d.filing_id = $1 AND d.slot = $2 AND d.removed_at IS NULL";
    PASSKEYS = "SELECT credential_id FROM passkey WHERE person_id = $1 ORDER BY created_at, id";
    PASSKEY = "SELECT id, public_key, counter FROM passkey WHERE person_id = $1 AND credential_id = $2";
    USED = "UPDATE passkey SET counter = $1, last_used_at = $2 WHERE id = $3";
    SUPERSEDE = "UPDATE attestation SET superseded_at = $1
        WHERE filing_id = $2 AND slot = $3 AND firm_id = $4 AND superseded_at IS NULL";
    INSERT = "INSERT INTO attestation (id, filing_id, engagement_id, slot, firm_id, signer_id, decision, reason,
            statement, public_key, authenticator_data, client_data, signature, rp_id, origin, signed_at, outbox_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
}
