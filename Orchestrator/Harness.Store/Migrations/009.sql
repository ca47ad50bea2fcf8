-- NULL stands for NaN, which SQLite cannot store: a measurement that is not a number must not be refused.
-- SQLite cannot drop NOT NULL from a column, so the timing tables are made anew.
DROP VIEW timing;

ALTER TABLE timing_run RENAME TO timing_run_before;
CREATE TABLE timing_run (
    trial_id       INTEGER PRIMARY KEY REFERENCES trial (id),
    machine        TEXT NOT NULL,                 -- host name
    seconds        REAL,
    rounds         INTEGER NOT NULL,
    calibration_ms REAL,                          -- median step of a fixed small workload, the same on every machine
    matmul_gflops  REAL,                          -- median of libtorch's float32 matrix product, one thread (or the CUDA device)
    multiply_add_gflops REAL,                     -- median of one core's float32 multiply-adds in registers
    other_cores    REAL,                          -- cores that other processes kept busy, on average
    peak_bytes     INTEGER                        -- most main memory of the trainer's process
) STRICT;
INSERT INTO timing_run SELECT * FROM timing_run_before;
DROP TABLE timing_run_before;

ALTER TABLE timing_machine_round RENAME TO timing_machine_round_before;
CREATE TABLE timing_machine_round (
    trial_id       INTEGER NOT NULL REFERENCES trial (id),
    round          INTEGER NOT NULL,              -- from 1
    calibration_ms REAL,
    matmul_gflops  REAL,
    multiply_add_gflops REAL,
    PRIMARY KEY (trial_id, round)
) STRICT, WITHOUT ROWID;
INSERT INTO timing_machine_round SELECT * FROM timing_machine_round_before;
DROP TABLE timing_machine_round_before;

ALTER TABLE timing_arm RENAME TO timing_arm_before;
CREATE TABLE timing_arm (
    trial_id        INTEGER NOT NULL REFERENCES trial (id),
    arm             INTEGER NOT NULL,             -- from 0, in the order of the trial's spec
    step            TEXT NOT NULL,                -- content hash of everything that can change a step's time
    cell            TEXT NOT NULL,
    kernel          TEXT NOT NULL,
    threads         INTEGER NOT NULL,
    task            TEXT NOT NULL,
    length          INTEGER NOT NULL,
    hidden          INTEGER NOT NULL,
    layers          INTEGER NOT NULL,
    bidirectional   INTEGER NOT NULL,
    batch           INTEGER NOT NULL,
    optimizer       TEXT NOT NULL,
    dtype           TEXT NOT NULL,
    device          TEXT NOT NULL,
    ms_per_step     REAL,
    ms_quartile_1   REAL,
    ms_quartile_3   REAL,
    ms_least        REAL,
    ms_most         REAL,
    cpu_ms          REAL,
    data_ms         REAL,
    forward_ms      REAL,
    backward_ms     REAL,
    update_ms       REAL,
    sequences_per_second REAL,
    tokens_per_second    REAL,
    flops_per_step  REAL,
    tokens_per_step REAL,
    steps_per_round INTEGER NOT NULL,
    joules_per_step REAL,                         -- mean; NULL where it cannot be read
    PRIMARY KEY (trial_id, arm)
) STRICT, WITHOUT ROWID;
INSERT INTO timing_arm SELECT * FROM timing_arm_before;
DROP TABLE timing_arm_before;

ALTER TABLE timing_round RENAME TO timing_round_before;
CREATE TABLE timing_round (
    trial_id    INTEGER NOT NULL REFERENCES trial (id),
    arm         INTEGER NOT NULL,
    round       INTEGER NOT NULL,                 -- from 1; equal numbers of one trial were measured side by side
    ms          REAL,
    cpu_ms      REAL,
    data_ms     REAL,
    forward_ms  REAL,
    backward_ms REAL,
    update_ms   REAL,
    PRIMARY KEY (trial_id, arm, round)
) STRICT, WITHOUT ROWID;
INSERT INTO timing_round SELECT * FROM timing_round_before;
DROP TABLE timing_round_before;

-- One row per kind of step that an experiment had measured.
CREATE VIEW timing AS
SELECT e.name AS experiment, r.machine, a.cell, a.kernel, a.threads, a.task, a.length, a.hidden, a.layers, a.bidirectional, a.batch, a.optimizer, a.dtype, a.device,
       a.ms_per_step, a.ms_quartile_1, a.ms_quartile_3, a.data_ms, a.forward_ms, a.backward_ms, a.update_ms, a.cpu_ms,
       a.sequences_per_second, a.tokens_per_second, a.flops_per_step / a.ms_per_step / 1e6 AS gflops,
       a.flops_per_step / a.ms_per_step / 1e6 / r.matmul_gflops AS matmul_share,
       CASE WHEN a.device = 'cpu' AND a.dtype = 'float32' THEN a.flops_per_step / a.ms_per_step / 1e6 / (r.multiply_add_gflops * a.threads) END AS peak_share,
       a.joules_per_step, r.rounds, r.calibration_ms, r.other_cores, t.hash AS trial, a.step, e.id AS experiment_id
FROM experiment_trial et
JOIN experiment e ON e.id = et.experiment_id
JOIN trial t ON t.id = et.trial_id
JOIN timing_run r ON r.trial_id = t.id
JOIN timing_arm a ON a.trial_id = t.id
ORDER BY e.id, t.id, a.arm;

-- A slope or half-life of NULL does not exist, unless this column names it: then it is NaN.
ALTER TABLE gradient_profile ADD COLUMN nan TEXT CHECK (nan IN ('slope', 'half_life', 'slope, half_life'));
