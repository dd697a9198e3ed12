import type { Project, ProjectSign } from "../protocol/project.ts";
import type { Db } from "../sqlite/database.ts";

/** A folder as a search found it. */
export interface FoundProject {
  readonly path: string;
  readonly signs: readonly ProjectSign[];
}

/** How often and when last something began in a folder. */
export type ProjectUse = Pick<Project, "uses"> & { usedAt: number };

/** What the searches found. */
export function foundProjects(db: Db): FoundProject[] {
  const rows = db.all<{ path: string; body: string }>("SELECT path, body FROM project ORDER BY path");
  return rows.map(({ path, body }) => ({ path, signs: JSON.parse(body) as ProjectSign[] }));
}

/** Keeps what a search found, and forgets what it did not find any more. */
export function saveFound(
  db: Db,
  { found, gone }: { found: readonly FoundProject[]; gone: readonly string[] },
): void {
  for (const path of gone) db.run("DELETE FROM project WHERE path = $path", { path });
  for (const { path, signs } of found)
    db.run(
      "INSERT INTO project (path, body) VALUES ($path, $body) ON CONFLICT (path) DO UPDATE SET body = excluded.body",
      { path, body: JSON.stringify(signs) },
    );
}

/** Counts that something begins in a folder. @param path absolute and resolved */
export function countUse(db: Db, path: string, at: number): void {
  db.run(
    `INSERT INTO project_use (path, uses, used_at) VALUES ($path, 1, $at)
     ON CONFLICT (path) DO UPDATE SET uses = uses + 1, used_at = excluded.used_at`,
    { path, at },
  );
}

/** Every folder in which something began. */
export function projectUses(db: Db): Map<string, ProjectUse> {
  const rows = db.all<{ path: string; uses: number; usedAt: number }>(
    "SELECT path, uses, used_at AS usedAt FROM project_use",
  );
  return new Map(rows.map(({ path, uses, usedAt }) => [path, { uses, usedAt }]));
}

/** The roots of the last search of all of them; null before the first one. */
export function searchedRoots(db: Db): string[] | null {
  const row = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'project-roots'");
  return row && (JSON.parse(row.value) as string[]);
}

export function saveSearchedRoots(db: Db, roots: readonly string[]): void {
  db.run(
    `INSERT INTO meta (key, value) VALUES ('project-roots', $value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    { value: JSON.stringify(roots) },
  );
}
