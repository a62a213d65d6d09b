//! The stopwatch of a submission, from moments that the use cases note themselves: people's acts, the platform's work, the firms' answers.

use backend::{Error, fact, filing, intake, intake::job, stopwatch};
use domain::stopwatch::Stopwatch;
use futures::stream;
use time::Duration;

use crate::{
    cast::{Cast, fill_fields, fill_slots, opened, pdf},
    on_both,
    review::{attest_all, engaged},
};

const SECOND: i64 = 1_000_000;

on_both! {
    async fn a_submission_knows_how_long_it_took_and_who_took_it(world: World) {
        let cast = Cast::of(&world).await;
        let cx = &cast.enterprise;
        let wait = |seconds: i64| world.services.clock.advance(Duration::seconds(seconds));
        let id = opened(cx).await;
        wait(20);
        fill_fields(cx, id).await;
        wait(40);
        fill_slots(cx, id).await;
        // Half an hour of something else: more than anybody spends on one page.
        wait(1_800);
        engaged(&cast, id).await;
        filing::request_attestation(cx, id).await.unwrap();
        wait(5_000);
        attest_all(&cast, id).await;
        wait(60);
        filing::submit(cx, id, "stopwatch-key", cx.now()).await.unwrap().done().unwrap();

        let read = stopwatch::of_version(cx, id, 1).await.unwrap().unwrap();
        let expected = Stopwatch { active: 120 * SECOND, machine: 0, firms: 5_000 * SECOND, away: 1_800 * SECOND };
        assert_eq!(read, expected);
        assert!(matches!(stopwatch::of_version(cx, id, 2).await, Err(Error::NotFound)));
        assert!(matches!(stopwatch::of_version(&cast.stranger, id, 1).await, Err(Error::NotFound)));
        assert_eq!(stopwatch::of_version(&cast.reviewer, id, 1).await.unwrap(), Some(expected), "the same for everybody");
    }

    async fn what_the_platform_does_in_a_persons_name_is_nobodys_act(world: World) {
        let cast = Cast::of(&world).await;
        let (cx, id) = (&cast.enterprise, opened(&cast.enterprise).await);
        let noted = async || -> Vec<(String, i64)> {
            cx.db
                .read()
                .all("SELECT kind, COUNT(*) FROM filing_moment WHERE filing_id = $1 GROUP BY kind ORDER BY kind", backend::args![id])
                .await
                .unwrap()
        };
        assert_eq!(noted().await, [("act".to_owned(), 1)], "opened");
        let body = stream::iter([Ok::<_, std::io::Error>(pdf("read by itself"))]);
        intake::receive_whole(cx, id, "审计报告.pdf", cx.now(), body).await.unwrap();
        assert_eq!(noted().await, [("act".to_owned(), 2), ("machine".to_owned(), 1)], "handed in");
        job::work(cx).await.unwrap();
        fact::study(cx).await.unwrap();
        let after = noted().await;
        assert_eq!(after[0], ("act".to_owned(), 2), "sorted, placed and read by nobody");
        assert!(after[1].1 >= 3, "{after:?}");
    }
}
