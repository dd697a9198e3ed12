/** Which of the rivals of a sweep was merged: the first one, as far as it can still be told. */
export const taken = /* sql */ `
UPDATE sweep SET body = json_insert(body, '$.taken', (
  SELECT task.id FROM task
  WHERE task.sweep = sweep.id AND sweep.body ->> '$.of' = 'models' AND task.body ->> '$.worktree.state' = 'merged'
  ORDER BY task.place LIMIT 1));
`;
