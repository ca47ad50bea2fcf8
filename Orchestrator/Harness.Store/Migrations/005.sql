-- What a worker's first trainer made of the canary trial: SHA-256 of its curves, and its time per step.
ALTER TABLE worker ADD COLUMN canary_digest TEXT;
ALTER TABLE worker ADD COLUMN canary_ms_per_step REAL;
