-- Filings: structured fields, stage, versions.
CREATE TABLE rule_pack (
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    body TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    released_at INTEGER NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;

CREATE TABLE filing (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL REFERENCES organisation (id),
    kind TEXT NOT NULL,
    -- The version it was made under, for ever.
    pack_id TEXT NOT NULL,
    pack_version TEXT NOT NULL,
    pack_sha256 BLOB NOT NULL,
    board TEXT NOT NULL DEFAULT '',
    stage TEXT NOT NULL,
    -- The stage with its data, JSON of domain::workflow::Stage.
    stage_data TEXT NOT NULL,
    -- Submissions so far; the number of the last version.
    submissions INTEGER NOT NULL DEFAULT 0,
    -- Once submitted it is no longer private.
    first_submitted_at INTEGER,
    submitted_at INTEGER,
    decided_at INTEGER,
    -- The clock that runs: '', 'acceptance', 'review', 'correction', 'inquiry_reply'; due on this day (yyyy-mm-dd, China time), '' when it stands still.
    clock TEXT NOT NULL DEFAULT '',
    due_on TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 1,
    opened_by BLOB NOT NULL,
    -- The client's key for opening: twice the same key is one filing.
    open_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX filing_by_org ON filing (org_id, created_at);
CREATE INDEX filing_queue ON filing (stage, due_on, submitted_at);
CREATE INDEX filing_by_submission ON filing (first_submitted_at);

CREATE TABLE filing_field (
    filing_id BLOB NOT NULL REFERENCES filing (id),
    field TEXT NOT NULL,
    -- Normalised value.
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_by BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (filing_id, field)
) STRICT;

-- What was submitted, frozen: the manifest is exactly what the ledger entry's digests cover.
CREATE TABLE filing_version (
    filing_id BLOB NOT NULL REFERENCES filing (id),
    number INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    manifest TEXT NOT NULL,
    manifest_sha256 BLOB NOT NULL,
    manifest_sm3 BLOB NOT NULL,
    fields TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    submitted_by BLOB NOT NULL,
    submitted_at INTEGER NOT NULL,
    outbox_seq INTEGER NOT NULL REFERENCES outbox (seq),
    PRIMARY KEY (filing_id, number)
) STRICT;
