//! What the witnesses signed, changed in the database and in the published checkpoint.

use std::fs;

use backend::{Cx, args, fsck::Check};
use ledger::{cosignature::Cosigner, key::Signer, note::Note};
use uuid::Uuid;

use super::{assert_only, change, file, instance, report};
use crate::{World, on_both};

fn witness(n: u8) -> Cosigner {
    Cosigner::from_seed(&format!("w{n}.example"), &[n; 32]).expect("a key")
}

/// Two witnesses, the second of them ended, that both cosigned two checkpoints; the last is published with their lines.
async fn cosigned(world: &World, cx: &Cx) -> String {
    let mut tx = cx.db.begin().await.expect("a transaction");
    for n in 1..=2u8 {
        let (id, key) = (Uuid::from_u128(n.into()), witness(n).verifier_key());
        tx.run(
            "INSERT INTO witness (id, name, vkey, url, added_by, added_at, ended_at) VALUES ($1, $2, $3, 'https://w', $1, $4, $5)",
            args![id, key.name(), key.to_string(), i64::from(n), (n == 2).then_some(9_i64)],
        )
        .await
        .expect("a witness");
    }
    let mut text = String::new();
    for size in [100_i64, 610] {
        let (note,): (String,) = tx
            .one("SELECT note FROM ledger_checkpoint WHERE size = $1", args![size])
            .await
            .expect("released");
        let signed = note.parse::<Note>().expect("a note");
        text = note;
        for n in 1..=2u8 {
            let line = witness(n).cosign(signed.text(), 7).to_string();
            text = text + &line + "\n";
            tx.run(
                "INSERT INTO cosignature (size, witness_id, line, time, received_at) VALUES ($1, $2, $3, 7, 0)",
                args![size, Uuid::from_u128(n.into()), line],
            )
            .await
            .expect("a line");
        }
    }
    tx.commit().await.expect("durable");
    fs::write(file(world, "ledger/checkpoint"), &text).expect("published");
    text
}

on_both! {
    async fn a_stored_line_that_its_witness_did_not_sign_is_named(world: World) {
        let cx = instance(&world).await;
        cosigned(&world, &cx).await;
        let sound = report(&cx).await;
        assert!(sound.is_good(), "{sound}");
        // Four stored, and three lines of the published checkpoint.
        assert_eq!(sound.checks[&Check::Cosignatures].examined, 7);

        let row = "SELECT line FROM cosignature WHERE size = $1 AND witness_id = $2";
        let one = Uuid::from_u128(1);
        let (good,): (String,) = cx.db.read().one(row, args![100_i64, one]).await.expect("a line");
        let (larger,): (String,) = cx.db.read().one(row, args![610_i64, one]).await.expect("a line");
        let (other,): (String,) = cx.db.read().one(row, args![100_i64, Uuid::from_u128(2)]).await.expect("a line");
        const LINE: &str = "UPDATE cosignature SET line = $1 WHERE size = 100 AND witness_id = $2";
        let place = "cosignature of w1.example at size 100";
        for (line, what) in [
            (larger.clone(), "does not verify"),
            (other, "not signed with the registered key"),
            ("nonsense".to_owned(), "not what the protocol asks for"),
            (format!("{good}\n{larger}"), "more than the one line"),
        ] {
            change(&cx, LINE, args![line, one]).await;
            let report = report(&cx).await;
            assert_only(&report, Check::Cosignatures, place, what);
            assert_eq!((report.is_good(), report.checks[&Check::Cosignatures].wrong), (false, 1));
        }
        change(&cx, LINE, args![good, one]).await;

        const TIME: &str = "UPDATE cosignature SET time = $1 WHERE size = 100 AND witness_id = $2";
        change(&cx, TIME, args![8_i64, one]).await;
        assert_only(&report(&cx).await, Check::Cosignatures, place, "was signed at 7");
        change(&cx, TIME, args![7_i64, one]).await;

        // Another key under the witness's name: neither what is stored nor what is published is its.
        const KEY: &str = "UPDATE witness SET vkey = $1 WHERE id = $2";
        let forger = Cosigner::from_seed("w1.example", &[9; 32]).expect("a key").verifier_key();
        change(&cx, KEY, args![forger.to_string(), one]).await;
        let report = report(&cx).await;
        assert_only(&report, Check::Cosignatures, place, "not signed with the registered key");
        assert_eq!(report.checks[&Check::Cosignatures].wrong, 3, "{report}");
        change(&cx, KEY, args![witness(1).verifier_key().to_string(), one]).await;
        assert!(super::report(&cx).await.is_good());
    }

    async fn a_published_line_that_nobody_signed_is_named(world: World) {
        let cx = instance(&world).await;
        let good = cosigned(&world, &cx).await;
        let body = good.parse::<Note>().expect("a note").text().to_owned();
        let line = good.lines().nth(6).expect("the second witness's").to_owned();
        let stranger = Signer::from_seed("stranger.example", &[3; 32]).expect("a key").sign(&body);
        for (text, place, what) in [
            (good.replace(&line, &witness(2).cosign("other\n", 7).to_string()), "ledger/checkpoint line 7", "w2.example does not verify"),
            (good.replace(&line, "junk"), "ledger/checkpoint line 7", "is not a signature line"),
            (format!("{good}{stranger}\n"), "ledger/checkpoint line 8", "stranger.example is not the name and id"),
        ] {
            fs::write(file(&world, "ledger/checkpoint"), text).expect("changed");
            let report = report(&cx).await;
            assert_only(&report, Check::Cosignatures, place, what);
            assert!(!report.is_good());
        }
        fs::write(file(&world, "ledger/checkpoint"), good).expect("restored");
        assert!(report(&cx).await.is_good());
    }
}
