//! One filing's way from draft to listing, step by step, each by the person whose step it is: the enterprise engages its
//! firms, they take the engagements on, the filing goes to them, they attest with passkeys, it is submitted, accepted,
//! recommended, approved by somebody else, publicised and listed. Whoever was interrupted looks where the filing stands
//! and goes on from there, as people do.

use std::time::Duration;

use domain::workflow::StageName;
use ledger::statement::Statement;
use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::{
    cast::{Firm, Person},
    http::Lost,
    memory::Way,
    story::{Desk, Story},
};

/// Where a filing stands, as the JSON API says.
pub(super) struct Standing {
    pub(super) stage: StageName,
    version: String,
    slots: Vec<Slot>,
    /// The enterprise's code, once listed.
    pub(super) code: Option<String>,
}

struct Slot {
    id: String,
    /// Kind of firm.
    signer: Option<String>,
    filled: bool,
    attested: bool,
}

impl Standing {
    fn read(answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let slots = answer["slots"].as_array().expect("slots").iter();
        Self {
            stage: answer["stage"].as_str().and_then(StageName::from_name).expect("a stage"),
            version: answer["version"].as_i64().expect("a version").to_string(),
            slots: slots
                .map(|slot| Slot {
                    id: text(&slot["id"]).expect("an id"),
                    signer: text(&slot["signer"]),
                    filled: slot["documents"].as_array().is_some_and(|documents| !documents.is_empty()),
                    attested: slot["attested"] == true,
                })
                .collect(),
            code: text(&answer["enterprise"]["code"]),
        }
    }

    pub(super) fn is_attested(&self, id: &str) -> bool {
        self.slots.iter().any(|slot| slot.id == id && slot.attested)
    }
}

impl Story {
    /// Goes on until a filing has come all the way.
    pub(super) async fn until_one_is_listed(&self) {
        let desk = self.desk();
        for _ in 0..100 {
            if desk.memory.get().ways.values().any(|way| way.stage == Some(StageName::Listed)) {
                return;
            }
            desk.go_on().await.expect("the server answers");
        }
        panic!("no filing was listed: {:?}", desk.memory.get().ways);
    }
}

impl Desk {
    /// The next step of the first filing that is not listed yet. Nothing to do once all are.
    pub(super) async fn go_on(&self) -> Result<(), Lost> {
        let drafts = self.cast.drafts.iter().copied();
        let next = drafts.into_iter().find(|id| self.way(*id).stage != Some(StageName::Listed));
        let Some(filing) = next else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            return Ok(());
        };
        let now = self.stands(filing).await?;
        let cast = &self.cast;
        match now.stage {
            StageName::Draft => self.prepare(filing, &now).await,
            StageName::Attesting => match now.slots.iter().find(|slot| waits_for_a_firm(slot)) {
                Some(slot) => self.attest(filing, slot).await,
                None => self.send(filing).await,
            },
            StageName::Submitted => {
                self.decide(filing, &now, &cast.reviewer, "accept", StageName::Review).await
            }
            StageName::Review => {
                self.decide(filing, &now, &cast.reviewer, "recommend", StageName::SecondReview).await
            }
            StageName::SecondReview => {
                self.decide(filing, &now, &cast.second_reviewer, "approve", StageName::Approved).await
            }
            StageName::Approved => {
                self.decide(filing, &now, &cast.operator, "publicise", StageName::Publicised).await
            }
            StageName::Publicised => {
                self.decide(filing, &now, &cast.operator, "list", StageName::Listed).await
            }
            StageName::Listed => {
                // The answer was lost, the listing was not.
                self.with_way(filing, |way| way.stage = Some(StageName::Listed));
                Ok(())
            }
            other => panic!("nobody led {filing} to {}", other.name()),
        }
    }

    pub(super) async fn stands(&self, filing: Uuid) -> Result<Standing, Lost> {
        let answer = self.http.api(&self.cast.applicant.token, &format!("/filings/{filing}")).await?;
        Ok(Standing::read(&answer))
    }

    fn way(&self, filing: Uuid) -> Way {
        self.memory.get().ways.get(&filing).cloned().unwrap_or_default()
    }

    fn with_way(&self, filing: Uuid, change: impl FnOnce(&mut Way)) {
        change(self.memory.get().ways.entry(filing).or_default());
    }

    /// A step that only one answer may follow: done, or, where an earlier answer was lost, done already.
    async fn step(
        &self,
        filing: Uuid,
        name: &str,
        person: &Person,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<(), Lost> {
        let tried = !self.memory.get().ways.entry(filing).or_default().tried.insert(name.to_owned());
        let (status, answer) = self.http.call(&person.cookie, path, fields).await?;
        let again = tried && matches!(status, StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY);
        assert!(status.is_success() || again, "{name} of {filing}: {status} {answer}");
        self.with_way(filing, |way| {
            way.tried.remove(name);
            way.done.insert(name.to_owned());
        });
        Ok(())
    }

    /// In the draft: every firm is engaged and takes it on, then the filing goes to them.
    async fn prepare(&self, filing: Uuid, now: &Standing) -> Result<(), Lost> {
        let (id, way) = (filing.to_string(), self.way(filing));
        for (number, firm) in self.cast.firms.iter().enumerate() {
            let name = format!("engage {number}");
            if !way.done.contains(&name) {
                let slots: Vec<(String, &str)> = now
                    .slots
                    .iter()
                    .filter(|slot| slot.signer.as_deref() == Some(firm.kind))
                    .enumerate()
                    .map(|(at, slot)| (format!("slots[{at}]"), slot.id.as_str()))
                    .collect();
                let firm = firm.id.to_string();
                let mut fields = vec![("filing", id.as_str()), ("firm", firm.as_str()), ("note", "")];
                fields.extend(slots.iter().map(|(name, slot)| (name.as_str(), *slot)));
                return self
                    .step(filing, &name, &self.cast.applicant, "/do/engagement/engage", &fields)
                    .await;
            }
            let name = format!("take_on {number}");
            if !way.done.contains(&name) {
                return self.take_on(filing, &name, number, firm).await;
            }
        }
        let fields = [("filing", id.as_str())];
        let path = "/do/filing/request-attestation";
        self.step(filing, "request_attestation", &self.cast.applicant, path, &fields).await?;
        self.with_way(filing, |way| way.stage = Some(StageName::Attesting));
        Ok(())
    }

    /// The firm answers every invitation in its inbox.
    async fn take_on(&self, filing: Uuid, name: &str, number: usize, firm: &Firm) -> Result<(), Lost> {
        let (status, page) = self.http.get(Some(&firm.signer.cookie), "/engagements?status=invited").await?;
        assert_eq!(status, StatusCode::OK);
        let page = String::from_utf8_lossy(&page).into_owned();
        let invited: Vec<Uuid> = page
            .split("href=\"/engagements/")
            .skip(1)
            .filter_map(|rest| rest.get(..36)?.parse().ok())
            .collect();
        let tried = self.way(filing).tried.iter().any(|step| step.starts_with(name));
        assert!(!invited.is_empty() || tried, "the invitation to firm {number} is lost");
        for engagement in invited {
            let one = format!("{name} {engagement}");
            let id = engagement.to_string();
            self.step(filing, &one, &firm.signer, "/do/engagement/accept", &[("engagement", &id)]).await?;
            self.with_way(filing, |way| {
                way.accepted.insert((number, engagement));
            });
        }
        self.with_way(filing, |way| {
            way.done.insert(name.to_owned());
        });
        Ok(())
    }

    /// The firm of the slot's kind signs what lies in it.
    async fn attest(&self, filing: Uuid, slot: &Slot) -> Result<(), Lost> {
        let signs = |firm: &&Firm| slot.signer.as_deref() == Some(firm.kind);
        let firm = self.cast.firms.iter().find(signs).expect("a firm of this kind");
        let id = filing.to_string();
        let fields = [("filing", id.as_str()), ("slot", &slot.id), ("decision", "attest"), ("reason", "")];
        let (status, to_sign) =
            self.http.call(&firm.signer.cookie, "/do/attestation/prepare", &fields).await?;
        assert_eq!(status, StatusCode::OK, "{to_sign}");
        let text = |name: &str| to_sign[name].as_str().expect("a text").to_owned();
        let challenge = Statement::challenge(&text("statement"));
        let assertion = self.cast.sign(firm, self.http.origin(), &challenge);
        let name = format!("attest {}", slot.id);
        let fields = [("prepared", text("prepared")), ("assertion", assertion)];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.step(filing, &name, &firm.signer, "/do/attestation/complete", &fields).await?;
        self.with_way(filing, |way| {
            way.attested.insert(slot.id.clone());
        });
        Ok(())
    }

    async fn send(&self, filing: Uuid) -> Result<(), Lost> {
        let applicant = self.cast.applicant.about(filing);
        let key = format!("way-key-{filing}");
        self.with_way(filing, |way| {
            way.tried.insert("submit".to_owned());
        });
        let number = self.submit(&applicant, &key).await?.expect("everything is there and attested");
        self.with_way(filing, |way| {
            way.tried.remove("submit");
            way.done.insert("submit".to_owned());
            way.stage = Some(StageName::Submitted);
            way.submitted = Some((key, number));
        });
        self.receipt(&applicant, number).await
    }

    async fn decide(
        &self,
        filing: Uuid,
        now: &Standing,
        person: &Person,
        decision: &str,
        to: StageName,
    ) -> Result<(), Lost> {
        let id = filing.to_string();
        let fields = [
            ("decision", decision),
            ("filing", id.as_str()),
            ("version", now.version.as_str()),
            ("opinion", "材料齐备，符合要求。"),
        ];
        self.step(filing, decision, person, "/do/review/decide", &fields).await?;
        self.with_way(filing, |way| way.stage = Some(to));
        Ok(())
    }
}

fn waits_for_a_firm(slot: &Slot) -> bool {
    slot.signer.is_some() && slot.filled && !slot.attested
}
