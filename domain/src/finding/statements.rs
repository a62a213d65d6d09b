//! The audit report and its figures: whether the balance sheet balances, which opinion it gives, and whether its code is
//! there; and the persons who have to sign.

use super::{
    FiledDocument, Rule, Severity,
    examination::{CERTAIN, Examination, Said, whole},
};
use crate::{
    credit_code::CreditCode,
    fact::{FactKey as Key, Period},
    field::fen,
    resident_id::{self, ResidentId},
};

pub(super) fn examine(examination: &mut Examination<'_>) {
    let documents: Vec<&FiledDocument> = examination.filing.documents.iter().collect();
    for document in documents {
        balance(examination, document);
    }
    opinion(examination);
    signers(examination);
    identity(examination);
}

/// Assets equal liabilities and equity. The first document with a mistake is enough: the others copy it.
fn balance(examination: &mut Examination<'_>, document: &FiledDocument) {
    let mut periods: Vec<Period> = document
        .facts
        .iter()
        .filter(|fact| fact.key == Key::TotalAssets)
        .filter_map(|fact| fact.period)
        .collect();
    periods.sort_unstable();
    for period in periods {
        let said = |key: Key| {
            let fact = document
                .facts
                .iter()
                .find(|fact| fact.key == key && fact.period == Some(period) && fact.confidence >= CERTAIN)?;
            Some((Said { document, fact }, fen(&fact.value)?))
        };
        let (Some(assets), Some(liabilities), Some(equity)) =
            (said(Key::TotalAssets), said(Key::TotalLiabilities), said(Key::Equity))
        else {
            continue;
        };
        let rounded = [assets.1, liabilities.1, equity.1].iter().all(|fen| fen % 10_000 == 0);
        let tolerance = if rounded { 20_000 } else { 1 };
        let gap = assets.1.saturating_sub(liabilities.1).saturating_sub(equity.1);
        let same = examination
            .found(Rule::BalanceSheet)
            .any(|finding| finding.message.zh.starts_with(&format!("{period} ")));
        if gap.unsigned_abs() <= tolerance || same {
            continue;
        }
        let (a, l, e) = (&assets.0.fact.value, &liabilities.0.fact.value, &equity.0.fact.value);
        examination.add(
            Rule::BalanceSheet,
            Severity::Error,
            &[&period.to_string(), a, l, e],
            (
                format!("{period} 资产总计 {a} 元，不等于负债 {l} 元加所有者权益 {e} 元"),
                format!("{period}: assets of CNY {a} are not liabilities of {l} plus equity of {e}"),
            ),
            ("请核对资产负债表。", "Check the balance sheet."),
            vec![assets.0.source(), liabilities.0.source(), equity.0.source()],
            &[&document.slot],
        );
    }
}

fn opinion(examination: &mut Examination<'_>) {
    for said in examination.said_in("audit_report", Key::AuditOpinion) {
        let (severity, zh, en) = match said.fact.value.as_str() {
            "qualified" => (Severity::Warning, "保留意见", "a qualified opinion"),
            "unqualified_emphasis" => {
                (Severity::Info, "带强调事项段的无保留意见", "an unqualified opinion with emphasis of matter")
            }
            "adverse" => (Severity::Error, "否定意见", "an adverse opinion"),
            "disclaimer" => (Severity::Error, "无法表示意见", "a disclaimer"),
            _ => continue,
        };
        examination.add(
            Rule::AuditOpinionModified,
            severity,
            &[&said.fact.value],
            (format!("审计报告为{zh}"), format!("The audit report gives {en}")),
            ("请在说明书中说明所涉事项和影响。", "Explain the matter and its effect in the overview."),
            vec![said.source()],
            &[&said.document.slot],
        );
    }
    let without: Vec<&FiledDocument> = examination
        .documents("audit_report")
        .filter(|document| {
            document.read
                && document
                    .facts
                    .iter()
                    .any(|fact| fact.key == Key::AuditOpinion && fact.confidence >= CERTAIN)
        })
        .filter(|document| !document.facts.iter().any(|fact| fact.key == Key::VerificationCode))
        .collect();
    for document in without {
        examination.add(
            Rule::AuditCodeMissing,
            Severity::Warning,
            &[&document.file_name],
            (
                "审计报告上没有找到验证码（报告编码）".to_owned(),
                "No verification code was found on the audit report".to_owned(),
            ),
            (
                "请向会计师事务所索取经行业统一监管平台赋码的报告。",
                "Ask the firm for the report with its code from the profession's platform.",
            ),
            vec![whole(document)],
            &[&document.slot],
        );
    }
}

fn signers(examination: &mut Examination<'_>) {
    let directors: Vec<Said<'_>> = examination
        .said_in("company_overview", Key::Director)
        .into_iter()
        .filter(|said| said.fact.confidence >= CERTAIN)
        .collect();
    let signers: Vec<Said<'_>> = examination
        .said_in("directors_commitment", Key::Signatory)
        .into_iter()
        .filter(|said| said.fact.confidence >= CERTAIN)
        .collect();
    if directors.len() >= 3 && !signers.is_empty() {
        let missing: Vec<&Said<'_>> = directors
            .iter()
            .filter(|director| !signers.iter().any(|signer| signer.fact.value == director.fact.value))
            .collect();
        let extra: Vec<&Said<'_>> = signers
            .iter()
            .filter(|signer| !directors.iter().any(|director| director.fact.value == signer.fact.value))
            .collect();
        if !missing.is_empty() || !extra.is_empty() {
            let names = |said: &[&Said<'_>]| {
                said.iter().map(|said| said.fact.value.clone()).collect::<Vec<_>>().join("、")
            };
            let (absent, surplus) = (names(&missing), names(&extra));
            let part = |label: &str, names: &str| {
                if names.is_empty() { String::new() } else { format!("{label}{names}；") }
            };
            let message = (
                format!(
                    "全体董事承诺书的签字人与说明书董事名单不符：{}{}",
                    part("缺 ", &absent),
                    part("多 ", &surplus)
                )
                .trim_end_matches('；')
                .to_owned(),
                format!(
                    "The signers of the directors' commitment are not the directors: {}{}",
                    part("missing ", &absent),
                    part("surplus ", &surplus)
                )
                .trim_end_matches('；')
                .to_owned(),
            );
            let values: Vec<&str> =
                missing.iter().chain(&extra).map(|said| said.fact.value.as_str()).collect();
            let sources = missing.iter().chain(&extra).map(|said| said.source()).collect();
            let slots: Vec<_> = missing.iter().chain(&extra).map(|said| &said.document.slot).collect();
            examination.add(
                Rule::SignersNotDirectors,
                Severity::Error,
                &values,
                message,
                ("请由现任全体董事签字。", "Have all directors in office sign."),
                sources,
                &slots,
            );
        }
    }
    let opinions: Vec<&FiledDocument> = examination.documents("legal_opinion").collect();
    for document in opinions {
        let lawyers: Vec<Said<'_>> = document
            .facts
            .iter()
            .filter(|fact| fact.key == Key::Lawyer && fact.confidence >= CERTAIN)
            .map(|fact| Said { document, fact })
            .collect();
        if let [only] = lawyers.as_slice() {
            let name = &only.fact.value;
            examination.add(
                Rule::LawyersTooFew,
                Severity::Warning,
                &[name],
                (
                    format!("法律意见书只有一名经办律师（{name}）"),
                    format!("Only one lawyer signed the legal opinion ({name})"),
                ),
                ("应由两名律师签字。", "Two lawyers have to sign."),
                vec![only.source()],
                &[&document.slot],
            );
        }
    }
}

fn identity(examination: &mut Examination<'_>) {
    for key in [Key::IdNumber, Key::AgentIdNumber] {
        for said in examination.said(key).into_iter().filter(|said| said.fact.confidence >= CERTAIN) {
            if ResidentId::parse(&said.fact.value).is_err() {
                examination.add(
                    Rule::ResidentIdInvalid,
                    Severity::Warning,
                    // A digest of so few digits could be turned back: the id is made of what is shown.
                    &[said.document.slot.as_str(), &resident_id::mask(&said.fact.value)],
                    (
                        "身份证号码校验不符，可能有一位录错".to_owned(),
                        "An identity number fails its check; one character is probably wrong".to_owned(),
                    ),
                    ("请对照身份证核对。", "Compare it with the card."),
                    vec![said.source()],
                    &[&said.document.slot],
                );
            }
        }
    }
    if let Some(said) =
        examination.said(Key::CreditCode).into_iter().find(|said| said.fact.confidence >= CERTAIN)
        && CreditCode::parse(&said.fact.value).is_ok_and(|code| !code.check_digit().is_good())
    {
        let code = &said.fact.value;
        examination.add(
            Rule::CreditCodeInvalid,
            Severity::Warning,
            &[code],
            (
                format!("统一社会信用代码 {code} 校验位不符"),
                format!("The credit code {code} fails its check"),
            ),
            ("个别早期代码如此；请对照营业执照核对。", "Some early codes do; compare it with the licence."),
            vec![said.source()],
            &[&said.document.slot],
        );
    }
}
