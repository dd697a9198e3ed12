import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { askGit } from "./git.ts";

/** Adds lines to the repository's own exclude file, in one step: several tasks of a repository may come to it at once. */
export function excludeFromGit(commonDir: string, lines: readonly string[]): void {
  const info = join(commonDir, "info");
  mkdirSync(info, { recursive: true });
  const file = join(info, "exclude");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const known = new Set(text.split(/\r?\n/));
  const missing = [...new Set(lines)].filter((line) => !known.has(line));
  if (missing.length === 0) return;
  const start = text === "" || text.endsWith("\n") ? "" : "\n";
  appendFileSync(file, `${start}${missing.map((line) => `${line}\n`).join("")}`);
}

/** Whether `git add` of everything leaves a path out, which need not exist: a tracked one counts as kept out. */
export async function isKeptOut(cwd: string, path: string): Promise<boolean> {
  if ((await askGit(["check-ignore", "--quiet", "--no-index", "--", path], { cwd })) !== null) return true;
  return (await askGit(["ls-files", "--error-unmatch", "--", `:(literal)${path}`], { cwd })) !== null;
}
