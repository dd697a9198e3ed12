import type { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import { faultText } from "../../protocol/fault.ts";
import { MAX_CONTEXT_BYTES, MAX_PROMPT_BYTES } from "../../protocol/task.ts";
import { jsonFault } from "./json-fault.ts";

/** A task's prompt and context at their limits, and as much again as JSON may add to them by escaping newlines. */
export const MAX_BODY_BYTES = MAX_PROMPT_BYTES + MAX_CONTEXT_BYTES + 1024 * 1024;
/** Faults of a body or a query that are told at once. */
const MAX_TOLD_ISSUES = 5;

/**
 * The body as text; empty when there is none.
 * @throws DispatchError `too_large` past MAX_BODY_BYTES, without reading the rest; `invalid` when it is not UTF-8
 */
export async function readBody(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (!request.body) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new DispatchError("invalid", "the body is not UTF-8", { cause: error });
  }
}

/** A body as JSON; none counts as an empty object. @throws DispatchError `invalid` with the place of the fault */
export function parseBody(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column, expected } = jsonFault(text);
    throw new DispatchError(
      "invalid",
      `the body is not JSON: expected ${expected} at line ${line}, column ${column}`,
      { cause: error },
    );
  }
}

/** @throws DispatchError `invalid` that names the keys */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { error: faultText });
  if (result.success) return result.data;
  const told = result.error.issues.slice(0, MAX_TOLD_ISSUES).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join(".")}: ${message}`;
  });
  throw new DispatchError("invalid", [...new Set(told)].join("; "));
}

function tooLarge(): DispatchError {
  return new DispatchError("too_large", `what was sent is longer than ${MAX_BODY_BYTES >> 20} MiB`, {
    hint: "put long texts in files of the workspace and name them in the prompt",
  });
}
