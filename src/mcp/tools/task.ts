import { z } from "zod";
import { callerEnvironment } from "../../client/environment.ts";
import { workspaceRef } from "../../client/user-path.ts";
import { itemLine } from "../../core/plan-caller.ts";
import type { CallInput } from "../../protocol/api.ts";
import { MAX_PLAN_ITEMS } from "../../protocol/limit.ts";
import { Permissions } from "../../protocol/permission.ts";
import { MAX_CONTEXT_BYTES, MAX_NAME_LENGTH, MAX_PROMPT_BYTES, Priority } from "../../protocol/task.ts";
import { ownSession } from "../place.ts";
import { type Desk, ref, tool } from "../tool.ts";
import { checked, cut, MAX_NOTICE } from "../words.ts";

const MAX_ITEM_CHARS = 500;

export const task = tool({
  name: "dispatch_task",
  description:
    "Hand a task to a background worker with a fresh context. Returns at once. Within 10 minutes the same prompt is the same task.",
  input: z.strictObject({
    prompt: z.string().min(1).max(MAX_PROMPT_BYTES).describe("verbatim for the worker"),
    plan: z
      .array(z.string().trim().min(1).max(MAX_ITEM_CHARS))
      .min(1)
      .max(MAX_PLAN_ITEMS)
      .optional()
      .describe("checklist, sized to the task"),
    context: z.string().max(MAX_CONTEXT_BYTES).optional().describe("files to read, constraints"),
    model: ref.optional().describe("model or alias; default: the config's"),
    agent: ref.optional().describe("claude, codex, …"),
    worktree: z.boolean().optional().describe("in a worktree of its own"),
    name: z.string().trim().min(1).max(MAX_NAME_LENGTH).optional(),
    permissions: Permissions.optional(),
    after: z.array(z.string()).optional().describe("tasks before it"),
    priority: Priority.optional(),
    workspace: z.string().trim().min(1).max(4_096).optional().describe("folder or project; default: yours"),
    also: z.array(z.string()).optional().describe("more repositories"),
  }),
  async run(desk, { prompt, plan, context, workspace, also, ...rest }) {
    const folder = folderOf(desk);
    if (folder === null) return { wish: "roots" };
    const { client, caller, listener, place, environment } = desk;
    const placed = (text: string) => workspaceRef(text, environment, folder);
    const request: CallInput<"createTask"> = {
      ...defined(rest),
      prompt,
      workspace: workspace === undefined ? folder : placed(workspace),
      ...(also && { also: also.map(placed) }),
      caller,
      listener,
      verbatim: true,
      ...ownSession(place),
      environment: callerEnvironment(environment),
    };
    if (plan) request.plan = plan.map(itemLine).join("\n");
    if (context) request.context = { text: context, files: [] };
    const { task, notices, existing } = await client.call("createTask", {}, request);
    const { done, all } = checked(task.plan);
    const facts = {
      task: task.slug,
      id: task.id,
      state: task.status.state,
      model: task.model.name,
      ...(task.wantsWorktree ? { worktree: true } : {}),
      ...(task.also.length > 0 ? { also: task.also.map(({ name }) => name) } : {}),
      ...(all > 0 ? { plan: `${done}/${all}` } : {}),
      ...(task.waitsFor.length > 0 ? { waits_for: task.waitsFor.length } : {}),
      ...(existing ? { existing: true } : {}),
      ...(notices.length > 0 ? { notices: notices.map((notice) => cut(notice, MAX_NOTICE)) } : {}),
    };
    const where = task.wantsWorktree ? " in a worktree" : "";
    const text = existing
      ? `Dispatched before: ${task.slug}, ${task.status.state}.`
      : `Dispatched ${task.slug} using ${task.model.name}${where}.`;
    return { facts, text: [text, ...notices.map((notice) => cut(notice, MAX_NOTICE))].join("\n") };
  },
});

/** The folder that the host's person works in, where there is exactly one, else the host's own; null: it must be asked. */
function folderOf({ host: { canListRoots, roots }, folder }: Desk): string | null {
  if (roots === null && canListRoots) return null;
  return roots?.length === 1 ? roots[0]! : folder;
}

/** Without the keys that were not given. */
function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
