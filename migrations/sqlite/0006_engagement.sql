-- A firm answers for some slots of a filing.
CREATE TABLE engagement (
    id BLOB NOT NULL PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    firm_id BLOB NOT NULL REFERENCES organisation (id),
    -- 'invited', 'accepted', 'declined', 'ended'.
    status TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    invited_by BLOB NOT NULL,
    invited_at INTEGER NOT NULL,
    answered_by BLOB,
    answered_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX engagement_by_filing ON engagement (filing_id);
CREATE INDEX engagement_by_firm ON engagement (firm_id, status, invited_at);

CREATE TABLE engagement_slot (
    engagement_id BLOB NOT NULL REFERENCES engagement (id),
    slot TEXT NOT NULL,
    PRIMARY KEY (engagement_id, slot)
) STRICT;
