-- Who cosigns the log's checkpoints, what each of them cosigned, and how many are enough for a checkpoint to be final.
CREATE TABLE witness (
    id BLOB NOT NULL PRIMARY KEY,
    -- Name of its key; one witness at a time has it.
    name TEXT NOT NULL,
    vkey TEXT NOT NULL UNIQUE,
    -- Submission prefix of tlog-witness, without a slash at the end.
    url TEXT NOT NULL,
    added_by BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    -- Set when it no longer counts. What it cosigned stays.
    ended_at INTEGER,
    -- What the log knows of it: the size it cosigned last, by its own word.
    size INTEGER NOT NULL DEFAULT 0,
    cosigned_at INTEGER,
    asked_at INTEGER,
    -- Attempts in a row that came to nothing, and why the last one did.
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT
) STRICT;
CREATE UNIQUE INDEX witness_by_name ON witness (name) WHERE ended_at IS NULL;

-- Exactly one row: how many of the active witnesses must cosign.
CREATE TABLE witness_policy (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    threshold INTEGER NOT NULL,
    version INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
INSERT INTO witness_policy (id, threshold, version, changed_at) VALUES (1, 3, 1, 0);

-- Verified signature lines over released checkpoints.
CREATE TABLE cosignature (
    size INTEGER NOT NULL REFERENCES ledger_checkpoint (size),
    witness_id BLOB NOT NULL REFERENCES witness (id),
    -- The note's line, without its newline.
    line TEXT NOT NULL,
    -- The witness's clock, POSIX seconds; signed.
    time INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (size, witness_id)
) STRICT;
