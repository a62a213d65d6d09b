//! Passkeys: a real registration through webauthn-rs, then signatures of the same software authenticator through
//! our own check.

use backend::{
    Error, args, passkey,
    session::SignedIn,
    sign_in::{self, SignInStep},
};
use domain::actor::Assurance;
use time::Duration;

use crate::{
    World,
    identity::{
        GOOD_CODE, ORIGIN, PASSWORD, RP, assertion_json, authenticator, challenge_in, enrol, operator,
        password_step, registered, registration_json, rejected, signed_in, with_passkey, wrong_fields,
    },
    on_both,
};

on_both! {
    async fn registers_and_signs_in(world: World) {
        let cx = world.anonymous();
        let made = backend::organisation::register::register(
            &cx, &crate::identity::form("law_firm", GOOD_CODE, "zhaosi"), None).await.unwrap();
        let (me, mut key) = with_passkey(&cx, made.person, "zhaosi").await;
        let lines = passkey::list(&me).await.unwrap();
        assert_eq!((lines.len(), lines[0].name.as_str(), lines[0].last_used_at), (1, "工作电脑", None));

        let half = password_step(&cx, "zhaosi", PASSWORD).await.unwrap();
        assert_eq!(half.next, SignInStep::NeedsSecondFactor { totp: false, passkey: true });
        let (options, challenge) = passkey::start_sign_in(&cx, Some(made.person)).await.unwrap();
        assert_eq!(options["publicKey"]["userVerification"], "required");
        assert_eq!(options["publicKey"]["allowCredentials"].as_array().unwrap().len(), 1);
        // The session keeps the challenge as text.
        let challenge = serde_json::from_str(&serde_json::to_string(&challenge).unwrap()).unwrap();
        let answer = assertion_json(&key.assert(RP, ORIGIN, &challenge_in(&options)), None);
        let done = sign_in::second_factor_passkey(&cx, &half.signed_in, &challenge, &answer).await.unwrap();
        assert_eq!((done.next, done.signed_in.assurance), (SignInStep::Done, Assurance::Passkey));
        assert!(passkey::list(&me).await.unwrap()[0].last_used_at.is_some());

        // The same answer again: its counter was used.
        let again = sign_in::second_factor_passkey(&cx, &half.signed_in, &challenge, &answer).await;
        assert_eq!(rejected(again), "passkey.not_accepted");
    }

    async fn signs_in_without_typing_a_login(world: World) {
        let cx = world.anonymous();
        let made = backend::organisation::register::register(
            &cx, &crate::identity::form("enterprise", GOOD_CODE, "wangyi"), None).await.unwrap();
        let (_, mut key) = with_passkey(&cx, made.person, "wangyi").await;
        let (options, challenge) = passkey::start_sign_in(&cx, None).await.unwrap();
        let bytes = challenge_in(&options);
        let stranger = domain::id::UserId(cx.id());
        let answer = assertion_json(&key.assert(RP, ORIGIN, &bytes), Some(stranger));
        assert_eq!(rejected(sign_in::sign_in_passkey(&cx, &challenge, &answer, None).await), "passkey.unknown");
        let answer = assertion_json(&key.assert(RP, ORIGIN, &bytes), Some(made.person));
        let done = sign_in::sign_in_passkey(&cx, &challenge, &answer, None).await.unwrap();
        assert_eq!((done.signed_in.person, done.next), (made.person, SignInStep::Done));

        let mut tx = cx.db.begin().await.unwrap();
        tx.run("UPDATE person SET active = 0 WHERE id = $1", args![made.person]).await.unwrap();
        tx.commit().await.unwrap();
        let answer = assertion_json(&key.assert(RP, ORIGIN, &bytes), None);
        assert_eq!(rejected(sign_in::sign_in_passkey(&cx, &challenge, &answer, None).await), "passkey.unknown");
    }

    async fn what_is_not_accepted(world: World) {
        let cx = world.anonymous();
        let register = |kind: &'static str, login: &'static str| {
            let cx = cx.clone();
            async move {
                let form = crate::identity::form(kind, GOOD_CODE, login);
                backend::organisation::register::register(&cx, &form, None).await.unwrap().person
            }
        };
        let (mine, other) = (register("enterprise", "wangyi").await, register("law_firm", "zhaosi").await);
        let (_, mut key) = with_passkey(&cx, mine, "wangyi").await;
        let (_, mut foreign) = with_passkey(&cx, other, "zhaosi").await;
        let half = SignedIn { person: mine, assurance: Assurance::Password, since: cx.now(), proven_at: Some(domain::moment::to_micros(cx.now())) };
        let (options, challenge) = passkey::start_sign_in(&cx, Some(mine)).await.unwrap();
        let bytes = challenge_in(&options);
        let try_it = |answer: String| {
            let (cx, challenge) = (cx.clone(), challenge.clone());
            async move { rejected(sign_in::second_factor_passkey(&cx, &half, &challenge, &answer).await) }
        };
        assert_eq!(try_it("{}".into()).await, "passkey.unreadable");
        assert_eq!(try_it(assertion_json(&foreign.assert(RP, ORIGIN, &bytes), None)).await, "passkey.unknown");
        let unknown = authenticator("nobody").assert(RP, ORIGIN, &bytes);
        assert_eq!(try_it(assertion_json(&unknown, None)).await, "passkey.unknown");
        let phished = key.assert(RP, "https://guxin.example.net", &bytes);
        assert_eq!(try_it(assertion_json(&phished, None)).await, "passkey.not_accepted");
        let elsewhere = key.assert("example.net", ORIGIN, &bytes);
        assert_eq!(try_it(assertion_json(&elsewhere, None)).await, "passkey.not_accepted");
        let stale = key.assert(RP, ORIGIN, &[3; 32]);
        assert_eq!(try_it(assertion_json(&stale, None)).await, "passkey.not_accepted");
        let mut forged = key.assert(RP, ORIGIN, &bytes);
        forged.authenticator_data[36] ^= 1;
        assert_eq!(try_it(assertion_json(&forged, None)).await, "passkey.not_accepted");
        let late = assertion_json(&key.assert(RP, ORIGIN, &bytes), None);
        world.services.clock.advance(Duration::seconds(301));
        assert_eq!(try_it(late).await, "passkey.expired");
        // Another person's challenge is not mine to answer.
        let (_, theirs) = passkey::start_sign_in(&cx, Some(other)).await.unwrap();
        let answer = sign_in::second_factor_passkey(&cx, &half, &theirs, "{}").await;
        assert_eq!(rejected(answer), "passkey.expired");
    }

    async fn a_registration_is_checked_as_strictly(world: World) {
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let key = authenticator("second");
        let (options, pending) = passkey::start_registration(&me).await.unwrap();
        let algorithms = options["publicKey"]["pubKeyCredParams"].as_array().unwrap();
        assert!(algorithms.iter().all(|params| params["alg"] == -7) && algorithms.len() == 1);
        assert_eq!(options["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
        assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
        let bytes = challenge_in(&options);
        let good = registration_json(&key.register(RP, ORIGIN, &bytes));
        assert_eq!(
            wrong_fields(passkey::finish_registration(&me, &pending, "", &good).await),
            [("name".to_owned(), "required")]
        );
        let elsewhere = registration_json(&key.register(RP, "http://localhost:3001", &bytes));
        assert_eq!(rejected(passkey::finish_registration(&me, &pending, "手机", &elsewhere).await), "passkey.not_accepted");
        let known = registration_json(&authenticator("wangyi").register(RP, ORIGIN, &bytes));
        assert!(passkey::finish_registration(&me, &pending, "手机", &known).await.is_err());
        let id = passkey::finish_registration(&me, &pending, "手机", &good).await.unwrap();
        passkey::rename(&me, id, "备用手机").await.unwrap();
        assert!(passkey::list(&me).await.unwrap().iter().any(|line| line.id == id && line.name == "备用手机"));

        let stranger = registered(&world, "law_firm", GOOD_CODE, "zhaosi").await;
        assert!(matches!(passkey::rename(&stranger, id, "我的").await, Err(Error::NotFound)));
        assert!(matches!(passkey::remove(&stranger, id).await, Err(Error::NotFound)));
        assert_eq!(rejected(passkey::finish_registration(&stranger, &pending, "我的", &good).await), "passkey.expired");
    }

    async fn the_last_passkey_stays_where_it_is_needed(world: World) {
        let boss = operator(&world).await;
        let first = passkey::list(&boss).await.unwrap()[0].id;
        assert_eq!(rejected(passkey::remove(&boss, first).await), "passkey.last");
        enrol(&boss, "spare").await;
        passkey::remove(&boss, first).await.unwrap();
        assert_eq!(passkey::list(&boss).await.unwrap().len(), 1);
        // Password alone, with a passkey in place, changes nothing.
        let half = signed_in(&world.anonymous(), boss.actor().unwrap().user, Assurance::Password).await;
        assert!(matches!(passkey::start_registration(&half).await, Err(Error::Denied(_))));
        let (kinds,): (i64,) = boss.db.read()
            .one("SELECT COUNT(*) FROM event WHERE kind IN ('passkey.added', 'passkey.removed')", args![]).await.unwrap();
        assert_eq!(kinds, 3);
    }

    async fn software_keys_are_for_demonstrations_only(world: World) {
        let me = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let key = authenticator("seeded");
        let stored = passkey::store_software_key(&me, &key.credential_id(), &key.public_key().to_bytes(), "演示").await;
        assert!(matches!(stored, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn a_demonstration_takes_software_keys_and_codes_suffice_there() {
    let mut world = World::sqlite().await;
    std::sync::Arc::get_mut(&mut world.services).expect("nobody else has it yet").settings.demo = true;
    let cx = world.anonymous();
    let person = backend::organisation::bootstrap::operator(&cx, "yunying", PASSWORD).await.unwrap().unwrap();
    let me = signed_in(&cx, person, Assurance::Totp).await;
    assert!(me.actor().unwrap().is_fully_signed_in());
    let mut key = authenticator("seeded");
    passkey::store_software_key(&me, &key.credential_id(), &key.public_key().to_bytes(), "演示")
        .await
        .unwrap();
    assert!(signed_in(&cx, person, Assurance::Totp).await.actor().unwrap().is_fully_signed_in());
    let (options, challenge) = passkey::start_sign_in(&cx, Some(person)).await.unwrap();
    let answer = assertion_json(&key.assert(RP, ORIGIN, &challenge_in(&options)), Some(person));
    assert!(sign_in::sign_in_passkey(&cx, &challenge, &answer, None).await.is_ok());
}
