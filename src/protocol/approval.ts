import { z } from "zod";
import { ApprovalId, RuleId, SessionId, TaskId } from "./id.ts";
import { RuleMatch } from "./rule.ts";
import { TOOL_KINDS } from "./tool-kind.ts";

export const ToolKind = z.enum(TOOL_KINDS);
export type ToolKind = z.infer<typeof ToolKind>;

/** A tool call that waits for a decision. `input` is what the tool will get, as the agent shows it. */
export const GatedCall = z.object({
  tool: z.string(),
  kind: ToolKind,
  title: z.string(),
  paths: z.array(z.string()),
  input: z.unknown(),
});
export type GatedCall = z.infer<typeof GatedCall>;

export const Verdict = z.enum(["allow", "deny"]);
export type Verdict = z.infer<typeof Verdict>;

/**
 * How long an allow holds: for this call, for the session, for the workspace until a time, or for the workspace until
 * its rules are removed. All but `once` are rules of ours: an agent is only told "once".
 */
export const Grant = z.enum(["once", "session", "until", "always"]);
export type Grant = z.infer<typeof Grant>;

/** `because` is what a policy went by, in words; `rules` those that decided, or that a person's grant made. */
const Decision = z.object({
  verdict: Verdict,
  grant: Grant,
  by: z.enum(["person", "policy"]),
  reason: z.string().optional(),
  because: z.string().optional(),
  rules: z.array(RuleId).optional(),
  at: z.number(),
});
export type Decision = z.infer<typeof Decision>;

/** `open` → `decided` → `applied` (the agent was told), or `withdrawn` with its agent. */
export const ApprovalStatus = z.discriminatedUnion("state", [
  z.object({ state: z.literal("open") }),
  Decision.extend({ state: z.literal("decided") }),
  Decision.extend({ state: z.literal("applied") }),
  z.object({ state: z.literal("withdrawn"), at: z.number() }),
]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/**
 * One tool call that waits for a decision. `inputHash` names the call: when a resumed agent makes the same call again
 * (same session, tool and input hash) it takes over this id and any decision that was not applied yet.
 */
export const Approval = z.object({
  id: ApprovalId,
  session: SessionId,
  task: TaskId.nullable(),
  epoch: z.number().int().positive(),
  call: GatedCall,
  inputHash: z.string(),
  status: ApprovalStatus,
  /** What a longer grant would allow from then on; empty: this call can only be allowed once. */
  offer: z.array(RuleMatch).optional(),
  askedAt: z.number(),
});
export type Approval = z.infer<typeof Approval>;
