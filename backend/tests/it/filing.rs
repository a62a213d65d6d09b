//! Opening a filing, typing into it, seeing it.

use backend::{
    Error, db,
    filing::{self, FieldInput, FieldSave, Filter, Submission},
    page::Paging,
    rule_pack,
};
use domain::{actor::Standing, workflow::StageName};

use crate::{
    cast::{Cast, fill_fields, fill_slots, opened, pdf, said, standing, upload, with_settings},
    on_both,
};

fn input(field: &str, raw: &str, expected: i64) -> FieldInput {
    FieldInput { field: field.into(), raw: raw.into(), expected }
}

on_both! {
    async fn a_filing_is_opened_once_per_key_and_knows_the_enterprise(world: World) {
        let cast = Cast::of(&world).await;
        let id = filing::open(&cast.enterprise, "key-0001", "growth").await.unwrap();
        assert_eq!(filing::open(&cast.enterprise, "key-0001", "growth").await.unwrap(), id);
        assert_ne!(filing::open(&cast.stranger, "key-0001", "growth").await.unwrap(), id);

        let shown = filing::workspace(&cast.enterprise, id).await.unwrap();
        assert_eq!(shown.filing.stage, StageName::Draft);
        assert_eq!((shown.filing.board.as_str(), shown.filing.board_name.zh.as_str()), ("growth", "成长板"));
        assert_eq!(shown.filing.pack_sha256, domain::rule_pack::RulePack::listing().sha256_hex());
        let value = |id: &str| {
            shown.sections.iter().flat_map(|s| &s.fields).find(|f| f.id == id).unwrap().value.clone()
        };
        assert_eq!(value("company_name"), "苏州示例智造股份有限公司");
        assert_eq!(value("city"), "suzhou");
        assert_eq!(shown.slots.len(), 23);
        assert!(shown.allowed.edit && shown.allowed.submit && !shown.allowed.attest);
        assert_eq!(shown.timeline.len(), 1);
        assert!(filing::open(&cast.enterprise, "key-0002", "moon").await.is_err());
    }

    async fn opening_at_the_same_time_with_one_key_opens_one(world: World) {
        let cast = Cast::of(&world).await;
        let all = futures::future::join_all((0..20).map(|_| filing::open(&cast.enterprise, "same-key", "value"))).await;
        let first = *all[0].as_ref().unwrap();
        assert!(all.iter().all(|one| *one.as_ref().unwrap() == first));
    }

    async fn an_organisation_has_so_many_drafts_and_no_more(world: World) {
        let cast = Cast::of(&world).await;
        let mut settings = backend::settings::Settings::for_tests();
        settings.open_drafts = 3;
        let cx = &with_settings(&world, settings.clone(), &cast.enterprise);
        let keys: Vec<String> = (0..10).map(|n| format!("draft-{n:04}")).collect();
        let all = futures::future::join_all(keys.iter().map(|key| filing::open(cx, key, "growth"))).await;
        let opened: Vec<_> = all.iter().filter_map(|one| one.as_ref().ok().copied()).collect();
        assert_eq!(opened.len(), 3, "ten at once: {all:?}");
        let refused = said(filing::open(cx, "draft-more", "growth").await);
        assert!(refused.contains("3 份") && refused.contains("撤回"), "{refused}");
        // The same key finds its filing, others have their own, and a withdrawn one makes room.
        let at = all.iter().position(Result::is_ok).unwrap();
        assert_eq!(filing::open(cx, &keys[at], "growth").await.unwrap(), opened[0]);
        assert!(filing::open(&with_settings(&world, settings, &cast.stranger), "draft-0001", "growth").await.is_ok());
        filing::withdraw(cx, opened[0]).await.unwrap();
        filing::open(cx, "draft-more", "growth").await.unwrap();
    }

    async fn others_do_not_find_it(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        for cx in [&cast.stranger, &cast.accountant, &cast.reviewer, &cast.second, &cast.operator, &cast.supervisor] {
            assert!(matches!(filing::workspace(cx, id).await, Err(Error::NotFound)));
            assert!(matches!(filing::save_field(cx, id, &input("short_name", "x", 0)).await, Err(Error::NotFound)));
            assert!(matches!(filing::submit(cx, id, "key-key-key", cx.now()).await, Err(Error::NotFound)));
            assert!(matches!(filing::withdraw(cx, id).await, Err(Error::NotFound)));
            assert_eq!(filing::list(cx, &Filter::default()).await.unwrap().total, 0);
        }
        assert!(matches!(filing::workspace(&world.anonymous(), id).await, Err(Error::SignedOut)));
    }

    async fn values_are_normalised_and_bad_ones_are_not_stored(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let save = filing::save_field(&cast.enterprise, id, &input("registered_capital", "3,000 万元", 0)).await.unwrap();
        assert!(matches!(&save, FieldSave::Saved { value, version: 1, .. } if value == "30000000.00"), "{save:?}");

        let bad = filing::save_field(&cast.enterprise, id, &input("established_date", "去年", 0)).await;
        let Err(Error::Invalid(errors)) = bad else { panic!("{bad:?}") };
        assert!(errors.0.contains_key("established_date"));

        let form = [input("short_name", "示例智造", 0), input("holder_count", "许多", 0), input("nothing", "x", 0)];
        let result = filing::save_fields(&cast.enterprise, id, &form).await.unwrap();
        assert_eq!(result.saved.len(), 1);
        assert_eq!(result.errors.0.keys().collect::<Vec<_>>(), ["holder_count", "nothing"]);
        let shown = filing::workspace(&cast.enterprise, id).await.unwrap();
        let version = |id: &str| shown.sections.iter().flat_map(|s| &s.fields).find(|f| f.id == id).unwrap().version;
        assert_eq!((version("short_name"), version("holder_count"), version("established_date")), (1, 0, 0));
    }

    async fn two_tabs_merge_by_field_and_a_real_conflict_shows_both_values(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let cx = &cast.enterprise;
        filing::save_field(cx, id, &input("short_name", "甲", 0)).await.unwrap();
        // The other tab was filled before that: another field goes through, the same value too, a different one not.
        filing::save_field(cx, id, &input("industry", "制造业", 0)).await.unwrap();
        let same = filing::save_field(cx, id, &input("short_name", "甲", 0)).await.unwrap();
        assert!(matches!(same, FieldSave::Saved { version: 1, .. }));
        let conflict = filing::save_field(cx, id, &input("short_name", "乙", 0)).await.unwrap();
        let FieldSave::Conflict { yours, theirs, version, by, .. } = conflict else { panic!("{conflict:?}") };
        assert_eq!((yours.as_str(), theirs.as_str(), by.as_str(), version), ("乙", "甲", "王一", 1));
        let kept = filing::save_field(cx, id, &input("short_name", "乙", version)).await.unwrap();
        assert!(matches!(kept, FieldSave::Saved { version: 2, .. }));
    }

    async fn a_limited_organisation_finishes_but_starts_nothing(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let limited = standing(&cast.enterprise, Standing::Limited);
        assert!(filing::save_field(&limited, id, &input("short_name", "甲", 0)).await.is_ok());
        assert!(matches!(filing::open(&limited, "key-limited", "growth").await, Err(Error::Denied(_))));
        assert!(matches!(filing::request_attestation(&limited, id).await, Err(Error::Denied(_))));
        let closed = standing(&cast.enterprise, Standing::Closed);
        assert!(filing::workspace(&closed, id).await.is_ok());
        assert!(matches!(filing::save_field(&closed, id, &input("short_name", "乙", 1)).await, Err(Error::Denied(_))));
        assert!(matches!(filing::withdraw(&closed, id).await, Err(Error::Denied(_))));
    }

    async fn an_incomplete_filing_is_told_what_is_missing_and_stays_a_draft(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let answer = filing::submit(&cast.enterprise, id, "submit-key", world.services.clock.now()).await.unwrap();
        let Submission::Missing(what) = answer else { panic!("{answer:?}") };
        assert!(what.missing_fields.iter().any(|field| field.id == "short_name"));
        assert!(what.missing_slots.iter().any(|slot| slot.id.as_str() == "audit_report"));
        fill_fields(&cast.enterprise, id).await;
        fill_slots(&cast.enterprise, id).await;
        let answer = filing::submit(&cast.enterprise, id, "submit-key", world.services.clock.now()).await.unwrap();
        let Submission::Missing(what) = answer else { panic!("{answer:?}") };
        assert!(what.is_ready_for_attestation() && !what.unattested_slots.is_empty());
        let shown = filing::workspace(&cast.enterprise, id).await.unwrap();
        assert_eq!((shown.filing.stage, shown.filing.submissions), (StageName::Draft, 0));
    }

    async fn the_workspace_takes_the_same_number_of_queries_whatever_it_holds(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        let (_, empty) = db::count::queries(filing::workspace(&cast.enterprise, id)).await;
        fill_fields(&cast.enterprise, id).await;
        fill_slots(&cast.enterprise, id).await;
        let (_, full) = db::count::queries(filing::workspace(&cast.enterprise, id)).await;
        assert_eq!((empty, full), (9, 9));
        let (_, list) = db::count::queries(filing::list(&cast.enterprise, &Filter::default())).await;
        assert_eq!(list, 2);
    }

    async fn lists_search_filter_sort_and_page(world: World) {
        let cast = Cast::of(&world).await;
        for n in 0..5 {
            world.services.clock.advance(time::Duration::minutes(1));
            let board = if n == 0 { "value" } else { "growth" };
            filing::open(&cast.enterprise, &format!("key-{n:05}"), board).await.unwrap();
        }
        let total = async |filter: Filter| filing::list(&cast.enterprise, &filter).await.unwrap().total;
        assert_eq!(total(Filter::default()).await, 5);
        assert_eq!(total(Filter { search: "示例智造".into(), ..Filter::default() }).await, 5);
        assert_eq!(total(Filter { search: "564759688n".into(), ..Filter::default() }).await, 5);
        assert_eq!(total(Filter { search: "100%_".into(), ..Filter::default() }).await, 0);
        assert_eq!(total(Filter { board: "value".into(), ..Filter::default() }).await, 1);
        assert_eq!(total(Filter { city: "nanjing".into(), ..Filter::default() }).await, 0);
        assert_eq!(total(Filter { stage: Some(StageName::Draft), ..Filter::default() }).await, 5);
        assert_eq!(total(Filter { overdue: true, ..Filter::default() }).await, 0);
        for sort in filing::Sort::ALL {
            let page = Filter { sort, paging: Paging { page: 2, size: 2 }, ..Filter::default() };
            let page = filing::list(&cast.enterprise, &page).await.unwrap();
            assert_eq!((page.rows.len(), page.total, page.pages()), (2, 5, 3));
        }
        let newest = Filter { sort: filing::Sort::Created, ..Filter::default() };
        let rows = filing::list(&cast.enterprise, &newest).await.unwrap().rows;
        assert!(rows.windows(2).all(|pair| pair[0].created_at > pair[1].created_at));
    }

    async fn rule_packs_are_stored_and_their_release_is_anchored_once(world: World) {
        let cx = world.anonymous();
        assert_eq!(rule_pack::store(&cx).await.unwrap(), 0, "no exchange yet");
        let cast = Cast::of(&world).await;
        assert_eq!(rule_pack::store(&cx).await.unwrap(), 1);
        assert_eq!(rule_pack::store(&cx).await.unwrap(), 0);
        opened(&cast.enterprise).await;
        let packs = rule_pack::list(&cx).await.unwrap();
        assert_eq!(packs.len(), 1);
        assert_eq!((packs[0].slots, packs[0].filings), (23, 1));
    }

    async fn withdrawing_keeps_everything_and_ends_editing(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        upload(&cast.enterprise, id, "application_letter", "申请书.pdf", &pdf("1")).await.unwrap();
        filing::withdraw(&cast.enterprise, id).await.unwrap();
        let shown = filing::workspace(&cast.enterprise, id).await.unwrap();
        assert_eq!(shown.filing.stage, StageName::Withdrawn);
        assert_eq!(shown.slots[0].documents.len(), 1);
        assert!(matches!(filing::withdraw(&cast.enterprise, id).await, Err(Error::Refused(_))));
        assert!(upload(&cast.enterprise, id, "application_letter", "二.pdf", &pdf("2")).await.is_err());
    }
}
