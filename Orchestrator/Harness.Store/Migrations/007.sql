-- Pages of long curves: what each chunk comes to, so that a picture of millions of points is drawn without reading them.
-- A page covers the chunks that begin within 65,536 steps. Without it the chunks themselves are read, to the same answer.
CREATE TABLE metric_page (
    trial_id   INTEGER NOT NULL REFERENCES trial (id),
    metric_id  INTEGER NOT NULL REFERENCES metric (id),
    page       INTEGER NOT NULL,                -- first_step of its chunks >> 16
    first_step INTEGER NOT NULL,
    last_step  INTEGER NOT NULL,
    points     INTEGER NOT NULL,
    chunks     BLOB NOT NULL,                   -- per chunk, little-endian: first_step, stride, count as int32; minimum, maximum, last as float32
    PRIMARY KEY (trial_id, metric_id, page)
) STRICT;

-- What people look through: the events of a trial, of an experiment, of a kind; trials by state; the trials of a condition.
CREATE INDEX event_by_trial ON event (trial) WHERE trial IS NOT NULL;
CREATE INDEX event_by_experiment ON event (experiment_id) WHERE experiment_id IS NOT NULL;
CREATE INDEX event_by_kind ON event (kind);
CREATE INDEX trial_by_state ON trial (state);
CREATE INDEX worker_there ON worker (slots) WHERE left_at IS NULL;
CREATE INDEX experiment_trial_by_condition ON experiment_trial (experiment_id, condition, ordinal);

-- Trials whose speed tells how long others of their kind will take.
CREATE INDEX trial_by_shape ON trial (cell, kernel, task, length, hidden, layers) WHERE ms_per_step IS NOT NULL;

-- Whether a person wants nothing more started on it.
ALTER TABLE worker ADD COLUMN draining INTEGER NOT NULL DEFAULT 0;

-- The last that its trainer wrote, of an attempt that came to no result: plain text, bounded.
ALTER TABLE attempt ADD COLUMN log TEXT;
