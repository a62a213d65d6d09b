//! Who plays in the killed-server story, and the market that they find: a small one that ends now, with filings that
//! are ready to go the whole way from draft to listing.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use backend::{
    Cx, args,
    chance::{Clock, Random},
    db::DbOptions,
    document::{NewUpload, Upload},
    filing::{self, FieldInput},
    passkey::encoding::Base64Url,
    sequencer,
};
use domain::{actor::OrgKind, id::FilingId};
use ledger::testing::SoftwareAuthenticator;
use uuid::Uuid;

use super::{http::Http, process::Process};
use crate::{
    Who,
    people::{self, Credentials},
    platform,
    template::{FEW_COMPANIES, filing_of},
    upload::pdf,
};

/// The enterprise whose filings go the whole way: its draft has every field.
const APPLICANT: &str = "company2@demo.guxin.example";
/// Above every counter that the seed's signatures have used.
const FIRST_COUNTER: u32 = 1_000_000;

/// Who plays.
pub(super) struct Cast {
    /// Each with a filing that was submitted before.
    pub(super) submitters: Vec<Person>,
    /// Uploads and types into a draft.
    pub(super) author: Person,
    /// Takes its filings from draft to listing, with the firms and the exchange.
    pub(super) applicant: Person,
    pub(super) firms: Vec<Firm>,
    /// Complete drafts of the applicant, without firms.
    pub(super) drafts: Vec<Uuid>,
    pub(super) reviewer: Person,
    pub(super) second_reviewer: Person,
    pub(super) operator: Person,
    /// Signatures made so far: a passkey's counter only rises.
    signatures: AtomicU32,
}

/// A firm of the demonstration with its signer.
pub(super) struct Firm {
    pub(super) id: Uuid,
    pub(super) kind: &'static str,
    pub(super) signer: Person,
    key: SoftwareAuthenticator,
}

/// A person with a filing and, once signed in, a session.
#[derive(Clone)]
pub(super) struct Person {
    credentials: Arc<Credentials>,
    pub(super) filing: Uuid,
    pub(super) cookie: String,
    /// For the JSON API, where it was made.
    pub(super) token: String,
}

impl Person {
    pub(super) fn new(credentials: Credentials, filing: Uuid) -> Self {
        Self { credentials: Arc::new(credentials), filing, cookie: String::new(), token: String::new() }
    }

    /// The same person about another filing.
    pub(super) fn about(&self, filing: Uuid) -> Self {
        Self { filing, ..self.clone() }
    }

    async fn sign_in(&mut self, http: &Http) {
        let Credentials { login, password, totp_secret } = &*self.credentials;
        self.cookie = http.sign_in(login, password, totp_secret).await;
    }
}

impl Cast {
    pub(super) async fn signed_in(mut self, process: &Process) -> Self {
        let http = Http::new(process.url());
        let exchange = [&mut self.reviewer, &mut self.second_reviewer, &mut self.operator];
        let firms = self.firms.iter_mut().map(|firm| &mut firm.signer);
        let enterprises = self.submitters.iter_mut().chain([&mut self.author, &mut self.applicant]);
        for person in enterprises.chain(firms).chain(exchange) {
            person.sign_in(&http).await;
        }
        self
    }

    /// A firm's signature under a challenge, as its signer's passkey gives it to the browser.
    pub(super) fn sign(&self, firm: &Firm, origin: &str, challenge: &[u8]) -> String {
        let mut key = firm.key.clone();
        key.set_counter(self.signatures.fetch_add(1, Ordering::Relaxed));
        let signed = key.assert("localhost", origin, challenge);
        let text = |bytes: &[u8]| Base64Url(bytes.to_vec());
        serde_json::json!({
            "rawId": text(&signed.credential_id),
            "response": {
                "authenticatorData": text(&signed.authenticator_data),
                "clientDataJSON": text(&signed.client_data_json),
                "signature": text(&signed.signature),
            },
        })
        .to_string()
    }
}

/// A small market that ends now, in an instance's folder and database, with this many drafts that can go the whole way.
pub(super) async fn market(folder: &Path, database: &DbOptions, drafts: usize) -> Cast {
    let now = Clock::System.now();
    let services =
        platform::services(folder, database, now, u64::from_le_bytes(Random::System.bytes())).await;
    backend::seed::demo(Arc::clone(&services), now, FEW_COMPANIES + 1, |_, _| ())
        .await
        .expect("the market is seeded");
    let cx = Cx::anonymous(Arc::clone(&services));
    // A code is good once: those that enrol need a later one to sign in.
    services.clock.set(now - time::Duration::minutes(5));
    let mut submitters = Vec::new();
    // One waits for acceptance, one has to correct: both go round and round.
    for company in [4, 5] {
        let login = format!("company{company}@demo.guxin.example");
        let credentials = people::crowd(&login);
        people::enrol(&services, &credentials).await;
        submitters.push(Person::new(credentials, filing_of(&cx, &login).await));
    }
    let draft = filing_of(&cx, "enterprise@demo.guxin.example").await;
    let of = |who: Who| Person::new(who.credentials().expect("an account"), draft);
    let credentials = people::crowd(APPLICANT);
    people::enrol(&services, &credentials).await;
    let mut applicant = Person::new(credentials, filing_of(&cx, APPLICANT).await);
    let own = people::cx_of(&services, APPLICANT).await;
    applicant.token = backend::token::create(&own, "way", 1).await.expect("a token").secret;
    let mut ready = Vec::new();
    for number in 0..drafts {
        ready.push(complete_draft(&own, FilingId(applicant.filing), number).await);
    }
    let mut firms = Vec::new();
    // The first three firms of the demonstration, whose signers stand on the sign-in page.
    for (number, kind, account) in [
        (0, OrgKind::Sponsor, "sponsor"),
        (1, OrgKind::AccountingFirm, "accountant"),
        (2, OrgKind::LawFirm, "lawyer"),
    ] {
        let account =
            backend::seed::accounts().into_iter().find(|one| one.role == account).expect("an account");
        let (id,): (Uuid,) = cx
            .db
            .read()
            .one("SELECT org_id FROM person WHERE login = $1", args![account.login])
            .await
            .expect("the firm is in the market");
        let credentials = Credentials {
            login: account.login.to_owned(),
            password: account.password.to_owned(),
            totp_secret: account.totp_secret.to_owned(),
        };
        let signer = Person::new(credentials, draft);
        firms.push(Firm { id, kind: kind.name(), signer, key: backend::seed::firm_passkey(number) });
    }
    sequencer::drain(&cx, &sequencer::Options::default()).await.expect("the ledger catches up");
    services.db.close().await;
    Cast {
        submitters,
        author: of(Who::OtherEnterprise),
        applicant,
        firms,
        drafts: ready,
        reviewer: of(Who::Reviewer),
        second_reviewer: of(Who::SecondReviewer),
        operator: of(Who::Operator),
        signatures: AtomicU32::new(FIRST_COUNTER),
    }
}

/// Opens a filing with the fields of `model` and a document in every slot that asks for one.
async fn complete_draft(own: &Cx, model: FilingId, number: usize) -> Uuid {
    let model = filing::workspace(own, model).await.expect("a filing with every field");
    let id = filing::open(own, &format!("way-{number:08}"), &model.filing.board).await.expect("a filing");
    let now = filing::workspace(own, id).await.expect("the new one");
    let versions =
        now.sections.iter().flat_map(|section| &section.fields).map(|field| (&field.id, field.version));
    let versions: std::collections::BTreeMap<_, _> = versions.collect();
    let inputs: Vec<FieldInput> = model
        .sections
        .iter()
        .flat_map(|section| &section.fields)
        .map(|field| FieldInput {
            field: field.id.clone(),
            raw: field.value.clone(),
            expected: versions.get(&field.id).copied().unwrap_or_default(),
        })
        .collect();
    let saved = filing::save_fields(own, id, &inputs).await.expect("fields are saved");
    assert!(saved.errors.0.is_empty(), "{:?}", saved.errors);
    for slot in filing::workspace(own, id).await.expect("the new one").slots {
        if slot.required {
            let new = NewUpload {
                filing: id,
                slot: slot.id.to_string(),
                file_name: format!("{}.pdf", slot.id),
                replaces: None,
                declared_length: None,
                received_at: own.now(),
            };
            let mut upload = Upload::begin(own, new).await.expect("the slot takes it");
            upload.write(&pdf(&format!("{} {number}", slot.id))).await.expect("a good file");
            upload.finish().await.expect("a good file");
        }
    }
    id.0
}
