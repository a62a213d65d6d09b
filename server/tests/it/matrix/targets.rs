//! Puts a tenant's real ids into addresses and forms.

use uuid::Uuid;

use crate::template::Target;

/// A route's address with its parameters filled: what stands before a parameter says what it is.
///
/// # Panics
/// For a parameter that nobody has explained here yet.
pub(crate) fn fill(route: &str, target: &Target) -> String {
    let mut before = "";
    let mut parts = Vec::new();
    for part in route.split('/') {
        let value = match (part.starts_with('{'), before) {
            (false, _) => part.to_owned(),
            (true, "filings" | "review") => target.filing.to_string(),
            (true, "engagements") => target.engagement.to_string(),
            (true, "documents") => target.document.to_string(),
            (true, "organisations" | "companies") => target.org.to_string(),
            (true, "rule-packs") => "listing".to_owned(),
            (true, _) if part == "{version}" => "2026.2".to_owned(),
            (true, "slots") => "audit_report".to_owned(),
            (true, "versions" | "pages") => "1".to_owned(),
            // A version's number directly behind the document's id.
            (true, before) if before.starts_with('{') => "1".to_owned(),
            (true, "entries") => "0".to_owned(),
            (true, "attestations") => target.attestation.to_string(),
            (true, "checkpoint") => "1".to_owned(),
            (true, "proof") => "0.tlog-proof".to_owned(),
            (true, "tile") => "0/000.p/1".to_owned(),
            // The market has no file that waits.
            (true, "intake") => Uuid::nil().to_string(),
            (true, "invite") => "no-such-token".to_owned(),
            (true, before) => panic!("{route}: what is `{part}` after `{before}`?"),
        };
        parts.push(value);
        before = part;
    }
    let path = parts.join("/");
    // A parameter that must be there.
    if path == "/api/v1/ledger/entries" { format!("{path}?digest={}", "0".repeat(64)) } else { path }
}

/// A form's fields with `{filing}`, `{document}`, `{engagement}`, `{organisation}`, `{person}` and the versions of filing
/// and organisation, `{version}` and `{org_version}`, replaced.
pub(crate) fn fields(fields: &[(&str, &str)], target: &Target) -> Vec<(String, String)> {
    let ids = [
        ("{filing}", target.filing.to_string()),
        ("{document}", target.document.to_string()),
        ("{engagement}", target.engagement.to_string()),
        ("{organisation}", target.org.to_string()),
        ("{person}", target.person.to_string()),
        ("{version}", target.version.to_string()),
        ("{org_version}", target.org_version.to_string()),
    ];
    fields
        .iter()
        .map(|(name, value)| {
            let value = ids.iter().fold((*value).to_owned(), |value, (mark, id)| value.replace(mark, id));
            ((*name).to_owned(), value)
        })
        .collect()
}

/// Where a document of the audit slot is uploaded.
pub(crate) fn upload_path(filing: Uuid) -> String {
    format!("/filings/{filing}/slots/audit_report/documents")
}
