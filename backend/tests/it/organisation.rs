//! Organisations: coming to the market, being verified, being sanctioned, being found.

use backend::{
    Error, args,
    error::Conflict,
    organisation::{
        self, bootstrap,
        list::{self, Filter, Sort},
        register::{self, Particulars},
        standing,
    },
    page::Paging,
};
use domain::{
    access::Denied,
    actor::{OrgKind, Standing},
};

use crate::{
    identity::{GOOD_CODE, ODD_CODE, PASSWORD, form, operator, particulars, registered, wrong_fields},
    on_both,
};

on_both! {
    async fn registers_and_is_verified(world: World) {
        let boss = operator(&world).await;
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let id = me.actor().unwrap().org;
        let (page, queries) = backend::db::count::queries(organisation::page(&me, id)).await;
        let page = page.unwrap();
        assert_eq!(queries, 3);
        assert_eq!((page.organisation.standing, page.people), (Standing::Unverified, 1));
        assert!(!page.organisation.credit_code_suspect && page.may.edit && !page.may.verify && !page.may.manage_people);
        assert!(page.events.iter().any(|event| event.kind == "organisation.registered"));

        let seen = organisation::page(&boss, id).await.unwrap();
        assert!(seen.may.verify && !seen.may.edit);
        let version = seen.organisation.version;
        standing::verify(&boss, id, version, "与营业执照一致").await.unwrap();
        let stale = standing::verify(&boss, id, version, "").await;
        assert!(matches!(stale, Err(Error::Conflict(Conflict::Stale))));
        let now = organisation::find(&me, id).await.unwrap();
        assert_eq!((now.standing, now.verification_note.as_deref()), (Standing::Good, Some("与营业执照一致")));
        // A verified record is no longer the enterprise's to change.
        assert!(organisation::correct(&me, now.version, &particulars(GOOD_CODE)).await.is_err());
        // What went to the ledger names nobody.
        let entries: Vec<(Vec<u8>,)> = boss.db.read().all("SELECT entry FROM outbox", args![]).await.unwrap();
        for (entry,) in entries {
            let text = String::from_utf8(entry).unwrap();
            for private in [GOOD_CODE, "苏州", "王一", "wangyi", "营业执照"] {
                assert!(!text.contains(private), "{text}");
            }
        }
    }

    async fn a_refused_registration_is_corrected_and_comes_back(world: World) {
        let boss = operator(&world).await;
        let me = registered(&world, "accounting_firm", ODD_CODE, "zhangsan").await;
        let id = me.actor().unwrap().org;
        let before = organisation::find(&me, id).await.unwrap();
        assert!(before.credit_code_suspect);
        assert_eq!(wrong_fields(standing::refuse(&boss, id, before.version, " ").await), [("note".to_owned(), "required")]);
        standing::refuse(&boss, id, before.version, "代码与营业执照不符").await.unwrap();
        let cx = world.anonymous();
        let refused = crate::identity::signed_in(&cx, me.actor().unwrap().user, domain::actor::Assurance::Passkey).await;
        assert_eq!(refused.actor().unwrap().standing, Standing::Refused);
        let version = organisation::find(&refused, id).await.unwrap().version;
        assert_eq!(organisation::correct(&refused, version, &particulars(GOOD_CODE)).await.unwrap(), None);
        let lost = organisation::correct(&refused, version, &particulars(GOOD_CODE)).await;
        assert!(matches!(lost, Err(Error::Conflict(Conflict::Stale))));
        let now = organisation::find(&me, id).await.unwrap();
        assert_eq!((now.standing, now.credit_code.as_str(), now.credit_code_suspect), (Standing::Unverified, GOOD_CODE, false));
        standing::verify(&boss, id, now.version, "").await.unwrap();
    }

    async fn a_wrong_form_says_everything_at_once(world: World) {
        let cx = world.anonymous();
        let mut bad = form("exchange", "9131", "王");
        bad.password = "5201314520".into();
        bad.person_name = " ".into();
        bad.particulars.contact_phone = "call me".into();
        bad.particulars.name = "甲".repeat(101);
        let wrong = wrong_fields(register::register(&cx, &bad, None).await);
        let expected = [
            ("contact_phone", "phone.shape"), ("credit_code", "said"), ("kind", "organisation.kind"),
            ("login", "login.shape"), ("name", "too_long"), ("password", "password.common"), ("person_name", "required"),
        ];
        assert_eq!(wrong, expected.map(|(field, key)| (field.to_owned(), key)));
    }

    async fn the_same_code_registers_once_per_kind_and_a_login_once(world: World) {
        let cx = world.anonymous();
        let odd = register::register(&cx, &form("enterprise", ODD_CODE, "wangyi"), None).await.unwrap();
        assert!(odd.expected_check_digit.is_some());
        let again = register::register(&cx, &form("enterprise", &ODD_CODE.to_lowercase(), "Wangyi"), None).await;
        assert_eq!(
            wrong_fields(again),
            [("credit_code".to_owned(), "credit_code.taken"), ("login".to_owned(), "login.taken")]
        );
        let good = register::register(&cx, &form("law_firm", ODD_CODE, "wangyi2"), None).await.unwrap();
        assert_ne!(good.organisation, odd.organisation);
        // Two at the very same moment: one wins, the other gets an answer it can act on.
        let (a, b) = (form("enterprise", GOOD_CODE, "a.a"), form("enterprise", GOOD_CODE, "b.b"));
        let (a, b) = tokio::join!(register::register(&cx, &a, None), register::register(&cx, &b, None));
        assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1);
        let lost = if a.is_err() { a } else { b };
        assert!(matches!(lost, Err(Error::Invalid(_) | Error::Conflict(Conflict::Taken))), "{lost:?}");
    }

    async fn sanctions_add_up_and_are_lifted_one_by_one(world: World) {
        let boss = operator(&world).await;
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let id = me.actor().unwrap().org;
        let version = async || organisation::find(&boss, id).await.unwrap().version;
        let now = async || organisation::find(&boss, id).await.unwrap().standing;

        let early = standing::sanction(&boss, id, version().await, Standing::Warned, "未按期报送").await;
        assert_eq!(wrong_fields(early), [("standing".to_owned(), "organisation.sanction")]);
        standing::verify(&boss, id, version().await, "").await.unwrap();
        let warned = standing::sanction(&boss, id, version().await, Standing::Warned, "未按期报送").await.unwrap();
        let closed = standing::sanction(&boss, id, version().await, Standing::Closed, "信息虚假").await.unwrap();
        assert_eq!(now().await, Standing::Closed);
        standing::sanction(&boss, id, version().await, Standing::Limited, "核查期间").await.unwrap();
        assert_eq!(now().await, Standing::Closed);
        standing::lift(&boss, id, version().await, closed, "已更正").await.unwrap();
        assert_eq!(now().await, Standing::Limited);
        assert!(matches!(standing::lift(&boss, id, version().await, closed, "再次").await, Err(Error::NotFound)));
        standing::lift(&boss, id, version().await, warned, "已补报").await.unwrap();
        assert_eq!(now().await, Standing::Limited);
        let page = organisation::page(&me, id).await.unwrap();
        assert_eq!(page.sanctions.len(), 3);
        assert_eq!(page.sanctions.iter().filter(|s| s.lifted_at.is_none()).count(), 1);

        let exchange = boss.actor().unwrap().org;
        let own = standing::sanction(&boss, exchange, 1, Standing::Closed, "试一试").await;
        assert_eq!(wrong_fields(own), [("standing".to_owned(), "organisation.sanction")]);
        let theirs = standing::sanction(&me, id, version().await, Standing::Good, "我很好").await;
        assert!(matches!(theirs, Err(Error::Denied(Denied::Role))));
    }

    async fn closing_before_verification_and_back(world: World) {
        let boss = operator(&world).await;
        let id = registered(&world, "enterprise", GOOD_CODE, "wangyi").await.actor().unwrap().org;
        let closed = standing::sanction(&boss, id, 1, Standing::Closed, "冒用他人名义").await.unwrap();
        assert!(matches!(standing::verify(&boss, id, 2, "").await, Err(Error::Conflict(Conflict::Stale))));
        standing::lift(&boss, id, 2, closed, "查无此事").await.unwrap();
        assert_eq!(organisation::find(&boss, id).await.unwrap().standing, Standing::Unverified);
    }

    async fn foreign_organisations_do_not_exist(world: World) {
        let boss = operator(&world).await;
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let other = registered(&world, "law_firm", GOOD_CODE, "zhaosi").await.actor().unwrap().org;
        let nobody = domain::id::OrgId(me.id());
        for id in [other, nobody, boss.actor().unwrap().org] {
            assert!(matches!(organisation::page(&me, id).await, Err(Error::NotFound)));
            assert!(matches!(organisation::find(&me, id).await, Err(Error::NotFound)));
            assert!(matches!(standing::verify(&me, id, 1, "").await, Err(Error::NotFound)));
            assert!(matches!(standing::sanction(&me, id, 1, Standing::Closed, "x").await, Err(Error::NotFound)));
        }
        assert!(matches!(organisation::page(&boss, nobody).await, Err(Error::NotFound)));
        assert!(list::list(&me, &Filter::default()).await.is_err());
        assert!(register::set_up(&me, OrgKind::Regulator, &particulars(ODD_CODE)).await.is_err());
        assert!(matches!(organisation::page(&world.anonymous(), other).await, Err(Error::SignedOut)));
    }

    async fn the_list_is_searched_filtered_sorted_and_paged(world: World) {
        let boss = operator(&world).await;
        let cx = world.anonymous();
        for (n, (name, city, code)) in [
            ("苏州示例智造股份有限公司", "苏州市", "913200000000000011"),
            ("无锡示例材料有限公司", "无锡市", "913200000000000012"),
            ("Suzhou 100%_Tools 有限公司", "苏州市", "913200000000000013"),
        ].into_iter().enumerate() {
            world.services.clock.advance(time::Duration::hours(1));
            let mut one = form("enterprise", code, &format!("admin{n}"));
            one.particulars = Particulars { name: name.into(), city: city.into(), ..one.particulars };
            register::register(&cx, &one, None).await.unwrap();
        }
        let names = async |filter: Filter| -> (Vec<String>, i64) {
            let page = list::list(&boss, &filter).await.unwrap();
            (page.rows.into_iter().map(|row| row.name).collect(), page.total)
        };
        let enterprises = Filter { kind: Some(OrgKind::Enterprise), ..Filter::default() };
        let (all, total) = names(enterprises.clone()).await;
        assert_eq!((all[0].as_str(), total), ("Suzhou 100%_Tools 有限公司", 3));
        let (second, total) = names(Filter { paging: Paging { page: 2, size: 2 }, ..enterprises.clone() }).await;
        assert_eq!((second, total), (vec!["苏州示例智造股份有限公司".to_owned()], 3));
        for (search, found) in [("示例", 2), ("suzhou", 1), ("100%_t", 1), ("%", 1), ("000000012", 1), ("北京", 0)] {
            assert_eq!(names(Filter { search: search.into(), ..enterprises.clone() }).await.1, found, "{search}");
        }
        let (by_name, _) = names(Filter { sort: Sort::Name, city: "苏州市".into(), ..Filter::default() }).await;
        assert_eq!(by_name.len(), 2);
        assert_eq!(names(Filter { standing: Some(Standing::Good), ..Filter::default() }).await.1, 1);
        assert_eq!(list::cities(&boss).await.unwrap().len(), 2);
        assert_eq!(list::firms(&boss, "", None).await.unwrap(), []);
    }

    async fn the_operator_sets_up_authorities(world: World) {
        let boss = operator(&world).await;
        let form = Particulars { name: "江苏示例地方金融管理局".into(), ..particulars(ODD_CODE) };
        let id = register::set_up(&boss, OrgKind::Regulator, &form).await.unwrap();
        let found = organisation::find(&boss, id).await.unwrap();
        assert_eq!((found.kind, found.standing), (OrgKind::Regulator, Standing::Good));
        let again = register::set_up(&boss, OrgKind::Regulator, &form).await;
        assert_eq!(wrong_fields(again), [("credit_code".to_owned(), "credit_code.taken")]);
    }

    async fn rules_are_accepted_in_the_version_that_was_shown(world: World) {
        let cx = world.anonymous();
        let mut without = form("enterprise", GOOD_CODE, "wangyi");
        without.accept_rules = false;
        let made = register::register(&cx, &without, None).await.unwrap();
        let (me, _) = crate::identity::with_passkey(&cx, made.person, "wangyi").await;
        assert_eq!(me.actor().unwrap().accepted_rules, None);
        assert!(organisation::page(&me, made.organisation).await.unwrap().may.accept_rules);
        assert!(matches!(organisation::accept_rules(&me, "2020.1").await, Err(Error::Conflict(Conflict::Stale))));
        organisation::accept_rules(&me, backend::settings::RULES_VERSION).await.unwrap();
        organisation::accept_rules(&me, backend::settings::RULES_VERSION).await.unwrap();
        let now = organisation::page(&me, made.organisation).await.unwrap();
        assert_eq!((now.organisation.version, now.may.accept_rules), (2, false));
    }

    async fn only_an_empty_instance_is_bootstrapped(world: World) {
        let cx = world.anonymous();
        assert!(bootstrap::is_empty(&cx).await.unwrap());
        let first = bootstrap::set_up_link(&cx).await.unwrap().unwrap();
        let second = bootstrap::set_up_link(&cx).await.unwrap().unwrap();
        assert!(matches!(backend::invitation::look_up(&cx, &first.token).await, Err(Error::NotFound)));
        assert_eq!(backend::invitation::look_up(&cx, &second.token).await.unwrap().role, domain::actor::Role::Operator);
        backend::invitation::accept(&cx, &second.token, PASSWORD).await.unwrap();
        assert!(bootstrap::set_up_link(&cx).await.unwrap().is_none());
        assert_eq!(bootstrap::operator(&cx, "yunying", PASSWORD).await.unwrap(), None);
        assert_eq!(wrong_fields(bootstrap::operator(&cx, "", "12345678").await).len(), 2);
        assert!(bootstrap::exchange_id(&cx).await.is_ok());
    }
}
