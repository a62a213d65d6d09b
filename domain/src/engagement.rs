//! The firms that a filing's documents name, as far as they would sign for slots of it: the law firm of the legal opinion, the
//! accounting firm of the audit report, and so on. A proposal and nothing else: whom to engage is the enterprise's to say.
//! `backend::engagement::named` looks up who is registered under these names.

use crate::{
    actor::OrgKind,
    fact::{Fact, FactKey, Place},
    half_width,
    rule_pack::{RulePack, SlotId},
};

/// Below this a name was read too poorly to look anybody up by it.
const READABLE: u8 = 50;

/// A firm as the documents name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFirm {
    pub kind: OrgKind,
    pub name: String,
    /// Its credit code, where a document that names it prints one.
    pub code: Option<String>,
    /// Index into the documents given to [`named`]: the one that speaks first.
    pub document: usize,
    pub place: Place,
    /// The documents that this kind of firm signs all name this one and no other.
    pub only: bool,
}

/// Where a kind of firm is named: the fact, and the fact of its credit code if there is one.
const fn keys(kind: OrgKind) -> Option<(FactKey, Option<FactKey>)> {
    match kind {
        OrgKind::Sponsor => Some((FactKey::Sponsor, Some(FactKey::SponsorCreditCode))),
        OrgKind::AccountingFirm => Some((FactKey::Auditor, None)),
        OrgKind::LawFirm => Some((FactKey::LawFirm, None)),
        OrgKind::Valuer => Some((FactKey::Valuer, None)),
        OrgKind::Enterprise | OrgKind::Exchange | OrgKind::Regulator => None,
    }
}

/// Who is named, by kind. A document that the firm itself signs says best who that is; only where none of those can be read do
/// the others count.
#[must_use]
pub fn named(pack: &RulePack, documents: &[(SlotId, Vec<Fact>)]) -> Vec<NamedFirm> {
    OrgKind::ALL
        .into_iter()
        .filter(|kind| kind.is_firm())
        .flat_map(|kind| of(kind, pack, documents))
        .collect()
}

fn of(kind: OrgKind, pack: &RulePack, documents: &[(SlotId, Vec<Fact>)]) -> Vec<NamedFirm> {
    let Some((key, code)) = keys(kind) else { return Vec::new() };
    let signs = |slot: &SlotId| pack.slot(slot.as_str()).and_then(|slot| slot.signs) == Some(kind);
    let own = collected(kind, (key, code), documents, &signs);
    let all = collected(kind, (key, code), documents, &|_| true);
    if own.is_empty() {
        return all;
    }
    // Its code is printed where it is a party rather than where it signs.
    let printed =
        |name: &str| all.iter().find(|firm| is_same(&firm.name, name)).and_then(|firm| firm.code.clone());
    own.into_iter()
        .map(|firm| NamedFirm { code: firm.code.clone().or_else(|| printed(&firm.name)), ..firm })
        .collect()
}

fn collected(
    kind: OrgKind,
    (key, code): (FactKey, Option<FactKey>),
    documents: &[(SlotId, Vec<Fact>)],
    counts: &dyn Fn(&SlotId) -> bool,
) -> Vec<NamedFirm> {
    let mut found: Vec<(NamedFirm, usize)> = Vec::new();
    for (index, (slot, facts)) in documents.iter().enumerate() {
        if !counts(slot) {
            continue;
        }
        let said = facts.iter().filter(|fact| fact.key == key && fact.confidence >= READABLE);
        let Some(said) = said.max_by_key(|fact| fact.confidence) else { continue };
        let printed = code.and_then(|code| facts.iter().find(|fact| fact.key == code));
        let printed = printed.map(|fact| fact.value.clone());
        match found.iter_mut().find(|(firm, _)| is_same(&firm.name, &said.value)) {
            Some((firm, times)) => {
                *times += 1;
                firm.code = firm.code.take().or(printed);
            }
            None => found.push((
                NamedFirm {
                    kind,
                    name: said.value.clone(),
                    code: printed,
                    document: index,
                    place: said.place.clone(),
                    only: false,
                },
                1,
            )),
        }
    }
    found.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let only = found.len() == 1;
    found.into_iter().map(|(firm, _)| NamedFirm { only, ..firm }).collect()
}

/// Whether two spellings name one firm: full-width or half-width brackets, spaces, and a partnership's form in brackets at the
/// end, which documents leave out as often as not.
#[must_use]
pub fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (plain(a), plain(b));
    a == b || stem(&a) == stem(&b) && !stem(&a).is_empty() && (is_bare(&a) || is_bare(&b))
}

/// The name without its legal form in brackets: what a registered name begins with, however a document spells its end.
#[must_use]
pub fn stem_of(name: &str) -> String {
    let plain = plain(name);
    stem(&plain).to_owned()
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).map(half_width::fold).collect::<String>().to_uppercase()
}

fn stem(plain: &str) -> &str {
    match plain.rsplit_once('(') {
        Some((stem, form)) if form.ends_with("合伙)") => stem,
        _ => plain,
    }
}

fn is_bare(plain: &str) -> bool {
    stem(plain) == plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: FactKey, value: &str) -> Fact {
        Fact {
            key,
            period: None,
            entry: None,
            value: value.into(),
            said: value.into(),
            place: Place { page: 1, area: None, cell: None },
            confidence: 90,
        }
    }

    fn document(slot: &str, facts: Vec<Fact>) -> (SlotId, Vec<Fact>) {
        (SlotId::new(slot).unwrap(), facts)
    }

    fn names(found: &[NamedFirm]) -> Vec<(OrgKind, &str, bool)> {
        found.iter().map(|firm| (firm.kind, firm.name.as_str(), firm.only)).collect()
    }

    #[test]
    fn a_firm_is_who_its_own_documents_say_it_is() {
        let pack = RulePack::listing();
        let documents = [
            // What others say about the auditor does not count beside the report itself.
            document(
                "company_overview",
                vec![fact(FactKey::Auditor, "别家会计师事务所"), fact(FactKey::LawFirm, "丙律师事务所")],
            ),
            document("audit_report", vec![fact(FactKey::Auditor, "甲会计师事务所（普通合伙）")]),
            document("recommendation_opinion", vec![fact(FactKey::Sponsor, "乙投资有限公司")]),
            document(
                "recommendation_agreement",
                vec![
                    fact(FactKey::Sponsor, "乙投资有限公司"),
                    fact(FactKey::SponsorCreditCode, "91320000MA00000319"),
                ],
            ),
        ];
        let found = named(pack, &documents);
        assert_eq!(
            names(&found),
            [
                (OrgKind::Sponsor, "乙投资有限公司", true),
                (OrgKind::AccountingFirm, "甲会计师事务所（普通合伙）", true),
                (OrgKind::LawFirm, "丙律师事务所", true),
            ]
        );
        assert_eq!(found[0].code.as_deref(), Some("91320000MA00000319"));
        assert_eq!(found[1].document, 1);
    }

    #[test]
    fn two_names_are_two_proposals_and_neither_is_certain() {
        let pack = RulePack::listing();
        let documents = [
            document("recommendation_opinion", vec![fact(FactKey::Sponsor, "乙投资有限公司")]),
            document("sponsor_commitment", vec![fact(FactKey::Sponsor, "丁证券股份有限公司")]),
            document("due_diligence_report", vec![fact(FactKey::Sponsor, "乙投资 有限公司")]),
        ];
        let found = named(pack, &documents);
        assert_eq!(
            names(&found),
            [(OrgKind::Sponsor, "乙投资有限公司", false), (OrgKind::Sponsor, "丁证券股份有限公司", false)]
        );
    }

    #[test]
    fn spellings_of_one_name() {
        assert!(is_same("甲会计师事务所（特殊普通合伙）", "甲会计师事务所(特殊普通合伙)"));
        assert!(is_same("甲会计师事务所", "甲会计师事务所（普通合伙）"));
        assert!(!is_same("甲会计师事务所（普通合伙）", "甲会计师事务所（特殊普通合伙）"));
        assert!(!is_same("北京甲（南京）律师事务所", "北京甲律师事务所"));
        assert_eq!(stem_of("甲会计师事务所（普通合伙）"), "甲会计师事务所");
    }
}
