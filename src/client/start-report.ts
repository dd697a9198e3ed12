import { writeSync } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { LineReader } from "../base/line-reader.ts";
import type { ErrorBody } from "../protocol/error.ts";

/** How a daemon's start went: one JSON line on its standard output, for the client that started it. */
export type StartReport = { state: "ready" } | { state: "failed"; error: ErrorBody };

const MAX_REPORT_BYTES = 64 * 1024;
const STDOUT = 1;

/** Tells the starter. A starter that is gone meanwhile is no failure of the daemon. */
export function sendStartReport(report: StartReport): void {
  try {
    writeSync(STDOUT, `${JSON.stringify(report)}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}

/** What went wrong in the words that a client shows. */
export function errorBodyOf(error: unknown): ErrorBody {
  if (!(error instanceof DispatchError))
    return { code: "internal", message: error instanceof Error ? error.message : String(error) };
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.candidates === undefined ? {} : { candidates: error.candidates }),
  };
}

/** The report of a daemon that was started with `--report`; null when it ended without one. */
export async function readStartReport(stdout: ReadableStream<Uint8Array>): Promise<StartReport | null> {
  const lines = new LineReader({ maxBytes: MAX_REPORT_BYTES });
  for await (const chunk of stdout) {
    for (const line of lines.push(chunk)) {
      const report = line.kind === "line" ? parseReport(line.text) : null;
      if (report) return report;
    }
  }
  return null;
}

/** Null for a line that is no report: something else wrote to the same output. */
function parseReport(text: string): StartReport | null {
  if (!text.startsWith('{"state":')) return null;
  return JSON.parse(text) as StartReport;
}
