import type { Launch } from "../../protocol/host.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import type { AcpRow } from "../agent-row.ts";
import { StartError } from "../driver.ts";
import { RpcError } from "../json-rpc.ts";
import { thinkingLevels } from "../thinking.ts";
import type { AgentLink } from "./link.ts";
import { type ConfigOption, Configured, Done, type Opened } from "./messages.ts";
import { describe, isLoginError } from "./refusal.ts";

/** An open session, whose options are still the agent's own. */
interface Configurable {
  readonly sessionId: string;
  readonly opened: Opened;
  readonly models: { id: string; name: string }[];
  readonly row: AcpRow;
}

/** The models that the agent offers; empty where it does not say. */
export function modelsOf(opened: Opened): { id: string; name: string }[] {
  const option = modelOption(opened.configOptions ?? []);
  if (option?.options) return choicesOf(option).map(({ value, name }) => ({ id: value, name }));
  return (opened.models?.availableModels ?? []).map(({ modelId, name }) => ({ id: modelId, name }));
}

/**
 * Chooses the model, then the level of thinking, which the model decides on.
 * @throws StartError `model` and `thinking`, with what there is instead
 */
export async function configure(
  link: AgentLink,
  session: Configurable,
  { model, thinking }: Pick<Launch, "model" | "thinking">,
): Promise<void> {
  const changed = model === null ? null : await chooseModel(link, session, model);
  const options = changed ?? session.opened.configOptions ?? [];
  if (thinking !== null) await chooseThinking(link, { ...session, options }, thinking);
}

/** Resolves with the options of a session that has this model, where the agent tells them. */
async function chooseModel(
  link: AgentLink,
  { sessionId, opened, models, row }: Configurable,
  model: string,
): Promise<ConfigOption[] | null> {
  const offers = models.map(({ id }) => id);
  if (offers.length > 0 && !offers.includes(model)) {
    throw new StartError("model", `${row.name} does not offer the model ${model}, but ${offers.join(", ")}`);
  }
  const configId = modelOption(opened.configOptions ?? [])?.id ?? "model";
  try {
    if (row.model === "set_model")
      await link.request("session/set_model", { sessionId, modelId: model }, Done);
    if (row.model !== "set_config_option") return null;
    const choice = { sessionId, configId, value: model };
    return (await link.request("session/set_config_option", choice, Configured)).configOptions;
  } catch (error) {
    if (!(error instanceof RpcError) || isLoginError(error)) throw error;
    throw new StartError("model", `${row.name} does not take the model ${model}: ${describe(error)}`);
  }
}

async function chooseThinking(
  link: AgentLink,
  { sessionId, options, row }: Pick<Configurable, "sessionId" | "row"> & { options: ConfigOption[] },
  level: Thinking,
): Promise<void> {
  const way = row.thinking[level];
  if (way?.by === "environment") return; // it has been told at its start
  const option = options.find(({ category }) => category === "thought_level");
  const offered = option ? choicesOf(option).map(({ value }) => value) : [];
  const value = way?.values.find((each) => offered.includes(each));
  if (option === undefined || value === undefined)
    throw new StartError("thinking", noSuchLevel(row, level, offered));
  try {
    await link.request("session/set_config_option", { sessionId, configId: option.id, value }, Done);
  } catch (error) {
    if (!(error instanceof RpcError) || isLoginError(error)) throw error;
    const message = `${row.name} does not take the thinking level ${level}: ${describe(error)}`;
    throw new StartError("thinking", message);
  }
}

function noSuchLevel(row: AcpRow, level: Thinking, offered: readonly string[]): string {
  const levels = thinkingLevels(
    row,
    (way) => way.by === "environment" || way.values.some((value) => offered.includes(value)),
  );
  const known = levels.length === 0 ? "no thinking levels" : `the thinking levels ${levels.join(", ")}`;
  return `with this model ${row.name} has ${known}, and not ${level}`;
}

function modelOption(options: readonly ConfigOption[]): ConfigOption | undefined {
  return options.find(({ category }) => category === "model") ?? options.find(({ id }) => id === "model");
}

function choicesOf({ options }: ConfigOption): { value: string; name: string }[] {
  return (options ?? []).flatMap((each) => ("options" in each ? each.options : each));
}
