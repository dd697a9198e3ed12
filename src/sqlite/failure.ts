import { SQLiteError } from "bun:sqlite";
import { dirname } from "node:path";
import { DispatchError } from "../base/error.ts";

/**
 * What a person can do about a failure, by the primary result code of SQLite (https://sqlite.org/rescode.html) or the
 * system's error of opening the file. A code that is not listed is a defect of ours and passes as it is.
 */
export function explainFailure(error: unknown, path: string): unknown {
  const folder = dirname(path);
  switch (codeOf(error)) {
    case "SQLITE_FULL":
    case "ENOSPC":
    case "EDQUOT":
      return unavailable(`no space is left for ${path}`, `df -h ${folder}`, error);
    case "SQLITE_READONLY":
    case "SQLITE_CANTOPEN":
    case "SQLITE_PERM":
    case "EROFS":
    case "EACCES":
    case "EPERM":
    case "EISDIR":
    case "ENOENT":
    case "ENOTDIR":
      return unavailable(
        `${path} cannot be written`,
        "set DISPATCH_HOME to a folder that you can write",
        error,
      );
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
      return unavailable(`${path} is damaged`, `mv ${path} ${path}.damaged`, error);
    case "SQLITE_IOERR":
      return unavailable(`the disk failed under ${path}`, `df -h ${folder}`, error);
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return unavailable(`another process holds ${path}`, "dispatch daemon status", error);
    default:
      return error;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? "") : "";
  return error instanceof SQLiteError ? code.split("_").slice(0, 2).join("_") : code;
}

function unavailable(message: string, hint: string, cause: unknown): DispatchError {
  return new DispatchError("unavailable", message, { hint, cause });
}
