use rstest::rstest;
use uuid::Uuid;

use super::{Actions, Denied, Facts, Scope, action, check, may, permit};
use crate::{
    actor::{Actor, Assurance, OrgKind, Role, Standing},
    id::{OrgId, UserId},
    workflow::StageName,
};

const OURS: OrgId = OrgId(Uuid::from_u128(10));
const THEIRS: OrgId = OrgId(Uuid::from_u128(20));

fn actor(role: Role, kind: OrgKind) -> Actor {
    Actor {
        user: UserId(Uuid::from_u128(1)),
        name: "某人".into(),
        role,
        org: OURS,
        org_name: "某机构".into(),
        org_kind: kind,
        standing: Standing::Good,
        assurance: Assurance::Passkey,
        must_enrol_passkey: false,
        fresh: true,
        accepted_rules: Some("2026.1".into()),
    }
}

fn filing(owner: OrgId, stage: StageName) -> Facts {
    Facts {
        subject: Uuid::from_u128(99),
        owner,
        engaged: false,
        stage: Some(stage),
        submitted: !matches!(stage, StageName::Draft | StageName::Attesting),
    }
}

fn everyone() -> Vec<Actor> {
    let mut all = Vec::new();
    for role in Role::ALL {
        for kind in OrgKind::ALL {
            if role.belongs_in(kind) {
                all.push(actor(role, kind));
            }
        }
    }
    all
}

#[test]
fn a_supervisor_can_read_and_manage_the_own_account_and_nothing_else() {
    let supervisor = actor(Role::Supervisor, OrgKind::Regulator);
    let allowed: Vec<_> = Actions::ALL
        .iter()
        .filter(|rule| {
            StageName::ALL.into_iter().any(|stage| {
                [OURS, THEIRS]
                    .into_iter()
                    .any(|owner| check(rule, &supervisor, &filing(owner, stage)).is_ok())
            })
        })
        .map(|rule| rule.name)
        .collect();
    assert_eq!(
        allowed,
        [
            "organisation.read",
            "filing.read",
            "supervision.read",
            "supervision.access_records",
            "account.manage"
        ]
    );
}

#[test]
fn another_tenants_private_draft_does_not_exist_for_anybody() {
    for actor in everyone() {
        for rule in Actions::ALL.iter().filter(|rule| rule.name.starts_with("filing.")) {
            assert_eq!(
                check(rule, &actor, &filing(THEIRS, StageName::Draft)),
                Err(Denied::Foreign),
                "{} as {:?}",
                rule.name,
                actor.role
            );
        }
    }
}

#[test]
fn another_tenants_submitted_filing_does_not_exist_for_enterprises_and_firms() {
    for actor in everyone() {
        if matches!(actor.org_kind, OrgKind::Exchange | OrgKind::Regulator) {
            continue;
        }
        let read = permit::<action::ReadFiling>(&actor, &filing(THEIRS, StageName::Review));
        assert_eq!(read.err(), Some(Denied::Foreign), "{:?}", actor.role);
    }
}

#[rstest]
#[case(Standing::Unverified, false)]
#[case(Standing::Refused, false)]
#[case(Standing::Good, true)]
#[case(Standing::Warned, true)]
#[case(Standing::Limited, false)]
#[case(Standing::Closed, false)]
fn no_verification_no_service(#[case] standing: Standing, #[case] served: bool) {
    let mut preparer = actor(Role::Preparer, OrgKind::Enterprise);
    preparer.standing = standing;
    assert_eq!(may::<action::OpenFiling>(&preparer, &Facts::own(&preparer)), served);
}

#[test]
fn a_limited_enterprise_finishes_what_it_began() {
    let mut preparer = actor(Role::Preparer, OrgKind::Enterprise);
    preparer.standing = Standing::Limited;
    assert!(may::<action::EditFiling>(&preparer, &filing(OURS, StageName::Correction)));
}

#[test]
fn a_password_alone_reaches_only_the_own_account() {
    for mut actor in everyone() {
        actor.assurance = Assurance::Password;
        for rule in Actions::ALL {
            let facts = filing(OURS, StageName::Review);
            assert_eq!(
                check(rule, &actor, &facts).is_ok(),
                rule.name == "account.manage",
                "{} as {:?}",
                rule.name,
                actor.role
            );
        }
    }
}

#[test]
fn whoever_must_enrol_a_passkey_does_that_first() {
    let mut reviewer = actor(Role::Reviewer, OrgKind::Exchange);
    reviewer.must_enrol_passkey = true;
    let facts = filing(THEIRS, StageName::Submitted);
    assert_eq!(
        permit::<action::DecideAcceptance>(&reviewer, &facts).err(),
        Some(Denied::Assurance(Assurance::Totp))
    );
    assert!(may::<action::ManageOwnAccount>(&reviewer, &Facts::own(&reviewer)));
}

#[test]
fn the_rules_come_before_the_first_filing() {
    let mut preparer = actor(Role::Preparer, OrgKind::Enterprise);
    preparer.accepted_rules = None;
    let facts = Facts::own(&preparer);
    assert_eq!(permit::<action::OpenFiling>(&preparer, &facts).err(), Some(Denied::RulesNotAccepted));
    assert!(may::<action::AcceptRules>(&preparer, &facts));
}

#[test]
fn a_permit_remembers_who_and_what() {
    let preparer = actor(Role::Preparer, OrgKind::Enterprise);
    let facts = filing(OURS, StageName::Draft);
    let permit = permit::<action::EditFiling>(&preparer, &facts).unwrap();
    assert_eq!(permit.subject(), facts.subject);
    assert_eq!(permit.actor().user, preparer.user);
}

#[test]
fn lists_are_scoped_by_who_asks() {
    let scope = |role, kind| Scope::of(&actor(role, kind));
    assert_eq!(scope(Role::Preparer, OrgKind::Enterprise), Scope::Own(OURS));
    assert_eq!(scope(Role::Signer, OrgKind::LawFirm), Scope::Engaged(OURS));
    assert_eq!(scope(Role::Supervisor, OrgKind::Regulator), Scope::Market);
}

#[test]
fn what_binds_asks_for_a_fresh_second_factor_and_nothing_else_does() {
    let fresh: Vec<_> = Actions::ALL.iter().filter(|rule| rule.fresh).map(|rule| rule.name).collect();
    assert_eq!(
        fresh,
        [
            "people.manage",
            "organisation.verify",
            "organisation.sanction",
            "exchange.administer",
            "filing.submit",
            "filing.reply",
            "filing.withdraw",
            "review.acceptance",
            "review.first",
            "review.second",
            "review.reject",
            "review.suspend",
            "listing.publish",
            "ledger.manage_witnesses"
        ]
    );
    let reading = ["organisation.read", "filing.read", "supervision.read", "supervision.access_records"];
    let pages = ["review.queue", "exchange.oversee", "account.manage"];
    for name in reading.into_iter().chain(pages) {
        let rule = Actions::ALL.iter().find(|rule| rule.name == name);
        assert!(rule.is_some_and(|rule| !rule.fresh), "{name}: reading must not ask");
    }
    let mut preparer = actor(Role::Preparer, OrgKind::Enterprise);
    preparer.fresh = false;
    let facts = filing(OURS, StageName::Draft);
    assert_eq!(permit::<action::SubmitFiling>(&preparer, &facts).err(), Some(Denied::Stale));
    assert!(may::<action::SubmitFiling>(&preparer, &facts), "the button stays");
    assert!(permit::<action::EditFiling>(&preparer, &facts).is_ok());
    let theirs = filing(THEIRS, StageName::Draft);
    assert_eq!(
        permit::<action::SubmitFiling>(&preparer, &theirs).err(),
        Some(Denied::Foreign),
        "and tells nothing"
    );
}
