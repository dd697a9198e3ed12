import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { within } from "../base/within.ts";
import { SELF_VARIABLE } from "../base/home.ts";
import { DispatchError } from "../base/error.ts";
import { resolveName, type ModelSources } from "../core/model-names.ts";
import { Probed } from "../protocol/agent.ts";
import type { Launch } from "../protocol/host.ts";
import { type Environment, listed } from "./environment.ts";
import { rowOf, usableAgents } from "./known-agents.ts";
import { startOf } from "./launch.ts";
import type { Parts } from "./parts.ts";
import { keepProgram } from "./program.ts";

/** What an agent gets to start and list its models: an adapter may have to be fetched first. */
const PROBE_MS = 30_000;
/** The same while somebody waits for a name to be looked up. */
const LOOK_UP_MS = 10_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

const TOO_SLOW: Probed = { models: [], failure: { reason: "timeout", message: "it was not ready in time" } };

type Place = Pick<Parts, "home" | "self" | "environment" | "config" | "knownAgents" | "log">;

/**
 * Opens agents once, all at the same time, for the lists of models that they offer, which are kept. Those whose
 * protocol has no such list, or that lack a login, are left out.
 * @returns why those that did not start did not
 */
export async function discoverModels(
  place: Place,
  { limitMs = PROBE_MS, unheard = false }: { limitMs?: number; unheard?: boolean } = {},
): Promise<Map<string, string>> {
  const config = place.config.read();
  const { known } = place.knownAgents.sources(config, place.environment);
  const usable = await usableAgents(known, place.environment);
  const asked = known.filter(
    ({ agent, models }) =>
      usable.has(agent) && rowOf(config, agent).protocol === "acp" && (!unheard || models.length === 0),
  );
  const failed = await Promise.all(
    asked.map(async ({ agent }) => {
      const { models, failure } = await probe(place, agent, limitMs);
      if (models.length > 0) place.knownAgents.keep(agent, models);
      return failure ? [[agent, failure.message] as const] : [];
    }),
  );
  return new Map(failed.flat());
}

/** What a name may mean; one that nobody knows is looked up in the lists of agents that were not heard yet. */
export async function lookUp(name: string, environment: Environment, place: Place): Promise<ModelSources> {
  const sources = place.knownAgents.sources(place.config.read(), environment);
  if (resolveName(sources, name) !== null) return sources;
  await discoverModels(place, { limitMs: LOOK_UP_MS, unheard: true });
  return place.knownAgents.sources(place.config.read(), environment);
}

async function probe(place: Place, agent: string, limitMs: number): Promise<Probed> {
  try {
    const launch = await within(launchOf(place, agent), limitMs);
    return launch === undefined ? TOO_SLOW : await runProbe(launch, { place, limitMs });
  } catch (error) {
    if (!(error instanceof DispatchError)) place.log.error("probe-failed", { agent, error });
    return { models: [], failure: { reason: "missing", message: (error as Error).message } };
  }
}

async function launchOf({ home, self, environment, config }: Place, agent: string): Promise<Launch> {
  const request = {
    agent,
    kind: "acp",
    permissions: "ask",
    thinking: null,
    folders: [],
    environment,
  } as const;
  const folder = join(home, "probe");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const start = await startOf(config.read(), request, { home, self: keepProgram(home, self), environment });
  return {
    ...start,
    cost: 0,
    fork: false,
    folder,
    also: [],
    model: null,
    thinking: null,
    permissions: "ask",
    resume: null,
    carried: [],
    terminal: null,
    task: null,
  };
}

/** A process of its own: it ends everything that the agent started, also when we are gone. */
async function runProbe(
  launch: Launch,
  { place: { home, self, environment }, limitMs }: { place: Place; limitMs: number },
): Promise<Probed> {
  const child = Bun.spawn([...keepProgram(home, self), "probe"], {
    cwd: home,
    env: { ...listed(environment, []), DISPATCH_HOME: home, [SELF_VARIABLE]: home },
    stdin: Buffer.from(JSON.stringify({ launch, limitMs })),
    stdout: "pipe",
    stderr: "ignore",
    maxBuffer: MAX_ANSWER_BYTES,
  });
  return Probed.parse(JSON.parse(await new Response(child.stdout).text()));
}
