use rstest::rstest;

use super::*;

fn pack() -> &'static RulePack {
    RulePack::listing()
}

/// Every required field of an ordinary application without a valuation or certificates.
fn full_fields() -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for field in &pack().fields {
        let value = match field.id.as_str() {
            "credit_code" => "91310000564759688N".to_owned(),
            "company_type" => "joint_stock".to_owned(),
            "city" => "nanjing".to_owned(),
            "board" => "growth".to_owned(),
            "layer" => "G".to_owned(),
            "has_valuation" | "has_qualifications" => "no".to_owned(),
            "audit_opinion" => "unqualified".to_owned(),
            _ => field.placeholder.as_ref().unwrap().zh.clone(),
        };
        fields.insert(field.id.clone(), value);
    }
    fields
}

fn document(kind: media::Kind) -> DocFact {
    DocFact { file_name: format!("材料.{}", kind.name()), kind, bytes: 1_000 }
}

fn full_slots() -> BTreeMap<SlotId, Vec<DocFact>> {
    let optional = ["asset_valuation", "qualification_certificates"];
    let slots = pack().slots.iter().filter(|slot| !optional.contains(&slot.id.as_str()));
    slots.map(|slot| (slot.id.clone(), vec![document(slot.formats[0])])).collect()
}

fn all_signed() -> BTreeSet<SlotId> {
    pack().slots.iter().filter(|slot| slot.signs.is_some()).map(|slot| slot.id.clone()).collect()
}

fn id(slot: &str) -> SlotId {
    SlotId::new(slot).unwrap()
}

#[test]
fn a_full_application_is_complete() {
    let answer = check(pack(), &full_fields(), &full_slots(), &all_signed());
    assert_eq!(answer.missing_fields, []);
    assert_eq!(answer.field_errors, []);
    assert!(answer.is_complete());
    assert_eq!((answer.percent(), answer.done), (100, answer.total));
}

#[test]
fn an_empty_application_asks_for_everything_that_is_unconditional() {
    let answer = check(pack(), &BTreeMap::new(), &BTreeMap::new(), &BTreeSet::new());
    assert_eq!(answer.done, 0);
    assert_eq!(answer.missing_slots.len(), 21);
    assert_eq!(answer.field_errors, []);
    assert_eq!(answer.unattested_slots, [], "the missing document is the root cause");
    assert!(!answer.missing_fields.iter().any(|field| field.id == "share_total"));
    // 21 slots and the seven attestations on them, and the fields that are required whatever the answers are.
    let fields = pack().fields.iter().filter(|f| f.requirement == crate::rule_pack::Requirement::Required);
    assert_eq!(answer.total, 21 + 7 + fields.count());
}

#[rstest]
#[case("has_valuation", "yes", "asset_valuation")]
#[case("has_qualifications", "yes", "qualification_certificates")]
fn conditions_ask_for_slots(#[case] field: &str, #[case] value: &str, #[case] slot: &str) {
    let mut fields = full_fields();
    fields.insert(field.to_owned(), value.to_owned());
    let answer = check(pack(), &fields, &full_slots(), &all_signed());
    assert_eq!(answer.missing_slots.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), [slot]);
    assert!(!answer.is_complete() && answer.percent() < 100);
}

#[test]
fn a_limited_company_is_not_asked_for_shares() {
    let mut fields = full_fields();
    fields.insert("company_type".to_owned(), "limited".to_owned());
    fields.remove("share_total");
    fields.remove("converted_date");
    assert!(check(pack(), &fields, &full_slots(), &all_signed()).is_complete());
    fields.insert("company_type".to_owned(), "joint_stock".to_owned());
    let answer = check(pack(), &fields, &full_slots(), &all_signed());
    let missing: Vec<&str> = answer.missing_fields.iter().map(|field| field.id.as_str()).collect();
    assert_eq!(missing, ["converted_date", "share_total"]);
}

#[test]
fn a_wrong_check_digit_warns_and_does_not_stop() {
    let mut fields = full_fields();
    fields.insert("credit_code".to_owned(), "91350100M0001TGQXM".to_owned());
    let answer = check(pack(), &fields, &full_slots(), &all_signed());
    assert!(answer.is_complete());
    assert_eq!(answer.warnings.len(), 1);
    assert_eq!(answer.warnings[0].expected, '1');
    assert!(answer.warnings[0].message(Locale::Zh).contains("可继续"));
}

#[test]
fn a_wrong_value_is_an_error_and_not_also_missing() {
    let mut fields = full_fields();
    fields.insert("registered_capital".to_owned(), "三千万".to_owned());
    let answer = check(pack(), &fields, &full_slots(), &all_signed());
    assert_eq!(answer.missing_fields, []);
    assert_eq!(answer.field_errors[0].code(), "field.money");
    assert_eq!(answer.done + 1, answer.total);
    assert!(!answer.is_ready_for_attestation());
}

#[test]
fn attestations_are_the_last_thing_missing() {
    let answer = check(pack(), &full_fields(), &full_slots(), &BTreeSet::new());
    assert!(answer.is_ready_for_attestation() && !answer.is_complete());
    assert_eq!(answer.unattested_slots.len(), 7);
    assert_eq!(answer.unattested_slots[5].signer, OrgKind::AccountingFirm);
}

#[test]
fn an_optional_report_that_was_uploaded_needs_its_valuer() {
    let mut slots = full_slots();
    slots.insert(id("asset_valuation"), vec![document(media::Kind::Pdf)]);
    let mut attested = all_signed();
    attested.remove("asset_valuation");
    let answer = check(pack(), &full_fields(), &slots, &attested);
    assert_eq!(answer.unattested_slots[0].signer, OrgKind::Valuer);
}

#[test]
fn documents_that_do_not_fit_are_named() {
    let mut slots = full_slots();
    let mut large = document(media::Kind::Pdf);
    large.bytes = (100 << 20) + 1;
    slots.insert(id("audit_report"), vec![document(media::Kind::Docx), large]);
    slots.insert(id("business_licence"), vec![document(media::Kind::Png); 3]);
    slots.insert(id("no_such_slot"), vec![document(media::Kind::Pdf)]);
    let answer = check(pack(), &full_fields(), &slots, &all_signed());
    let shown: Vec<String> = answer
        .slot_errors
        .iter()
        .flat_map(|error| [error.message(Locale::Zh), error.message(Locale::En)])
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
    assert!(!answer.is_complete());
}

#[test]
fn unknown_fields_are_errors() {
    let mut fields = full_fields();
    fields.insert("colour".to_owned(), "red".to_owned());
    let answer = check(pack(), &fields, &full_slots(), &all_signed());
    assert_eq!(answer.field_errors[0].code(), "field.unknown");
}
