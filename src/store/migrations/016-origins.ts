/**
 * Which session a task was handed over from. The events of tasks get the new field too: who follows the stream from an
 * old position reads it.
 */
export const origins = /* sql */ `
UPDATE task SET body = json_insert(body, '$.fromSession', NULL);
UPDATE event SET body = json_insert(body, '$.task.fromSession', NULL)
  WHERE kind = 'state' AND body ->> '$.type' = 'task';

ALTER TABLE task ADD COLUMN from_session TEXT AS (body ->> '$.fromSession');
CREATE INDEX task_from_session ON task (from_session) WHERE from_session IS NOT NULL;
`;
