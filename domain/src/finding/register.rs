//! The holder register on its own: sums, the percentage of every row, numbers that cannot be right, holders listed
//! twice. A mistake that both the workbook and its sealed copy have is one mistake.

use super::{
    FiledDocument, Rule, Severity,
    examination::{CERTAIN, Examination, Said},
};
use crate::{
    credit_code::CreditCode,
    fact::FactKey as Key,
    resident_id::{self, ResidentId},
    transcript::fold,
};

/// One row as read.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) name: Option<Said<'a>>,
    pub(super) id: Option<Said<'a>>,
    pub(super) shares: Option<Said<'a>>,
    pub(super) percent: Option<Said<'a>>,
}

/// The rows of a document's table of holders.
pub(super) fn rows(document: &FiledDocument) -> Vec<Row<'_>> {
    let mut entries: Vec<u16> = document
        .facts
        .iter()
        .filter(|fact| fact.key == Key::HolderName)
        .filter_map(|fact| fact.entry)
        .collect();
    entries.sort_unstable();
    entries.dedup();
    let at = |entry: u16, key: Key| {
        document
            .facts
            .iter()
            .find(|fact| fact.key == key && fact.entry == Some(entry))
            .map(|fact| Said { document, fact })
    };
    entries
        .into_iter()
        .map(|entry| Row {
            name: at(entry, Key::HolderName),
            id: at(entry, Key::HolderId).filter(|said| !said.fact.value.is_empty()),
            shares: at(entry, Key::HolderShares),
            percent: at(entry, Key::HolderPercent),
        })
        .collect()
}

/// Ten-thousandths of a percent.
fn parts(said: &Said<'_>) -> Option<i64> {
    let (whole, fraction) = said.fact.value.split_once('.').unwrap_or((&said.fact.value, ""));
    let fraction = format!("{fraction:0<4}");
    Some(whole.parse::<i64>().ok()? * 10_000 + fraction.get(..4)?.parse::<i64>().ok()?)
}

fn shown(parts: i64) -> String {
    format!("{}.{:02}%", parts / 10_000, parts % 10_000 / 100)
}

fn count(said: &Said<'_>) -> Option<i64> {
    said.fact.value.parse().ok()
}

pub(super) fn examine(examination: &mut Examination<'_>) {
    let registers: Vec<&FiledDocument> = examination.documents("shareholder_register").collect();
    for document in registers {
        let rows = rows(document);
        let certain = rows.iter().all(|row| {
            [row.name, row.shares, row.percent].iter().flatten().all(|said| said.fact.confidence >= CERTAIN)
        });
        // Sums of what was misread prove nothing.
        if rows.is_empty() || !certain {
            continue;
        }
        percent_sum(examination, document, &rows);
        shares_sum(examination, document, &rows);
        row_percent(examination, &rows);
        holders(examination, document, &rows);
    }
}

fn percent_sum(examination: &mut Examination<'_>, document: &FiledDocument, rows: &[Row<'_>]) {
    let all: Vec<(Said<'_>, i64)> =
        rows.iter().filter_map(|row| row.percent).filter_map(|said| Some((said, parts(&said)?))).collect();
    if all.len() < rows.len() || examination.has(Rule::RegisterPercentSum) {
        return;
    }
    let sum: i64 = all.iter().map(|(_, parts)| parts).sum();
    // Each row may be rounded by half of a hundredth.
    let tolerance = 50 * i64::try_from(rows.len()).unwrap_or(i64::MAX / 50) + 1;
    if (sum - 1_000_000).abs() <= tolerance {
        return;
    }
    let total = document
        .facts
        .iter()
        .find(|fact| fact.key == Key::PercentSum)
        .map(|fact| Said { document, fact }.source());
    let mut sources: Vec<_> = total.into_iter().collect();
    if sources.is_empty() {
        sources.extend(all.iter().map(|(said, _)| said.source()));
    }
    let sum = shown(sum);
    examination.add(
        Rule::RegisterPercentSum,
        Severity::Error,
        &[&sum],
        (
            format!("股东名册持股比例合计 {sum}，不等于 100%"),
            format!("The register's percentages sum to {sum}, not 100 %"),
        ),
        (
            "请核对各行比例；下方如有单行提示，先改那一行。",
            "Check the rows; if one of them is named below, correct it first.",
        ),
        sources,
        &[&document.slot],
    );
}

fn shares_sum(examination: &mut Examination<'_>, document: &FiledDocument, rows: &[Row<'_>]) {
    let all: Vec<i64> = rows.iter().filter_map(|row| row.shares).filter_map(|said| count(&said)).collect();
    if all.len() < rows.len() {
        return;
    }
    let sum: i64 = all.iter().fold(0i64, |sum, shares| sum.saturating_add(*shares));
    let printed =
        document.facts.iter().find(|fact| fact.key == Key::SharesSum).map(|fact| Said { document, fact });
    if let Some(printed) = printed
        && count(&printed).is_some_and(|printed| printed != sum)
    {
        if !examination.has(Rule::RegisterSharesSum) {
            let said = printed.fact.said.clone();
            examination.add(
                Rule::RegisterSharesSum,
                Severity::Error,
                &[&sum.to_string(), &printed.fact.value],
                (
                    format!("股东名册各行合计 {sum} 股，合计栏写 {said} 股"),
                    format!("The register's rows sum to {sum} shares, its total says {said}"),
                ),
                ("请核对各行持股数和合计栏。", "Check the rows and the total."),
                vec![printed.source()],
                &[&document.slot],
            );
        }
        return;
    }
    if examination.has(Rule::RegisterCapital) {
        return;
    }
    // Against the number of shares that other documents give; against the capital only where none does.
    let elsewhere = examination.said(Key::TotalShares).into_iter().find(|said| {
        said.document.slot.as_str() != "shareholder_register" && said.fact.confidence >= CERTAIN
    });
    let capital =
        examination.said(Key::RegisteredCapital).into_iter().find(|said| said.fact.confidence >= 60);
    let differs = match (elsewhere, capital) {
        (Some(said), _) if count(&said).is_some_and(|total| total != sum) => Some(said),
        (None, Some(said)) if crate::field::fen(&said.fact.value).is_some_and(|fen| fen / 100 != sum) => {
            Some(said)
        }
        _ => None,
    };
    if let Some(other) = differs {
        let there = examination.slot_name(&other.document.slot);
        let said = other.fact.said.clone();
        let mut sources = vec![other.source()];
        sources.extend(printed.map(|printed| printed.source()));
        examination.add(
            Rule::RegisterCapital,
            Severity::Error,
            &[&sum.to_string(), &other.fact.value],
            (
                format!("股东名册合计 {sum} 股，{}为“{said}”", there.zh),
                format!("The register sums to {sum} shares, {} says “{said}”", there.en),
            ),
            (
                "请核对股份总数；每股面值不是 1 元的，请在说明书中写明。",
                "Check the total; state the par value in the overview if it is not CNY 1.",
            ),
            sources,
            &[&document.slot, &other.document.slot],
        );
    }
}

fn row_percent(examination: &mut Examination<'_>, rows: &[Row<'_>]) {
    let total: i64 = rows
        .iter()
        .filter_map(|row| row.shares)
        .filter_map(|said| count(&said))
        .fold(0i64, i64::saturating_add);
    if total <= 0 {
        return;
    }
    let mut wrong: Vec<(&Row<'_>, i64, i64)> = Vec::new();
    for row in rows {
        let (Some(shares), Some(percent)) =
            (row.shares.as_ref().and_then(count), row.percent.as_ref().and_then(parts))
        else {
            continue;
        };
        let computed =
            i64::try_from((i128::from(shares) * 1_000_000 + i128::from(total) / 2) / i128::from(total))
                .unwrap_or(0);
        if (computed - percent).abs() > 51 {
            wrong.push((row, computed, percent));
        }
    }
    // Where nothing fits, the total is the cause and is said elsewhere.
    if wrong.is_empty() || (wrong.len() > 2 && wrong.len() == rows.len()) {
        return;
    }
    for (row, computed, percent) in wrong {
        let (Some(name), Some(shares), Some(said)) = (row.name, row.shares, row.percent) else { continue };
        let (holder, shares_said) = (&name.fact.value, &shares.fact.said);
        let (computed, percent) = (shown(computed), shown(percent));
        examination.add(
            Rule::RegisterRowPercent,
            Severity::Warning,
            &[holder, &percent, &computed],
            (
                format!("{holder} 持有 {shares_said} 股，应为 {computed}，名册写 {percent}"),
                format!(
                    "{holder} holds {shares_said} shares, which is {computed}; the register says {percent}"
                ),
            ),
            ("请改正这一行的持股数或比例。", "Correct the shares or the percentage of this row."),
            vec![shares.source(), said.source()],
            &[&name.document.slot],
        );
    }
}

fn holders(examination: &mut Examination<'_>, document: &FiledDocument, rows: &[Row<'_>]) {
    let limit = usize::from(examination.limits.holder_limit);
    if rows.len() > limit {
        let count = rows.len();
        examination.add(
            Rule::RegisterTooManyHolders,
            Severity::Error,
            &[&count.to_string()],
            (
                format!("股东名册有 {count} 名股东，超过 {limit} 名"),
                format!("The register has {count} holders; the limit is {limit}"),
            ),
            (
                "区域性股权市场挂牌企业股东累计不得超过限值，请核对是否重复或应合并。",
                "Check for holders listed twice or to be merged.",
            ),
            vec![super::examination::whole(document)],
            &[&document.slot],
        );
    }
    for (index, row) in rows.iter().enumerate() {
        let Some(name) = row.name else { continue };
        let holder = &name.fact.value;
        let twice = rows[..index].iter().find(|other| {
            let id = |row: &Row<'_>| row.id.map(|id| fold(&id.fact.value));
            let same_id = id(other).is_some() && id(other) == id(row);
            let same_name = other.name.is_some_and(|other| fold(&other.fact.value) == fold(holder));
            same_id || (same_name && (id(other).is_none() || id(row).is_none()))
        });
        if let Some(other) = twice.and_then(|other| other.name) {
            examination.add(
                Rule::RegisterDuplicateHolder,
                Severity::Warning,
                &[holder, &other.fact.value],
                (
                    format!("股东名册中 {holder} 与 {} 是同一证件或同名，可能重复", other.fact.value),
                    format!("{holder} and {} have the same id or name", other.fact.value),
                ),
                ("请合并为一行，或更正证件号码。", "Merge the rows or correct the id number."),
                vec![other.source(), name.source()],
                &[&document.slot],
            );
        }
        let Some(id) = row.id else { continue };
        let text = id.fact.value.as_str();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let personal = text.chars().count() == 18 && digits >= 17;
        let wrong = if personal && !matches!(text.as_bytes().first(), Some(b'9')) {
            ResidentId::parse(text).is_err()
        } else if text.chars().count() == 18 && text.starts_with('9') {
            CreditCode::parse(text).map_or(true, |code| !code.check_digit().is_good())
        } else {
            false
        };
        if wrong {
            let masked = if personal { resident_id::mask(text) } else { text.to_owned() };
            examination.add(
                Rule::RegisterHolderId,
                Severity::Warning,
                // A digest of so few digits could be turned back: the id is made of what is shown.
                &[holder, &masked],
                (format!("{holder} 的证件号码 {masked} 校验不符，可能有一位录错"), format!("The id number of {holder}, {masked}, fails its check; one character is probably wrong")),
                ("请对照证件核对号码。", "Compare it with the document."),
                vec![id.source()],
                &[&document.slot],
            );
        }
    }
}
