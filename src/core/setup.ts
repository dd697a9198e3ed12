import { STARTER_MODELS } from "./families.ts";
import { isSameName, type ModelSources, resolveName } from "./model-names.ts";

/** One change of the config: a key by its parts, and its value. */
export interface SetupEdit {
  readonly key: readonly string[];
  readonly value: unknown;
}

/** What setup would write, and what to tell of it. `choices` are the models that can start, the best first. */
export interface Setup {
  readonly edits: SetupEdit[];
  readonly changes: string[];
  readonly notes: string[];
  readonly choices: string[];
  readonly default: string | null;
}

/** `usable`: the agents that are installed and not known to lack something. `wanted`: the default that a person chose. */
export interface SetupRequest extends ModelSources {
  readonly usable: ReadonlySet<string>;
  readonly wanted?: string | undefined;
}

/**
 * What the config lacks on this machine: the usual models of agents that it has none of, and a default that can start.
 * What a person wrote stays. `config` is the file as it is, without starters.
 */
export function planSetup(request: SetupRequest): Setup {
  const { config, wanted } = request;
  const starters = missingStarters(request);
  const models = {
    ...config.models,
    ...Object.fromEntries(starters.map(({ name, agent }) => [name, { backend: agent }])),
  };
  const grown = { ...request, config: { ...config, models } };
  const choices = startable(grown);
  const preferred = wanted ?? config.default ?? choices[0] ?? null;
  const changesDefault = preferred !== null && preferred !== config.default;
  return {
    edits: [
      ...starters.map(({ name, agent }) => ({ key: ["models", name], value: { backend: agent } })),
      ...(changesDefault ? [{ key: ["default"], value: preferred }] : []),
    ],
    changes: [...added(starters), ...(changesDefault ? [`${preferred} is the default`] : [])],
    notes: notesOf(grown, preferred),
    choices,
    default: preferred,
  };
}

type Starter = (typeof STARTER_MODELS)[number];

/** The usual models of installed agents that no model of the config belongs to, under names that are free. */
function missingStarters(request: SetupRequest): Starter[] {
  const { config, known } = request;
  const names = [
    ...Object.keys(config.models),
    ...Object.keys(config.aliases),
    ...Object.keys(config.agents),
  ];
  const served = new Set(names.map((name) => resolveName(request, name)?.agent));
  return STARTER_MODELS.filter(
    ({ name, agent }) =>
      known.some((each) => each.agent === agent) &&
      !served.has(agent) &&
      !names.some((each) => isSameName(each, name)),
  );
}

function added(starters: readonly Starter[]): string[] {
  const agents = [...new Set(starters.map(({ agent }) => agent))];
  return agents.map((agent) => {
    const names = starters.filter((each) => each.agent === agent).map(({ name }) => name);
    return `added ${names.join(", ")}, run by ${agent}`;
  });
}

/** The models of agents that are usable: the usual ones in their order, then the config's. */
function startable(request: SetupRequest): string[] {
  const own = Object.keys(request.config.models).filter((name) =>
    request.usable.has(resolveName(request, name)?.agent ?? ""),
  );
  const rank = (name: string) => STARTER_MODELS.findIndex((each) => each.name === name);
  const usual = own.filter((name) => rank(name) >= 0).toSorted((a, b) => rank(a) - rank(b));
  return [...usual, ...own.filter((name) => rank(name) < 0)];
}

function notesOf(request: SetupRequest, preferred: string | null): string[] {
  const { config, usable } = request;
  const agent = preferred === null ? undefined : resolveName(request, preferred)?.agent;
  const broken = preferred !== null && (agent === undefined || !usable.has(agent));
  return [
    ...(broken
      ? [`the default ${preferred} cannot start here${agent === undefined ? "" : `: see ${agent} above`}`]
      : []),
    ...(Object.keys(config.agents).length > 0
      ? ["agents: is the old form; dispatch config migrate rewrites it"]
      : []),
  ];
}
