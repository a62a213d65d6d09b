//! The permission table. One row per action; a reviewer reads it top to bottom and knows who may do what.

use crate::{
    actor::{Assurance, Role, Standing},
    workflow::StageName,
};

/// How an actor stands to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Belongs to the actor's organisation.
    Own,
    /// The actor's firm is engaged for it.
    Engaged,
    /// Anything, for the exchange's staff.
    Exchange,
    /// Anything submitted at least once, for the exchange's staff.
    ExchangeOnceSubmitted,
    /// Anything submitted at least once, for supervisors.
    SupervisorOnceSubmitted,
    /// Anything, for supervisors.
    Supervisor,
}

/// One row of the table.
#[derive(Debug)]
pub struct Rule {
    /// `noun.verb`, as logs and documentation name it.
    pub name: &'static str,
    pub grants: &'static [(Role, Relation)],
    /// Stages in which it can be done; empty = any, or the object is not a filing.
    pub stages: &'static [StageName],
    /// Standings of the actor's organisation that allow it.
    pub standing: &'static [Standing],
    pub assurance: Assurance,
    /// The platform rules must have been accepted.
    pub rules_accepted: bool,
    /// Binds an organisation or the exchange: the second factor must have been presented a short while ago.
    pub fresh: bool,
}

/// An action as a type.
pub trait Action {
    /// Its row.
    const RULE: Rule;
}

use Relation::{
    Engaged, Exchange, ExchangeOnceSubmitted, Own, Supervisor as AnySupervised, SupervisorOnceSubmitted,
};
use Role::{FirmAdmin, Operator, OrgAdmin, Preparer, Reviewer, SecondReviewer, Signer, Supervisor};
use StageName as At;

const ANY: &[StageName] = &[];
const SERVED: &[Standing] = &[Standing::Good, Standing::Warned];
/// A limited organisation finishes what it began, but starts nothing.
const FINISHING: &[Standing] = &[Standing::Good, Standing::Warned, Standing::Limited];
const ANY_STANDING: &[Standing] = &Standing::ALL;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $key:literal: $grants:expr, in $stages:expr, standing $standing:expr, $assurance:ident $(, rules $rules:literal)? $(, fresh $fresh:literal)?;)*) => {
        /// Marker types of the actions.
        pub mod action {
            $($(#[$doc])* #[derive(Clone, Copy, Debug)] pub struct $name;)*
        }
        $(impl Action for action::$name {
            const RULE: Rule = Rule {
                name: $key,
                grants: $grants,
                stages: $stages,
                standing: $standing,
                assurance: Assurance::$assurance,
                rules_accepted: true $(&& $rules)?,
                fresh: false $(|| $fresh)?,
            };
        })*
        /// The whole table, for the documentation and the tests.
        pub struct Actions;
        impl Actions {
            pub const ALL: &[Rule] = &[$(<action::$name as Action>::RULE),*];
        }
    };
}

table! {
    /// Read the own organisation's record.
    ReadOrganisation = "organisation.read": &[(Preparer, Own), (OrgAdmin, Own), (Signer, Own), (FirmAdmin, Own), (Reviewer, Exchange), (SecondReviewer, Exchange), (Operator, Exchange), (Supervisor, AnySupervised)], in ANY, standing ANY_STANDING, Totp, rules false;
    /// Correct the own organisation's registration before it is verified.
    EditOrganisation = "organisation.edit": &[(OrgAdmin, Own), (FirmAdmin, Own)], in ANY, standing &[Standing::Unverified, Standing::Refused], Totp, rules false;
    /// Accept the platform rules and the service agreement.
    AcceptRules = "organisation.accept_rules": &[(Preparer, Own), (OrgAdmin, Own), (Signer, Own), (FirmAdmin, Own)], in ANY, standing ANY_STANDING, Totp, rules false;
    /// Invite, disable and re-admit the own organisation's people.
    ManagePeople = "people.manage": &[(OrgAdmin, Own), (FirmAdmin, Own), (Operator, Exchange)], in ANY, standing FINISHING, Totp, fresh true;
    /// Real-name verification of an organisation.
    VerifyOrganisation = "organisation.verify": &[(Operator, Exchange)], in ANY, standing SERVED, Totp, rules false, fresh true;
    /// Warn, limit, close an organisation, or lift that.
    Sanction = "organisation.sanction": &[(Operator, Exchange)], in ANY, standing SERVED, Totp, rules false, fresh true;
    /// Set up organisations and people of any kind.
    Administer = "exchange.administer": &[(Operator, Exchange)], in ANY, standing SERVED, Totp, rules false, fresh true;
    /// The operator's own pages: people over all organisations, the form for a new one.
    Oversee = "exchange.oversee": &[(Operator, Exchange)], in ANY, standing SERVED, Totp, rules false;
    /// Open a filing.
    OpenFiling = "filing.open": &[(Preparer, Own), (OrgAdmin, Own)], in ANY, standing SERVED, Totp;
    /// Read a filing with all its versions and documents.
    ReadFiling = "filing.read": &[(Preparer, Own), (OrgAdmin, Own), (Signer, Engaged), (FirmAdmin, Engaged), (Reviewer, ExchangeOnceSubmitted), (SecondReviewer, ExchangeOnceSubmitted), (Operator, ExchangeOnceSubmitted), (Supervisor, SupervisorOnceSubmitted)], in ANY, standing ANY_STANDING, Totp, rules false;
    /// Change fields and documents.
    EditFiling = "filing.edit": &[(Preparer, Own), (OrgAdmin, Own)], in &[At::Draft, At::Attesting, At::Correction, At::Inquiry], standing FINISHING, Totp;
    /// Ask the engaged firms to attest, or take the filing back.
    RequestAttestation = "filing.request_attestation": &[(Preparer, Own), (OrgAdmin, Own)], in &[At::Draft, At::Attesting], standing SERVED, Totp;
    /// Submit, or resubmit after correction.
    SubmitFiling = "filing.submit": &[(Preparer, Own), (OrgAdmin, Own)], in ANY, standing FINISHING, Totp, fresh true;
    /// Answer inquiries.
    ReplyInquiry = "filing.reply": &[(Preparer, Own), (OrgAdmin, Own)], in &[At::Inquiry], standing FINISHING, Totp, fresh true;
    /// Take the application back.
    WithdrawFiling = "filing.withdraw": &[(Preparer, Own), (OrgAdmin, Own)], in ANY, standing FINISHING, Totp, fresh true;
    /// Engage a firm for slots, or end the engagement.
    Engage = "engagement.engage": &[(Preparer, Own), (OrgAdmin, Own)], in &[At::Draft, At::Attesting, At::Correction, At::Inquiry], standing FINISHING, Totp;
    /// Accept or decline an engagement.
    AnswerEngagement = "engagement.answer": &[(Signer, Engaged), (FirmAdmin, Engaged)], in ANY, standing SERVED, Totp;
    /// Attest documents, or decline with a reason.
    Attest = "attestation.attest": &[(Signer, Engaged)], in &[At::Draft, At::Attesting, At::Correction, At::Inquiry], standing SERVED, Totp;
    /// Accept, return for correction, or refuse acceptance.
    DecideAcceptance = "review.acceptance": &[(Reviewer, ExchangeOnceSubmitted)], in &[At::Submitted], standing SERVED, Totp, rules false, fresh true;
    /// First review: inquire, recommend.
    Review = "review.first": &[(Reviewer, ExchangeOnceSubmitted)], in &[At::Review], standing SERVED, Totp, rules false, fresh true;
    /// Second review: approve or send back.
    SecondReview = "review.second": &[(SecondReviewer, ExchangeOnceSubmitted), (Reviewer, ExchangeOnceSubmitted)], in &[At::SecondReview], standing SERVED, Totp, rules false, fresh true;
    /// Reject an application.
    Reject = "review.reject": &[(SecondReviewer, ExchangeOnceSubmitted)], in &[At::Review, At::SecondReview], standing SERVED, Totp, rules false, fresh true;
    /// Suspend and resume a review.
    Suspend = "review.suspend": &[(SecondReviewer, ExchangeOnceSubmitted)], in &[At::Review, At::Suspended], standing SERVED, Totp, rules false, fresh true;
    /// Publish an approved listing, register it and give it its code.
    Publish = "listing.publish": &[(Operator, ExchangeOnceSubmitted)], in &[At::Approved, At::Publicised], standing SERVED, Totp, rules false, fresh true;
    /// The exchange's queue and working lists.
    WorkQueue = "review.queue": &[(Reviewer, Exchange), (SecondReviewer, Exchange), (Operator, Exchange)], in ANY, standing SERVED, Totp, rules false;
    /// Register and end witnesses of the ledger, set how many are enough.
    ManageWitnesses = "ledger.manage_witnesses": &[(Operator, Exchange)], in ANY, standing SERVED, Totp, rules false, fresh true;
    /// Look through the market: overview, companies, filings, documents, leaves.
    Supervise = "supervision.read": &[(Supervisor, AnySupervised)], in ANY, standing SERVED, Totp, rules false;
    /// Who looked at what.
    ReadAccessRecords = "supervision.access_records": &[(Supervisor, AnySupervised), (Operator, Exchange)], in ANY, standing SERVED, Totp, rules false;
    /// Own passkeys, time-based code, sessions, API tokens.
    ManageOwnAccount = "account.manage": &[(Preparer, Own), (OrgAdmin, Own), (Signer, Own), (FirmAdmin, Own), (Reviewer, Own), (SecondReviewer, Own), (Operator, Own), (Supervisor, Own)], in ANY, standing ANY_STANDING, Password, rules false;
}
