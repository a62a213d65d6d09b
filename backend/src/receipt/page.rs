//! What the PDF receipt says, in the reader's language: facts, documents, attestations, the place on the ledger, who
//! vouches for it, what it proves and what it does not, and how to check it. How it looks is [`crate::sheet`]'s business.

use std::collections::BTreeMap;

use domain::{
    calendar::CHINA,
    locale::Locale,
    media, moment,
    stopwatch::{self, Stopwatch},
};
use ledger::merkle;

use super::issue::Issued;
use crate::{
    cx::Cx,
    error::Result,
    sheet::{Block, Texts},
    witness::finality::Finality,
};

/// Phrases a receipt.
pub(super) fn texts(cx: &Cx, issued: &Issued, finality: &Finality, locale: Locale) -> Result<Texts> {
    let say = |zh: &str, en: &str| locale.pick(zh, en).to_owned();
    let pack = issued.filing.pack(cx)?;
    let fields: BTreeMap<String, String> = serde_json::from_str(&issued.version.fields)?;
    let field = |id: &str| fields.get(id).cloned().unwrap_or_default();
    let slot_name = |id: &str| {
        pack.slot(id)
            .map_or_else(|| id.to_owned(), |slot| format!("{}. {}", slot.number, slot.name.get(locale)))
    };
    let slot_number = |id: &str| pack.slot(id).map_or(u16::MAX, |slot| slot.number);
    let manifest = &issued.manifest;
    let mut listed: Vec<_> = manifest.documents.iter().collect();
    listed.sort_by_key(|document| slot_number(&document.slot));
    let public = &cx.settings.public_url;
    let link = format!("{public}/ledger/entries/{}", issued.proof.index);
    let vkey = issued.log_key(cx)?.to_string();
    let version = locale.pick("第 {n} 版", "version {n}").replace("{n}", &manifest.version.to_string());
    let mut facts = vec![
        (say("企业名称", "Company"), field("company_name")),
        (say("统一社会信用代码", "Credit code"), field("credit_code")),
        (say("申报编号", "Filing"), issued.filing.id.to_string()),
        (say("收到时间", "Received"), clock(issued.version.received_at, locale)),
        (say("提交时间", "Submitted"), clock(issued.version.submitted_at, locale)),
        (
            say("规则包", "Rule pack"),
            format!(
                "{} {} · SHA-256 {}",
                manifest.rule_pack.id,
                manifest.rule_pack.version,
                short(&manifest.rule_pack.sha256)
            ),
        ),
    ];
    facts.extend(issued.taken.map(|taken| (say("用时", "Time taken"), taken_in(taken, locale))));
    let ledger = vec![
        (say("账本", "Ledger"), issued.checkpoint.origin.clone()),
        (say("叶序号", "Leaf index"), issued.proof.index.to_string()),
        (say("叶哈希", "Leaf hash"), hex::encode(merkle::leaf_hash(&issued.version.entry).0)),
        (say("检查点大小", "Checkpoint size"), issued.checkpoint.size.to_string()),
        (say("根哈希", "Root hash"), hex::encode(issued.checkpoint.root.0)),
        (
            say("入账时间", "Anchored"),
            issued.version.anchored_at.map_or_else(String::new, |at| clock(at, locale)),
        ),
        (say("见证", "Witnesses"), witnesses(finality, locale)),
    ];
    let documents = listed
        .into_iter()
        .map(|d| vec![slot_name(&d.slot), d.name.clone(), media::size_label(d.size), short(&d.sha256)])
        .collect::<Vec<_>>();
    let attestations: Vec<Vec<String>> = issued
        .attestations
        .iter()
        .map(|(row, _)| vec![row.firm_name.clone(), slot_name(&row.slot), clock(row.signed_at, locale)])
        .collect();
    let count = locale.pick("（{n} 份）", " ({n})").replace("{n}", &documents.len().to_string());
    let mut blocks = vec![
        Block::Pairs(facts),
        Block::Title(say("账本记录", "On the ledger")),
        Block::Place {
            pairs: ledger, link, caption: say("扫码查看账本记录", "The entry on the ledger")
        },
        Block::Title(say("材料清单", "Documents") + &count),
        Block::Table {
            widths: vec![168.0, 158.0, 50.0],
            head: vec![say("材料", "Slot"), say("文件名", "File"), say("大小", "Size"), "SHA-256".to_owned()],
            rows: documents,
            fine: false,
        },
    ];
    if !attestations.is_empty() {
        blocks.push(Block::Title(say("中介机构鉴证", "Attestations")));
        blocks.push(Block::Table {
            widths: vec![186.0, 160.0],
            head: vec![say("机构", "Firm"), say("材料", "Slot"), say("签署时间", "Signed")],
            rows: attestations,
            fine: false,
        });
    }
    for (title, paragraphs) in notes(public, &vkey, locale) {
        blocks.extend([Block::Title(title), Block::Paragraphs(paragraphs)]);
    }
    Ok(Texts {
        lang: locale.tag(),
        title: say("申报回执", "Filing receipt"),
        subtitle: format!("{} · {version}", pack.title.get(locale)),
        exchange: cx.settings.exchange_name.clone(),
        dated: issued.version.anchored_at,
        blocks,
        footer: say(
            "完整哈希和证明在回执文件（JSON）中，以回执文件为准。",
            "Full digests and proofs are in the receipt file (JSON), which decides.",
        ),
        page_of: page_of(locale),
    })
}

/// The number of a page, with places for the sheet to fill.
pub(crate) fn page_of(locale: Locale) -> String {
    locale.pick("第 {page} 页，共 {pages} 页", "Page {page} of {pages}").to_owned()
}

/// Whose cosignatures the checkpoint carries, and whether they are enough.
pub(crate) fn witnesses(finality: &Finality, locale: Locale) -> String {
    if !finality.is_witnessed() {
        return locale
            .pick(
                "无：尚未登记见证方，仅账本自身签名。",
                "None: no witness is registered; the log alone has signed.",
            )
            .to_owned();
    }
    let names: Vec<&str> = finality.present.iter().map(|(name, _)| name.as_str()).collect();
    let names = match names.as_slice() {
        [] => locale.pick("尚无联署", "No cosignature yet").to_owned(),
        names => names.join(locale.pick("、", ", ")),
    };
    let state = if finality.is_final {
        locale.pick("终局（已有 {n} 家联署，须 {k} 家）", "final ({n} cosigned, {k} needed)")
    } else {
        locale.pick("尚未终局（已有 {n} 家联署，须 {k} 家）", "not final yet ({n} cosigned, {k} needed)")
    };
    let state = state
        .replace("{n}", &finality.present.len().to_string())
        .replace("{k}", &finality.needed.to_string());
    format!("{names} · {state}")
}

fn notes(public: &str, vkey: &str, locale: Locale) -> Vec<(String, Vec<String>)> {
    let say = |zh: &str, en: &str| locale.pick(zh, en).replace("{public}", public).replace("{vkey}", vkey);
    vec![
        (
            say("证明什么", "What it proves"),
            vec![say(
                "上列材料以所列内容提交，提交事项已写入账本。此后材料或记录有任何改动，都能用回执文件发现。所列鉴证由各机构签字人用本人的通行密钥签署。",
                "The documents listed were submitted with this content and the submission is on the ledger. Any later change of a document or of the record can be discovered with the receipt file. Each attestation was signed by the firm's signer with the signer's own passkey.",
            )],
        ),
        (
            say("不证明什么", "What it does not prove"),
            vec![say(
                "不证明材料内容真实、准确、完整，也不表示申请已获受理或同意。时间为平台服务器时间，未经授时机构认证。账本记录不等于公证，本回执上的标志不是电子印章。",
                "It does not prove that the documents are true, accurate or complete, nor that the application was accepted or approved. Times are those of the platform's server, not certified by a time-stamping authority. The record is no notarisation, and the mark on this receipt is no electronic seal.",
            )],
        ),
        (
            say("如何离线核验", "How to check it offline"),
            vec![
                say(
                    "1. 打开 {public}/verify，选择回执文件和任一份材料。核验在浏览器内完成，不上传文件。",
                    "1. Open {public}/verify and choose the receipt file and a document. The check runs in the browser; nothing is uploaded.",
                ),
                say(
                    "2. 或在命令行运行 guxin verify 回执文件 --document 材料文件，退出码 0 表示通过。",
                    "2. Or run guxin verify RECEIPT --document FILE; exit status 0 means that it holds.",
                ),
                say(
                    "3. 账本公钥为 {vkey}，请与交易中心另行公布的公钥核对。",
                    "3. The ledger's key is {vkey}; compare it with the key that the exchange publishes elsewhere.",
                ),
            ],
        ),
    ]
}

/// The whole and its four parts.
fn taken_in(taken: Stopwatch, locale: Locale) -> String {
    let said = |micros| stopwatch::spoken(micros, locale);
    locale
        .pick(
            "{all}（人工 {active}，系统 {machine}，等待中介 {firms}，无人操作 {away}）",
            "{all} (people {active}, platform {machine}, waiting for firms {firms}, nobody at it {away})",
        )
        .replace("{all}", &said(taken.elapsed()))
        .replace("{active}", &said(taken.active))
        .replace("{machine}", &said(taken.machine))
        .replace("{firms}", &said(taken.firms))
        .replace("{away}", &said(taken.away))
}

/// China time to the second.
pub(crate) fn clock(micros: i64, locale: Locale) -> String {
    let at = moment::from_micros(micros).to_offset(CHINA);
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("{} {hour:02}:{minute:02}:{second:02}{}", at.date(), locale.pick("（北京时间）", " (UTC+8)"))
}

/// Enough of a digest to compare by eye.
fn short(digest: &[u8; 32]) -> String {
    let text = hex::encode(digest);
    format!("{}…{}", &text[..12], &text[56..])
}
