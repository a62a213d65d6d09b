-- A firm answers for some slots of a filing.
CREATE TABLE engagement (
    id UUID NOT NULL PRIMARY KEY,
    filing_id UUID NOT NULL REFERENCES filing (id),
    firm_id UUID NOT NULL REFERENCES organisation (id),
    -- 'invited', 'accepted', 'declined', 'ended'.
    status TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    invited_by UUID NOT NULL,
    invited_at BIGINT NOT NULL,
    answered_by UUID,
    answered_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX engagement_by_filing ON engagement (filing_id);
CREATE INDEX engagement_by_firm ON engagement (firm_id, status, invited_at);

CREATE TABLE engagement_slot (
    engagement_id UUID NOT NULL REFERENCES engagement (id),
    slot TEXT NOT NULL,
    PRIMARY KEY (engagement_id, slot)
);
