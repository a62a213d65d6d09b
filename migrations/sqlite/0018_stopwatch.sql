-- When people worked on a filing and when the platform did, written down as it happened: what a receipt's stopwatch is read from.
CREATE TABLE filing_moment (
    filing_id BLOB NOT NULL REFERENCES filing (id),
    -- 'act': somebody of the enterprise did something; since and until are the same. 'machine': files were received or read.
    kind TEXT NOT NULL CHECK (kind IN ('act', 'machine')),
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;
CREATE INDEX filing_moment_by_filing ON filing_moment (filing_id, until);
