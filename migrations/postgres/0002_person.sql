-- People and how they sign in.
CREATE TABLE person (
    id UUID NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL REFERENCES organisation (id),
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- PHC string, Argon2id.
    password TEXT NOT NULL,
    -- Base32 secret once confirmed; pending secrets wait in the session.
    totp_secret BYTEA,
    -- The last time step that was accepted: each is good once.
    totp_last_step BIGINT NOT NULL DEFAULT 0,
    active BIGINT NOT NULL DEFAULT 1,
    failures BIGINT NOT NULL DEFAULT 0,
    -- No attempt is looked at before this moment (exponential delay, never a lock).
    not_before BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX person_by_org ON person (org_id, name);

-- One row that attempts on unknown or throttled accounts write to, so that the disk does not tell who exists.
CREATE TABLE sign_in_decoy (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    failures BIGINT NOT NULL
);
INSERT INTO sign_in_decoy (id, failures) VALUES (1, 0);

-- An invitation to a person; the token is kept as its hash and is good once.
CREATE TABLE invitation (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    org_id UUID NOT NULL REFERENCES organisation (id),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    login TEXT NOT NULL,
    invited_by UUID,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE passkey (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    credential_id BYTEA NOT NULL UNIQUE,
    -- COSE_Key bytes, as the offline verifier reads them.
    public_key BYTEA NOT NULL,
    counter BIGINT NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkey_by_person ON passkey (person_id, created_at);

CREATE TABLE session (
    id_hash BYTEA NOT NULL PRIMARY KEY,
    person_id UUID,
    data TEXT NOT NULL,
    agent TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_person ON session (person_id);
CREATE INDEX session_by_expiry ON session (expires_at);

-- Bearer tokens of the JSON API, kept as hashes.
CREATE TABLE api_token (
    id UUID NOT NULL PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES person (id),
    token_hash BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_token_by_person ON api_token (person_id);
