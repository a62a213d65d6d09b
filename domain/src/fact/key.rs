//! The closed list of things that documents say, with the canonical form of each. Facts are stored by these names, so
//! that a name never changes its meaning.

use serde::{Deserialize, Serialize};

use crate::{locale::Locale, rule_pack::vocabulary};

/// The canonical form of a fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Trimmed text; brackets full-width as in registered names.
    Text,
    /// 18 half-width capitals; the check digit may be wrong.
    CreditCode,
    /// A resident identity number, a credit code or another document's number, half-width. Personal data.
    IdNumber,
    /// Yuan with two decimals, `30000000.00`.
    Money,
    /// Whole number.
    Count,
    /// `yyyy-mm-dd`.
    Date,
    /// Decimal without trailing zeros.
    Percent,
    /// `joint_stock` or `limited`.
    CompanyType,
    /// The values of the pack's field `audit_opinion`.
    Opinion,
}

vocabulary! {
    /// What a value means.
    FactKey {

        CompanyName = "company_name", "企业名称", "Company name";
        FormerName = "former_name", "曾用名", "Former name";
        CreditCode = "credit_code", "统一社会信用代码", "Credit code";
        CompanyType = "company_type", "企业类型", "Type of company";
        RegisteredCapital = "registered_capital", "注册资本", "Registered capital";
        PaidInCapital = "paid_in_capital", "实缴资本", "Paid-in capital";
        TotalShares = "total_shares", "股份总数", "Total shares";
        HolderCount = "holder_count", "股东人数", "Number of holders";
        LegalRepresentative = "legal_representative", "法定代表人", "Legal representative";
        ActualController = "actual_controller", "实际控制人", "Actual controller";
        Established = "established", "成立日期", "Date established";
        Converted = "converted", "股改日期", "Date of conversion";
        Address = "address", "住所", "Registered address";
        Industry = "industry", "所属行业", "Industry";
        MainBusiness = "main_business", "主营业务", "Main business";
        ShortName = "short_name", "股权简称", "Short name";
        AlternativeShortName = "alternative_short_name", "备选简称", "Alternative short name";
        Board = "board", "申请板块", "Board applied for";
        Layer = "layer", "申请层级", "Layer applied for";
        ContactPerson = "contact_person", "联系人", "Contact person";
        ContactPhone = "contact_phone", "联系电话", "Phone";
        ContactEmail = "contact_email", "电子邮箱", "Email";

        DocumentDate = "date", "文件日期", "Date of the document";
        Authority = "authority", "登记机关", "Issuing authority";
        ReportNumber = "report_number", "报告编号", "Report number";
        ValidFrom = "valid_from", "有效期起", "Valid from";
        ValidUntil = "valid_until", "有效期止", "Valid until";

        Meeting = "meeting", "会议名称", "Meeting";
        NoticeDate = "notice_date", "通知日期", "Date of the notice";
        VotesFor = "votes_for_percent", "同意比例", "Votes in favour";
        Signatory = "signatory", "签字人", "Signatory";
        Director = "director", "董事", "Director";
        Supervisor = "supervisor", "监事", "Supervisor";

        IdNumber = "id_number", "身份证号码", "Identity number";
        Agent = "agent", "经办人", "Agent";
        AgentIdNumber = "agent_id_number", "经办人身份证号码", "Agent's identity number";

        Sponsor = "sponsor", "推荐机构", "Sponsor";
        SponsorCreditCode = "sponsor_credit_code", "推荐机构信用代码", "Sponsor's credit code";
        TeamMember = "team_member", "项目组成员", "Member of the sponsor's team";
        Exchange = "exchange", "交易中心", "Exchange";
        ExchangeCreditCode = "exchange_credit_code", "交易中心信用代码", "Exchange's credit code";
        Custodian = "custody", "登记托管机构", "Custodian";
        CustodianCreditCode = "custody_credit_code", "登记托管机构信用代码", "Custodian's credit code";
        Auditor = "auditor", "会计师事务所", "Accounting firm";
        AuditReportNumber = "audit_report_number", "审计报告文号", "Audit report number";
        AuditDate = "audit_date", "审计报告日", "Date of the audit report";
        AuditOpinion = "opinion_type", "审计意见类型", "Audit opinion";
        VerificationCode = "verification_code", "审计报告验证码", "Audit verification code";
        Accountant = "cpa", "签字注册会计师", "Certified public accountant";
        LawFirm = "law_firm", "律师事务所", "Law firm";
        Lawyer = "lawyer", "经办律师", "Lawyer";
        LegalOpinionNumber = "legal_opinion_number", "法律意见书文号", "Legal opinion number";
        Valuer = "valuer", "资产评估机构", "Valuer";
        ValuationReportNumber = "valuation_report_number", "评估报告文号", "Valuation report number";
        ValuationBaseDate = "valuation_base_date", "评估基准日", "Valuation base date";
        AppraisedNetAssets = "appraised_net_assets", "净资产评估值", "Appraised net assets";

        PeriodEnd = "period_end", "会计期间截止日", "Period end";
        TotalAssets = "total_assets", "资产总计", "Total assets";
        TotalLiabilities = "total_liabilities", "负债合计", "Total liabilities";
        Equity = "equity", "所有者权益合计", "Equity";
        Revenue = "revenue", "营业收入", "Revenue";
        NetProfit = "net_profit", "净利润", "Net profit";
        OperatingCashFlow = "operating_cash_flow", "经营活动现金流量净额", "Operating cash flow";

        HolderName = "holder_name", "股东", "Holder";
        HolderId = "holder_id", "股东证件号码", "Holder's id number";
        HolderShares = "holder_shares", "持股数", "Shares held";
        HolderPercent = "holder_percent", "持股比例", "Percentage held";
        SharesSum = "shares_sum", "名册持股数合计", "Sum of shares as printed";
        PercentSum = "percent_sum", "名册持股比例合计", "Sum of percentages as printed";

        Certificate = "certificate", "证书", "Certificate";
        CertificateNumber = "certificate_number", "证书编号", "Certificate number";
        Patent = "patent", "专利号", "Patent";
        InsuredEmployees = "insured_employees", "参保人数", "Insured employees";
        TaxAuthority = "tax_authority", "税务机关", "Tax authority";
    }
}

impl FactKey {
    /// The canonical form of its values.
    #[must_use]
    pub const fn shape(self) -> Shape {
        match self {
            Self::CreditCode
            | Self::SponsorCreditCode
            | Self::ExchangeCreditCode
            | Self::CustodianCreditCode => Shape::CreditCode,
            Self::IdNumber | Self::AgentIdNumber | Self::HolderId => Shape::IdNumber,
            Self::RegisteredCapital
            | Self::PaidInCapital
            | Self::AppraisedNetAssets
            | Self::TotalAssets
            | Self::TotalLiabilities
            | Self::Equity
            | Self::Revenue
            | Self::NetProfit
            | Self::OperatingCashFlow => Shape::Money,
            Self::TotalShares
            | Self::HolderCount
            | Self::HolderShares
            | Self::SharesSum
            | Self::InsuredEmployees => Shape::Count,
            Self::Established
            | Self::Converted
            | Self::DocumentDate
            | Self::ValidFrom
            | Self::ValidUntil
            | Self::NoticeDate
            | Self::AuditDate
            | Self::ValuationBaseDate
            | Self::PeriodEnd => Shape::Date,
            Self::VotesFor | Self::HolderPercent | Self::PercentSum => Shape::Percent,
            Self::CompanyType => Shape::CompanyType,
            Self::AuditOpinion => Shape::Opinion,
            _ => Shape::Text,
        }
    }

    /// Whether its values identify a natural person and are masked wherever they are shown.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self.shape(), Shape::IdNumber)
    }
}
