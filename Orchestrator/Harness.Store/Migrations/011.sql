-- Experiments that grow: their plan names stages, and each decision adds trials.
ALTER TABLE experiment ADD COLUMN stages TEXT;          -- JSON; NULL where all trials are known at the start

-- A trial with a stage serves a decision, and no verdict counts it.
ALTER TABLE experiment_trial ADD COLUMN stage TEXT;
ALTER TABLE experiment_trial ADD COLUMN point INTEGER;  -- of the search that the trial tries

CREATE TABLE decision (
    experiment_id INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    stage         TEXT NOT NULL,                -- the stage that ended
    known         TEXT NOT NULL,                -- JSON: how many results, and a digest of them
    decided       TEXT NOT NULL,                -- JSON
    why           TEXT NOT NULL,
    next          TEXT,                         -- the stage that began
    goes_on       INTEGER NOT NULL,             -- whether another decision follows
    added         INTEGER NOT NULL,             -- trials
    at            TEXT NOT NULL,
    PRIMARY KEY (experiment_id, ordinal)
) STRICT, WITHOUT ROWID;

-- As before, and which stage a trial served: NULL for those that verdicts count.
DROP VIEW trial_result;
CREATE VIEW trial_result AS
SELECT e.name AS experiment, t.hash AS trial, c.label AS condition,
       t.cell, t.kernel, t.task, t.length, t.hidden, t.layers, t.seed, t.state,
       t.parameters, t.parameters_total, t.steps, t.final_loss, t.best_loss,
       t.ms_per_step, t.sequences_per_second, t.device,
       t.final_accuracy, t.baseline_loss, t.solved, t.steps_to_target, t.seconds_to_target, t.diverged_at_step,
       t.attempts, t.worker, t.finished_at, e.id AS experiment_id, et.stage, et.point
FROM experiment_trial et
JOIN experiment e ON e.id = et.experiment_id
JOIN trial t ON t.id = et.trial_id
JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
WHERE t.state IN ('completed', 'diverged')
ORDER BY e.id, et.condition, t.seed;
