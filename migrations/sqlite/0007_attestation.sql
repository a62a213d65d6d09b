-- A signer's passkey assertion over the digests of a slot's documents.
CREATE TABLE attestation (
    id BLOB NOT NULL PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    engagement_id BLOB NOT NULL REFERENCES engagement (id),
    slot TEXT NOT NULL,
    firm_id BLOB NOT NULL REFERENCES organisation (id),
    signer_id BLOB NOT NULL REFERENCES person (id),
    -- 'attest' or 'decline'.
    decision TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    -- Canonical JSON; its SHA-256 was the challenge.
    statement TEXT NOT NULL,
    public_key BLOB NOT NULL,
    authenticator_data BLOB NOT NULL,
    client_data BLOB NOT NULL,
    signature BLOB NOT NULL,
    rp_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    -- Set when a document of the slot changed afterwards: it no longer counts.
    superseded_at INTEGER,
    outbox_seq INTEGER NOT NULL REFERENCES outbox (seq)
) STRICT;
CREATE INDEX attestation_by_filing ON attestation (filing_id, slot, signed_at);
CREATE INDEX attestation_by_firm ON attestation (firm_id, signed_at);

-- The attestations that counted when a version was submitted.
CREATE TABLE filing_version_attestation (
    filing_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    attestation_id BLOB NOT NULL REFERENCES attestation (id),
    PRIMARY KEY (filing_id, number, attestation_id),
    FOREIGN KEY (filing_id, number) REFERENCES filing_version (filing_id, number)
) STRICT;
