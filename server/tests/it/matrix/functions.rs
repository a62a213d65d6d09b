//! Every server function with a form that its handler understands, and how far it may reach. A server function without
//! a row here fails the matrix: whoever adds one says here who may use it.

/// Whom a server function concerns; decides which rules hold for it beyond the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Open to everybody: signing in, registering, accepting an invitation.
    Door,
    /// The own account, from the password on.
    Account,
    /// The own organisation.
    Organisation,
    /// Objects of the tenant whose ids are sent: strangers must not learn that they exist.
    Tenant,
    /// The exchange's own work.
    Exchange,
}

/// One server function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function {
    pub path: &'static str,
    pub reach: Reach,
    pub fields: &'static [(&'static str, &'static str)],
}

const fn row(path: &'static str, reach: Reach, fields: &'static [(&'static str, &'static str)]) -> Function {
    Function { path, reach, fields }
}

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";
const NEW: &str = "correct horse battery";

use Reach::{Account, Door, Exchange, Organisation, Tenant};

/// All of them, by noun.
pub(crate) fn all() -> Vec<Function> {
    let mut all = Vec::new();
    all.extend(session());
    all.extend(account());
    all.extend(organisation());
    all.extend(filing());
    all.extend(intake());
    all.extend(holders());
    all.extend(firm());
    all.extend(exchange());
    all.extend(people());
    all.extend(operator());
    all
}

fn session() -> [Function; 11] {
    [
        row("/do/session/step-up", Account, &[("code", "000000")]),
        row("/do/look/set", Door, &[("theme", "dark")]),
        row("/do/session/begin", Door, &[("login", "nobody@example.com"), ("password", "wrong")]),
        row("/do/session/second-factor", Door, &[("code", "000000")]),
        row("/do/session/end", Door, &[]),
        row("/do/passkey/start-sign-in", Door, &[]),
        row("/do/passkey/finish-sign-in", Door, &[("response", "{}")]),
        row("/do/invitation/accept", Door, &[("token", "none"), ("password", NEW), ("again", NEW)]),
        row(
            "/do/organisation/register",
            Door,
            &[
                ("kind", "enterprise"),
                ("name", "示例公司"),
                ("credit_code", "x"),
                ("city", "南京市"),
                ("legal_representative", "某人"),
                ("contact_name", "某人"),
                ("contact_phone", "025-86000000"),
                ("person_name", "某人"),
                ("login", "somebody@example.com"),
                ("password", NEW),
                ("again", NEW),
            ],
        ),
        row("/do/session/end-one", Account, &[("handle", "00")]),
        row("/do/session/end-others", Account, &[]),
    ]
}

fn account() -> [Function; 9] {
    [
        row("/do/passkey/start-registration", Account, &[]),
        row("/do/passkey/finish-registration", Account, &[("name", "key"), ("response", "{}")]),
        row("/do/passkey/rename", Account, &[("id", NOBODY), ("name", "x")]),
        row("/do/passkey/remove", Account, &[("id", NOBODY)]),
        row("/do/totp/confirm", Account, &[("code", "000000")]),
        row("/do/totp/remove", Account, &[]),
        row("/do/person/change-password", Account, &[("old", "wrong"), ("new", NEW), ("again", NEW)]),
        row("/do/token/create", Account, &[("name", "x"), ("days", "30")]),
        row("/do/token/revoke", Account, &[("id", NOBODY)]),
    ]
}

fn organisation() -> [Function; 2] {
    [
        row("/do/organisation/accept-rules", Organisation, &[("version", "2026.1")]),
        row("/do/filing/open", Organisation, &[("open_key", "matrix-open"), ("board", "growth")]),
    ]
}

const FILING: &[(&str, &str)] = &[("filing", "{filing}")];

fn filing() -> [Function; 14] {
    [
        row(
            "/do/filing/confirm",
            Tenant,
            &[("filing", "{filing}"), ("fields[contact_person]", "某人"), ("versions[contact_person]", "1")],
        ),
        row(
            "/do/filing/around",
            Tenant,
            &[("filing", "{filing}"), ("tab", "matrix-tab"), ("field", "contact_person")],
        ),
        row(
            "/do/filing/save-field",
            Tenant,
            &[("filing", "{filing}"), ("field", "contact_person"), ("value", "某人"), ("version", "1")],
        ),
        row(
            "/do/filing/save-fields",
            Tenant,
            &[("filing", "{filing}"), ("fields[contact_person]", "某人"), ("versions[contact_person]", "1")],
        ),
        row(
            "/do/filing/submit",
            Tenant,
            &[("filing", "{filing}"), ("key", "matrix-submit"), ("declared", "on")],
        ),
        row("/do/filing/reply", Tenant, &[("filing", "{filing}"), ("key", "matrix-reply")]),
        row("/do/filing/request-attestation", Tenant, FILING),
        row("/do/filing/recall-attestation", Tenant, FILING),
        row("/do/filing/withdraw", Tenant, FILING),
        row("/do/document/remove", Tenant, &[("document", "{document}")]),
        row("/do/document/restore", Tenant, &[("document", "{document}")]),
        row("/do/document/move", Tenant, &[("document", "{document}"), ("slot", "legal_opinion")]),
        row(
            "/do/engagement/engage",
            Tenant,
            &[("filing", "{filing}"), ("firm", NOBODY), ("slots[0]", "audit_report"), ("note", "")],
        ),
        row(
            "/do/engagement/end",
            Tenant,
            &[("filing", "{filing}"), ("engagement", "{engagement}"), ("reason", "更换机构")],
        ),
    ]
}

const PREPARED: &str =
    r#"{"filing":"{filing}","slot":"audit_report","statement":"{}","reason":"","options":{}}"#;
const ASSERTION: &str =
    r#"{"rawId":"AA","response":{"authenticatorData":"AA","clientDataJSON":"AA","signature":"AA"}}"#;

/// The market has no file that waits; who may act on one is told in `backend/tests/it/intake.rs`.
fn intake() -> [Function; 8] {
    const FILE: &[(&str, &str)] = &[("file", NOBODY)];
    [
        row("/do/intake/place", Tenant, &[("file", NOBODY), ("slot", "audit_report")]),
        row("/do/intake/set-aside", Tenant, FILE),
        row("/do/intake/put-back", Tenant, FILE),
        row("/do/intake/undo", Tenant, FILE),
        row(
            "/do/intake/split",
            Tenant,
            &[("file", NOBODY), ("parts[0][first]", "1"), ("parts[0][last]", "2")],
        ),
        row("/do/fact/adopt", Tenant, &[("filing", "{filing}"), ("field", "company_name")]),
        row("/do/fact/adopt-all", Tenant, FILING),
        row(
            "/do/finding/explain",
            Tenant,
            &[("filing", "{filing}"), ("finding", "none"), ("reason", "已核对")],
        ),
    ]
}

/// The market has no register that was taken over; who may correct one is told in `backend/tests/it/holder_register.rs`.
fn holders() -> [Function; 5] {
    const ROW: &[(&str, &str)] =
        &[("filing", "{filing}"), ("number", "1"), ("ordinal", "1"), ("version", "1")];
    [
        row(
            "/do/holder-register/import",
            Tenant,
            &[
                ("filing", "{filing}"),
                ("document", "{document}"),
                ("number", "1"),
                ("sheet", "0"),
                ("heading", "5"),
                ("expected", "0"),
            ],
        ),
        row(
            "/do/holder-register/restore",
            Tenant,
            &[("filing", "{filing}"), ("number", "1"), ("expected", "1")],
        ),
        row(
            "/do/holder/save",
            Tenant,
            &[("filing", "{filing}"), ("number", "1"), ("name", "某人"), ("shares", "1")],
        ),
        row("/do/holder/remove", Tenant, ROW),
        row("/do/holder/put-back", Tenant, ROW),
    ]
}

fn firm() -> [Function; 4] {
    [
        row("/do/engagement/accept", Tenant, &[("engagement", "{engagement}")]),
        row("/do/engagement/decline", Tenant, &[("engagement", "{engagement}"), ("reason", "人手不足")]),
        row(
            "/do/attestation/prepare",
            Tenant,
            &[("filing", "{filing}"), ("slot", "audit_report"), ("decision", "attest"), ("reason", "")],
        ),
        // Well-formed, so that authority is asked before the signature is looked at.
        row("/do/attestation/complete", Tenant, &[("prepared", PREPARED), ("assertion", ASSERTION)]),
    ]
}

fn exchange() -> [Function; 2] {
    [
        row(
            "/do/review/decide",
            Tenant,
            &[
                ("decision", "accept"),
                ("filing", "{filing}"),
                ("version", "{version}"),
                ("opinion", "材料齐备，予以受理。"),
            ],
        ),
        row(
            "/do/review/ask",
            Tenant,
            &[
                ("decision", "correct"),
                ("filing", "{filing}"),
                ("version", "{version}"),
                ("items[0][slot]", "audit_report"),
                ("items[0][reason]", "请补充。"),
            ],
        ),
    ]
}

fn people() -> [Function; 6] {
    const PERSON: &[(&str, &str)] = &[("person", "{person}"), ("version", "1"), ("back", "/organisation")];
    [
        row("/do/organisation/correct", Organisation, PARTICULARS),
        row(
            "/do/invitation/issue",
            Tenant,
            &[
                ("organisation", "{organisation}"),
                ("person_name", "某人"),
                ("login", "somebody@example.com"),
                ("role", "preparer"),
                ("back", "/organisation"),
            ],
        ),
        row("/do/person/disable", Tenant, PERSON),
        row("/do/person/enable", Tenant, PERSON),
        row("/do/person/reset-second-factor", Tenant, PERSON),
        row(
            "/do/person/change-role",
            Tenant,
            &[("person", "{person}"), ("version", "1"), ("role", "preparer"), ("back", "/organisation")],
        ),
    ]
}

const PARTICULARS: &[(&str, &str)] = &[
    ("version", "1"),
    ("kind", "enterprise"),
    ("name", "示例公司"),
    ("credit_code", "x"),
    ("city", "南京市"),
    ("legal_representative", "某人"),
    ("contact_name", "某人"),
    ("contact_phone", "025-86000000"),
];

const VKEY: &str = "witness.example/matrix+087b423a+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR";

fn operator() -> [Function; 8] {
    const JUDGED: &[(&str, &str)] =
        &[("organisation", "{organisation}"), ("version", "{org_version}"), ("note", "材料不符")];
    [
        row("/do/witness/register", Exchange, &[("vkey", VKEY), ("url", "https://witness.example")]),
        row("/do/witness/end", Exchange, &[("witness", NOBODY)]),
        row("/do/witness/set-threshold", Exchange, &[("threshold", "2"), ("version", "1")]),
        row("/do/organisation/set-up", Exchange, PARTICULARS),
        row("/do/organisation/verify", Exchange, JUDGED),
        row("/do/organisation/refuse", Exchange, JUDGED),
        row(
            "/do/organisation/sanction",
            Exchange,
            &[
                ("organisation", "{organisation}"),
                ("version", "{org_version}"),
                ("standing", "warned"),
                ("reason", "未按期回复"),
            ],
        ),
        row(
            "/do/organisation/lift",
            Exchange,
            &[
                ("organisation", "{organisation}"),
                ("version", "{org_version}"),
                ("sanction", NOBODY),
                ("lift_reason", "已整改"),
            ],
        ),
    ]
}
