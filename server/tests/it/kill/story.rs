//! What people do while the server is killed, again and again, and until an answer is lost.

use std::{sync::Arc, time::Duration};

use backend::chance::Random;
use reqwest::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    cast::{Cast, Person},
    http::{Http, Lost, location},
    memory::Memory,
    process::Process,
};
use crate::upload::pdf;

/// The people at work.
pub(super) struct Tasks(JoinSet<()>);

impl Tasks {
    /// Waits until everybody has noticed that the server is gone. A defect in an answer panics here.
    pub(super) async fn end(mut self) {
        while let Some(ended) = self.0.join_next().await {
            ended.expect("no answer was wrong");
        }
    }
}

/// Tells the story again and again; what it needs to know between two lives of the server.
pub(super) struct Story {
    pub(super) http: Http,
    pub(super) cast: Arc<Cast>,
    memory: Arc<Memory>,
    random: Random,
}

/// Slots of the draft that are uploaded into side by side.
const SLOTS: [&str; 2] = ["audit_report", "legal_opinion"];
/// Fields of the draft that are typed into.
pub(super) const FIELDS: [&str; 2] = ["main_business", "contact_person"];

impl Story {
    pub(super) fn new(process: &Process, cast: Arc<Cast>, memory: Arc<Memory>, seed: u64) -> Self {
        Self { http: Http::new(process.url()), cast, memory, random: Random::seeded(seed ^ 1) }
    }

    /// The first document of each slot, before anybody is killed.
    pub(super) async fn begin(&self) {
        for slot in SLOTS {
            self.desk().upload(slot).await.expect("the server answers");
        }
    }

    /// Everybody starts, and goes on until an answer is lost.
    pub(super) fn tell(&self) -> Tasks {
        let mut tasks = JoinSet::new();
        for slot in SLOTS {
            let desk = self.desk();
            tasks.spawn(async move { while desk.upload(slot).await.is_ok() {} });
        }
        for field in FIELDS {
            let desk = self.desk();
            tasks.spawn(async move { while desk.type_into(field).await.is_ok() {} });
        }
        for number in 0..self.cast.submitters.len() {
            let desk = self.desk();
            tasks.spawn(async move { while desk.round(number).await.is_ok() {} });
        }
        let desk = self.desk();
        tasks.spawn(async move { while desk.go_on().await.is_ok() {} });
        let desk = self.desk();
        tasks.spawn(async move { while desk.watch().await.is_ok() {} });
        Tasks(tasks)
    }

    pub(super) fn desk(&self) -> Desk {
        Desk {
            http: self.http.clone(),
            cast: Arc::clone(&self.cast),
            memory: Arc::clone(&self.memory),
            random: self.random.clone(),
        }
    }
}

/// One person's work.
pub(super) struct Desk {
    pub(super) http: Http,
    pub(super) cast: Arc<Cast>,
    pub(super) memory: Arc<Memory>,
    random: Random,
}

impl Desk {
    pub(super) fn word(&self) -> String {
        hex::encode(self.random.bytes::<8>())
    }

    async fn upload(&self, slot: &'static str) -> Result<(), Lost> {
        let author = &self.cast.author;
        let size = usize::from(u16::from_le_bytes(self.random.bytes())) * 4;
        let bytes = padded(&self.word(), size);
        let sha256 = hex::encode(Sha256::digest(&bytes));
        // A new version of the first document, so that the slot never fills.
        let first = self.memory.get().first.get(slot).copied();
        let replaces = first.map(|id: Uuid| format!("?replaces={id}")).unwrap_or_default();
        let path = format!("/filings/{}/slots/{slot}/documents{replaces}", author.filing);
        let (status, answer) = self.http.upload(&author.cookie, &path, bytes).await?;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        assert_eq!(answer["sha256"], sha256);
        let document = answer["document"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        self.memory.get().first.entry(slot).or_insert(document);
        self.memory.get().uploads.push((document, answer["number"].as_i64().expect("a number"), sha256));
        Ok(())
    }

    async fn type_into(&self, field: &'static str) -> Result<(), Lost> {
        let author = &self.cast.author;
        let filing = author.filing.to_string();
        let value = format!("主营 {}", self.word());
        let mut version = self.memory.get().fields.get(field).map_or(0, |(_, version)| *version);
        for _ in 0..3 {
            let fields = [
                ("filing", filing.as_str()),
                ("field", field),
                ("value", &value),
                ("version", &version.to_string()),
            ];
            let (status, answer) = self.http.call(&author.cookie, "/do/filing/save-field", &fields).await?;
            assert_eq!(status, StatusCode::OK, "{answer}");
            version = answer["version"].as_i64().expect("a version");
            if answer["outcome"] == "saved" {
                self.memory.get().fields.insert(field, (value, version));
                return Ok(());
            }
        }
        panic!("{field} could not be saved although nobody else types");
    }

    /// The exchange sends the filing back where it has it; the enterprise submits again and fetches the receipt. A
    /// filing that lies with the exchange would answer any key with the version it has.
    pub(super) async fn round(&self, number: usize) -> Result<(), Lost> {
        let person = &self.cast.submitters[number];
        self.send_back(person).await?;
        let key = format!("key-{}", self.word());
        self.memory.get().submissions.insert(key.clone(), (person.filing, None));
        let made = self.submit(person, &key).await?;
        let Some(made) = made else {
            let filing = person.filing.to_string();
            let fields = [("filing", filing.as_str()), ("key", &key), ("declared", "on")];
            let why = self.http.call(&person.cookie, "/do/filing/submit", &fields).await?;
            panic!("filing {filing} was sent back but is not accepted: {why:?}");
        };
        self.memory.get().submissions.insert(key, (person.filing, Some(made)));
        self.receipt(person, made).await
    }

    /// The number of the version that this key made; none when the stage does not allow it.
    pub(super) async fn submit(&self, person: &Person, key: &str) -> Result<Option<i64>, Lost> {
        let filing = person.filing.to_string();
        let fields = [("filing", filing.as_str()), ("key", key), ("declared", "on")];
        let answer = self.http.form(&person.cookie, "/do/filing/submit", &fields).await?;
        let to = location(&answer).to_owned();
        assert!(
            answer.status().is_redirection(),
            "{}: {}",
            answer.status(),
            answer.text().await.unwrap_or_default()
        );
        Ok(to.split_once("/receipt?version=").and_then(|(_, number)| number.parse().ok()))
    }

    pub(super) async fn receipt(&self, person: &Person, number: i64) -> Result<(), Lost> {
        let path = format!("/filings/{}/versions/{number}/receipt.json", person.filing);
        for _ in 0..200 {
            let (status, bytes) = self.http.get(Some(&person.cookie), &path).await?;
            if status == StatusCode::OK {
                self.memory.get().receipts.push(bytes);
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no receipt after four seconds");
    }

    /// Does nothing where the filing is with the enterprise already.
    pub(super) async fn send_back(&self, person: &Person) -> Result<(), Lost> {
        let reviewer = &self.cast.reviewer;
        let filing = person.filing.to_string();
        let path = format!("/review/{filing}?do=correct");
        let (status, page) = self.http.get(Some(&reviewer.cookie), &path).await?;
        assert_eq!(status, StatusCode::OK);
        let page = String::from_utf8_lossy(&page).into_owned();
        // The panel is there only while the decision is possible.
        let version = page
            .split("name=\"version\"")
            .nth(1)
            .and_then(|rest| rest.split("value=\"").nth(1)?.split('"').next());
        let Some(version) = version else { return Ok(()) };
        let fields = [
            ("decision", "correct"),
            ("filing", filing.as_str()),
            ("version", version),
            ("items[0][slot]", "shareholder_resolution"),
            ("items[0][reason]", "决议未载明表决结果，请补充。"),
        ];
        let (status, answer) = self.http.call(&reviewer.cookie, "/do/review/ask", &fields).await?;
        assert_eq!(status, StatusCode::OK, "{answer}");
        Ok(())
    }

    /// An outsider who keeps every checkpoint.
    async fn watch(&self) -> Result<(), Lost> {
        let (status, note) = self.http.get(None, "/ledger/checkpoint").await?;
        assert_eq!(status, StatusCode::OK);
        let note = String::from_utf8(note).expect("text");
        self.memory.get().saw(note);
        tokio::time::sleep(Duration::from_millis(15)).await;
        Ok(())
    }
}

/// A valid PDF of about this size.
fn padded(word: &str, size: usize) -> Vec<u8> {
    let mut bytes = pdf(word);
    let end = bytes.split_off(bytes.len() - 60);
    bytes.extend(std::iter::repeat_n(b'%', size));
    bytes.push(b'\n');
    bytes.extend(end);
    bytes
}
