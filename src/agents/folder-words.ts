import type { FoldersOption } from "./agent-row.ts";

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
  }
}
