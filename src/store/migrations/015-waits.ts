/** Since when an attempt waits: what was a fact of its task is one of its own. */
export const waits = /* sql */ `
UPDATE attempt SET body = json_insert(body, '$.waitingSince', NULL);
UPDATE attempt SET body = json_set(body, '$.waitingSince', waiting.since)
FROM (
  SELECT id, body ->> '$.attempt' AS number, COALESCE(body ->> '$.parked.at', body ->> '$.status.since') AS since
  FROM task WHERE state = 'input-required' OR body ->> '$.parked' IS NOT NULL
) AS waiting
WHERE attempt.task = waiting.id AND attempt.number = waiting.number AND body ->> '$.endedAt' IS NULL;
`;
