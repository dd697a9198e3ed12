import { resolve } from "node:path";
import type { GatedCall } from "../protocol/approval.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Effect, Judgement, Rule, RuleMatch } from "../protocol/rule.ts";
import { readCommandLine } from "../shell-syntax/read.ts";
import { type ReadCall, type Scope, judge } from "./policy.ts";
import { FOLDER, START } from "./run.fixture.ts";

const ID = "00000000000000000000000000";

export function scope(permissions: Permissions, change: Partial<Scope> = {}): Scope {
  return {
    permissions,
    folder: FOLDER,
    also: [],
    taskFolder: `${FOLDER}/.dispatch/tasks/fix-login`,
    workspace: `wks_${ID}`,
    session: `ses_${ID}`,
    now: START,
    foldsCase: false,
    ...change,
  };
}

let made = 0;

/** A rule that holds everywhere: a command's, or what `match` says. */
export function rule(effect: Effect, match: string | Partial<RuleMatch>, change: Partial<Rule> = {}): Rule {
  const about = typeof match === "string" ? { command: match } : match;
  return {
    id: `rul_${ID.slice(String(++made).length)}${made}`,
    effect,
    tool: null,
    command: null,
    path: null,
    workspace: null,
    session: null,
    until: null,
    note: null,
    createdBy: "command",
    createdAt: START,
    ...about,
    ...change,
  };
}

/** A shell call, read in FOLDER, whose links none of these tests has. */
export function shell(command: string, call: Partial<GatedCall> = {}): ReadCall {
  const line = readCommandLine(command, { home: "/home/al", resolve: (path) => resolve(FOLDER, path) });
  return {
    call: { tool: "Bash", kind: "execute", title: command, paths: [], input: { command }, ...call },
    line,
  };
}

/** What is said of a command line. */
export function said(command: string, permissions: Permissions, ...rules: Rule[]): Judgement["effect"] {
  return judge(shell(command), rules, scope(permissions)).effect;
}
