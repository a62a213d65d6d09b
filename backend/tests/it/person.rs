//! People: invited, re-ranked, disabled, never without somebody who can manage them; and their tokens.

use backend::{
    Error, args,
    error::Conflict,
    invitation::{self, Invite},
    organisation::standing,
    page::Paging,
    person, session,
    sign_in::SignInStep,
    token,
};
use domain::{
    access::Denied,
    actor::{Assurance, Role, Standing},
    id::{OrgId, TokenId, UserId},
};
use time::Duration;

use crate::{
    World,
    identity::{
        GOOD_CODE, PASSWORD, operator, password_step, registered, rejected, signed_in, with_passkey,
        wrong_fields,
    },
    on_both,
};

/// A verified organisation's administrator, fully signed in.
async fn verified(world: &World, boss: &backend::Cx, kind: &str, login: &str) -> backend::Cx {
    let me = registered(world, kind, GOOD_CODE, login).await;
    let actor = me.actor().unwrap();
    standing::verify(boss, actor.org, 1, "").await.unwrap();
    signed_in(&world.anonymous(), actor.user, Assurance::Passkey).await
}

fn invite(login: &str, role: Role) -> Invite {
    Invite { name: "李二".into(), login: login.into(), role }
}

async fn join(world: &World, me: &backend::Cx, login: &str, role: Role) -> UserId {
    let issued = invitation::invite(me, me.actor().unwrap().org, &invite(login, role)).await.unwrap();
    invitation::accept(&world.anonymous(), &issued.token, PASSWORD).await.unwrap().signed_in.person
}

on_both! {
    async fn invited_once_within_seven_days(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let cx = world.anonymous();
        let org = me.actor().unwrap().org;
        let issued = invitation::invite(&me, org, &invite(" Li.Er ", Role::Preparer)).await.unwrap();
        let shown = invitation::look_up(&cx, &issued.token).await.unwrap();
        assert_eq!((shown.login.as_str(), shown.name.as_str(), shown.role), ("li.er", "李二", Role::Preparer));
        assert_eq!(
            wrong_fields(invitation::accept(&cx, &issued.token, "li.er").await),
            [("password".to_owned(), "password.too_short")]
        );
        let accepted = invitation::accept(&cx, &issued.token, PASSWORD).await.unwrap();
        assert_eq!(accepted.next, SignInStep::MustEnrol { passkey: false });
        assert!(matches!(invitation::accept(&cx, &issued.token, PASSWORD).await, Err(Error::NotFound)));
        password_step(&cx, "li.er", PASSWORD).await.unwrap();

        let late = invitation::invite(&me, org, &invite("late", Role::Preparer)).await.unwrap();
        world.services.clock.advance(Duration::days(7));
        assert!(matches!(invitation::look_up(&cx, &late.token).await, Err(Error::NotFound)));
        assert!(matches!(invitation::accept(&cx, "no-such-token", PASSWORD).await, Err(Error::NotFound)));
        let (clear,): (i64,) = cx.db.read()
            .one("SELECT COUNT(*) FROM invitation WHERE token_hash = $1", args![late.token.as_bytes()]).await.unwrap();
        assert_eq!(clear, 0, "the token itself is nowhere");
    }

    async fn only_into_the_own_organisation_and_fitting_roles(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let org = me.actor().unwrap().org;
        let wrong = invitation::invite(&me, org, &invite("wangyi", Role::Operator)).await;
        assert_eq!(wrong_fields(wrong), [("login".to_owned(), "login.taken"), ("role".to_owned(), "person.role")]);
        let firm = verified(&world, &boss, "law_firm", "zhaosi").await;
        let foreign = invitation::invite(&firm, org, &invite("x.x", Role::Preparer)).await;
        assert!(matches!(foreign, Err(Error::NotFound)));
        assert!(invitation::invite(&boss, org, &invite("by.operator", Role::OrgAdmin)).await.is_ok());
        let preparer = join(&world, &me, "li.er", Role::Preparer).await;
        let preparer = signed_in(&world.anonymous(), preparer, Assurance::Totp).await;
        assert!(matches!(invitation::invite(&preparer, org, &invite("y.y", Role::Preparer)).await, Err(Error::Denied(_))));
    }

    async fn disabling_ends_everything_at_once(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let cx = world.anonymous();
        let li = join(&world, &me, "li.er", Role::Preparer).await;
        let li_cx = with_passkey(&cx, li, "li.er").await.0;
        let bearer = token::create(&li_cx, "报送程序", 30).await.unwrap();
        assert!(token::actor_of_token(&cx, &bearer.secret).await.unwrap().is_some());
        let line = line(&me, "li.er").await;
        let foreign = verified(&world, &boss, "law_firm", "zhaosi").await;
        assert!(matches!(person::disable(&foreign, li, line.version).await, Err(Error::NotFound)));
        person::disable(&me, li, line.version).await.unwrap();
        assert!(token::actor_of_token(&cx, &bearer.secret).await.unwrap().is_none());
        assert_eq!(rejected(password_step(&cx, "li.er", PASSWORD).await), "sign_in.wrong");
        assert!(matches!(person::enable(&me, li, line.version).await, Err(Error::Conflict(Conflict::Stale))));
        person::enable(&me, li, line.version + 1).await.unwrap();
        assert!(token::actor_of_token(&cx, &bearer.secret).await.unwrap().is_none(), "the old token came back with the account");
        assert!(password_step(&cx, "li.er", PASSWORD).await.is_ok());
    }

    async fn roles_change_but_somebody_stays_in_charge(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let user = me.actor().unwrap().user;
        let li = join(&world, &me, "li.er", Role::Preparer).await;
        assert_eq!(rejected(person::change_role(&me, user, 1, Role::Preparer).await), "person.own_account");
        assert_eq!(wrong_fields(person::change_role(&me, li, 1, Role::Signer).await), [("role".to_owned(), "person.role")]);
        assert_eq!(rejected(person::change_role(&boss, user, 1, Role::Preparer).await), "person.last_admin");
        person::change_role(&me, li, 1, Role::OrgAdmin).await.unwrap();
        person::change_role(&boss, user, 1, Role::Preparer).await.unwrap();
        let now = signed_in(&world.anonymous(), user, Assurance::Passkey).await;
        assert_eq!(now.actor().unwrap().role, Role::Preparer);
        let stranger = UserId(me.id());
        assert!(matches!(person::change_role(&boss, stranger, 1, Role::Preparer).await, Err(Error::NotFound)));
    }

    async fn a_second_officer_resets_lost_factors(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let cx = world.anonymous();
        let li = join(&world, &me, "li.er", Role::Preparer).await;
        let li_cx = with_passkey(&cx, li, "li.er").await.0;
        let lost = token::create(&li_cx, "丢失的电脑", 30).await.unwrap();
        let mine = token::create(&me, "报送程序", 30).await.unwrap();
        assert_eq!(rejected(person::reset_second_factor(&me, me.actor().unwrap().user, 1).await), "person.own_account");
        person::reset_second_factor(&me, li, 1).await.unwrap();
        let next = password_step(&cx, "li.er", PASSWORD).await.unwrap().next;
        assert_eq!(next, SignInStep::MustEnrol { passkey: false });
        assert!(token::actor_of_token(&cx, &lost.secret).await.unwrap().is_none(), "a token outlives the recovery");
        assert!(token::actor_of_token(&cx, &mine.secret).await.unwrap().is_some(), "another person's token was revoked");
    }

    async fn closing_an_organisation_revokes_the_tokens_of_its_people(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let firm = verified(&world, &boss, "law_firm", "zhaosi").await;
        let cx = world.anonymous();
        let (mine, theirs) = (token::create(&me, "a", 30).await.unwrap(), token::create(&firm, "b", 30).await.unwrap());
        let org = me.actor().unwrap().org;
        let live = async |secret: &str| token::actor_of_token(&cx, secret).await.unwrap().is_some();
        standing::sanction(&boss, org, 2, Standing::Limited, "未按期回复").await.unwrap();
        assert!(live(&mine.secret).await, "a limited organisation still reads");
        let closed = standing::sanction(&boss, org, 3, Standing::Closed, "已注销").await.unwrap();
        assert!(!live(&mine.secret).await && live(&theirs.secret).await);
        standing::lift(&boss, org, 4, closed, "登记恢复").await.unwrap();
        assert!(!live(&mine.secret).await, "the old token came back with the organisation");
    }

    async fn changing_the_password_needs_the_old_one_and_ends_other_sessions(world: World) {
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let cx = world.anonymous();
        let new = "另一个足够长的口令";
        assert_eq!(wrong_fields(person::change_password(&me, PASSWORD, "woaini1314", None).await), [("new".to_owned(), "password.common")]);
        assert_eq!(wrong_fields(person::change_password(&me, "guess", new, None).await), [("old".to_owned(), "password.wrong")]);
        let half = signed_in(&cx, me.actor().unwrap().user, Assurance::Password).await;
        assert!(matches!(person::change_password(&half, PASSWORD, new, None).await, Err(Error::Denied(_))));
        let bearer = token::create(&me, "报送程序", 30).await.unwrap();
        person::change_password(&me, PASSWORD, new, None).await.unwrap();
        assert!(token::actor_of_token(&cx, &bearer.secret).await.unwrap().is_none(), "a token outlives the old password");
        assert!(session::list(&me, None).await.unwrap().is_empty());
        assert_eq!(rejected(password_step(&cx, "wangyi", PASSWORD).await), "sign_in.wrong");
        assert!(password_step(&cx, "wangyi", new).await.is_ok());
    }

    async fn the_list_shows_logins_only_to_those_who_manage(world: World) {
        let boss = operator(&world).await;
        let me = verified(&world, &boss, "enterprise", "wangyi").await;
        let org = me.actor().unwrap().org;
        let li = join(&world, &me, "li.er", Role::Preparer).await;
        let (page, queries) = backend::db::count::queries(person::list(&me, org, "", Paging::default())).await;
        assert_eq!((page.unwrap().total, queries), (2, 1));
        assert_eq!(person::list(&me, org, "li.", Paging::default()).await.unwrap().rows[0].id, li);
        let preparer = signed_in(&world.anonymous(), li, Assurance::Totp).await;
        let seen = person::list(&preparer, org, "", Paging::default()).await.unwrap();
        assert!(seen.rows.iter().all(|line| line.login.is_empty()));
        assert!(matches!(person::list(&me, OrgId(me.id()), "", Paging::default()).await, Err(Error::NotFound)));
    }

    async fn tokens_are_shown_once_expire_and_are_revoked(world: World) {
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let cx = world.anonymous();
        assert_eq!(
            wrong_fields(token::create(&me, "", 366).await),
            [("days".to_owned(), "token.days"), ("name".to_owned(), "required")]
        );
        let half = signed_in(&cx, me.actor().unwrap().user, Assurance::Password).await;
        assert!(matches!(token::create(&half, "x", 1).await, Err(Error::Denied(_))));
        let mut old = me.actor().unwrap().clone();
        old.fresh = false;
        let old = cx.with_actor(old);
        assert!(matches!(token::create(&old, "x", 1).await, Err(Error::Denied(Denied::Stale))), "a forgotten screen makes a token");
        let made = token::create(&me, "报送程序", 30).await.unwrap();
        assert!(!format!("{made:?}").contains(&made.secret));
        let actor = token::actor_of_token(&cx, &made.secret).await.unwrap().unwrap();
        assert_eq!((actor.user, actor.assurance), (me.actor().unwrap().user, Assurance::Totp));
        assert!(token::list(&me).await.unwrap()[0].last_used_at.is_some());
        let (_, again) = backend::db::count::queries(token::actor_of_token(&cx, &made.secret)).await;
        assert_eq!(again, 1, "use is noted once a minute");
        assert!(token::actor_of_token(&cx, &format!("{}x", made.secret)).await.unwrap().is_none());
        assert!(token::actor_of_token(&cx, "").await.unwrap().is_none());

        let stranger = registered(&world, "law_firm", GOOD_CODE, "zhaosi").await;
        assert!(matches!(token::revoke(&stranger, made.id).await, Err(Error::NotFound)));
        token::revoke(&me, made.id).await.unwrap();
        assert!(token::actor_of_token(&cx, &made.secret).await.unwrap().is_none());
        assert!(matches!(token::revoke(&me, TokenId(me.id())).await, Err(Error::NotFound)));

        let short = token::create(&me, "一天", 1).await.unwrap();
        world.services.clock.advance(Duration::days(1));
        assert!(token::actor_of_token(&cx, &short.secret).await.unwrap().is_none());
        assert!(token::list(&me).await.unwrap().is_empty());
    }
}

async fn line(cx: &backend::Cx, login: &str) -> person::PersonLine {
    person::list(cx, cx.actor().unwrap().org, login, Paging::default()).await.unwrap().rows.remove(0)
}
