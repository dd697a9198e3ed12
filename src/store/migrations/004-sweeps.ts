/** What tasks of earlier versions lack; `json_insert` leaves alone what is there. */
const FIELDS = ["thinking", "sweep", "budget", "parked"].map((name) => `'$.${name}', NULL`);
const LISTS = ["after", "waitsFor", "blockedBy", "owns"].map((name) => `'$.${name}', json('[]')`);
const SPENT = `'$.spent', json('{"dollars":0,"tokens":0}')`;
const ADDED = [...FIELDS, ...LISTS, SPENT, `'$.priority', 'normal'`].join(", ");

/**
 * Tasks that were handed over together, and which task comes after which. The events of tasks get the new fields too:
 * who follows the stream from an old position reads them.
 */
export const sweeps = /* sql */ `
CREATE TABLE sweep (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  workspace TEXT NOT NULL AS (body ->> '$.workspace') REFERENCES workspace (id),
  slug TEXT NOT NULL AS (body ->> '$.slug'),
  UNIQUE (slug, workspace)
) STRICT;

CREATE TABLE task_after (
  task TEXT NOT NULL REFERENCES task (id),
  dependency TEXT NOT NULL REFERENCES task (id) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (task, dependency)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_after_dependency ON task_after (dependency);

UPDATE task SET body = json_insert(body, ${ADDED});
UPDATE attempt SET body = json_insert(body, ${SPENT}, '$.stalls', 0, '$.parks', 0, '$.lastPark', NULL);
UPDATE event SET body = json_insert(body, ${ADDED.replaceAll("'$.", "'$.task.")})
  WHERE kind = 'state' AND body ->> '$.type' = 'task';

ALTER TABLE task ADD COLUMN sweep TEXT AS (body ->> '$.sweep');
ALTER TABLE task ADD COLUMN ready INTEGER
  AS (body ->> '$.status.state' = 'submitted' AND body ->> '$.waitsFor' = '[]');
CREATE INDEX task_sweep ON task (sweep) WHERE sweep IS NOT NULL;
CREATE INDEX task_ready ON task (place) WHERE ready;
`;
