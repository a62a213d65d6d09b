//! The moments behind a receipt's stopwatch: [`act`] notes that somebody of the enterprise did something ([`crate::filing::lock`] calls
//! it for every change), [`machine`] that files were received or read, and [`of_version`] reads what was noted into the four
//! parts that `domain::stopwatch` defines. What firms did is in their own records already.

use domain::{
    access::action,
    id::FilingId,
    stopwatch::{Moments, Span, Stopwatch, with_firms},
};
use time::OffsetDateTime;

use crate::{
    args,
    cx::Cx,
    db::Tx,
    error::{Error, Result},
    filing,
    sql::statements,
};

/// Somebody of the enterprise does something now.
pub(crate) async fn act(tx: &mut Tx, cx: &Cx, filing: FilingId) -> Result<()> {
    tx.run(NOTE, args![filing, "act", cx.now(), cx.now()]).await?;
    Ok(())
}

/// The platform was at work on a filing's files from `since` until now.
pub(crate) async fn machine(tx: &mut Tx, cx: &Cx, filing: FilingId, since: OffsetDateTime) -> Result<()> {
    tx.run(NOTE, args![filing, "machine", since, cx.now()]).await?;
    Ok(())
}

/// The stopwatch of a submitted version: from the first act after the version before it. Nothing for versions from before
/// moments were noted.
///
/// # Errors
/// Not found for strangers and for versions that do not exist.
pub async fn of_version(cx: &Cx, id: FilingId, number: i64) -> Result<Option<Stopwatch>> {
    let reader = filing::reader(cx)?;
    let row = filing::find(reader, cx, id).await?;
    cx.permit::<action::ReadFiling>(&row.facts()?)?;
    let versions: Vec<(i64, i64)> = reader.all(SUBMITTED, args![id, number]).await?;
    let Some((_, submitted)) = versions.iter().find(|(version, _)| *version == number) else {
        return Err(Error::NotFound);
    };
    let before = versions.iter().filter(|(version, _)| *version < number).map(|(_, at)| *at).max();
    let before = before.unwrap_or_default();
    let noted: Vec<(String, i64, i64)> = reader.all(NOTED, args![id, before, *submitted]).await?;
    let events: Vec<(String, i64)> = reader.all(EVENTS, args![id, before, *submitted]).await?;
    let of = |kind: &str| -> Vec<i64> {
        events.iter().filter(|(event, _)| event == kind).map(|(_, at)| *at).collect()
    };
    let (acts, machine): (Vec<_>, Vec<_>) = noted.into_iter().partition(|(kind, ..)| kind == "act");
    let moments = Moments {
        acts: acts.into_iter().map(|(_, at, _)| at).collect(),
        machine: machine.into_iter().map(|(_, from, until)| Span { from, until }).collect(),
        firms: with_firms(
            &of("attestation_requested"),
            &of("attestation_recalled"),
            &of("answered"),
            *submitted,
        ),
    };
    Ok(Stopwatch::read(&moments, *submitted))
}

statements! {
    NOTE = "INSERT INTO filing_moment (filing_id, kind, since, until) VALUES ($1, $2, $3, $4)";
    NOTED = "SELECT kind, since, until FROM filing_moment WHERE filing_id = $1 AND until > $2 AND since <= $3 ORDER BY since, until";
    SUBMITTED = "SELECT number, submitted_at FROM filing_version WHERE filing_id = $1 AND number <= $2";
    /// What the enterprise sent to its firms and took back, and what they answered.
    EVENTS = "SELECT kind, at FROM event WHERE subject_id = $1 AND at > $2 AND at <= $3
            AND kind IN ('attestation_requested', 'attestation_recalled')
        UNION ALL
        SELECT 'answered', signed_at FROM attestation WHERE filing_id = $1 AND signed_at > $2 AND signed_at <= $3
        UNION ALL
        SELECT 'answered', answered_at FROM engagement WHERE filing_id = $1 AND answered_at > $2 AND answered_at <= $3
            AND status IN ('accepted', 'declined')";
}
