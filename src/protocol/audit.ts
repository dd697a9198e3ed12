import { z } from "zod";
import { Grant, Verdict } from "./approval.ts";
import { ApprovalId, RuleId, SessionId, TaskId } from "./id.ts";
import { Rule } from "./rule.ts";

/** One decision, or one change of the rules by which decisions are made. `call` is the hash of the tool and its input. */
export const AuditEntry = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("decision"),
    at: z.number(),
    by: z.enum(["person", "policy"]),
    verdict: Verdict,
    grant: Grant,
    approval: ApprovalId,
    session: SessionId,
    task: TaskId.nullable(),
    tool: z.string(),
    title: z.string(),
    call: z.string(),
    rules: z.array(RuleId),
    because: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  z.object({ type: z.literal("rule_added"), at: z.number(), rule: Rule }),
  z.object({ type: z.literal("rule_removed"), at: z.number(), rule: Rule }),
]);
export type AuditEntry = z.infer<typeof AuditEntry>;

/** `hash` is SHA-256, in hex, of `previous`, a line break and the entry as it is stored; the first `previous` is empty. */
export const AuditRow = z.object({
  seq: z.number().int().positive(),
  entry: AuditEntry,
  previous: z.string(),
  hash: z.string(),
});
export type AuditRow = z.infer<typeof AuditRow>;

/** `broken` is the first row that is not as it was written, or is missing; null: the chain is whole. */
export const AuditCheck = z.object({
  rows: z.number().int().nonnegative(),
  broken: z.object({ seq: z.number().int().positive(), because: z.string() }).nullable(),
});
export type AuditCheck = z.infer<typeof AuditCheck>;
