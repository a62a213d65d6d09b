//! Chinese unless asked otherwise; English by a switch that lasts.

use crate::{Platform, Who, surface};

#[tokio::test]
async fn chinese_is_the_default_and_english_a_switch() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::Anonymous);
    assert!(client.get("/login").await.text().contains("<html lang=\"zh-CN\""));
    let english = client.get("/login?lang=en").await.text();
    assert!(english.contains("<html lang=\"en\""), "{}", &english[..300.min(english.len())]);
    assert!(client.get("/login").await.text().contains("<html lang=\"en\""), "the choice lasts");
    assert!(client.get("/login?lang=zh-CN").await.text().contains("<html lang=\"zh-CN\""));
    assert!(client.get("/login").await.text().contains("<html lang=\"zh-CN\""));
    assert!(
        client.get("/login?lang=%22%3E%3Cscript%3E").await.text().contains("<html lang=\"zh-CN\""),
        "nonsense is Chinese"
    );
}

#[tokio::test]
async fn every_page_speaks_english_when_asked() {
    let platform = Platform::sqlite().await;
    let mut wrong = Vec::new();
    for route in surface::pages() {
        let path = crate::matrix::targets::fill(&route, &platform.known.submitted);
        for who in [
            Who::Anonymous,
            Who::OwnerSubmitted,
            Who::EngagedSigner,
            Who::Reviewer,
            Who::Operator,
            Who::Supervisor,
        ] {
            let answer = platform.client(who).get(&format!("{path}?lang=en")).await;
            if !answer.status.is_success() {
                continue;
            }
            let text = answer.text();
            if !text.contains("<html lang=\"en\"") {
                wrong.push(format!("{path} as {who:?}: not marked as English"));
            }
            // A key that no locale file has is shown as itself.
            for word in text.split(['<', '>']).filter(|word| looks_like_a_key(word)) {
                wrong.push(format!("{path} as {who:?}: shows the key {word}"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert_eq!(wrong, Vec::<String>::new());
}

/// Events are told by name on half a dozen pages, most of them only when they are among the newest.
#[tokio::test]
async fn every_event_that_the_market_has_seen_has_its_words() {
    let platform = Platform::sqlite().await;
    let sql = "SELECT DISTINCT kind FROM event ORDER BY kind";
    let kinds: Vec<(String,)> = platform.services.db.read().all(sql, backend::args![]).await.expect("kinds");
    assert!(kinds.len() > 15, "the market is too quiet to tell: {kinds:?}");
    for locale in [domain::locale::Locale::Zh, domain::locale::Locale::En] {
        let silent: Vec<&str> = kinds
            .iter()
            .map(|(kind,)| kind.as_str())
            .filter(|kind| app::lang::Lang(locale).try_t(&format!("event.{kind}")).is_none())
            .collect();
        assert_eq!(silent, Vec::<&str>::new(), "{locale:?}");
    }
}

/// `noun.key` alone between tags.
fn looks_like_a_key(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    parts.len() >= 2 && parts.iter().all(word) && !matches!(parts.last(), Some(&"pdf" | &"json" | &"example"))
}
