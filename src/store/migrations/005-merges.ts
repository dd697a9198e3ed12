/** The merge queue. A task has at most one merge that is not over. */
export const merges = /* sql */ `
CREATE TABLE merge (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  task TEXT NOT NULL AS (body ->> '$.task') REFERENCES task (id),
  open INTEGER NOT NULL AS (body ->> '$.status.state' IN ('waiting', 'rebasing', 'gating', 'resolving'))
) STRICT;
CREATE INDEX merge_task ON merge (task);
CREATE UNIQUE INDEX merge_open ON merge (task) WHERE open;
`;
