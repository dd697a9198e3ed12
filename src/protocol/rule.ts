import { z } from "zod";
import { RuleId, SessionId, WorkspaceId } from "./id.ts";

const MAX_PATTERN_LENGTH = 4_096;
const MAX_NOTE_LENGTH = 500;
const Pattern = z.string().min(1).max(MAX_PATTERN_LENGTH);

/** What a rule says of a call. Where several rules match, `deny` wins over `ask`, and `ask` over `allow`. */
export const Effect = z.enum(["deny", "ask", "allow"]);
export type Effect = z.infer<typeof Effect>;

/**
 * Which calls a rule is about; what is null does not matter. `tool`: the name or the kind of the tool, `*` for any
 * letters. `command`: the words of one command of a line, `*` in a word for any letters and as the last word for any
 * words. `path`: an absolute, resolved path with all below it; `*` and `?` within a name, `**` over folders. A rule
 * names a command or a path, not both.
 */
export const RuleMatch = z.object({
  tool: Pattern.nullable(),
  command: Pattern.nullable(),
  path: Pattern.nullable(),
});
export type RuleMatch = z.infer<typeof RuleMatch>;

/** A person's standing decision. `workspace`, `session` and `until` (milliseconds since the epoch) limit where it holds. */
export const Rule = RuleMatch.extend({
  id: RuleId,
  effect: Effect,
  workspace: WorkspaceId.nullable(),
  session: SessionId.nullable(),
  until: z.number().nullable(),
  note: z.string().nullable(),
  /** Made by `dispatch rules add`, or by a decision about a call. */
  createdBy: z.enum(["command", "approval"]),
  createdAt: z.number(),
});
export type Rule = z.infer<typeof Rule>;

/** What a person asks for. `workspace` is a folder's path, or a workspace's name or id; a relative `path` starts there. */
export const RuleRequest = z.strictObject({
  effect: Effect,
  tool: Pattern.optional(),
  command: Pattern.optional(),
  path: Pattern.optional(),
  workspace: z.string().min(1).optional(),
  untilMs: z.number().int().positive().optional(),
  note: z.string().min(1).max(MAX_NOTE_LENGTH).optional(),
});
export type RuleRequest = z.infer<typeof RuleRequest>;

/** What is said of one part of a call (a command, a redirection, a path), and by which rule; null: by the preset. */
export const PartJudgement = z.object({
  text: z.string(),
  effect: Effect,
  because: z.string(),
  rule: RuleId.nullable(),
});
export type PartJudgement = z.infer<typeof PartJudgement>;

/** What is said of a whole call: the strictest of its parts. */
export const Judgement = z.object({ effect: Effect, parts: z.array(PartJudgement) });
export type Judgement = z.infer<typeof Judgement>;
