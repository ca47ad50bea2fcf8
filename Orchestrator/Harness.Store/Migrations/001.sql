-- Everything the orchestrator knows. Whoever restarts, recovers from here alone.
-- Times are UTC, ISO 8601. Results are ordinary columns: sqlite3, Datasette and pandas read them as they are.

CREATE TABLE environment (
    id      INTEGER PRIMARY KEY,
    digest  TEXT NOT NULL UNIQUE,
    record  TEXT NOT NULL                       -- JSON
) STRICT;

CREATE TABLE experiment (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    question      TEXT,
    digest        TEXT NOT NULL UNIQUE,         -- of what is run and concluded: the same file again is the same experiment
    spec_text     TEXT NOT NULL,
    spec_path     TEXT NOT NULL,
    overrides     TEXT NOT NULL,                -- JSON array of path=value
    claims        TEXT NOT NULL,                -- JSON array
    state         TEXT NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'finished')),
    priority      INTEGER NOT NULL,
    trial_retries INTEGER NOT NULL,
    infrastructure_retries INTEGER NOT NULL,
    submitted_at  TEXT NOT NULL,
    finished_at   TEXT
) STRICT;

CREATE TABLE condition (
    experiment_id    INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    ordinal          INTEGER NOT NULL,
    label            TEXT NOT NULL,
    factors          TEXT NOT NULL,             -- JSON object, level by path
    spec             TEXT NOT NULL,             -- JSON of the trial spec its trials share, with the first seed
    parameters       INTEGER NOT NULL,
    parameters_total INTEGER NOT NULL,
    PRIMARY KEY (experiment_id, ordinal)
) STRICT, WITHOUT ROWID;

-- A trial is its content: one row however many experiments ask for it.
CREATE TABLE trial (
    id                      INTEGER PRIMARY KEY,
    hash                    TEXT NOT NULL UNIQUE,
    spec                    TEXT NOT NULL,      -- JSON
    cell                    TEXT NOT NULL,
    kernel                  TEXT NOT NULL,
    task                    TEXT NOT NULL,
    length                  INTEGER NOT NULL,
    hidden                  INTEGER NOT NULL,
    layers                  INTEGER NOT NULL,
    seed                    INTEGER NOT NULL,
    state                   TEXT NOT NULL CHECK (state IN ('pending', 'running', 'backing_off', 'completed', 'diverged', 'failed', 'cancelled')),
    attempts                INTEGER NOT NULL DEFAULT 0,     -- the fencing token: the number of the latest attempt
    trial_failures          INTEGER NOT NULL DEFAULT 0,
    infrastructure_failures INTEGER NOT NULL DEFAULT 0,
    failure                 TEXT,
    device                  TEXT,
    worker                  TEXT,
    outcome                 TEXT,               -- JSON, complete
    steps                   INTEGER,
    final_loss              REAL,
    best_loss               REAL,
    final_accuracy          REAL,
    baseline_loss           REAL,
    solved                  INTEGER,
    steps_to_target         INTEGER,
    seconds_to_target       REAL,
    diverged_at_step        INTEGER,
    parameters              INTEGER,
    parameters_total        INTEGER,
    ms_per_step             REAL,
    sequences_per_second    REAL,
    train_seconds           REAL,
    finished_at             TEXT
) STRICT;

CREATE TABLE experiment_trial (
    experiment_id INTEGER NOT NULL REFERENCES experiment (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,             -- running order
    condition     INTEGER NOT NULL,
    trial_id      INTEGER NOT NULL REFERENCES trial (id),
    PRIMARY KEY (experiment_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX experiment_trial_by_trial ON experiment_trial (trial_id);

CREATE TABLE attempt (
    trial_id       INTEGER NOT NULL REFERENCES trial (id),
    number         INTEGER NOT NULL,
    worker         TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('running', 'ended')),
    ending         TEXT,                        -- completed, early_stopped, diverged, user_error, …, once ended
    message        TEXT,
    exit_code      INTEGER,
    device         TEXT,
    environment_id INTEGER REFERENCES environment (id),
    started_at     TEXT NOT NULL,
    ended_at       TEXT,
    PRIMARY KEY (trial_id, number)
) STRICT, WITHOUT ROWID;
-- The database itself refuses two live attempts of one trial.
CREATE UNIQUE INDEX attempt_one_live ON attempt (trial_id) WHERE state = 'running';

CREATE TABLE worker (
    id             TEXT PRIMARY KEY,
    host           TEXT NOT NULL,
    process_id     INTEGER NOT NULL,
    slots          INTEGER NOT NULL,
    environment_id INTEGER REFERENCES environment (id),
    joined_at      TEXT NOT NULL,
    left_at        TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Up to 256 consecutive points in one row: little-endian float32, lossless because libtorch computes in float32.
-- A rowid table on purpose: blobs of this size overflow the leaves of a WITHOUT ROWID tree.
CREATE TABLE metric_chunk (
    id         INTEGER PRIMARY KEY,
    trial_id   INTEGER NOT NULL REFERENCES trial (id),
    metric_id  INTEGER NOT NULL REFERENCES metric (id),
    first_step INTEGER NOT NULL,
    stride     INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    crc        INTEGER NOT NULL,                -- CRC-32 of points
    points     BLOB NOT NULL,
    UNIQUE (trial_id, metric_id, first_step)
) STRICT;

CREATE TABLE gradient_profile (
    id        INTEGER PRIMARY KEY,
    trial_id  INTEGER NOT NULL REFERENCES trial (id),
    moment    TEXT NOT NULL,
    step      INTEGER NOT NULL,
    state     TEXT NOT NULL,                    -- h or c
    layer     INTEGER NOT NULL,
    backwards INTEGER NOT NULL,
    slope     REAL,                             -- log10 norm per step of lag
    half_life REAL,                             -- steps
    attempt   INTEGER NOT NULL,
    norms     BLOB NOT NULL,                    -- little-endian float64 by lag
    UNIQUE (trial_id, moment, step, state, layer, backwards)
) STRICT;

-- What happened, in order; the sequence number resumes a stream exactly.
CREATE TABLE event (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    at            TEXT NOT NULL,
    kind          TEXT NOT NULL,
    experiment_id INTEGER,
    trial         TEXT,
    attempt       INTEGER,
    worker        TEXT,
    detail        TEXT
) STRICT;

-- One row per finished trial of each experiment.
CREATE VIEW trial_result AS
SELECT e.name AS experiment, t.hash AS trial, c.label AS condition,
       t.cell, t.kernel, t.task, t.length, t.hidden, t.layers, t.seed, t.state,
       t.parameters, t.parameters_total, t.steps, t.final_loss, t.best_loss,
       t.ms_per_step, t.sequences_per_second, t.device,
       t.final_accuracy, t.baseline_loss, t.solved, t.steps_to_target, t.seconds_to_target, t.diverged_at_step,
       t.attempts, t.worker, t.finished_at, e.id AS experiment_id
FROM experiment_trial et
JOIN experiment e ON e.id = et.experiment_id
JOIN trial t ON t.id = et.trial_id
JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
WHERE t.state IN ('completed', 'diverged')
ORDER BY e.id, et.condition, t.seed;

-- One row per recorded point, decoded in SQL, so that the plain sqlite3 shell reads every curve.
CREATE VIEW metric_point AS
WITH RECURSIVE place (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM place WHERE i < 255),
word AS (
    SELECT k.trial_id, k.metric_id, k.first_step + place.i * k.stride AS step, k.attempt,
           hex(substr(k.points, place.i * 4 + 4, 1)) || hex(substr(k.points, place.i * 4 + 3, 1)) ||
           hex(substr(k.points, place.i * 4 + 2, 1)) || hex(substr(k.points, place.i * 4 + 1, 1)) AS digits
    FROM metric_chunk k JOIN place ON place.i < k.count
),
bits AS (
    SELECT trial_id, metric_id, step, attempt,
           ((instr('0123456789ABCDEF', substr(digits, 1, 1)) - 1) << 28) | ((instr('0123456789ABCDEF', substr(digits, 2, 1)) - 1) << 24) |
           ((instr('0123456789ABCDEF', substr(digits, 3, 1)) - 1) << 20) | ((instr('0123456789ABCDEF', substr(digits, 4, 1)) - 1) << 16) |
           ((instr('0123456789ABCDEF', substr(digits, 5, 1)) - 1) << 12) | ((instr('0123456789ABCDEF', substr(digits, 6, 1)) - 1) << 8) |
           ((instr('0123456789ABCDEF', substr(digits, 7, 1)) - 1) << 4) | (instr('0123456789ABCDEF', substr(digits, 8, 1)) - 1) AS word
    FROM word
),
parts AS (
    SELECT trial_id, metric_id, step, attempt, CASE WHEN word & 0x80000000 THEN -1.0 ELSE 1.0 END AS sign,
           (word >> 23) & 255 AS exponent, word & 0x7FFFFF AS fraction
    FROM bits
)
SELECT t.hash AS trial, m.name AS metric, p.step,
       CASE p.exponent
           WHEN 255 THEN CASE WHEN p.fraction THEN NULL ELSE p.sign * 9e999 END      -- NaN is NULL
           WHEN 0 THEN p.sign * p.fraction * 1.401298464324817e-45
           -- 2^(exponent - 150) without pow(), which not every build has: two exact shifts of an integer.
           ELSE p.sign * (p.fraction + 8388608)
                * CASE WHEN p.exponent >= 150 THEN 1.0 * (1 << min(p.exponent - 150, 62)) * (1 << max(p.exponent - 212, 0)) ELSE 1.0 END
                / CASE WHEN p.exponent < 150 THEN 1.0 * (1 << min(150 - p.exponent, 62)) * (1 << min(max(88 - p.exponent, 0), 62)) * (1 << max(26 - p.exponent, 0)) ELSE 1.0 END
       END AS value,
       p.attempt
FROM parts p JOIN trial t ON t.id = p.trial_id JOIN metric m ON m.id = p.metric_id;
