import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import { NOTHING_SPENT, parseBudget } from "../core/budget.ts";
import { parseDuration } from "../core/duration.ts";
import { checkGlob } from "../core/globs.ts";
import type { ModelSources } from "../core/model-names.ts";
import { promptNames } from "../core/model-prompt.ts";
import { chooseModel, workingModels } from "../core/models.ts";
import { placeName } from "../core/place.ts";
import { planFromCaller } from "../core/plan-caller.ts";
import { slugOf } from "../core/slug.ts";
import { newAttempt } from "../core/task.ts";
import { waitsOf } from "../core/waits.ts";
import { worktreeWanted } from "../core/worktree-directive.ts";
import type { Config, WorkspaceEntry } from "../protocol/config.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { SweepId } from "../protocol/id.ts";
import type { Plan } from "../protocol/plan.ts";
import {
  type Attempt,
  type Budget,
  MAX_CONTEXT_BYTES,
  MAX_PROMPT_BYTES,
  type ModelChoice,
  type Task,
  type TaskContext,
  type TaskPlace,
  type TaskRequest,
} from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { checkPermissions, noWider } from "./preset.ts";
import { checkThinking } from "./thinking.ts";
import { entryOf } from "./workspace-settings.ts";

const MAX_TITLE = 120;
const NO_CONTEXT: TaskContext = { text: null, files: [] };

/**
 * What a request is read against. `also` are the further workspaces that it names; `taken` says which slugs the workspace has given out; `after` are the tasks that the
 * new one comes after.
 */
export interface TaskSetting extends ModelSources {
  readonly workspace: Workspace;
  readonly also: readonly Workspace[];
  readonly taken: (slug: string) => boolean;
  readonly after: readonly Task[];
  readonly sweep: SweepId | null;
  /** What the agent that asks may do; null: a person asks. */
  readonly asker: Permissions | null;
}

/** A task as it is written first. `learned`: its model came from an agent's own list, and the config should have it. */
export interface NewTask {
  task: Task;
  workspace: Workspace;
  also: readonly Workspace[];
  attempt: Attempt;
  text: { prompt: string; context: TaskContext };
  learned: boolean;
  /** Who is told what happens to it. */
  listener: string | null;
  /** It may do less than it would for a person who asks. */
  narrowed: boolean;
}

/**
 * Turns a request into a task: its model, plan, worktree, permissions and name, by the request, the prompt's own
 * words, the workspace and the config, in that order.
 * @throws DispatchError for a prompt or plan that is too large, a plan that is no checklist, a model or agent that is
 *   not known or not installed, a level of thinking that the agent lacks, a worktree outside a repository
 */
export function newTask(request: TaskRequest, setting: TaskSetting): NewTask {
  const { workspace, also, config, known, taken, after, sweep, asker } = setting;
  checkSizes(request);
  for (const glob of request.owns ?? []) checkGlob(glob);
  const entry = entryOf(config, workspace);
  const words = request.verbatim ? null : request.prompt;
  const { model, isNew } = modelOf({ request: { ...request, prompt: words }, config, entry, known });
  const names = promptNames({ config, known });
  const wantsWorktree =
    request.worktree ??
    ((words !== null && worktreeWanted(words, names)) || (entry?.worktree ?? config.worktree));
  if (wantsWorktree && workspace.repository === null)
    throw new DispatchError(
      "invalid",
      `a worktree needs a git repository, and ${workspace.path} is in none`,
      {
        hint: `git init ${workspace.path}`,
      },
    );
  const usual = entry?.permissions ?? config.permissions.tasks;
  const now = Date.now();
  const timeout = entry?.limits?.timeout ?? config.limits.timeout;
  const timeoutMs = request.timeoutMs ?? (timeout === undefined ? null : parseDuration(timeout));
  const drop = [...names, "in a worktree", "use a worktree", "worktree"];
  const task: Task = {
    id: newId("tsk", now),
    slug: slugOf(request.name ?? request.prompt, { taken, ...(request.name ? {} : { drop }) }),
    workspace: workspace.id,
    title: titleOf(request.prompt),
    model,
    permissions: checkPermissions(request.permissions ?? noWider(usual, asker), model, config),
    timeoutMs,
    plan: planOf(request, model),
    status: { state: "submitted", since: now },
    attempt: 1,
    session: null,
    worktree: null,
    also: placesIn(also, workspace),
    wantsWorktree,
    thinking: checkThinking(request.thinking, model, config),
    priority: request.priority ?? "normal",
    after: [...new Set(after.map(({ id }) => id))],
    ...waitsOf(after),
    owns: request.owns ?? [],
    sweep,
    fromSession: request.fromSession ?? null,
    budget: budgetOf(request, entry, config),
    spent: NOTHING_SPENT,
    parked: null,
    runFolder: null,
    snapshot: null,
    createdAt: now,
    updatedAt: now,
  };
  return {
    task,
    workspace,
    also,
    attempt: newAttempt(model, now),
    text: { prompt: request.prompt, context: request.context ?? NO_CONTEXT },
    learned: isNew,
    listener: request.listener ?? null,
    narrowed: request.permissions === undefined && task.permissions !== usual,
  };
}

/** Further workspaces, each with a name of its own. */
function placesIn(also: readonly Workspace[], { path: first }: Workspace): TaskPlace[] {
  const names = [placeName(first)];
  return also.map(({ id, path }) => {
    const name = placeName(path, names);
    names.push(name);
    return { workspace: id, name, worktree: null, snapshot: null };
  });
}

function budgetOf({ budget }: TaskRequest, entry: WorkspaceEntry | undefined, config: Config): Budget | null {
  const wanted = budget ?? entry?.budget ?? config.limits.budget ?? null;
  return typeof wanted === "string" ? parseBudget(wanted) : wanted;
}

/** The first line of a prompt. */
export function titleOf(prompt: string): string {
  return prompt.trim().split("\n", 1)[0]!.slice(0, MAX_TITLE);
}

function checkSizes({ prompt, context }: TaskRequest): void {
  if (Buffer.byteLength(prompt) > MAX_PROMPT_BYTES)
    throw new DispatchError("too_large", `the prompt is over ${MAX_PROMPT_BYTES >> 20} MiB`, {
      hint: "put the text in a file of the workspace and name it in the prompt",
    });
  const bytes = JSON.stringify(context ?? null).length;
  if (bytes > MAX_CONTEXT_BYTES)
    throw new DispatchError("too_large", `the context is over ${MAX_CONTEXT_BYTES >> 20} MiB`, {
      hint: "name the files in the prompt instead of sending them",
    });
}

interface ModelQuery extends ModelSources {
  request: Pick<TaskRequest, "model" | "agent"> & { prompt: string | null };
  entry: WorkspaceEntry | undefined;
}

/**
 * The model of an attempt.
 * @throws DispatchError `not_found` when no config and no agent knows the name, or its agent is not installed
 */
export function modelOf({ request, config, entry, known }: ModelQuery): {
  model: ModelChoice;
  isNew: boolean;
} {
  const { prompt, model, agent } = request;
  const result = chooseModel({ prompt, model, agent, workspace: entry, config, known });
  const working = workingModels({ config, known });
  switch (result.kind) {
    case "chosen": {
      if (known.some((each) => each.agent === result.choice.agent))
        return { model: result.choice, isNew: result.isNew };
      throw new DispatchError(
        "not_found",
        `${result.choice.name} needs the agent ${result.choice.agent}, which is not installed`,
        {
          hint: working.length > 0 ? `--model ${working[0]}` : "dispatch agents",
          candidates: working,
        },
      );
    }
    case "unknown":
      throw new DispatchError(
        "not_found",
        `no model or agent ${JSON.stringify(result.name)}${namedBy(result.because)}`,
        {
          hint: result.because === "default" ? "dispatch models default <name>" : "dispatch models",
          candidates: result.suggestions.length > 0 ? result.suggestions : working,
        },
      );
    case "none":
      throw new DispatchError("not_found", "no coding agent is installed on this machine", {
        hint: "dispatch agents, or run commands with --agent shell",
      });
  }
}

/** Where a name stands that its caller did not write. */
function namedBy(because: ModelChoice["because"]): string {
  switch (because) {
    case "default":
      return ", which the configuration names as the default";
    case "workspace":
      return ", which the settings of this workspace name";
    case "flag":
    case "prompt":
    case "failover":
      return "";
  }
}

/** The caller's plan. The shell agent's plan are its commands: without one, each line of the prompt is. */
function planOf({ plan, prompt }: TaskRequest, model: ModelChoice): Plan {
  if (plan !== undefined) return planFromCaller(plan);
  return model.agent === "shell" ? planFromCaller(prompt) : { items: [], notes: [] };
}
