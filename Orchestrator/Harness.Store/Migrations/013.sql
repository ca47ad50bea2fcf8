-- The points that a search by time may add, each as the trial that tries it.
CREATE TABLE candidate (
    experiment_id INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    condition     INTEGER NOT NULL,
    point         INTEGER NOT NULL,
    spec          TEXT NOT NULL,                -- JSON, with any seed
    PRIMARY KEY (experiment_id, condition, point)
) STRICT, WITHOUT ROWID;
