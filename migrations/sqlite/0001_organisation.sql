-- Organisations: enterprises, firms, the exchange, authorities.
CREATE TABLE organisation (
    id BLOB NOT NULL PRIMARY KEY,
    -- Random name under which the ledger knows it; no link to the credit code.
    ledger_name TEXT NOT NULL UNIQUE,
    -- Salt of the commitments on the ledger. Erasing it erases the link while every proof still holds.
    salt BLOB,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    credit_code TEXT NOT NULL,
    -- 1 when the check digit of GB 32100 does not fit: warned, never blocked.
    credit_code_suspect INTEGER NOT NULL DEFAULT 0,
    city TEXT NOT NULL DEFAULT '',
    legal_representative TEXT NOT NULL DEFAULT '',
    contact_name TEXT NOT NULL DEFAULT '',
    contact_phone TEXT NOT NULL DEFAULT '',
    standing TEXT NOT NULL,
    -- Enterprise code of JR/T 0326, given at listing.
    code TEXT,
    verification_note TEXT,
    verified_at INTEGER,
    rules_version TEXT,
    rules_accepted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX organisation_credit_code ON organisation (credit_code, kind);
CREATE UNIQUE INDEX organisation_code ON organisation (code);
CREATE INDEX organisation_by_kind ON organisation (kind, standing, name);

-- 警示、限制、关闭: kept for ever, lifted rather than deleted.
CREATE TABLE sanction (
    id BLOB NOT NULL PRIMARY KEY,
    org_id BLOB NOT NULL REFERENCES organisation (id),
    standing TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by BLOB NOT NULL,
    decided_at INTEGER NOT NULL,
    lifted_by BLOB,
    lifted_at INTEGER,
    lift_reason TEXT
) STRICT;
CREATE INDEX sanction_by_org ON sanction (org_id, decided_at);
