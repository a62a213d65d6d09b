-- Documents in slots; every version is kept, the bytes are content-addressed.
CREATE TABLE blob (
    sha256 BYTEA NOT NULL PRIMARY KEY,
    sm3 BYTEA NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE document (
    id UUID NOT NULL PRIMARY KEY,
    filing_id UUID NOT NULL REFERENCES filing (id),
    slot TEXT NOT NULL,
    -- The newest version's number.
    latest BIGINT NOT NULL,
    removed_at BIGINT,
    removed_by UUID,
    created_at BIGINT NOT NULL
);
CREATE INDEX document_by_filing ON document (filing_id, slot, created_at);

CREATE TABLE document_version (
    document_id UUID NOT NULL REFERENCES document (id),
    number BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BYTEA NOT NULL REFERENCES blob (sha256),
    uploaded_by UUID NOT NULL,
    uploaded_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    outbox_seq BIGINT NOT NULL REFERENCES outbox (seq),
    PRIMARY KEY (document_id, number)
);
CREATE INDEX document_version_by_blob ON document_version (sha256);

-- Which versions of which documents a submitted version of a filing consists of; what others than the enterprise may read.
CREATE TABLE filing_version_document (
    filing_id UUID NOT NULL,
    number BIGINT NOT NULL,
    document_id UUID NOT NULL,
    document_number BIGINT NOT NULL,
    slot TEXT NOT NULL,
    PRIMARY KEY (filing_id, number, document_id),
    FOREIGN KEY (filing_id, number) REFERENCES filing_version (filing_id, number),
    FOREIGN KEY (document_id, document_number) REFERENCES document_version (document_id, number)
);
CREATE INDEX filing_version_document_by_document ON filing_version_document (document_id, document_number);
