import type { ErrorCode } from "../base/error.ts";

/** The HTTP status of each reason a request can fail. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  refused: 403,
  not_found: 404,
  ambiguous: 409,
  conflict: 409,
  too_large: 413,
  limited: 429,
  unavailable: 503,
  internal: 500,
};
