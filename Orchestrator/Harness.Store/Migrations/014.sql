-- Who asked for what an event tells of; NULL where nobody did.
ALTER TABLE event ADD COLUMN actor TEXT;
