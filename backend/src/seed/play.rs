//! Plays one step of one company's history through the use cases, as the person who would do it.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use domain::{
    actor::{OrgKind, Standing},
    id::{EngagementId, FilingId, OrgId, UserId},
};
use ledger::{statement::Decision, testing::SoftwareAuthenticator};

use super::{
    CROWD_PASSWORD, Firm, Stage, accounts, cast, enrol, paper,
    plan::{Act, Step},
};
use crate::{
    Cx,
    attestation::{self, SignedBy},
    document::{NewUpload, Upload},
    engagement,
    error::{Error, Result},
    filing::{self, FieldInput},
    organisation::{
        register::{self, Particulars, Register},
        standing,
    },
    review::{self, Answer, Item},
};

/// What is known of the companies so far.
#[derive(Default)]
pub(super) struct Companies(BTreeMap<usize, Known>);

#[derive(Clone)]
struct Known {
    org: OrgId,
    person: UserId,
    filing: Option<FilingId>,
    engagements: Vec<(usize, EngagementId)>,
    submissions: u32,
}

impl Companies {
    pub(super) async fn play(&mut self, stage: &Stage, step: &Step) -> Result<()> {
        let company = cast::company(step.company);
        if step.act == Act::Register {
            let known = register(stage, &company).await?;
            self.0.insert(step.company, known);
            return Ok(());
        }
        let known = self.0.get_mut(&step.company).ok_or(Error::NotFound)?;
        let own = stage.as_person(known.person).await?;
        match step.act {
            Act::Register => {}
            Act::Verify => {
                let operator = stage.as_person(stage.operator).await?;
                standing::verify(&operator, known.org, 1, "营业执照、法定代表人身份与授权材料核对一致")
                    .await?;
            }
            Act::Warn => {
                let operator = stage.as_person(stage.operator).await?;
                let record = crate::organisation::find(&operator, known.org).await?;
                standing::sanction(
                    &operator,
                    known.org,
                    record.version,
                    Standing::Warned,
                    "未按期回复联络，予以警示",
                )
                .await?;
            }
            Act::Open => {
                known.filing =
                    Some(filing::open(&own, &format!("demo-open-{}", company.number), company.board).await?);
            }
            Act::Fill => fill(&own, known.filing()?, &company, stage).await?,
            Act::Upload => upload(&own, known.filing()?, &company).await?,
            Act::Engage => known.engagements = engage(&own, known.filing()?, &company, stage).await?,
            Act::Engaged => {
                for (firm, engagement) in &known.engagements {
                    engagement::accept(&stage.as_person(firm_of(stage, *firm)?.admin).await?, *engagement)
                        .await?;
                }
            }
            Act::RequestAttestation => filing::request_attestation(&own, known.filing()?).await?,
            Act::Attest => attest(stage, known).await?,
            Act::Submit => {
                known.submissions += 1;
                let key = format!("demo-submit-{}-{}", company.number, known.submissions);
                filing::submit(&own, known.filing()?, &key, stage.cx.now()).await?.done()?;
            }
            Act::Withdraw => filing::withdraw(&own, known.filing()?).await?,
            Act::Reply => reply(&own, known).await?,
            _ => decide(stage, known.filing()?, step.act).await?,
        }
        Ok(())
    }
}

impl Known {
    fn filing(&self) -> Result<FilingId> {
        self.filing.ok_or(Error::NotFound)
    }
}

fn firm_of(stage: &Stage, number: usize) -> Result<&Firm> {
    stage.firms.get(number).ok_or(Error::NotFound)
}

async fn register(stage: &Stage, company: &cast::Company) -> Result<Known> {
    // The first company is the one whose person stands on the sign-in page.
    let account = (company.number == 0).then(|| accounts::of("enterprise"));
    let form = Register {
        kind: OrgKind::Enterprise.name().to_owned(),
        particulars: Particulars {
            name: company.name.clone(),
            credit_code: company.credit_code.clone(),
            city: company.city_name.to_owned(),
            legal_representative: company.head.clone(),
            contact_name: company.preparer.clone(),
            contact_phone: format!("025-8600{:04}", company.number),
        },
        person_name: company.preparer.clone(),
        login: account
            .map_or_else(|| format!("company{}@demo.guxin.example", company.number), |a| a.login.to_owned()),
        password: account.map_or(CROWD_PASSWORD, |a| a.password).to_owned(),
        accept_rules: true,
    };
    let made = register::register(&stage.cx, &form, None).await?;
    if let Some(account) = account {
        enrol(&stage.cx, made.person, account.totp_secret).await?;
    }
    Ok(Known {
        org: made.organisation,
        person: made.person,
        filing: None,
        engagements: Vec::new(),
        submissions: 0,
    })
}

async fn fill(own: &Cx, filing: FilingId, company: &cast::Company, stage: &Stage) -> Result<()> {
    let day =
        |before: i64| (domain::calendar::china_date(own.now()) - time::Duration::days(before)).to_string();
    let capital = company.capital;
    let firm = |kind: OrgKind| {
        let number = pick(stage, kind, company.number).unwrap_or_default();
        stage.firms.get(number).map_or("", |firm| firm.name).to_owned()
    };
    let revenue = capital * 2 + cast::roll("revenue", company.number) as u64 % 4_000;
    let assets = capital * 3;
    let debts = assets * (25 + cast::roll("debt", company.number) as u64 % 40) / 100;
    let money = |ten_thousands: u64| format!("{ten_thousands} 万元");
    let fields = [
        ("company_name", company.name.clone()),
        ("short_name", company.short_name.clone()),
        ("credit_code", company.credit_code.clone()),
        ("company_type", "joint_stock".into()),
        ("registered_capital", money(capital)),
        ("paid_in_capital", money(capital)),
        ("established_date", day(2_900)),
        ("converted_date", day(400)),
        ("legal_representative", company.head.clone()),
        ("actual_controller", company.head.clone()),
        ("registered_address", format!("{}示例大道 {} 号", company.city_name, company.number + 1)),
        ("city", company.city.into()),
        ("industry", company.industry.into()),
        ("main_business", company.business.into()),
        ("board", company.board.into()),
        ("layer", company.layer.into()),
        ("application_date", day(0)),
        ("resolution_date", day(12)),
        ("has_qualifications", "no".into()),
        ("has_valuation", "no".into()),
        ("share_total", (capital * 10_000).to_string()),
        ("holder_count", (3 + cast::roll("holders", company.number) % 40).to_string()),
        ("sponsor_name", firm(OrgKind::Sponsor)),
        ("accounting_firm_name", firm(OrgKind::AccountingFirm)),
        ("law_firm_name", firm(OrgKind::LawFirm)),
        ("audit_opinion", "unqualified".into()),
        ("audit_report_number", format!("示例审字〔2026〕第 {:04} 号", company.number + 1)),
        ("audit_period_end", day(120)),
        ("revenue_last_year", money(revenue)),
        ("net_profit_last_year", money(revenue / 11)),
        ("total_assets", money(assets)),
        ("total_liabilities", money(debts)),
        ("equity", money(assets - debts)),
        ("contact_person", company.preparer.clone()),
        ("contact_phone", format!("025-8600{:04}", company.number)),
    ];
    // What opening the filing filled in from the organisation's record has a version already.
    let workspace = filing::workspace(own, filing).await?;
    let known: BTreeMap<&str, i64> = workspace
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .map(|field| (field.id.as_str(), field.version))
        .collect();
    let inputs: Vec<FieldInput> = fields
        .into_iter()
        .map(|(field, raw)| FieldInput {
            field: field.to_owned(),
            raw,
            expected: known.get(field).copied().unwrap_or_default(),
        })
        .collect();
    filing::save_fields(own, filing, &inputs).await?;
    Ok(())
}

async fn upload(own: &Cx, filing: FilingId, company: &cast::Company) -> Result<()> {
    let pack = own.current_pack()?.clone();
    for slot in &pack.slots {
        let needed = matches!(slot.requirement, domain::rule_pack::Requirement::Required);
        // One company is left with two gaps, so that there is something to do.
        let gap =
            company.number == 1 && matches!(slot.id.as_str(), "custody_agreement" | "directors_commitment");
        if !needed || gap {
            continue;
        }
        let new = NewUpload {
            filing,
            slot: slot.id.as_str().to_owned(),
            file_name: format!("{:02} {}.pdf", slot.number, slot.name.zh.replace('/', "、")),
            replaces: None,
            declared_length: None,
            received_at: own.now(),
        };
        let bytes = paper::pdf(&slot.name.en, &format!("{} - company {}", slot.id.as_str(), company.number));
        let mut upload = Upload::begin(own, new).await?;
        upload.write(&bytes).await?;
        upload.finish().await?;
    }
    Ok(())
}

/// A firm of this kind for a company: the two of a kind share the market.
fn pick(stage: &Stage, kind: OrgKind, company: usize) -> Option<usize> {
    let of_kind: Vec<usize> = stage
        .firms
        .iter()
        .enumerate()
        .filter(|(_, firm)| firm.kind == kind)
        .map(|(number, _)| number)
        .collect();
    // The demonstration's own accounts get most of the work, so that their desks are not empty.
    let index = if company % 3 == 2 { of_kind.len().saturating_sub(1) } else { 0 };
    of_kind.get(index).copied()
}

async fn engage(
    own: &Cx,
    filing: FilingId,
    company: &cast::Company,
    stage: &Stage,
) -> Result<Vec<(usize, EngagementId)>> {
    let pack = own.current_pack()?.clone();
    let mut engaged = Vec::new();
    for kind in [OrgKind::Sponsor, OrgKind::AccountingFirm, OrgKind::LawFirm] {
        let Some(number) = pick(stage, kind, company.number) else { continue };
        let slots: Vec<String> = pack.slots_signed_by(kind).map(|slot| slot.id.as_str().to_owned()).collect();
        let firm = firm_of(stage, number)?;
        engaged.push((number, engagement::engage(own, filing, firm.id, &slots, "").await?));
    }
    Ok(engaged)
}

async fn attest(stage: &Stage, known: &Known) -> Result<()> {
    let filing = known.filing()?;
    for (number, _) in &known.engagements {
        let firm = firm_of(stage, *number)?;
        let signer = stage.as_person(firm.signer).await?;
        let slots: Vec<String> = signer
            .current_pack()?
            .slots_signed_by(firm.kind)
            .map(|slot| slot.id.as_str().to_owned())
            .collect();
        let mut authenticator = SoftwareAuthenticator::from_seed(&firm.key);
        for slot in slots {
            let prepared = attestation::prepare(&signer, filing, &slot, Decision::Attest, "").await?;
            let challenge = ledger::statement::Statement::challenge(&prepared.statement);
            let settings = &signer.settings;
            // A passkey's counter only rises, over all companies that the firm signs for.
            authenticator.set_counter(stage.signatures.fetch_add(1, Ordering::Relaxed));
            let signed = authenticator.assert(&settings.rp_id, &settings.public_url, &challenge);
            let signed = SignedBy {
                credential_id: signed.credential_id,
                authenticator_data: signed.authenticator_data,
                client_data_json: signed.client_data_json,
                signature: signed.signature,
            };
            attestation::complete(&signer, &prepared, &signed).await?;
        }
    }
    Ok(())
}

async fn reply(own: &Cx, known: &Known) -> Result<()> {
    let filing = known.filing()?;
    let workspace = filing::workspace(own, filing).await?;
    let open = workspace.review_items.iter().filter(|item| item.answered_at.is_none()).map(|item| item.id);
    let answers: Vec<Answer> = open
        .map(|item| Answer {
            item,
            text: "已补充说明：相关数据与审计报告一致，差异系单位换算所致，说明见更新后的材料。".into(),
        })
        .collect();
    review::reply(own, filing, &format!("demo-reply-{filing}"), &answers, own.now()).await?.done()?;
    Ok(())
}

async fn decide(stage: &Stage, filing: FilingId, act: Act) -> Result<()> {
    let person = match act {
        Act::Approve | Act::Reject | Act::Suspend => stage.second_reviewer,
        Act::Publicise | Act::List => stage.operator,
        _ => stage.reviewer,
    };
    let cx = stage.as_person(person).await?;
    let version = filing::workspace(&cx, filing).await?.filing.version;
    let item = |slot: &str, reason: &str| Item { slot: slot.to_owned(), reason: reason.to_owned() };
    match act {
        Act::Accept => review::accept(&cx, filing, version, "材料齐备，形式符合要求，予以受理。").await,
        Act::RefuseAcceptance => {
            review::refuse_acceptance(&cx, filing, version, "主营业务不属于本市场支持范围，不予受理。").await
        }
        Act::Correct => {
            let items = [
                item("shareholder_resolution", "决议未载明表决结果，请补充出席股份数与表决比例。"),
                item("articles_of_association", "章程注册资本条款与营业执照不一致，请核对后更换。"),
            ];
            review::return_for_correction(&cx, filing, version, &items).await
        }
        Act::Inquire => {
            let items = [
                item("audit_report", "请说明应收账款增速高于营业收入增速的原因。"),
                item("", "请说明前五大客户是否与实际控制人存在关联关系。"),
            ];
            review::inquire(&cx, filing, version, &items).await
        }
        Act::Recommend => {
            review::recommend(
                &cx,
                filing,
                version,
                "申请文件真实性已由中介机构鉴证，未见重大疑点，建议通过。",
            )
            .await
        }
        Act::Approve => review::approve(&cx, filing, version, "同意初审意见，审核通过。").await,
        Act::Reject => {
            review::reject(&cx, filing, version, "重大事项核查不充分，持续经营能力存疑，予以否决。").await
        }
        Act::Suspend => {
            review::suspend(&cx, filing, version, "申请人正在办理股权变更，依申请中止审核。").await
        }
        Act::Publicise => review::publicise(&cx, filing, version).await,
        Act::List => review::list(&cx, filing, version).await.map(|_| ()),
        _ => Err(Error::NotFound),
    }
}
