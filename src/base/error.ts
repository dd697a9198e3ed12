/** The closed set of reasons a request can fail; each surface maps it once (HTTP status, exit code, MCP isError). */
export const ERROR_CODES = [
  "invalid",
  "unauthorized",
  "forbidden",
  "refused",
  "not_found",
  "ambiguous",
  "conflict",
  "too_large",
  "limited",
  "unavailable",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Extra facts of a failure: `hint` is the next command to run; `candidates` are what an ambiguous name could mean, which
 * is `ref` where each of them begins with the id to give instead of it.
 */
export interface ErrorDetails {
  hint?: string | undefined;
  candidates?: string[] | undefined;
  ref?: string | undefined;
  cause?: unknown;
}

/** A failure that a person is meant to read. Anything else that is thrown is a defect and is shown as `internal`. */
export class DispatchError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly candidates: string[] | undefined;
  readonly ref: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "DispatchError";
    this.code = code;
    this.hint = details.hint;
    this.candidates = details.candidates;
    this.ref = details.ref;
  }
}
