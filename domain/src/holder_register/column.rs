//! What a register's columns mean, and the words by which a heading is known to mean it.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Name,
    Kind,
    IdKind,
    IdNumber,
    Shares,
    Percent,
    Contributed,
    AcquiredOn,
    Note,
}

impl Column {
    /// In the order of a register.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Kind,
        Self::IdKind,
        Self::IdNumber,
        Self::Shares,
        Self::Percent,
        Self::Contributed,
        Self::AcquiredOn,
        Self::Note,
    ];

    /// Stable name: in forms, in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::IdKind => "id_kind",
            Self::IdNumber => "id_number",
            Self::Shares => "shares",
            Self::Percent => "percent",
            Self::Contributed => "contributed",
            Self::AcquiredOn => "acquired_on",
            Self::Note => "note",
        }
    }

    /// Its heading in the template and in exports.
    #[must_use]
    pub fn label(self) -> Text {
        let (zh, en) = match self {
            Self::Name => ("股东姓名/名称", "Holder"),
            Self::Kind => ("股东类型", "Type of holder"),
            Self::IdKind => ("证件类型", "Type of identification"),
            Self::IdNumber => ("证件号码", "Identification number"),
            Self::Shares => ("持股数量（股）", "Shares"),
            Self::Percent => ("持股比例", "Percentage"),
            Self::Contributed => ("认缴出资额（元）", "Capital contributed (CNY)"),
            Self::AcquiredOn => ("取得日期", "Acquired on"),
            Self::Note => ("备注", "Note"),
        };
        Text { zh: zh.to_owned(), en: en.to_owned() }
    }

    /// What a heading (folded) means. The narrower meaning is asked for first: 持股比例 is no number of shares, and 股东证件号码
    /// no holder.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        // Other people's columns: a register may name whom a company sends.
        if ["法定代表人", "执行事务", "联系", "委派", "序号", "电话", "地址", "住所"]
            .iter()
            .any(|word| heading.contains(word))
        {
            return None;
        }
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|word| heading.contains(word)))
            .map(|(column, _)| *column)
    }
}

const WORDS: &[(Column, &[&str])] = &[
    (Column::IdKind, &["证件类型", "证件类别", "证件种类", "证照类型", "证照种类", "证件名称"]),
    (
        Column::IdNumber,
        &["证件号", "证照号", "身份证", "信用代码", "证件编号", "注册号", "营业执照号", "证照编号"],
    ),
    (Column::Percent, &["比例", "占比", "%"]),
    (Column::AcquiredOn, &["日期", "时间"]),
    (Column::Note, &["备注", "说明"]),
    (
        Column::Shares,
        &["持股数", "股份数", "股数", "持有数量", "认购股份", "持有股份", "持股(", "持股量", "股份总数"],
    ),
    (Column::Contributed, &["出资额", "认缴", "实缴", "出资金额", "出资("]),
    (
        Column::Kind,
        &["股东类型", "股东类别", "股东性质", "股份性质", "股东属性", "股份类别", "股份类型", "类别", "性质"],
    ),
    (Column::Name, &["股东", "姓名", "发起人", "持有人", "出资人", "投资人", "名称"]),
];
