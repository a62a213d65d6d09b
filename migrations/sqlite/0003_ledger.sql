-- Events on their way to the ledger, and the ledger's own head and staged tiles.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    -- One idempotency key, at most one ledger entry (invariant I2).
    idempotency_key TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Canonical JSON, exactly the bytes that are hashed into the leaf.
    entry BLOB NOT NULL,
    leaf_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    leaf_index INTEGER,
    -- Set when the checkpoint that covers it is published: only then is a receipt handed out.
    anchored_at INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (seq) WHERE leaf_index IS NULL;
CREATE UNIQUE INDEX outbox_by_index ON outbox (leaf_index);
CREATE INDEX outbox_by_object ON outbox (object, seq);
CREATE INDEX outbox_by_leaf_hash ON outbox (leaf_hash);

-- Exactly one row: replaced by compare-and-swap on (epoch, size, root).
CREATE TABLE ledger_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    -- The signed checkpoint of published_size, '' before the first: signed after the head is committed, never before.
    note TEXT NOT NULL,
    -- The size whose tiles are published and read back and whose checkpoint is released.
    published_size INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Tiles of a committed head that may not be in the object store yet. Deleted after they are read back.
CREATE TABLE ledger_staged (
    path TEXT NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL,
    size INTEGER NOT NULL
) STRICT;

-- Every checkpoint that was released, for history and consistency proofs between any two.
CREATE TABLE ledger_checkpoint (
    size INTEGER NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    published_at INTEGER NOT NULL
) STRICT;

-- What happened, in words for the people concerned; private, unlike the ledger.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox_seq INTEGER NOT NULL UNIQUE REFERENCES outbox (seq),
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    org_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT NOT NULL,
    actor_org TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_subject ON event (subject_id, seq);
CREATE INDEX event_by_org ON event (org_id, seq);
CREATE INDEX event_by_time ON event (at);
