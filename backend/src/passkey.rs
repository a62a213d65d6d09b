//! Passkeys: registration through webauthn-rs (user verification required, attestation "none"), authentication
//! through the ledger's own assertion check, which the offline verifier shares. A challenge lives in the caller's
//! session, is good once and for five minutes.
//!
//! `sign_in` uses [`finish`]; `attestation` signs statements with [`request_options`], [`check`] and [`use_in`].

use domain::{access::action, id::UserId, moment};
use ledger::{
    EntryKind,
    assertion::{self, Asserted, Assertion, Expected},
    cose::CoseKey,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;
use webauthn_rs::prelude::{
    COSEKeyType, PasskeyRegistration, RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder,
};

pub mod encoding;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Conflict, Error, Message, Result},
    journal::{self, Record},
    person, sign_in,
    sql::statements,
};
use encoding::Base64Url;

/// How long the browser may take.
pub const PATIENCE_SECONDS: i64 = 300;
/// Longest name of a passkey, in characters.
pub const MAX_NAME_CHARS: usize = 40;
/// Most passkeys of one person.
pub const MAX_PASSKEYS: i64 = 10;
/// ES256: the algorithm that every authenticator offers and that the offline verifier reads.
const ES256: i64 = -7;

fn rejected(key: &'static str) -> Error {
    Error::Rejected(Message::key(key))
}

/// A registration that waits for the browser. Server-side only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PendingRegistration {
    person: UserId,
    state: PasskeyRegistration,
    #[serde(with = "domain::moment::micros")]
    issued_at: OffsetDateTime,
}

/// A challenge that waits for the browser's signature. Server-side only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Whose passkey must answer; `None` when the authenticator names the person.
    pub person: Option<UserId>,
    pub challenge: Base64Url,
    #[serde(with = "domain::moment::micros")]
    pub issued_at: OffsetDateTime,
}

/// A stored passkey as the check needs it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredPasskey {
    pub id: Uuid,
    pub person_id: Uuid,
    pub credential_id: Vec<u8>,
    /// COSE_Key bytes.
    pub public_key: Vec<u8>,
    pub counter: i64,
}

/// One line of the account page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct PasskeyLine {
    pub id: Uuid,
    pub name: String,
    /// Microseconds since the epoch, UTC.
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

/// What `navigator.credentials.get` gave, as `PublicKeyCredential.toJSON` writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Response {
    #[serde(rename = "rawId")]
    pub raw_id: Base64Url,
    pub response: AssertionResponse,
}

/// The inner part of [`Response`].
#[derive(Clone, Debug, Deserialize)]
pub struct AssertionResponse {
    #[serde(rename = "authenticatorData")]
    pub authenticator_data: Base64Url,
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    pub signature: Base64Url,
    #[serde(rename = "userHandle", default)]
    pub user_handle: Option<Base64Url>,
}

impl Response {
    /// Reads the browser's JSON.
    ///
    /// # Errors
    /// [`Error::Rejected`] (`passkey.unreadable`).
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|_| rejected("passkey.unreadable"))
    }
}

/// Starts the registration of a new passkey for the signed-in person. Answers the options for
/// `navigator.credentials.create` (`{"publicKey": …}`, binary members in base64url) and the state to keep.
///
/// # Errors
/// [`Error::Denied`] when an existing second factor was not presented in this session; [`Error::Rejected`]
/// (`passkey.too_many`).
pub async fn start_registration(cx: &Cx) -> Result<(Value, PendingRegistration)> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let actor = permit.actor();
    let account = person::own_factors(cx).await?;
    account.may_change(cx)?;
    if account.passkeys >= MAX_PASSKEYS {
        return Err(rejected("passkey.too_many"));
    }
    let known: Vec<StoredPasskey> = cx.db.read().all(OF_PERSON, args![actor.user]).await?;
    let exclude = known.into_iter().map(|key| key.credential_id).collect();
    let (mut options, state) = webauthn(cx)?
        .start_passkey_registration(actor.user.0, &account.login, &actor.name, Some(exclude))
        .map_err(Error::internal)?;
    options.public_key.pub_key_cred_params.retain(|params| params.alg == ES256);
    let mut options = serde_json::to_value(options)?;
    // Signing in without typing a login needs a passkey that the authenticator can find by itself.
    options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("preferred");
    let pending = PendingRegistration { person: actor.user, state, issued_at: cx.now() };
    Ok((options, pending))
}

/// Finishes it: checks the browser's answer (`PublicKeyCredential.toJSON`) and stores the passkey. The session's
/// assurance becomes [`domain::actor::Assurance::Passkey`] only by signing with it.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.expired`, `passkey.unreadable`, `passkey.not_accepted`, `passkey.known`), field
/// error on `name`.
pub async fn finish_registration(
    cx: &Cx,
    pending: &PendingRegistration,
    name: &str,
    response: &str,
) -> Result<Uuid> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    person::own_factors(cx).await?.may_change(cx)?;
    if pending.person != permit.actor().user {
        return Err(rejected("passkey.expired"));
    }
    in_time(cx, pending.issued_at)?;
    let name = valid_name(name)?;
    let answer: RegisterPublicKeyCredential =
        serde_json::from_str(response).map_err(|_| rejected("passkey.unreadable"))?;
    let made = webauthn(cx)?.finish_passkey_registration(&answer, &pending.state).map_err(|error| {
        tracing::warn!(%error, person = %pending.person, "passkey registration not accepted");
        rejected("passkey.not_accepted")
    })?;
    let key = match &made.get_public_key().key {
        COSEKeyType::EC_EC2(key) => {
            let coordinate = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).ok();
            coordinate(&key.x).zip(coordinate(&key.y)).and_then(|(x, y)| CoseKey::p256(&x, &y).ok())
        }
        _ => None,
    };
    let key = key.ok_or_else(|| rejected("passkey.not_accepted"))?;
    let credential_id: Vec<u8> = made.cred_id().to_vec();
    store(cx, &credential_id, &key, &name).await
}

/// Gives the signed-in person a passkey in software, for demonstration data: its key protects nothing, so only
/// a demonstration instance takes it.
///
/// # Errors
/// [`Error::NotFound`] unless [`crate::settings::Settings::demo`].
pub async fn store_software_key(
    cx: &Cx,
    credential_id: &[u8],
    public_key: &[u8],
    name: &str,
) -> Result<Uuid> {
    cx.permit_own::<action::ManageOwnAccount>()?;
    if !cx.settings.demo {
        return Err(Error::NotFound);
    }
    let key = CoseKey::parse(public_key).map_err(Error::internal)?;
    store(cx, credential_id, &key, &valid_name(name)?).await
}

async fn store(cx: &Cx, credential_id: &[u8], key: &CoseKey, name: &str) -> Result<Uuid> {
    let actor = cx.actor()?;
    let (id, bytes) = (cx.id(), key.to_bytes());
    let mut tx = cx.db.begin().await?;
    let stored = tx.run(STORE, args![id, actor.user, credential_id, bytes.as_slice(), name, cx.now()]).await;
    match stored {
        Err(Error::Conflict(Conflict::Taken)) => return Err(rejected("passkey.known")),
        other => other?,
    };
    let mut record = Record::new(EntryKind::KeyChange, "passkey.added", "passkey", id, 1, actor.org);
    record.refs.insert("credential".into(), credential_ref(&bytes));
    journal::record(&mut tx, cx, record).await?;
    sign_in::clear(&mut tx, actor.user).await?;
    cx.commit(tx).await?;
    tracing::info!(person = %actor.user, passkey = %id, "passkey registered");
    Ok(id)
}

/// How the ledger names a passkey: the hash of its public key.
fn credential_ref(public_key: &[u8]) -> String {
    format!("sha-256:{}", hex::encode(Sha256::digest(public_key)))
}

/// Starts a sign-in or step-up. With a person, only that person's passkeys are asked for; without, the
/// authenticator offers what it has for this site. Answers the options for `navigator.credentials.get` and the
/// challenge to keep in the session.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.none`) when the person has no passkey.
pub async fn start_sign_in(cx: &Cx, person: Option<UserId>) -> Result<(Value, Challenge)> {
    let known: Vec<StoredPasskey> = match person {
        Some(person) => cx.db.read().all(OF_PERSON, args![person]).await?,
        None => Vec::new(),
    };
    if person.is_some() && known.is_empty() {
        return Err(rejected("passkey.none"));
    }
    let challenge: [u8; 32] = cx.random.bytes();
    let options = request_options(cx, &challenge, &known);
    Ok((options, Challenge { person, challenge: Base64Url(challenge.to_vec()), issued_at: cx.now() }))
}

/// Options for `navigator.credentials.get` over any challenge (`{"publicKey": …}`).
#[must_use]
pub fn request_options(cx: &Cx, challenge: &[u8], allowed: &[StoredPasskey]) -> Value {
    let allow: Vec<Value> = allowed
        .iter()
        .map(|key| json!({"type": "public-key", "id": Base64Url(key.credential_id.clone())}))
        .collect();
    json!({"publicKey": {
        "challenge": Base64Url(challenge.to_vec()),
        "rpId": cx.settings.rp_id,
        "userVerification": "required",
        "timeout": PATIENCE_SECONDS * 1_000,
        "allowCredentials": allow,
    }})
}

/// Checks the answer to a challenge and notes the use, in the caller's transaction; answers whose passkey it was.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.expired`, `passkey.unreadable`, `passkey.unknown`, `passkey.not_accepted`).
pub async fn finish(tx: &mut Tx, cx: &Cx, challenge: &Challenge, response: &str) -> Result<UserId> {
    in_time(cx, challenge.issued_at)?;
    let response = Response::parse(response)?;
    let stored = find(tx, &response).await?;
    let person = UserId(stored.person_id);
    if challenge.person.is_some_and(|expected| expected != person) {
        return Err(rejected("passkey.unknown"));
    }
    let handle = response.response.user_handle.as_ref().filter(|handle| !handle.0.is_empty());
    if handle.is_some_and(|handle| handle.0 != person.0.as_bytes()) {
        return Err(rejected("passkey.unknown"));
    }
    let asserted = check(cx, &stored, &response, &challenge.challenge.0)?;
    use_in(tx, cx, &stored, asserted).await?;
    Ok(person)
}

/// The stored passkey that a response names; only of active people.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.unknown`).
pub async fn find(tx: &mut Tx, response: &Response) -> Result<StoredPasskey> {
    let found = tx.maybe(BY_CREDENTIAL, args![response.raw_id.0.as_slice()]).await?;
    found.ok_or_else(|| rejected("passkey.unknown"))
}

/// A person's passkeys, for [`request_options`].
///
/// # Errors
/// The database's.
pub async fn of_person(cx: &Cx, person: UserId) -> Result<Vec<StoredPasskey>> {
    cx.db.read().all(OF_PERSON, args![person]).await
}

/// The ledger's assertion check with this instance's origin, and the judgement on the counter.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.not_accepted`); the failed step goes to the log.
pub fn check(cx: &Cx, stored: &StoredPasskey, response: &Response, challenge: &[u8]) -> Result<Asserted> {
    let refuse = |step: &str| {
        tracing::warn!(passkey = %stored.id, step, "passkey assertion not accepted");
        rejected("passkey.not_accepted")
    };
    let key = CoseKey::parse(&stored.public_key).map_err(Error::internal)?;
    let origin = origin(cx)?;
    let inner = &response.response;
    let asserted = assertion::verify(
        &key,
        &Assertion {
            authenticator_data: &inner.authenticator_data.0,
            client_data_json: &inner.client_data_json.0,
            signature: &inner.signature.0,
        },
        &Expected { challenge, rp_id: &cx.settings.rp_id, origins: &[&origin] },
    )
    .map_err(|error| refuse(error.step()))?;
    // A counter that stands still or goes back is a copied key (Web Authentication §6.1.1); 0 means "does not count".
    let counter = i64::from(asserted.counter);
    if (counter > 0 || stored.counter > 0) && counter <= stored.counter {
        return Err(refuse("counter"));
    }
    Ok(asserted)
}

/// Notes the use: the counter by compare-and-swap, so that the same assertion cannot count twice.
///
/// # Errors
/// [`Error::Rejected`] (`passkey.not_accepted`) on a lost race.
pub async fn use_in(tx: &mut Tx, cx: &Cx, stored: &StoredPasskey, asserted: Asserted) -> Result<()> {
    let counter = i64::from(asserted.counter);
    match tx.run(USE, args![stored.id, stored.counter, counter, cx.now()]).await? {
        1 => Ok(()),
        _ => Err(rejected("passkey.not_accepted")),
    }
}

/// The signed-in person's passkeys, oldest first.
///
/// # Errors
/// [`Error::SignedOut`].
pub async fn list(cx: &Cx) -> Result<Vec<PasskeyLine>> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    cx.db.read().all(LINES, args![permit.actor().user]).await
}

/// Renames one.
///
/// # Errors
/// [`Error::NotFound`] when it is not theirs; a field error on `name`.
pub async fn rename(cx: &Cx, id: Uuid, name: &str) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let name = valid_name(name)?;
    let mut tx = cx.db.begin().await?;
    if tx.run(RENAME, args![id, permit.actor().user, name]).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.commit().await
}

/// Removes one. The last one stays when the role needs it, and so does the last second factor of any kind.
///
/// # Errors
/// [`Error::NotFound`] when it is not theirs; [`Error::Rejected`] (`passkey.last`); [`Error::Denied`] when the
/// second factor was not presented in this session.
pub async fn remove(cx: &Cx, id: Uuid) -> Result<()> {
    let permit = cx.permit_own::<action::ManageOwnAccount>()?;
    let actor = permit.actor();
    let account = person::own_factors(cx).await?;
    account.may_change(cx)?;
    let mut tx = cx.db.begin().await?;
    let key: StoredPasskey = tx.one(MINE, args![id, actor.user]).await?;
    let last = tx.all::<StoredPasskey>(OF_PERSON, args![actor.user]).await?.len() == 1;
    let needed = actor.role.needs_passkey() && !cx.settings.demo || !account.totp;
    if last && needed {
        return Err(rejected("passkey.last"));
    }
    tx.run(REMOVE, args![id]).await?;
    let mut record = Record::new(EntryKind::KeyChange, "passkey.removed", "passkey", id, 2, actor.org);
    record.refs.insert("credential".into(), credential_ref(&key.public_key));
    journal::record(&mut tx, cx, record).await?;
    cx.commit(tx).await?;
    tracing::info!(person = %actor.user, passkey = %id, "passkey removed");
    Ok(())
}

fn valid_name(name: &str) -> Result<String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Error::field("name", "required")),
        n if n > MAX_NAME_CHARS || name.chars().any(char::is_control) => {
            Err(Error::field("name", "passkey.name"))
        }
        _ => Ok(name.to_owned()),
    }
}

fn in_time(cx: &Cx, issued_at: OffsetDateTime) -> Result<()> {
    let age = moment::to_micros(cx.now()) - moment::to_micros(issued_at);
    if (0..=PATIENCE_SECONDS * 1_000_000).contains(&age) { Ok(()) } else { Err(rejected("passkey.expired")) }
}

/// The origin as browsers write it: no path, no default port.
fn origin(cx: &Cx) -> Result<String> {
    Ok(public_url(cx)?.origin().ascii_serialization())
}

fn public_url(cx: &Cx) -> Result<Url> {
    Url::parse(&cx.settings.public_url).map_err(Error::internal)
}

fn webauthn(cx: &Cx) -> Result<Webauthn> {
    WebauthnBuilder::new(&cx.settings.rp_id, &public_url(cx)?)
        .and_then(|builder| builder.rp_name(&cx.settings.exchange_name).build())
        .map_err(Error::internal)
}

statements! {
    OF_PERSON = "SELECT id, person_id, credential_id, public_key, counter FROM passkey WHERE person_id = $1 ORDER BY created_at, id";
    MINE = "SELECT id, person_id, credential_id, public_key, counter FROM passkey WHERE id = $1 AND person_id = $2";
    BY_CREDENTIAL = "SELECT k.id, k.person_id, k.credential_id, k.public_key, k.counter
        FROM passkey k JOIN person p ON p.id = k.person_id WHERE k.credential_id = $1 AND p.active = 1";
    LINES = "SELECT id, name, created_at, last_used_at FROM passkey WHERE person_id = $1 ORDER BY created_at, id";
    STORE = "INSERT INTO passkey (id, person_id, credential_id, public_key, counter, name, created_at)
        VALUES ($1, $2, $3, $4, 0, $5, $6)";
    USE = "UPDATE passkey SET counter = $3, last_used_at = $4 WHERE id = $1 AND counter = $2";
    RENAME = "UPDATE passkey SET name = $3 WHERE id = $1 AND person_id = $2";
    REMOVE = "DELETE FROM passkey WHERE id = $1";
}
