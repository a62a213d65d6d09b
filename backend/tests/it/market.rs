//! Looking through the market: figures, companies, filings, documents, and nothing of a draft.

use backend::{
    Cx, Error, db,
    filing::{self, Filter},
    market::{self, CompanyFilter, CompanySort},
};
use domain::workflow::StageName;
use time::Duration;

use crate::{
    cast::{Cast, opened, pdf, upload},
    on_both,
    review::{listed, look, submitted},
};

async fn queries(cx: &Cx, company: domain::id::OrgId, id: domain::id::FilingId) -> [u32; 5] {
    [
        db::count::queries(market::overview(cx)).await.1,
        db::count::queries(market::companies(cx, &CompanyFilter::default())).await.1,
        db::count::queries(market::company(cx, company)).await.1,
        db::count::queries(market::filings(cx, &Filter::default())).await.1,
        db::count::queries(market::filing(cx, id)).await.1,
    ]
}

on_both! {
    async fn drafts_are_nobody_elses_business(world: World) {
        let cast = Cast::of(&world).await;
        let draft = opened(&cast.enterprise).await;
        let added = upload(&cast.enterprise, draft, "audit_report", "一.pdf", &pdf("1")).await.unwrap();
        let cx = &cast.supervisor;
        assert!(matches!(market::filing(cx, draft).await, Err(Error::NotFound)));
        assert!(matches!(market::document(cx, added.document).await, Err(Error::NotFound)));
        assert_eq!(market::filings(cx, &Filter::default()).await.unwrap().total, 0);
        let company = market::company(cx, cast.enterprise.actor().unwrap().org).await.unwrap();
        assert!(company.filings.is_empty() && company.events.is_empty());
        for seq in 1..5 {
            assert!(matches!(market::event(cx, seq).await, Err(Error::NotFound)));
        }
        let figures = market::overview(cx).await.unwrap();
        assert_eq!((figures.companies, figures.in_review, figures.median_preparation), (2, 0, None));
        for other in [&cast.enterprise, &cast.sponsor, &cast.reviewer] {
            assert!(matches!(market::overview(other).await, Err(Error::Denied(_))));
            assert!(matches!(market::companies(other, &CompanyFilter::default()).await, Err(Error::Denied(_))));
            assert!(matches!(market::filing(other, draft).await, Err(Error::Denied(_))));
        }
        assert!(matches!(market::overview(&world.anonymous()).await, Err(Error::SignedOut)));
    }

    async fn the_market_in_figures_follows_its_filings(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.supervisor;
        let company = cast.enterprise.actor().unwrap().org;
        let (id, _) = submitted(&cast).await;
        let figures = market::overview(cx).await.unwrap();
        assert_eq!((figures.in_review, figures.overdue, figures.median_preparation), (1, 0, Some(1_000_000)));
        assert_eq!(figures.by_city[0].name.zh, "苏州市");
        assert_eq!(figures.by_board[0].name.zh, "成长板");
        assert_eq!((figures.months.len(), figures.months[11].submitted), (12, 1));
        assert_eq!(figures.first_pass_percent, None);

        // One query plan per page, whatever is in it.
        let before = queries(cx, company, id).await;
        world.services.clock.advance(Duration::days(9));
        assert_eq!(market::overview(cx).await.unwrap().overdue, 1);
        assert_eq!(listed(&cast, id).await, "JS000001G");
        assert_eq!(queries(cx, company, id).await, before);
        assert_eq!(before, [8, 2, 5, 2, 9]);

        let figures = market::overview(cx).await.unwrap();
        assert_eq!((figures.listed, figures.in_review, figures.overdue), (1, 0, 0));
        assert_eq!((figures.first_decisions, figures.first_pass, figures.first_pass_percent), (1, 1, Some(100)));
        assert_eq!(figures.by_stage[0].key, "listed");

        for sort in CompanySort::ALL {
            let page = market::companies(cx, &CompanyFilter { sort, ..CompanyFilter::default() }).await.unwrap();
            assert_eq!(page.total, 2);
        }
        let narrowed = CompanyFilter { search: "js000001".into(), stage: Some(StageName::Listed), board: "growth".into(), ..CompanyFilter::default() };
        let page = market::companies(cx, &narrowed).await.unwrap();
        assert_eq!((page.total, page.rows[0].last_filing, page.rows[0].filings), (1, Some(id), 1));
        let record = market::company(cx, company).await.unwrap();
        assert_eq!((record.filings.len(), record.record.code.as_deref()), (1, Some("JS000001G")));
        let kinds: Vec<&str> = record.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["listed", "publicised", "approved", "recommended", "accepted", "submitted"]);
        assert_eq!(market::event(cx, record.events[0].seq).await.unwrap().kind, "listed");

        let seen = market::filing(cx, id).await.unwrap();
        assert_eq!((seen.versions.len(), seen.live), (1, false));
        assert_eq!(market::filing_version(cx, id, 1).await.unwrap().slots.iter().filter(|s| s.attested).count(), 7);
        let report = seen.slots.iter().find(|slot| slot.id.as_str() == "audit_report").unwrap().documents[0].id;
        let document = market::document(cx, report).await.unwrap();
        assert_eq!((document.versions.len(), document.versions[0].used_in.as_slice()), (1, [1].as_slice()));
        let counts = market::public_counts(&world.anonymous()).await.unwrap();
        assert_eq!((counts.companies, counts.listed, counts.submissions), (2, 1, 1));
        assert_eq!(look(&cast.enterprise, id).await.filing.stage, StageName::Listed);
        assert!(filing::list(cx, &Filter { overdue: true, ..Filter::default() }).await.unwrap().rows.is_empty());
    }
}
