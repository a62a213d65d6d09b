-- Filings: structured fields, stage, versions.
CREATE TABLE rule_pack (
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    body TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    released_at BIGINT NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE filing (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    -- The version it was made under, for ever.
    pack_id TEXT NOT NULL,
    pack_version TEXT NOT NULL,
    pack_sha256 BYTEA NOT NULL,
    board TEXT NOT NULL DEFAULT '',
    stage TEXT NOT NULL,
    -- The stage with its data, JSON of domain::workflow::Stage.
    stage_data TEXT NOT NULL,
    -- Submissions so far; the number of the last version.
    submissions BIGINT NOT NULL DEFAULT 0,
    -- Once submitted it is no longer private.
    first_submitted_at BIGINT,
    submitted_at BIGINT,
    decided_at BIGINT,
    -- The clock that runs: '', 'acceptance', 'review', 'correction', 'inquiry_reply'; due on this day (yyyy-mm-dd, China time), '' when it stands still.
    clock TEXT NOT NULL DEFAULT '',
    due_on TEXT NOT NULL DEFAULT '',
    version BIGINT NOT NULL DEFAULT 1,
    opened_by UUID NOT NULL,
    -- The client's key for opening: twice the same key is one filing.
    open_key TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX filing_by_org ON filing (org_id, created_at);
CREATE INDEX filing_queue ON filing (stage, due_on, submitted_at);
CREATE INDEX filing_by_submission ON filing (first_submitted_at);

CREATE TABLE filing_field (
    filing_id UUID NOT NULL REFERENCES filing (id),
    field TEXT NOT NULL,
    -- Normalised value.
    value TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_by UUID NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (filing_id, field)
);

-- What was submitted, frozen: the manifest is exactly what the ledger entry's digests cover.
CREATE TABLE filing_version (
    filing_id UUID NOT NULL REFERENCES filing (id),
    number BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    manifest TEXT NOT NULL,
    manifest_sha256 BYTEA NOT NULL,
    manifest_sm3 BYTEA NOT NULL,
    fields TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    submitted_by UUID NOT NULL,
    submitted_at BIGINT NOT NULL,
    outbox_seq BIGINT NOT NULL REFERENCES outbox (seq),
    PRIMARY KEY (filing_id, number)
);
