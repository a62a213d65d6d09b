//! Measures the rules on a pack whose truth is known: `evaluate_pack READINGS TRUTH.json`, where READINGS is a folder
//! with one `<relative path>.json` per file, `{"reading": …, "sha256": …}` or `{"problem": …}` as `guxin
//! read-document` prints them. The last line is one JSON object; above it stands every miss, so that a rule can be
//! mended. Wrong answers that a person would not be asked about (`silent_wrong_slots`) are counted apart.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use domain::{
    classify::{self, Aside, Classification, Sorted, Verdict},
    fact::{self, Fact, FactKey, Period},
    finding::{self, FiledDocument, Filing, Held, HeldFile},
    media,
    reading::Reading,
    rule_pack::{RulePack, SlotId},
};
use serde_json::{Value, json};

struct File {
    path: String,
    truth: Value,
    sha256: [u8; 32],
    reading: Option<Reading>,
    classification: Classification,
    facts: Vec<Fact>,
}

#[allow(clippy::print_stdout, reason = "a command line")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [readings, truth] = arguments.as_slice() else {
        println!("usage: evaluate_pack READINGS TRUTH.json");
        return ExitCode::FAILURE;
    };
    let truth: Value = match fs::read_to_string(truth)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
    {
        Ok(truth) => truth,
        Err(error) => {
            println!("{truth}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let pack = RulePack::listing();
    let mut files = load(pack, Path::new(readings), &truth);
    let settled = classify::settle(&sorted(&files));
    for (index, classification) in settled {
        files[index].classification = classification;
    }
    let mut report = serde_json::Map::new();
    classification(&files, &mut report);
    for file in &mut files {
        if let (Some(slot), Some(reading)) = (slot(file), &file.reading) {
            file.facts = fact::facts(&slot, reading);
        }
    }
    extraction(&files, &mut report);
    findings(pack, &files, &truth, &mut report);
    println!("{}", Value::Object(report));
    ExitCode::SUCCESS
}

fn load(pack: &RulePack, folder: &Path, truth: &Value) -> Vec<File> {
    let entries = truth["files"].as_array().cloned().unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| {
            let path = entry["path"].as_str().unwrap_or_default().to_owned();
            let text = fs::read_to_string(folder.join(format!("{path}.json"))).unwrap_or_default();
            let outcome: Value = serde_json::from_str(&text).unwrap_or_default();
            let reading: Option<Reading> = serde_json::from_value(outcome["reading"].clone()).ok();
            let mut sha256 = [0; 32];
            let hex = entry["sha256"].as_str().unwrap_or_default();
            for (index, byte) in sha256.iter_mut().enumerate() {
                *byte = hex
                    .get(index * 2..index * 2 + 2)
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                    .unwrap_or(0);
            }
            let refused = entry["slot"].as_str().is_some_and(is_refused);
            let reading = reading.filter(|_| !refused);
            let size = entry["bytes"].as_u64().unwrap_or(0);
            let classification = classify::classify(pack, &path, size, reading.as_ref());
            File { path, truth: entry, sha256, reading, classification, facts: Vec::new() }
        })
        .collect()
}

/// Refused by the inspection of uploads, before any rule sees it.
fn is_refused(slot: &str) -> bool {
    matches!(slot, "reject:encrypted" | "reject:active_content" | "reject:type_mismatch" | "reject:empty")
}

/// The slot that the truth file gives, or would give if the file were not rejected.
fn expected(file: &File) -> &str {
    let slot = file.truth["slot"].as_str().unwrap_or_default();
    if slot.starts_with("reject:") || (slot == "ignore" && file.truth["would_be_slot"].is_string()) {
        file.truth["would_be_slot"].as_str().unwrap_or_default()
    } else {
        slot
    }
}

fn slot(file: &File) -> Option<SlotId> {
    match &file.classification.verdict {
        Verdict::Slot { slot } => Some(slot.clone()),
        Verdict::Unsure { candidates } => candidates.first().map(|candidate| candidate.slot.clone()),
        _ => None,
    }
}

#[allow(clippy::print_stdout, reason = "a command line")]
fn classification(files: &[File], report: &mut serde_json::Map<String, Value>) {
    let (mut right, mut total, mut silent, mut unsure) = (0u32, 0u32, Vec::new(), Vec::new());
    let (mut all_right, mut all) = (0u32, 0u32);
    for file in files {
        if file.truth["slot"].as_str().is_some_and(is_refused) {
            continue;
        }
        let wanted = expected(file);
        let (said, sure) = match &file.classification.verdict {
            Verdict::Slot { slot } => (slot.as_str().to_owned(), true),
            Verdict::Split { .. } => ("split".to_owned(), true),
            Verdict::Ignore { .. } => ("ignore".to_owned(), true),
            Verdict::Unsure { candidates } => (
                candidates.first().map_or_else(String::new, |candidate| candidate.slot.as_str().to_owned()),
                false,
            ),
        };
        let fits = said == wanted;
        all += 1;
        all_right += u32::from(fits && sure);
        if file.truth["text_layer"] == json!(true) || wanted == "ignore" {
            total += 1;
            right += u32::from(fits && sure);
        }
        if !fits && sure {
            silent.push(file.path.clone());
        }
        if !sure {
            unsure.push(file.path.clone());
        }
        let runner_up = file
            .classification
            .runner_up
            .as_ref()
            .map(|next| format!("{} {}", next.slot.as_str(), next.confidence));
        let mark = if fits && sure { "  " } else { "!!" };
        println!(
            "{mark} {} → {said} {} (then {}) expected {wanted}",
            file.path,
            file.classification.confidence,
            runner_up.unwrap_or_default()
        );
        if !(fits && sure) {
            for reason in &file.classification.reasons {
                println!("      {}", reason.text.zh);
            }
        }
    }
    report.insert("classification_accuracy".to_owned(), json!(f64::from(right) / f64::from(total.max(1))));
    report.insert(
        "classification_accuracy_all".to_owned(),
        json!(f64::from(all_right) / f64::from(all.max(1))),
    );
    report.insert("silent_wrong_slots".to_owned(), json!(silent));
    report.insert("unsure".to_owned(), json!(unsure));
}

/// Names of the truth file and what they are here.
const NAMES: &[(&str, FactKey)] = &[
    ("company_name", FactKey::CompanyName),
    ("credit_code", FactKey::CreditCode),
    ("registered_capital_yuan", FactKey::RegisteredCapital),
    ("legal_representative", FactKey::LegalRepresentative),
    ("established", FactKey::Established),
    ("address", FactKey::Address),
    ("authority", FactKey::Authority),
    ("date", FactKey::DocumentDate),
    ("meeting", FactKey::Meeting),
    ("notice_date", FactKey::NoticeDate),
    ("votes_for_percent", FactKey::VotesFor),
    ("sponsor", FactKey::Sponsor),
    ("sponsor_credit_code", FactKey::SponsorCreditCode),
    ("exchange", FactKey::Exchange),
    ("exchange_credit_code", FactKey::ExchangeCreditCode),
    ("custody", FactKey::Custodian),
    ("custody_credit_code", FactKey::CustodianCreditCode),
    ("auditor", FactKey::Auditor),
    ("audit_report_number", FactKey::AuditReportNumber),
    ("opinion_type", FactKey::AuditOpinion),
    ("verification_code", FactKey::VerificationCode),
    ("law_firm", FactKey::LawFirm),
    ("legal_opinion_number", FactKey::LegalOpinionNumber),
    ("valuer", FactKey::Valuer),
    ("valuation_report_number", FactKey::ValuationReportNumber),
    ("valuation_base_date", FactKey::ValuationBaseDate),
    ("appraised_net_assets_yuan", FactKey::AppraisedNetAssets),
    ("requested_short_name", FactKey::ShortName),
    ("alternative_short_name", FactKey::AlternativeShortName),
    ("report_number", FactKey::ReportNumber),
    ("tax_authority", FactKey::TaxAuthority),
    ("insured_employees", FactKey::InsuredEmployees),
    ("certificate_number", FactKey::CertificateNumber),
    ("certificate", FactKey::Certificate),
    ("id_number", FactKey::IdNumber),
    ("agent", FactKey::Agent),
    ("agent_id_number", FactKey::AgentIdNumber),
    ("total_shares", FactKey::TotalShares),
    ("percent_sum", FactKey::PercentSum),
];

const LISTS: &[(&str, FactKey)] = &[
    ("signatories", FactKey::Signatory),
    ("team", FactKey::TeamMember),
    ("cpas", FactKey::Accountant),
    ("lawyers", FactKey::Lawyer),
    ("patents", FactKey::Patent),
];

const FIGURES: &[(&str, FactKey)] = &[
    ("total_assets_yuan", FactKey::TotalAssets),
    ("total_liabilities_yuan", FactKey::TotalLiabilities),
    ("equity_yuan", FactKey::Equity),
    ("revenue_yuan", FactKey::Revenue),
    ("net_profit_yuan", FactKey::NetProfit),
    ("operating_cash_flow_yuan", FactKey::OperatingCashFlow),
];

const HOLDER: &[(&str, FactKey)] =
    &[("name", FactKey::HolderName), ("shares", FactKey::HolderShares), ("percent", FactKey::HolderPercent)];

#[derive(Default)]
struct Score {
    /// Per name: right and all, in documents with a text layer.
    layer: BTreeMap<String, (u32, u32)>,
    pictures: BTreeMap<String, (u32, u32)>,
}

impl Score {
    #[allow(clippy::print_stdout, reason = "a command line")]
    fn mark(&mut self, file: &File, name: &str, wanted: &str, found: Option<&str>, fits: bool) {
        let layer = file.truth["text_layer"] == json!(true);
        let scores = if layer { &mut self.layer } else { &mut self.pictures };
        let score = scores.entry(name.to_owned()).or_default();
        score.0 += u32::from(fits);
        score.1 += 1;
        if !fits {
            let kind = if layer { "fact" } else { "fact (picture)" };
            println!("{kind} {} {name}: wanted {wanted}, found {}", file.path, found.unwrap_or("nothing"));
        }
    }
}

fn extraction(files: &[File], report: &mut serde_json::Map<String, Value>) {
    let mut score = Score::default();
    for file in files.iter().filter(|file| file.reading.is_some()) {
        let truth = &file.truth["facts"];
        for (name, key) in NAMES {
            if truth[name].is_null() {
                continue;
            }
            let wanted = canonical(&truth[name]);
            let facts: Vec<&Fact> = file.facts.iter().filter(|fact| fact.key == *key).collect();
            let best = facts.iter().max_by_key(|fact| fact.confidence).map(|fact| fact.value.as_str());
            // A file with several certificates has several numbers.
            let fits = if matches!(key, FactKey::Certificate | FactKey::CertificateNumber) {
                facts.iter().any(|fact| fits(*key, &wanted, &fact.value))
            } else {
                best.is_some_and(|best| fits(*key, &wanted, best))
            };
            score.mark(file, name, &wanted, best, fits);
        }
        for (name, key) in LISTS {
            let Some(wanted) = truth[name].as_array() else { continue };
            let found: Vec<&str> =
                file.facts.iter().filter(|fact| fact.key == *key).map(|fact| fact.value.as_str()).collect();
            let wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
            score.mark(file, name, &wanted.join(" "), Some(&found.join(" ")), found == wanted);
        }
        for (period, figures) in truth["periods"].as_object().into_iter().flatten() {
            let Ok(period) = period.parse::<Period>() else { continue };
            for (name, key) in FIGURES {
                if figures[name].is_null() {
                    continue;
                }
                let wanted = canonical(&figures[name]);
                let found = file.facts.iter().find(|fact| fact.key == *key && fact.period == Some(period));
                let fits = found.is_some_and(|fact| near(&wanted, &fact.value));
                score.mark(
                    file,
                    &format!("periods.{name}"),
                    &format!("{period} {wanted}"),
                    found.map(|fact| fact.value.as_str()),
                    fits,
                );
            }
        }
        for (holder, entry) in truth["holders"].as_array().into_iter().flatten().zip(1u16..) {
            for (name, key) in HOLDER {
                let wanted = canonical(&holder[*name]);
                let found = file.facts.iter().find(|fact| fact.key == *key && fact.entry == Some(entry));
                let fits = found.is_some_and(|fact| fits(*key, &wanted, &fact.value));
                score.mark(
                    file,
                    &format!("holders.{name}"),
                    &wanted,
                    found.map(|fact| fact.value.as_str()),
                    fits,
                );
            }
        }
    }
    for (name, scores) in [("extraction", &score.layer), ("extraction_pictures", &score.pictures)] {
        let right: u32 = scores.values().map(|(right, _)| right).sum();
        let all: u32 = scores.values().map(|(_, all)| all).sum();
        report.insert(format!("{name}_accuracy"), json!(f64::from(right) / f64::from(all.max(1))));
        let by_fact: BTreeMap<&String, f64> =
            scores.iter().map(|(name, (right, all))| (name, f64::from(*right) / f64::from(*all))).collect();
        report.insert(format!("{name}_by_fact"), json!(by_fact));
    }
}

fn canonical(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// Canonical forms compare as such; numbers as numbers.
fn fits(key: FactKey, wanted: &str, found: &str) -> bool {
    use fact::Shape;
    match key.shape() {
        Shape::Money => near(wanted, found),
        Shape::Percent | Shape::Count => wanted.parse::<f64>().ok() == found.parse::<f64>().ok(),
        Shape::Opinion => {
            let names = [
                ("标准无保留意见", "unqualified"),
                ("带强调事项段的无保留意见", "unqualified_emphasis"),
                ("保留意见", "qualified"),
            ];
            names.iter().any(|(zh, value)| *zh == wanted && *value == found) || wanted == found
        }
        _ => wanted == found,
    }
}

/// Equal up to the rounding of a document that prints 万元 with two decimals.
fn near(wanted: &str, found: &str) -> bool {
    match (wanted.parse::<f64>(), found.parse::<f64>()) {
        (Ok(wanted), Ok(found)) => (wanted - found).abs() <= 50.01,
        _ => false,
    }
}

#[allow(clippy::print_stdout, reason = "a command line")]
fn findings(pack: &RulePack, files: &[File], truth: &Value, report: &mut serde_json::Map<String, Value>) {
    let aside: BTreeMap<usize, Aside> = classify::set_aside(&sorted(files), None, None).into_iter().collect();
    let (mut documents, mut held) = (Vec::new(), Vec::new());
    for (index, file) in files.iter().enumerate() {
        let path = file.path.clone();
        let refusal = refusal(file.truth["slot"].as_str().unwrap_or_default());
        if let Some(problem) = refusal {
            held.push(HeldFile { path, slot: slot(file), held: Held::Problem { problem } });
        } else if let Some(aside) = aside.get(&index) {
            println!("aside {path}: {aside:?}");
            held.push(HeldFile { path, slot: slot(file), held: Held::Aside { aside: aside.clone() } });
        } else if matches!(file.classification.verdict, Verdict::Ignore { why } if why != classify::Ignored::Contents)
        {
            held.push(HeldFile { path, slot: None, held: Held::Ignored });
        } else if let Some(slot) = slot(file) {
            let read = file.reading.as_ref().is_some_and(|reading| {
                !reading.sheets.is_empty() || reading.pages.iter().any(|page| !page.lines.is_empty())
            });
            documents.push(FiledDocument {
                document: path.clone(),
                file_name: path,
                slot,
                facts: file.facts.clone(),
                read,
            });
        }
    }
    let facts: Vec<(SlotId, Vec<Fact>)> =
        documents.iter().map(|document| (document.slot.clone(), document.facts.clone())).collect();
    let proposals = fact::fill(pack, &facts);
    let fields: BTreeMap<String, String> =
        proposals.iter().map(|proposal| (proposal.field.clone(), proposal.value.clone())).collect();
    for proposal in &proposals {
        println!(
            "field {} = {} ({}{})",
            proposal.field,
            proposal.value,
            proposal.confidence,
            if proposal.unambiguous { "" } else { ", to confirm" }
        );
    }
    let as_of = truth["as_of"].as_str().and_then(domain::field::iso_date).unwrap_or(time::Date::MIN);
    let found =
        finding::findings(pack, as_of, &Filing { fields: &fields, documents: &documents, held: &held });
    let mut open: Vec<&Value> = truth["expected_findings"].as_array().into_iter().flatten().collect();
    let mut surplus = Vec::new();
    for finding in &found {
        println!("finding {}: {}", finding.rule.name(), finding.message.zh);
        // One cause may be said of several files: it is enough that it is said once.
        let expected = truth["expected_findings"].as_array().into_iter().flatten();
        let fits = |expected: &&Value| expected["type"].as_str() == Some(finding.rule.name());
        if expected.clone().any(|expected| fits(&expected)) {
            if let Some(index) = open.iter().position(fits) {
                open.remove(index);
            }
        } else {
            surplus.push(format!("{}: {}", finding.rule.name(), finding.message.zh));
        }
    }
    let missed: Vec<String> =
        open.iter().map(|expected| format!("{} {}", expected["id"], expected["detail"])).collect();
    let all = truth["expected_findings"].as_array().map_or(0, Vec::len);
    report.insert("findings_found".to_owned(), json!(all - missed.len()));
    report.insert("findings_missed".to_owned(), json!(missed));
    report.insert("findings_false".to_owned(), json!(surplus));
}

fn refusal(slot: &str) -> Option<media::Problem> {
    Some(match slot {
        "reject:encrypted" => media::Problem::Encrypted { kind: media::Kind::Pdf },
        "reject:active_content" => media::Problem::ActiveContent { active: media::Active::JavaScript },
        "reject:type_mismatch" => {
            media::Problem::WrongType { declared: media::Kind::Pdf, found: media::Found::MacroOffice }
        }
        "reject:empty" => media::Problem::Empty,
        _ => return None,
    })
}

fn sorted(files: &[File]) -> Vec<Sorted<'_>> {
    files
        .iter()
        .map(|file| Sorted {
            path: &file.path,
            sha256: &file.sha256,
            classification: &file.classification,
            reading: file.reading.as_ref(),
        })
        .collect()
}
