-- The intake: files handed in as a folder, an archive or one by one, until each lies in its slot.
CREATE TABLE intake_file (
    id BLOB NOT NULL PRIMARY KEY,
    filing_id BLOB NOT NULL REFERENCES filing (id),
    -- Where it stood in the folder, parts joined with '/'; its last part made safe is the name.
    path TEXT NOT NULL,
    file_name TEXT NOT NULL,
    -- Bytes: announced, and so many of them are here.
    size INTEGER NOT NULL,
    received INTEGER NOT NULL,
    -- Announced by the browser, or computed when all bytes were here.
    sha256 BLOB,
    sm3 BLOB,
    -- Name of domain::intake::State.
    state TEXT NOT NULL,
    -- The slot that it lies in, or lay in before it was put aside; '' when nobody has said.
    slot TEXT NOT NULL DEFAULT '',
    document_id BLOB REFERENCES document (id),
    -- 0 to 100.
    confidence INTEGER NOT NULL DEFAULT 0,
    -- JSON: why it lies there or why not, and the slots that come into question.
    verdict TEXT NOT NULL DEFAULT '{}',
    -- The archive it came in.
    archive_id BLOB REFERENCES intake_file (id),
    handed_in_by BLOB NOT NULL REFERENCES person (id),
    received_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX intake_file_by_filing ON intake_file (filing_id, path);
CREATE INDEX intake_file_waiting ON intake_file (state, created_at);
CREATE INDEX intake_file_by_document ON intake_file (document_id);

-- What people of an organisation corrected: files of this name belong there.
CREATE TABLE intake_correction (
    org_id BLOB NOT NULL REFERENCES organisation (id),
    name_key TEXT NOT NULL,
    slot TEXT NOT NULL,
    -- The last name that was seen, for the reason in words.
    file_name TEXT NOT NULL,
    corrected_by BLOB NOT NULL REFERENCES person (id),
    corrected_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, name_key)
) STRICT;
