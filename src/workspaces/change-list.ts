import type { FileChange, FileStatus } from "../protocol/change.ts";

const STATUS: Record<string, FileStatus> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  T: "type-changed",
};

/**
 * Reads `git diff-tree -r -M -z --raw --numstat`: all raw records, then one line count a file in the same order
 * (git-diff-tree(1), "Raw output format", "Other diff formats").
 */
export function parseChanges(text: string): FileChange[] {
  const fields = text.split("\0");
  let at = 0;
  const next = () => fields[at++]!;
  const files: Pick<FileChange, "path" | "from" | "status">[] = [];
  while (fields[at]?.startsWith(":")) {
    const letter = next().split(" ")[4]!.charAt(0);
    const first = next();
    const status = STATUS[letter] ?? "modified";
    files.push(status === "renamed" ? { status, from: first, path: next() } : { status, path: first });
  }
  return files.map((file) => {
    const lines = next();
    if (file.status === "renamed") at += 2; // its two paths follow as fields of their own
    return counted(file, lines);
  });
}

function counted(file: Pick<FileChange, "path" | "from" | "status">, lines: string): FileChange {
  const [additions, deletions] = lines.split("\t", 2);
  if (additions === "-") return { ...file, additions: 0, deletions: 0, binary: true };
  return { ...file, additions: Number(additions), deletions: Number(deletions), binary: false };
}
