import type { ExecRow } from "../agent-row.ts";
import type { Turn } from "../driver.ts";
import { failureEnd } from "../failure-end.ts";
import { limitOf } from "../reached-limit.ts";
import type { RunFailure } from "./output.ts";
import type { RunEnd } from "./run-once.ts";

/** What the end of a run means for its turn. A run that a signal ended is none of this: its agent is gone. */
export function turnOf(row: ExecRow, end: RunEnd): Turn {
  const failure = failureOf(row, end);
  if (failure === null) return { end: "end_turn" };
  const { message = row.name, data } = failure;
  if (failure.end !== "error") return { end: failure.end, message };
  const limit = limitOf({ message, data }, Date.now());
  return limit === null ? { end: failureEnd({ message, data }), message } : { end: "error", message, limit };
}

function failureOf(
  row: ExecRow,
  { exitCode, failure, stderr, understood, unread }: RunEnd,
): RunFailure | null {
  const meant = exitCode === null ? undefined : row.exits[exitCode];
  const message = failure?.message ?? (stderr || `${row.name} ended with exit code ${exitCode}`);
  if (meant !== undefined) return { end: meant, message };
  if (failure !== null) return failure;
  if (exitCode !== 0) return { end: "error", message };
  if (row.output === "text" || understood > 0) return null;
  if (unread.lines === 0) return { end: "error", message: `${row.name} ended without a word` };
  return { end: "error", message: `${row.name} said nothing that can be read, but ${unread.first}` };
}
