//! The people of the filing stories: an enterprise, three firms, the exchange, a supervisor and a stranger, put
//! straight into the database, since registering is another module's story.

use std::{collections::BTreeMap, sync::Arc};

use backend::{
    Cx, Error, Services, args,
    document::{DocumentAdded, NewUpload, Upload},
    error::Message,
    filing::{self, FieldInput},
    settings::Settings,
};
use domain::{
    actor::{Actor, Assurance, OrgKind, Role, Standing},
    id::{FilingId, OrgId, UserId},
    locale::Locale,
};
use ledger::testing::SoftwareAuthenticator;

use crate::World;

/// Everybody, signed in.
pub(crate) struct Cast {
    pub(crate) enterprise: Cx,
    pub(crate) sponsor: Cx,
    pub(crate) accountant: Cx,
    pub(crate) lawyer: Cx,
    pub(crate) reviewer: Cx,
    pub(crate) second: Cx,
    pub(crate) operator: Cx,
    pub(crate) supervisor: Cx,
    pub(crate) stranger: Cx,
}

impl Cast {
    pub(crate) async fn of(world: &World) -> Self {
        let exchange = org(world, OrgKind::Exchange, "江苏示例股权交易中心", "913200000000000001").await;
        let regulator = org(world, OrgKind::Regulator, "江苏示例地方金融管理局", "913200000000000002").await;
        let enterprise =
            org(world, OrgKind::Enterprise, "苏州示例智造股份有限公司", "91310000564759688N").await;
        let stranger = org(world, OrgKind::Enterprise, "无锡另一家科技有限公司", "91310115051261120U").await;
        let sponsor = org(world, OrgKind::Sponsor, "示例证券股份有限公司", "913200000000000003").await;
        let accountant =
            org(world, OrgKind::AccountingFirm, "示例会计师事务所（特殊普通合伙）", "913200000000000004")
                .await;
        let lawyer = org(world, OrgKind::LawFirm, "示例律师事务所", "913200000000000005").await;
        Self {
            enterprise: person(world, &enterprise, Role::Preparer, "王一").await,
            sponsor: person(world, &sponsor, Role::Signer, "李二").await,
            accountant: person(world, &accountant, Role::Signer, "张三").await,
            lawyer: person(world, &lawyer, Role::Signer, "赵四").await,
            reviewer: person(world, &exchange, Role::Reviewer, "初审甲").await,
            second: person(world, &exchange, Role::SecondReviewer, "复核乙").await,
            operator: person(world, &exchange, Role::Operator, "运营丙").await,
            supervisor: person(world, &regulator, Role::Supervisor, "监管丁").await,
            stranger: person(world, &stranger, Role::Preparer, "外人").await,
        }
    }
}

struct Org {
    id: OrgId,
    kind: OrgKind,
    name: String,
}

async fn org(world: &World, kind: OrgKind, name: &str, code: &str) -> Org {
    let cx = world.anonymous();
    let id = OrgId(cx.id());
    let salt = cx.random.bytes::<32>();
    let mut tx = cx.db.begin().await.expect("a transaction");
    tx.run(
        "INSERT INTO organisation (id, ledger_name, salt, kind, name, credit_code, city, legal_representative,
            contact_name, contact_phone, standing, verified_at, rules_version, rules_accepted_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'suzhou', '陈某某', '王一', '13800000000', 'good', $7, '2026.1', $7, $7, $7)",
        args![id, format!("org-{}", hex::encode(&salt[..8])), salt, kind.name(), name, code, cx.now()],
    )
    .await
    .expect("an organisation");
    tx.commit().await.expect("durable");
    Org { id, kind, name: name.to_owned() }
}

async fn person(world: &World, org: &Org, role: Role, name: &str) -> Cx {
    let cx = world.anonymous();
    let id = UserId(cx.id());
    let mut tx = cx.db.begin().await.expect("a transaction");
    tx.run(
        "INSERT INTO person (id, org_id, login, name, role, password, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, 'none', $6, $6)",
        args![id, org.id, id.to_string(), name, role.name(), cx.now()],
    )
    .await
    .expect("a person");
    let passkey = passkey(id);
    tx.run(
        "INSERT INTO passkey (id, person_id, credential_id, public_key, counter, name, created_at)
         VALUES ($1, $2, $3, $4, 0, '测试密钥', $5)",
        args![cx.id(), id, passkey.credential_id(), passkey.public_key().to_bytes(), cx.now()],
    )
    .await
    .expect("a passkey");
    tx.commit().await.expect("durable");
    cx.with_actor(Actor {
        user: id,
        name: name.to_owned(),
        role,
        org: org.id,
        org_name: org.name.clone(),
        org_kind: org.kind,
        standing: Standing::Good,
        assurance: Assurance::Passkey,
        must_enrol_passkey: false,
        fresh: true,
        accepted_rules: Some("2026.1".into()),
    })
}

/// The passkey of a person, always the same.
pub(crate) fn passkey(user: UserId) -> SoftwareAuthenticator {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(user.0.as_bytes());
    SoftwareAuthenticator::from_seed(&seed)
}

/// The same person in an organisation that the exchange has sanctioned.
/// Somebody else of the same organisation.
pub(crate) async fn colleague(world: &World, cx: &Cx, role: Role, name: &str) -> Cx {
    let actor = cx.actor().expect("signed in");
    let org = Org { id: actor.org, kind: actor.org_kind, name: actor.org_name.clone() };
    person(world, &org, role, name).await
}

pub(crate) fn standing(cx: &Cx, standing: Standing) -> Cx {
    let mut actor = cx.actor().expect("signed in").clone();
    actor.standing = standing;
    cx.with_actor(actor)
}

/// The same person on an instance that is configured otherwise.
pub(crate) fn with_settings(world: &World, settings: Settings, cx: &Cx) -> Cx {
    let services = Services { settings, ..Services::clone(&world.services) };
    Cx::anonymous(Arc::new(services)).with_actor(cx.actor().expect("signed in").clone())
}

/// A small PDF that no other call with another text gives.
pub(crate) fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n% {text}\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 1 >>\nstartxref\n9\n%%EOF\n").into_bytes()
}

/// Uploads a whole file in one piece.
pub(crate) async fn upload(
    cx: &Cx,
    filing: FilingId,
    slot: &str,
    name: &str,
    bytes: &[u8],
) -> Result<DocumentAdded, Error> {
    let mut upload = Upload::begin(cx, to(cx, filing, slot, name)).await?;
    upload.write(bytes).await?;
    upload.finish().await
}

pub(crate) fn to(cx: &Cx, filing: FilingId, slot: &str, name: &str) -> NewUpload {
    NewUpload {
        filing,
        slot: slot.into(),
        file_name: name.into(),
        replaces: None,
        declared_length: None,
        received_at: cx.now(),
    }
}

/// The Chinese words of a refusal that a person can mend.
pub(crate) fn said<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Rejected(message @ Message::Said(..))) => {
            let english = message.said(Locale::En).unwrap_or_default();
            assert!(english.is_ascii() || english.contains('“'), "no English: {english}");
            message.said(Locale::Zh).unwrap_or_default().to_owned()
        }
        other => panic!("a refusal with words was expected, not {other:?}"),
    }
}

/// Opens a filing of this enterprise.
pub(crate) async fn opened(cx: &Cx) -> FilingId {
    let key = hex::encode(cx.random.bytes::<8>());
    filing::open(cx, &key, "growth").await.expect("a filing is opened")
}

/// Good answers to every field of the bundled pack that is asked for.
pub(crate) async fn fill_fields(cx: &Cx, id: FilingId) {
    let answers = BTreeMap::from([
        ("company_name", "苏州示例智造股份有限公司"),
        ("short_name", "示例智造"),
        ("credit_code", "91310000564759688N"),
        ("company_type", "股份有限公司"),
        ("registered_capital", "3,000 万元"),
        ("paid_in_capital", "3,000 万元"),
        ("established_date", "2015年3月1日"),
        ("converted_date", "2020-06-30"),
        ("legal_representative", "陈某某"),
        ("actual_controller", "陈某某"),
        ("registered_address", "苏州市工业园区示例路1号"),
        ("city", "苏州市"),
        ("industry", "专用设备制造业"),
        ("main_business", "研发、生产和销售精密检测设备。"),
        ("board", "成长板"),
        ("layer", "G"),
        ("application_date", "2026-11-02"),
        ("resolution_date", "2026-10-20"),
        ("has_qualifications", "没有"),
        ("has_valuation", "没有"),
        ("share_total", "3,000万股"),
        ("holder_count", "12人"),
        ("sponsor_name", "示例证券股份有限公司"),
        ("accounting_firm_name", "示例会计师事务所（特殊普通合伙）"),
        ("law_firm_name", "示例律师事务所"),
        ("audit_opinion", "标准无保留意见"),
        ("audit_report_number", "示例审字〔2026〕第 0001 号"),
        ("audit_period_end", "2026-06-30"),
        ("revenue_last_year", "5,000 万元"),
        ("net_profit_last_year", "500 万元"),
        ("total_assets", "8,000 万元"),
        ("total_liabilities", "3,000 万元"),
        ("equity", "5,000 万元"),
        ("contact_person", "李某某"),
        ("contact_phone", "025-00000000"),
    ]);
    let now = filing::workspace(cx, id).await.expect("the workspace");
    let inputs: Vec<FieldInput> = now
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .filter_map(|field| {
            let raw = (*answers.get(field.id.as_str())?).to_owned();
            Some(FieldInput { field: field.id.clone(), raw, expected: field.version })
        })
        .collect();
    let result = filing::save_fields(cx, id, &inputs).await.expect("fields are saved");
    assert!(result.errors.0.is_empty(), "{:?}", result.errors);
    let missing = filing::workspace(cx, id).await.expect("the workspace").completeness.missing_fields;
    assert!(missing.is_empty(), "{missing:?}");
}

/// One document in every slot that is asked for.
pub(crate) async fn fill_slots(cx: &Cx, id: FilingId) {
    for slot in filing::workspace(cx, id).await.expect("the workspace").slots {
        if slot.required && slot.documents.is_empty() {
            let name = format!("{}.pdf", slot.name.zh);
            upload(cx, id, slot.id.as_str(), &name, &pdf(slot.id.as_str())).await.expect("a good file");
        }
    }
}
