-- Example traces of gates: one evaluation sequence, every gate over time.
CREATE TABLE gate_trace (
    id       INTEGER PRIMARY KEY,
    trial_id INTEGER NOT NULL REFERENCES trial (id),
    moment   TEXT NOT NULL,
    step     INTEGER NOT NULL,
    length   INTEGER NOT NULL,                  -- steps of the sequence
    attempt  INTEGER NOT NULL,
    trace    TEXT NOT NULL,                     -- JSON; gate values are base64 of one byte each, [step][unit]
    UNIQUE (trial_id, moment, step)
) STRICT;
