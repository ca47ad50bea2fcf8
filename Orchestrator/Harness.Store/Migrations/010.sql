-- SHA-256 over the rows of a trial that has ended, and over those of an experiment: a damaged value is found where it is read.
-- RowSeals.cs says over what. A seal is there exactly while the trial is in a final state.
CREATE TABLE trial_seal (
    trial_id INTEGER PRIMARY KEY REFERENCES trial (id),
    digest   BLOB NOT NULL
) STRICT;

CREATE TABLE experiment_seal (
    experiment_id INTEGER PRIMARY KEY REFERENCES experiment (id) ON DELETE CASCADE,
    digest        BLOB NOT NULL
) STRICT;

-- SHA-256 of sample.
ALTER TABLE task_sample ADD COLUMN digest BLOB;
