/**
 * `project` is what the last search found, and can be made anew. `project_use` counts what began in a folder, which is
 * learned from all that began there so far.
 */
export const projects = /* sql */ `
CREATE TABLE project (
  path TEXT PRIMARY KEY,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE project_use (
  path TEXT PRIMARY KEY,
  uses INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO project_use (path, uses, used_at)
SELECT workspace.path, COUNT(*), MAX(used.at)
FROM workspace JOIN (
  SELECT workspace, body ->> '$.createdAt' AS at FROM task
  UNION ALL
  SELECT workspace, body ->> '$.createdAt' AS at FROM session WHERE task IS NULL
) AS used ON used.workspace = workspace.id
GROUP BY workspace.path;
`;
