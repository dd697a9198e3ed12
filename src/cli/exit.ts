import type { ErrorCode } from "../base/error.ts";

/** What a command's exit code says. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  waits: 4,
  refused: 5,
  noDaemon: 6,
  interrupted: 130,
} as const;

const BY_CODE: Record<ErrorCode, number> = {
  invalid: EXIT.usage,
  unauthorized: EXIT.refused,
  forbidden: EXIT.refused,
  refused: EXIT.refused,
  not_found: EXIT.notFound,
  ambiguous: EXIT.notFound,
  conflict: EXIT.failed,
  too_large: EXIT.failed,
  limited: EXIT.failed,
  unavailable: EXIT.noDaemon,
  internal: EXIT.failed,
};

export function exitOf(code: ErrorCode): number {
  return BY_CODE[code];
}
