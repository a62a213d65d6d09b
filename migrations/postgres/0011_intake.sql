-- The intake: files handed in as a folder, an archive or one by one, until each lies in its slot.
CREATE TABLE intake_file (
    id UUID NOT NULL PRIMARY KEY,
    filing_id UUID NOT NULL REFERENCES filing (id),
    -- Where it stood in the folder, parts joined with '/'; its last part made safe is the name.
    path TEXT NOT NULL,
    file_name TEXT NOT NULL,
    -- Bytes: announced, and so many of them are here.
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    -- Announced by the browser, or computed when all bytes were here.
    sha256 BYTEA,
    sm3 BYTEA,
    -- Name of domain::intake::State.
    state TEXT NOT NULL,
    -- The slot that it lies in, or lay in before it was put aside; '' when nobody has said.
    slot TEXT NOT NULL DEFAULT '',
    document_id UUID REFERENCES document (id),
    -- 0 to 100.
    confidence BIGINT NOT NULL DEFAULT 0,
    -- JSON: why it lies there or why not, and the slots that come into question.
    verdict TEXT NOT NULL DEFAULT '{}',
    -- The archive it came in.
    archive_id UUID REFERENCES intake_file (id),
    handed_in_by UUID NOT NULL REFERENCES person (id),
    received_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX intake_file_by_filing ON intake_file (filing_id, path);
CREATE INDEX intake_file_waiting ON intake_file (state, created_at);
CREATE INDEX intake_file_by_document ON intake_file (document_id);

-- What people of an organisation corrected: files of this name belong there.
CREATE TABLE intake_correction (
    org_id UUID NOT NULL REFERENCES organisation (id),
    name_key TEXT NOT NULL,
    slot TEXT NOT NULL,
    -- The last name that was seen, for the reason in words.
    file_name TEXT NOT NULL,
    corrected_by UUID NOT NULL REFERENCES person (id),
    corrected_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, name_key)
);
