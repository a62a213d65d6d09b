-- A signer's passkey assertion over the digests of a slot's documents.
CREATE TABLE attestation (
    id UUID NOT NULL PRIMARY KEY,
    filing_id UUID NOT NULL REFERENCES filing (id),
    engagement_id UUID NOT NULL REFERENCES engagement (id),
    slot TEXT NOT NULL,
    firm_id UUID NOT NULL REFERENCES organisation (id),
    signer_id UUID NOT NULL REFERENCES person (id),
    -- 'attest' or 'decline'.
    decision TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    -- Canonical JSON; its SHA-256 was the challenge.
    statement TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    authenticator_data BYTEA NOT NULL,
    client_data BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    rp_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    -- Set when a document of the slot changed afterwards: it no longer counts.
    superseded_at BIGINT,
    outbox_seq BIGINT NOT NULL REFERENCES outbox (seq)
);
CREATE INDEX attestation_by_filing ON attestation (filing_id, slot, signed_at);
CREATE INDEX attestation_by_firm ON attestation (firm_id, signed_at);

-- The attestations that counted when a version was submitted.
CREATE TABLE filing_version_attestation (
    filing_id UUID NOT NULL,
    number BIGINT NOT NULL,
    attestation_id UUID NOT NULL REFERENCES attestation (id),
    PRIMARY KEY (filing_id, number, attestation_id),
    FOREIGN KEY (filing_id, number) REFERENCES filing_version (filing_id, number)
);
