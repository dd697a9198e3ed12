import type { GatedCall } from "../protocol/approval.ts";
import type { CommandLine, LinePart, SimpleCommand } from "../protocol/command-line.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Effect, Judgement, PartJudgement, Rule } from "../protocol/rule.ts";
import type { Match } from "./command-pattern.ts";
import { isInside } from "./path.ts";
import { isProtected } from "./protected-path.ts";
import { onlyReads } from "./reading-command.ts";
import { type Place, isProtectedIn, matchesCommand, matchesPath, ruleText, rulesFor } from "./rule.ts";

const READING = new Set<GatedCall["kind"]>(["read", "search", "think"]);
const EDITING = new Set<GatedCall["kind"]>(["edit", "move", "delete"]);
const STRICTEST: readonly Effect[] = ["deny", "ask", "allow"];

const WIDTH: Readonly<Record<Permissions, number>> = { ask: 0, "read-only": 1, edits: 2, all: 3 };

/** True where a preset lets an agent do more without a person than the other one does. */
export function isWider(permissions: Permissions, other: Permissions): boolean {
  return WIDTH[permissions] > WIDTH[other];
}

/** Where a call is made, and what its session may do unasked. */
export interface Scope extends Place {
  readonly permissions: Permissions;
  /** The folder of the session's own task, which its worker may always write; null: it has none. */
  readonly taskFolder: string | null;
}

/** A call with its command line read, where it has one; `call.paths` are absolute and resolved. */
export interface ReadCall {
  readonly call: GatedCall;
  readonly line: CommandLine | null;
}

/** What is said of something without a rule. */
type Default = Pick<PartJudgement, "effect" | "because">;

/**
 * What the rules, and where they are silent the preset, say of a call: the strictest that is said of any part of it. A
 * part that cannot be judged is never allowed by a rule, and by no preset but `all`.
 */
export function judge({ call, line }: ReadCall, rules: readonly Rule[], scope: Scope): Judgement {
  const inForce = rulesFor(rules, call, scope);
  const parts = line ? judgeLine({ call, line }, inForce, scope) : judgeTool(call, inForce, scope);
  return { effect: strictest(parts), parts };
}

function strictest(parts: readonly PartJudgement[]): Effect {
  return STRICTEST.find((effect) => parts.some((part) => part.effect === effect)) ?? "ask";
}

function judgeLine(
  { call, line }: { call: GatedCall; line: CommandLine },
  rules: readonly Rule[],
  scope: Scope,
): PartJudgement[] {
  const parts = line.parts.map((part) => judgePart(part, { rules, scope, line }));
  // Files that the product says the command is about: a reason to refuse, never one to allow.
  const restricting = rules.filter(({ effect, path }) => effect !== "allow" && path !== null);
  const named = call.paths.map((path) =>
    byRules(path, restricting, (rule) => matchesPath(rule, path, scope), { effect: "allow", because: "" }),
  );
  return [...parts, ...named.filter(({ effect }) => effect !== "allow")];
}

function judgePart(
  part: LinePart,
  { rules, scope, line }: { rules: readonly Rule[]; scope: Scope; line: CommandLine },
): PartJudgement {
  switch (part.type) {
    case "command":
      return byRules(
        part.text,
        rules,
        (rule) => matchesCommand(rule, part, scope),
        commandDefault(part, line.moves, scope),
      );
    case "redirection": {
      const standard = redirectionDefault(part, scope);
      return byRules(part.text, rules, (rule) => matchesPath(rule, part.path, scope), standard);
    }
    case "unread":
      return byRules(part.text, rules, unreadMatch, unreadDefault(part.because, scope));
  }
}

function judgeTool(call: GatedCall, rules: readonly Rule[], scope: Scope): PartJudgement[] {
  if (call.paths.length === 0)
    return [
      byRules(call.title, rules, (rule) => matchesWhole(rule, call), kindDefault(call.kind, null, scope)),
    ];
  return call.paths.map((path) =>
    byRules(path, rules, (rule) => matchesPath(rule, path, scope), kindDefault(call.kind, path, scope)),
  );
}

/** A call that names no file: a rule about files may be about it, unless it works on none. */
function matchesWhole(rule: Rule, { kind }: GatedCall): Match {
  if (rule.command !== null) return "no";
  if (rule.effect === "allow")
    return rule.path === null && !EDITING.has(kind) && kind !== "execute" ? "yes" : "no";
  if (rule.path === null) return "yes";
  return kind === "fetch" || kind === "think" || kind === "switch_mode" ? "no" : "maybe";
}

/** What is not understood may be what any rule is about. */
function unreadMatch({ effect, command, path }: Rule): Match {
  if (effect === "allow") return "no";
  return command === null && path === null ? "yes" : "maybe";
}

/** `deny` over `ask` over `allow`. A `deny` that may be meant is a reason to ask. */
function byRules(
  text: string,
  rules: readonly Rule[],
  matchOf: (rule: Rule) => Match,
  standard: Default,
): PartJudgement {
  const matches = rules.map((rule) => ({ rule, match: matchOf(rule) }));
  const denies = matches.find(({ rule, match }) => rule.effect === "deny" && match === "yes");
  const asks = matches.find(({ rule, match }) => rule.effect !== "allow" && match !== "no");
  const allows = matches.find(({ rule, match }) => rule.effect === "allow" && match === "yes");
  const found = denies ?? asks ?? allows;
  const isStricter = standard.effect === "deny" && found?.match === "maybe" && !allows;
  if (!found || isStricter) return { text, ...standard, rule: null };
  const { rule, match } = found;
  const effect = match === "maybe" ? "ask" : rule.effect;
  const because = `${match === "maybe" ? "it may be what a rule is about" : "a rule"}: ${ruleText(rule)}`;
  return { text, effect, because, rule: rule.id };
}

function commandDefault(command: SimpleCommand, moves: boolean, { permissions }: Scope): Default {
  if (permissions === "all") return allowedByAll();
  if (command.carrier) return { effect: "allow", because: "it only runs what follows" };
  if (permissions === "ask") return asked();
  if (onlyReads(command, moves))
    return { effect: "allow", because: `the preset ${permissions} lets it read` };
  return beyond(permissions);
}

function redirectionDefault(
  { direction, path }: Extract<LinePart, { type: "redirection" }>,
  scope: Scope,
): Default {
  const kind = direction === "read" ? "read" : "edit";
  if (path === null && (scope.permissions === "edits" || scope.permissions === "read-only"))
    return beyond(scope.permissions);
  return kindDefault(kind, path, scope);
}

function unreadDefault(because: string, { permissions }: Scope): Default {
  if (permissions === "all") return allowedByAll();
  return { effect: permissions === "read-only" ? "deny" : "ask", because: `it cannot be judged: ${because}` };
}

function kindDefault(kind: GatedCall["kind"], path: string | null, scope: Scope): Default {
  const { permissions } = scope;
  if (permissions === "all") return allowedByAll();
  if (permissions === "ask") return asked();
  if (READING.has(kind)) return { effect: "allow", because: `the preset ${permissions} lets it read` };
  if (permissions === "edits" && EDITING.has(kind) && path !== null && isOwn(path, scope)) {
    if (!isProtectedIn(path, scope) || isOwnTask(path, scope))
      return { effect: "allow", because: "the preset edits lets it edit in its folder" };
    return { effect: "ask", because: "a change there can make other programs run commands" };
  }
  return beyond(permissions);
}

function allowedByAll(): Default {
  return { effect: "allow", because: "the preset all allows everything" };
}

function asked(): Default {
  return { effect: "ask", because: "the preset ask asks for everything" };
}

function beyond(permissions: "edits" | "read-only"): Default {
  return permissions === "edits"
    ? { effect: "ask", because: "it is more than the preset edits allows" }
    : { effect: "deny", because: "the preset read-only denies what does more than read" };
}

/** True for what lies in a folder that the agent works in. */
function isOwn(path: string, { folder, also }: Scope): boolean {
  return isInside(path, folder) || also.some((each) => isInside(path, each.folder));
}

function isOwnTask(path: string, { taskFolder }: Scope): boolean {
  return taskFolder !== null && isInside(path, taskFolder) && !isProtected(path, taskFolder);
}
