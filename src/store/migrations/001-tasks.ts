/**
 * A noun's row is its JSON document; every other column is computed from it where it can be, so that the two never
 * disagree. `place` keeps the order of insertion, which ids keep to the millisecond only.
 */
export const tasks = /* sql */ `
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE workspace (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE AS (body ->> '$.path'),
  name TEXT NOT NULL AS (body ->> '$.name')
) STRICT;

CREATE TABLE task (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  workspace TEXT NOT NULL AS (body ->> '$.workspace') REFERENCES workspace (id),
  slug TEXT NOT NULL AS (body ->> '$.slug'),
  state TEXT NOT NULL AS (body ->> '$.status.state'),
  since INTEGER NOT NULL AS (body ->> '$.status.since'),
  UNIQUE (slug, workspace)
) STRICT;
CREATE INDEX task_state ON task (state, since);
CREATE INDEX task_workspace ON task (workspace);

CREATE TABLE task_text (
  task TEXT PRIMARY KEY REFERENCES task (id),
  prompt TEXT NOT NULL,
  context TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  task TEXT NOT NULL REFERENCES task (id),
  number INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (task, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  task TEXT AS (body ->> '$.task') REFERENCES task (id),
  state TEXT NOT NULL AS (body ->> '$.status.state')
) STRICT;
CREATE INDEX session_task ON session (task);
CREATE INDEX session_state ON session (state);

CREATE TABLE host_cursor (
  session TEXT PRIMARY KEY REFERENCES session (id),
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE host_command (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  session TEXT NOT NULL REFERENCES session (id),
  body TEXT NOT NULL,
  phase TEXT NOT NULL,
  error TEXT
) STRICT;
CREATE INDEX host_command_pending ON host_command (session, place) WHERE phase IN ('new', 'received', 'sent');

CREATE TABLE question (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  task TEXT NOT NULL AS (body ->> '$.task') REFERENCES task (id),
  open INTEGER NOT NULL AS (body ->> '$.status.state' = 'open')
) STRICT;
CREATE INDEX question_task ON question (task);
CREATE INDEX question_open ON question (place) WHERE open;

CREATE TABLE approval (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  task TEXT AS (body ->> '$.task') REFERENCES task (id),
  session TEXT NOT NULL AS (body ->> '$.session') REFERENCES session (id),
  open INTEGER NOT NULL AS (body ->> '$.status.state' = 'open')
) STRICT;
CREATE INDEX approval_task ON approval (task);
CREATE INDEX approval_session ON approval (session);
CREATE INDEX approval_open ON approval (place) WHERE open;

CREATE TABLE flag (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  task TEXT NOT NULL AS (body ->> '$.task') REFERENCES task (id),
  open INTEGER NOT NULL AS (body ->> '$.seenAt' IS NULL)
) STRICT;
CREATE INDEX flag_task ON flag (task);
CREATE INDEX flag_open ON flag (place) WHERE open;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  task TEXT,
  session TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('state', 'attention', 'transcript')),
  host_seq INTEGER
) STRICT;
CREATE INDEX event_task ON event (task, seq);
CREATE INDEX event_session ON event (session, seq);
CREATE INDEX event_told ON event (seq) WHERE kind <> 'transcript';
CREATE UNIQUE INDEX event_record ON event (session, host_seq) WHERE host_seq IS NOT NULL;

CREATE TABLE idempotency (
  key TEXT PRIMARY KEY,
  request TEXT NOT NULL,
  answer TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
`;
