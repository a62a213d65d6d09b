//! What an instance is configured with, as far as use cases need it. The server reads it from its options.

/// Settings of one instance.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach it, e.g. `https://guxin.example.cn`; also the passkeys' origin.
    pub public_url: String,
    /// The passkeys' relying party id: the host of `public_url`.
    pub rp_id: String,
    /// The ledger's origin: a schemeless URL prefix.
    pub ledger_origin: String,
    /// Name of the exchange, for pages and receipts.
    pub exchange_name: String,
    /// 备案 number of the information service, shown in the footer when there is one.
    pub record_number: Option<String>,
    /// Demonstration instance: sample accounts are shown on the sign-in page, and time-based codes suffice
    /// for roles that need a passkey in production.
    pub demo: bool,
    /// Idle minutes after which a session ends.
    pub session_idle_minutes: i64,
    /// Hours after which a session ends in any case.
    pub session_hours: i64,
    /// Minutes after which what binds an organisation asks for the second factor again.
    pub step_up_minutes: i64,
    /// Most bytes of all documents of one filing.
    pub filing_quota_bytes: u64,
    /// Most bytes of everything that one filing ever stored, replaced and removed versions included.
    pub filing_storage_bytes: u64,
    /// Most filings of one organisation that were opened and never submitted.
    pub open_drafts: u32,
    /// Font file of PDF receipts; without one a system font or the bundled subset is taken.
    pub pdf_font: Option<std::path::PathBuf>,
}

impl Settings {
    /// Settings for tests: `http://localhost:3000`, not a demonstration.
    #[must_use]
    pub fn for_tests() -> Self {
        Self {
            public_url: "http://localhost:3000".into(),
            rp_id: "localhost".into(),
            ledger_origin: "localhost/ledger".into(),
            exchange_name: "江苏示例股权交易中心".into(),
            record_number: None,
            demo: false,
            session_idle_minutes: 30,
            session_hours: 8,
            step_up_minutes: 30,
            filing_quota_bytes: 1 << 30,
            filing_storage_bytes: 4 << 30,
            open_drafts: 20,
            pdf_font: None,
        }
    }
}

/// The version of the platform rules and service agreement in force. Who accepted an older one is asked again.
pub const RULES_VERSION: &str = "2026.1";
