//! Reading one filing for a page: the workspace of the enterprise, the firm's and the exchange's view of it, and
//! any submitted version. Who is not the enterprise and not engaged sees what was submitted, never the draft that
//! may follow it.

use domain::{
    access::{Facts, action, may},
    actor::{Actor, OrgKind},
    field,
    id::{FilingId, OrgId},
    rule_pack::RulePack,
    text::Text,
    workflow::{Stage, StageName},
};

use super::{
    FilingRow, clock,
    content::{Content, ENGAGEMENTS, EngagementRow, engagements},
    version::{VERSIONS, VersionRow},
    view::{
        Allowed, DecisionView, FieldView, FilingHead, ReviewItemView, SectionView, SlotView, TimelineEvent,
        Workspace,
    },
};
use crate::{args, cx::Cx, db::Reader, error::Result, journal::EventRow, sql::statements};

/// A filing as this reader may see it. Nine queries, whatever its size.
///
/// # Errors
/// [`crate::Error::NotFound`] for strangers.
pub async fn workspace(cx: &Cx, id: FilingId) -> Result<Workspace> {
    read(cx, reader(cx)?, id, None).await
}

/// One submitted version, as it was frozen.
///
/// # Errors
/// [`crate::Error::NotFound`] for strangers and for versions that do not exist.
pub async fn version(cx: &Cx, id: FilingId, number: i64) -> Result<Workspace> {
    read(cx, reader(cx)?, id, Some(number)).await
}

/// Supervisors read on their own side.
pub(crate) fn reader(cx: &Cx) -> Result<&Reader> {
    Ok(if cx.actor()?.org_kind == OrgKind::Regulator { cx.db.supervision() } else { cx.db.read() })
}

async fn read(cx: &Cx, reader: &Reader, id: FilingId, number: Option<i64>) -> Result<Workspace> {
    let filing = super::find(reader, cx, id).await?;
    let facts = filing.facts()?;
    let permit = cx.permit::<action::ReadFiling>(&facts)?;
    let actor = permit.actor();
    let insider = facts.owner == actor.org || facts.engaged;
    let live = insider && number.is_none();
    let content = match number {
        None if insider => Content::live(reader, filing.id).await?,
        None => Content::submitted(reader, filing.id, filing.submissions).await?,
        Some(number) => Content::submitted(reader, filing.id, number).await?,
    };
    let rows: Vec<EngagementRow> = reader.all(ENGAGEMENTS, args![id]).await?;
    let mut review_items: Vec<ReviewItemView> = reader.all(ITEMS, args![id]).await?;
    let mut decisions: Vec<DecisionView> = reader.all(DECISIONS, args![id]).await?;
    let versions: Vec<VersionRow> = reader.all(VERSIONS, args![id]).await?;
    let events: Vec<EventRow> = reader.all(TIMELINE, args![id]).await?;

    let internal = matches!(actor.org_kind, OrgKind::Exchange | OrgKind::Regulator);
    if !internal {
        // A recommendation is the exchange's own paper; what concerns the enterprise is a correction, an inquiry,
        // a refusal or a rejection.
        let told =
            ["accepted", "acceptance_refused", "rejected", "suspended", "resumed", "publicised", "listed"];
        decisions.iter_mut().filter(|d| !told.contains(&d.kind.as_str())).for_each(|d| d.opinion.clear());
    }
    if facts.engaged && facts.owner != actor.org {
        // A firm sees what was asked about the filing's documents, not other firms' correspondence as a whole.
        review_items.retain(|item| item.slot.is_empty() || mine(&rows, actor.org, &item.slot));
    }
    let timeline = events
        .into_iter()
        .filter(|event| insider || event.subject_kind != "document")
        .map(timeline_event)
        .collect();

    let pack = filing.pack(cx)?;
    let stage = filing.stage()?;
    Ok(Workspace {
        sections: sections(pack, &content),
        slots: slots(pack, &content, live),
        completeness: content.completeness(pack),
        engagements: engagements(&rows),
        review_items,
        decisions,
        versions: versions.iter().map(VersionRow::view).collect(),
        timeline,
        allowed: if number.is_none() { allowed(actor, &facts, &stage) } else { Allowed::default() },
        clock: clock::view(&stage, pack.clocks, &cx.calendar, cx.now()),
        live,
        filing: head(&filing, pack, stage.name()),
    })
}

fn mine(rows: &[EngagementRow], firm: OrgId, slot: &str) -> bool {
    rows.iter().any(|row| row.firm_id == firm.0 && row.slot == slot)
}

pub(crate) fn head(filing: &FilingRow, pack: &RulePack, stage: StageName) -> FilingHead {
    FilingHead {
        id: filing.filing(),
        org: OrgId(filing.org_id),
        org_name: filing.org_name.clone(),
        org_credit_code: filing.org_credit_code.clone(),
        org_city: filing.org_city.clone(),
        org_code: filing.org_code.clone(),
        pack_id: filing.pack_id.clone(),
        pack_version: filing.pack_version.clone(),
        pack_sha256: hex::encode(&filing.pack_sha256),
        pack_title: pack.title.clone(),
        board: filing.board.clone(),
        board_name: board_name(pack, &filing.board),
        stage,
        submissions: filing.submissions,
        first_submitted_at: filing.first_submitted_at,
        submitted_at: filing.submitted_at,
        decided_at: filing.decided_at,
        version: filing.version,
        created_at: filing.created_at,
        updated_at: filing.updated_at,
    }
}

pub(crate) fn board_name(pack: &RulePack, board: &str) -> Text {
    pack.board(board)
        .map_or_else(|| Text { zh: board.to_owned(), en: board.to_owned() }, |board| board.name.clone())
}

pub(crate) fn timeline_event(row: EventRow) -> TimelineEvent {
    TimelineEvent {
        seq: row.seq,
        subject_kind: row.subject_kind,
        subject: row.subject_id,
        kind: row.kind,
        actor_name: row.actor_name,
        actor_org: row.actor_org,
        at: row.at,
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        leaf_index: row.leaf_index,
        anchored_at: row.anchored_at,
    }
}

fn sections(pack: &RulePack, content: &Content) -> Vec<SectionView> {
    let values = content.values();
    let fields = |section: &str| {
        pack.fields_in(section)
            .map(|definition| {
                let row = content.fields.iter().find(|row| row.field == definition.id);
                let value = row.map(|row| row.value.clone()).unwrap_or_default();
                FieldView {
                    id: definition.id.clone(),
                    label: definition.label.clone(),
                    help: definition.help.clone(),
                    kind: definition.kind.clone(),
                    required: definition.requirement.applies(&values),
                    max_length: definition.max_length,
                    placeholder: definition.placeholder.clone(),
                    warning: field::normalise(definition, &value).ok().and_then(|read| read.warning),
                    version: row.map_or(0, |row| row.version),
                    value,
                }
            })
            .collect()
    };
    pack.sections
        .iter()
        .map(|section| SectionView {
            id: section.id.clone(),
            title: section.title.clone(),
            fields: fields(&section.id),
        })
        .collect()
}

fn slots(pack: &RulePack, content: &Content, live: bool) -> Vec<SlotView> {
    let values = content.values();
    let counting = content.counting(pack);
    pack.slots
        .iter()
        .map(|slot| {
            let id = slot.id.as_str();
            let removed = |document: &&super::content::DocumentRow| {
                live && document.slot == id && document.removed_at.is_some()
            };
            SlotView {
                id: slot.id.clone(),
                number: slot.number,
                name: slot.name.clone(),
                help: slot.help.clone(),
                from: slot.from.clone(),
                signs: slot.signs,
                required: slot.requirement.applies(&values),
                formats: slot.formats.clone(),
                accept: slot.accept(),
                max_bytes: slot.max_bytes,
                max_files: slot.max_files,
                documents: content.in_slot(id).map(super::content::DocumentRow::view).collect(),
                removed: content
                    .documents
                    .iter()
                    .filter(removed)
                    .map(super::content::DocumentRow::view)
                    .collect(),
                attestations: content
                    .attestations
                    .iter()
                    .filter(|row| row.slot == id)
                    .map(super::content::AttestationRow::view)
                    .collect(),
                attested: counting.iter().any(|row| row.slot == id),
            }
        })
        .collect()
}

/// Which commands this actor may give in this stage.
pub(crate) fn allowed(actor: &Actor, facts: &Facts, stage: &Stage) -> Allowed {
    let name = stage.name();
    let not_first = !matches!(stage, Stage::SecondReview { first, .. } if *first == actor.user);
    Allowed {
        edit: may::<action::EditFiling>(actor, facts),
        request_attestation: name == StageName::Draft && may::<action::RequestAttestation>(actor, facts),
        recall_attestation: name == StageName::Attesting && may::<action::RequestAttestation>(actor, facts),
        submit: matches!(name, StageName::Draft | StageName::Attesting | StageName::Correction)
            && may::<action::SubmitFiling>(actor, facts),
        reply: may::<action::ReplyInquiry>(actor, facts),
        withdraw: name.is_withdrawable() && may::<action::WithdrawFiling>(actor, facts),
        engage: may::<action::Engage>(actor, facts),
        attest: may::<action::Attest>(actor, facts),
        decide_acceptance: may::<action::DecideAcceptance>(actor, facts),
        review: may::<action::Review>(actor, facts),
        second_review: not_first && may::<action::SecondReview>(actor, facts),
        reject: may::<action::Reject>(actor, facts),
        suspend: name == StageName::Review && may::<action::Suspend>(actor, facts),
        resume: name == StageName::Suspended && may::<action::Suspend>(actor, facts),
        publicise: name == StageName::Approved && may::<action::Publish>(actor, facts),
        list: name == StageName::Publicised && may::<action::Publish>(actor, facts),
    }
}

statements! {
    ITEMS = "SELECT i.id, i.kind, i.round, i.slot, i.reason, COALESCE(p.name, '') AS raised_by, i.raised_at,
            i.answer, i.answered_at
        FROM review_item i LEFT JOIN person p ON p.id = i.raised_by WHERE i.filing_id = $1
        ORDER BY i.round, i.position";
    DECISIONS = "SELECT d.id, d.filing_version, d.kind, d.opinion, COALESCE(p.name, '') AS decided_by, d.decided_at,
            x.leaf_index
        FROM decision d LEFT JOIN person p ON p.id = d.decided_by JOIN outbox x ON x.seq = d.outbox_seq
        WHERE d.filing_id = $1 ORDER BY d.outbox_seq";
    /// Everything that happened to a filing, its documents and its engagements, oldest first.
    pub(crate) TIMELINE = "SELECT e.seq, e.subject_kind, e.subject_id, e.org_id, e.kind, e.actor_name, e.actor_org, e.at,
            e.detail, x.leaf_index, x.anchored_at
        FROM event e JOIN outbox x ON x.seq = e.outbox_seq
        WHERE e.subject_id = $1
            OR e.subject_id IN (SELECT d.id FROM document d WHERE d.filing_id = $1)
            OR e.subject_id IN (SELECT g.id FROM engagement g WHERE g.filing_id = $1)
        ORDER BY e.seq";
}
