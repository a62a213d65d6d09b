//! The closed list of rules and how serious each is. The names are part of a finding's id, so that a name never
//! changes its meaning.

use serde::{Deserialize, Serialize};

use crate::{locale::Locale, rule_pack::vocabulary};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Will be returned for correction.
    Error,
    /// Needs a look, and a reason if it stays.
    Warning,
    /// Good to know.
    Info,
}

vocabulary! {
    /// What a finding was raised by.
    Rule {
        MissingSlot = "missing_slot", "材料缺失", "Document missing";
        WrongCompany = "wrong_company", "他人材料", "Another company's document";
        EncryptedPdf = "encrypted_pdf", "文件加密", "Encrypted file";
        ActiveContent = "active_content", "含活动内容", "Active content";
        TypeMismatch = "type_mismatch", "类型与名称不符", "Type differs from the name";
        EmptyFile = "empty_file", "空文件", "Empty file";
        UnreadableFile = "unreadable_file", "文件不可用", "Unusable file";
        DuplicateFile = "duplicate_file", "重复文件", "Duplicate file";
        SupersededDraft = "superseded_draft", "作废初稿", "Superseded draft";
        IgnoredSystemFiles = "ignored_system_files", "系统临时文件", "System files";
        ContradictionCompanyName = "contradiction_company_name", "企业名称不一致", "Company names differ";
        ContradictionCreditCode = "contradiction_credit_code", "信用代码不一致", "Credit codes differ";
        ContradictionRegisteredCapital = "contradiction_registered_capital", "注册资本不一致", "Registered capital differs";
        ContradictionLegalRepresentative = "contradiction_legal_representative", "法定代表人不一致", "Legal representatives differ";
        ContradictionEstablished = "contradiction_established", "成立日期不一致", "Dates of establishment differ";
        ContradictionAddress = "contradiction_address", "住所不一致", "Addresses differ";
        ContradictionShares = "contradiction_shares", "股份总数不一致", "Total shares differ";
        ContradictionShortName = "contradiction_short_name", "股权简称不一致", "Short names differ";
        ContradictionTotalAssets = "contradiction_total_assets", "资产总计不一致", "Total assets differ";
        ContradictionTotalLiabilities = "contradiction_total_liabilities", "负债合计不一致", "Total liabilities differ";
        ContradictionEquity = "contradiction_equity", "所有者权益不一致", "Equity differs";
        ContradictionRevenue = "contradiction_revenue", "营业收入不一致", "Revenue differs";
        ContradictionNetProfit = "contradiction_net_profit", "净利润不一致", "Net profit differs";
        ContradictionOperatingCashFlow = "contradiction_operating_cash_flow", "经营现金流不一致", "Operating cash flow differs";
        ContradictionAuditor = "contradiction_auditor", "会计师事务所不一致", "Accounting firms differ";
        ContradictionAuditReportNumber = "contradiction_audit_report_number", "审计报告文号不一致", "Audit report numbers differ";
        ContradictionAuditOpinion = "contradiction_audit_opinion", "审计意见不一致", "Audit opinions differ";
        ContradictionVerificationCode = "contradiction_verification_code", "审计报告验证码不一致", "Verification codes differ";
        ContradictionLawFirm = "contradiction_law_firm", "律师事务所不一致", "Law firms differ";
        ContradictionSponsor = "contradiction_sponsor", "推荐机构不一致", "Sponsors differ";
        ContradictionCustodian = "contradiction_custody", "托管机构不一致", "Custodians differ";
        ContradictionHolders = "contradiction_holders", "股东信息不一致", "Holders differ";
        CreditCodeInvalid = "credit_code_invalid", "信用代码校验不符", "Credit code check";
        ResidentIdInvalid = "resident_id_invalid", "身份证号码校验不符", "Identity number check";
        RegisterPercentSum = "register_percent_sum", "持股比例合计", "Percentages do not sum";
        RegisterSharesSum = "register_shares_sum", "持股数合计", "Shares do not sum";
        RegisterRowPercent = "register_row_percent", "单行持股比例", "Percentage of a row";
        RegisterDuplicateHolder = "register_duplicate_holder", "股东重复", "Holder listed twice";
        RegisterHolderId = "register_holder_id", "股东证件号码", "Holder's id number";
        RegisterCapital = "register_capital", "股份总数与注册资本", "Shares and capital";
        RegisterTooManyHolders = "register_too_many_holders", "股东人数超限", "Too many holders";
        BalanceSheet = "balance_sheet", "资产负债表不平", "Balance sheet does not balance";
        AuditPeriodExpired = "audit_period_expired", "审计数据过期", "Audited figures expired";
        AuditCodeMissing = "audit_code_missing", "缺少审计报告验证码", "No audit verification code";
        AuditOpinionModified = "audit_opinion_modified", "非标准审计意见", "Modified audit opinion";
        ArticlesOutdated = "articles_outdated", "章程未更新", "Articles outdated";
        CertificateExpiring = "certificate_expiring", "证书将到期", "Certificate expiring";
        CertificateExpired = "certificate_expired", "证书已过期", "Certificate expired";
        LicenceExpired = "licence_expired", "营业期限届满", "Licence expired";
        DatesOutOfOrder = "dates_out_of_order", "日期先后颠倒", "Dates out of order";
        DateInFuture = "date_in_future", "日期晚于今天", "Date in the future";
        NoticePeriodShort = "notice_period_short", "会议通知期不足", "Notice too short";
        VotesBelowThreshold = "votes_below_threshold", "表决比例不足", "Votes too few";
        SignersNotDirectors = "signers_not_directors", "签字人与董事不符", "Signers are not the directors";
        LawyersTooFew = "lawyers_too_few", "签字律师不足两名", "Fewer than two lawyers";
        IdentityMismatch = "identity_mismatch", "身份证明与营业执照不符", "Identity differs from the licence";
    }
}
