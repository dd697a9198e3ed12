/** In which workspace a schedule begins its work: the next time says it of those that are there. */
export const scheduleWorkspaces = /* sql */ `
UPDATE schedule SET body = json_insert(body, '$.workspace', NULL);
UPDATE event SET body = json_insert(body, '$.schedule.workspace', NULL)
  WHERE kind = 'state' AND body ->> '$.type' = 'schedule';
`;
