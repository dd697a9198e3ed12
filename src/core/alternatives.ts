import { DispatchError } from "../base/error.ts";
import type { ModelChoice, Outcome } from "../protocol/task.ts";
import { isSameName, type ModelSources, resolveName } from "./model-names.ts";
import { workingModels } from "./models.ts";
import { endingOf, type Run, withTask } from "./run.ts";

type Failed = Extract<Outcome, { state: "failed" }>;

export type Unusable = NonNullable<Failed["unusable"]>;

/** Alternatives that are named; more would be no help. */
const MAX_ALTERNATIVES = 5;

/**
 * The models that can start where one could not: of other agents where the agent cannot be used, else any but that
 * one. The default comes first, then the config's order; aliases of a role are not offered.
 * @param usable the agents that are installed and not known to lack a login
 */
export function alternativesTo(
  { name, agent }: ModelChoice,
  { unusable, usable, ...sources }: ModelSources & { unusable: Unusable; usable: ReadonlySet<string> },
): string[] {
  const { default: preferred = "" } = sources.config;
  // The default may be an agent by its own name, which is no model of the config.
  const names = [...new Set([preferred, ...workingModels(sources)])].filter((each) => {
    const other = resolveName(sources, each)?.agent;
    if (other === undefined || !usable.has(other)) return false;
    return unusable === "agent" ? other !== agent : !isSameName(each, name);
  });
  return names
    .toSorted((a, b) => Number(b === preferred) - Number(a === preferred))
    .slice(0, MAX_ALTERNATIVES);
}

/** What an error of an agent's launch says of it: it lacks something, unless the config or we are wrong. */
export function unusableBy(error: unknown): Unusable | undefined {
  return error instanceof DispatchError && error.code === "unavailable" ? "agent" : undefined;
}

/** A run that is about to end as failed, with what can be done instead: the first alternative is the next command. */
export function offering(run: Run, instead: string[]): Run {
  const ending = endingOf(run.task);
  if (ending?.state !== "failed") return run;
  const status = { ...run.task.status, ending: withAlternatives(ending, run.task.slug, instead) };
  return withTask(run, { status });
}

export function withAlternatives(failed: Failed, slug: string, instead: string[]): Failed {
  if (instead.length === 0) return failed;
  return { ...failed, hint: `dispatch retry ${slug} --model ${instead[0]}`, instead };
}
