import { writeSync } from "node:fs";
import { DispatchError } from "../base/error.ts";
import { EXIT, exitOf } from "./exit.ts";
import { quote } from "../core/quote.ts";
import { visible } from "../core/visible.ts";

const STDERR = 2;
const MAX_CANDIDATES = 20;

/**
 * Says on stderr what failed and what to do next; returns the exit code. A reader that left (EPIPE) is no failure.
 * @param words the command line, for what was meant by it
 */
export function reportFailure(error: unknown, words: readonly string[] = []): number {
  if (isBrokenPipe(error)) return EXIT.done;
  const known = error instanceof DispatchError ? error : defect(error);
  const lines = [`dispatch: error: ${oneLine(known.message)}`];
  for (const candidate of known.candidates?.slice(0, MAX_CANDIDATES) ?? [])
    lines.push(
      `  ${oneLine(candidate)}${known.ref === undefined ? "" : meantBy(words, known.ref, candidate)}`,
    );
  if (known.hint !== undefined) lines.push(`dispatch: hint: ${oneLine(known.hint)}`);
  tell(`${lines.join("\n")}\n`);
  return exitOf(known.code);
}

/** The command line up to what can mean several, with the id that a candidate begins with in its place. */
function meantBy(words: readonly string[], ref: string, candidate: string): string {
  const at = words.indexOf(ref);
  if (at < 0) return "";
  const [id = ""] = candidate.split(" ", 1);
  const meant = ["dispatch", ...words.slice(0, at).map(quote), id, ...(at + 1 < words.length ? ["…"] : [])];
  return `: ${oneLine(meant.join(" "))}`;
}

/** A line on stderr that is no failure. */
export function reportNotice(text: string): void {
  tell(`dispatch: note: ${oneLine(text)}\n`);
}

export function reportHint(text: string): void {
  tell(`dispatch: hint: ${oneLine(text)}\n`);
}

function tell(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch (error) {
    if (!isBrokenPipe(error)) throw error;
  }
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE";
}

/** Something that nobody foresaw: the stack helps whoever reports it, and only where it is asked for. */
function defect(error: unknown): DispatchError {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && process.env["DISPATCH_DEBUG"] ? `\n${error.stack}` : "";
  return new DispatchError("internal", `${message}${stack}`, {
    hint: "set DISPATCH_DEBUG=1 to see where it happened",
    cause: error,
  });
}

function oneLine(text: string): string {
  if (process.env["DISPATCH_DEBUG"]) return visible(text);
  return visible(text.trim().replace(/\s*\n\s*/g, " "));
}
