//! Sessions as cookies: how they begin, how long they last, how they end; and guessing passwords.

use time::Duration;

use crate::{
    Client, Platform, Who, on_both,
    people::{Credentials, give_code, give_password},
};

/// Whether a page for the signed in is shown.
async fn is_in(client: &mut Client) -> bool {
    let answer = client.get("/account").await;
    assert!(
        answer.status.is_success() || answer.status.is_redirection(),
        "{}: {}",
        answer.status,
        answer.text()
    );
    answer.status.is_success()
}

fn reviewer() -> Credentials {
    Who::Reviewer.credentials().expect("credentials")
}

on_both! {
    async fn sign_in_takes_both_factors_and_a_new_session_each(platform: Platform) {
        let mut client = platform.client(Who::Anonymous);
        assert!(client.get("/login").await.status.is_success());
        assert!(client.cookies.get("guxin").is_none(), "a visitor gets no session");
        let answer = give_password(&mut client, &reviewer()).await;
        assert_eq!(answer.location(), "/login/second-factor");
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
        let half = client.cookies.clone();
        let answer = give_code(&mut client, &reviewer(), platform.services.clock.now()).await;
        assert_eq!(answer.location(), "/home", "{}", answer.text());
        assert_ne!(half.get("guxin"), client.cookies.get("guxin"), "the session's id did not change at sign-in");
        assert!(is_in(&mut client).await);
        let mut old = Client::with_cookies(platform.router.clone(), half);
        assert!(!old.get("/review").await.status.is_success(), "the id from before the second factor still works");
    }

    async fn a_code_is_good_once(platform: Platform) {
        let now = platform.services.clock.now();
        let mut one = platform.client(Who::Anonymous);
        give_password(&mut one, &reviewer()).await;
        assert_eq!(give_code(&mut one, &reviewer(), now).await.location(), "/home");
        let mut two = platform.client(Who::Anonymous);
        give_password(&mut two, &reviewer()).await;
        give_code(&mut two, &reviewer(), now).await;
        assert!(!two.get("/review").await.status.is_success(), "the same code was taken twice");
    }

    async fn end_when_idle(platform: Platform) {
        let mut client = platform.client(Who::Reviewer);
        let idle = platform.services.settings.session_idle_minutes;
        platform.services.clock.advance(Duration::minutes(idle - 5));
        assert!(is_in(&mut client).await, "reading counts as activity");
        platform.services.clock.advance(Duration::minutes(idle - 5));
        assert!(is_in(&mut client).await, "the limit counts from the last request");
        platform.services.clock.advance(Duration::minutes(idle + 1));
        let answer = client.get("/review").await;
        assert!(answer.location().starts_with("/login"), "{}", answer.status);
        assert!(answer.location().contains("next=/review"), "the way back is kept: {}", answer.location());
    }

    async fn end_after_a_working_day(platform: Platform) {
        let mut client = platform.client(Who::Reviewer);
        let hours = platform.services.settings.session_hours;
        for _ in 0..(hours * 60 / 20 + 1) {
            platform.services.clock.advance(Duration::minutes(20));
            client.get("/account").await;
        }
        assert!(!is_in(&mut client).await, "activity keeps a session alive beyond the absolute limit");
    }

    async fn end_at_sign_out_for_good(platform: Platform) {
        let mut client = platform.client(Who::Reviewer);
        let kept = client.clone();
        let answer = client.submit("/account", "/do/session/end", &[]).await;
        assert_eq!(answer.location(), "/login");
        assert!(!is_in(&mut client).await);
        assert!(!is_in(&mut kept.clone()).await, "the old cookie still works");
    }

    async fn can_be_ended_from_another(platform: Platform) {
        let mut here = platform.client(Who::Reviewer);
        let mut there = platform.client(Who::Anonymous);
        give_password(&mut there, &reviewer()).await;
        give_code(&mut there, &reviewer(), platform.services.clock.now()).await;
        assert!(is_in(&mut there).await);
        here.submit("/account", "/do/session/end-others", &[]).await;
        assert!(is_in(&mut here).await, "the session that asked stays");
        assert!(!is_in(&mut there).await, "the other one is over");
    }

    async fn unknown_wrong_and_throttled_answer_alike(platform: Platform) {
        let known = reviewer();
        let wrong = Credentials { password: "not the password".into(), ..reviewer() };
        let unknown = Credentials { login: "nobody@demo.guxin.example".into(), ..reviewer() };
        let mut answers = Vec::new();
        for credentials in [&unknown, &wrong] {
            answers.push(refused(&platform, credentials).await);
        }
        // Many failures: now even the right password waits, and the answer does not tell.
        for _ in 0..8 {
            refused(&platform, &wrong).await;
        }
        answers.push(refused(&platform, &known).await);
        assert_eq!(answers[0], answers[1], "unknown and wrong differ");
        assert_eq!(answers[0], answers[2], "throttled differs");
        platform.services.clock.advance(Duration::hours(2));
        let mut client = platform.client(Who::Anonymous);
        assert_eq!(give_password(&mut client, &known).await.location(), "/login/second-factor", "locked for good");
    }
}

/// Status, place and the page's message after a refused password.
async fn refused(platform: &Platform, credentials: &Credentials) -> (u16, String, String) {
    let mut client = platform.client(Who::Anonymous);
    let data = client
        .call("/do/session/begin", &[("login", &credentials.login), ("password", &credentials.password)])
        .await;
    assert!(data.status.is_client_error(), "{}", data.text());
    let answer = give_password(&mut client, credentials).await;
    let page = client.get(answer.location()).await.text();
    assert!(!page.contains("class=\"shell"), "signed in");
    (data.status.as_u16(), answer.location().to_owned(), data.text())
}

#[tokio::test]
async fn a_made_up_cookie_is_nobody() {
    let platform = Platform::sqlite().await;
    for value in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "../../etc", "\"", "%00"] {
        let mut client = platform.client(Who::Anonymous);
        client.cookies.insert("guxin".into(), value.into());
        assert!(!is_in(&mut client).await, "{value}");
    }
}

#[tokio::test]
async fn signed_out_in_the_middle_of_a_form_leads_back_to_it() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::OtherEnterprise);
    platform.services.clock.advance(Duration::hours(9));
    let page = format!("/filings/{}", platform.known.draft);
    let fields = [("filing", platform.known.draft.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = client.submit(&page, "/do/filing/request-attestation", &fields).await;
    assert_eq!(answer.location(), format!("/login?next={page}"), "{}", answer.text());
    let data = client.call("/do/filing/request-attestation", &fields).await;
    assert_eq!(data.status, 401);
    assert_eq!(data.json()["kind"], "signed_out");
}
