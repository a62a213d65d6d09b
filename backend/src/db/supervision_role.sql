-- The role that supervisors' pages read through (`--supervision-database`): it may SELECT and nothing else, and not what no
-- supervisor has a use for. `guxin migrate --print-supervision-role` prints this. Run it in the platform's database as the
-- owner of its tables (it needs CREATEROLE the first time); running it again, after an upgrade, is fine. Then give the role a
-- password: \password guxin_supervision

DO $$ BEGIN
    CREATE ROLE guxin_supervision LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- A second lock; the grants are the first.
ALTER ROLE guxin_supervision SET default_transaction_read_only = on;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO guxin_supervision;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO guxin_supervision;
-- Tables that later versions add.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO guxin_supervision;

-- Who is signed in, tokens and invitations, everybody's password hash, and what holders a draft names.
REVOKE ALL ON session, api_token, invitation, sign_in_decoy, holder, person FROM guxin_supervision;
GRANT SELECT (id, org_id, login, name, role, totp_secret, active, version, created_at, updated_at)
    ON person TO guxin_supervision;
