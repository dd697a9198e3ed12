/**
 * Sessions without a task, and messages. What sessions lack of the new words is given to them: one of a task has
 * what its task has. A message's document has the beginning of its text; all of it stands beside, written once.
 */
export const messages = /* sql */ `
UPDATE session SET body = json_set(body,
  '$.name', NULL,
  '$.model', json((SELECT task.body -> '$.model' FROM task WHERE task.id = session.task)),
  '$.permissions', COALESCE((SELECT task.body ->> '$.permissions' FROM task WHERE task.id = session.task), 'ask'),
  '$.thinking', (SELECT task.body ->> '$.thinking' FROM task WHERE task.id = session.task),
  '$.forkedFrom', NULL,
  '$.forkable', json('false'),
  '$.revivals', 0,
  '$.stale', json('false'),
  '$.deletedAt', NULL);
UPDATE session SET body = json_set(body, '$.status.why', 'asked') WHERE state IN ('stopping', 'stopped');
UPDATE session SET body = json_set(body, '$.status.again', json('false')) WHERE state = 'stopping';

ALTER TABLE session ADD COLUMN workspace TEXT AS (body ->> '$.workspace');
ALTER TABLE session ADD COLUMN origin TEXT AS (body ->> '$.origin');
ALTER TABLE session ADD COLUMN name TEXT AS (body ->> '$.name');
ALTER TABLE session ADD COLUMN deleted INTEGER AS (body ->> '$.deletedAt' IS NOT NULL);
CREATE INDEX session_workspace ON session (workspace, place) WHERE NOT deleted;
CREATE INDEX session_origin ON session (origin, place) WHERE NOT deleted;
CREATE INDEX session_name ON session (name) WHERE name IS NOT NULL AND NOT deleted;

ALTER TABLE approval ADD COLUMN counts INTEGER
  AS (body ->> '$.status.state' <> 'applied' OR body ->> '$.status.grant' = 'session');
CREATE INDEX approval_counts ON approval (session, place) WHERE counts;

CREATE TABLE message (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  session TEXT NOT NULL AS (body ->> '$.session') REFERENCES session (id),
  sender TEXT AS (body ->> '$.from.session'),
  at INTEGER NOT NULL AS (body ->> '$.acceptedAt'),
  state TEXT NOT NULL AS (body ->> '$.receipt.state'),
  open INTEGER NOT NULL AS (
    body ->> '$.receipt.state' IN ('accepted', 'queued', 'delivered')
    OR (body ->> '$.receipt.state' = 'consumed' AND body ->> '$.endedAt' IS NULL)
  )
) STRICT;
CREATE TABLE message_text (
  message TEXT PRIMARY KEY REFERENCES message (id),
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX message_session ON message (session, place);
CREATE INDEX message_open ON message (session, place) WHERE open;
CREATE INDEX message_held ON message (place) WHERE state = 'held';
CREATE INDEX message_rate ON message (session, at);
`;
