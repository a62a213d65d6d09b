-- Who has a filing's workspace open, and in which field they are. Short-lived: a row counts for half a minute.
CREATE TABLE presence (
    filing_id UUID NOT NULL REFERENCES filing (id),
    person_id UUID NOT NULL REFERENCES person (id),
    -- One page in one browser, by a random id that the page makes.
    tab TEXT NOT NULL,
    -- The field's id, '' in none.
    field TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (filing_id, person_id, tab)
);
