//! Who plays in the demonstration. All names are invented; credit codes are of the district 000000, which no
//! registry uses, with the check digit that GB 32100 computes.

use domain::{
    actor::OrgKind,
    credit_code::{CheckDigit, CreditCode},
};
use sha2::{Digest, Sha256};

use crate::organisation::register::Particulars;

/// A firm of the demonstration.
pub(super) struct FirmCast {
    pub(super) kind: OrgKind,
    pub(super) name: &'static str,
    pub(super) head: &'static str,
    pub(super) signer: &'static str,
    /// Role of the account on the sign-in page whose person signs for it.
    pub(super) account: Option<&'static str>,
}

pub(super) const FIRMS: &[FirmCast] = &[
    FirmCast {
        kind: OrgKind::Sponsor,
        name: "示例证券股份有限公司",
        head: "顾长风",
        signer: "叶书勤",
        account: Some("sponsor"),
    },
    FirmCast {
        kind: OrgKind::AccountingFirm,
        name: "江苏拟真会计师事务所（特殊普通合伙）",
        head: "严审之",
        signer: "钱如数",
        account: Some("accountant"),
    },
    FirmCast {
        kind: OrgKind::LawFirm,
        name: "江苏样例律师事务所",
        head: "章程序",
        signer: "严谨之",
        account: Some("lawyer"),
    },
    FirmCast {
        kind: OrgKind::Sponsor,
        name: "虚构资本管理有限公司",
        head: "丁一诺",
        signer: "范成书",
        account: None,
    },
    FirmCast {
        kind: OrgKind::AccountingFirm,
        name: "金陵假设会计师事务所（普通合伙）",
        head: "贺平准",
        signer: "毕清单",
        account: None,
    },
    FirmCast {
        kind: OrgKind::LawFirm,
        name: "太湖示范律师事务所",
        head: "陶守约",
        signer: "连证言",
        account: None,
    },
    FirmCast {
        kind: OrgKind::Valuer,
        name: "江苏虚拟资产评估有限公司",
        head: "平有度",
        signer: "衡其价",
        account: None,
    },
];

/// The supervising authority.
pub(super) fn authority() -> Particulars {
    Particulars {
        name: "示例省地方金融管理局".into(),
        credit_code: credit_code(999),
        city: "南京市".into(),
        legal_representative: "苏见微".into(),
        contact_name: "苏见微".into(),
        contact_phone: "025-88009999".into(),
    }
}

/// City id in the rule pack, its name, and the start of addresses there.
pub(super) const CITIES: &[(&str, &str)] = &[
    ("nanjing", "南京市"),
    ("suzhou", "苏州市"),
    ("wuxi", "无锡市"),
    ("changzhou", "常州市"),
    ("nantong", "南通市"),
    ("yangzhou", "扬州市"),
    ("zhenjiang", "镇江市"),
    ("taizhou", "泰州市"),
    ("yancheng", "盐城市"),
    ("xuzhou", "徐州市"),
];

const FIRST: &[&str] = &[
    "樾", "宁拓", "衡岳", "砚池", "云帆", "朗润", "恒曜", "禾野", "青檀", "澄远", "汇砺", "启岸", "松涛",
    "瀚格", "知白", "星屿", "鹿鸣", "千寻", "远山", "和墨",
];
const TRADE: &[(&str, &str, &str)] = &[
    ("传感科技", "C40 仪器仪表制造业", "工业传感器与检测设备的研发、生产和销售"),
    ("新材料", "C26 化学原料和化学制品制造业", "高性能复合材料的研发、生产和销售"),
    ("生物科技", "C27 医药制造业", "体外诊断试剂的研发、生产和销售"),
    ("智能装备", "C35 专用设备制造业", "自动化产线与专用装备的设计、制造和服务"),
    ("软件", "I65 软件和信息技术服务业", "工业软件的开发、实施和运维服务"),
    ("环保工程", "N77 生态保护和环境治理业", "工业废水处理工程的设计、建设和运营"),
    ("农业科技", "A01 农业", "设施农业种苗的培育、种植和销售"),
    ("新能源", "C38 电气机械和器材制造业", "储能系统与电力电子设备的研发、生产和销售"),
];
const SURNAMES: &[&str] =
    &["沈", "林", "周", "方", "程", "韩", "许", "孟", "陆", "江", "温", "秦", "白", "苏", "顾", "叶"];
const GIVEN: &[&str] = &[
    "屿安", "牧遥", "砚秋", "既白", "知微", "疏桐", "念之", "听澜", "清和", "望舒", "怀瑾", "若谷", "景行",
    "云起", "思齐", "致远",
];

/// An invented enterprise.
#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) short_name: String,
    pub(super) credit_code: String,
    pub(super) city: &'static str,
    pub(super) city_name: &'static str,
    pub(super) industry: &'static str,
    pub(super) business: &'static str,
    pub(super) head: String,
    pub(super) preparer: String,
    /// Registered capital in whole 万元.
    pub(super) capital: u64,
    pub(super) board: &'static str,
    pub(super) layer: &'static str,
}

/// The enterprise with this number, always the same.
pub(super) fn company(number: usize) -> Company {
    let roll = |salt: &str, n: usize| roll(salt, number) % n;
    let (city, city_name) = CITIES[roll("city", CITIES.len())];
    let (trade, industry, business) = TRADE[number % TRADE.len()];
    let first = FIRST[number % FIRST.len()];
    let place = city_name.trim_end_matches('市');
    // The second round of first names belongs to other cities' groups.
    let group = if number < FIRST.len() { "" } else { "华" };
    let person = |salt: &str| {
        format!("{}{}", SURNAMES[roll(salt, SURNAMES.len())], GIVEN[(roll(salt, 97) + number) % GIVEN.len()])
    };
    Company {
        number,
        name: format!("{place}{first}{group}{trade}股份有限公司"),
        short_name: format!("{first}{group}{}", trade.chars().take(2).collect::<String>()),
        credit_code: credit_code(number),
        city,
        city_name,
        industry,
        business,
        head: person("head"),
        preparer: person("preparer"),
        capital: 500 + 100 * (roll("capital", 46) as u64),
        board: ["growth", "value", "specialised"][roll("board", 3)],
        layer: ["G", "P", "F"][roll("layer", 3)],
    }
}

/// A number that looks random and is always the same.
pub(super) fn roll(salt: &str, number: usize) -> usize {
    let hash = Sha256::digest(format!("{salt}:{number}"));
    usize::from(hash[0]) << 8 | usize::from(hash[1])
}

/// A credit code with good check digits, of the unused district 000000.
pub(super) fn credit_code(number: usize) -> String {
    // The organisation code's own check character comes first, then the code's.
    let digits = format!("{:08}", 10_000_000 + number);
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.chars().filter_map(|c| c.to_digit(10)).zip(weights).map(|(d, w)| d * w).sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        n => char::from_digit(n, 10).unwrap_or('0'),
    };
    let body = format!("91000000{digits}{check}");
    match CreditCode::parse(&format!("{body}0")).map(|code| code.check_digit()) {
        Ok(CheckDigit::Wrong { expected }) => format!("{body}{expected}"),
        _ => format!("{body}0"),
    }
}

/// The seed of a firm's demonstration passkey.
pub(super) fn key(number: usize) -> [u8; 32] {
    Sha256::digest(format!("guxin demonstration passkey {number}")).into()
}
