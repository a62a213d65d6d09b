//! The stages of a filing. A stage carries what only it needs (who recommended, when the clock stopped), so
//! that an approved filing without two names cannot be written down.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::id::UserId;

/// A time during which the review clock stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paused {
    #[serde(with = "crate::moment::micros")]
    pub from: OffsetDateTime,
    #[serde(with = "crate::moment::micros")]
    pub until: OffsetDateTime,
}

/// Where a filing is, with the data of that stage. Times are UTC, stored as microseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// 草稿.
    Draft,
    /// 中介鉴证.
    Attesting,
    /// 已提交, the acceptance clock (5 working days) runs from `at`.
    Submitted {
        #[serde(with = "crate::moment::micros")]
        at: OffsetDateTime,
    },
    /// 补正, the ball is with the enterprise.
    Correction {
        #[serde(with = "crate::moment::micros")]
        since: OffsetDateTime,
    },
    /// 不予受理.
    NotAccepted,
    /// 审核, the review clock (10 working days) runs from `accepted`, less the pauses.
    Review {
        #[serde(with = "crate::moment::micros")]
        accepted: OffsetDateTime,
        paused: Vec<Paused>,
    },
    /// 问询: the review clock stands still.
    Inquiry {
        #[serde(with = "crate::moment::micros")]
        accepted: OffsetDateTime,
        paused: Vec<Paused>,
        #[serde(with = "crate::moment::micros")]
        since: OffsetDateTime,
    },
    /// 复核: waits for somebody other than `first`.
    SecondReview {
        #[serde(with = "crate::moment::micros")]
        accepted: OffsetDateTime,
        paused: Vec<Paused>,
        first: UserId,
    },
    /// 审核通过, by two people.
    Approved { first: UserId, second: UserId },
    /// 挂牌公示.
    Publicised {
        #[serde(with = "crate::moment::micros")]
        since: OffsetDateTime,
    },
    /// 已挂牌, with the enterprise code of JR/T 0326.
    Listed { code: String },
    /// 已撤回.
    Withdrawn,
    /// 否决.
    Rejected,
    /// 中止: the review clock stands still.
    Suspended {
        #[serde(with = "crate::moment::micros")]
        accepted: OffsetDateTime,
        paused: Vec<Paused>,
        #[serde(with = "crate::moment::micros")]
        since: OffsetDateTime,
    },
}

impl Stage {
    /// The stage without its data.
    #[must_use]
    pub const fn name(&self) -> StageName {
        match self {
            Self::Draft => StageName::Draft,
            Self::Attesting => StageName::Attesting,
            Self::Submitted { .. } => StageName::Submitted,
            Self::Correction { .. } => StageName::Correction,
            Self::NotAccepted => StageName::NotAccepted,
            Self::Review { .. } => StageName::Review,
            Self::Inquiry { .. } => StageName::Inquiry,
            Self::SecondReview { .. } => StageName::SecondReview,
            Self::Approved { .. } => StageName::Approved,
            Self::Publicised { .. } => StageName::Publicised,
            Self::Listed { .. } => StageName::Listed,
            Self::Withdrawn => StageName::Withdrawn,
            Self::Rejected => StageName::Rejected,
            Self::Suspended { .. } => StageName::Suspended,
        }
    }
}

/// A stage's name: the column that lists filter by, the key of locale texts and of the permission table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    Draft,
    Attesting,
    Submitted,
    Correction,
    NotAccepted,
    Review,
    Inquiry,
    SecondReview,
    Approved,
    Publicised,
    Listed,
    Withdrawn,
    Rejected,
    Suspended,
}

impl StageName {
    /// Every stage, in the order of the road.
    pub const ALL: [Self; 14] = [
        Self::Draft,
        Self::Attesting,
        Self::Submitted,
        Self::Correction,
        Self::NotAccepted,
        Self::Review,
        Self::Inquiry,
        Self::SecondReview,
        Self::Approved,
        Self::Publicised,
        Self::Listed,
        Self::Withdrawn,
        Self::Rejected,
        Self::Suspended,
    ];

    /// The stable name used in the database, the API and locale keys.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Attesting => "attesting",
            Self::Submitted => "submitted",
            Self::Correction => "correction",
            Self::NotAccepted => "not_accepted",
            Self::Review => "review",
            Self::Inquiry => "inquiry",
            Self::SecondReview => "second_review",
            Self::Approved => "approved",
            Self::Publicised => "publicised",
            Self::Listed => "listed",
            Self::Withdrawn => "withdrawn",
            Self::Rejected => "rejected",
            Self::Suspended => "suspended",
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// The enterprise may change fields and documents.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Attesting | Self::Correction | Self::Inquiry)
    }

    /// The enterprise may still take the application back.
    #[must_use]
    pub const fn is_withdrawable(self) -> bool {
        matches!(
            self,
            Self::Draft
                | Self::Attesting
                | Self::Submitted
                | Self::Correction
                | Self::Review
                | Self::Inquiry
                | Self::SecondReview
                | Self::Suspended
        )
    }

    /// Nothing happens to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::NotAccepted | Self::Listed | Self::Withdrawn | Self::Rejected)
    }

    /// The exchange has work to do.
    #[must_use]
    pub const fn is_with_exchange(self) -> bool {
        matches!(
            self,
            Self::Submitted | Self::Review | Self::SecondReview | Self::Approved | Self::Publicised
        )
    }

    /// Where it stands on the road of seven steps that every page shows: 0 草稿, 1 中介鉴证, 2 提交, 3 受理,
    /// 4 审核, 5 公示, 6 挂牌.
    #[must_use]
    pub const fn road_step(self) -> u8 {
        match self {
            Self::Draft | Self::Withdrawn => 0,
            Self::Attesting => 1,
            Self::Submitted => 2,
            Self::Correction | Self::NotAccepted => 3,
            Self::Review | Self::Inquiry | Self::SecondReview | Self::Rejected | Self::Suspended => 4,
            Self::Approved | Self::Publicised => 5,
            Self::Listed => 6,
        }
    }
}
