//! Who else is at work on a filing, and what was saved meanwhile.

use backend::{
    Cx, Error, args,
    filing::{
        self, FieldInput,
        presence::{self, Around, Page},
    },
};
use domain::{actor::Role, id::FilingId};
use time::Duration;

use crate::{
    cast::{Cast, colleague, opened},
    on_both,
};

async fn around(cx: &Cx, id: FilingId, tab: &str, field: &str, since: i64) -> Around {
    presence::around(cx, id, &Page { tab, field, since, leaving: false }).await.expect("an answer")
}

fn names(around: &Around) -> Vec<(&str, bool, &str)> {
    around.others.iter().map(|other| (other.name.as_str(), other.own, other.field.as_str())).collect()
}

on_both! {
    async fn colleagues_see_each_other_until_they_leave(world: World) {
        let cast = Cast::of(&world).await;
        let me = &cast.enterprise;
        let id = opened(me).await;
        let other = &colleague(&world, me, Role::Preparer, "钱二").await;
        assert_eq!(names(&around(me, id, "my-window", "", 0).await), []);
        assert_eq!(names(&around(other, id, "their-window", "short_name", 0).await), [("王一", false, "")]);
        assert_eq!(names(&around(me, id, "my-window", "", 0).await), [("钱二", false, "short_name")]);
        // Another window of one's own; a field that no rule pack has is no field.
        assert_eq!(
            names(&around(me, id, "my-second-window", "<script>", 0).await),
            [("王一", true, ""), ("钱二", false, "short_name")]
        );
        // Who leaves is gone at once, who falls silent after half a minute.
        let bye = Page { tab: "their-window", field: "", since: 0, leaving: true };
        presence::around(other, id, &bye).await.unwrap();
        assert_eq!(names(&around(me, id, "my-window", "", 0).await), [("王一", true, "")]);
        world.services.clock.advance(Duration::seconds(31));
        assert_eq!(names(&around(me, id, "my-window", "", 0).await), []);
        let (kept,): (i64,) = me.db.read().one("SELECT COUNT(*) FROM presence", args![]).await.unwrap();
        assert_eq!(kept, 1, "what is over is cleared away");
    }

    async fn what_was_saved_since_comes_with_it(world: World) {
        let cast = Cast::of(&world).await;
        let me = &cast.enterprise;
        let id = opened(me).await;
        let other = &colleague(&world, me, Role::OrgAdmin, "钱二").await;
        let shown = filing::workspace(me, id).await.unwrap().filing.updated_at;
        world.services.clock.advance(Duration::seconds(20));
        let input = FieldInput { field: "short_name".into(), raw: "示例".into(), expected: 0 };
        filing::save_field(other, id, &input).await.unwrap();
        let found = around(me, id, "my-window", "", shown).await;
        let saved = found.saved.iter().find(|saved| saved.field == "short_name").expect("it was saved");
        assert_eq!((saved.value.as_str(), saved.version, saved.by.as_str()), ("示例", 1, "钱二"));
        // A save that was under way when the page asked is not passed over, and an old one does not come for ever.
        assert!(around(me, id, "my-window", "", found.now).await.saved.iter().any(|saved| saved.field == "short_name"));
        world.services.clock.advance(Duration::seconds(20));
        let later = around(me, id, "my-window", "", 0).await.now;
        assert!(around(me, id, "my-window", "", later).await.saved.is_empty());
    }

    async fn it_is_nobody_elses_business_and_no_act(world: World) {
        let cast = Cast::of(&world).await;
        let id = opened(&cast.enterprise).await;
        for cx in [&cast.stranger, &cast.accountant, &cast.reviewer, &cast.operator, &cast.supervisor] {
            let page = Page { tab: "some-window", field: "", since: 0, leaving: false };
            assert!(matches!(presence::around(cx, id, &page).await, Err(Error::NotFound)));
        }
        for tab in ["", "short", "with space in it", &"x".repeat(65)] {
            let page = Page { tab, field: "", since: 0, leaving: false };
            assert!(matches!(presence::around(&cast.enterprise, id, &page).await, Err(Error::Invalid(_))), "{tab}");
        }
        let count = "SELECT COUNT(*) FROM filing_moment";
        let (before,): (i64,) = cast.enterprise.db.read().one(count, args![]).await.unwrap();
        around(&cast.enterprise, id, "my-window", "short_name", 0).await;
        let (after,): (i64,) = cast.enterprise.db.read().one(count, args![]).await.unwrap();
        assert_eq!(before, after, "looking around is not working on it");
    }
}
