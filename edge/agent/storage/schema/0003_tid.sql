-- The serial number that the tag's maker locked into it: tells a tag from a copy of its EPC.
ALTER TABLE devices ADD COLUMN tid TEXT;
