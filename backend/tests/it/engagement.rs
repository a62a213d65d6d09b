//! The firms that documents name, proposed and engaged at once: the right ones by name and code, only those a person ticked, each for
//! its own slots, and never two of a kind.

use backend::{Error, engagement, engagement::Found, error::Conflict, filing};
use domain::{actor::OrgKind, fact::FactKey, id::OrgId};

use crate::{
    cast::{Cast, opened},
    fact::{said, studied},
    on_both,
};

on_both! {
    async fn named_firms_are_engaged_with_one_press(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        assert!(engagement::named(cx, id).await.unwrap().is_empty());
        // Half-width brackets, and a partnership's form left out: the same firms.
        studied(cx, id, "audit_report", &[said(FactKey::Auditor, "示例会计师事务所")]).await;
        let opinion = studied(cx, id, "legal_opinion", &[said(FactKey::LawFirm, "示例 律师事务所")]).await;
        studied(cx, id, "recommendation_opinion", &[said(FactKey::Sponsor, "没有注册的投资有限公司")]).await;

        let named = engagement::named(cx, id).await.unwrap();
        let kinds: Vec<OrgKind> = named.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [OrgKind::Sponsor, OrgKind::AccountingFirm, OrgKind::LawFirm]);
        assert_eq!(named[0].found, Found::Nobody);
        assert!(named[1].is_sure() && named[2].is_sure(), "{named:#?}");
        assert_eq!((named[2].document, named[2].slots.len()), (opinion, 1));
        let accountant = cast.accountant.actor().unwrap().org;
        let lawyer = cast.lawyer.actor().unwrap().org;
        assert_eq!(named[1].firm(), Some(accountant));

        // A firm that no document names is not among them, whoever sends its id.
        let foreign = cast.sponsor.actor().unwrap().org;
        let refused = engagement::engage_named(cx, id, &[accountant, foreign]).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::Stale))), "{refused:?}");
        assert_eq!(engagement::engage_named(cx, id, &[accountant, lawyer]).await.unwrap(), 2);
        let shown = filing::workspace(cx, id).await.unwrap();
        let slots: Vec<(OrgId, &[String])> =
            shown.engagements.iter().map(|one| (one.firm, one.slots.as_slice())).collect();
        assert!(slots.contains(&(accountant, &["audit_report".to_owned()][..])), "{slots:?}");
        assert!(slots.contains(&(lawyer, &["legal_opinion".to_owned()][..])), "{slots:?}");

        // Once: they are engaged, so nothing is proposed any more.
        let left = engagement::named(cx, id).await.unwrap();
        assert!(matches!(&left[..], [one] if one.kind == OrgKind::Sponsor), "{left:#?}");
        let again = engagement::engage_named(cx, id, &[accountant]).await;
        assert!(matches!(again, Err(Error::Conflict(Conflict::Stale))));
        for other in [&cast.stranger, &cast.reviewer, &cast.operator] {
            assert!(matches!(engagement::named(other, id).await, Err(Error::NotFound)));
            assert!(matches!(engagement::engage_named(other, id, &[accountant]).await, Err(Error::NotFound)));
        }
    }

    async fn what_is_doubtful_is_never_ticked_beforehand(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let other_code = [
            said(FactKey::Sponsor, "示例证券股份有限公司"),
            said(FactKey::SponsorCreditCode, "91320000MA00000319"),
        ];
        studied(cx, id, "recommendation_agreement", &other_code).await;
        studied(cx, id, "recommendation_opinion", &other_code).await;
        let named = engagement::named(cx, id).await.unwrap();
        let [one] = &named[..] else { panic!("{named:#?}") };
        assert!(matches!(&one.found, Found::OtherCode { printed, .. } if printed == "91320000MA00000319"));
        assert!(!one.is_sure());

        // The code decides where the name has changed; a person looks at both all the same.
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let renamed = [
            said(FactKey::Sponsor, "示例证券旧名有限公司"),
            said(FactKey::SponsorCreditCode, "913200000000000003"),
        ];
        studied(cx, id, "recommendation_opinion", &renamed).await;
        let named = engagement::named(cx, id).await.unwrap();
        let sponsor = cast.sponsor.actor().unwrap().org;
        assert!(matches!(&named[..], [one] if one.firm() == Some(sponsor) && !one.is_sure()), "{named:#?}");
        assert_eq!(engagement::engage_named(cx, id, &[sponsor]).await.unwrap(), 1);
    }
}
