-- What the exchange asked for (补正、问询), item by item, and what it decided.
CREATE TABLE review_item (
    id UUID NOT NULL PRIMARY KEY,
    filing_id UUID NOT NULL REFERENCES filing (id),
    -- 'correction' or 'inquiry'.
    kind TEXT NOT NULL,
    round BIGINT NOT NULL,
    -- As the reviewer ordered them.
    position BIGINT NOT NULL,
    -- A slot of the rule pack, or '' for the filing as a whole.
    slot TEXT NOT NULL,
    reason TEXT NOT NULL,
    raised_by UUID NOT NULL,
    raised_at BIGINT NOT NULL,
    answer TEXT,
    answered_by UUID,
    answered_at BIGINT
);
CREATE INDEX review_item_by_filing ON review_item (filing_id, round, raised_at);

CREATE TABLE decision (
    id UUID NOT NULL PRIMARY KEY,
    filing_id UUID NOT NULL REFERENCES filing (id),
    filing_version BIGINT NOT NULL,
    -- Event name of domain::workflow.
    kind TEXT NOT NULL,
    opinion TEXT NOT NULL,
    decided_by UUID NOT NULL,
    decided_at BIGINT NOT NULL,
    outbox_seq BIGINT NOT NULL REFERENCES outbox (seq)
);
CREATE INDEX decision_by_filing ON decision (filing_id, decided_at);
