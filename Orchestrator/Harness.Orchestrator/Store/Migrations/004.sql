-- JSON of the file's report block: language and title. It decides how the report is written and nothing else.
ALTER TABLE experiment ADD COLUMN report TEXT NOT NULL DEFAULT '{}';
