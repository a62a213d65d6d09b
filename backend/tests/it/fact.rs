//! What documents say, beside the form: proposals fill what is empty and never what a person typed, and what contradicts is
//! found, explained and kept. The facts are put where the reading process leaves them; how they are read is `reading.rs`'s story.

use backend::{Cx, Error, args, fact, filing, finding};
use domain::{
    fact::{Fact, FactKey, Place},
    id::{DocumentId, FilingId},
};

use crate::{
    cast::{Cast, opened, pdf, upload},
    on_both,
};

pub(crate) fn said(key: FactKey, value: &str) -> Fact {
    Fact {
        key,
        period: None,
        entry: None,
        value: value.into(),
        said: value.into(),
        place: Place { page: 1, area: None, cell: None },
        confidence: 95,
    }
}

/// A document whose reading found this.
pub(crate) async fn studied(cx: &Cx, id: FilingId, slot: &str, facts: &[Fact]) -> DocumentId {
    let name = format!("{slot}.pdf");
    let added = upload(cx, id, slot, &name, &pdf(slot)).await.unwrap();
    let mut tx = cx.db.begin().await.unwrap();
    let written = tx
        .run(
            "UPDATE document_reading SET state = 'read', facts = $1 WHERE document_id = $2 AND state = 'waiting'",
            args![serde_json::to_string(facts).unwrap(), added.document],
        )
        .await
        .unwrap();
    assert_eq!(written, 1, "an upload waits to be read");
    tx.commit().await.unwrap();
    added.document
}

async fn value(cx: &Cx, id: FilingId, field: &str) -> String {
    let shown = filing::workspace(cx, id).await.unwrap();
    let fields = shown.sections.into_iter().flat_map(|section| section.fields);
    fields.into_iter().find(|found| found.id == field).unwrap().value
}

async fn typed(cx: &Cx, id: FilingId, field: &str, raw: &str) {
    let shown = filing::workspace(cx, id).await.unwrap();
    let expected = shown
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .find(|found| found.id == field)
        .map_or(0, |found| found.version);
    let input = filing::FieldInput { field: field.into(), raw: raw.into(), expected };
    filing::save_field(cx, id, &input).await.unwrap();
}

on_both! {
    async fn proposals_fill_what_is_empty_and_nothing_else(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let licence = studied(cx, id, "business_licence", &[
            said(FactKey::RegisteredCapital, "30000000.00"),
            said(FactKey::LegalRepresentative, "陈某某"),
        ]).await;
        typed(cx, id, "legal_representative", "王某某").await;

        let proposals = fact::proposals(cx, id).await.unwrap();
        let capital = proposals.fields.iter().find(|one| one.field == "registered_capital").unwrap();
        assert_eq!((capital.value.as_str(), capital.unambiguous), ("30000000.00", true));
        assert_eq!((capital.sources[0].document, capital.sources[0].place.page), (licence, 1));

        fact::adopt(cx, id, None).await.unwrap();
        assert_eq!(value(cx, id, "registered_capital").await, "30000000.00");
        assert_eq!(value(cx, id, "legal_representative").await, "王某某", "what was typed stays");
        // By name a person may take it all the same; the document's word was there all the time.
        fact::adopt(cx, id, Some("legal_representative")).await.unwrap();
        assert_eq!(value(cx, id, "legal_representative").await, "陈某某");
        assert!(matches!(fact::adopt(cx, id, Some("contact_phone")).await, Err(Error::NotFound)));

        for other in [&cast.stranger, &cast.accountant, &cast.reviewer, &cast.supervisor] {
            assert!(matches!(fact::proposals(other, id).await, Err(Error::NotFound)));
            assert!(matches!(fact::adopt(other, id, None).await, Err(Error::NotFound)));
        }
    }

    async fn what_a_page_showed_is_taken_and_nothing_else(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        studied(cx, id, "business_licence", &[said(FactKey::RegisteredCapital, "30000000.00")]).await;
        studied(cx, id, "articles_of_association", &[said(FactKey::RegisteredCapital, "20000000.00")]).await;
        let shown = |value: &str, version| {
            let shown = fact::Shown { value: value.into(), version };
            std::collections::BTreeMap::from([("registered_capital".to_owned(), shown)])
        };
        // Not what any document says.
        assert!(matches!(fact::adopt_shown(cx, id, &shown("10000000.00", 0)).await, Err(Error::Conflict(_))));
        // The one that a person chose, though the licence says otherwise.
        fact::adopt_shown(cx, id, &shown("20000000.00", 0)).await.unwrap();
        assert_eq!(value(cx, id, "registered_capital").await, "20000000.00");
        // A colleague typed meanwhile: told, not overwritten.
        typed(cx, id, "registered_capital", "2500万元").await;
        let result = fact::adopt_shown(cx, id, &shown("30000000.00", 1)).await.unwrap();
        assert_eq!(result.conflicts().count(), 1, "{result:?}");
        assert_eq!(value(cx, id, "registered_capital").await, "25000000.00");
        assert!(matches!(fact::adopt_shown(&cast.stranger, id, &shown("30000000.00", 2)).await, Err(Error::NotFound)));
    }

    async fn a_contradiction_is_found_explained_and_kept(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        assert!(finding::list(cx, id).await.unwrap().is_empty(), "nothing is concluded from nothing");
        studied(cx, id, "business_licence", &[said(FactKey::LegalRepresentative, "陈某某")]).await;
        studied(cx, id, "legal_opinion", &[said(FactKey::LegalRepresentative, "李某某")]).await;
        let found = finding::list(cx, id).await.unwrap();
        let one = found.iter().find(|view| view.finding.sources.len() >= 2).unwrap_or_else(|| panic!("{found:#?}"));
        let texts: Vec<&str> = one.finding.sources.iter().map(|source| source.said.as_str()).collect();
        assert!(texts.contains(&"陈某某") && texts.contains(&"李某某"), "{texts:?}");

        let name = one.finding.id.clone();
        finding::explain(cx, id, &name, " 已办理变更登记。 ").await.unwrap();
        let kept = finding::explanations(cx, id).await.unwrap();
        assert_eq!((kept.len(), kept[0].reason.as_str(), kept[0].by.as_str()), (1, "已办理变更登记。", "王一"));
        assert!(finding::list(cx, id).await.unwrap().iter().any(|view| view.explanation.is_some()));
        // Firms that are not engaged, and everybody else before the first submission, learn nothing.
        for other in [&cast.stranger, &cast.reviewer, &cast.supervisor] {
            assert!(matches!(finding::explanations(other, id).await, Err(Error::NotFound)));
            assert!(matches!(finding::explain(other, id, &name, "x").await, Err(Error::NotFound)));
        }
        finding::explain(cx, id, &name, "").await.unwrap();
        assert!(finding::explanations(cx, id).await.unwrap().is_empty());
        assert!(matches!(finding::explain(cx, id, "no_such", "x").await, Err(Error::NotFound)));
        assert!(matches!(finding::explain(cx, id, &name, &"长".repeat(1_001)).await, Err(Error::Invalid(_))));
    }
}
