-- How an experiment's attempts are run, so that it can be taken up again without its file: JSON of the run settings.
ALTER TABLE experiment ADD COLUMN run TEXT NOT NULL DEFAULT '{}';

-- The checkpoint that an attempt went on from (0: all were refused), and the newest that it left.
ALTER TABLE attempt ADD COLUMN resumed_from_step INTEGER;
ALTER TABLE attempt ADD COLUMN checkpoint_step INTEGER;
