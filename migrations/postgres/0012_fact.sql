-- What each version of a document says, read in the background; and which values of the form were taken from there.
CREATE TABLE document_reading (
    document_id UUID NOT NULL REFERENCES document (id),
    number BIGINT NOT NULL,
    -- The slot tells what kind of document it is, hence what its words mean.
    slot TEXT NOT NULL,
    -- waiting, reading, read, unread
    state TEXT NOT NULL,
    -- JSON: domain::fact::Fact of each value.
    facts TEXT NOT NULL DEFAULT '[]',
    -- Why it was not read, JSON in both languages; '' otherwise.
    problem TEXT NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (document_id, number)
);
CREATE INDEX document_reading_waiting ON document_reading (state, updated_at);

CREATE TABLE field_source (
    filing_id UUID NOT NULL REFERENCES filing (id),
    field TEXT NOT NULL,
    -- As it was taken; the form may say something else by now, and then shows both.
    value TEXT NOT NULL,
    document_id UUID NOT NULL REFERENCES document (id),
    document_number BIGINT NOT NULL,
    page BIGINT NOT NULL,
    taken_by UUID NOT NULL REFERENCES person (id),
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (filing_id, field)
);

-- Findings that the enterprise explains and keeps; reviewers see the words.
CREATE TABLE finding_explanation (
    filing_id UUID NOT NULL REFERENCES filing (id),
    -- domain::finding::Finding::id: another one when what is at odds changes.
    finding TEXT NOT NULL,
    -- What was found, JSON in both languages, as it was shown.
    message TEXT NOT NULL,
    reason TEXT NOT NULL,
    explained_by UUID NOT NULL REFERENCES person (id),
    explained_at BIGINT NOT NULL,
    PRIMARY KEY (filing_id, finding)
);
