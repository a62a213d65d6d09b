//! Who acts: a signed-in person, in one role, for one organisation. Built from the session by the backend
//! and handed to [`crate::access::permit`]; holds facts, decides nothing.

use serde::{Deserialize, Serialize};

use crate::id::{OrgId, UserId};

/// What an organisation is on this market (DOMAIN.md §2 of the design; provider roles of JR/T 0314).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgKind {
    /// 企业: files, and is listed.
    Enterprise,
    /// 推荐机构.
    Sponsor,
    /// 会计师事务所.
    AccountingFirm,
    /// 律师事务所.
    LawFirm,
    /// 资产评估机构.
    Valuer,
    /// 交易中心: this exchange itself.
    Exchange,
    /// 监管: local financial authority or securities bureau; reads only.
    Regulator,
}

impl OrgKind {
    /// Every kind, in the order lists show them.
    pub const ALL: [Self; 7] = [
        Self::Enterprise,
        Self::Sponsor,
        Self::AccountingFirm,
        Self::LawFirm,
        Self::Valuer,
        Self::Exchange,
        Self::Regulator,
    ];

    /// The stable name used in the database, the API and locale keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Sponsor => "sponsor",
            Self::AccountingFirm => "accounting_firm",
            Self::LawFirm => "law_firm",
            Self::Valuer => "valuer",
            Self::Exchange => "exchange",
            Self::Regulator => "regulator",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Firms are engaged for slots and attest them.
    #[must_use]
    pub const fn is_firm(self) -> bool {
        matches!(self, Self::Sponsor | Self::AccountingFirm | Self::LawFirm | Self::Valuer)
    }

    /// Kinds that may register themselves. The exchange and regulators are set up by the operator.
    #[must_use]
    pub const fn self_registers(self) -> bool {
        matches!(self, Self::Enterprise) || self.is_firm()
    }
}

/// What a person is within the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 企业经办: prepares and submits filings.
    Preparer,
    /// 企业管理员: as a preparer, and manages the organisation's people.
    OrgAdmin,
    /// 机构签字人: attests for a firm, with a passkey.
    Signer,
    /// 机构管理员: accepts engagements and manages the firm's people.
    FirmAdmin,
    /// 交易中心初审.
    Reviewer,
    /// 交易中心复核.
    SecondReviewer,
    /// 交易中心运营: organisations, people, verification, sanctions.
    Operator,
    /// 监管员: reads, nothing else.
    Supervisor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Preparer,
        Self::OrgAdmin,
        Self::Signer,
        Self::FirmAdmin,
        Self::Reviewer,
        Self::SecondReviewer,
        Self::Operator,
        Self::Supervisor,
    ];

    /// The stable name used in the database, the API and locale keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparer => "preparer",
            Self::OrgAdmin => "org_admin",
            Self::Signer => "signer",
            Self::FirmAdmin => "firm_admin",
            Self::Reviewer => "reviewer",
            Self::SecondReviewer => "second_reviewer",
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether people of this role belong in an organisation of that kind.
    #[must_use]
    pub const fn belongs_in(self, kind: OrgKind) -> bool {
        match self {
            Self::Preparer | Self::OrgAdmin => matches!(kind, OrgKind::Enterprise),
            Self::Signer | Self::FirmAdmin => kind.is_firm(),
            Self::Reviewer | Self::SecondReviewer | Self::Operator => {
                matches!(kind, OrgKind::Exchange)
            }
            Self::Supervisor => matches!(kind, OrgKind::Regulator),
        }
    }

    /// Roles whose second factor must be a passkey (everyone else: passkey or TOTP).
    #[must_use]
    pub const fn needs_passkey(self) -> bool {
        !matches!(self, Self::Preparer | Self::OrgAdmin)
    }
}

/// How the exchange stands to an organisation: real-name verification, then sanctions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Registered, real name not yet verified: no service (管理实施细则 clause 8).
    Unverified,
    /// Verification was refused; may correct and apply again.
    Refused,
    /// Verified.
    Good,
    /// Verified and warned: everything still works.
    Warned,
    /// Verified and limited: reads and corrections only, nothing new.
    Limited,
    /// Closed: signs in to read its own record only.
    Closed,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 6] =
        [Self::Unverified, Self::Refused, Self::Good, Self::Warned, Self::Limited, Self::Closed];

    /// The stable name used in the database, the API and locale keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Refused => "refused",
            Self::Good => "good",
            Self::Warned => "warned",
            Self::Limited => "limited",
            Self::Closed => "closed",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    /// May start new business.
    #[must_use]
    pub const fn is_served(self) -> bool {
        matches!(self, Self::Good | Self::Warned)
    }
}

/// How surely we know it is them, in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Password only: may enrol or present the second factor, nothing else.
    Password,
    /// Password and a time-based code.
    Totp,
    /// A user-verified passkey.
    Passkey,
}

/// A signed-in person acting for one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub user: UserId,
    /// Shown in the top bar and in private history, never on the ledger.
    pub name: String,
    pub role: Role,
    pub org: OrgId,
    pub org_name: String,
    pub org_kind: OrgKind,
    pub standing: Standing,
    pub assurance: Assurance,
    /// Set when policy asks this person for a passkey before anything else.
    pub must_enrol_passkey: bool,
    /// The second factor was presented a short while ago: what binds the organisation asks for that.
    pub fresh: bool,
    /// Which version of the platform rules and service agreement was accepted, if any.
    pub accepted_rules: Option<String>,
}

impl Actor {
    /// Second factor presented, and nothing left to enrol.
    #[must_use]
    pub fn is_fully_signed_in(&self) -> bool {
        self.assurance >= Assurance::Totp && !self.must_enrol_passkey
    }
}
