//! A pack that no sample knows: a limited liability company in Nantong, other wordings, other layouts, several variants
//! per slot. Guards the cues and the readers of facts against having learnt the sample packs by heart.

use rstest::rstest;

use super::{Aside, Classification, Sorted, Verdict, classify, set_aside};
use crate::{
    fact::{self, FactKey as Key},
    media,
    reading::{Area, Cell, Line, Page, Reading, Row, Sheet, TextSource, Word},
    rule_pack::{RulePack, SlotId},
};

const CODE: &str = "91320682MA1MABCD0X";

fn docx(texts: &[&str]) -> Reading {
    let line = |text: &&str| {
        let words = text.split('\t').map(|cell| Word { text: cell.to_owned(), area: None }).collect();
        Line { text: (*text).to_owned(), area: None, words }
    };
    let page = Page { number: 1, source: TextSource::Layer, lines: texts.iter().map(line).collect() };
    Reading { kind: media::Kind::Docx, pages: vec![page], sheets: Vec::new(), page_count: 1 }
}

/// A page of lines: the first is large and centred, the others run from margin to margin.
fn page(number: u32, texts: &[&str]) -> Page {
    let line = |(index, text): (usize, &&str)| {
        let top = 1_000 + u16::try_from(index).unwrap() * 260;
        let length = u16::try_from(text.chars().count()).unwrap();
        let title = index == 0;
        let (size, height) = if title { (340, 240) } else { (190, 140) };
        let width = (length * size).min(7_400);
        let left = if title { 5_000 - width / 2 } else { 1_300 };
        let area = Some(Area { left, top, width, height });
        Line { text: (*text).to_owned(), area, words: vec![Word { text: (*text).to_owned(), area }] }
    };
    Page { number, source: TextSource::Layer, lines: texts.iter().enumerate().map(line).collect() }
}

fn pdf(pages: Vec<Page>) -> Reading {
    let page_count = u32::try_from(pages.len()).unwrap();
    Reading { kind: media::Kind::Pdf, pages, sheets: Vec::new(), page_count }
}

fn said(classification: &Classification) -> String {
    match &classification.verdict {
        Verdict::Slot { slot } => slot.as_str().to_owned(),
        Verdict::Unsure { candidates } => {
            format!("unsure {}", candidates.first().map_or("", |candidate| candidate.slot.as_str()))
        }
        Verdict::Split { parts } => parts
            .iter()
            .map(|part| format!("{} {}-{}", part.slot.as_str(), part.first, part.last))
            .collect::<Vec<_>>()
            .join(", "),
        Verdict::Ignore { why } => format!("ignore {why:?}"),
    }
}

#[rstest]
#[case("application_letter", &["关于如皋云帆机电有限责任公司在股权交易中心挂牌的申请报告", "如皋云帆机电有限责任公司（以下简称“公司”）拟在贵中心挂牌，特此申请，请予批准。", "申请人：如皋云帆机电有限责任公司"])]
#[case("short_name_code_request", &["股权简称及代码申请书", "我公司申请股权简称为“云帆机电”，备选简称“云帆动力”。"])]
#[case("company_overview", &["如皋云帆机电有限责任公司", "企业基本情况说明书", "第一章 公司基本情况", "第二章 公司业务", "第三章 公司治理", "同业竞争"])]
#[case("company_overview", &["股份转让说明书", "重大事项提示", "公司业务及核心技术", "主要客户"])]
#[case("shareholder_resolution", &["如皋云帆机电有限责任公司", "股东会会议决议", "应到股东三名，全体股东出席，审议通过挂牌事项，并作出如下决议：", "表决结果：同意占100%，弃权0%。"])]
#[case("shareholder_resolution", &["2025年度股东大会决议", "出席会议的股东所持表决权占100%，审议通过以下议案，表决结果一致同意。"])]
#[case("commitment_company", &["承诺函", "我公司郑重承诺：所报材料真实、准确、完整。", "特此承诺。", "承诺人：如皋云帆机电有限责任公司"])]
#[case("recommendation_opinion", &["南通启航投资咨询有限公司关于如皋云帆机电有限责任公司之推荐意见书", "经内核审议，本推荐机构认为其符合挂牌条件，同意推荐。"])]
#[case("sponsor_self_discipline", &["自律声明书", "项目组成员声明如下：独立、客观、公正，勤勉尽责。"])]
#[case("sponsor_commitment", &["推荐机构承诺函", "我司作为推荐机构，有充分理由确信申请文件真实，并持续督导。"])]
#[case("due_diligence_report", &["如皋云帆机电有限责任公司挂牌项目尽职调查报告", "项目组经查阅工商档案、实地走访和访谈，形成工作底稿。"])]
#[case("shareholder_register", &["全体股东名册", "姓名\t证件类型\t证件号码\t持股数\t持股比例", "顾望\t居民身份证\t110101199003070011\t6,000,000\t60%", "合计\t\t\t6,000,000\t60%"])]
#[case("legal_rep_id", &["法定代表人资格证明书", "兹证明顾望同志，性别男，现任我公司执行董事，系我单位法定代表人。", "特此证明。"])]
#[case("agent_id_authorization", &["法定代表人授权委托书", "兹委托严谨之办理挂牌事宜，授权期限至2027年12月31日，受托人无转委托权。"])]
#[case("recommendation_agreement", &["推荐挂牌服务协议", "甲方：如皋云帆机电有限责任公司", "乙方（推荐机构）：南通启航投资咨询有限公司", "甲乙双方就推荐挂牌达成协议，推荐服务费二十万元。"])]
#[case("directors_commitment", &["董事会全体成员承诺书", "我们作为公司董事，全体董事保证申请文件真实、准确、完整。", "董事签字："])]
#[case("listing_agreement", &["企业挂牌服务协议", "甲方：某地股权交易中心有限公司", "乙方：如皋云帆机电有限责任公司", "乙方按年缴纳挂牌年费，终止挂牌按甲方业务规则办理。"])]
#[case("articles_of_association", &["如皋云帆机电有限责任公司章程", "第一章 总则", "第一条 依据公司法，制定本章程。", "公司住所：南通市如皋市云帆路1号。"])]
#[case("audit_report", &["审 计 报 告", "如皋云帆机电有限责任公司全体股东：", "我们审计了后附的财务报表，包括资产负债表、利润表、现金流量表，公允反映了财务状况。"])]
#[case("legal_opinion", &["关于如皋云帆机电有限责任公司申请挂牌之法律意见书", "本所律师认为，本次挂牌合法。经办律师：严谨之"])]
#[case("asset_valuation", &["如皋云帆机电有限责任公司股东全部权益价值资产评估报告", "评估基准日为2024年3月31日，评估对象为净资产，采用资产基础法。"])]
#[case("custody_agreement", &["股份登记托管协议", "甲方：如皋云帆机电有限责任公司", "乙方：某地股权登记托管有限公司", "乙方办理初始登记、变更登记和质押登记。"])]
#[case("qualification_certificates", &["实用新型专利证书", "专利号：ZL202020000006.2", "授权公告日：2021年1月5日", "专利权人：如皋云帆机电有限责任公司"])]
#[case("credit_tax_social", &["无欠税证明", "纳税人识别号：91320682MA1MABCD0X", "税务机关：国家税务总局如皋市税务局"])]
fn variants_of_every_kind_are_recognised_without_their_names(#[case] slot: &str, #[case] texts: &[&str]) {
    let as_docx = classify(RulePack::listing(), "文件1.docx", 1, Some(&docx(texts)));
    assert_eq!(said(&as_docx), slot, "{as_docx:#?}");
    let as_pdf = classify(RulePack::listing(), "扫描.pdf", 1, Some(&pdf(vec![page(1, texts)])));
    assert!([slot.to_owned(), format!("unsure {slot}")].contains(&said(&as_pdf)), "{as_pdf:#?}");
    assert!(!as_docx.reasons.is_empty());
}

#[rstest]
#[case(&["会议室使用登记表", "部门\t时间\t用途", "行政部\t周一\t例会"])]
#[case(&["请柬", "诚邀您参加公司周年庆典。"])]
#[case(&["采购合同", "甲方：如皋云帆机电有限责任公司", "乙方：海门铸造有限公司", "乙方按甲方图纸供货，货款三十日内付清。"])]
fn what_belongs_nowhere_is_never_placed(#[case] texts: &[&str]) {
    let classification = classify(RulePack::listing(), "其他.docx", 1, Some(&docx(texts)));
    assert!(said(&classification).starts_with("unsure"), "{classification:#?}");
}

#[test]
fn the_list_of_the_documents_is_none_of_them() {
    let list = [
        "报送材料清单",
        "1\t挂牌申请报告",
        "2\t股份转让说明书",
        "3\t股东会决议",
        "4\t公司章程",
        "5\t审计报告",
        "6\t法律意见书",
        "7\t推荐意见书",
        "8\t营业执照",
    ];
    assert_eq!(said(&classify(RulePack::listing(), "清单.docx", 1, Some(&docx(&list)))), "ignore Contents");
}

#[test]
fn two_documents_in_one_file_are_told_apart_by_their_pages() {
    let reading = pdf(vec![
        page(
            1,
            &[
                "公司章程",
                "第一章总则",
                "第一条依据公司法，制定本章程。公司住所：南通市。本章程自登记之日起生效。",
            ],
        ),
        page(2, &["第二章经营宗旨和范围", "公司经营机电产品。"]),
        page(
            3,
            &[
                "股东会决议",
                "应出席会议股东三名，全体股东审议通过以下事项，形成如下决议：",
                "表决结果：同意占100%，弃权0%。全体股东签字：",
            ],
        ),
    ]);
    let classification = classify(RulePack::listing(), "合并.pdf", 1, Some(&reading));
    assert_eq!(said(&classification), "articles_of_association 1-2, shareholder_resolution 3-3");
    assert_eq!(classification.reasons.len(), 2);
}

fn cell(column: u32, text: &str, percent: bool) -> Cell {
    Cell { column, text: text.to_owned(), formula: false, span: (1, 1), percent }
}

fn register() -> Reading {
    let rows: &[&[&str]] = &[
        &["如皋云帆机电有限责任公司股东清册"],
        &["编号", "出资人名称", "证照号码", "出资额（万元）", "出资比例（%）"],
        &["1", "顾望", "110101199003070011", "600", "60"],
        &["2", "南通启明企业管理合伙企业（有限合伙）", "91320600MA1NABCD6E", "400", "40"],
        &["", "合计", "", "1000", "100"],
    ];
    let rows = rows
        .iter()
        .zip(1u32..)
        .map(|(cells, number)| Row {
            number,
            hidden: false,
            cells: cells
                .iter()
                .zip(0u32..)
                .filter(|(text, _)| !text.is_empty())
                .map(|(text, column)| cell(column, text, false))
                .collect(),
        })
        .collect();
    let sheet = Sheet { name: "Sheet1".to_owned(), hidden: false, hidden_columns: Vec::new(), rows };
    Reading { kind: media::Kind::Xlsx, pages: Vec::new(), sheets: vec![sheet], page_count: 0 }
}

#[test]
fn a_register_of_capital_contributions_is_read_with_its_units() {
    let reading = register();
    assert_eq!(said(&classify(RulePack::listing(), "表1.xlsx", 1, Some(&reading))), "shareholder_register");
    let facts = fact::facts(&SlotId::new("shareholder_register").unwrap(), &reading);
    let values = |key: Key| {
        facts.iter().filter(|fact| fact.key == key).map(|fact| fact.value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(values(Key::HolderName), ["顾望", "南通启明企业管理合伙企业（有限合伙）"]);
    assert_eq!(values(Key::HolderShares), ["6000000", "4000000"]);
    assert_eq!(values(Key::HolderPercent), ["60", "40"]);
    assert_eq!(values(Key::PercentSum), ["100"]);
    let spot = facts.iter().find(|fact| fact.key == Key::HolderShares).unwrap();
    assert_eq!(spot.place.cell.as_deref(), Some("D3"));
}

#[test]
fn a_customer_in_the_text_is_not_the_subject_and_a_stranger_s_certificate_is() {
    let own = docx(&[
        "承诺书",
        "如皋云帆机电有限责任公司（以下简称“公司”）郑重承诺。",
        &format!("统一社会信用代码：{CODE}"),
        "主要客户：海门铸造有限公司，统一社会信用代码：91320684MA1PABCD3N",
    ]);
    let strange = docx(&["无欠税证明", "纳税人识别号\t91320684MA1PABCD3N", "纳税人名称\t海门铸造有限公司"]);
    let place = |path: &str, reading: &Reading| classify(RulePack::listing(), path, 1, Some(reading));
    let (first, second) = (place("承诺.docx", &own), place("完税.docx", &strange));
    let files = [
        Sorted { path: "承诺.docx", sha256: &[1; 32], classification: &first, reading: Some(&own) },
        Sorted { path: "完税.docx", sha256: &[2; 32], classification: &second, reading: Some(&strange) },
    ];
    let aside = set_aside(&files, Some("如皋云帆机电有限责任公司"), Some(CODE));
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(matches!(&aside[0], (1, Aside::OtherCompany { code, .. }) if code == "91320684MA1PABCD3N"));
}

#[test]
fn a_draft_without_its_finished_version_stays() {
    let reading = docx(&["推荐意见书", "经内核审议，本推荐机构同意推荐，符合挂牌条件。"]);
    let draft = classify(RulePack::listing(), "推荐意见（草稿）.docx", 1, Some(&reading));
    let file =
        |path, sha256, classification| Sorted { path, sha256, classification, reading: Some(&reading) };
    let alone = [file("推荐意见（草稿）.docx", &[1; 32], &draft)];
    assert_eq!(set_aside(&alone, None, None), []);
    let both = [file("推荐意见（草稿）.docx", &[1; 32], &draft), file("推荐意见.docx", &[2; 32], &draft)];
    assert_eq!(set_aside(&both, None, None), [(0, Aside::Superseded { by: "推荐意见.docx".to_owned() })]);
}

#[test]
fn a_card_alone_is_a_question_and_the_folder_answers_it() {
    let card = |name: &str, id: &str| {
        docx(&[
            "姓名",
            name,
            "性别男 民族汉",
            "公民身份号码",
            id,
            "中华人民共和国",
            "居民身份证",
            "签发机关：如皋市公安局",
        ])
    };
    let (agent_card, other_card) = (card("严谨之", "110101199003070011"), card("林某", "11010119900307002X"));
    let authority = docx(&[
        "授权委托书",
        "兹委托严谨之（居民身份证号码：110101199003070011）为经办人，授权期限至2027年12月31日，受托人无转委托权。",
    ]);
    let place = |path: &str, reading: &Reading| classify(RulePack::listing(), path, 1, Some(reading));
    let (first, second, third) =
        (place("IMG_1.jpg", &agent_card), place("IMG_2.jpg", &other_card), place("授权.docx", &authority));
    assert_eq!(said(&first), "unsure legal_rep_id");
    assert_eq!(said(&place("法人身份证.jpg", &other_card)), "legal_rep_id");
    let files = [
        Sorted { path: "IMG_1.jpg", sha256: &[1; 32], classification: &first, reading: Some(&agent_card) },
        Sorted { path: "IMG_2.jpg", sha256: &[2; 32], classification: &second, reading: Some(&other_card) },
        Sorted { path: "授权.docx", sha256: &[3; 32], classification: &third, reading: Some(&authority) },
    ];
    let settled = super::settle(&files);
    assert_eq!(settled.len(), 1, "{settled:?}");
    assert_eq!((settled[0].0, said(&settled[0].1).as_str()), (0, "agent_id_authorization"));
}
