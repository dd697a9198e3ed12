import { DispatchError } from "../base/error.ts";
import { newId } from "../base/id.ts";
import { parseBudget } from "../core/budget.ts";
import { clashOf, type Tenant } from "../core/boundary.ts";
import { ancestorsOf, edgesOf, graphFaults, inOrder } from "../core/graph.ts";
import type { ModelSources } from "../core/model-names.ts";
import { similarNames } from "../core/similar.ts";
import { slugOf } from "../core/slug.ts";
import { waitsOf } from "../core/waits.ts";
import type { SweepId, TaskId } from "../protocol/id.ts";
import type { Sweep, SweepRequest, SweepTaskRequest } from "../protocol/sweep.ts";
import type { Task } from "../protocol/task.ts";
import type { Workspace } from "../protocol/workspace.ts";
import { overlapText, sharingNotices, tenantsOfNew } from "./boundary.ts";
import { type NewTask, newTask, type TaskSetting, titleOf } from "./new-task.ts";

/** What a sweep's request is read against. */
export interface SweepSetting extends ModelSources {
  readonly workspace: Workspace;
  /** The workspaces of a task, its own first; an error where one cannot be used. */
  readonly workspacesOf: (task: SweepTaskRequest) => readonly [Workspace, ...Workspace[]] | DispatchError;
  readonly taken: (workspace: Workspace, slug: string) => boolean;
  /** As in a `TaskSetting`. */
  readonly asker: TaskSetting["asker"];
  /** The tasks that share a checkout and have not ended. */
  readonly tenants: readonly Tenant[];
  /** Older tasks, and all that they come after. */
  readonly withAncestors: (ids: readonly TaskId[]) => ReadonlySet<string>;
  /** An older task. @throws DispatchError `not_found` or `ambiguous` */
  readonly findTask: (ref: string) => Task;
}

export interface NewSweep {
  sweep: Sweep;
  tasks: NewTask[];
  /** What a person should know. */
  notices: string[];
}

/** Notices of tasks that share a checkout; more say nothing new. */
const MAX_NOTICES = 3;

/**
 * Turns a request into a sweep with all its tasks.
 * @throws DispatchError `invalid` that names every fault at its task
 */
export function newSweep(request: SweepRequest, setting: SweepSetting): NewSweep {
  const sweep = sweepOf(request, setting);
  const faults = new Faults(request.tasks);
  const nodes = request.tasks.map(({ name = null, after = [] }) => ({ name, after }));
  for (const { at, message } of graphFaults(nodes)) faults.add(at, message);
  const made = makeTasks(request, { sweep, setting, faults });
  const names = nodes.flatMap(({ name }) => name ?? []);
  const older = nodes.map(({ after }, at) =>
    after
      .filter((ref) => !names.includes(ref))
      .flatMap((ref) => faults.unlessThrown(at, () => olderTask(ref, names, setting)) ?? []),
  );
  faults.throwAny();
  const tasks = made as NewTask[]; // none is missing where there is no fault
  const edges = edgesOf(nodes);
  link(tasks, { edges, older });
  const notices = checkCheckouts(tasks, { edges, older, setting, faults });
  faults.throwAny();
  return { sweep, tasks, notices };
}

/** Tasks that may run at once in one checkout: overlapping boundaries are faults, none at all are told. */
function checkCheckouts(
  made: readonly NewTask[],
  { edges, older, setting, faults }: Links & { setting: SweepSetting; faults: Faults },
): string[] {
  const tenants = made.map(tenantsOfNew);
  const before = ancestorsOf(edges);
  const notices: string[] = [];
  for (const [at, mine] of tenants.entries()) {
    if (mine.length === 0) continue;
    const own = new Set([at, ...before[at]!]);
    const earlier = tenants.slice(0, at).flatMap((each, other) => {
      return !own.has(other) && !before[other]!.has(at) ? each : [];
    });
    const olderIds = [...own].flatMap((each) => older[each]!.map(({ id }) => id));
    const past = olderIds.length > 0 ? setting.withAncestors(olderIds) : new Set<string>();
    const others = [...earlier, ...setting.tenants.filter(({ id }) => !past.has(id))];
    for (const tenant of mine)
      for (const other of others) {
        const clash = clashOf(tenant, other);
        if (clash?.kind === "overlap") faults.add(at, overlapText(other.slug, clash));
      }
    notices.push(...sharingNotices(mine, others));
  }
  return notices.length > MAX_NOTICES ? [...notices.slice(0, MAX_NOTICES), "… and so do others"] : notices;
}

function sweepOf(request: SweepRequest, { workspace, taken }: SweepSetting): Sweep {
  const now = Date.now();
  const { name, tasks, of, budget, timeoutMs, concurrent } = request;
  return {
    id: newId("swp", now),
    slug: slugOf(name ?? (of === "models" ? tasks[0]!.prompt : `sweep ${tasks[0]!.prompt}`), {
      taken: (slug) => taken(workspace, slug) || tasks.some((task) => task.name === slug),
    }),
    workspace: workspace.id,
    title: name ?? titleOf(tasks[0]!.prompt),
    of: tasks.length === 1 ? "tasks" : of,
    taken: null,
    budget: typeof budget === "string" ? parseBudget(budget) : (budget ?? null),
    timeoutMs: timeoutMs ?? null,
    concurrent: concurrent ?? null,
    createdAt: now,
  };
}

/** Each task by itself, before any comes after another; null for one that has a fault. */
function makeTasks(
  { tasks, of, fromSession }: SweepRequest,
  { sweep, setting, faults }: { sweep: Sweep; setting: SweepSetting; faults: Faults },
): (NewTask | null)[] {
  const names = new Set([`${sweep.workspace} ${sweep.slug}`]);
  return tasks.map((task, at) =>
    faults.unlessThrown(at, () => {
      const workspaces = setting.workspacesOf(task);
      if (workspaces instanceof DispatchError) throw workspaces;
      const [workspace, ...also] = workspaces;
      const { after: _, line: __, ...request } = task;
      const name = task.name ?? (of === "models" ? `${sweep.slug}-${task.model}` : undefined);
      const made = newTask(
        {
          ...request,
          ...(name === undefined ? {} : { name }),
          ...(fromSession === undefined ? {} : { fromSession }),
          workspace: workspace.path,
        },
        {
          ...setting,
          workspace,
          also,
          taken: (slug) => names.has(`${workspace.id} ${slug}`) || setting.taken(workspace, slug),
          after: [],
          sweep: sweep.id satisfies SweepId,
        },
      );
      names.add(`${workspace.id} ${made.task.slug}`);
      return made;
    }),
  );
}

function olderTask(ref: string, names: readonly string[], { findTask }: SweepSetting): Task {
  try {
    return findTask(ref);
  } catch (error) {
    if (!(error instanceof DispatchError) || error.code !== "not_found") throw error;
    const [likely] = similarNames(ref, names);
    const guess = likely === undefined ? "" : `; did you mean ${likely}?`;
    throw new DispatchError("not_found", `it comes after ${JSON.stringify(ref)}, which is no task${guess}`);
  }
}

/** What each task comes right after: others of the sweep by their place in it, and older ones. */
interface Links {
  edges: readonly number[][];
  older: readonly Task[][];
}

/** Has each task know what it comes after. */
function link(tasks: readonly NewTask[], { edges, older }: Links): void {
  for (const at of inOrder(edges))
    linkOne(tasks[at]!, [...edges[at]!.map((each) => tasks[each]!.task), ...older[at]!]);
}

function linkOne(made: NewTask, after: readonly Task[]): void {
  made.task = { ...made.task, after: [...new Set(after.map(({ id }) => id))], ...waitsOf(after) };
}

/** What is wrong with the tasks of a request, all of it, so that a person corrects it once. */
class Faults {
  readonly #tasks: readonly SweepTaskRequest[];
  readonly #found: { at: number; message: string }[] = [];

  constructor(tasks: readonly SweepTaskRequest[]) {
    this.#tasks = tasks;
  }

  add(at: number, message: string): void {
    this.#found.push({ at, message });
  }

  /** What the job answers; null, and a fault, when it throws what a person got wrong. */
  unlessThrown<T>(at: number, job: () => T): T | null {
    try {
      return job();
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      this.add(at, error.message);
      return null;
    }
  }

  throwAny(): void {
    if (this.#found.length === 0) return;
    const told = this.#found
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, message }) => `${this.#placeOf(at)}: ${message}`);
    const count = told.length === 1 ? "1 fault" : `${told.length} faults`;
    throw new DispatchError("invalid", `nothing was handed over: ${count}`, { candidates: told });
  }

  #placeOf(at: number): string {
    const { line, name } = this.#tasks[at]!;
    const place = line === undefined ? `task ${at + 1}` : `line ${line}`;
    return name === undefined ? place : `${place}, ${name}`;
  }
}
