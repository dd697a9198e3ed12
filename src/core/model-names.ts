import type { Config } from "../protocol/config.ts";
import type { ModelChoice } from "../protocol/task.ts";
import { BUILT_IN_AGENTS, FAMILIES, type Family } from "./families.ts";

/** An installed agent and the models it offers by itself; none where it cannot list them. */
export interface KnownAgent {
  readonly agent: string;
  readonly models: readonly { readonly id: string; readonly name: string }[];
}

/** Where model names come from. */
export interface ModelSources {
  readonly config: Config;
  readonly known: readonly KnownAgent[];
}

/** What a name means. `isNew`: it is in an agent's list and in no config, which should learn it. */
export type NamedModel = Omit<ModelChoice, "because"> & { isNew: boolean };

/** Longer than any model's name with what must follow it in a prompt. */
export const MAX_NAME_CHARS = 200;

const GRADE = "-(?:thinking|latest|preview|fast|max|low|medium|high|xhigh)";
/** What a version may add to a model's name, as in `opus-4.5-thinking`; possibly nothing. */
export const VERSION = String.raw`\d*(?:[-.@]\d+|${GRADE})*`;
const LAST_OF_VERSION = new RegExp(String.raw`(?:[-.@]\d[\d.]*|\d+|${GRADE})$`, "i");

export function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function findKey(record: Record<string, unknown>, name: string): string | undefined {
  const keys = Object.keys(record);
  return keys.find((key) => key === name) ?? keys.find((key) => isSameName(key, name));
}

function tail(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** The names under which an agent's list offers a model. */
export function labelsOf(model: KnownAgent["models"][number]): string[] {
  return [model.id, model.name, tail(model.id)];
}

function listedId(known: readonly KnownAgent[], agent: string, name: string): string | undefined {
  const models = known.filter((each) => each.agent === agent).flatMap((each) => each.models);
  const exact = models.find((model) => isSameName(model.id, name));
  return (exact ?? models.find((model) => labelsOf(model).some((label) => isSameName(label, name))))?.id;
}

/** True for an agent that is installed or that the config says how to start. */
export function isAvailable({ config, known }: ModelSources, agent: string): boolean {
  return (
    known.some((each) => each.agent === agent) ||
    Object.hasOwn(config.backends, agent) ||
    Object.hasOwn(config.agents, agent)
  );
}

/** All agents that can be named, whether or not they can start. */
export function agentNames({ config, known }: ModelSources): string[] {
  const configured = [...Object.keys(config.backends), ...Object.keys(config.agents)];
  return [...new Set([...BUILT_IN_AGENTS, ...known.map((each) => each.agent), ...configured])];
}

function familyAgent(sources: ModelSources, family: Family): string {
  return family.agents.find((agent) => isAvailable(sources, agent)) ?? family.agents[0]!;
}

/** An agent's own default model, under the name that asked for it. */
export function ownDefault(agent: string, name = agent): NamedModel {
  return { name, agent, id: null, role: null, isNew: false };
}

/** A model that no config names. */
function offered(name: string, agent: string, id: string): NamedModel {
  return { name, agent, id, role: null, isNew: true };
}

/** Names of an agent or of a family: their model is the agent's own default. */
function asAgent(sources: ModelSources, name: string): NamedModel | null {
  const agents = agentNames(sources).filter((each) => isSameName(each, name));
  const available = agents.find((agent) => isAvailable(sources, agent));
  if (available !== undefined) return ownDefault(available);
  const family = FAMILIES.find((each) => each.names.some((own) => isSameName(own, name)));
  if (family) return ownDefault(familyAgent(sources, family), name.toLowerCase());
  return agents[0] === undefined ? null : ownDefault(agents[0]);
}

function asProviderModel(sources: ModelSources, name: string): NamedModel | null {
  const slash = name.indexOf("/");
  const family = FAMILIES.find((each) => isSameName(each.provider, name.slice(0, slash)));
  const id = name.slice(slash + 1);
  if (slash < 1 || id === "" || !family) return null;
  const agent = familyAgent(sources, family);
  if (!isAvailable(sources, agent)) return null;
  return offered(name, agent, listedId(sources.known, agent, name) ?? modelOfAgent(sources, agent, id));
}

/** Where a family's own agent is here, its models are that agent's, even where only others list them. */
function asListed(sources: ModelSources, name: string): NamedModel | null {
  const family = FAMILIES.find((each) => each.ids.test(name));
  const own = family?.agents.filter((agent) => isAvailable(sources, agent)) ?? [];
  for (const agent of own.length > 0 ? own : sources.known.map((each) => each.agent)) {
    const id = listedId(sources.known, agent, name);
    if (id !== undefined) return offered(name, agent, id);
  }
  return null;
}

/** A name that shows its vendor, whether or not anyone lists it. */
function asFamilyModel(sources: ModelSources, name: string): NamedModel | null {
  const provider = FAMILIES.find((each) => name.toLowerCase().startsWith(`${each.provider}/`));
  const family = provider ?? FAMILIES.find((each) => each.ids.test(name));
  const id = provider ? name.slice(provider.provider.length + 1) : name;
  return family && id ? offered(name, familyAgent(sources, family), id) : null;
}

/** What a name says by itself, without the config's entry of that name. */
function meaningOf(sources: ModelSources, name: string): NamedModel | null {
  return (
    asAgent(sources, name) ??
    asProviderModel(sources, name) ??
    asListed(sources, name) ??
    asFamilyModel(sources, name)
  );
}

function asConfigModel(sources: ModelSources, name: string): NamedModel | null {
  const key = findKey(sources.config.models, name);
  if (key === undefined) return null;
  const entry = sources.config.models[key]!;
  const meaning = meaningOf(sources, key);
  const agent = entry.backend ?? meaning?.agent;
  if (agent === undefined) return null;
  const meant = meaning?.id === null || isSameName(agent, key) ? null : key;
  const id = meaning?.agent === agent ? meaning.id : meant;
  const listed = listedId(sources.known, agent, key);
  return { name: key, agent, id: entry.id ?? listed ?? id, role: null, isNew: false };
}

function asAlias(sources: ModelSources, name: string): NamedModel | null {
  const key = findKey(sources.config.aliases, name);
  if (key === undefined) return null;
  const alias = sources.config.aliases[key]!;
  const model = resolveModel(sources, alias.model);
  return model && { ...model, name: key, role: alias.prompt?.trim() || null, isNew: false };
}

/** What a name that `resolveName` does not know lacks: the name, or the model that an alias of that name stands for. */
export function missingName(sources: ModelSources, name: string): string {
  const key = findKey(sources.config.aliases, name.trim());
  return key === undefined ? name : sources.config.aliases[key]!.model;
}

/** `opus-4.5-thinking`, `opus-4.5`, `opus`: the name, then what it is a version of. */
function withoutVersions(name: string): string[] {
  const shorter = name.replace(LAST_OF_VERSION, "");
  return shorter === name || shorter === "" ? [name] : [name, ...withoutVersions(shorter)];
}

function resolveModel(sources: ModelSources, name: string): NamedModel | null {
  for (const candidate of withoutVersions(name)) {
    const found = asConfigModel(sources, candidate) ?? meaningOf(sources, candidate);
    if (found) return found;
  }
  return null;
}

/**
 * What a model name means: an alias, a model of the config, an agent or family (its own default model), `provider/id`,
 * an entry of an agent's own list, or a name that shows its vendor; failing these, what it is a version of. Case does
 * not count. Null: nobody knows it. The agent need not be available.
 */
export function resolveName(sources: ModelSources, name: string): NamedModel | null {
  const wanted = name.trim();
  if (wanted.length > MAX_NAME_CHARS) return null;
  return asAlias(sources, wanted) ?? resolveModel(sources, wanted);
}

/** What an agent calls a model: its list's id, or the name as it is, for the agent to judge. */
export function modelOfAgent(sources: ModelSources, agent: string, name: string): string {
  return listedId(sources.known, agent, name) ?? name;
}

/** Every name that can be given, for suggestions and completions: the config's own first. */
export function modelNames(sources: ModelSources): string[] {
  const listed = sources.known.flatMap((each) => each.models.map((model) => model.id));
  const { models, aliases } = sources.config;
  return [...new Set([...Object.keys(models), ...Object.keys(aliases), ...agentNames(sources), ...listed])];
}
