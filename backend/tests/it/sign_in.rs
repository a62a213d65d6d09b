//! Signing in: both steps, one answer to every failure, and delays that grow but never lock.

use backend::{
    Error, args,
    organisation::register,
    person,
    sign_in::{self, SignInStep},
    totp,
};
use domain::{actor::Assurance, moment};
use time::Duration;
use totp_rs::{Builder, Secret};

use crate::{
    World,
    identity::{GOOD_CODE, PASSWORD, form, operator, password_step, registered, rejected, signed_in},
    on_both,
};

/// What the person's phone shows.
fn code(world: &World, secret: &str) -> String {
    let seconds = moment::to_micros(world.services.clock.now()) / 1_000_000;
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).build().expect("RFC 6238");
    totp.generate(u64::try_from(seconds).expect("after 1970")).to_string()
}

on_both! {
    async fn password_then_a_code_that_is_good_once(world: World) {
        let cx = world.anonymous();
        let made = register::register(&cx, &form("enterprise", GOOD_CODE, "Wang.Yi"), None).await.unwrap();

        let first = password_step(&cx, " wang.yi ", PASSWORD).await.unwrap();
        assert_eq!(first.next, SignInStep::MustEnrol { passkey: false });
        assert_eq!(first.signed_in.assurance, Assurance::Password);

        let me = signed_in(&cx, made.person, Assurance::Password).await;
        let enrolment = totp::start(&me).await.unwrap();
        assert!(enrolment.url.starts_with("otpauth://totp/"));
        assert!(enrolment.qr_svg.starts_with("<svg ") && !enrolment.qr_svg.contains("style"));
        assert_eq!(totp::resume(&me, &enrolment.secret).await.unwrap(), enrolment);
        assert_eq!(rejected(totp::confirm(&me, &enrolment.secret, "12345").await), "second_factor.wrong");
        let used = code(&world, &enrolment.secret);
        totp::confirm(&me, &enrolment.secret, &used).await.unwrap();

        let second = password_step(&cx, "wang.yi", PASSWORD).await.unwrap();
        assert_eq!(second.next, SignInStep::NeedsSecondFactor { totp: true, passkey: false });
        let half = second.signed_in;
        // The code that enrolled is used up; so is every other after its first use.
        assert_eq!(rejected(sign_in::second_factor_totp(&cx, &half, &used).await), "second_factor.wrong");
        world.services.clock.advance(Duration::seconds(30));
        let fresh = code(&world, &enrolment.secret);
        let spaced = format!("{} {}", &fresh[..3], &fresh[3..]);
        let done = sign_in::second_factor_totp(&cx, &half, &spaced).await.unwrap();
        assert_eq!((done.next, done.signed_in.assurance), (SignInStep::Done, Assurance::Totp));
        assert_eq!(rejected(sign_in::second_factor_totp(&cx, &half, &fresh).await), "second_factor.wrong");

        // Whoever has only the password may not enrol a factor of their own beside the existing one.
        assert!(matches!(totp::start(&me).await, Err(Error::Denied(_))));
        let sure = signed_in(&cx, made.person, Assurance::Totp).await;
        assert_eq!(rejected(totp::remove(&sure).await), "second_factor.last");
    }

    async fn one_code_in_two_windows_passes_once(world: World) {
        let cx = world.anonymous();
        let made = register::register(&cx, &form("enterprise", GOOD_CODE, "wangyi"), None).await.unwrap();
        let me = signed_in(&cx, made.person, Assurance::Password).await;
        let enrolment = totp::start(&me).await.unwrap();
        totp::confirm(&me, &enrolment.secret, &code(&world, &enrolment.secret)).await.unwrap();
        world.services.clock.advance(Duration::seconds(60));
        let half = password_step(&cx, "wangyi", PASSWORD).await.unwrap().signed_in;
        let fresh = code(&world, &enrolment.secret);
        let (a, b) = tokio::join!(
            sign_in::second_factor_totp(&cx, &half, &fresh),
            sign_in::second_factor_totp(&cx, &half, &fresh)
        );
        assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1, "{a:?} {b:?}");
    }

    async fn every_failure_looks_alike(world: World) {
        let boss = operator(&world).await;
        let admin = registered(&world, "enterprise", GOOD_CODE, "wangyi").await;
        let cx = world.anonymous();
        let unknown = format!("{:?}", password_step(&cx, "nobody", PASSWORD).await);
        let wrong = format!("{:?}", password_step(&cx, "wangyi", "not the password").await);
        let long = format!("{:?}", password_step(&cx, "wangyi", &"x".repeat(1_000_000)).await);

        let line = person::list(&boss, admin.actor().unwrap().org, "", Default::default()).await.unwrap().rows.remove(0);
        // The last administrator stays; the database can say what the use case would not.
        assert_eq!(rejected(person::disable(&boss, line.id, line.version).await), "person.last_admin");
        let mut tx = cx.db.begin().await.unwrap();
        tx.run("UPDATE person SET active = 0 WHERE id = $1", args![line.id]).await.unwrap();
        tx.commit().await.unwrap();
        let disabled = format!("{:?}", password_step(&cx, "wangyi", PASSWORD).await);

        let mut tx = cx.db.begin().await.unwrap();
        let later = cx.now() + Duration::seconds(5);
        tx.run("UPDATE person SET active = 1, not_before = $2 WHERE id = $1", args![line.id, later]).await.unwrap();
        tx.commit().await.unwrap();
        let throttled = format!("{:?}", password_step(&cx, "wangyi", PASSWORD).await);
        assert!(unknown.contains("sign_in.wrong"), "{unknown}");
        for other in [wrong, long, disabled, throttled] {
            assert_eq!(other, unknown);
        }
    }

    async fn delays_grow_to_five_minutes_and_never_lock(world: World) {
        let cx = world.anonymous();
        register::register(&cx, &form("enterprise", GOOD_CODE, "wangyi"), None).await.unwrap();
        let clock = &world.services.clock;
        for _ in 0..3 {
            rejected(password_step(&cx, "wangyi", "wrong password").await);
        }
        // The fourth failure costs a second, and so on; attempts within the delay are not even counted.
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            rejected(password_step(&cx, "wangyi", "wrong password").await);
            rejected(password_step(&cx, "wangyi", PASSWORD).await);
            clock.advance(Duration::seconds(seconds) - Duration::microseconds(1));
            rejected(password_step(&cx, "wangyi", PASSWORD).await);
            clock.advance(Duration::microseconds(1));
        }
        assert!(password_step(&cx, "wangyi", PASSWORD).await.is_ok());
        // And all is forgiven.
        for _ in 0..3 {
            rejected(password_step(&cx, "wangyi", "wrong password").await);
        }
        assert!(password_step(&cx, "wangyi", PASSWORD).await.is_ok());
    }

    async fn a_known_password_does_not_make_codes_cheap(world: World) {
        let cx = world.anonymous();
        let made = register::register(&cx, &form("enterprise", GOOD_CODE, "wangyi"), None).await.unwrap();
        let me = signed_in(&cx, made.person, Assurance::Password).await;
        let enrolment = totp::start(&me).await.unwrap();
        totp::confirm(&me, &enrolment.secret, &code(&world, &enrolment.secret)).await.unwrap();
        world.services.clock.advance(Duration::seconds(30));
        let mut half = None;
        for _ in 0..4 {
            let step = password_step(&cx, "wangyi", PASSWORD).await.unwrap();
            rejected(sign_in::second_factor_totp(&cx, &step.signed_in, "000000").await);
            half = Some(step.signed_in);
        }
        // The fifth guess waits although the password was right each time, and so does the right code.
        let right = code(&world, &enrolment.secret);
        rejected(sign_in::second_factor_totp(&cx, &half.unwrap(), &right).await);
        rejected(password_step(&cx, "wangyi", PASSWORD).await);
        world.services.clock.advance(Duration::seconds(1));
        assert!(sign_in::second_factor_totp(&cx, &half.unwrap(), &right).await.is_ok());
    }

    async fn guesses_over_many_accounts_meet_the_bucket_of_their_address(world: World) {
        let cx = world.anonymous();
        register::register(&cx, &form("enterprise", GOOD_CODE, "wangyi"), None).await.unwrap();
        let attacker = "203.0.113.7".parse().ok();
        for n in 0..30 {
            rejected(sign_in::sign_in(&cx, &format!("user{n}"), "wrong password", attacker).await);
        }
        let busy = sign_in::sign_in(&cx, "wangyi", PASSWORD, attacker).await;
        assert!(matches!(busy, Err(Error::Busy { retry_after: 6 })), "{busy:?}");
        for _ in 0..40 {
            // An office of people who know their passwords is not slowed down.
            sign_in::sign_in(&cx, "wangyi", PASSWORD, "203.0.113.8".parse().ok()).await.unwrap();
        }
    }

    async fn weaker_hashes_are_renewed_at_sign_in(world: World) {
        let cx = world.anonymous();
        let made = register::register(&cx, &form("enterprise", GOOD_CODE, "wangyi"), None).await.unwrap();
        let weak = {
            use argon2::{Argon2, Params, PasswordHasher};
            let hasher = Argon2::from(Params::new(64, 1, 1, None).unwrap());
            let hash: argon2::PasswordHash = hasher.hash_password_with_salt(PASSWORD.as_bytes(), &[1; 16]).unwrap();
            hash.to_string()
        };
        let mut tx = cx.db.begin().await.unwrap();
        tx.run("UPDATE person SET password = $2 WHERE id = $1", args![made.person, weak]).await.unwrap();
        tx.commit().await.unwrap();
        password_step(&cx, "wangyi", PASSWORD).await.unwrap();
        let stored = "SELECT password FROM person WHERE id = $1";
        let (renewed,): (String,) = cx.db.read().one(stored, args![made.person]).await.unwrap();
        assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
        password_step(&cx, "wangyi", PASSWORD).await.unwrap();
    }
}
