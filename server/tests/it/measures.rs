//! What somebody decided against somebody else stands with its reason on the pages of everybody whom it concerns: the
//! exchange's measures and their lifting, an engagement that a firm declines, documents that a firm does not attest.

use backend::{args, passkey::encoding::Base64Url, seed};
use ledger::statement::Statement;
use uuid::Uuid;

use crate::{Client, Who, on_both, people::crowd_client, template::filing_of};

const REASON: &str = "未按期披露重大事项，经提醒仍未改正。";
const LIFTED: &str = "已补充披露，事项已核对。";
const DECLINED: &str = "与现有客户存在利益冲突，无法承接。";
const NOT_ATTESTED: &str = "存货监盘范围受限，未取得充分证据。";

async fn shown(client: &mut Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.status);
    answer.text()
}

/// The value of a hidden input of the form with this action.
fn hidden(page: &str, action: &str, name: &str) -> String {
    let form =
        page.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_else(|| panic!("no form for {action}"));
    let input =
        form.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("no {name} for {action}"));
    input.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
}

/// What the list item or row with this text says beside it.
fn beside<'p>(page: &'p str, text: &str) -> &'p str {
    let at = page.find(text).unwrap_or_else(|| panic!("“{text}” is not on the page"));
    let start = page[..at].rfind("<li").max(page[..at].rfind("<tr")).unwrap_or(0);
    let end = page[at..].find("</li>").into_iter().chain(page[at..].find("</tr>")).min().unwrap_or(0);
    &page[start..at + end]
}

on_both! {
    async fn a_measure_and_its_lifting(platform: Platform) {
        let org = platform.known.submitted.org.to_string();
        let admin = format!("/admin/organisations/{org}");
        let mut operator = platform.client(Who::Operator);
        let mut owner = platform.client(Who::OwnerSubmitted);
        let mut supervisor = platform.client(Who::Supervisor);
        let (own, market) = ("/organisation", format!("/supervision/companies/{org}"));

        let version = hidden(&shown(&mut operator, &admin).await, "/do/organisation/sanction", "version");
        let fields = [("organisation", org.as_str()), ("version", version.as_str()), ("standing", "limited"), ("reason", REASON)];
        assert_eq!(operator.submit(&admin, "/do/organisation/sanction", &fields).await.location(), admin);
        for (client, page) in [(&mut operator, admin.as_str()), (&mut owner, own), (&mut supervisor, &market)] {
            let text = shown(client, page).await;
            assert!(beside(&text, REASON).contains("限制"), "{page}: the measure is not named beside its reason");
        }
        // It acts with the next request, and the page says why.
        let answer = owner.get("/filings/new").await;
        assert!(!answer.text().contains("action=\"/do/filing/open\""), "a limited enterprise may begin something new");
        assert!(answer.text().contains("限制"), "and is not told why it may not");
        let mut other = platform.client(Who::OtherEnterprise);
        assert!(!shown(&mut other, own).await.contains(REASON), "another enterprise reads it");

        let text = shown(&mut operator, &admin).await;
        let (version, sanction) = (hidden(&text, "/do/organisation/lift", "version"), hidden(&text, "/do/organisation/lift", "sanction"));
        let fields = [("organisation", org.as_str()), ("version", version.as_str()), ("sanction", sanction.as_str()), ("lift_reason", LIFTED)];
        assert_eq!(operator.submit(&admin, "/do/organisation/lift", &fields).await.location(), admin);
        for (client, page) in [(&mut operator, admin.as_str()), (&mut owner, own), (&mut supervisor, &market)] {
            let text = shown(client, page).await;
            let measure = beside(&text, REASON);
            assert!(measure.contains(LIFTED) && measure.contains("解除"), "{page}: {measure}");
        }
        assert!(shown(&mut owner, "/filings/new").await.contains("action=\"/do/filing/open\""));
    }

    async fn an_engagement_that_a_firm_declines(platform: Platform) {
        let login = "company1@demo.guxin.example";
        let filing = filing_of(&platform.cx(), login).await;
        let sql = "SELECT e.id FROM engagement e JOIN person p ON p.org_id = e.firm_id
            WHERE e.filing_id = $1 AND p.login = $2 AND e.status = 'invited'";
        let (engagement,): (Uuid,) = platform.cx().db.read()
            .one(sql, args![filing, "accountant@demo.guxin.example"]).await.expect("an invitation");
        let (desk, id) = (format!("/engagements/{engagement}"), engagement.to_string());
        let mut firm = platform.client(Who::EngagedSigner);
        assert!(shown(&mut firm, "/engagements?waiting=1").await.contains(&desk), "the invitation is not in the inbox");

        // Without a reason nothing is declined, and the page says what is missing.
        let answer = firm.submit(&desk, "/do/engagement/decline", &[("engagement", &id), ("reason", " ")]).await;
        assert_eq!(answer.location(), desk);
        assert!(shown(&mut firm, &desk).await.contains("请填写理由"));
        firm.submit(&desk, "/do/engagement/decline", &[("engagement", &id), ("reason", DECLINED)]).await;

        let mut owner = crowd_client(&platform, login).await;
        let text = shown(&mut owner, &format!("/filings/{filing}?view=firms")).await;
        let said = text.split(DECLINED).next().and_then(|before| before.rsplit("<div class=\"row\">").next()).expect("the firm");
        assert!(text.contains(DECLINED), "the enterprise does not read why");
        assert!(said.contains("会计师事务所") && said.contains("不接受"), "{said}");
        // Declined is answered: it waits no longer, and nobody can accept it now.
        assert!(!shown(&mut firm, "/engagements?waiting=1").await.contains(&desk));
        let again = firm.call("/do/engagement/accept", &[("engagement", &id)]).await;
        assert!(again.status.is_client_error(), "{}", again.status);
    }

    async fn documents_that_a_firm_does_not_attest(platform: Platform) {
        let filing = platform.known.attesting.filing.to_string();
        let mut firm = platform.client(Who::EngagedSigner);
        let fields = [("filing", filing.as_str()), ("slot", "audit_report"), ("decision", "decline"), ("reason", NOT_ATTESTED)];
        let to_sign = firm.call("/do/attestation/prepare", &fields).await;
        assert!(to_sign.status.is_success(), "{}", to_sign.text());
        let to_sign = to_sign.json();
        let text = |name: &str| to_sign[name].as_str().expect("a text").to_owned();
        // The accounting firm is the demonstration's second; its key has signed before.
        let mut key = seed::firm_passkey(1);
        key.set_counter(1_000_000);
        let settings = &platform.services.settings;
        let signed = key.assert(&settings.rp_id, &settings.public_url, &Statement::challenge(&text("statement")));
        let coded = |bytes: Vec<u8>| Base64Url(bytes);
        let assertion = serde_json::json!({
            "rawId": coded(signed.credential_id),
            "response": {
                "authenticatorData": coded(signed.authenticator_data),
                "clientDataJSON": coded(signed.client_data_json),
                "signature": coded(signed.signature),
            },
        });
        let fields = [("prepared", text("prepared")), ("assertion", assertion.to_string())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = firm.call("/do/attestation/complete", &fields).await;
        assert!(answer.status.is_success(), "{}", answer.text());

        let desk = format!("/engagements/{}", platform.known.attesting.engagement);
        assert!(shown(&mut firm, &desk).await.contains(NOT_ATTESTED), "the firm does not see what it said");
        let mut owner = platform.client(Who::OwnerAttesting);
        let materials = shown(&mut owner, &format!("/filings/{filing}")).await;
        assert!(materials.contains(NOT_ATTESTED), "the enterprise does not read why");
        assert!(!shown(&mut owner, &format!("/filings/{filing}/submit")).await.contains("action=\"/do/filing/submit\""), "it may be submitted");
        let fields = [("filing", filing.as_str()), ("key", "a-key-of-the-form"), ("declared", "on")];
        let answer = owner.call("/do/filing/submit", &fields).await;
        assert!(answer.status.is_client_error(), "submitted without the firm: {}", answer.status);
        for who in [Who::OtherEnterprise, Who::ForeignFirm, Who::Reviewer] {
            let answer = platform.read(who, &format!("/filings/{filing}")).await;
            assert!(!answer.text().contains(NOT_ATTESTED), "{who:?} reads it");
        }
    }
}
