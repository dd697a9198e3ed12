import type { Project } from "../protocol/project.ts";
import { formatDuration } from "./duration.ts";
import { type Look, table } from "./output.ts";

/** A line each: name, how long ago it was used, what marks it, folder. */
export function projectTable(projects: readonly Project[], look: Look): string {
  const now = Date.now();
  return table(
    projects.map(({ name, path, signs, usedAt }) => [
      look.bold(name),
      usedAt === null ? "-" : formatDuration(now - usedAt),
      signs.length === 0 ? "-" : signs.join(" "),
      path,
    ]),
    look,
  );
}
