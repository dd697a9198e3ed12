import type { FoldersOption } from "./agent-row.ts";

/** What would mean more than itself in a pattern. */
const WILD = /[*?]/;

/** The words of a command line that tell a product of further folders; none where it has no such words. */
export function folderWords(way: FoldersOption | undefined, folders: readonly string[]): string[] {
  if (way === undefined || folders.length === 0) return [];
  switch (way.by) {
    case "option":
      return folders
        .filter((folder) => !(way.list && folder.includes(",")))
        .map((folder) => `${way.option}=${folder}`);
    case "setting":
      return [way.option, `${way.key}=${JSON.stringify(folders)}`];
    case "permission":
      return [];
  }
}

/** The variables that tell it so, over those of its gate. */
export function folderVariables(
  way: FoldersOption | undefined,
  folders: readonly string[],
  gate: Readonly<Record<string, string>>,
): Record<string, string> {
  if (way?.by !== "permission" || folders.length === 0) return {};
  const given = JSON.parse(gate[way.variable] ?? "{}") as Record<string, unknown>;
  const otherwise = given[way.key] ?? given["*"] ?? "ask";
  const known = folders.filter((folder) => !WILD.test(folder)).map((folder) => [`${folder}/*`, "allow"]);
  const patterns = { "*": otherwise, ...(Object.fromEntries(known) as object) };
  return { [way.variable]: JSON.stringify({ ...given, [way.key]: patterns }) };
}
