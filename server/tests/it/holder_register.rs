//! A register from the workbook to the files that leave, through the router: uploaded, seen, taken over, corrected and exported as a
//! browser without JavaScript does it; and the pages that show where a value stands.

use std::path::{Path, PathBuf};

use backend::intake::job;

use crate::{Answer, Client, Platform, Who, people::cx_of};

fn fixture(name: &str) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Opens a draft; answers its address.
async fn draft(client: &mut Client, key: &str) -> String {
    let opened =
        client.submit("/filings/new", "/do/filing/open", &[("open_key", key), ("board", "growth")]).await;
    assert!(opened.location().starts_with("/filings/"), "{}", opened.text());
    opened.location().split('?').next().unwrap_or_default().to_owned()
}

async fn uploaded(client: &mut Client, filing: &str, slot: &str, name: &str, bytes: Vec<u8>) -> String {
    let answer = client.upload(&format!("{filing}/slots/{slot}/documents"), name, bytes).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    answer.json()["document"].as_str().unwrap_or_default().to_owned()
}

/// The hidden inputs of the form with this action, as a browser would send them.
fn hidden(page: &Answer, action: &str) -> Vec<(String, String)> {
    let text = page.text();
    let form = text
        .split("<form")
        .find(|form| form.contains(&format!("action=\"{action}\"")))
        .unwrap_or_else(|| panic!("no form for {action} in {text}"));
    let form = form.split("</form>").next().unwrap_or_default();
    let attribute = |input: &str, name: &str| {
        input.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned)
    };
    form.split("<input")
        .skip(1)
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())))
        .collect()
}

async fn post(client: &mut Client, page: &str, action: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.submit(page, action, &fields).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_becomes_the_register_and_leaves_masked() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::OtherEnterprise);
    let filing = draft(&mut client, "holders-1").await;
    let page = format!("{filing}/holders");
    assert!(client.get(&page).await.text().contains("还没有 Excel 名册"));
    assert_eq!(client.get(&format!("{page}.xlsx")).await.status, 404, "nothing to export yet");
    uploaded(&mut client, &filing, "shareholder_register", "名册.xlsx", fixture("messy/名册.xlsx")).await;

    let seen = client.get(&page).await;
    let text = seen.text();
    assert!(text.contains("导入 6 名股东"), "{text}");
    // Masked, at its cell, and with the sum that is not right.
    assert!(text.contains("320200********0074") && !text.contains("320200197405190074"));
    assert!(text.contains("持股比例合计"), "{text}");
    let form = hidden(&seen, "/do/holder-register/import");
    let taken = post(&mut client, &page, "/do/holder-register/import", &form).await;
    assert_eq!(taken.location(), page);
    let kept = client.get(&page).await.text();
    assert!(kept.contains("已导入，这是第 1 次导入") && kept.contains("陆知衡"), "{kept}");
    assert!(!kept.contains("320200197405190074"));

    // The same form once more: somebody was first, and nothing is overwritten.
    let again = post(&mut client, &page, "/do/holder-register/import", &form).await;
    assert_eq!(again.location(), page);
    let told = client.get(&page).await.text();
    assert!(told.contains("此内容刚被他人修改") && told.contains("陆知衡"), "{told}");

    // A row is corrected in a form that never shows the number.
    let edit = client.get(&format!("{page}?edit=1")).await;
    assert!(edit.text().contains("已登记 320200********0074"));
    let mut form = hidden(&edit, "/do/holder/save");
    for (name, value) in &mut form {
        if name == "shares" {
            *value = "很多".to_owned();
        }
    }
    let refused = post(&mut client, &format!("{page}?edit=1"), "/do/holder/save", &form).await;
    let back = client.get(refused.location()).await.text();
    assert!(back.contains("这里应填数字") && back.contains("很多"), "{back}");
    for (name, value) in &mut form {
        if name == "note" {
            *value = "创始人".to_owned();
        } else if name == "shares" {
            *value = "11700000".to_owned();
        }
    }
    let saved = post(&mut client, &format!("{page}?edit=1"), "/do/holder/save", &form).await;
    assert_eq!(saved.location(), format!("{page}#holder-1"));
    assert!(client.get(&page).await.text().contains("创始人"));

    for (address, kind) in [
        ("holders.xlsx", "spreadsheetml"),
        ("holders.csv", "text/csv"),
        ("holders/template.xlsx", "spreadsheetml"),
    ] {
        let file = client.get(&format!("{filing}/{address}")).await;
        assert!(file.status.is_success() && file.header("content-type").contains(kind), "{address}");
        assert!(file.header("content-disposition").starts_with("attachment"));
        assert_eq!(file.header("cache-control"), "private, no-store");
        assert!(!file.text().contains("320200197405190074"), "{address}");
    }
    assert!(client.get(&format!("{filing}/holders.csv")).await.text().contains("320200********0074"));
    // Strangers learn nothing, not even that it is there.
    for who in [Who::OwnerSubmitted, Who::EngagedSigner, Who::Reviewer, Who::Supervisor] {
        for address in ["holders", "holders.xlsx", "holders.csv", "holders/template.xlsx"] {
            let answer = platform.client(who).get(&format!("{filing}/{address}")).await;
            assert_eq!(answer.status, 404, "{address} as {who:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_is_shown_where_it_stands() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::OtherEnterprise);
    let filing = draft(&mut client, "source-1").await;
    let bytes = fixture("clean/01 申请文件/1-1 挂牌申请书.pdf");
    let document = uploaded(&mut client, &filing, "application_letter", "申请书.pdf", bytes).await;
    backend::fact::study(&platform.cx()).await.expect("it is read");

    // The form's line leads to the place.
    let fields = client.get(&format!("{filing}?view=fields")).await.text();
    let link = fields
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.contains("/source?"))
        .unwrap_or_else(|| panic!("no link to a source in {fields}"))
        .replace("&amp;", "&");
    assert!(link.contains(&document) && link.contains("area="), "{link}");
    let shown = client.get(link.split('#').next().unwrap_or_default()).await.text();
    assert!(shown.contains("<rect id=\"value\""), "{shown}");
    let picture = format!("/documents/{document}/versions/1/pages/1");
    assert!(shown.contains(&picture), "{shown}");
    let drawn = client.get(&picture).await;
    assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "image/png"));
    assert!(drawn.body.starts_with(b"\x89PNG"));
    assert_eq!(client.get(&picture).await.body, drawn.body, "kept, not drawn again");
    for page in [0, 99] {
        assert_eq!(client.get(&format!("/documents/{document}/versions/1/pages/{page}")).await.status, 404);
    }
    // Taken over, it stays beside the value, also when that is changed.
    let place = format!("{filing}?view=fields");
    let id = filing.rsplit('/').next().unwrap_or_default().to_owned();
    client.submit(&place, "/do/fact/adopt", &[("filing", &id), ("field", "legal_representative")]).await;
    assert!(client.get(&place).await.text().contains("取自"));
    for who in [Who::OwnerSubmitted, Who::EngagedSigner, Who::Reviewer, Who::Supervisor] {
        let mut other = platform.client(who);
        assert_eq!(other.get(&picture).await.status, 404, "{who:?}");
        assert_eq!(
            other.get(&format!("/documents/{document}/versions/1/source")).await.status,
            404,
            "{who:?}"
        );
    }

    // A cell among its neighbours; people's numbers around it stay masked.
    let bytes = fixture("clean/03 其他文件/3-1 股东名册.xlsx");
    let register = uploaded(&mut client, &filing, "shareholder_register", "名册.xlsx", bytes).await;
    backend::fact::study(&platform.cx()).await.expect("it is read");
    let shown = client.get(&format!("/documents/{register}/versions/1/source?page=1&cell=E6")).await.text();
    assert!(shown.contains("<td id=\"value\"><mark>12600000"), "{shown}");
    assert!(!shown.contains("320100197811060018"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_documents_in_one_file_are_cut_apart() {
    let platform = Platform::sqlite().await;
    let mut client = platform.client(Who::OtherEnterprise);
    let filing = draft(&mut client, "split-0001").await;
    let id: domain::id::FilingId = filing.rsplit('/').next().unwrap_or_default().parse().expect("an id");
    let credentials = Who::OtherEnterprise.credentials().expect("an account");
    let person = cx_of(&platform.services, &credentials.login).await;
    // Two papers of the clean pack bound together.
    let bytes = fixture("bound.pdf");
    let body = futures::stream::iter([Ok::<_, std::io::Error>(bytes)]);
    backend::intake::receive_whole(&person, id, "扫描件.pdf", person.now(), body).await.expect("received");
    job::work(&platform.cx()).await.expect("sorted");

    let page = client.get(&filing).await;
    let text = page.text();
    assert!(text.contains("像是 2 份材料合在一起"), "{text}");
    let form: Vec<(String, String)> = {
        let mut form = hidden(&page, "/do/intake/split");
        form.push(("parts[0][slot]".into(), "application_letter".into()));
        form
    };
    let filled = form.iter().filter(|(name, value)| name.ends_with("[first]") && !value.is_empty()).count();
    assert_eq!(filled, 2, "{form:?}");
    // Pages that two parts claim are told, and nothing is cut.
    let mut overlapping = form.clone();
    for (_, value) in overlapping.iter_mut().filter(|(name, _)| name == "parts[1][first]") {
        "1".clone_into(value);
    }
    post(&mut client, &filing, "/do/intake/split", &overlapping).await;
    assert!(client.get(&filing).await.text().contains("各份的页码不能重叠"));
    assert_eq!(backend::intake::list(&person, id).await.expect("the intake").len(), 1);

    let split = post(&mut client, &filing, "/do/intake/split", &form).await;
    assert_eq!(split.location(), format!("{filing}#intake"));
    job::work(&platform.cx()).await.expect("sorted again");
    let shown = backend::filing::workspace(&person, id).await.expect("the filing");
    for slot in ["application_letter", "custody_agreement"] {
        let found = shown.slots.iter().find(|found| found.id.as_str() == slot).expect("a slot");
        assert_eq!(found.documents.len(), 1, "{slot}");
        assert!(found.documents[0].file_name.contains("（第"), "{}", found.documents[0].file_name);
    }
    // The whole is kept aside, and can be put back.
    let files = backend::intake::list(&person, id).await.expect("the intake");
    let whole = files.iter().find(|file| file.path == "扫描件.pdf").expect("the whole");
    assert_eq!(whole.state, domain::intake::State::SetAside);
    assert!(whole.kept);
    backend::intake::put_back(&person, whole.id).await.expect("put back");
    let files = backend::intake::list(&person, id).await.expect("the intake");
    let whole = files.iter().find(|file| file.path == "扫描件.pdf").expect("the whole");
    assert_eq!((whole.state, whole.verdict.parts.len()), (domain::intake::State::Unsure, 2));
}
