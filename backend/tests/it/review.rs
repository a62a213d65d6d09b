//! The whole road of a filing, from opening to listing, and what can go wrong on it.

use backend::{
    Cx, Error,
    attestation::{self, Decision, SignedBy},
    db, document, engagement,
    error::Conflict,
    filing::{self, Filter, Submission, SubmissionOutcome, Workspace},
    review::{self, Answer, Item, QueueFilter},
};
use domain::{
    clock::ClockKind,
    id::{EngagementId, FilingId},
    workflow::{Refusal, StageName},
};
use time::Duration;

use crate::{
    cast::{Cast, fill_fields, fill_slots, opened, passkey, pdf, upload},
    on_both,
};

/// The slots of the bundled pack that a firm signs and that are asked for here.
const SPONSOR: [&str; 5] = [
    "company_overview",
    "recommendation_opinion",
    "sponsor_self_discipline",
    "sponsor_commitment",
    "due_diligence_report",
];

pub(crate) async fn engaged(cast: &Cast, id: FilingId) -> Vec<EngagementId> {
    let mut out = Vec::new();
    for (firm, slots) in [
        (&cast.sponsor, SPONSOR.as_slice()),
        (&cast.accountant, ["audit_report"].as_slice()),
        (&cast.lawyer, ["legal_opinion"].as_slice()),
    ] {
        let slots: Vec<String> = slots.iter().map(|&slot| slot.to_owned()).collect();
        let org = firm.actor().unwrap().org;
        let engagement =
            engagement::engage(&cast.enterprise, id, org, &slots, "请于本周内完成").await.unwrap();
        engagement::accept(firm, engagement).await.unwrap();
        out.push(engagement);
    }
    out
}

pub(crate) async fn sign(
    cx: &Cx,
    id: FilingId,
    slot: &str,
    decision: Decision,
    reason: &str,
) -> Result<domain::id::AttestationId, Error> {
    let prepared = attestation::prepare(cx, id, slot, decision, reason).await?;
    attestation::complete(cx, &prepared, &signed(cx, &prepared).await).await
}

async fn signed(cx: &Cx, prepared: &attestation::Prepared) -> SignedBy {
    let user = cx.actor().unwrap().user;
    let mut key = passkey(user);
    let (counter,): (i64,) = cx
        .db
        .read()
        .one("SELECT counter FROM passkey WHERE person_id = $1", backend::args![user])
        .await
        .unwrap();
    key.set_counter(u32::try_from(counter).unwrap());
    let challenge = ledger::statement::Statement::challenge(&prepared.statement);
    let signed = key.assert(&cx.settings.rp_id, &cx.settings.public_url, &challenge);
    SignedBy {
        credential_id: signed.credential_id,
        authenticator_data: signed.authenticator_data,
        client_data_json: signed.client_data_json,
        signature: signed.signature,
    }
}

pub(crate) async fn attest_all(cast: &Cast, id: FilingId) {
    for unattested in filing::workspace(&cast.enterprise, id).await.unwrap().completeness.unattested_slots {
        let firm = match unattested.signer {
            domain::actor::OrgKind::AccountingFirm => &cast.accountant,
            domain::actor::OrgKind::LawFirm => &cast.lawyer,
            _ => &cast.sponsor,
        };
        sign(firm, id, unattested.id.as_str(), Decision::Attest, "").await.unwrap();
    }
}

/// A filing with everything in it.
pub(crate) async fn ready(cast: &Cast) -> FilingId {
    let id = opened(&cast.enterprise).await;
    fill_fields(&cast.enterprise, id).await;
    fill_slots(&cast.enterprise, id).await;
    engaged(cast, id).await;
    filing::request_attestation(&cast.enterprise, id).await.unwrap();
    attest_all(cast, id).await;
    id
}

pub(crate) async fn submitted(cast: &Cast) -> (FilingId, SubmissionOutcome) {
    let id = ready(cast).await;
    let cx = &cast.enterprise;
    cx.clock.advance(Duration::seconds(1));
    let outcome = filing::submit(cx, id, "first-submission", cx.now()).await.unwrap().done().unwrap();
    (id, outcome)
}

pub(crate) async fn look(cx: &Cx, id: FilingId) -> Workspace {
    filing::workspace(cx, id).await.unwrap()
}

async fn at(cx: &Cx, id: FilingId) -> i64 {
    look(cx, id).await.filing.version
}

/// From submission to listing.
pub(crate) async fn listed(cast: &Cast, id: FilingId) -> String {
    review::accept(&cast.reviewer, id, at(&cast.reviewer, id).await, "").await.unwrap();
    review::recommend(&cast.reviewer, id, at(&cast.reviewer, id).await, "符合挂牌条件").await.unwrap();
    review::approve(&cast.second, id, at(&cast.second, id).await, "同意").await.unwrap();
    review::publicise(&cast.operator, id, at(&cast.operator, id).await).await.unwrap();
    review::list(&cast.operator, id, at(&cast.operator, id).await).await.unwrap()
}

on_both! {
    async fn the_whole_road(world: World) {
        let cast = Cast::of(&world).await;
        let (id, first) = submitted(&cast).await;
        assert_eq!((first.number, first.already), (1, false));

        // The exchange sees it now, with five working days from Monday 2 November: due on the 9th.
        let seen = look(&cast.reviewer, id).await;
        assert_eq!(seen.filing.stage, StageName::Submitted);
        let clock = seen.clock.unwrap();
        assert_eq!((clock.kind, clock.limit_days), (ClockKind::Acceptance, 5));
        assert_eq!(clock.reading.due.unwrap().to_string(), "2026-11-09");
        assert!(seen.allowed.decide_acceptance && !seen.allowed.edit && !seen.live);
        let queue = review::queue(&cast.reviewer, &QueueFilter::default()).await.unwrap();
        assert_eq!((queue.page.total, queue.overdue, queue.stages), (1, 0, vec![(StageName::Submitted, 1)]));

        // Returned for correction; the acceptance clock starts afresh with the resubmission.
        world.services.clock.advance(Duration::days(2));
        let items = [
            Item { slot: "audit_report".into(), reason: "首页缺少验证码".into() },
            Item { slot: String::new(), reason: "请核对行业分类".into() },
        ];
        review::return_for_correction(&cast.reviewer, id, seen.filing.version, &items).await.unwrap();
        let mine = look(&cast.enterprise, id).await;
        assert_eq!(mine.filing.stage, StageName::Correction);
        assert_eq!(mine.review_items.len(), 2);
        assert_eq!(mine.clock.as_ref().unwrap().kind, ClockKind::Correction);

        // A new version of the document takes its attestation away; the exchange still sees what was submitted.
        let report = mine.slots.iter().find(|slot| slot.id.as_str() == "audit_report").unwrap().documents[0].clone();
        let mut new = crate::cast::to(&cast.enterprise, id, "audit_report", "审计报告（补正）.pdf");
        new.replaces = Some(report.id);
        let mut up = document::Upload::begin(&cast.enterprise, new).await.unwrap();
        up.write(&pdf("corrected")).await.unwrap();
        assert_eq!(up.finish().await.unwrap().superseded, 1);
        let outside = look(&cast.reviewer, id).await;
        let shown = outside.slots.iter().find(|slot| slot.id.as_str() == "audit_report").unwrap();
        assert_eq!((shown.documents[0].number, shown.attested), (1, true));
        assert!(matches!(document::download(&cast.reviewer, report.id, 2).await, Err(Error::NotFound)));
        assert!(document::download(&cast.reviewer, report.id, 1).await.is_ok());
        let early = filing::submit(&cast.enterprise, id, "second-submission", cast.enterprise.now()).await.unwrap();
        assert!(matches!(early, Submission::Missing(what) if what.unattested_slots.len() == 1));
        let inbox = engagement::inbox(&cast.accountant, &engagement::InboxFilter::default()).await.unwrap();
        assert_eq!((inbox.waiting, inbox.page.rows[0].waiting), (1, 1));
        attest_all(&cast, id).await;
        world.services.clock.advance(Duration::days(1));
        let second = filing::submit(&cast.enterprise, id, "second-submission", cast.enterprise.now()).await.unwrap().done().unwrap();
        assert_eq!(second.number, 2);
        let seen = look(&cast.reviewer, id).await;
        assert!(seen.review_items.iter().all(|item| item.answered_at.is_some()));
        assert_eq!(seen.versions.len(), 2);
        let old = filing::version(&cast.reviewer, id, 1).await.unwrap();
        assert!(old.completeness.is_complete() && old.allowed == filing::Allowed::default());

        // Accepted, asked, answered: the review clock does not count the days of the inquiry.
        review::accept(&cast.reviewer, id, seen.filing.version, "").await.unwrap();
        let before = look(&cast.reviewer, id).await.clock.unwrap().reading.due.unwrap();
        let question = [Item { slot: "company_overview".into(), reason: "说明前五大客户".into() }];
        review::inquire(&cast.reviewer, id, at(&cast.reviewer, id).await, &question).await.unwrap();
        world.services.clock.advance(Duration::days(7));
        let open = look(&cast.enterprise, id).await.review_items.into_iter().find(|item| item.kind == "inquiry").unwrap();
        let blank = [Answer { item: open.id, text: " ".into() }];
        assert!(matches!(review::reply(&cast.enterprise, id, "reply-key", &blank, cast.enterprise.now()).await, Err(Error::Invalid(_))));
        assert!(matches!(
            review::reply(&cast.enterprise, id, "reply-key", &[], cast.enterprise.now()).await,
            Err(Error::Refused(Refusal::OpenItems { count: 1 }))
        ));
        let answer = [Answer { item: open.id, text: "见附件第 12 页。".into() }];
        let reply = review::reply(&cast.enterprise, id, "reply-key", &answer, cast.enterprise.now()).await.unwrap().done().unwrap();
        let again = review::reply(&cast.enterprise, id, "reply-key", &answer, cast.enterprise.now()).await.unwrap().done().unwrap();
        assert_eq!((reply.number, again.number, again.already), (3, 3, true));
        let seen = look(&cast.reviewer, id).await;
        assert_eq!(seen.filing.stage, StageName::Review);
        assert_eq!(seen.clock.unwrap().reading.due.unwrap(), before + Duration::days(7));

        // Two people decide.
        review::recommend(&cast.reviewer, id, seen.filing.version, "材料齐备").await.unwrap();
        assert!(!look(&cast.reviewer, id).await.allowed.second_review);
        let same = review::approve(&cast.reviewer, id, at(&cast.reviewer, id).await, "同意").await;
        assert!(matches!(same, Err(Error::Refused(Refusal::SamePerson))));
        review::send_back(&cast.second, id, at(&cast.second, id).await, "补充说明").await.unwrap();
        review::recommend(&cast.reviewer, id, at(&cast.reviewer, id).await, "已补充").await.unwrap();
        review::approve(&cast.second, id, at(&cast.second, id).await, "同意").await.unwrap();
        review::publicise(&cast.operator, id, at(&cast.operator, id).await).await.unwrap();
        let code = review::list(&cast.operator, id, at(&cast.operator, id).await).await.unwrap();
        assert_eq!(code, "JS000001G");
        let end = look(&cast.enterprise, id).await;
        assert_eq!((end.filing.stage, end.filing.org_code.as_deref()), (StageName::Listed, Some("JS000001G")));
        let kinds: Vec<&str> = end.timeline.iter().filter(|e| e.subject_kind == "filing").map(|e| e.kind.as_str()).collect();
        for kind in ["opened", "attestation_requested", "submitted", "correction_requested", "resubmitted", "accepted",
            "inquiry_raised", "inquiry_answered", "recommended", "sent_back", "approved", "publicised", "listed"] {
            assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
        }
        // The opinion of the first review is the exchange's own paper.
        let recommended = |seen: &Workspace| seen.decisions.iter().find(|d| d.kind == "recommended").unwrap().opinion.clone();
        assert_eq!(recommended(&end), "");
        assert_eq!(recommended(&look(&cast.second, id).await), "材料齐备");
    }

    async fn a_hundred_submissions_at_once_are_one(world: World) {
        let cast = Cast::of(&world).await;
        let id = ready(&cast).await;
        let cx = &cast.enterprise;
        let all = futures::future::join_all((0..100).map(|n| async move {
            // Half of them repeat one request, the others are tabs with keys of their own.
            let key = if n % 2 == 0 { "the-same-key".to_owned() } else { format!("tab-number-{n}") };
            filing::submit(cx, id, &key, cx.now()).await.unwrap().done().unwrap()
        })).await;
        assert_eq!(all.iter().filter(|outcome| !outcome.already).count(), 1);
        assert!(all.iter().all(|outcome| outcome.number == 1 && outcome.outbox_seq == all[0].outbox_seq));
        let (entries,): (i64,) = cx.db.read()
            .one("SELECT COUNT(*) FROM outbox WHERE kind = 'submitted'", vec![]).await.unwrap();
        assert_eq!(entries, 1);
        assert_eq!(look(cx, id).await.versions.len(), 1);
    }

    async fn what_the_ledger_has_binds_the_submission(world: World) {
        let cast = Cast::of(&world).await;
        let (id, outcome) = submitted(&cast).await;
        let (entry, manifest): (Vec<u8>, String) = world.services.db.read().one(
            "SELECT x.entry, v.manifest FROM filing_version v JOIN outbox x ON x.seq = v.outbox_seq WHERE v.outbox_seq = $1",
            backend::args![outcome.outbox_seq],
        ).await.unwrap();
        let entry = ledger::Entry::parse(&entry).unwrap();
        let manifest = ledger::manifest::Manifest::parse(&manifest).unwrap();
        assert!(manifest.is_anchored_by(&entry));
        assert_eq!(manifest.documents.len(), 21);
        assert_eq!(entry.object, format!("filing:{id}"));
        // No name, code or text of the enterprise is in any entry.
        let entries: Vec<(Vec<u8>,)> = world.services.db.read().all("SELECT entry FROM outbox", vec![]).await.unwrap();
        for (entry,) in entries {
            assert!(entry.is_ascii() && !String::from_utf8_lossy(&entry).contains("91310000564759688N"));
        }
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = world.services.db.read().all(
            "SELECT a.statement, a.public_key, x.entry FROM attestation a JOIN outbox x ON x.seq = a.outbox_seq", vec![],
        ).await.unwrap();
        assert_eq!(rows.len(), 7);
        for (statement, key, entry) in rows {
            let statement = ledger::statement::Statement::parse(&statement).unwrap();
            let key = ledger::cose::CoseKey::parse(&key).unwrap();
            assert!(statement.is_anchored_by(&ledger::Entry::parse(&entry).unwrap(), &key));
        }
    }

    async fn two_reviewers_at_once_are_a_readable_conflict(world: World) {
        let cast = Cast::of(&world).await;
        let (id, _) = submitted(&cast).await;
        let seen = at(&cast.reviewer, id).await;
        review::accept(&cast.reviewer, id, seen, "").await.unwrap();
        let late = review::refuse_acceptance(&cast.reviewer, id, seen, "重复申请").await;
        assert!(matches!(late, Err(Error::Conflict(Conflict::Stale))));
        let foreign = review::refuse_acceptance(&cast.stranger, id, seen, "重复申请").await;
        assert!(matches!(foreign, Err(Error::NotFound)));
        let wrong_role = review::accept(&cast.operator, id, at(&cast.operator, id).await, "").await;
        assert!(matches!(wrong_role, Err(Error::Denied(_))));
    }

    async fn corrections_need_reasons_tied_to_slots(world: World) {
        let cast = Cast::of(&world).await;
        let (id, _) = submitted(&cast).await;
        let seen = at(&cast.reviewer, id).await;
        let bad = [Item { slot: "moon".into(), reason: "x".into() }, Item { slot: String::new(), reason: "  ".into() }];
        let Err(Error::Invalid(errors)) = review::return_for_correction(&cast.reviewer, id, seen, &bad).await else { panic!() };
        assert_eq!(errors.0.keys().collect::<Vec<_>>(), ["items.0.slot", "items.1.reason"]);
        assert!(matches!(review::return_for_correction(&cast.reviewer, id, seen, &[]).await, Err(Error::Refused(Refusal::NoItems))));
        assert!(matches!(review::refuse_acceptance(&cast.reviewer, id, seen, " ").await, Err(Error::Invalid(_))));
        review::refuse_acceptance(&cast.reviewer, id, seen, "主体不符合条件").await.unwrap();
        assert_eq!(look(&cast.enterprise, id).await.decisions[0].opinion, "主体不符合条件");
    }

    async fn overdue_filings_stand_first_and_suspension_stops_the_clock(world: World) {
        let cast = Cast::of(&world).await;
        let (id, _) = submitted(&cast).await;
        world.services.clock.advance(Duration::days(10));
        let queue = review::queue(&cast.second, &QueueFilter { overdue: true, ..QueueFilter::default() }).await.unwrap();
        assert_eq!((queue.page.total, queue.overdue), (1, 1));
        assert!(queue.page.rows[0].clock.as_ref().unwrap().reading.overdue);
        review::accept(&cast.reviewer, id, at(&cast.reviewer, id).await, "").await.unwrap();
        review::suspend(&cast.second, id, at(&cast.second, id).await, "等待司法意见").await.unwrap();
        world.services.clock.advance(Duration::days(60));
        let seen = look(&cast.second, id).await;
        assert!(seen.clock.unwrap().reading.paused && seen.allowed.resume);
        review::resume(&cast.second, id, seen.filing.version, "").await.unwrap();
        assert!(!look(&cast.second, id).await.clock.unwrap().reading.overdue);
        assert!(matches!(review::queue(&cast.enterprise, &QueueFilter::default()).await, Err(Error::Denied(_) | Error::NotFound)));
    }

    async fn queries_of_queue_and_workspace_are_constant(world: World) {
        let cast = Cast::of(&world).await;
        let queries = async |cx: &Cx, id| (
            db::count::queries(review::queue(cx, &QueueFilter::default())).await.1,
            db::count::queries(filing::workspace(cx, id)).await.1,
            db::count::queries(filing::list(cx, &Filter::default())).await.1,
        );
        let (id, _) = submitted(&cast).await;
        assert_eq!(queries(&cast.reviewer, id).await, (4, 9, 2));
        submitted_by_other(&cast).await;
        assert_eq!(queries(&cast.reviewer, id).await, (4, 9, 2));
        let all = engagement::InboxFilter::default();
        assert_eq!(db::count::queries(engagement::inbox(&cast.sponsor, &all)).await.1, 3);
    }

    async fn codes_go_on_and_a_company_keeps_its_number(world: World) {
        let cast = Cast::of(&world).await;
        let (id, _) = submitted(&cast).await;
        assert_eq!(listed(&cast, id).await, "JS000001G");
        let again = ready(&cast).await;
        filing::submit(&cast.enterprise, again, "other-submission", cast.enterprise.now()).await.unwrap().done().unwrap();
        assert_eq!(listed(&cast, again).await, "JS000001G");
    }
}

async fn submitted_by_other(cast: &Cast) {
    let id = ready(cast).await;
    filing::submit(&cast.enterprise, id, "another-submission", cast.enterprise.now())
        .await
        .unwrap()
        .done()
        .unwrap();
}

on_both! {
    async fn a_firm_is_engaged_for_its_own_kind_of_slot_only(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let cx = &cast.enterprise;
        let firms = engagement::candidates(cx, id, "audit_report", "").await.unwrap();
        assert_eq!(firms.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["示例会计师事务所（特殊普通合伙）"]);
        assert_eq!(engagement::candidates(cx, id, "", "示例").await.unwrap().len(), 3);
        let accountant = cast.accountant.actor().unwrap().org;
        let wrong = engagement::engage(cx, id, accountant, &["legal_opinion".into()], "").await;
        assert!(matches!(wrong, Err(Error::Invalid(_))));
        let enterprise = cx.actor().unwrap().org;
        assert!(matches!(engagement::engage(cx, id, enterprise, &["audit_report".into()], "").await, Err(Error::Invalid(_))));
        assert!(matches!(engagement::engage(cx, id, accountant, &[], "").await, Err(Error::Invalid(_))));

        let one = engagement::engage(cx, id, accountant, &["audit_report".into()], "").await.unwrap();
        assert!(matches!(engagement::engage(cx, id, accountant, &["audit_report".into()], "").await, Err(Error::Rejected(_))));
        assert!(matches!(engagement::accept(&cast.lawyer, one).await, Err(Error::NotFound)));
        assert!(matches!(engagement::accept(cx, one).await, Err(Error::Denied(_))));
        assert!(matches!(engagement::decline(&cast.accountant, one, "").await, Err(Error::Invalid(_))));
        let page = engagement::read(&cast.accountant, one).await.unwrap();
        assert_eq!(page.engagement.slots, ["audit_report"]);
        engagement::decline(&cast.accountant, one, "档期已满").await.unwrap();
        assert!(matches!(engagement::accept(&cast.accountant, one).await, Err(Error::Conflict(_))));
        assert!(matches!(engagement::read(&cast.accountant, one).await, Err(Error::NotFound)), "declined: no longer theirs");
        engagement::engage(cx, id, accountant, &["audit_report".into()], "").await.unwrap();
    }

    async fn attestations_bind_to_the_documents_and_to_the_signer(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        assert!(matches!(sign(&cast.accountant, id, "audit_report", Decision::Attest, "").await, Err(Error::NotFound)));
        let engagements = engaged(&cast, id).await;
        assert!(matches!(sign(&cast.accountant, id, "audit_report", Decision::Attest, "").await, Err(Error::Rejected(_))), "empty");
        upload(&cast.enterprise, id, "audit_report", "一.pdf", &pdf("1")).await.unwrap();
        assert!(matches!(sign(&cast.accountant, id, "legal_opinion", Decision::Attest, "").await, Err(Error::Rejected(_))));

        // A document that changes between looking and signing.
        let prepared = attestation::prepare(&cast.accountant, id, "audit_report", Decision::Attest, "").await.unwrap();
        upload(&cast.enterprise, id, "audit_report", "二.pdf", &pdf("2")).await.unwrap();
        let late = attestation::complete(&cast.accountant, &prepared, &signed(&cast.accountant, &prepared).await).await;
        assert!(matches!(late, Err(Error::Conflict(Conflict::Stale))));

        // Somebody else's passkey, a changed signature, another statement.
        let prepared = attestation::prepare(&cast.accountant, id, "audit_report", Decision::Attest, "").await.unwrap();
        let foreign = signed(&cast.lawyer, &prepared).await;
        assert!(matches!(attestation::complete(&cast.accountant, &prepared, &foreign).await, Err(Error::Rejected(_))));
        let mut good = signed(&cast.accountant, &prepared).await;
        *good.signature.last_mut().unwrap() ^= 1;
        assert!(matches!(attestation::complete(&cast.accountant, &prepared, &good).await, Err(Error::Rejected(_))));
        let mut other = prepared.clone();
        other.statement = other.statement.replace("attest\"", "decline\"");
        let good = signed(&cast.accountant, &prepared).await;
        assert!(attestation::complete(&cast.accountant, &other, &good).await.is_err());
        attestation::complete(&cast.accountant, &prepared, &good).await.unwrap();
        assert!(attestation::complete(&cast.accountant, &prepared, &good).await.is_err(), "once");

        let attested = async || look(&cast.enterprise, id).await.slots.iter().find(|s| s.id.as_str() == "audit_report").unwrap().attested;
        assert!(attested().await);
        assert!(matches!(sign(&cast.accountant, id, "audit_report", Decision::Decline, " ").await, Err(Error::Invalid(_))));
        sign(&cast.accountant, id, "audit_report", Decision::Decline, "期后事项未披露").await.unwrap();
        assert!(!attested().await, "the firm's last word counts");
        sign(&cast.accountant, id, "audit_report", Decision::Attest, "").await.unwrap();
        assert!(attested().await);
        engagement::end(&cast.enterprise, engagements[1], "更换机构").await.unwrap();
        assert!(!attested().await, "an ended engagement no longer counts");
        let mine = attestation::list(&cast.accountant, backend::page::Paging::default()).await.unwrap();
        assert_eq!((mine.total, mine.rows.iter().filter(|row| row.superseded_at.is_none()).count()), (3, 0));
    }
}
