//! Sessions: both limits, ending, and that what changes behind them acts at once.

use std::sync::Arc;

use backend::{
    args,
    session::{self, SignedIn, store::DbSessions},
    sign_in::{self, SignInStep},
};
use domain::{
    actor::{Assurance, Role, Standing},
    id::UserId,
};
use time::Duration;
use tower_sessions::{Session, SessionStore, session::Id};

use crate::{
    World,
    identity::{GOOD_CODE, operator, registered, signed_in},
    on_both,
};

fn store(world: &World) -> Arc<DbSessions> {
    Arc::new(DbSessions::new(Arc::clone(&world.services)))
}

/// Signs in as the server would and answers the cookie's id.
async fn begin(world: &World, person: UserId, agent: &str) -> Id {
    let session = Session::new(None, store(world), None);
    let signed_in = SignedIn {
        person,
        assurance: Assurance::Totp,
        since: world.services.clock.now(),
        proven_at: Some(domain::moment::to_micros(world.services.clock.now())),
    };
    session::begin(&session, signed_in, agent).await.unwrap();
    session.save().await.unwrap();
    session.id().unwrap()
}

async fn who(world: &World, id: Id) -> Option<SignedIn> {
    session::signed_in(&Session::new(Some(id), store(world), None)).await.unwrap()
}

on_both! {
    async fn a_session_ends_after_idling(world: World) {
        let person = registered(&world, "enterprise", GOOD_CODE, "wangyi").await.actor().unwrap().user;
        let id = begin(&world, person, "").await;
        for _ in 0..5 {
            world.services.clock.advance(Duration::minutes(29));
            assert_eq!(who(&world, id).await.unwrap().person, person);
        }
        world.services.clock.advance(Duration::minutes(30));
        assert_eq!(who(&world, id).await, None);
        let cx = world.anonymous();
        assert_eq!(session::last_of(&cx, &id).await.unwrap(), Some(person), "whose it was is remembered");
        assert_eq!(session::purge(&cx).await.unwrap(), 0);
        world.services.clock.advance(session::REMEMBERED);
        assert_eq!(session::purge(&cx).await.unwrap(), 1);
        assert_eq!(session::purge(&cx).await.unwrap(), 0);
        assert_eq!(session::last_of(&cx, &id).await.unwrap(), None);
    }

    async fn a_session_ends_after_eight_hours_whatever_happens(world: World) {
        let person = registered(&world, "enterprise", GOOD_CODE, "wangyi").await.actor().unwrap().user;
        let mut id = begin(&world, person, "").await;
        for step in 1..48 {
            world.services.clock.advance(Duration::minutes(10));
            let seen = who(&world, id).await.expect("within eight hours");
            if step % 12 == 0 {
                // A step-up gives a new id, not more time.
                let session = Session::new(Some(id), store(&world), None);
                session::begin(&session, SignedIn { assurance: Assurance::Passkey, ..seen }, "").await.unwrap();
                session.save().await.unwrap();
                let old = std::mem::replace(&mut id, session.id().unwrap());
                assert_ne!(old, id);
                assert_eq!(who(&world, old).await, None);
            }
        }
        world.services.clock.advance(Duration::minutes(10));
        assert_eq!(who(&world, id).await, None);
    }

    async fn reading_writes_at_most_once_a_minute_and_ids_are_hashed(world: World) {
        let person = registered(&world, "enterprise", GOOD_CODE, "wangyi").await.actor().unwrap().user;
        let id = begin(&world, person, "").await;
        let reader = world.services.db.read();
        let seen = "SELECT seen_at FROM session";
        let (before,): (i64,) = reader.one(seen, args![]).await.unwrap();
        world.services.clock.advance(Duration::seconds(59));
        who(&world, id).await.unwrap();
        assert_eq!(reader.one::<(i64,)>(seen, args![]).await.unwrap().0, before);
        world.services.clock.advance(Duration::seconds(1));
        who(&world, id).await.unwrap();
        assert_eq!(reader.one::<(i64,)>(seen, args![]).await.unwrap().0, before + 60_000_000);
        let (hash,): (Vec<u8>,) = reader.one("SELECT id_hash FROM session", args![]).await.unwrap();
        assert_eq!(hash.len(), 32);
        assert_ne!(hash[..16], id.0.to_le_bytes());
    }

    async fn an_ended_session_is_not_brought_back_by_a_late_save(world: World) {
        let person = registered(&world, "enterprise", GOOD_CODE, "wangyi").await.actor().unwrap().user;
        let id = begin(&world, person, "").await;
        let slow = Session::new(Some(id), store(&world), None);
        assert!(session::signed_in(&slow).await.unwrap().is_some());
        store(&world).delete(&id).await.unwrap();
        slow.insert("flash", "late").await.unwrap();
        slow.save().await.unwrap();
        assert_eq!(who(&world, id).await, None);
    }

    async fn contents_are_kept_and_taken_once(world: World) {
        let session = Session::new(None, store(&world), None);
        assert_eq!(session::take_flash(&session).await.unwrap(), None);
        assert!(!session.is_modified(), "looking for a message is no change");
        let flash = session::Flash { tone: session::Tone::Done, key: "saved".into(), values: vec![("n".into(), "3".into())] };
        session::flash(&session, &flash).await.unwrap();
        session::set_locale(&session, domain::locale::Locale::En).await.unwrap();
        session::keep_totp_secret(&session, "ABC").await.unwrap();
        session.save().await.unwrap();
        let again = Session::new(session.id(), store(&world), None);
        assert_eq!(session::take_flash(&again).await.unwrap(), Some(flash));
        assert_eq!(session::take_flash(&again).await.unwrap(), None);
        assert_eq!(session::locale(&again).await.unwrap(), Some(domain::locale::Locale::En));
        assert_eq!(session::totp_secret(&again).await.unwrap().as_deref(), Some("ABC"));
        session::end(&again).await.unwrap();
        assert_eq!(session::locale(&Session::new(session.id(), store(&world), None)).await.unwrap(), None);
    }

    async fn people_see_and_end_their_own_sessions_only(world: World) {
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let other = registered(&world, "law_firm", GOOD_CODE, "zhaosi").await;
        let user = me.actor().unwrap().user;
        let here = begin(&world, user, "Firefox\n/140").await;
        let there = begin(&world, user, "Edge").await;
        let foreign = begin(&world, other.actor().unwrap().user, "").await;

        let lines = session::list(&me, Some(&here)).await.unwrap();
        assert_eq!(lines.len(), 2);
        let current = lines.iter().find(|line| line.current).unwrap();
        assert_eq!(current.agent, "Firefox/140");
        let elsewhere = lines.iter().find(|line| !line.current).unwrap();
        assert!(matches!(session::end_one(&other, &elsewhere.handle).await, Err(backend::Error::NotFound)));
        session::end_one(&me, &elsewhere.handle).await.unwrap();
        assert_eq!(who(&world, there).await, None);
        assert!(matches!(session::end_one(&me, &elsewhere.handle).await, Err(backend::Error::NotFound)));

        begin(&world, user, "phone").await;
        assert_eq!(session::end_others(&me, Some(&here)).await.unwrap(), 1);
        assert!(who(&world, here).await.is_some());
        assert!(who(&world, foreign).await.is_some());
    }

    async fn role_standing_and_disabling_act_with_the_next_request(world: World) {
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let cx = world.anonymous();
        let user = me.actor().unwrap().user;
        let session = SignedIn { person: user, assurance: Assurance::Totp, since: cx.now(), proven_at: Some(domain::moment::to_micros(cx.now())) };
        let (found, queries) = backend::db::count::queries(session::actor_of(&cx, &session)).await;
        let actor = found.unwrap().unwrap();
        assert_eq!((actor.role, actor.standing, queries), (Role::OrgAdmin, Standing::Unverified, 1));
        assert_eq!(actor.accepted_rules.as_deref(), Some(backend::settings::RULES_VERSION));

        let mut tx = cx.db.begin().await.unwrap();
        tx.run("UPDATE person SET role = 'preparer' WHERE id = $1", args![user]).await.unwrap();
        tx.run("UPDATE organisation SET standing = 'limited', rules_version = '2020.1' WHERE id = $1", args![actor.org]).await.unwrap();
        tx.commit().await.unwrap();
        let actor = session::actor_of(&cx, &session).await.unwrap().unwrap();
        assert_eq!((actor.role, actor.standing), (Role::Preparer, Standing::Limited));
        assert_eq!(actor.accepted_rules, None, "an older version is asked for again");

        let mut tx = cx.db.begin().await.unwrap();
        tx.run("UPDATE person SET active = 0 WHERE id = $1", args![user]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(session::actor_of(&cx, &session).await.unwrap(), None);
    }

    async fn roles_that_need_a_passkey_must_use_it(world: World) {
        let boss = operator(&world).await;
        let cx = world.anonymous();
        let user = boss.actor().unwrap().user;
        assert!(boss.actor().unwrap().is_fully_signed_in());
        // A time-based code, wherever it came from, is not enough beside a passkey.
        let with_code = signed_in(&cx, user, Assurance::Totp).await;
        assert_eq!(with_code.actor().unwrap().assurance, Assurance::Password);
        let half = SignedIn { person: user, assurance: Assurance::Password, since: cx.now(), proven_at: Some(domain::moment::to_micros(cx.now())) };
        let next = sign_in::pending(&cx, &half).await.unwrap();
        assert_eq!(next, SignInStep::NeedsSecondFactor { totp: false, passkey: true });

        let mut tx = cx.db.begin().await.unwrap();
        tx.run("DELETE FROM passkey", args![]).await.unwrap();
        tx.commit().await.unwrap();
        let without = signed_in(&cx, user, Assurance::Totp).await;
        assert!(without.actor().unwrap().must_enrol_passkey);
        let next = sign_in::pending(&cx, &SignedIn { assurance: Assurance::Totp, ..half }).await.unwrap();
        assert_eq!(next, SignInStep::MustEnrol { passkey: true });
    }
}
