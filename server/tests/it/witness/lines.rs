//! A published checkpoint in which a signature line was forged or damaged: every page still answers, and says which line.

use std::fs;

use backend::witness::{asking, finality};
use ledger::{
    note::Note,
    proof::Proof,
    tile::{Rank, Tile},
};

use super::log::{QUICK, four, published};
use crate::{Client, on_both};

/// The checkpoint's lines are origin, size, root, an empty one, the log's own and then the witnesses'.
fn replaced(text: &str, number: usize, line: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive('\n').map(str::as_bytes).collect();
    lines[number - 1] = line;
    lines.concat()
}

on_both! {
    async fn a_wrong_line_of_the_published_checkpoint_is_named_and_nothing_stops(platform: Platform) {
        let cx = platform.cx();
        let _witnesses = four(&platform).await;
        asking::once(&cx, QUICK).await.expect("asked");
        let good = published(&platform).await;
        let page = Client::new(platform.router.clone()).get("/ledger").await.text();
        assert!(page.contains("已由 4/4 见证") && !page.contains("不成立的签名行"), "{page}");

        let mut signature = good.parse::<Note>().expect("a note").signatures()[2].clone();
        signature.signature[20] ^= 1;
        let (name, forged) = (signature.name.clone(), format!("{signature}\n"));
        let cases: [(&[u8], String); 4] = [
            (forged.as_bytes(), format!("第 7 行：{name} 的见证签名与检查点内容不符")),
            ("— 不是签名\n".as_bytes(), "第 7 行：不是签名行".to_owned()),
            // One bit of the dash: not even text any more.
            (b"\xe2\x80\xd4 w2.example/guxin AAAAAAAA\n", "第 7 行：不是签名行".to_owned()),
            (b"\n", "第 7 行：不是签名行".to_owned()),
        ];
        let size = cx.ledger.checkpoint().await.expect("published").0.size;
        let tile = format!("/ledger/{}", Tile::at(Rank::Level(0), 0, size).expect("a tile").path());
        let file = platform.folder.path().join("objects/ledger/checkpoint");
        for (line, said) in cases {
            fs::write(&file, replaced(&good, 7, line)).expect("changed");
            let mut client = Client::new(platform.router.clone());
            let page = client.get("/ledger").await;
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.text();
            assert!(page.contains(&said), "{said}: {page}");
            assert!(page.contains("已由 3/4 见证"), "the others count: {page}");
            let own = good.lines().nth(4).expect("the log's line");
            assert!(page.contains(own.rsplit_once(' ').expect("base64").1), "the checkpoint is shown: {page}");
            for path in ["/", "/ledger/witnesses", "/ledger/entries/0", "/ledger/checkpoint", "/ledger/policy", tile.as_str()] {
                let answer = client.get(path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            }
            let proof: Proof = client.get("/ledger/proof/0.tlog-proof").await.text().parse().expect("a proof");
            let entry = proof.extra.clone().expect("its entry");
            proof.verify(&entry, &cx.ledger.verifier_key(), &[]).expect("what is handed out verifies");
        }

        // A line that the log itself did not sign so is no checkpoint at all.
        let mut own = good.parse::<Note>().expect("a note").signatures()[0].clone();
        own.signature[20] ^= 1;
        fs::write(&file, replaced(&good, 5, format!("{own}\n").as_bytes())).expect("changed");
        assert_eq!(Client::new(platform.router.clone()).get("/ledger").await.status, 500);
        fs::write(&file, &good).expect("restored");
        assert!(!Client::new(platform.router.clone()).get("/ledger").await.text().contains("不成立的签名行"));
    }

    async fn nothing_is_called_final_on_stored_lines_that_do_not_verify(platform: Platform) {
        let cx = platform.cx();
        let _witnesses = four(&platform).await;
        asking::once(&cx, QUICK).await.expect("asked");
        assert!(finality::newest(&cx).await.expect("read").is_some());
        let names = ["w1.example/guxin", "w2.example/guxin"];
        for (name, enough) in names.into_iter().zip([true, false]) {
            let mut tx = cx.db.begin().await.expect("a transaction");
            let forge = "UPDATE cosignature SET line = 'forged' WHERE witness_id = (SELECT id FROM witness WHERE name = $1)";
            assert_eq!(tx.run(forge, backend::args![name]).await.expect("changed"), 1);
            tx.commit().await.expect("durable");
            let newest = finality::newest(&cx).await.expect("read");
            assert_eq!(newest.is_some(), enough, "three of four are enough, two are not");
            assert!(newest.is_none_or(|(_, text)| !text.contains("forged")), "a reader would refuse the whole");
            for path in ["/ledger", "/ledger/witnesses", "/ledger/entries/0"] {
                let answer = Client::new(platform.router.clone()).get(path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            }
        }
    }
}
