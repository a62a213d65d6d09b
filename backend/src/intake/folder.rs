//! The folder as a whole, once every file of it is read: whose identity card a card is, which file is a copy or a draft of
//! another, and which document is about another company. What the rules of [`domain::classify`] say is done in the name of
//! whoever handed the file in, with the reason beside it; a person can take it back, and what a person decided is never
//! decided again. Called by [`super::job`]; which folders wait stands in the database, so that a restart forgets none.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    classify::{self, Aside, Classification, Reason, SURE, Sorted, Verdict as Seen},
    finding::Held,
    id::{FilingId, UserId},
    intake::State,
    media::Kind,
    reading::Reading,
    rule_pack::SlotId,
    text::Text,
};
use time::Duration;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{Change, FileRow, LIST, Verdict, place, same_as, text, words};
use crate::{
    args,
    cx::Cx,
    error::{Error, Result},
    filing::bytes32,
    reading::Outcome,
    session,
    sql::statements,
    stopwatch,
};

/// A file that has not moved on for so long keeps the others waiting no more.
const SETTLING: Duration = Duration::seconds(20);
/// Bytes of text that are compared at a time; of files beyond it only names and digests are.
const MOST_TEXT: usize = 64 << 20;

/// Looks at every folder whose files are all read and that was not looked at since.
///
/// # Errors
/// The database's and the store's.
pub(super) async fn compare(cx: &Cx) -> Result<()> {
    while let Some((filing,)) = cx.db.read().maybe::<(Uuid,)>(NEXT, args![cx.now() - SETTLING]).await? {
        let filing = FilingId(filing);
        let mut tx = cx.db.begin().await?;
        let mine = tx.run(CLAIM, args![filing]).await? > 0;
        tx.commit().await?;
        if !mine {
            continue;
        }
        let since = cx.now();
        let outcome = async { Folder::of(cx, filing).await?.settle(cx).await }.await;
        if let Err(error) = outcome {
            // Every file stays where it was sorted; the next one that comes has the folder looked at again.
            tracing::warn!(%filing, %error, "a folder could not be compared");
        }
        let mut tx = cx.db.begin().await?;
        tx.run(COMPARED, args![filing]).await?;
        stopwatch::machine(&mut tx, cx, filing, since).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A file that lies in a slot or waits for an answer, its content unchanged since it came.
struct Member {
    row: FileRow,
    verdict: Verdict,
    sha256: [u8; 32],
    seen: Classification,
    reading: Option<Reading>,
}

/// What is to be done with a member.
enum Decision {
    Place { slot: SlotId, confidence: u8, reasons: Vec<Text> },
    Aside(Aside),
}

/// The company that a filing is about.
struct Company {
    name: String,
    code: String,
}

struct Folder {
    members: Vec<Member>,
    company: Company,
}

impl Folder {
    async fn of(cx: &Cx, filing: FilingId) -> Result<Self> {
        let reader = cx.db.read();
        let present: Vec<(Uuid, Vec<u8>)> = reader.all(PRESENT, args![filing]).await?;
        let present: BTreeSet<(Uuid, Vec<u8>)> = present.into_iter().collect();
        let rows: Vec<FileRow> = reader.all(LIST, args![filing]).await?;
        let mut members = Vec::new();
        for row in rows {
            members.extend(Member::of(row, &present)?);
        }
        read(cx, &mut members).await?;
        let (name, code): (String, String) = reader.one(COMPANY, args![filing]).await?;
        Ok(Self { members, company: Company { name, code } })
    }

    /// Asks the rules and does what they say.
    async fn settle(self, cx: &Cx) -> Result<()> {
        let Self { members, company } = self;
        let (members, decisions) =
            spawn_blocking(move || decide(members, &company)).await.map_err(Error::internal)?;
        let mut hands = Hands { cx, known: BTreeMap::new() };
        let mut freed: BTreeSet<String> = BTreeSet::new();
        for (member, decision) in members.iter().zip(&decisions) {
            if let Some(Decision::Aside(aside)) = decision
                && let Some(own) = hands.of(member).await?
            {
                let held = Held::Aside { aside: aside.clone() };
                let done = place::lay_aside(&own, member.row.clone(), held, said(aside)).await;
                if passed(done)? && member.row.state()? == State::Placed {
                    freed.insert(member.row.slot.clone());
                }
            }
        }
        for (member, decision) in members.iter().zip(decisions) {
            let Some((slot, confidence, verdict)) = member.answered(decision, &freed) else { continue };
            let Some(own) = hands.of(member).await? else { continue };
            match place::settle(&own, member.row.clone(), slot.as_str(), confidence, verdict.clone()).await {
                // Its slot is full, or takes another format: the question stays, with what is known by now.
                Err(Error::Rejected(message)) => {
                    let verdict = Verdict { problem: Some(words(&message)), ..verdict };
                    let change = Change { confidence, ..Change::bare(State::Unsure, &verdict) };
                    passed(member.row.clone().store_alone(&own, change).await)?;
                }
                other => {
                    passed(other)?;
                }
            }
        }
        cx.intake_bell.notify_one();
        Ok(())
    }
}

impl Member {
    fn of(row: FileRow, present: &BTreeSet<(Uuid, Vec<u8>)>) -> Result<Option<Self>> {
        let (Some(sha256), true) = (row.sha256.clone(), row.sm3.is_some()) else { return Ok(None) };
        let verdict = row.verdict()?;
        let seen = match (row.state()?, row.document_id) {
            // A document that was taken out or replaced meanwhile is a person's.
            (State::Placed, Some(document)) if present.contains(&(document, sha256.clone())) => {
                let Some(slot) = SlotId::new(&row.slot) else { return Ok(None) };
                Seen::Slot { slot }
            }
            (State::Unsure, _) => Seen::Unsure { candidates: verdict.candidates.clone() },
            _ => return Ok(None),
        };
        let reason = |text: &Text| Reason { text: text.clone(), page: None, area: None };
        let seen = Classification {
            verdict: seen,
            confidence: u8::try_from(row.confidence).unwrap_or_default(),
            runner_up: None,
            reasons: verdict.reasons.iter().map(reason).collect(),
        };
        Ok(Some(Self { sha256: bytes32(&sha256)?, row, verdict, seen, reading: None }))
    }

    fn sorted(&self) -> Sorted<'_> {
        Sorted {
            path: &self.row.path,
            sha256: &self.sha256,
            classification: &self.seen,
            reading: self.reading.as_ref(),
        }
    }

    /// The slot to try, when a decision answers the question that this file is, or when its slot was full and has room now.
    fn answered(
        &self,
        decision: Option<Decision>,
        freed: &BTreeSet<String>,
    ) -> Option<(SlotId, u8, Verdict)> {
        let verdict = Verdict { problem: None, ..self.verdict.clone() };
        match decision {
            Some(Decision::Place { slot, confidence, reasons }) => {
                Some((slot, confidence, Verdict { reasons, ..verdict }))
            }
            Some(Decision::Aside(_)) => None,
            None => {
                let refused = self.verdict.problem.is_some() && !self.verdict.by_hand;
                let first = self.verdict.candidates.first().filter(|first| first.confidence >= SURE)?;
                let tried = self.row.state == State::Unsure.name() && refused;
                (tried && freed.contains(first.slot.as_str()))
                    .then(|| (first.slot.clone(), first.confidence, verdict))
            }
        }
    }
}

/// What the readers left, questions first and then the smallest files, as far as memory is set aside for it. A file without
/// its reading proves nothing and is compared by name and digest.
async fn read(cx: &Cx, members: &mut [Member]) -> Result<()> {
    let mut order: Vec<&mut Member> = members.iter_mut().collect();
    order.sort_by_key(|member| (member.row.state != State::Unsure.name(), member.row.size));
    let mut left = MOST_TEXT;
    for member in order {
        if Kind::from_file_name(&member.row.file_name).is_none() {
            continue;
        }
        let Some(Outcome::Read(reading)) = cx.reader.kept(cx.services(), &member.sha256).await? else {
            continue;
        };
        let Some(rest) = left.checked_sub(weight(&reading)) else { continue };
        left = rest;
        member.reading = Some(reading);
    }
    Ok(())
}

/// Bytes that a reading's text takes, near enough.
fn weight(reading: &Reading) -> usize {
    let words = reading.pages.iter().flat_map(|page| &page.lines).flat_map(|line| {
        std::iter::once(line.text.len())
            .chain(line.words.iter().map(|word| word.text.len() + size_of_val(word)))
    });
    let cells = reading.sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells);
    words.sum::<usize>() + cells.map(|cell| cell.text.len() + size_of_val(cell)).sum::<usize>()
}

/// What the rules say about each member that no person has decided about.
fn decide(mut members: Vec<Member>, company: &Company) -> (Vec<Member>, Vec<Option<Decision>>) {
    let mut decisions: Vec<Option<Decision>> = members.iter().map(|_| None).collect();
    let sorted: Vec<Sorted<'_>> = members.iter().map(Member::sorted).collect();
    for (at, seen) in classify::settle(&sorted) {
        let (Some(member), Some(decision)) = (members.get_mut(at), decisions.get_mut(at)) else { continue };
        if let (Seen::Slot { slot }, false) = (&seen.verdict, member.verdict.by_hand) {
            let reasons = seen.reasons.iter().map(|reason| reason.text.clone()).collect();
            *decision = Some(Decision::Place { slot: slot.clone(), confidence: seen.confidence, reasons });
            member.seen = seen;
        }
    }
    let sorted: Vec<Sorted<'_>> = members.iter().map(Member::sorted).collect();
    // Where no document is about the form's company, the folder is another's altogether: that is a finding for a person,
    // not a reason to empty every slot.
    let (named, coded) = classify::is_about(&sorted, &company.name, &company.code);
    let (name, code) = (named.then_some(company.name.as_str()), coded.then_some(company.code.as_str()));
    for (at, aside) in classify::set_aside(&sorted, name, code) {
        if let (Some(member), Some(decision)) = (members.get(at), decisions.get_mut(at))
            && !member.verdict.by_hand
        {
            *decision = Some(Decision::Aside(aside));
        }
    }
    (members, decisions)
}

/// The authority of those who handed files in, each asked for once.
struct Hands<'a> {
    cx: &'a Cx,
    known: BTreeMap<Uuid, Option<Cx>>,
}

impl Hands<'_> {
    /// None when the account is closed: the files stay where they are.
    async fn of(&mut self, member: &Member) -> Result<Option<Cx>> {
        let person = member.row.handed_in_by;
        if !self.known.contains_key(&person) {
            let actor = session::acting_for(self.cx, UserId(person)).await?;
            self.known.insert(person, actor.map(|actor| self.cx.with_actor(actor).unattended()));
        }
        Ok(self.known.get(&person).cloned().flatten())
    }
}

/// Whether something was done. A person who was faster, or a filing that was submitted meanwhile, has the last word.
fn passed(outcome: Result<()>) -> Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(Error::Conflict(_) | Error::Denied(_) | Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Why a file is put aside, in words.
fn said(aside: &Aside) -> Text {
    match aside {
        Aside::Duplicate { of } => same_as(of),
        Aside::Superseded { by } => {
            text(format!("这是稿子，以“{by}”为准。"), format!("A draft; “{by}” is the finished one."))
        }
        Aside::OtherCompany { name, code } => {
            let whose = [name, code].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>();
            text(
                format!("这是另一家公司的材料：{}。", whose.join("，")),
                format!("Belongs to another company: {}.", whose.join(", ")),
            )
        }
    }
}

statements! {
    NEXT = "SELECT i.filing_id FROM intake_file i
        JOIN filing f ON f.id = i.filing_id AND f.stage IN ('draft', 'attesting', 'correction', 'inquiry')
        WHERE i.compared = 0 AND i.state IN ('placed', 'unsure')
            AND NOT EXISTS (SELECT 1 FROM intake_file w WHERE w.filing_id = i.filing_id
                AND (w.state IN ('received', 'reading') OR w.state IN ('expected', 'receiving') AND w.updated_at > $1))
        ORDER BY i.updated_at, i.id LIMIT 1";
    CLAIM = "UPDATE intake_file SET compared = 1
        WHERE filing_id = $1 AND compared = 0 AND state IN ('placed', 'unsure')";
    COMPARED = "UPDATE intake_file SET compared = 2 WHERE filing_id = $1 AND compared = 1";
    pub(super) RESUME = "UPDATE intake_file SET compared = 0 WHERE compared = 1";
    PRESENT = "SELECT d.id, v.sha256 FROM document d JOIN document_version v ON v.document_id = d.id AND v.number = d.latest
        WHERE d.filing_id = $1 AND d.removed_at IS NULL";
    /// As the form has it, else as the organisation was registered.
    COMPANY = "SELECT
            COALESCE((SELECT v.value FROM filing_field v WHERE v.filing_id = f.id AND v.field = 'company_name' AND v.value <> ''),
                o.name) AS name,
            COALESCE((SELECT v.value FROM filing_field v WHERE v.filing_id = f.id AND v.field = 'credit_code' AND v.value <> ''),
                o.credit_code) AS credit_code
        FROM filing f JOIN organisation o ON o.id = f.org_id WHERE f.id = $1";
}
