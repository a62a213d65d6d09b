-- What the exchange asked for (补正、问询), item by item, and what it decided.
CREATE TABLE review_item (
    id BLOB NOT NULL PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    -- 'correction' or 'inquiry'.
    kind TEXT NOT NULL,
    round INTEGER NOT NULL,
    -- As the reviewer ordered them.
    position INTEGER NOT NULL,
    -- A slot of the rule pack, or '' for the filing as a whole.
    slot TEXT NOT NULL,
    reason TEXT NOT NULL,
    raised_by BLOB NOT NULL,
    raised_at INTEGER NOT NULL,
    answer TEXT,
    answered_by BLOB,
    answered_at INTEGER
) STRICT;
CREATE INDEX review_item_by_filing ON review_item (filing_id, round, raised_at);

CREATE TABLE decision (
    id BLOB NOT NULL PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    filing_version INTEGER NOT NULL,
    -- Event name of domain::workflow.
    kind TEXT NOT NULL,
    opinion TEXT NOT NULL,
    decided_by BLOB NOT NULL,
    decided_at INTEGER NOT NULL,
    outbox_seq INTEGER NOT NULL REFERENCES outbox (seq)
) STRICT;
CREATE INDEX decision_by_filing ON decision (filing_id, decided_at);
