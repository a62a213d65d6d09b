-- Whether a file was compared with the other files of its folder: 0 not yet, 1 being compared, 2 compared. Durable, so that a
-- restart between reading the last file and looking at the folder loses nothing.
ALTER TABLE intake_file ADD COLUMN compared BIGINT NOT NULL DEFAULT 0;
CREATE INDEX intake_file_to_compare ON intake_file (filing_id) WHERE compared = 0 AND state IN ('placed', 'unsure');
