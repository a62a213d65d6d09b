//! The demonstration: an exchange, an authority, firms and forty invented enterprises with plausible histories over
//! the last months. Everything is made through the use cases, in the order in which it would have happened, on a
//! standing clock that is moved along; so the demonstration shows what the program does and nothing else.
//!
//! Firms sign with a software passkey whose key follows from a fixed seed: a demonstration key that anybody can
//! make again, never used outside demonstration data.

use std::sync::{Arc, atomic::AtomicU32};

use domain::{
    actor::{Actor, Assurance, OrgKind, Role},
    id::{OrgId, UserId},
};
use ledger::testing::SoftwareAuthenticator;
use object_store::path::Path as Key;
use time::OffsetDateTime;

use crate::{
    Cx, Services,
    error::{Error, Result},
    invitation::{self, Invite},
    objects::Objects,
    organisation::{
        bootstrap,
        register::{self, Particulars, Register},
        standing,
    },
    passkey,
    session::{self, SignedIn},
    settings::RULES_VERSION,
    totp,
};

mod accounts;
mod cast;
mod paper;
mod plan;
mod play;

pub use accounts::{Account, accounts, current_code};

/// How many histories the whole demonstration has.
pub const ALL_COMPANIES: usize = plan::ALL;

/// Password of everybody in the demonstration without an account on the sign-in page.
pub const CROWD_PASSWORD: &str = "guxin-demo-crowd-2026";

/// The demonstration passkey of a firm's signer, by the firm's number in the demonstration; anybody can make it.
#[must_use]
pub fn firm_passkey(number: usize) -> SoftwareAuthenticator {
    SoftwareAuthenticator::from_seed(&cast::key(number))
}

/// Whether nobody has an account yet.
///
/// # Errors
/// The database's.
pub async fn is_empty(services: &Arc<Services>) -> Result<bool> {
    bootstrap::is_empty(&Cx::anonymous(Arc::clone(services))).await
}

/// Where, below the objects, a note lies while the demonstration is being made. A process that dies leaves it, and whoever
/// finds it knows that the histories break off somewhere: they are one story, so they are not continued but told anew.
pub const UNFINISHED: &str = "demo/unfinished";

/// Whether what is here is a part of a demonstration.
///
/// # Errors
/// The object store's.
pub async fn is_unfinished(objects: &Objects) -> Result<bool> {
    match objects.get(&Key::from(UNFINISHED)).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Fills an empty instance with the first `companies` histories ([`ALL_COMPANIES`] for the whole market; the first ten
/// have a filing in every kind of stage). `services` must stand on a manual clock; `now` is the moment at which the
/// story ends.
///
/// # Errors
/// The first use case that refused, which would be a defect of the plan.
pub async fn demo(
    services: Arc<Services>,
    now: OffsetDateTime,
    companies: usize,
    mut progress: impl FnMut(usize, usize),
) -> Result<()> {
    let cx = Cx::anonymous(services);
    cx.objects.put(&Key::from(UNFINISHED), now.to_string()).await?;
    let mut steps = plan::steps(&cx, now, companies);
    steps.sort_by_key(|step| step.at);
    cx.clock.set(steps.first().map_or(now, |step| step.at) - time::Duration::days(20));
    let stage = Stage::set(&cx).await?;
    let mut companies = play::Companies::default();
    let all = steps.len();
    for (done, step) in steps.into_iter().enumerate() {
        cx.clock.set(step.at);
        companies.play(&stage, &step).await?;
        if done % 10 == 0 {
            progress(done, all);
        }
    }
    progress(all, all);
    cx.clock.set(now);
    cx.objects.remove(&Key::from(UNFINISHED)).await
}

/// The people and organisations that every history needs.
pub(crate) struct Stage {
    pub(crate) cx: Cx,
    pub(crate) operator: UserId,
    pub(crate) reviewer: UserId,
    pub(crate) second_reviewer: UserId,
    pub(crate) firms: Vec<Firm>,
    /// Signatures made so far: the software passkeys' common counter.
    pub(crate) signatures: AtomicU32,
}

/// One firm with its signer's demonstration key.
pub(crate) struct Firm {
    pub(crate) id: OrgId,
    pub(crate) kind: OrgKind,
    pub(crate) name: &'static str,
    pub(crate) admin: UserId,
    pub(crate) signer: UserId,
    pub(crate) key: [u8; 32],
}

impl Stage {
    /// Makes the exchange, the authority and the firms.
    async fn set(cx: &Cx) -> Result<Self> {
        let operator_account = accounts::of("operator");
        let operator = bootstrap::operator(cx, operator_account.login, operator_account.password)
            .await?
            .ok_or(Error::NotFound)?;
        enrol(cx, operator, operator_account.totp_secret).await?;
        let as_operator = as_person(cx, operator).await?;
        let exchange = as_operator.actor()?.org;
        let reviewer =
            join(&as_operator, exchange, "周明谦", Role::Reviewer, accounts::of("reviewer")).await?;
        let second_reviewer =
            join(&as_operator, exchange, "何知远", Role::SecondReviewer, accounts::of("second-reviewer"))
                .await?;
        let authority = register::set_up(&as_operator, OrgKind::Regulator, &cast::authority()).await?;
        join(&as_operator, authority, "监管员 苏见微", Role::Supervisor, accounts::of("regulator")).await?;
        crate::rule_pack::store(cx).await?;
        let mut firms = Vec::new();
        for (number, firm) in cast::FIRMS.iter().enumerate() {
            firms.push(found(cx, &as_operator, number, firm).await?);
        }
        Ok(Self { cx: cx.clone(), operator, reviewer, second_reviewer, firms, signatures: AtomicU32::new(1) })
    }

    /// A context for one of the people.
    pub(crate) async fn as_person(&self, person: UserId) -> Result<Cx> {
        as_person(&self.cx, person).await
    }
}

async fn found(cx: &Cx, as_operator: &Cx, number: usize, firm: &'static cast::FirmCast) -> Result<Firm> {
    let form = Register {
        kind: firm.kind.name().to_owned(),
        particulars: Particulars {
            name: firm.name.to_owned(),
            credit_code: cast::credit_code(900 + number),
            city: "南京市".to_owned(),
            legal_representative: firm.head.to_owned(),
            contact_name: firm.head.to_owned(),
            contact_phone: format!("025-8800{:04}", 100 + number),
        },
        person_name: firm.head.to_owned(),
        login: format!("firm{number}@demo.guxin.example"),
        password: CROWD_PASSWORD.to_owned(),
        accept_rules: true,
    };
    let made = register::register(cx, &form, None).await?;
    standing::verify(as_operator, made.organisation, 1, "工商信息与授权材料核对一致").await?;
    let as_admin = as_person(cx, made.person).await?;
    let account = firm.account.map(accounts::of);
    let signer = match account {
        Some(account) => join(&as_admin, made.organisation, firm.signer, Role::Signer, account).await?,
        None => {
            let login = format!("signer{number}@demo.guxin.example");
            invited(&as_admin, made.organisation, firm.signer, Role::Signer, &login, CROWD_PASSWORD).await?
        }
    };
    let key = cast::key(number);
    let authenticator = SoftwareAuthenticator::from_seed(&key);
    let as_signer = as_person(cx, signer).await?;
    passkey::store_software_key(
        &as_signer,
        &authenticator.credential_id(),
        &authenticator.public_key().to_bytes(),
        "演示密钥",
    )
    .await?;
    Ok(Firm { id: made.organisation, kind: firm.kind, name: firm.name, admin: made.person, signer, key })
}

async fn join(cx: &Cx, org: OrgId, name: &str, role: Role, account: Account) -> Result<UserId> {
    let person = invited(cx, org, name, role, account.login, account.password).await?;
    enrol(cx, person, account.totp_secret).await?;
    Ok(person)
}

async fn invited(cx: &Cx, org: OrgId, name: &str, role: Role, login: &str, password: &str) -> Result<UserId> {
    let invite = Invite { name: name.to_owned(), login: login.to_owned(), role };
    let issued = invitation::invite(cx, org, &invite).await?;
    Ok(invitation::accept(&Cx::anonymous(Arc::clone(cx.services())), &issued.token, password)
        .await?
        .signed_in
        .person)
}

async fn enrol(cx: &Cx, person: UserId, secret: &str) -> Result<()> {
    let code = current_code(secret, cx.now())?;
    totp::confirm(&as_person(cx, person).await?, secret, &code).await
}

/// The context of a person as after a full sign-in.
async fn as_person(cx: &Cx, person: UserId) -> Result<Cx> {
    let signed_in = SignedIn {
        person,
        assurance: Assurance::Passkey,
        since: cx.now(),
        proven_at: Some(domain::moment::to_micros(cx.now())),
    };
    let actor: Actor = session::actor_of(cx, &signed_in).await?.ok_or(Error::NotFound)?;
    debug_assert!(actor.accepted_rules.as_deref().is_none_or(|version| version == RULES_VERSION));
    Ok(cx.with_actor(actor))
}
