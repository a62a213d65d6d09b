//! Registration: an enterprise or firm comes to the market with its first person, who manages the others; the
//! operator sets up the exchange's own units and authorities. A credit code of the wrong shape is refused, a wrong
//! check digit only warned about, because codes in force exist that fail it.

use std::net::IpAddr;

use domain::{
    access::action,
    actor::{OrgKind, Standing},
    credit_code::{CheckDigit, CreditCode},
    id::{OrgId, UserId},
    locale::Locale,
};
use ledger::EntryKind;

use super::COMMITMENT;
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, FieldErrors, Message, Result},
    journal::{self, Record},
    password,
    person::{self, check_login, check_text},
    settings::RULES_VERSION,
    sql::statements,
};

/// What an organisation says about itself. Field names are the form's.
#[derive(Clone, Debug, Default)]
pub struct Particulars {
    pub name: String,
    pub credit_code: String,
    pub city: String,
    pub legal_representative: String,
    pub contact_name: String,
    pub contact_phone: String,
}

/// The form of self-registration.
#[derive(Clone, Default)]
pub struct Register {
    /// [`OrgKind::name`].
    pub kind: String,
    pub particulars: Particulars,
    /// The first person: manages the organisation's people.
    pub person_name: String,
    pub login: String,
    pub password: String,
    /// The platform rules and service agreement were read and accepted; may also be done later.
    pub accept_rules: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    pub organisation: OrgId,
    pub person: UserId,
    /// The check digit that the standard computes, when the code has another: warn the person.
    pub expected_check_digit: Option<char>,
}

/// [`Particulars`] after trimming and checking.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) credit_code: String,
    pub(super) suspect: Option<char>,
    pub(super) city: String,
    pub(super) legal_representative: String,
    pub(super) contact_name: String,
    pub(super) contact_phone: String,
}

impl Particulars {
    /// Trims and checks; errors are keyed by the form's field names.
    pub(super) fn check(&self) -> (Checked, FieldErrors) {
        let mut errors = FieldErrors::default();
        let name = check_text(&self.name, "name", 100, true, &mut errors);
        let city = check_text(&self.city, "city", 30, true, &mut errors);
        let legal_representative =
            check_text(&self.legal_representative, "legal_representative", 60, true, &mut errors);
        let contact_name = check_text(&self.contact_name, "contact_name", 60, true, &mut errors);
        let contact_phone = check_text(&self.contact_phone, "contact_phone", 30, true, &mut errors);
        let is_phone = contact_phone.chars().filter(char::is_ascii_digit).count() >= 7
            && contact_phone.chars().all(|c| c.is_ascii_digit() || "+-() 转".contains(c));
        if !contact_phone.is_empty() && !is_phone {
            errors.add("contact_phone", Message::key("phone.shape"));
        }
        let (credit_code, suspect) = match CreditCode::parse(&self.credit_code) {
            Ok(code) => {
                let suspect = match code.check_digit() {
                    CheckDigit::Good => None,
                    CheckDigit::Wrong { expected } => Some(expected),
                };
                (code.as_str().to_owned(), suspect)
            }
            Err(error) => {
                let message = Message::Said(error.message(Locale::Zh), error.message(Locale::En));
                errors.add("credit_code", message);
                (String::new(), None)
            }
        };
        let checked =
            Checked { name, credit_code, suspect, city, legal_representative, contact_name, contact_phone };
        (checked, errors)
    }
}

/// Registers an enterprise or firm with its first person. No service until the exchange has verified it.
///
/// # Errors
/// [`Error::Invalid`] (fields of [`Particulars`], `kind`, `person_name`, `login`, `password`); [`Error::Busy`]
/// after too many attempts, [`Error::Rejected`] after too many registrations from one address or from all.
pub async fn register(cx: &Cx, form: &Register, client: Option<IpAddr>) -> Result<Registered> {
    cx.attempts.take(client, cx.now())?;
    let (checked, mut errors) = form.particulars.check();
    let kind = OrgKind::from_name(&form.kind).filter(|kind| kind.self_registers());
    if kind.is_none() {
        errors.add("kind", Message::key("organisation.kind"));
    }
    let person_name = check_text(&form.person_name, "person_name", 60, true, &mut errors);
    let login = person::normalise_login(&form.login);
    check_login(&login, "login", &mut errors);
    if let Err(message) = password::acceptable(&form.password, &login) {
        errors.add("password", message);
    }
    let kind_name = kind.map_or("", OrgKind::name);
    let taken: Taken =
        cx.db.read().one(TAKEN, args![checked.credit_code.as_str(), kind_name, &login]).await?;
    taken.add_to(&mut errors);
    errors.check()?;
    let kind = kind.ok_or_else(|| Error::field("kind", "organisation.kind"))?;

    cx.attempts.register(client, cx.now())?;
    // The hash is made before the transaction: nobody else should wait for it.
    let hashed = password::hash(cx, &form.password).await?;
    let mut tx = cx.db.begin().await?;
    // Asked again inside, where nobody can come between.
    let taken: Taken = tx.one(TAKEN, args![checked.credit_code.as_str(), kind_name, &login]).await?;
    let mut errors = FieldErrors::default();
    taken.add_to(&mut errors);
    errors.check()?;
    let rules = form.accept_rules.then_some(RULES_VERSION);
    let organisation = insert(&mut tx, cx, kind, &checked, Standing::Unverified, rules).await?;
    let role = person::admin_role(kind);
    let person = person::insert(&mut tx, cx, organisation, &login, &person_name, role, hashed).await?;
    cx.commit(tx).await?;
    cx.attempts.give_back(client);
    tracing::info!(%organisation, %person, kind = kind.name(), "organisation registered");
    Ok(Registered { organisation, person, expected_check_digit: checked.suspect })
}

/// The operator sets up an organisation of any kind, verified from the start; people follow by invitation.
///
/// # Errors
/// [`Error::Invalid`] (fields of [`Particulars`]), [`Error::Denied`], [`Error::NotFound`] for outsiders.
pub async fn set_up(cx: &Cx, kind: OrgKind, form: &Particulars) -> Result<OrgId> {
    let permit = cx.permit_own::<action::Administer>()?;
    let (checked, mut errors) = form.check();
    let mut tx = cx.db.begin().await?;
    let taken: Taken = tx.one(TAKEN, args![checked.credit_code.as_str(), kind.name(), ""]).await?;
    taken.add_to(&mut errors);
    errors.check()?;
    let organisation = insert(&mut tx, cx, kind, &checked, Standing::Good, None).await?;
    cx.commit(tx).await?;
    tracing::info!(%organisation, kind = kind.name(), by = %permit.actor().user, "organisation set up");
    Ok(organisation)
}

/// Writes the organisation and its registration on the ledger.
pub(super) async fn insert(
    tx: &mut Tx,
    cx: &Cx,
    kind: OrgKind,
    checked: &Checked,
    standing: Standing,
    rules: Option<&str>,
) -> Result<OrgId> {
    let (id, now) = (OrgId(cx.id()), cx.now());
    let salt: [u8; 32] = cx.random.bytes();
    let ledger_name = format!("org-{}", hex::encode(cx.random.bytes::<16>()));
    tx.run(
        INSERT,
        args![
            id,
            ledger_name,
            &salt,
            kind.name(),
            checked.name.as_str(),
            checked.credit_code.as_str(),
            checked.suspect.is_some(),
            checked.city.as_str(),
            checked.legal_representative.as_str(),
            checked.contact_name.as_str(),
            checked.contact_phone.as_str(),
            standing.name(),
            (standing == Standing::Good).then_some(now),
            rules,
            rules.map(|_| now),
            now
        ],
    )
    .await?;
    let mut record =
        Record::new(EntryKind::Registration, "organisation.registered", "organisation", id.0, 1, id);
    record.digests.insert(COMMITMENT.into(), journal::commitment(&salt, &checked.credit_code));
    record.refs.insert("kind".into(), kind.name().into());
    if let Some(rules) = rules {
        record.refs.insert("rules".into(), rules.into());
        record.detail = serde_json::json!({ "rules": rules });
    }
    journal::record(tx, cx, record).await?;
    Ok(id)
}

#[derive(sqlx::FromRow)]
struct Taken {
    codes: i64,
    logins: i64,
}

impl Taken {
    fn add_to(&self, errors: &mut FieldErrors) {
        if self.codes > 0 {
            errors.add("credit_code", Message::key("credit_code.taken"));
        }
        if self.logins > 0 {
            errors.add("login", Message::key("login.taken"));
        }
    }
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register")
            .field("kind", &self.kind)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

statements! {
    TAKEN = "SELECT (SELECT COUNT(*) FROM organisation WHERE credit_code = $1 AND kind = $2) AS codes,
            (SELECT COUNT(*) FROM person WHERE login = $3) AS logins";
    INSERT = "INSERT INTO organisation (id, ledger_name, salt, kind, name, credit_code, credit_code_suspect, city,
            legal_representative, contact_name, contact_phone, standing, verified_at, rules_version,
            rules_accepted_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)";
}
