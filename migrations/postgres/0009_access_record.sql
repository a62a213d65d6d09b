-- Who looked at what. Written before the reading; digests of batches go to the ledger.
CREATE TABLE access_record (
    -- Without gaps: a missing number is a deleted record.
    seq BIGINT NOT NULL PRIMARY KEY,
    actor_id UUID NOT NULL,
    actor_name TEXT NOT NULL,
    org_id UUID NOT NULL,
    org_name TEXT NOT NULL,
    -- Name of the action, e.g. 'supervision.filing'.
    what TEXT NOT NULL,
    subject_id UUID,
    -- The path asked for, without its query.
    path TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- SHA-256 over the canonical JSON of this row and the digest before it: a chain.
    digest BYTEA NOT NULL,
    -- The ledger entry that holds the chain's head at or after this row.
    outbox_seq BIGINT REFERENCES outbox (seq)
);
CREATE INDEX access_record_by_time ON access_record (at);
CREATE INDEX access_record_by_subject ON access_record (subject_id, seq);
CREATE INDEX access_record_open ON access_record (seq) WHERE outbox_seq IS NULL;

-- Exactly one row, the end of the chain: taking the next number locks it, so that appends come one after another.
CREATE TABLE access_chain (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    digest BYTEA NOT NULL
);
INSERT INTO access_chain (id, seq, digest) VALUES (1, 0, decode(repeat('00', 32), 'hex'));
