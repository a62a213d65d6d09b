//! Days: what has expired, what will, what stands in the wrong order, and articles that were not updated.

use time::{Date, Month};

use super::{
    Rule, Severity,
    examination::{CERTAIN, Examination, Said, whole},
};
use crate::{
    fact::{FactKey as Key, agree},
    rule_pack::Check,
};

pub(super) fn examine(examination: &mut Examination<'_>) {
    audit(examination);
    certificates(examination);
    articles(examination);
    order(examination);
    meeting(examination);
}

/// A day some months later; the last of the month stays the last.
fn months_later(day: Date, months: u8) -> Option<Date> {
    let index = day.year() * 12 + i32::from(u8::from(day.month())) - 1 + i32::from(months);
    let month = Month::try_from(u8::try_from(index.rem_euclid(12) + 1).ok()?).ok()?;
    let year = index.div_euclid(12);
    let last = month.length(year);
    let end_of_month = day.day() == day.month().length(day.year());
    Date::from_calendar_date(year, month, if end_of_month { last } else { day.day().min(last) }).ok()
}

fn audit(examination: &mut Examination<'_>) {
    let application = examination.application_date();
    let ends = examination.said_in("audit_report", Key::PeriodEnd);
    let Some(latest) = ends.iter().filter_map(|said| Some((said.date()?, *said))).max_by_key(|(day, _)| *day)
    else {
        return;
    };
    let (end, said) = latest;
    let (months, extension) =
        (examination.limits.audit_validity_months, examination.limits.audit_extension_months);
    let (Some(valid), Some(extended)) = (months_later(end, months), months_later(end, months + extension))
    else {
        return;
    };
    if application <= valid {
        return;
    }
    let mut sources = vec![said.source()];
    sources.extend(examination.said_in("application_letter", Key::DocumentDate).first().map(Said::source));
    let (severity, zh, en) = if application > extended {
        (
            Severity::Error,
            format!("审计截止日 {end}，距申请日 {application} 已超过 {months} 个月有效期（至迟 {extended}）"),
            format!(
                "The audited period ended on {end}; at the application on {application} it is older than {months} months (at the latest {extended})"
            ),
        )
    } else {
        (
            Severity::Warning,
            format!("审计截止日 {end}，有效期 {valid} 已过，须说明延长 {extension} 个月的理由"),
            format!(
                "The audited period ended on {end} and was valid until {valid}; an extension by {extension} month needs a reason"
            ),
        )
    };
    examination.add(
        Rule::AuditPeriodExpired,
        severity,
        &[&end.to_string(), &application.to_string()],
        (zh, en),
        (
            "请补充最近一期审计报告，或调整申请时间。",
            "Add an audit of the latest period, or change the time of application.",
        ),
        sources,
        &[&said.document.slot],
    );
}

fn certificates(examination: &mut Examination<'_>) {
    let as_of = examination.as_of;
    let notice = i64::from(examination.limits.certificate_notice_days);
    for said in examination.said_in("qualification_certificates", Key::ValidUntil) {
        let Some(until) = said.date() else { continue };
        let name = said
            .document
            .facts
            .iter()
            .find(|fact| fact.key == Key::Certificate)
            .map_or(said.document.file_name.as_str(), |fact| fact.value.as_str());
        let days = (until - as_of).whole_days();
        let (rule, severity, message) = if days < 0 {
            (
                Rule::CertificateExpired,
                Severity::Warning,
                (format!("{name}已于 {until} 到期"), format!("{name} expired on {until}")),
            )
        } else if days <= notice {
            (
                Rule::CertificateExpiring,
                Severity::Info,
                (
                    format!("{name}将于 {until} 到期，还有 {days} 天"),
                    format!("{name} expires on {until}, in {days} days"),
                ),
            )
        } else {
            continue;
        };
        examination.add(
            rule,
            severity,
            &[name, &until.to_string()],
            message,
            (
                "请准备续期材料；层级认定依据此证的，请说明续期安排。",
                "Prepare the renewal; explain it if the layer depends on this certificate.",
            ),
            vec![said.source()],
            &[&said.document.slot],
        );
    }
    for said in examination.said_in("business_licence", Key::ValidUntil) {
        if let Some(until) = said.date().filter(|until| *until < as_of) {
            examination.add(
                Rule::LicenceExpired,
                Severity::Error,
                &[&until.to_string()],
                (
                    format!("营业执照的营业期限至 {until}，已届满"),
                    format!("The licence's term ended on {until}"),
                ),
                ("请先办理延长营业期限的变更登记。", "Have the term extended first."),
                vec![said.source()],
                &[&said.document.slot],
            );
        }
    }
}

/// Articles whose capital is not today's and whose date is before the change.
fn articles(examination: &mut Examination<'_>) {
    let articles = examination.said_in("articles_of_association", Key::DocumentDate);
    let Some((said, day)) = articles.iter().find_map(|said| Some((*said, said.date()?))) else { return };
    let own = examination.said_in("articles_of_association", Key::RegisteredCapital);
    let Some(own) = own.first() else { return };
    let today = examination.said(Key::RegisteredCapital).into_iter().find(|other| {
        !matches!(other.document.slot.as_str(), "articles_of_association" | "asset_valuation")
            && other.fact.confidence >= 60
    });
    let Some(today) =
        today.filter(|today| !agree(Key::RegisteredCapital, &today.fact.value, &own.fact.value))
    else {
        return;
    };
    let licence = examination.said_in("business_licence", Key::DocumentDate).first().and_then(Said::date);
    let application = examination.application_date();
    let older = licence.map_or_else(|| (application - day).whole_days() > 365, |licence| day < licence);
    if !older {
        return;
    }
    let there = examination.slot_name(&today.document.slot);
    let (mine, theirs) = (&own.fact.said, &today.fact.said);
    examination.add(
        Rule::ArticlesOutdated,
        Severity::Warning,
        &[&day.to_string(), &own.fact.value, &today.fact.value],
        (
            format!("章程日期 {day}，仍写注册资本“{mine}”，{}已为“{theirs}”，章程未随变更更新", there.zh),
            format!("The articles of {day} still say a capital of “{mine}”, {} says “{theirs}”: they were not updated", there.en),
        ),
        ("请上传现行有效的章程或章程修正案。", "Upload the articles in force, or the amendment."),
        vec![today.source(), said.source()],
        &[&said.document.slot, &today.document.slot],
    );
}

fn order(examination: &mut Examination<'_>) {
    let application = examination.application_date();
    let as_of = examination.as_of;
    let pack = examination.pack;
    for said in examination.said(Key::DocumentDate) {
        let Some(day) = said.date().filter(|_| said.fact.confidence >= CERTAIN) else { continue };
        let slot = &said.document.slot;
        let name = examination.slot_name(slot);
        let early = pack
            .slot(slot.as_str())
            .is_some_and(|slot| slot.checks.contains(&Check::DateNotAfterApplication))
            || slot.as_str() == "audit_report";
        if day > as_of {
            examination.add(
                Rule::DateInFuture,
                Severity::Warning,
                &[slot.as_str(), &day.to_string()],
                (
                    format!("{}的日期 {day} 晚于今天", name.zh),
                    format!("{} is dated {day}, which is in the future", name.en),
                ),
                ("请核对日期。", "Check the date."),
                vec![said.source()],
                &[slot],
            );
        } else if early && day > application {
            let mut sources = vec![said.source()];
            sources.extend(
                examination.said_in("application_letter", Key::DocumentDate).first().map(Said::source),
            );
            examination.add(
                Rule::DatesOutOfOrder,
                Severity::Error,
                &[slot.as_str(), &day.to_string(), &application.to_string()],
                (
                    format!("{}的日期 {day} 晚于申请日 {application}", name.zh),
                    format!("{} is dated {day}, after the application of {application}", name.en),
                ),
                (
                    "请核对两处日期；确系之后作出的，请重新签署申请书。",
                    "Check both dates; if it was made later, sign the application again.",
                ),
                sources,
                &[slot],
            );
        }
    }
}

fn meeting(examination: &mut Examination<'_>) {
    let documents: Vec<_> = examination.documents("shareholder_resolution").collect();
    let needed = i64::from(examination.limits.meeting_notice_days);
    let majority = f64::from(examination.limits.special_majority_percent);
    for document in documents {
        let said = |key: Key| {
            document
                .facts
                .iter()
                .find(|fact| fact.key == key && fact.confidence >= 60)
                .map(|fact| Said { document, fact })
        };
        if let (Some(notice), Some(held)) = (said(Key::NoticeDate), said(Key::DocumentDate))
            && let (Some(from), Some(to)) = (notice.date(), held.date())
        {
            let days = (to - from).whole_days();
            if days < needed {
                examination.add(Rule::NoticePeriodShort, Severity::Warning, &[&from.to_string(), &to.to_string()], (format!("股东会通知日 {from} 距会议日 {to} 只有 {days} 天，应不少于 {needed} 天"), format!("The notice of {from} came {days} days before the meeting of {to}; {needed} are needed")), ("全体股东豁免通知期的，请附书面豁免；否则请重新召集。", "Attach the waiver of all shareholders, or call the meeting again."), vec![notice.source(), held.source()], &[&document.slot]);
            }
        }
        if let Some(votes) = said(Key::VotesFor)
            && votes.fact.value.parse::<f64>().is_ok_and(|percent| percent <= majority)
        {
            let percent = &votes.fact.value;
            examination.add(
                Rule::VotesBelowThreshold,
                Severity::Error,
                &[percent],
                (
                    format!("挂牌议案同意比例 {percent}%，未达到三分之二"),
                    format!("The resolution has {percent} % of the votes, less than two thirds"),
                ),
                (
                    "请核对表决结果；挂牌属特别决议事项。",
                    "Check the votes; listing needs a special resolution.",
                ),
                vec![votes.source(), whole(document)],
                &[&document.slot],
            );
        }
    }
}
