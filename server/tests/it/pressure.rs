//! More events wait for the ledger than it takes in time: submissions, replies and uploads are turned away with a
//! time to come back, nothing of them is written, and what was typed stays in the form. Once the queue is shorter the
//! same request goes through, once.

use axum::http::StatusCode;
use backend::{args, queue::Queue};
use uuid::Uuid;

use crate::{
    Answer, Client, Platform, Who, matrix::targets, on_both, people::crowd_client, state,
    template::filing_of, upload::pdf,
};

const TYPED: &str = "应收账款账龄结构见补充说明。";

/// The reply to every open item of a filing, as its form sends it.
pub(crate) async fn reply_fields(platform: &Platform, filing: Uuid) -> Vec<(String, String)> {
    let sql = "SELECT id FROM review_item WHERE filing_id = $1 AND kind = 'inquiry' AND answered_at IS NULL";
    let items: Vec<(Uuid,)> = platform.cx().db.read().all(sql, args![filing]).await.expect("items");
    assert!(!items.is_empty(), "the filing has an open inquiry");
    let mut fields =
        vec![("filing".to_owned(), filing.to_string()), ("key".to_owned(), "a-key-of-the-form".to_owned())];
    fields.extend(items.iter().map(|(id,)| (format!("answers[item-{id}]"), TYPED.to_owned())));
    fields
}

/// The same browsers on a server whose queue is full.
async fn overloaded(platform: &Platform) -> axum::Router {
    let (_, router) = platform.changed(|services| services.queue = Queue::with_limit(0));
    // The one event that still fits.
    let mut owner = Client::with_cookies(router.clone(), platform.client(Who::OtherEnterprise).cookies);
    let answer = owner.upload(&targets::upload_path(platform.known.draft), "first.pdf", pdf("first")).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    router
}

fn turned_away(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "5");
    assert!(
        answer.json()["message"].as_str().is_some_and(|text| text.contains("5 秒后重试")),
        "{}",
        answer.text()
    );
}

async fn versions(platform: &Platform, filing: Uuid) -> i64 {
    let sql = "SELECT COUNT(*) FROM filing_version WHERE filing_id = $1";
    let (count,): (i64,) = platform.cx().db.read().one(sql, args![filing]).await.expect("a count");
    count
}

on_both! {
    async fn turns_an_upload_away(platform: Platform) {
        let router = overloaded(&platform).await;
        let before = state::of(&platform).await;
        let mut owner = Client::with_cookies(router, platform.client(Who::OtherEnterprise).cookies);
        let path = targets::upload_path(platform.known.draft);
        turned_away(&owner.upload(&path, "second.pdf", pdf("second")).await);
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
        let spool = std::fs::read_dir(platform.folder.path().join("spool")).expect("a spool").count();
        assert_eq!(spool, 0, "something was left in the spool");
    }

    async fn turns_a_submission_away_and_takes_it_later(platform: Platform) {
        let filing = filing_of(&platform.cx(), "company5@demo.guxin.example").await;
        let mut client = crowd_client(&platform, "company5@demo.guxin.example").await;
        let router = overloaded(&platform).await;
        let mut busy = Client::with_cookies(router, client.cookies.clone());
        let id = filing.to_string();
        let fields = [("filing", id.as_str()), ("key", "a-key-of-the-form"), ("declared", "on")];
        let (before, was) = (state::of(&platform).await, versions(&platform, filing).await);
        turned_away(&busy.call("/do/filing/submit", &fields).await);
        let page = format!("/filings/{id}/submit");
        let answer = busy.submit(&page, "/do/filing/submit", &fields).await;
        assert_eq!(answer.location(), page);
        let shown = busy.get(&page).await.text();
        assert!(shown.contains("5 秒后重试"), "the page does not say why");
        assert!(shown.contains("a-key-of-the-form"), "the form's key is lost: sent again it might submit twice");
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
        client.cookies = busy.cookies;
        for _ in 0..2 {
            let answer = client.submit(&page, "/do/filing/submit", &fields).await;
            assert_eq!(answer.location(), format!("/filings/{id}/receipt?version={}", was + 1));
        }
        assert_eq!(versions(&platform, filing).await, was + 1);
    }

    async fn turns_a_reply_away_and_keeps_what_was_typed(platform: Platform) {
        let filing = filing_of(&platform.cx(), "company6@demo.guxin.example").await;
        let mut client = crowd_client(&platform, "company6@demo.guxin.example").await;
        let router = overloaded(&platform).await;
        let mut busy = Client::with_cookies(router, client.cookies.clone());
        let fields = reply_fields(&platform, filing).await;
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let (before, was) = (state::of(&platform).await, versions(&platform, filing).await);
        turned_away(&busy.call("/do/filing/reply", &fields).await);
        let page = format!("/filings/{filing}");
        let answer = busy.submit(&page, "/do/filing/reply", &fields).await;
        assert_eq!(answer.location(), page);
        let shown = busy.get(&page).await.text();
        assert!(shown.contains("5 秒后重试") && shown.contains(TYPED), "the message or the answer is lost");
        assert_eq!(state::changed_beyond_reading(&before, &state::of(&platform).await), Vec::<String>::new());
        client.cookies = busy.cookies;
        let answer = client.submit(&page, "/do/filing/reply", &fields).await;
        assert!(answer.location().starts_with(&format!("/filings/{filing}/receipt")), "{}", answer.location());
        assert_eq!(versions(&platform, filing).await, was + 1);
    }
}
