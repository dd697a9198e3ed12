import { z } from "zod";
import { Permissions } from "./permission.ts";
import { StartFailure } from "./transcript.ts";
import { Thinking } from "./thinking.ts";

/**
 * What was found of an agent on this machine: a product, or a command of the config. `protocol` is how it is driven;
 * `exec`: each turn is a run of a one-shot command. `presets` are the permissions that it can be kept to, `plan` that it
 * shows a todo list of its own, `resume` that it goes on in its own conversation, `model` that it can be told one,
 * `thinking` the levels that it can be told (some of its models may lack some). `variables` are what it may take from its
 * caller's environment. `ungated` says what it does without a request even under the strictest preset; null: nothing.
 * `problem` is what is missing, and `hint` what to do about it.
 */
export const AgentInfo = z.object({
  agent: z.string(),
  name: z.string(),
  installed: z.boolean(),
  path: z.string().nullable(),
  version: z.string().nullable(),
  login: z.enum(["yes", "no", "unknown"]),
  protocol: z.enum(["acp", "exec", "shell"]),
  presets: z.array(Permissions),
  plan: z.boolean(),
  resume: z.boolean(),
  model: z.boolean(),
  workerTools: z.enum(["mcp", "files"]),
  thinking: z.array(Thinking),
  variables: z.array(z.string()),
  ungated: z.string().nullable(),
  problem: z.string().nullable(),
  hint: z.string().nullable(),
});
export type AgentInfo = z.infer<typeof AgentInfo>;

/**
 * A model as the config names it; `available` says whether its agent is installed, `contextWindow` how many tokens it
 * can have in view, once its agent has said so.
 */
export const ModelInfo = z.object({
  name: z.string(),
  agent: z.string(),
  id: z.string().nullable(),
  alias: z.boolean(),
  role: z.string().nullable(),
  isDefault: z.boolean(),
  available: z.boolean(),
  contextWindow: z.number().int().positive().nullable(),
});
export type ModelInfo = z.infer<typeof ModelInfo>;

/** What an agent said when it was opened once to be asked: the models that it offers, or why it did not start. */
export const Probed = z.object({
  models: z.array(z.object({ id: z.string(), name: z.string() })),
  failure: z.object({ reason: StartFailure, message: z.string() }).nullable(),
});
export type Probed = z.infer<typeof Probed>;

/** An agent as setup found it: how many models it offers, and why it did not start where it was opened and did not. */
const SetUpAgent = AgentInfo.extend({ models: z.number().int(), failure: z.string().nullable() });

/** What setup found, chose and changed. `choices` are the models that can start here, the best first. */
export const SetUp = z.object({
  path: z.string(),
  agents: z.array(SetUpAgent),
  choices: z.array(z.string()),
  default: z.string().nullable(),
  /** The configuration file as it is now, or as it would be. */
  text: z.string(),
  /** What is new in it, a sentence each. */
  changes: z.array(z.string()),
  /** What a person should know of it: what it names that cannot start, the old form. */
  notes: z.array(z.string()),
});
export type SetUp = z.infer<typeof SetUp>;
