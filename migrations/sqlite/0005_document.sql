-- Documents in slots; every version is kept, the bytes are content-addressed.
CREATE TABLE blob (
    sha256 BLOB NOT NULL PRIMARY KEY,
    sm3 BLOB NOT NULL,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE document (
    id BLOB NOT NULL PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    slot TEXT NOT NULL,
    -- The newest version's number.
    latest INTEGER NOT NULL,
    removed_at INTEGER,
    removed_by BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX document_by_filing ON document (filing_id, slot, created_at);

CREATE TABLE document_version (
    document_id BLOB NOT NULL REFERENCES document (id),
    number INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BLOB NOT NULL REFERENCES blob (sha256),
    uploaded_by BLOB NOT NULL,
    uploaded_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    outbox_seq INTEGER NOT NULL REFERENCES outbox (seq),
    PRIMARY KEY (document_id, number)
) STRICT;
CREATE INDEX document_version_by_blob ON document_version (sha256);

-- Which versions of which documents a submitted version of a filing consists of; what others than the enterprise may read.
CREATE TABLE filing_version_document (
    filing_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    document_id BLOB NOT NULL,
    document_number INTEGER NOT NULL,
    slot TEXT NOT NULL,
    PRIMARY KEY (filing_id, number, document_id),
    FOREIGN KEY (filing_id, number) REFERENCES filing_version (filing_id, number),
    FOREIGN KEY (document_id, document_number) REFERENCES document_version (document_id, number)
) STRICT;
CREATE INDEX filing_version_document_by_document ON filing_version_document (document_id, document_number);
