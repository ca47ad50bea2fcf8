-- JSON of the file's report block: language and title. It decides how the report is written and nothing else.
ALTER TABLE experiment ADD COLUMN report TEXT NOT NULL DEFAULT '{}';
-- JSON list of the folders named with --data-root, for the command that runs the experiment again.
ALTER TABLE experiment ADD COLUMN data_roots TEXT NOT NULL DEFAULT '[]';
