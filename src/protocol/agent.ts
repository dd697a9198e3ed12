import { z } from "zod";
import { Thinking } from "./thinking.ts";

/**
 * What was found of an agent product on this machine, and what to do where something is missing. `thinking` are the
 * levels that it can be told; some of its models may lack some of them. `ungated` says what it does without a request even under `--permissions ask`; null: nothing.
 */
export const AgentInfo = z.object({
  agent: z.string(),
  name: z.string(),
  installed: z.boolean(),
  path: z.string().nullable(),
  version: z.string().nullable(),
  login: z.enum(["yes", "no", "unknown"]),
  workerTools: z.enum(["mcp", "files"]),
  thinking: z.array(Thinking),
  ungated: z.string().nullable(),
  problem: z.string().nullable(),
  hint: z.string().nullable(),
});
export type AgentInfo = z.infer<typeof AgentInfo>;

/** A model as the config names it; `available` says whether its agent is installed. */
export const ModelInfo = z.object({
  name: z.string(),
  agent: z.string(),
  id: z.string().nullable(),
  alias: z.boolean(),
  role: z.string().nullable(),
  isDefault: z.boolean(),
  available: z.boolean(),
});
export type ModelInfo = z.infer<typeof ModelInfo>;
