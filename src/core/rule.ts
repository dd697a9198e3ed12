import type { GatedCall } from "../protocol/approval.ts";
import type { SimpleCommand } from "../protocol/command-line.ts";
import type { Rule, RuleMatch } from "../protocol/rule.ts";
import { type Match, matchCommand } from "./command-pattern.ts";
import { globRoot, matchesLetters, pathGlob } from "./glob.ts";
import { isInside } from "./path.ts";
import { isProtected } from "./protected-path.ts";

/** Where a call is made, as far as rules are limited to it. */
export interface Place {
  readonly workspace: Rule["workspace"];
  readonly session: Rule["session"];
  /** Absolute, resolved: where the agent works. */
  readonly folder: string;
  /** The further folders that it works in, as absolute and resolved, and their workspaces. */
  readonly also: readonly { readonly workspace: Rule["workspace"]; readonly folder: string }[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the agent's file system takes `A` and `a` for one. */
  readonly foldsCase: boolean;
}

/** The rules that hold here and now for this tool. */
export function rulesFor(rules: readonly Rule[], call: GatedCall, place: Place): Rule[] {
  return rules.filter((rule) => isInForce(rule, place) && isForTool(rule, call));
}

/**
 * True for a rule that holds in this workspace and session, and has not run out. What restricts holds in further
 * workspaces too; what allows does not reach from them into the first.
 */
export function isInForce(
  rule: Rule,
  { workspace, session, now, also }: Pick<Place, "workspace" | "session" | "now" | "also">,
): boolean {
  const restricts = rule.effect !== "allow" && also.some((each) => each.workspace === rule.workspace);
  return (
    (rule.workspace === null || rule.workspace === workspace || restricts) &&
    (rule.session === null || rule.session === session) &&
    (rule.until === null || now < rule.until)
  );
}

function isForTool({ tool }: Rule, call: GatedCall): boolean {
  if (tool === null) return true;
  const letters = tool.toLowerCase().split("*");
  return [call.tool, call.kind].some((name) => matchesLetters(letters, name.toLowerCase()));
}

/**
 * Whether a rule is about a command. A folder before a command's name keeps no `deny` or `ask` from it, and options
 * before what it is to do (`git -C . push`) make it one that may be meant.
 */
export function matchesCommand(rule: Rule, command: SimpleCommand, place: Place): Match {
  if (rule.path !== null) return rule.effect === "allow" ? "no" : anyPath(rule.path, command.paths, place);
  if (rule.command === null) return "yes";
  const exact = matchCommand(rule.command, command);
  if (exact === "yes" || rule.effect === "allow") return exact === "maybe" ? "no" : exact;
  const words = withBareName(command.words);
  const bare = matchCommand(rule.command, { assignments: [], words });
  if (bare === "yes" || exact === "maybe") return bare === "yes" ? "yes" : "maybe";
  return bare === "no" && mayMatchBehindOptions(rule.command, words) ? "maybe" : bare;
}

/** Which of the words after an option is its value, only the command knows: any of them may be the first that is not. */
function mayMatchBehindOptions(pattern: string, [name, ...rest]: SimpleCommand["words"]): boolean {
  if (name === undefined || !rest[0]?.start.startsWith("-")) return false;
  return rest.some(
    (_, at) => matchCommand(pattern, { assignments: [], words: [name, ...rest.slice(at + 1)] }) !== "no",
  );
}

/** Whether a rule is about a file. An `allow` reaches a protected one only where the rule itself names it. */
export function matchesPath(rule: Rule, path: string | null, place: Place): Match {
  const allows = rule.effect === "allow";
  if (rule.command !== null) return "no";
  if (path === null) return allows ? "no" : rule.path === null ? "yes" : "maybe";
  if (allows && isProtectedIn(path, place) && !namesProtected(rule.path, path, place)) return "no";
  return rule.path === null ? "yes" : anyPath(rule.path, [path], place);
}

/** The folder of the agent that a path lies in; the first, where it lies in none. */
function folderAround(path: string, { folder, also }: Place): string {
  return also.find((each) => isInside(path, each.folder))?.folder ?? folder;
}

/** True for a path that no preset lets an agent write unasked, wherever it works. */
export function isProtectedIn(path: string, place: Place): boolean {
  return isProtected(path, folderAround(path, place));
}

/** True where a pattern names what makes a path a protected one, and not only something that it lies in. */
function namesProtected(pattern: string | null, path: string, place: Place): boolean {
  if (pattern === null) return false;
  const folder = folderAround(path, place);
  const root = globRoot(pattern);
  return isInside(root, folder) === isInside(path, folder) && isProtected(root, folder);
}

function anyPath(pattern: string, paths: readonly string[], { foldsCase }: Place): Match {
  const fold = (text: string) => (foldsCase ? text.toLowerCase() : text).normalize("NFC");
  const glob = pathGlob(fold(pattern));
  return paths.some((path) => glob.test(fold(path))) ? "yes" : "no";
}

function withBareName(words: SimpleCommand["words"]): SimpleCommand["words"] {
  const [first, ...rest] = words;
  if (first?.value == null) return words;
  const value = first.value.slice(first.value.lastIndexOf("/") + 1);
  return [{ ...first, value, start: value }, ...rest];
}

/** A rule as a person writes it. */
export function ruleText({ effect, tool, command, path }: Pick<Rule, "effect"> & RuleMatch): string {
  const what = [command, path, tool && `tool ${tool}`].filter((each) => each !== null);
  return `${effect} ${what.join(", ") || "everything"}`;
}
