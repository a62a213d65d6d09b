//! The exchange's side of a filing: acceptance, inquiry, the two reviews by two people, publication and listing.
//! Every decision names the version of the filing that its page showed, so two reviewers at once are a readable
//! conflict; each is journaled with a salted commitment to its words, and the clocks are set anew.

use domain::{
    access::{Action, action},
    id::FilingId,
    rule_pack::RulePack,
    workflow::{Command, Event},
};
use ledger::EntryKind;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, FieldErrors, Message, Result},
    filing::{self, FilingRow},
    journal,
    sql::statements,
};

pub(crate) mod listing;
pub(crate) mod queue;
pub(crate) mod reply;
pub use listing::list;
pub use queue::{Queue, QueueFilter, queue, queued};
pub use reply::{Answer, reply};

/// Longest opinion, reason or answer, in characters.
const MAX_TEXT: usize = 4_000;
/// Most items of one correction or inquiry.
const MAX_ITEMS: usize = 100;

/// One thing to correct or to answer.
#[derive(Clone, Debug)]
pub struct Item {
    /// Id of a slot, or empty for the filing as a whole.
    pub slot: String,
    pub reason: String,
}

/// 受理: the review clock starts.
///
/// # Errors
/// A conflict when the filing changed since `expected`; refused outside 已提交. So for every decision below.
pub async fn accept(cx: &Cx, id: FilingId, expected: i64, opinion: &str) -> Result<()> {
    let ruling = Ruling::new(Command::Accept, EntryKind::Acceptance).said(optional(opinion)?);
    rule::<action::DecideAcceptance>(cx, id, expected, ruling).await
}

/// 要求补正.
///
/// # Errors
/// [`Error::Invalid`] for an item without a reason or with an unknown slot (`items.0.reason` …).
pub async fn return_for_correction(cx: &Cx, id: FilingId, expected: i64, items: &[Item]) -> Result<()> {
    let command = Command::ReturnForCorrection { items: items.len() };
    let ruling = Ruling::new(command, EntryKind::Correction).asking("correction", items);
    rule::<action::DecideAcceptance>(cx, id, expected, ruling).await
}

/// 不予受理.
///
/// # Errors
/// [`Error::Invalid`] without a reason.
pub async fn refuse_acceptance(cx: &Cx, id: FilingId, expected: i64, reason: &str) -> Result<()> {
    let ruling = Ruling::new(Command::RefuseAcceptance, EntryKind::Decision).said(required(reason)?);
    rule::<action::DecideAcceptance>(cx, id, expected, ruling).await
}

/// 问询: the review clock stands still until the answer.
///
/// # Errors
/// As [`return_for_correction`].
pub async fn inquire(cx: &Cx, id: FilingId, expected: i64, items: &[Item]) -> Result<()> {
    let command = Command::Inquire { items: items.len() };
    let ruling = Ruling::new(command, EntryKind::Inquiry).asking("inquiry", items);
    rule::<action::Review>(cx, id, expected, ruling).await
}

/// 初审通过.
///
/// # Errors
/// [`Error::Invalid`] without an opinion.
pub async fn recommend(cx: &Cx, id: FilingId, expected: i64, opinion: &str) -> Result<()> {
    let by = cx.actor()?.user;
    let ruling = Ruling::new(Command::Recommend { by }, EntryKind::Decision).said(required(opinion)?);
    rule::<action::Review>(cx, id, expected, ruling).await
}

/// 复核通过, by somebody else than the first reviewer.
///
/// # Errors
/// Refused with `SamePerson` for the first reviewer.
pub async fn approve(cx: &Cx, id: FilingId, expected: i64, opinion: &str) -> Result<()> {
    let by = cx.actor()?.user;
    let ruling = Ruling::new(Command::Approve { by }, EntryKind::Decision).said(required(opinion)?);
    rule::<action::SecondReview>(cx, id, expected, ruling).await
}

/// 退回初审.
///
/// # Errors
/// Refused with `SamePerson` for the first reviewer; [`Error::Invalid`] without a reason.
pub async fn send_back(cx: &Cx, id: FilingId, expected: i64, reason: &str) -> Result<()> {
    let by = cx.actor()?.user;
    let ruling = Ruling::new(Command::SendBack { by }, EntryKind::Decision).said(required(reason)?);
    rule::<action::SecondReview>(cx, id, expected, ruling).await
}

/// 否决.
///
/// # Errors
/// [`Error::Invalid`] without a reason.
pub async fn reject(cx: &Cx, id: FilingId, expected: i64, reason: &str) -> Result<()> {
    let ruling = Ruling::new(Command::Reject, EntryKind::Decision).said(required(reason)?);
    rule::<action::Reject>(cx, id, expected, ruling).await
}

/// 中止: clocks stop.
///
/// # Errors
/// [`Error::Invalid`] without a reason.
pub async fn suspend(cx: &Cx, id: FilingId, expected: i64, reason: &str) -> Result<()> {
    let ruling = Ruling::new(Command::Suspend, EntryKind::Decision).said(required(reason)?);
    rule::<action::Suspend>(cx, id, expected, ruling).await
}

/// 恢复: the review clock goes on.
///
/// # Errors
/// Refused unless suspended.
pub async fn resume(cx: &Cx, id: FilingId, expected: i64, opinion: &str) -> Result<()> {
    let ruling = Ruling::new(Command::Resume, EntryKind::Decision).said(optional(opinion)?);
    rule::<action::Suspend>(cx, id, expected, ruling).await
}

/// 挂牌公示.
///
/// # Errors
/// Refused unless approved.
pub async fn publicise(cx: &Cx, id: FilingId, expected: i64) -> Result<()> {
    let ruling = Ruling::new(Command::Publicise, EntryKind::Publication);
    rule::<action::Publish>(cx, id, expected, ruling).await
}

/// A decision about to be made.
struct Ruling<'a> {
    command: Command,
    kind: EntryKind,
    opinion: String,
    asks: Option<(&'static str, &'a [Item])>,
}

impl<'a> Ruling<'a> {
    const fn new(command: Command, kind: EntryKind) -> Self {
        Self { command, kind, opinion: String::new(), asks: None }
    }

    fn said(mut self, opinion: String) -> Self {
        self.opinion = opinion;
        self
    }

    fn asking(mut self, kind: &'static str, items: &'a [Item]) -> Self {
        self.asks = Some((kind, items));
        self
    }
}

async fn rule<A: Action>(cx: &Cx, id: FilingId, expected: i64, ruling: Ruling<'_>) -> Result<()> {
    let mut tx = cx.db.begin().await?;
    let mut row = filing::lock_at::<A>(&mut tx, cx, id, expected).await?;
    if let Some((_, items)) = ruling.asks {
        check_items(row.pack(cx)?, items)?;
    }
    let events = row.advance(cx, ruling.command.clone())?;
    row.store(&mut tx).await?;
    if let Some((kind, items)) = ruling.asks {
        ask(&mut tx, cx, &row, kind, items).await?;
    }
    for event in events {
        write_down(&mut tx, cx, &row, event, &ruling).await?;
    }
    cx.commit(tx).await
}

/// The journal's entry and the decision's row.
async fn write_down(tx: &mut Tx, cx: &Cx, row: &FilingRow, event: Event, ruling: &Ruling<'_>) -> Result<()> {
    let decision = cx.id();
    let mut record = row.record(ruling.kind, event.name());
    record.rule_pack = Some(row.pack_hash()?);
    record.refs.insert("decision".into(), decision.to_string());
    let mut commit = |name: &str, text: &str| {
        if let Some(salt) = row.org_salt.as_deref().filter(|_| !text.is_empty()) {
            // The decision's own id in front keeps equal words apart.
            let digest = journal::commitment(salt, &format!("{decision}\n{text}"));
            record.digests.insert(name.to_owned(), digest);
        }
    };
    commit("opinion", &ruling.opinion);
    if let Some((_, items)) = ruling.asks {
        let items: Vec<_> = items.iter().map(|item| (&item.slot, &item.reason)).collect();
        commit("items", &serde_json::to_string(&items)?);
        record.detail = serde_json::json!({ "items": items.len() });
    }
    let outbox_seq = journal::record(tx, cx, record).await?;
    let by = cx.actor()?.user;
    tx.run(
        DECISION,
        args![
            decision,
            row.id,
            row.submissions,
            event.name(),
            ruling.opinion.as_str(),
            by,
            cx.now(),
            outbox_seq
        ],
    )
    .await?;
    Ok(())
}

async fn ask(tx: &mut Tx, cx: &Cx, row: &FilingRow, kind: &str, items: &[Item]) -> Result<()> {
    let (round,): (i64,) = tx.one(ROUND, args![row.id]).await?;
    let by = cx.actor()?.user;
    for (position, item) in (0_i64..).zip(items) {
        let (slot, reason) = (item.slot.as_str(), item.reason.trim());
        tx.run(ITEM, args![cx.id(), row.id, kind, round, position, slot, reason, by, cx.now()]).await?;
    }
    Ok(())
}

fn check_items(pack: &RulePack, items: &[Item]) -> Result<()> {
    let mut errors = FieldErrors::default();
    if items.len() > MAX_ITEMS {
        errors.add("items", said("一次最多 100 条。请合并。", "At most 100 items at a time. Merge some."));
    }
    for (at, item) in items.iter().enumerate() {
        if !item.slot.is_empty() && pack.slot(&item.slot).is_none() {
            let message = said("请从列表中选择材料。", "Choose a slot from the list.");
            errors.add(&format!("items.{at}.slot"), message);
        }
        if item.reason.trim().is_empty() {
            errors.add(
                &format!("items.{at}.reason"),
                said("请写明问题和要求。", "Say what is wrong and what to do."),
            );
        } else if item.reason.chars().count() > MAX_TEXT {
            errors.add(&format!("items.{at}.reason"), too_long());
        }
    }
    errors.check()
}

fn required(text: &str) -> Result<String> {
    let text = optional(text)?;
    if text.is_empty() {
        let message = said("请填写意见。", "Write down your opinion.");
        return Err(Error::Invalid(FieldErrors::one("opinion", message)));
    }
    Ok(text)
}

fn optional(text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > MAX_TEXT {
        return Err(Error::Invalid(FieldErrors::one("opinion", too_long())));
    }
    Ok(text.to_owned())
}

fn too_long() -> Message {
    said("最多 4000 个字。请缩短。", "At most 4000 characters. Shorten it.")
}

fn said(zh: &str, en: &str) -> Message {
    Message::Said(zh.to_owned(), en.to_owned())
}

statements! {
    ROUND = "SELECT COALESCE(MAX(round), 0) + 1 FROM review_item WHERE filing_id = $1";
    ITEM = "INSERT INTO review_item (id, filing_id, kind, round, position, slot, reason, raised_by, raised_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    DECISION = "INSERT INTO decision (id, filing_id, filing_version, kind, opinion, decided_by, decided_at, outbox_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}
