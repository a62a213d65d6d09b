-- Anybody may ask the public ledger for a digest: each way in has its index.
CREATE INDEX blob_by_sm3 ON blob (sm3);
CREATE INDEX filing_version_by_sha256 ON filing_version (manifest_sha256);
CREATE INDEX filing_version_by_sm3 ON filing_version (manifest_sm3);
