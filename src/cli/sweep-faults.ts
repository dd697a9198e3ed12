import type { Document, LineCounter, YAMLError } from "yaml";
import { isNode } from "yaml";
import { DispatchError } from "../base/error.ts";
import type { SweepFileIssue } from "../protocol/sweep-file.ts";

/** A sweep's file as read: the document still knows where everything stands. */
export interface Source {
  /** For messages. */
  path: string;
  /** Where the file's own paths start. */
  folder: string;
  document: Document;
  lines: LineCounter;
}

export interface Fault {
  line: number;
  message: string;
}

type Path = readonly PropertyKey[];

/** All faults of a file, in the order of its lines. */
export function faulty({ path }: Source, faults: readonly Fault[]): DispatchError {
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  return new DispatchError("invalid", `nothing was handed over: ${path} has ${count}`, {
    candidates: faults
      .toSorted((one, other) => one.line - other.line)
      .map(({ line, message }) => `line ${line}: ${message}`),
    hint: "dispatch run --help says how the file is written",
  });
}

/** What the parser of YAML found. */
export function faultOf({ code, message, pos }: YAMLError, { lines }: Source): Fault {
  const { line } = lines.linePos(pos[0]);
  return { line, message: code === "MULTIPLE_DOCS" ? "a second document begins; a file has one" : message };
}

/** What the schema found: a fault for each key that it does not know. */
export function faultsOf(issue: SweepFileIssue, source: Source): Fault[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      line: lineOf(source, [...path, key]),
      message: `it does not take ${key}`,
    }));
  const key = path.filter((part) => part !== "tasks" && typeof part !== "number").join(".");
  const name = key === "" && path.length === 1 ? "tasks" : key;
  return [{ line: lineOf(source, path), message: name === "" ? issue.message : `${name}: ${issue.message}` }];
}

/** Does what may fail for what stands at a path of the file. @throws DispatchError that names the line */
export async function atLine<Result>(
  source: Source,
  path: Path,
  read: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    throw faulty(source, [{ line: lineOf(source, path), message: error.message }]);
  }
}

/** Where the list of tasks stands: it may be the whole document. */
export function tasksPath({ document }: Source): string[] {
  return document.getIn(["tasks"], true) === undefined ? [] : ["tasks"];
}

/** The line of the innermost part of a path that the file has. */
export function lineOf(source: Source, path: Path): number {
  const { document, lines } = source;
  const own = ownPath(source, path);
  for (let length = own.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(own.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** A path of what was read as a path of the document. */
function ownPath(source: Source, path: Path): Path {
  return path[0] === "tasks" && path.length > 1 && tasksPath(source).length === 0 ? path.slice(1) : path;
}
