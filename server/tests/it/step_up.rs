//! What binds an organisation asks for the second factor again when it was presented too long ago; without a script a
//! code will do, and the form has everything that was typed when its person comes back.

use backend::args;
use time::Duration;

use crate::{
    Client, Platform, Who, on_both,
    people::{crowd, crowd_client, give_code_to},
    pressure::reply_fields,
    template::filing_of,
};

/// The same browser on a server that asks after five minutes, ten minutes later.
fn later(platform: &Platform, client: &Client) -> Client {
    let (_, router) = platform.changed(|services| services.settings.step_up_minutes = 5);
    platform.services.clock.advance(Duration::minutes(10));
    Client::with_cookies(router, client.cookies.clone())
}

const TYPED: &str = "经复核，附注三与报表数据一致。";

async fn version(platform: &Platform, filing: uuid::Uuid) -> String {
    let sql = "SELECT version FROM filing WHERE id = $1";
    let (version,): (i64,) = platform.cx().db.read().one(sql, args![filing]).await.expect("a version");
    version.to_string()
}

async fn versions(platform: &Platform, filing: uuid::Uuid) -> i64 {
    let sql = "SELECT COUNT(*) FROM filing_version WHERE filing_id = $1";
    let (count,): (i64,) = platform.cx().db.read().one(sql, args![filing]).await.expect("a count");
    count
}

on_both! {
    async fn a_reply_keeps_what_was_typed(platform: Platform) {
        let login = "company6@demo.guxin.example";
        let filing = filing_of(&platform.cx(), login).await;
        let signed_in = crowd_client(&platform, login).await;
        let mut client = later(&platform, &signed_in);
        let fields = reply_fields(&platform, filing).await;
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let typed = fields.last().expect("an answer").1;
        let was = versions(&platform, filing).await;
        let page = format!("/filings/{filing}");

        let data = client.call("/do/filing/reply", &fields).await;
        assert_eq!((data.status.as_u16(), data.json()["kind"].as_str()), (403, Some("denied")), "{}", data.text());
        let answer = client.submit(&page, "/do/filing/reply", &fields).await;
        let step_up = format!("/step-up?next={page}");
        assert_eq!(answer.location(), step_up);
        let shown = client.get(&step_up).await.text();
        assert!(shown.contains("action=\"/do/session/step-up\"") && shown.contains("name=\"code\""), "no form for a code");

        // A wrong code changes nothing and loses nothing.
        let wrong = client.submit(&step_up, "/do/session/step-up", &[("code", "000000"), ("next", &page)]).await;
        assert_eq!(wrong.location(), step_up);
        assert_eq!(client.submit(&page, "/do/filing/reply", &fields).await.location(), step_up);
        assert_eq!(versions(&platform, filing).await, was);

        platform.services.clock.advance(Duration::seconds(60));
        let before = client.cookies["guxin"].clone();
        let answer = give_code_to(&mut client, &crowd(login), platform.services.clock.now(), &step_up, &page).await;
        assert_eq!(answer.location(), page, "{}", answer.text());
        assert_ne!(client.cookies["guxin"], before, "the session's id did not change");
        let shown = client.get(&page).await.text();
        assert!(shown.contains(typed) && shown.contains("请再次点击按钮"), "what was typed is lost");
        let answer = client.submit(&page, "/do/filing/reply", &fields).await;
        assert!(answer.location().starts_with(&format!("{page}/receipt")), "{}", answer.location());
        assert_eq!(versions(&platform, filing).await, was + 1);
    }

    async fn a_submission_and_a_decision_ask_for_it(platform: Platform) {
        let login = "company5@demo.guxin.example";
        let filing = filing_of(&platform.cx(), login).await.to_string();
        let signed_in = crowd_client(&platform, login).await;
        let reviewer = platform.client(Who::Reviewer);
        let mut client = later(&platform, &signed_in);
        let page = format!("/filings/{filing}/submit");
        assert!(client.get(&page).await.text().contains("action=\"/do/filing/submit\""), "the button is gone");
        let fields = [("filing", filing.as_str()), ("key", "a-key-of-the-form"), ("declared", "on")];
        assert_eq!(client.submit(&page, "/do/filing/submit", &fields).await.location(), format!("/step-up?next={page}"));

        let mut reviewer = Client::with_cookies(later(&platform, &reviewer).router(), reviewer.cookies);
        let submitted = platform.known.submitted.filing.to_string();
        let page = format!("/review/{submitted}");
        let (version,): (i64,) = platform.cx().db.read().one("SELECT version FROM filing WHERE id = $1", args![platform.known.submitted.filing]).await.expect("a version");
        let version = version.to_string();
        let fields = [("decision", "accept"), ("filing", submitted.as_str()), ("version", version.as_str()), ("opinion", "材料齐备，予以受理。")];
        assert_eq!(reviewer.submit(&page, "/do/review/decide", &fields).await.location(), format!("/step-up?next={page}"));
        let (stage,): (String,) = platform.cx().db.read().one("SELECT stage FROM filing WHERE id = $1", args![platform.known.submitted.filing]).await.expect("a stage");
        assert_eq!(stage, "submitted");
    }

    async fn everything_that_binds_asks_for_it(platform: Platform) {
        let org = platform.known.submitted.org.to_string();
        let person = platform.known.submitted.person.to_string();
        let filing = platform.known.submitted.filing;
        let (id, review) = (filing.to_string(), format!("/review/{filing}"));
        // While everybody is fresh the filing goes into review, where most is decided.
        let at = version(&platform, filing).await;
        let fields = [("decision", "accept"), ("filing", id.as_str()), ("version", at.as_str()), ("opinion", "材料齐备，予以受理。")];
        platform.client(Who::Reviewer).submit(&review, "/do/review/decide", &fields).await;
        let at = version(&platform, filing).await;
        let (_, router) = platform.changed(|services| services.settings.step_up_minutes = 5);
        platform.services.clock.advance(Duration::minutes(10));

        let admin = format!("/admin/organisations/{org}");
        let about = [("organisation", org.as_str()), ("version", "2")];
        let whom = [("person", person.as_str()), ("version", "1"), ("back", admin.as_str())];
        let ruled = [("filing", id.as_str()), ("version", at.as_str())];
        let new = [
            ("kind", "regulator"), ("name", TYPED), ("credit_code", "x"), ("city", "南京市"), ("legal_representative", "某人"),
            ("contact_name", "某人"), ("contact_phone", "025-86000000"),
        ];
        let forms: Vec<(Who, String, &str, Vec<(&str, &str)>)> = vec![
            (Who::Operator, admin.clone(), "/do/organisation/verify", [&about[..], &[("note", TYPED)]].concat()),
            (Who::Operator, admin.clone(), "/do/organisation/refuse", [&about[..], &[("note", TYPED)]].concat()),
            (Who::Operator, admin.clone(), "/do/organisation/sanction", [&about[..], &[("standing", "warned"), ("reason", TYPED)]].concat()),
            (Who::Operator, admin.clone(), "/do/organisation/lift", [&about[..], &[("sanction", person.as_str()), ("lift_reason", TYPED)]].concat()),
            (Who::Operator, "/admin/organisations/new".into(), "/do/organisation/set-up", new.to_vec()),
            (Who::Operator, admin.clone(), "/do/invitation/issue", vec![("organisation", org.as_str()), ("person_name", TYPED), ("login", "li.er"), ("role", "preparer"), ("back", admin.as_str())]),
            (Who::Operator, admin.clone(), "/do/person/disable", whom.to_vec()),
            (Who::Operator, admin.clone(), "/do/person/enable", whom.to_vec()),
            (Who::Operator, admin.clone(), "/do/person/reset-second-factor", whom.to_vec()),
            (Who::Operator, admin.clone(), "/do/person/change-role", [&whom[..], &[("role", "preparer")]].concat()),
            (Who::Reviewer, format!("{review}?do=recommend"), "/do/review/decide", [&ruled[..], &[("decision", "recommend"), ("opinion", TYPED)]].concat()),
            (Who::Reviewer, format!("{review}?do=inquire"), "/do/review/ask", [&ruled[..], &[("decision", "inquire"), ("items[0][slot]", "audit_report"), ("items[0][reason]", TYPED)]].concat()),
            (Who::SecondReviewer, format!("{review}?do=suspend"), "/do/review/decide", [&ruled[..], &[("decision", "suspend"), ("opinion", TYPED)]].concat()),
            (Who::SecondReviewer, format!("{review}?do=reject"), "/do/review/decide", [&ruled[..], &[("decision", "reject"), ("opinion", TYPED)]].concat()),
            (Who::OwnerSubmitted, format!("/filings/{id}"), "/do/filing/withdraw", vec![("filing", id.as_str())]),
            (Who::OtherEnterprise, "/account".into(), "/do/token/create", vec![("name", TYPED), ("days", "30")]),
        ];
        let before = crate::state::of(&platform).await;
        for (who, page, action, fields) in &forms {
            let mut client = Client::with_cookies(router.clone(), platform.client(*who).cookies);
            let next = format!("/step-up?next={}", app::request::encode(page));
            assert_eq!(client.submit(page, action, fields).await.location(), next, "{action} {fields:?} as {who:?}");
        }
        assert_eq!(crate::state::changed_beyond_reading(&before, &crate::state::of(&platform).await), Vec::<String>::new());

        // After it, each form has what was typed.
        for (who, page, action, fields) in &forms {
            let Some((name, _)) = fields.iter().find(|(_, value)| *value == TYPED) else { continue };
            platform.services.clock.advance(Duration::minutes(10));
            let mut client = Client::new(router.clone());
            let credentials = who.credentials().expect("an account");
            crate::people::give_password(&mut client, &credentials).await;
            crate::people::give_code(&mut client, &credentials, platform.services.clock.now()).await;
            platform.services.clock.advance(Duration::minutes(10));
            let step_up = client.submit(page, action, fields).await.location().to_owned();
            let answer = give_code_to(&mut client, &credentials, platform.services.clock.now(), &step_up, page).await;
            assert_eq!(answer.location(), page, "{action}");
            let shown = client.get(page).await.text();
            // A measure that does not exist has no form.
            if *action != "/do/organisation/lift" && !action.ends_with("/verify") && !action.ends_with("/refuse") {
                assert!(shown.contains(TYPED), "{action}: {name} is lost");
            }
        }
    }

    async fn a_forgotten_screen_gives_no_new_factor(platform: Platform) {
        let mut client = later(&platform, &platform.client(Who::OwnerSubmitted));
        let answer = client.call("/do/passkey/start-registration", &[]).await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text());
        let mut client = platform.client(Who::OwnerSubmitted);
        assert!(client.call("/do/passkey/start-registration", &[]).await.status.is_success(), "just signed in");
        let mut client = later(&platform, &client);
        let answer = client.call("/do/token/create", &[("name", "x"), ("days", "30")]).await;
        assert_eq!(answer.status.as_u16(), 403, "{}", answer.text());
    }
}

#[tokio::test]
async fn it_leads_nowhere_else_and_to_nobody_new() {
    let platform = Platform::sqlite().await;
    let mut nobody = platform.client(Who::Anonymous);
    assert!(nobody.get("/step-up").await.location().starts_with("/login"));
    let mut half = platform.client(Who::PasswordOnly);
    assert_eq!(half.call("/do/session/step-up", &[("code", "000000")]).await.status.as_u16(), 401);
    let mut client = platform.client(Who::OtherEnterprise);
    let shown = client.get("/step-up?next=//evil.example/").await.text();
    assert!(
        shown.contains("name=\"next\" value=\"\"") || !shown.contains("value=\"//"),
        "the form leads to another site"
    );
    assert!(!shown.contains("href=\"//evil"), "a link leads to another site");
}

/// Whatever somebody can open with a fresh second factor opens with an old one.
#[tokio::test]
async fn reading_never_asks() {
    let platform = Platform::sqlite().await;
    let (_, router) = platform.changed(|services| services.settings.step_up_minutes = 5);
    let client = |who: Who| Client::with_cookies(router.clone(), platform.client(who).cookies);
    let mut opened = Vec::new();
    for route in crate::matrix::readable() {
        // Tokens are never fresh, and read all the same.
        if route.starts_with("/api/") {
            continue;
        }
        let path = crate::matrix::targets::fill(&route, &platform.known.submitted);
        for who in Who::signed_in() {
            if client(who).get(&path).await.status.is_success() {
                opened.push((path.clone(), who));
            }
        }
    }
    platform.services.clock.advance(Duration::minutes(10));
    let mut asked = Vec::new();
    for (path, who) in &opened {
        let answer = client(*who).get(path).await;
        if !answer.status.is_success() {
            asked.push(format!("{path} as {who:?}: {}", answer.outcome()));
        }
    }
    assert!(opened.len() > 200, "hardly anything opened: {opened:?}");
    assert_eq!(asked, Vec::<String>::new());
}
