/** What was told is remembered by what it was about; what happened before there were notices is told to nobody. */
export const webhooks = /* sql */ `
CREATE TABLE notice (
  about TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (key, value) SELECT 'read:notices', COALESCE(MAX(seq), 0) FROM event;

CREATE TABLE webhook (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  secret TEXT NOT NULL
) STRICT;

CREATE TABLE delivery (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  webhook TEXT NOT NULL AS (body ->> '$.webhook'),
  state TEXT NOT NULL AS (body ->> '$.state'),
  due INTEGER NOT NULL AS (body ->> '$.due')
) STRICT;
CREATE INDEX delivery_webhook ON delivery (webhook, place);
CREATE INDEX delivery_due ON delivery (due) WHERE state = 'waiting';
`;
