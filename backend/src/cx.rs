//! What every use case gets: the instance's services and who asks.

use std::sync::Arc;

use domain::{
    access::{self, Action, Facts, Permit},
    actor::Actor,
    calendar::Calendar,
    rule_pack::{RulePack, RulePackVersions},
};
use time::OffsetDateTime;
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use crate::{
    chance::{Clock, Random},
    db::Db,
    error::{Error, Result},
    faults::Faults,
    ledger_store::LedgerStore,
    objects::Objects,
    queue::Queue,
    reading::Reader,
    sequencer::Anchored,
    settings::Settings,
    sign_in::attempts::Attempts,
    signer::LogSigner,
    vault::Vault,
};

/// What one instance runs on. Built once at start; tests build their own. A clone shares everything but its settings.
#[derive(Clone, Debug)]
pub struct Services {
    pub db: Db,
    pub objects: Objects,
    pub clock: Clock,
    pub random: Random,
    pub settings: Settings,
    pub calendar: Calendar,
    pub packs: RulePackVersions,
    /// The log's key and its memory.
    pub signer: LogSigner,
    /// Keys for what the database holds sealed.
    pub vault: Vault,
    /// The published ledger.
    pub ledger: LedgerStore,
    /// How many events wait for the ledger.
    pub queue: Queue,
    /// Where tests stop the sequencer; `Faults::default()` in production.
    pub faults: Faults,
    /// Rung after a commit that wrote to the outbox: the sequencer wakes.
    pub outbox_bell: Arc<Notify>,
    /// Rung after a checkpoint was published: whoever waits for a receipt looks again.
    pub anchored: Arc<Anchored>,
    /// Rung when a file of the intake is all here: whoever reads it wakes.
    pub intake_bell: Arc<Notify>,
    /// At most as many password hashes at a time as there are cores: each wants 19 MiB.
    pub hashing: Arc<Semaphore>,
    /// Reads documents, in processes of their own.
    pub reader: Reader,
    /// Failing attempts and registrations that each network address has left.
    pub attempts: Arc<Attempts>,
}

/// The context of one request or command.
#[derive(Clone, Debug)]
pub struct Cx {
    services: Arc<Services>,
    actor: Option<Arc<Actor>>,
    /// The platform itself is at work, in the actor's name.
    unattended: bool,
}

impl std::ops::Deref for Cx {
    type Target = Services;
    fn deref(&self) -> &Services {
        &self.services
    }
}

impl Cx {
    /// Nobody signed in.
    #[must_use]
    pub fn anonymous(services: Arc<Services>) -> Self {
        Self { services, actor: None, unattended: false }
    }

    /// The same services, for this actor.
    #[must_use]
    pub fn with_actor(&self, actor: Actor) -> Self {
        Self { services: Arc::clone(&self.services), actor: Some(Arc::new(actor)), unattended: false }
    }

    /// The same, for work that the platform does in the actor's name while the person may be elsewhere: with the same
    /// authority, but it counts as nobody's act.
    #[must_use]
    pub fn unattended(self) -> Self {
        Self { unattended: true, ..self }
    }

    /// Whether somebody does this right now.
    #[must_use]
    pub const fn is_attended(&self) -> bool {
        !self.unattended
    }

    /// The services themselves, for background work.
    #[must_use]
    pub fn services(&self) -> &Arc<Services> {
        &self.services
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Error::SignedOut`].
    pub fn actor(&self) -> Result<&Actor> {
        self.actor.as_deref().ok_or(Error::SignedOut)
    }

    /// Who asks, if anybody.
    #[must_use]
    pub fn maybe_actor(&self) -> Option<&Actor> {
        self.actor.as_deref()
    }

    /// Asks for authority.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::NotFound`] for strangers, [`Error::Denied`].
    pub fn permit<A: Action>(&self, facts: &Facts) -> Result<Permit<A>> {
        Ok(access::permit::<A>(self.actor()?, facts)?)
    }

    /// Authority over the actor's own organisation.
    ///
    /// # Errors
    /// As [`Cx::permit`].
    pub fn permit_own<A: Action>(&self) -> Result<Permit<A>> {
        self.permit::<A>(&Facts::own(self.actor()?))
    }

    /// Now, UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A new identifier.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.random.id(self.now())
    }

    /// Commits a transaction that wrote to the outbox and wakes the sequencer.
    ///
    /// # Errors
    /// When the commit fails; nothing may be acknowledged then.
    pub async fn commit(&self, tx: crate::db::Tx) -> Result<()> {
        tx.commit().await?;
        self.queue.one_more();
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Turns a new submission away while too many events wait for the ledger; use cases ask before they write.
    ///
    /// # Errors
    /// [`Error::Busy`] with the seconds to wait.
    pub fn pressure(&self) -> Result<()> {
        self.queue.check()
    }

    /// The listing rule pack in force today.
    ///
    /// # Errors
    /// [`Error::Internal`] when none is: the server refuses to start then, so only a clock can cause it.
    pub fn current_pack(&self) -> Result<&RulePack> {
        let today = domain::calendar::china_date(self.now());
        self.packs
            .effective_on("listing", today)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("no rule pack is in force on {today}")))
    }

    /// The pack that a filing was made under.
    ///
    /// # Errors
    /// [`Error::Internal`] when this instance does not have it.
    pub fn pack(&self, id: &str, version: &str) -> Result<&RulePack> {
        self.packs
            .version(id, version)
            .ok_or_else(|| Error::internal(anyhow::anyhow!("rule pack {id} {version} is not installed")))
    }
}
