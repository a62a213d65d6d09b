-- Who cosigns the log's checkpoints, what each of them cosigned, and how many are enough for a checkpoint to be final.
CREATE TABLE witness (
    id UUID NOT NULL PRIMARY KEY,
    -- Name of its key; one witness at a time has it.
    name TEXT NOT NULL,
    vkey TEXT NOT NULL UNIQUE,
    -- Submission prefix of tlog-witness, without a slash at the end.
    url TEXT NOT NULL,
    added_by UUID NOT NULL,
    added_at BIGINT NOT NULL,
    -- Set when it no longer counts. What it cosigned stays.
    ended_at BIGINT,
    -- What the log knows of it: the size it cosigned last, by its own word.
    size BIGINT NOT NULL DEFAULT 0,
    cosigned_at BIGINT,
    asked_at BIGINT,
    -- Attempts in a row that came to nothing, and why the last one did.
    failures BIGINT NOT NULL DEFAULT 0,
    error TEXT
);
CREATE UNIQUE INDEX witness_by_name ON witness (name) WHERE ended_at IS NULL;

-- Exactly one row: how many of the active witnesses must cosign.
CREATE TABLE witness_policy (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    threshold BIGINT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
INSERT INTO witness_policy (id, threshold, version, changed_at) VALUES (1, 3, 1, 0);

-- Verified signature lines over released checkpoints.
CREATE TABLE cosignature (
    size BIGINT NOT NULL REFERENCES ledger_checkpoint (size),
    witness_id UUID NOT NULL REFERENCES witness (id),
    -- The note's line, without its newline.
    line TEXT NOT NULL,
    -- The witness's clock, POSIX seconds; signed.
    time BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (size, witness_id)
);
