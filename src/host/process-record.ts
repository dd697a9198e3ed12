import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { bootId, type ProcessId } from "../processes/table.ts";

/**
 * Notes a host's descendants in a file, for whoever must find them after the host was killed: by then they hang below
 * init, and those that cleaned their environment are known by nothing else. Replaces the file as a whole.
 */
export function writeRecord(path: string, processes: readonly ProcessId[]): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify({ boot: bootId(), processes }), { mode: 0o600 });
  renameSync(temporary, path);
}

/** What was noted in this boot. Nothing when there is no file or it is of an earlier boot: those processes are gone. */
export function readRecord(path: string): ProcessId[] {
  try {
    const record = JSON.parse(readFileSync(path, "utf8")) as { boot: string; processes: ProcessId[] };
    return record.boot === bootId() ? record.processes : [];
  } catch (error) {
    // The file is renamed into place and not synced: only a crash of the machine can leave a part of one.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
