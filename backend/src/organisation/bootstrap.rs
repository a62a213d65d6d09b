//! The first start of an empty instance: there is no operator yet who could set one up. `guxin serve` calls
//! [`operator`] with a login and password from its options, or prints the link of [`set_up_link`]; neither does
//! anything once anybody has an account.

use domain::{
    actor::{OrgKind, Role, Standing},
    id::{OrgId, UserId},
};
use uuid::Uuid;

use super::register::{self, Checked};
use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, FieldErrors, Result},
    invitation::{self, Issued},
    password,
    person::{self, check_login},
    sql::statements,
};

/// Whether nobody has an account yet.
///
/// # Errors
/// The database's.
pub async fn is_empty(cx: &Cx) -> Result<bool> {
    let (people,): (i64,) = cx.db.read().one(PEOPLE, args![]).await?;
    Ok(people == 0)
}

/// Makes the exchange and its first operator on an empty instance. `None` when somebody has an account already.
///
/// # Errors
/// Field errors on `login` and `password`.
pub async fn operator(cx: &Cx, login: &str, password: &str) -> Result<Option<UserId>> {
    let mut errors = FieldErrors::default();
    let login = person::normalise_login(login);
    check_login(&login, "login", &mut errors);
    if let Err(message) = password::acceptable(password, &login) {
        errors.add("password", message);
    }
    errors.check()?;
    if !is_empty(cx).await? {
        return Ok(None);
    }
    let hashed = password::hash(cx, password).await?;
    let mut tx = cx.db.begin().await?;
    let (people,): (i64,) = tx.one(PEOPLE, args![]).await?;
    if people > 0 {
        return Ok(None);
    }
    let exchange = exchange(&mut tx, cx).await?;
    let person = person::insert(&mut tx, cx, exchange, &login, &login, Role::Operator, hashed).await?;
    cx.commit(tx).await?;
    tracing::warn!(%person, "first operator made from the start options");
    Ok(Some(person))
}

/// Makes the exchange on an empty instance and an invitation for its first operator: `/invite/{token}`. An older
/// link stops working. `None` when somebody has an account already.
///
/// # Errors
/// The database's.
pub async fn set_up_link(cx: &Cx) -> Result<Option<Issued>> {
    let mut tx = cx.db.begin().await?;
    let (people,): (i64,) = tx.one(PEOPLE, args![]).await?;
    if people > 0 {
        return Ok(None);
    }
    let exchange = exchange(&mut tx, cx).await?;
    tx.run(REVOKE, args![exchange, cx.now()]).await?;
    let issued = invitation::issue(&mut tx, cx, exchange, "operator", "operator", Role::Operator).await?;
    cx.commit(tx).await?;
    Ok(Some(issued))
}

async fn exchange(tx: &mut Tx, cx: &Cx) -> Result<OrgId> {
    let known: Option<(Uuid,)> = tx.maybe(EXCHANGE, args![]).await?;
    if let Some((id,)) = known {
        return Ok(OrgId(id));
    }
    let checked = Checked {
        name: cx.settings.exchange_name.clone(),
        credit_code: String::new(),
        suspect: None,
        city: String::new(),
        legal_representative: String::new(),
        contact_name: String::new(),
        contact_phone: String::new(),
    };
    register::insert(tx, cx, OrgKind::Exchange, &checked, Standing::Good, None).await
}

/// The exchange's own organisation.
///
/// # Errors
/// [`Error::NotFound`] on an empty instance.
pub async fn exchange_id(cx: &Cx) -> Result<OrgId> {
    let row: Option<(Uuid,)> = cx.db.read().maybe(EXCHANGE, args![]).await?;
    row.map(|(id,)| OrgId(id)).ok_or(Error::NotFound)
}

statements! {
    PEOPLE = "SELECT COUNT(*) FROM person";
    EXCHANGE = "SELECT id FROM organisation WHERE kind = 'exchange' ORDER BY created_at, id LIMIT 1";
    REVOKE = "UPDATE invitation SET used_at = $2 WHERE org_id = $1 AND used_at IS NULL";
}
