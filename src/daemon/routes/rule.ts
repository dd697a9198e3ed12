import { join } from "node:path";
import { resolvePath, tryResolvePath } from "../../agents/acp/paths.ts";
import { DispatchError } from "../../base/error.ts";
import { newId } from "../../base/id.ts";
import { checkMatch } from "../../core/rule-match.ts";
import { globRoot } from "../../core/glob.ts";
import type { GatedCall } from "../../protocol/approval.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { Db } from "../../sqlite/database.ts";
import { appendAudit } from "../../store/audit.ts";
import { deleteRule, findRules, listRules } from "../../store/rule.ts";
import { writeRule } from "../grant.ts";
import { entryOf } from "../workspace-settings.ts";
import { openWorkspace, settleWorkspace, writeWorkspace } from "../workspace.ts";
import { only } from "./find.ts";
import type { Handlers } from "./handler.ts";

/** No session has this id: rules for one session do not hold in a test. */
const NO_SESSION = "ses_00000000000000000000000000";
const KINDS = ["read", "edit", "delete", "move", "search", "fetch", "execute", "think"] as const;

export const ruleHandlers: Pick<Handlers, "listRules" | "addRule" | "removeRule" | "testRules"> = {
  listRules(_, { ledger }) {
    return { rules: listRules(ledger.db, Date.now()) };
  },

  async addRule({ body, from, commit }, { ledger, environment }) {
    const { effect, tool = null, command = null, untilMs, note = null } = body;
    const opened = body.workspace === undefined ? null : await openWorkspace(ledger.db, body.workspace);
    const base = opened?.path ?? from ?? "/";
    const path = body.path === undefined ? null : placed(body.path, { base, home: environment["HOME"] });
    checkMatch({ tool, command, path });
    return commit((tx) => {
      const workspace = opened && settleWorkspace(tx.db, opened);
      if (workspace) writeWorkspace(tx, workspace);
      const createdAt = Date.now();
      const rule: Rule = {
        id: newId("rul"),
        effect,
        tool,
        command,
        path,
        workspace: workspace?.id ?? null,
        session: null,
        until: untilMs === undefined ? null : createdAt + untilMs,
        note,
        createdBy: "command",
        createdAt,
      };
      return { rule: writeRule(tx, rule) };
    });
  },

  removeRule({ params, commit }) {
    return commit((tx) => {
      const rule = mustFindRule(tx.db, params.rule);
      deleteRule(tx.db, rule.id);
      appendAudit(tx.db, { type: "rule_removed", at: Date.now(), rule });
      return { rule };
    });
  },

  async testRules({ query, from }, { ledger, config, policy }) {
    const workspace = await openWorkspace(ledger.db, query.workspace ?? from ?? "/");
    const settings = config.last();
    const own = entryOf(settings, workspace)?.permissions;
    const permissions = query.permissions ?? own ?? settings.permissions.tasks;
    await policy.load();
    const folder = resolvePath("/", workspace.path);
    const where = {
      permissions,
      folder,
      workspace: workspace.id,
      session: NO_SESSION,
      taskFolder: null,
      also: [],
    } as const;
    return { judgement: policy.judgement(ledger.db, callOf(query, folder), where), permissions, folder };
  },
};

/** A path or a glob as rules hold it: absolute, with the links of its certain part followed. */
function placed(path: string, { base, home = "/" }: { base: string; home: string | undefined }): string {
  const whole = path.startsWith("~/")
    ? join(home, path.slice(2))
    : path.startsWith("/")
      ? path
      : join(base, path);
  const normal = join("/", whole);
  const root = globRoot(normal);
  return `${mustResolve("/", root || "/")}${normal.slice(root.length)}`.replace(/^\/\//, "/");
}

/** @throws DispatchError `invalid` for a path that nothing can open */
function mustResolve(folder: string, path: string): string {
  const resolved = tryResolvePath(folder, path);
  if (resolved === null) throw new DispatchError("invalid", `${JSON.stringify(path)} leads nowhere`);
  return resolved;
}

function callOf(
  {
    command,
    tool,
    path,
  }: { command?: string | undefined; tool?: string | undefined; path?: string | undefined },
  folder: string,
): GatedCall {
  if (command !== undefined)
    return { tool: tool ?? "execute", kind: "execute", title: command, paths: [], input: { command } };
  if (tool === undefined)
    throw new DispatchError("invalid", "a command or a tool is missing", {
      hint: "dispatch rules test --help",
    });
  const kind = KINDS.find((each) => each === tool.toLowerCase()) ?? "other";
  return { tool, kind, title: tool, paths: path === undefined ? [] : [mustResolve(folder, path)], input: {} };
}

function mustFindRule(db: Db, ref: string): Rule {
  return only(findRules(db, ref), ref, { noun: "rule", list: "dispatch rules" });
}
