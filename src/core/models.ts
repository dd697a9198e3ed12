import type { Config, WorkspaceEntry } from "../protocol/config.ts";
import type { ModelChoice } from "../protocol/task.ts";
import { BUILT_IN_AGENTS, NEVER_IN_PROMPTS, STARTER_MODELS } from "./families.ts";
import {
  agentNames,
  isSameName,
  missingName,
  modelNames,
  modelOfAgent,
  type ModelSources,
  type NamedModel,
  ownDefault,
  resolveName,
} from "./model-names.ts";
import { nameInPrompt } from "./model-prompt.ts";
import { similarNames } from "./similar.ts";

type Because = ModelChoice["because"];

export interface ModelRequest extends ModelSources {
  /** The prompt, where its words may choose the model; null where they may not. */
  readonly prompt: string | null;
  /** `--model`: a model, an alias, an agent or `provider/id`. */
  readonly model?: string | undefined;
  /** `--agent`: the agent, whatever the model. */
  readonly agent?: string | undefined;
  readonly workspace?: Pick<WorkspaceEntry, "model" | "agent"> | undefined;
}

/**
 * `chosen.isNew`: an agent offers the model and the config should learn it. `unknown`: what was asked for by flag, or
 * stands in the config, is nobody's name (of an alias: the model it stands for). `none`: nothing was asked for, no default is set, and no agent is installed.
 */
export type ModelResult =
  | { kind: "chosen"; choice: ModelChoice; isNew: boolean }
  | { kind: "unknown"; name: string; because: Because; suggestions: string[] }
  | { kind: "none" };

function chosen({ isNew, ...model }: NamedModel, because: Because): ModelResult {
  return { kind: "chosen", choice: { ...model, because }, isNew };
}

function byName(sources: ModelSources, name: string, because: Because): ModelResult {
  const model = resolveName(sources, name);
  if (model) return chosen(model, because);
  const missing = missingName(sources, name);
  return { kind: "unknown", name: missing, because, suggestions: similarNames(missing, modelNames(sources)) };
}

function byDefault(request: ModelRequest): ModelResult {
  const { workspace, config, known } = request;
  if (workspace?.model !== undefined) return byName(request, workspace.model, "workspace");
  if (workspace?.agent !== undefined) return byName(request, workspace.agent, "workspace");
  if (config.default !== undefined) return byName(request, config.default, "default");
  const installed = [...BUILT_IN_AGENTS, ...known.map((each) => each.agent)].find(
    (agent) => !NEVER_IN_PROMPTS.has(agent) && known.some((each) => each.agent === agent),
  );
  return installed === undefined ? { kind: "none" } : chosen(ownDefault(installed), "default");
}

function withoutAgent(request: ModelRequest): ModelResult {
  if (request.model !== undefined) return byName(request, request.model, "flag");
  const named = request.prompt === null ? null : nameInPrompt(request, request.prompt);
  return named === null ? byDefault(request) : byName(request, named, "prompt");
}

/** A model that another agent runs by default runs in the one that was asked for, under the name that one knows. */
function forAgent(request: ModelRequest, wanted: string): ModelResult {
  const agent = agentNames(request).find((each) => isSameName(each, wanted));
  if (agent === undefined) {
    const suggestions = similarNames(wanted, agentNames(request));
    return { kind: "unknown", name: wanted, because: "flag", suggestions };
  }
  const result = withoutAgent(request);
  if (result.kind === "chosen" && result.choice.agent === agent) return result;
  const { model } = request;
  if (model === undefined) return chosen(ownDefault(agent), "flag");
  const role = result.kind === "chosen" ? result.choice.role : null;
  const name = result.kind === "chosen" ? (result.choice.id ?? model) : model;
  return chosen({ name: model, agent, id: modelOfAgent(request, agent, name), role, isNew: false }, "flag");
}

/**
 * Chooses a task's model: `--model`, a name in the prompt, the workspace's, the default. Whether the agent can start
 * is not asked here; see `workingModels`.
 */
export function chooseModel(request: ModelRequest): ModelResult {
  return request.agent === undefined ? withoutAgent(request) : forAgent(request, request.agent);
}

/** The models of the config whose agents are installed: what to offer where one cannot start. */
export function workingModels(sources: ModelSources): string[] {
  return Object.keys(sources.config.models).filter((name) => {
    const agent = resolveName(sources, name)?.agent;
    return sources.known.some((each) => each.agent === agent);
  });
}

/**
 * The config that a choice is made by: one that names no model has the usual ones of the installed agents, and the
 * first of them is the default, so that Dispatch works before anybody has written a config.
 */
export function withStarters({ config, known }: ModelSources): Config {
  const named = [config.models, config.aliases, config.agents, config.backends].some(
    (section) => Object.keys(section).length > 0,
  );
  if (named) return config;
  const starters = STARTER_MODELS.filter(({ agent }) => known.some((each) => each.agent === agent));
  const models = Object.fromEntries(starters.map(({ name, agent }) => [name, { backend: agent }]));
  const first = config.default ?? starters[0]?.name;
  return { ...config, models, ...(first === undefined ? {} : { default: first }) };
}
