export const schedules = /* sql */ `
CREATE TABLE schedule (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE AS (body ->> '$.name'),
  next INTEGER AS (body ->> '$.next'),
  enabled INTEGER NOT NULL AS (body ->> '$.enabled')
) STRICT;
CREATE INDEX schedule_next ON schedule (next) WHERE enabled;
`;
