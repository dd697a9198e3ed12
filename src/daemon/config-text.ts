import { isCollection, isNode, LineCounter, parseDocument, type Document } from "yaml";
import { ZodError } from "zod";
import { DispatchError } from "../base/error.ts";
import { keyParts } from "../core/config-key.ts";
import { Config } from "../protocol/config.ts";
import { faultText } from "../protocol/fault.ts";

/** A configuration file's text, parsed: the document keeps the comments, `value` the unknown keys. */
export interface ConfigText {
  document: Document;
  value: Record<string, unknown>;
  config: Config;
}

/**
 * @param path for messages only; null: the text is no file yet, and its lines tell nobody anything
 * @throws DispatchError `invalid` that names line, column and, where it is a value that is wrong, the key
 */
export function parseConfig(text: string, path: string | null): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) throw fault(broken.message, { path, lines, offset: broken.pos[0], cause: broken });
  const value: unknown = document.toJS() ?? {};
  const result = Config.safeParse(value, { error: faultText });
  if (result.success) return { document, value: value as Record<string, unknown>, config: result.data };
  const issue = result.error.issues[0]!;
  const offset = offsetOf(document, issue.path);
  const key = issue.path.join(".");
  throw fault(key === "" ? issue.message : `${key}: ${issue.message}`, {
    path,
    lines,
    offset,
    cause: result.error,
  });
}

/**
 * Sets one value, or removes it where `value` is undefined. Everything else stays as it is written, comments included.
 * @throws DispatchError `invalid` when a part of the key is no section
 */
export function editConfig(document: Document, key: readonly string[], value: unknown): void {
  if (value === undefined) {
    if (document.hasIn(key)) document.deleteIn(key);
    return;
  }
  for (let length = 1; length < key.length; length++) {
    const section = key.slice(0, length);
    const node = document.getIn(section, true);
    if (node === undefined || isCollection(node)) continue;
    if (document.getIn(section) !== null)
      throw new DispatchError(
        "invalid",
        `${section.join(".")} is a value, so that nothing can be set below it`,
      );
    document.setIn(section, document.createNode({})); // `models:` with nothing behind it
  }
  document.setIn(key, document.createNode(value));
}

/** `a.b."c.d"` as its parts. @throws DispatchError `invalid` */
export function parseKey(key: string): string[] {
  const parts = keyParts(key);
  if (parts !== null && parts.length > 0) return parts;
  throw new DispatchError("invalid", `${key} is not a key`, {
    hint: 'write it as section.name, a name with dots in quotes: models."opus-4.5".backend',
  });
}

/** Whether a fault is that the value of this key, and nothing else, should be a list. */
export function asksForList(error: unknown, key: readonly string[]): error is DispatchError {
  if (!(error instanceof DispatchError) || !(error.cause instanceof ZodError)) return false;
  const [issue] = error.cause.issues;
  return issue?.code === "invalid_type" && issue.expected === "array" && Bun.deepEquals(issue.path, key);
}

interface Place {
  path: string | null;
  lines: LineCounter;
  offset: number;
  cause: unknown;
}

function fault(message: string, { path, lines, offset, cause }: Place): DispatchError {
  if (path === null) return new DispatchError("invalid", message, { cause });
  const { line, col } = lines.linePos(offset);
  return new DispatchError("invalid", `${path}:${line}:${col}: ${message}`, {
    hint: `correct line ${line} of ${path}`,
    cause,
  });
}

/** Where the innermost part of a path stands that the file has. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
