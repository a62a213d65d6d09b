//! Who looked at what: the chain holds, every way of tampering shows, and the ledger holds its head.

use backend::{
    Cx, Error,
    access_record::{
        self, Filter,
        chain::{self, Broken},
    },
    args, invitation,
    organisation::register::{self, Particulars},
    page::Paging,
};
use domain::actor::{OrgKind, Role};
use ledger::{Entry, EntryKind};

use crate::{
    World,
    identity::{GOOD_CODE, ODD_CODE, PASSWORD, operator, particulars, registered, with_passkey},
    on_both,
};

/// A supervisor and the operator.
async fn supervisor(world: &World) -> (Cx, Cx) {
    let boss = operator(world).await;
    let form = Particulars { name: "江苏示例地方金融管理局".into(), ..particulars(ODD_CODE) };
    let org = register::set_up(&boss, OrgKind::Regulator, &form).await.unwrap();
    let invite =
        invitation::Invite { name: "监管丁".into(), login: "jianguan".into(), role: Role::Supervisor };
    let issued = invitation::invite(&boss, org, &invite).await.unwrap();
    let cx = world.anonymous();
    let person = invitation::accept(&cx, &issued.token, PASSWORD).await.unwrap().signed_in.person;
    (with_passkey(&cx, person, "jianguan").await.0, boss)
}

async fn tamper(cx: &Cx, sql: &'static str) {
    let mut tx = cx.db.begin().await.unwrap();
    assert!(tx.run(sql, args![]).await.unwrap() > 0);
    tx.commit().await.unwrap();
}

async fn broken(cx: &Cx) -> Option<Broken> {
    chain::verify_chain(cx).await.unwrap().broken
}

on_both! {
    async fn the_chain_holds_and_is_anchored(world: World) {
        let (me, boss) = supervisor(&world).await;
        let empty = chain::verify_chain(&boss).await.unwrap();
        assert_eq!((empty.records, empty.broken), (0, None));
        assert_eq!(chain::anchor(&world.anonymous()).await.unwrap(), None);
        let subject = Some(me.id());
        access_record::note(&me, "supervision.filing", subject, "/supervision/filings/1?q=张三").await.unwrap();
        access_record::note(&me, "supervision.overview", None, "/supervision").await.unwrap();
        let seq = chain::anchor(&world.anonymous()).await.unwrap().unwrap();
        assert_eq!(chain::anchor(&world.anonymous()).await.unwrap(), None);
        access_record::note(&me, "supervision.overview", None, "/supervision").await.unwrap();
        let report = chain::verify_chain(&boss).await.unwrap();
        assert_eq!((report.records, report.anchors, report.broken), (3, 1, None));
        chain::anchor(&world.anonymous()).await.unwrap().unwrap();
        assert_eq!(chain::verify_chain(&boss).await.unwrap().anchors, 2);

        let (entry,): (Vec<u8>,) = boss.db.read().one("SELECT entry FROM outbox WHERE seq = $1", args![seq]).await.unwrap();
        let entry = Entry::parse(&entry).unwrap();
        assert_eq!((entry.kind, entry.object_version), (EntryKind::AccessDigest, 2));
    }

    async fn every_way_of_tampering_shows(world: World) {
        let (me, boss) = supervisor(&world).await;
        for n in 0..4 {
            access_record::note(&me, "supervision.company", None, &format!("/supervision/companies/{n}")).await.unwrap();
            if n == 1 {
                chain::anchor(&world.anonymous()).await.unwrap();
            }
        }
        assert_eq!(broken(&boss).await, None);
        tamper(&boss, "UPDATE access_record SET actor_name = '别人' WHERE seq = 3").await;
        assert_eq!(broken(&boss).await, Some(Broken::Changed { seq: 3 }));
        tamper(&boss, "UPDATE access_record SET actor_name = '监管丁' WHERE seq = 3").await;
        assert_eq!(broken(&boss).await, None);
        tamper(&boss, "UPDATE access_chain SET seq = 5 WHERE id = 1").await;
        assert_eq!(broken(&boss).await, Some(Broken::Head { seq: 4 }));
        tamper(&boss, "UPDATE access_chain SET seq = 4 WHERE id = 1").await;
        tamper(&boss, "UPDATE access_record SET outbox_seq = NULL WHERE seq = 2").await;
        assert_eq!(broken(&boss).await, Some(Broken::Anchor { seq: 1 }));
        tamper(&boss, "DELETE FROM access_record WHERE seq = 2").await;
        assert_eq!(broken(&boss).await, Some(Broken::Anchor { seq: 1 }));
        tamper(&boss, "UPDATE access_record SET outbox_seq = NULL WHERE seq = 1").await;
        assert_eq!(broken(&boss).await, Some(Broken::Missing { seq: 2 }));
    }

    async fn rewriting_the_whole_chain_does_not_agree_with_the_ledger(world: World) {
        let (me, boss) = supervisor(&world).await;
        access_record::note(&me, "supervision.company", None, "/supervision/companies/1").await.unwrap();
        chain::anchor(&world.anonymous()).await.unwrap();
        tamper(&boss, "DELETE FROM access_record").await;
        tamper(&boss, "UPDATE access_chain SET seq = 0, digest = (SELECT digest FROM access_chain) WHERE id = 1").await;
        let mut tx = boss.db.begin().await.unwrap();
        tx.run("UPDATE access_chain SET seq = 0, digest = $1 WHERE id = 1", args![[0u8; 32]]).await.unwrap();
        tx.commit().await.unwrap();
        access_record::note(&me, "supervision.company", None, "/supervision/companies/2").await.unwrap();
        tamper(&boss, "UPDATE access_record SET outbox_seq = (SELECT MAX(seq) FROM outbox WHERE kind = 'access.anchored')").await;
        assert_eq!(broken(&boss).await, Some(Broken::Anchor { seq: 1 }));
    }

    async fn many_at_once_make_one_chain(world: World) {
        let (me, boss) = supervisor(&world).await;
        let work = (0..30).map(|n| {
            let me = me.clone();
            tokio::spawn(async move { access_record::note(&me, "supervision.company", None, &format!("/c/{n}")).await })
        });
        for one in futures::future::join_all(work).await {
            one.unwrap().unwrap();
        }
        let report = chain::verify_chain(&boss).await.unwrap();
        assert_eq!((report.records, report.broken), (30, None));
    }

    async fn the_list_is_for_supervisors_and_the_operator(world: World) {
        let (me, boss) = supervisor(&world).await;
        let subject = me.id();
        access_record::note(&me, "supervision.filing", Some(subject), "/supervision/filings/1?page=2").await.unwrap();
        access_record::note(&boss, "organisation.list", None, "/admin/organisations").await.unwrap();
        let find = async |filter: Filter| access_record::list(&me, &filter).await.unwrap();
        let all = find(Filter::default()).await;
        assert_eq!((all.total, all.rows[0].what.as_str()), (2, "organisation.list"));
        assert_eq!(find(Filter { subject: Some(subject), ..Filter::default() }).await.rows[0].path, "/supervision/filings/1");
        assert_eq!(find(Filter { search: "监管".into(), ..Filter::default() }).await.total, 1);
        assert_eq!(find(Filter { what: "organisation.list".into(), ..Filter::default() }).await.total, 1);
        assert_eq!(find(Filter { org: Some(boss.actor().unwrap().org), ..Filter::default() }).await.total, 1);
        assert_eq!(find(Filter { to: Some(0), ..Filter::default() }).await.total, 0);
        assert_eq!(find(Filter { paging: Paging { page: 2, size: 1 }, ..Filter::default() }).await.rows.len(), 1);
        assert_eq!(access_record::list(&boss, &Filter::default()).await.unwrap().total, 2);
        let outsider = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        assert!(matches!(access_record::list(&outsider, &Filter::default()).await, Err(Error::NotFound | Error::Denied(_))));
        assert!(matches!(access_record::note(&world.anonymous(), "x", None, "/").await, Err(Error::SignedOut)));
    }
}
