import { z } from "zod";
import { SessionId, TaskId, WorkspaceId } from "./id.ts";

/**
 * What a found text was: what a task or a turn was asked, what the agent said, a tool call with its output, a question,
 * its answer, a flag, the worker's own summary.
 */
export const PassageKind = z.enum(["prompt", "said", "tool", "question", "answer", "flag", "result"]);
export type PassageKind = z.infer<typeof PassageKind>;

/** Where a word of the search stands in an excerpt: from `start` up to `end`, in UTF-16 units. */
export const Mark = z.object({ start: z.number().int().nonnegative(), end: z.number().int().positive() });
export type Mark = z.infer<typeof Mark>;

/** A text that was found. `seq` is its event's number in the stream, so that a transcript can be read from there. */
export const SearchHit = z.object({
  kind: PassageKind,
  task: TaskId.nullable(),
  session: SessionId.nullable(),
  workspace: WorkspaceId,
  /** The task's slug, or the session's name or id. */
  name: z.string(),
  title: z.string(),
  at: z.number(),
  seq: z.number().int().nonnegative(),
  excerpt: z.string(),
  marks: z.array(Mark),
});
export type SearchHit = z.infer<typeof SearchHit>;

/** What is searched for: `text` as people write it, see `core/search-query.ts`; newest first among equals. */
export const SearchRequest = z.object({
  text: z.string().min(1).max(1_000),
  workspace: z.string().optional(),
  task: z.string().optional(),
  session: z.string().optional(),
  kind: PassageKind.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
});
export type SearchRequest = z.infer<typeof SearchRequest>;
