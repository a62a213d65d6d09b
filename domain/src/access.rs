//! Authority as a value. [`permit`] is the only place that can build a [`Permit`], and every use case that
//! writes takes one, so code that forgot to ask does not compile. Lists take a [`Scope`] instead: what an
//! actor may see at all, which becomes part of the query.
//!
//! The rules are one table ([`table`]): role x relation x stage x standing per action. It is printed into the
//! documentation and walked by the tests; nothing else in the code compares roles.

use std::marker::PhantomData;

use uuid::Uuid;

use crate::{
    actor::{Actor, Assurance, OrgKind, Standing},
    id::OrgId,
    workflow::StageName,
};

mod table;
pub use table::{Action, Actions, Relation, Rule};

/// Marker types, one per action: `Permit<action::SubmitFiling>`.
pub use table::action;

/// What is being acted on, as far as authority is concerned.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The object's id, or the organisation's own id for actions without an object.
    pub subject: Uuid,
    /// The organisation that the object belongs to.
    pub owner: OrgId,
    /// The actor's organisation is engaged (or invited) for this filing.
    pub engaged: bool,
    /// The filing's stage, when the object is a filing.
    pub stage: Option<StageName>,
    /// The filing was submitted at least once, so it is no longer the enterprise's private draft.
    pub submitted: bool,
}

impl Facts {
    /// Facts about the actor's own organisation.
    #[must_use]
    pub fn own(actor: &Actor) -> Self {
        Self::of_org(actor.org)
    }

    /// Facts about some organisation.
    #[must_use]
    pub fn of_org(org: OrgId) -> Self {
        Self { subject: org.0, owner: org, engaged: false, stage: None, submitted: false }
    }
}

/// Proof that this actor may do `A` to this subject. Only [`permit`] makes one.
#[derive(Debug)]
pub struct Permit<A> {
    actor: Actor,
    subject: Uuid,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// On what.
    #[must_use]
    pub fn subject(&self) -> Uuid {
        self.subject
    }
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The object is none of the actor's business: answered as if it did not exist.
    #[error("not found")]
    Foreign,
    /// The role does not include this action.
    #[error("the role does not include this action")]
    Role,
    /// The action exists, but not in this stage.
    #[error("not in this stage")]
    Stage(StageName),
    /// Not verified, limited or closed.
    #[error("the organisation's standing does not allow it")]
    Standing(Standing),
    /// The session is not sure enough: second factor or passkey is missing.
    #[error("a stronger sign-in is needed")]
    Assurance(Assurance),
    /// The second factor was presented too long ago for something this binding: present it again.
    #[error("the second factor must be presented again")]
    Stale,
    /// The platform rules and service agreement in force are not accepted yet.
    #[error("the platform rules are not accepted")]
    RulesNotAccepted,
}

impl Denied {
    /// The locale key's last part: `denied.<code>`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Role => "role",
            Self::Stage(_) => "stage",
            Self::Standing(_) => "standing",
            Self::Assurance(_) => "assurance",
            Self::Stale => "stale",
            Self::RulesNotAccepted => "rules",
        }
    }
}

/// Asks whether `actor` may do `A` to what `facts` describe.
///
/// # Errors
/// [`Denied`]; a stranger to the object always gets [`Denied::Foreign`], whatever else is wrong, and
/// [`Denied::Stale`] only whoever may do it otherwise.
pub fn permit<A: Action>(actor: &Actor, facts: &Facts) -> Result<Permit<A>, Denied> {
    check(&A::RULE, actor, facts)?;
    if A::RULE.fresh && !actor.fresh {
        return Err(Denied::Stale);
    }
    Ok(Permit { actor: actor.clone(), subject: facts.subject, action: PhantomData })
}

/// The same question without a value to act on: pages use it to decide which buttons to show. A button does not vanish
/// because the second factor has grown old: whoever presses it is asked for it again.
#[must_use]
pub fn may<A: Action>(actor: &Actor, facts: &Facts) -> bool {
    check(&A::RULE, actor, facts).is_ok()
}

/// The rule behind [`permit`], on the table's own row; the documentation's table and the tests use it too.
///
/// # Errors
/// As [`permit`].
pub fn check(rule: &Rule, actor: &Actor, facts: &Facts) -> Result<(), Denied> {
    let related = |relation: Relation| match relation {
        Relation::Own => facts.owner == actor.org,
        Relation::Engaged => facts.engaged,
        Relation::Exchange => actor.org_kind == OrgKind::Exchange,
        // The exchange and the supervisor see a filing from its first submission on, never a private draft.
        Relation::ExchangeOnceSubmitted => actor.org_kind == OrgKind::Exchange && facts.submitted,
        Relation::SupervisorOnceSubmitted => actor.org_kind == OrgKind::Regulator && facts.submitted,
        Relation::Supervisor => actor.org_kind == OrgKind::Regulator,
    };
    if !rule.grants.iter().any(|(_, relation)| related(*relation)) && !sees(actor, facts) {
        return Err(Denied::Foreign);
    }
    if !rule.grants.iter().any(|(role, relation)| *role == actor.role && related(*relation)) {
        return Err(Denied::Role);
    }
    if actor.assurance < rule.assurance || actor.must_enrol_passkey && rule.assurance > Assurance::Password {
        return Err(Denied::Assurance(rule.assurance));
    }
    if !rule.standing.contains(&actor.standing) {
        return Err(Denied::Standing(actor.standing));
    }
    if rule.rules_accepted && actor.accepted_rules.is_none() {
        return Err(Denied::RulesNotAccepted);
    }
    match facts.stage {
        Some(stage) if !rule.stages.is_empty() && !rule.stages.contains(&stage) => Err(Denied::Stage(stage)),
        _ => Ok(()),
    }
}

/// Whether the object exists for this actor at all.
fn sees(actor: &Actor, facts: &Facts) -> bool {
    facts.owner == actor.org
        || facts.engaged
        || facts.submitted && matches!(actor.org_kind, OrgKind::Exchange | OrgKind::Regulator)
}

/// What an actor may see in lists. Built from the actor only; every list query binds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What belongs to this organisation.
    Own(OrgId),
    /// What this firm is engaged for.
    Engaged(OrgId),
    /// Everything that was submitted at least once.
    Market,
}

impl Scope {
    /// The scope of an actor's lists.
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        match actor.org_kind {
            OrgKind::Enterprise => Self::Own(actor.org),
            OrgKind::Exchange | OrgKind::Regulator => Self::Market,
            _ => Self::Engaged(actor.org),
        }
    }

    /// As two query parameters: the kind (`own`, `engaged`, `market`) and the organisation (nil for the market).
    #[must_use]
    pub fn parameters(self) -> (&'static str, Uuid) {
        match self {
            Self::Own(org) => ("own", org.0),
            Self::Engaged(org) => ("engaged", org.0),
            Self::Market => ("market", Uuid::nil()),
        }
    }
}

#[cfg(test)]
mod tests;
