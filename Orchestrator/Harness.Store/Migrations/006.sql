-- One sequence of each task, to look at: by the task's part of a trial's identity, as the first trial to start had it.
CREATE TABLE task_sample (
    task   TEXT PRIMARY KEY,                    -- JSON, as in trial.spec
    sample TEXT NOT NULL                        -- JSON: inputs [step][feature] row by row, the steps that decide, the answers
) STRICT;
