//! The secrets of time-based codes: sealed in the database, usable all the same, and sealed anew when they are not.

use backend::{args, seed::current_code, sign_in, totp, vault::Vault};
use domain::{actor::Assurance, id::UserId};
use time::Duration;
use uuid::Uuid;

use crate::{World, identity, on_both};

const SECRET: &str = "JBSWY3DPEHPK3PXPGUXINZZZZZZZZZZZ";

async fn stored(world: &World, person: UserId) -> Vec<u8> {
    let sql = "SELECT totp_secret FROM person WHERE id = $1";
    let (secret,): (Vec<u8>,) = world.services.db.read().one(sql, args![person]).await.expect("a secret");
    secret
}

/// Somebody with a time-based code; the clock stands behind the step that was used.
async fn enrolled(world: &World) -> UserId {
    let cx = world.anonymous();
    let made = backend::organisation::register::register(
        &cx,
        &identity::form("enterprise", identity::GOOD_CODE, "wang@example.com"),
        None,
    )
    .await
    .expect("registers");
    let me = identity::signed_in(&cx, made.person, Assurance::Password).await;
    let code = current_code(SECRET, cx.now()).expect("a code");
    totp::confirm(&me, SECRET, &code).await.expect("the code is right");
    world.services.clock.advance(Duration::seconds(60));
    made.person
}

async fn signs_in(world: &World, person: UserId) {
    let cx = world.anonymous();
    let code = current_code(SECRET, cx.now()).expect("a code");
    let half = backend::session::SignedIn {
        person,
        assurance: Assurance::Password,
        since: cx.now(),
        proven_at: None,
    };
    sign_in::second_factor_totp(&cx, &half, &code).await.expect("the code is right");
    world.services.clock.advance(Duration::seconds(60));
}

/// The secret as it was before anything was sealed.
async fn unseal(world: &World, person: UserId) -> Vec<u8> {
    let opened =
        world.services.vault.open_sealed(person.0.as_bytes(), &stored(world, person).await).expect("opened");
    assert!(!opened.outdated);
    let mut tx = world.services.db.begin().await.expect("a transaction");
    tx.run("UPDATE person SET totp_secret = $2 WHERE id = $1", args![person, opened.secret.clone()])
        .await
        .expect("written");
    tx.commit().await.expect("committed");
    opened.secret
}

on_both! {
    async fn a_secret_is_sealed_and_works(world: World) {
        let person = enrolled(&world).await;
        let sealed = stored(&world, person).await;
        assert!(sealed.starts_with(b"gxs1") && sealed.len() > 60, "{} bytes in clear", sealed.len());
        signs_in(&world, person).await;
        assert_eq!(stored(&world, person).await, sealed, "it is not written without need");
    }

    async fn a_secret_from_before_is_sealed_when_it_is_used(world: World) {
        let person = enrolled(&world).await;
        let plain = unseal(&world, person).await;
        assert_eq!(plain.len(), 20);
        signs_in(&world, person).await;
        assert!(stored(&world, person).await.starts_with(b"gxs1"), "still in clear");
        signs_in(&world, person).await;
    }

    async fn a_rotation_leaves_no_secret_behind(world: World) {
        let person = enrolled(&world).await;
        let before = stored(&world, person).await;
        let mut services = (*world.services).clone();
        services.vault = Vault::rotate(world.folder.path(), &services.random).expect("rotated");
        let cx = backend::Cx::anonymous(std::sync::Arc::new(services));
        assert_eq!(totp::seal_all(&cx).await.expect("sealed"), 1);
        assert_eq!(totp::seal_all(&cx).await.expect("sealed"), 0, "twice");
        Vault::forget_old(world.folder.path()).expect("forgotten");
        let new = Vault::open(world.folder.path(), &cx.random).expect("keys");
        let after = stored(&world, person).await;
        assert!(after != before && !new.open_sealed(person.0.as_bytes(), &after).expect("opened").outdated);
        assert!(new.open_sealed(person.0.as_bytes(), &before).is_err(), "the old key still opens");
    }

    async fn a_secret_moved_to_another_person_opens_nothing(world: World) {
        let person = enrolled(&world).await;
        let sealed = stored(&world, person).await;
        assert!(world.services.vault.open_sealed(Uuid::nil().as_bytes(), &sealed).is_err());
    }
}
