-- The holders of a filing's company as its enterprise took them from its register. Each import is a version of its own and
-- stays; rows are corrected in place, each with its own version.
CREATE TABLE holder_register (
    filing_id BLOB NOT NULL REFERENCES filing (id),
    number INTEGER NOT NULL,
    -- The workbook that it was read from, and its sheet.
    document_id BLOB NOT NULL REFERENCES document (id),
    document_number INTEGER NOT NULL,
    sheet TEXT NOT NULL,
    -- What its line of totals says, where it has one.
    total_shares INTEGER,
    -- The import that it was taken back to, if it was.
    restored_from INTEGER,
    imported_by BLOB NOT NULL REFERENCES person (id),
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (filing_id, number)
) STRICT;

CREATE TABLE holder (
    filing_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    -- Row of the workbook; 0 for one that was typed.
    sheet_row INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    id_kind TEXT NOT NULL,
    -- The number of its document, sealed; NULL without one.
    id_sealed BLOB,
    shares INTEGER,
    -- Ten-thousandths of a percent.
    percent INTEGER,
    -- Fen.
    contributed INTEGER,
    -- yyyy-mm-dd, or ''.
    acquired_on TEXT NOT NULL,
    note TEXT NOT NULL,
    -- JSON: what stands where a number or a day should; '' when all could be read.
    unread TEXT NOT NULL DEFAULT '',
    removed_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    updated_by BLOB NOT NULL REFERENCES person (id),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (filing_id, number, ordinal),
    FOREIGN KEY (filing_id, number) REFERENCES holder_register (filing_id, number)
) STRICT;

-- What an organisation's people said that a heading means; '' means nothing of a register.
CREATE TABLE holder_column (
    org_id BLOB NOT NULL REFERENCES organisation (id),
    label TEXT NOT NULL,
    meaning TEXT NOT NULL,
    decided_by BLOB NOT NULL REFERENCES person (id),
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (org_id, label)
) STRICT;
