//! The closed vocabularies that a rule pack draws from: who provides a document and which checks run on it. A
//! word outside them is an error at load, since a misspelt check would silently never run.

use serde::{Deserialize, Serialize};

use crate::locale::Locale;

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $id:literal, $zh:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $id)] $variant,)* }

        impl $name {
            /// Every word, in display order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
            /// The names as they stand in a pack.
            pub const NAMES: &[&str] = &[$($id),*];

            /// The name in the pack, in the database and in the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// Reads [`Self::name`].
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }

            /// The words shown to people.
            #[must_use]
            pub const fn label(self, locale: Locale) -> &'static str {
                match self { $(Self::$variant => locale.pick($zh, $en)),* }
            }
        }
    };
}

pub(crate) use vocabulary;

vocabulary! {
    /// Who makes, signs or issues a document.
    Party {
        Enterprise = "enterprise", "挂牌企业", "Issuer";
        LegalRepresentative = "legal_representative", "法定代表人", "Legal representative";
        Shareholders = "shareholders", "全体股东", "Shareholders";
        Directors = "directors", "全体董事", "All directors";
        Sponsor = "sponsor", "推荐机构", "Sponsor";
        SponsorTeam = "sponsor_team", "推荐机构项目组", "Sponsor's project team";
        AccountingFirm = "accounting_firm", "会计师事务所", "Accounting firm";
        LawFirm = "law_firm", "律师事务所", "Law firm";
        Valuer = "valuer", "资产评估机构", "Valuer";
        Custodian = "custodian", "登记托管机构", "Custodian";
        Exchange = "exchange", "交易中心", "Exchange";
        Authority = "authority", "政府部门或征信机构", "Authority or credit bureau";
    }
}

vocabulary! {
    /// A check on a document of a slot.
    Check {
        NameMatchesField = "name_matches_field", "企业名称与申报字段一致", "Company name equals the field";
        CreditCodeMatchesField = "credit_code_matches_field", "统一社会信用代码与申报字段一致", "Credit code equals the field";
        CapitalMatchesField = "capital_matches_field", "注册资本与申报字段一致", "Registered capital equals the field";
        ShortNameUnique = "short_name_unique", "股权简称未被占用", "Short name is free";
        FiguresMatchAudit = "figures_match_audit", "财务数据与审计报告一致", "Figures equal the audit report";
        DateNotAfterApplication = "date_not_after_application", "日期不晚于申请日", "Dated no later than the application";
        VotesReachThreshold = "votes_reach_threshold", "表决结果达到法定或章程比例", "Votes reach the required majority";
        FirmAccredited = "firm_accredited", "机构在本中心备案有效", "The firm is accredited with this exchange";
        TeamRegistered = "team_registered", "项目组成员已登记", "Team members are registered";
        HoldingsSumToHundred = "holdings_sum_to_hundred", "持股比例合计为 100%", "Holdings sum to 100 %";
        SharesSumToTotal = "shares_sum_to_total", "持股数合计等于股份总数", "Shares sum to the total";
        HolderIdsValid = "holder_ids_valid", "股东证件号码有效", "Holders' id numbers are valid";
        NoDuplicateHolders = "no_duplicate_holders", "股东无重复", "No holder twice";
        HolderCountWithinLimit = "holder_count_within_limit", "股东人数不超过 200 人", "At most 200 holders";
        ResidentIdValid = "resident_id_valid", "居民身份证号码校验", "Resident identity number is valid";
        NameMatchesLicence = "name_matches_licence", "姓名与营业执照一致", "Name equals the licence";
        PartiesMatch = "parties_match", "协议各方与申报一致", "Parties are those of the filing";
        SignersMatchDirectors = "signers_match_directors", "签字人与董事名单一致", "Signers are the directors";
        LicenceInForce = "licence_in_force", "营业期限有效", "Licence is in force";
        CapitalMatchesRegister = "capital_matches_register", "股东和股本与股东名册一致", "Holders and capital equal the register";
        AuditCodePresent = "audit_code_present", "审计报告验证码格式正确且未重复使用", "Audit verification code is well formed and unused";
        AuditOpinionStated = "audit_opinion_stated", "审计意见类型与申报一致", "Audit opinion equals the field";
        BalanceSheetBalances = "balance_sheet_balances", "资产等于负债加所有者权益", "Assets equal liabilities plus equity";
        AuditPeriodCurrent = "audit_period_current", "审计截止日在有效期内", "Audit period is current";
        TwoLawyersSigned = "two_lawyers_signed", "两名律师签字", "Signed by two lawyers";
        FirmMatchesField = "firm_matches_field", "机构名称与申报字段一致", "Firm equals the field";
        ConsentGiven = "consent_given", "信息主体已授权", "Its subject has consented";
        InForce = "in_force", "证书在有效期内", "Certificate is in force";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for check in Check::ALL {
            assert_eq!(Check::from_name(check.name()), Some(*check));
        }
        for party in Party::ALL {
            assert_eq!(Party::from_name(party.name()), Some(*party));
            assert_eq!(serde_json::to_string(party).unwrap(), format!("\"{}\"", party.name()));
        }
        assert_eq!(Check::from_name("name_matches"), None);
    }
}
