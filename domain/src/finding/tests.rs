use time::macros::date;

use super::*;
use crate::{
    fact::{FactKey as Key, Period},
    rule_pack::RulePack,
};

fn slot(id: &str) -> SlotId {
    SlotId::new(id).unwrap()
}

fn fact(key: Key, value: &str) -> Fact {
    Fact {
        key,
        period: None,
        entry: None,
        value: value.to_owned(),
        said: value.to_owned(),
        place: Place { page: 1, area: None, cell: None },
        confidence: 92,
    }
}

fn of(fact: Fact, period: &str) -> Fact {
    Fact { period: Some(period.parse::<Period>().unwrap()), ..fact }
}

fn row(entry: u16, name: &str, id: &str, shares: &str, percent: &str) -> Vec<Fact> {
    [(Key::HolderName, name), (Key::HolderId, id), (Key::HolderShares, shares), (Key::HolderPercent, percent)]
        .into_iter()
        .map(|(key, value)| Fact { entry: Some(entry), ..fact(key, value) })
        .collect()
}

fn document(slot_id: &str, facts: Vec<Fact>) -> FiledDocument {
    FiledDocument {
        document: slot_id.to_owned(),
        file_name: format!("{slot_id}.pdf"),
        slot: slot(slot_id),
        facts,
        read: true,
    }
}

fn examine(documents: &[FiledDocument]) -> Vec<Finding> {
    let fields = BTreeMap::new();
    let filing = Filing { fields: &fields, documents, held: &[] };
    let findings = findings(RulePack::listing(), date!(2026 - 11 - 05), &filing);
    findings.into_iter().filter(|finding| finding.rule != Rule::MissingSlot).collect()
}

fn rules(documents: &[FiledDocument]) -> Vec<Rule> {
    examine(documents).iter().map(|finding| finding.rule).collect()
}

#[test]
fn the_bundled_limits_are_read() {
    assert_eq!(Limits::parse(LISTING).unwrap(), *Limits::listing());
    let errors = Limits::parse("id = \"x\"\nversion = \"1\"\naudit_validity_months = 0\n").unwrap_err();
    assert!(errors.iter().any(|error| error.line == 3), "{errors:?}");
}

#[test]
fn a_firm_that_writes_and_a_holder_of_the_register_are_not_the_company_by_another_name() {
    let (company, own) = ("甲股份有限公司", "91320900MA000000XX");
    let documents = [
        document("business_licence", vec![fact(Key::CompanyName, company), fact(Key::CreditCode, own)]),
        document(
            "sponsor_commitment",
            vec![fact(Key::CompanyName, "乙证券有限公司"), fact(Key::CreditCode, "91320500MA000000YY")],
        ),
        document(
            "recommendation_agreement",
            vec![fact(Key::Sponsor, "乙证券有限公司"), fact(Key::SponsorCreditCode, "91320500MA000000YY")],
        ),
        document(
            "shareholder_register",
            vec![fact(Key::CreditCode, "91320900MA000000ZZ"), fact(Key::HolderId, "91320900MA000000ZZ")],
        ),
    ];
    let found = rules(&documents);
    let names = [Rule::ContradictionCompanyName, Rule::ContradictionCreditCode];
    assert!(!found.iter().any(|rule| names.contains(rule)), "{found:?}");
    // Whom no document names as a firm is a contradiction as before.
    let stranger = document("articles_of_association", vec![fact(Key::CompanyName, "丙股份有限公司")]);
    let found = rules(&[documents[0].clone(), stranger]);
    assert!(found.contains(&Rule::ContradictionCompanyName), "{found:?}");
}

#[test]
fn one_wrong_capital_is_one_finding_however_many_documents_repeat_it() {
    let capital = |slot_id: &str, value: &str, shares: &str| {
        document(slot_id, vec![fact(Key::RegisteredCapital, value), fact(Key::TotalShares, shares)])
    };
    let documents = [
        capital("business_licence", "30000000.00", "30000000"),
        capital("articles_of_association", "20000000.00", "20000000"),
        capital("company_overview", "20000000.00", "20000000"),
        capital("legal_opinion", "30000000.00", "30000000"),
    ];
    let found = examine(&documents);
    assert_eq!(
        found.iter().map(|finding| finding.rule).collect::<Vec<_>>(),
        [Rule::ContradictionRegisteredCapital]
    );
    assert_eq!(found[0].sources.len(), 3);
    assert_eq!(found[0].sources[0].document, "business_licence");
}

#[test]
fn an_id_survives_another_reading_and_not_another_value() {
    let at = |value: &str, page: u32| {
        let mut other = fact(Key::RegisteredCapital, value);
        other.place.page = page;
        let documents = [
            document("business_licence", vec![fact(Key::RegisteredCapital, "30000000.00")]),
            document("articles_of_association", vec![other]),
        ];
        examine(&documents)[0].id.clone()
    };
    assert_eq!(at("20000000.00", 3), at("20000000.00", 4));
    assert_ne!(at("20000000.00", 3), at("25000000.00", 3));
}

#[test]
fn a_register_is_added_up_row_by_row() {
    let mut facts = row(1, "甲", "110101199003070011", "600", "60");
    facts.extend(row(2, "乙", "110101199003070012", "300", "30"));
    facts.extend(row(3, "丙", "110101199003070011", "100", "9"));
    let found = rules(&[document("shareholder_register", facts)]);
    assert_eq!(
        found,
        [
            Rule::RegisterPercentSum,
            Rule::RegisterDuplicateHolder,
            Rule::RegisterHolderId,
            Rule::RegisterRowPercent
        ]
        .into_iter()
        .collect::<Vec<_>>()
        .tap_sorted(&found)
    );
}

trait TapSorted {
    fn tap_sorted(self, like: &[Rule]) -> Self;
}

impl TapSorted for Vec<Rule> {
    /// In the order of `like`, so that the assertion is about what was found and not about its order.
    fn tap_sorted(mut self, like: &[Rule]) -> Self {
        self.sort_by_key(|rule| like.iter().position(|other| other == rule));
        self
    }
}

#[test]
fn rounding_of_rows_is_no_mistake() {
    let mut facts = row(1, "甲", "", "1", "33.33");
    facts.extend(row(2, "乙", "", "1", "33.33"));
    facts.extend(row(3, "丙", "", "1", "33.33"));
    assert_eq!(rules(&[document("shareholder_register", facts)]), []);
}

#[test]
fn figures_are_compared_per_period_and_rounding_is_allowed() {
    let audit = document(
        "audit_report",
        vec![
            of(fact(Key::Revenue, "79319539.57"), "2025"),
            of(fact(Key::Revenue, "41706501.13"), "2026H1"),
            of(fact(Key::PeriodEnd, "2026-06-30"), "2026H1"),
        ],
    );
    let overview = |value: &str| document("company_overview", vec![of(fact(Key::Revenue, value), "2025")]);
    assert_eq!(rules(&[audit.clone(), overview("79319500.00")]), []);
    assert_eq!(rules(&[audit, overview("97319500.00")]), [Rule::ContradictionRevenue]);
}

#[test]
fn old_audits_expire_at_the_application() {
    let audit =
        |end: &str, period: &str| document("audit_report", vec![of(fact(Key::PeriodEnd, end), period)]);
    let letter = document("application_letter", vec![fact(Key::DocumentDate, "2026-10-28")]);
    assert_eq!(rules(&[audit("2026-06-30", "2026H1"), letter.clone()]), []);
    let found = examine(&[audit("2026-03-31", "2026Q1"), letter.clone()]);
    assert_eq!((found[0].rule, found[0].severity), (Rule::AuditPeriodExpired, Severity::Warning));
    let found = examine(&[audit("2024-12-31", "2024"), letter]);
    assert_eq!((found[0].rule, found[0].severity), (Rule::AuditPeriodExpired, Severity::Error));
}

#[test]
fn names_that_were_recognised_are_not_compared() {
    let recognised = Fact { confidence: 76, ..fact(Key::CompanyName, "甲机机械有限公司") };
    let documents = [
        document("business_licence", vec![recognised]),
        document("application_letter", vec![fact(Key::CompanyName, "甲樾机械有限公司")]),
    ];
    assert_eq!(rules(&documents), []);
}

#[test]
fn a_held_file_explains_its_empty_slot_unless_it_is_empty_itself() {
    let fields = BTreeMap::new();
    let held = |problem: media::Problem| HeldFile {
        path: "挂牌协议.pdf".to_owned(),
        slot: Some(slot("listing_agreement")),
        held: Held::Problem { problem },
    };
    let missing = |problem: media::Problem| {
        let held = [held(problem)];
        let filing = Filing { fields: &fields, documents: &[], held: &held };
        findings(RulePack::listing(), date!(2026 - 11 - 05), &filing)
            .iter()
            .any(|finding| finding.rule == Rule::MissingSlot && finding.slots == [slot("listing_agreement")])
    };
    assert!(!missing(media::Problem::Encrypted { kind: media::Kind::Pdf }));
    assert!(missing(media::Problem::Empty));
}

#[test]
fn directors_who_did_not_sign_are_named() {
    let list = |key: Key, names: &[&str]| names.iter().map(|name| fact(key, name)).collect::<Vec<_>>();
    let documents = [
        document("company_overview", list(Key::Director, &["甲一", "乙二", "丙三"])),
        document("directors_commitment", list(Key::Signatory, &["甲一", "乙二", "丁四"])),
    ];
    let found = examine(&documents);
    assert_eq!(found[0].rule, Rule::SignersNotDirectors);
    assert!(
        found[0].message.zh.contains("缺 丙三") && found[0].message.zh.contains("多 丁四"),
        "{}",
        found[0].message.zh
    );
}
