//! Theme and type size: chosen by a plain form, kept by the browser, shown by every page.

use crate::{Platform, Who, matrix::targets, surface};

#[tokio::test]
async fn a_choice_lasts_and_leads_back() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    let plain = client.get("/verify?x=1").await.text();
    assert!(!plain.contains("data-theme=") && !plain.contains("data-type="), "nothing was chosen yet");
    assert!(plain.contains("action=\"/do/look/set\""), "no form");
    let answer = client.submit("/verify?x=1", "/do/look/set", &[("theme", "dark")]).await;
    assert_eq!(answer.location(), "/verify?x=1");
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("guxin-look=dark.usual")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    client.submit("/verify?x=1", "/do/look/set", &[("size", "large")]).await;
    let shown = client.get("/verify?x=1").await.text();
    assert!(
        shown.contains("data-theme=\"dark\"") && shown.contains("data-type=\"large\""),
        "{}",
        &shown[..200]
    );
    assert!(
        shown.contains("name=\"color-scheme\" content=\"dark\""),
        "the scheme before the style is another"
    );
    client.submit("/verify?x=1", "/do/look/set", &[("theme", "auto")]).await;
    client.submit("/verify?x=1", "/do/look/set", &[("size", "usual")]).await;
    let shown = client.get("/verify").await.text();
    assert!(!shown.contains("data-theme=") && !shown.contains("data-type="));
    client.submit("/verify", "/do/look/set", &[("theme", "\"><script>"), ("size", "9")]).await;
    assert_eq!(client.cookies["guxin-look"], "auto.usual", "nonsense changes nothing");
    assert!(!client.cookies.contains_key("guxin"), "a choice needs no session");
}

#[tokio::test]
async fn every_page_shows_it_and_has_the_form() {
    let platform = Platform::sqlite().await;
    let mut wrong = Vec::new();
    let mut seen = 0;
    for route in surface::pages() {
        let path = targets::fill(&route, &platform.known.submitted);
        for who in [Who::Anonymous, Who::OwnerSubmitted, Who::EngagedSigner, Who::Operator, Who::Supervisor] {
            let mut client = platform.client(who);
            client.cookies.insert("guxin-look".into(), "light.large".into());
            let answer = client.get(&path).await;
            if answer.status.is_redirection() {
                continue;
            }
            seen += 1;
            let text = answer.text();
            for part in ["data-theme=\"light\"", "data-type=\"large\"", "action=\"/do/look/set\""] {
                if !text.contains(part) {
                    wrong.push(format!("{path} as {who:?}: no {part}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen > 60, "only {seen} pages were seen");
}
