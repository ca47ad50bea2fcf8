-- What a trained network answered on the test part of a data file.
CREATE TABLE test_analysis (
    trial_id INTEGER PRIMARY KEY REFERENCES trial (id),
    attempt  INTEGER NOT NULL,
    analysis TEXT NOT NULL                      -- JSON: answers, confusion matrix, look-back
) STRICT;
