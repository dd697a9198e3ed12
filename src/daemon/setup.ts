import { findAgents } from "../agents/find.ts";
import type { ModelSources } from "../core/model-names.ts";
import { planSetup, type Setup } from "../core/setup.ts";
import type { SetUp } from "../protocol/agent.ts";
import { discoverModels, lookUp } from "./discover.ts";
import type { Environment } from "./environment.ts";
import { firstConfig } from "./first-config.ts";
import { usableAgents } from "./known-agents.ts";
import type { Parts } from "./parts.ts";

type Place = Pick<Parts, "home" | "self" | "environment" | "config" | "knownAgents" | "log">;

/** What a person wants of setup: see `setUp` in protocol/api.ts. */
export interface SetupWish {
  readonly apply: boolean;
  readonly ask: boolean;
  readonly default?: string | undefined;
}

/**
 * Finds agents and their models, and writes what the config lacks.
 * @throws DispatchError `invalid` for a config that cannot be read, `unavailable` when it cannot be written
 */
export async function setUp(place: Place, wish: SetupWish): Promise<SetUp> {
  const [agents, failures] = await Promise.all([
    findAgents(place.environment),
    wish.ask ? discoverModels(place) : new Map<string, string>(),
  ]);
  const found = agents
    .filter(({ installed, login }) => installed && login !== "no")
    .map(({ agent }) => agent);
  const usable = new Set([...found, ...ownAgents(place)].filter((agent) => !failures.has(agent)));
  const plan = planOf(place, usable, wish.default);
  const text = wish.apply ? write(plan, place) : preview(plan, place);
  const { known } = place.knownAgents.sources(place.config.read(), place.environment);
  return {
    path: place.config.path,
    agents: agents.map((each) => ({
      ...each,
      models: known.find(({ agent }) => agent === each.agent)?.models.length ?? 0,
      failure: failures.get(each.agent) ?? null,
    })),
    choices: plan.choices,
    default: plan.default,
    text,
    changes: plan.changes,
    notes: plan.notes,
  };
}

/**
 * What names may mean for a request: the first one of a home makes its configuration, and a model that nobody knows is
 * looked up in the agents' lists.
 */
export async function sourcesFor(
  parts: Place,
  request: { model?: string | undefined; environment?: Environment | undefined },
): Promise<{ sources: ModelSources; notices: string[] }> {
  const place = { ...parts, environment: request.environment ?? parts.environment };
  const notices = await setUpOnce(place);
  const sources =
    request.model === undefined
      ? place.knownAgents.sources(place.config.read(), place.environment)
      : await lookUp(request.model, place.environment, place);
  return { sources, notices };
}

/**
 * Makes the first configuration by what is installed, without opening an agent; a home that has one keeps it, and a
 * machine without an agent gets none yet.
 * @returns what to tell of it
 */
async function setUpOnce(place: Place): Promise<string[]> {
  if (place.config.exists()) return [];
  const { known } = place.knownAgents.sources(place.config.read(), place.environment);
  const plan = planOf(place, await usableAgents(known, place.environment), undefined);
  if (plan.default === null) return [];
  write(plan, place);
  return [`made ${place.config.path}: ${plan.default} is the default; dispatch setup says more`];
}

function ownAgents({ config }: Place): string[] {
  const { backends } = config.read();
  return Object.keys(backends).filter((agent) => backends[agent]!.command !== undefined);
}

function planOf(
  { config, knownAgents, environment }: Place,
  usable: ReadonlySet<string>,
  wanted: string | undefined,
): Setup {
  const own = config.read();
  const { known } = knownAgents.sources(own, environment);
  return planSetup({ config: own, known, usable, wanted });
}

/** The file as it is then. */
function write(plan: Setup, { config }: Place): string {
  if (plan.edits.length === 0) return config.contents().text;
  if (!config.exists()) return config.create(newText(plan)).text;
  return config.edit(plan.edits).text;
}

function preview(plan: Setup, { config }: Place): string {
  return config.exists() ? config.edited(plan.edits).text : newText(plan);
}

function newText({ edits, default: preferred }: Setup): string {
  const models = edits.flatMap(({ key: [section, name], value }) =>
    section === "models" ? [{ name: name!, agent: (value as { backend: string }).backend }] : [],
  );
  return firstConfig({ models, preferred });
}
