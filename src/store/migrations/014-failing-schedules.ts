/** Since when a schedule fails: its last time, as far as it can still be told. */
export const failingSchedules = /* sql */ `
UPDATE schedule SET body = json_insert(body, '$.last.outcome.since', body ->> '$.last.due')
WHERE body ->> '$.last.outcome.type' = 'failed';
`;
