//! People for the identity stories, made through the use cases themselves: registration, enrolment with a software
//! passkey, sign-in.

use backend::{
    Cx, Error,
    error::Message,
    organisation::{bootstrap, register, register::Particulars, register::Register},
    passkey,
    session::{SignedIn, actor_of},
    sign_in::{self, SignIn},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{actor::Assurance, id::UserId};
use ledger::testing::{Registration, SignedAssertion, SoftwareAuthenticator};
use serde_json::{Value, json};

use crate::World;

pub(crate) const PASSWORD: &str = "在网上报送资料 2026";
pub(crate) const RP: &str = "localhost";
pub(crate) const ORIGIN: &str = "http://localhost:3000";
/// A code whose check digit fits, and one whose does not.
pub(crate) const GOOD_CODE: &str = "91310000564759688N";
pub(crate) const ODD_CODE: &str = "913100005647596881";

/// A filled-in registration form.
pub(crate) fn form(kind: &str, code: &str, login: &str) -> Register {
    Register {
        kind: kind.into(),
        particulars: particulars(code),
        person_name: "王一".into(),
        login: login.into(),
        password: PASSWORD.into(),
        accept_rules: true,
    }
}

pub(crate) fn particulars(code: &str) -> Particulars {
    Particulars {
        name: "苏州示例智造股份有限公司".into(),
        credit_code: code.into(),
        city: "苏州市".into(),
        legal_representative: "陈某某".into(),
        contact_name: "王一".into(),
        contact_phone: "0512-6888 8888 转 8001".into(),
    }
}

/// The context of somebody signed in this surely.
pub(crate) async fn signed_in(cx: &Cx, person: UserId, assurance: Assurance) -> Cx {
    let signed_in =
        SignedIn { person, assurance, since: cx.now(), proven_at: Some(domain::moment::to_micros(cx.now())) };
    cx.with_actor(actor_of(cx, &signed_in).await.expect("the database").expect("an active account"))
}

/// A registered, unverified organisation's administrator with password and passkey.
pub(crate) async fn registered(world: &World, kind: &str, code: &str, login: &str) -> Cx {
    let cx = world.anonymous();
    let made = register::register(&cx, &form(kind, code, login), None).await.expect("registers");
    with_passkey(&cx, made.person, login).await.0
}

/// The first operator, with a passkey.
pub(crate) async fn operator(world: &World) -> Cx {
    let cx = world.anonymous();
    let person =
        bootstrap::operator(&cx, "yunying", PASSWORD).await.expect("set up").expect("an empty instance");
    with_passkey(&cx, person, "yunying").await.0
}

/// Enrols a software passkey and signs in with it.
pub(crate) async fn with_passkey(cx: &Cx, person: UserId, seed: &str) -> (Cx, SoftwareAuthenticator) {
    let password_only = signed_in(cx, person, Assurance::Password).await;
    let key = enrol(&password_only, seed).await;
    (signed_in(cx, person, Assurance::Passkey).await, key)
}

/// The registration ceremony, from options to stored key.
pub(crate) async fn enrol(cx: &Cx, seed: &str) -> SoftwareAuthenticator {
    let key = authenticator(seed);
    let (options, pending) = passkey::start_registration(cx).await.expect("options");
    let answer = registration_json(&key.register(RP, ORIGIN, &challenge_in(&options)));
    passkey::finish_registration(cx, &pending, "工作电脑", &answer).await.expect("stored");
    key
}

pub(crate) fn authenticator(seed: &str) -> SoftwareAuthenticator {
    let mut bytes = [7; 32];
    for (to, from) in bytes.iter_mut().zip(seed.bytes()) {
        *to = from;
    }
    SoftwareAuthenticator::from_seed(&bytes)
}

pub(crate) fn challenge_in(options: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD
        .decode(options["publicKey"]["challenge"].as_str().expect("a challenge"))
        .expect("base64url")
}

/// As `PublicKeyCredential.toJSON` writes it.
pub(crate) fn registration_json(made: &Registration) -> String {
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({
        "id": b64(&made.credential_id),
        "rawId": b64(&made.credential_id),
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {"credProps": {"rk": true}},
        "response": {
            "attestationObject": b64(&made.attestation_object),
            "clientDataJSON": b64(&made.client_data_json),
            "transports": ["internal", "something-new"],
            "publicKeyAlgorithm": -7,
        },
    })
    .to_string()
}

/// As `PublicKeyCredential.toJSON` writes it.
pub(crate) fn assertion_json(signed: &SignedAssertion, user: Option<UserId>) -> String {
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({
        "id": b64(&signed.credential_id),
        "rawId": b64(&signed.credential_id),
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "authenticatorData": b64(&signed.authenticator_data),
            "clientDataJSON": b64(&signed.client_data_json),
            "signature": b64(&signed.signature),
            "userHandle": user.map(|user| b64(user.0.as_bytes())),
        },
    })
    .to_string()
}

/// Password step from no address in particular.
pub(crate) async fn password_step(cx: &Cx, login: &str, password: &str) -> Result<SignIn, Error> {
    sign_in::sign_in(cx, login, password, None).await
}

/// The key of a rejected attempt.
#[track_caller]
pub(crate) fn rejected<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Rejected(Message::Key(key, _))) => key,
        other => panic!("not rejected: {other:?}"),
    }
}

/// The wrong fields with their keys, `said` for phrased messages.
#[track_caller]
pub(crate) fn wrong_fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Invalid(fields)) => fields
            .0
            .into_iter()
            .map(|(field, message)| match message {
                Message::Key(key, _) => (field, key),
                Message::Said(..) => (field, "said"),
            })
            .collect(),
        other => panic!("not invalid: {other:?}"),
    }
}
