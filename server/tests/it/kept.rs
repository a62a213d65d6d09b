//! A plain form that is sent when its session is over: nothing is done, and what was typed is in the form again after both
//! factors, for whoever typed it and for nobody else. No script takes part.

use backend::args;
use time::Duration;

use crate::{
    Answer, Client, Platform, Who, on_both,
    people::{Credentials, crowd, crowd_client},
    pressure::reply_fields,
    template::filing_of,
};

const TYPED: &str = "经核对，主要客户的回款凭证齐备。";

fn credentials(who: Who) -> Credentials {
    who.credentials().expect("an account")
}

/// Signs in with both factors, wanting to go on to `next`; answers where that leads.
async fn sign_in(platform: &Platform, client: &mut Client, credentials: &Credentials, next: &str) -> String {
    // A code is good once.
    platform.services.clock.advance(Duration::seconds(60));
    let fields = [("login", credentials.login.as_str()), ("password", &credentials.password), ("next", next)];
    let answer = client.submit("/login", "/do/session/begin", &fields).await;
    assert!(answer.location().starts_with("/login/second-factor"), "{}", answer.location());
    let code =
        backend::seed::current_code(&credentials.totp_secret, platform.services.clock.now()).expect("a code");
    let fields = [("code", code.as_str()), ("next", next)];
    client.submit("/login/second-factor", "/do/session/second-factor", &fields).await.location().to_owned()
}

/// Sends the form of a page and asserts that it leads to signing in; answers the sign-in page.
async fn refused(client: &mut Client, page: &str, action: &str, fields: &[(&str, &str)]) -> String {
    let answer = client.submit(page, action, fields).await;
    let login = answer.location().to_owned();
    assert!(login.starts_with("/login?next="), "{login}: {}", answer.text());
    client.get(&login).await.text()
}

/// The story of one form: typed, signed out, signed in again, there again, once.
async fn comes_back(
    platform: &Platform,
    client: &mut Client,
    credentials: &Credentials,
    page: &str,
    action: &str,
    fields: &[(&str, &str)],
) {
    platform.services.clock.advance(Duration::hours(9));
    let login = refused(client, page, action, fields).await;
    assert!(login.contains("填写的内容已暂存") && !login.contains(TYPED), "{page}: {login}");
    assert_eq!(sign_in(platform, client, credentials, page).await, page);
    let shown = client.get(page).await;
    assert!(shown.status.is_success(), "{page}: {}", shown.status);
    assert!(shown.text().contains(TYPED), "{page}: what was typed is lost");
    assert!(shown.text().contains("已重新登录。您填写的内容已恢复"), "{page}: nobody says so");
    assert!(!client.get(page).await.text().contains(TYPED), "{page}: it is handed back twice");
}

async fn version(platform: &Platform, filing: uuid::Uuid) -> String {
    let sql = "SELECT version FROM filing WHERE id = $1";
    let (version,): (i64,) = platform.cx().db.read().one(sql, args![filing]).await.expect("a version");
    version.to_string()
}

/// Everything that sessions hold now.
async fn sessions(platform: &Platform) -> String {
    let rows: Vec<(String,)> =
        platform.cx().db.read().all("SELECT data FROM session", args![]).await.expect("sessions");
    rows.into_iter().map(|(data,)| data).collect()
}

/// The form for a new token on `/account`, a page that everybody has.
async fn token_form(client: &mut Client) -> String {
    refused(client, "/account", "/do/token/create", &[("name", TYPED), ("days", "30")]).await
}

async fn account(client: &mut Client) -> Answer {
    let answer = client.get("/account").await;
    assert!(answer.status.is_success(), "{}", answer.location());
    answer
}

on_both! {
    async fn a_reviewers_opinion(platform: Platform) {
        let filing = platform.known.submitted.filing;
        let (id, version) = (filing.to_string(), version(&platform, filing).await);
        let fields = [("decision", "accept"), ("filing", id.as_str()), ("version", version.as_str()), ("opinion", TYPED)];
        let page = format!("/review/{id}?do=accept");
        let mut client = platform.client(Who::Reviewer);
        comes_back(&platform, &mut client, &credentials(Who::Reviewer), &page, "/do/review/decide", &fields).await;
    }

    async fn items_to_correct(platform: Platform) {
        let filing = platform.known.submitted.filing;
        let (id, version) = (filing.to_string(), version(&platform, filing).await);
        let fields = [
            ("decision", "correct"), ("filing", id.as_str()), ("version", version.as_str()),
            ("items[0][slot]", "audit_report"), ("items[0][reason]", "请补充附注。"),
            ("items[1][slot]", "legal_opinion"), ("items[1][reason]", TYPED),
        ];
        let page = format!("/review/{id}?do=correct");
        let mut client = platform.client(Who::Reviewer);
        comes_back(&platform, &mut client, &credentials(Who::Reviewer), &page, "/do/review/ask", &fields).await;
        // Both rows with their slots, in a form that can be sent as it stands.
        platform.services.clock.advance(Duration::hours(9));
        refused(&mut client, &page, "/do/review/ask", &fields).await;
        sign_in(&platform, &mut client, &credentials(Who::Reviewer), &page).await;
        let shown = client.get(&page).await.text();
        for typed in ["请补充附注。", "value=\"audit_report\" selected", "value=\"legal_opinion\" selected"] {
            assert!(shown.contains(typed), "{typed}");
        }
    }

    async fn a_reply_to_an_inquiry(platform: Platform) {
        let login = "company6@demo.guxin.example";
        let filing = filing_of(&platform.cx(), login).await;
        let mut fields = reply_fields(&platform, filing).await;
        fields.last_mut().expect("an answer").1 = TYPED.to_owned();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut client = crowd_client(&platform, login).await;
        let page = format!("/filings/{filing}");
        comes_back(&platform, &mut client, &crowd(login), &page, "/do/filing/reply", &fields).await;
    }

    async fn the_fields_of_a_filing(platform: Platform) {
        let filing = platform.known.draft.to_string();
        let fields = [
            ("filing", filing.as_str()), ("fields[main_business]", TYPED), ("versions[main_business]", "0"),
        ];
        let page = format!("/filings/{filing}?view=fields");
        let mut client = platform.client(Who::OtherEnterprise);
        comes_back(&platform, &mut client, &credentials(Who::OtherEnterprise), &page, "/do/filing/save-fields", &fields).await;
    }

    async fn nobody_else_sees_it(platform: Platform) {
        let mut client = platform.client(Who::OtherEnterprise);
        platform.services.clock.advance(Duration::hours(9));
        token_form(&mut client).await;
        assert!(sessions(&platform).await.contains(TYPED), "it waits");
        // Somebody else sits down at the same browser and comes to the same page.
        assert_eq!(sign_in(&platform, &mut client, &credentials(Who::Reviewer), "/account").await, "/account");
        assert!(!account(&mut client).await.text().contains(TYPED), "it is shown to another person");
        assert!(!sessions(&platform).await.contains(TYPED), "it waits on for somebody who left");
        sign_in(&platform, &mut client, &credentials(Who::OtherEnterprise), "/account").await;
        assert!(!account(&mut client).await.text().contains(TYPED));
    }

    async fn not_when_somebody_ended_the_session_either(platform: Platform) {
        let mut client = platform.client(Who::OtherEnterprise);
        let mut other = platform.client(Who::Anonymous);
        let mut elsewhere = platform.client(Who::Anonymous);
        for browser in [&mut other, &mut elsewhere] {
            sign_in(&platform, browser, &credentials(Who::OtherEnterprise), "").await;
        }
        elsewhere.submit("/account", "/do/session/end-others", &[]).await;
        assert!(token_form(&mut client).await.contains("填写的内容已暂存"));
        sign_in(&platform, &mut client, &credentials(Who::OtherEnterprise), "/account").await;
        assert!(account(&mut client).await.text().contains(TYPED), "its person has it again");
        // The same in a browser where somebody else signs in next.
        assert!(token_form(&mut other).await.contains("填写的内容已暂存"));
        sign_in(&platform, &mut other, &credentials(Who::Operator), "/account").await;
        assert!(!account(&mut other).await.text().contains(TYPED), "it is shown to another person");
    }

    async fn a_session_without_a_trace_gives_it_back_in_the_same_browser_only(platform: Platform) {
        let mut client = platform.client(Who::OtherEnterprise);
        let mut tx = platform.services.db.begin().await.expect("a transaction");
        tx.run("DELETE FROM session", args![]).await.expect("gone");
        tx.commit().await.expect("gone");
        assert!(token_form(&mut client).await.contains("填写的内容已暂存"));
        let mut elsewhere = platform.client(Who::Anonymous);
        sign_in(&platform, &mut elsewhere, &credentials(Who::OtherEnterprise), "/account").await;
        assert!(!account(&mut elsewhere).await.text().contains(TYPED), "another browser shows it");
        sign_in(&platform, &mut client, &credentials(Who::OtherEnterprise), "/account").await;
        assert!(!client.get("/organisation").await.text().contains(TYPED), "another page shows it");
        assert!(account(&mut client).await.text().contains(TYPED));
    }

    async fn what_cannot_be_kept_is_said(platform: Platform) {
        // Without a session nobody can say whose it is.
        let mut stranger = platform.client(Who::Anonymous);
        assert!(token_form(&mut stranger).await.contains("填写的内容也未能暂存"));
        // A made-up session is no place to store things in.
        let mut client = platform.client(Who::Anonymous);
        client.cookies.insert("guxin".into(), "AAAAAAAAAAAAAAAAAAAAAA".into());
        let long = TYPED.repeat(2_000);
        let login = refused(&mut client, "/account", "/do/token/create", &[("name", &long), ("days", "30")]).await;
        assert!(login.contains("填写的内容也未能暂存"), "{login}");
        // Nothing typed, nothing to keep.
        let mut owner = platform.client(Who::OtherEnterprise);
        platform.services.clock.advance(Duration::hours(9));
        let draft = platform.known.draft.to_string();
        let login = refused(&mut owner, &format!("/filings/{draft}"), "/do/filing/request-attestation", &[("filing", &draft)]).await;
        assert!(login.contains("重新登录后请再操作一次"), "{login}");
        assert!(!sessions(&platform).await.contains(TYPED));
    }

    async fn no_password_waits_anywhere(platform: Platform) {
        let mut client = platform.client(Who::OtherEnterprise);
        platform.services.clock.advance(Duration::hours(9));
        const SECRET: &str = "a secret of three words";
        let fields = [("old", SECRET), ("new", SECRET), ("again", SECRET)];
        refused(&mut client, "/account", "/do/person/change-password", &fields).await;
        client.submit("/login", "/do/session/begin", &[("login", "somebody"), ("password", SECRET)]).await;
        client.submit("/invite/none", "/do/invitation/accept", &[("token", "none"), ("password", SECRET), ("again", SECRET)]).await;
        assert!(!sessions(&platform).await.contains(SECRET));
    }
}

#[tokio::test]
async fn the_cookie_stays_as_long_as_the_browser() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    let fields = credentials(Who::Reviewer);
    let answer = crate::people::give_password(&mut client, &fields).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("guxin=") && !cookie.contains("Max-Age") && !cookie.contains("Expires"),
        "{cookie}: a browser would drop it while somebody is typing"
    );
}
