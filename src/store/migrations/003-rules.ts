/**
 * The rules of people, and the log of what was decided. A row of the log carries the hash of the one before, so that
 * none can be changed or taken out unseen; its body is kept to the byte, since its hash is.
 */
export const rules = /* sql */ `
CREATE TABLE rule (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  until INTEGER AS (body ->> '$.until')
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  body TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
`;
