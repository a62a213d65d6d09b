//! When something was received is when its request arrived, not when its body had come in and been understood: who
//! begins to send before the deadline is in time.

use axum::{body::Body, http::Request};
use backend::{args, chance::Clock};
use bytes::Bytes;
use domain::moment;
use futures::{StreamExt, stream};
use time::Duration;
use uuid::Uuid;

use crate::{
    Answer, Client, Platform, Who, client::ORIGIN, on_both, people::crowd_client, template::filing_of,
};

/// How long the body takes.
const SLOW: Duration = Duration::minutes(9);

/// A body in two halves; between them the clock goes on.
fn slowly(clock: Clock, bytes: Vec<u8>) -> Body {
    let (one, two) = bytes.split_at(bytes.len() / 2);
    let halves = vec![(false, Bytes::copy_from_slice(one)), (true, Bytes::copy_from_slice(two))];
    Body::from_stream(stream::iter(halves).map(move |(later, half)| {
        if later {
            clock.advance(SLOW);
        }
        Ok::<_, std::io::Error>(half)
    }))
}

async fn post(client: &mut Client, platform: &Platform, path: &str, fields: &[(&str, &str)]) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path)
        .header("host", "localhost:3000")
        .header("origin", ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(slowly(platform.services.clock.clone(), form.into_bytes()))
        .expect("a request");
    client.send(request).await
}

/// Received and carried out, of a filing's newest version.
async fn newest(platform: &Platform, filing: Uuid) -> (i64, i64) {
    let sql = "SELECT received_at, submitted_at FROM filing_version WHERE filing_id = $1 ORDER BY number DESC LIMIT 1";
    platform.cx().db.read().one(sql, args![filing]).await.expect("a version")
}

on_both! {
    async fn of_a_submission(platform: Platform) {
        let filing = filing_of(&platform.cx(), "company5@demo.guxin.example").await;
        let mut client = crowd_client(&platform, "company5@demo.guxin.example").await;
        let arrived = platform.services.clock.now();
        let id = filing.to_string();
        let answer = post(&mut client, &platform, "/do/filing/submit", &[("filing", &id), ("key", "a-key-of-the-form"), ("declared", "on")]).await;
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
        assert_eq!(newest(&platform, filing).await, (moment::to_micros(arrived), moment::to_micros(arrived + SLOW)));
    }

    async fn of_a_reply(platform: Platform) {
        let filing = filing_of(&platform.cx(), "company6@demo.guxin.example").await;
        let mut client = crowd_client(&platform, "company6@demo.guxin.example").await;
        let arrived = platform.services.clock.now();
        let fields = crate::pressure::reply_fields(&platform, filing).await;
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = post(&mut client, &platform, "/do/filing/reply", &fields).await;
        assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
        assert_eq!(newest(&platform, filing).await, (moment::to_micros(arrived), moment::to_micros(arrived + SLOW)));
    }

    async fn of_an_upload(platform: Platform) {
        let arrived = platform.services.clock.now();
        let path = crate::matrix::targets::upload_path(platform.known.draft);
        let body = slowly(platform.services.clock.clone(), crate::upload::pdf("slow"));
        let answer = platform.client(Who::OtherEnterprise).upload(&path, "slow.pdf", body).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        let document: Uuid = answer.json()["document"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let sql = "SELECT received_at, uploaded_at FROM document_version WHERE document_id = $1";
        let found: (i64, i64) = platform.cx().db.read().one(sql, args![document]).await.expect("a version");
        assert_eq!(found, (moment::to_micros(arrived), moment::to_micros(arrived + SLOW)));
    }
}
