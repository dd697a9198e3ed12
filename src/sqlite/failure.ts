import { SQLiteError } from "bun:sqlite";
import { dirname } from "node:path";
import { DispatchError } from "../base/error.ts";

/**
 * What a person can do about a failure of SQLite, by its primary result code (https://sqlite.org/rescode.html).
 * A code that is not listed is a defect of ours and passes as it is.
 */
export function explainFailure(error: unknown, path: string): unknown {
  if (!(error instanceof SQLiteError) || error.code === undefined) return error;
  const folder = dirname(path);
  const primary = error.code.split("_").slice(0, 2).join("_");
  switch (primary) {
    case "SQLITE_FULL":
      return unavailable(`no space is left for ${path}`, `df -h ${folder}`, error);
    case "SQLITE_READONLY":
    case "SQLITE_CANTOPEN":
    case "SQLITE_PERM":
    case "SQLITE_AUTH":
      return unavailable(
        `${path} cannot be written`,
        "set DISPATCH_HOME to a folder that you can write",
        error,
      );
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
      return unavailable(`${path} is damaged`, `mv ${path} ${path}.damaged`, error);
    case "SQLITE_IOERR":
      return unavailable(`the disk failed under ${path} (${error.code})`, `df -h ${folder}`, error);
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return unavailable(`another process holds ${path}`, "dispatch daemon status", error);
    default:
      return error;
  }
}

function unavailable(message: string, hint: string, cause: SQLiteError): DispatchError {
  return new DispatchError("unavailable", message, { hint, cause });
}
