import type { Attempt, ModelChoice, Outcome, Task } from "../protocol/task.ts";
import { isSameName, type ModelSources, resolveName } from "./model-names.ts";

/** Attempts in a row that begin by themselves because the one before was lost. */
export const MAX_LOST_IN_A_ROW = 3;

export interface Failed {
  readonly task: Task;
  readonly failure: Extract<Outcome, { state: "failed" }>;
  /** First to last; the last is the one that failed. */
  readonly attempts: readonly Attempt[];
}

/**
 * The model that a failed task goes on with by itself; null: it has failed. Where its model or agent could not be used
 * that is the first one that the config names instead and that was not tried since a person chose; where its agent was
 * lost and the config says `resume: auto`, the same.
 */
export function goesOnWith(failed: Failed, sources: ModelSources): ModelChoice | null {
  const { task, failure, attempts } = failed;
  if (failure.unusable) return failoverOf(failed, sources);
  if (failure.reason !== "lost" || sources.config.resume !== "auto") return null;
  const others = attempts.slice(0, -1).toReversed();
  const lost = others.findIndex(({ outcome }) => !(outcome?.state === "failed" && outcome.reason === "lost"));
  return (lost < 0 ? others.length : lost) < MAX_LOST_IN_A_ROW ? task.model : null;
}

function failoverOf({ task, failure, attempts }: Failed, sources: ModelSources): ModelChoice | null {
  const chosen = attempts.findLastIndex(({ model }) => model.because !== "failover");
  const tried = attempts.slice(Math.max(0, chosen)).map(({ model }) => model);
  for (const name of namesFor(task.model.name, sources)) {
    const model = resolveName(sources, name);
    if (!model || !sources.known.some(({ agent }) => agent === model.agent)) continue;
    if (failure.unusable === "agent" && model.agent === task.model.agent) continue;
    if (tried.some((one) => one.agent === model.agent && one.id === model.id)) continue;
    const { isNew: _, ...choice } = model;
    return { ...choice, role: task.model.role, because: "failover" };
  }
  return null;
}

/** A model's own list goes before that of all models; an alias has its model's. */
function namesFor(name: string, { config }: ModelSources): readonly string[] {
  const alias = Object.keys(config.aliases).find((each) => isSameName(each, name));
  const model = alias === undefined ? name : config.aliases[alias]!.model;
  const entry = Object.keys(config.models).find((each) => isSameName(each, model));
  return (entry === undefined ? undefined : config.models[entry]!.failover) ?? config.failover;
}
