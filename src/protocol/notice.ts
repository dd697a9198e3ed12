import { z } from "zod";
import { SessionId, TaskId, WorkspaceId } from "./id.ts";

/** What people want to be told of while they do something else. */
export const NoticeKind = z.enum(["done", "failed", "needs-you"]);
export type NoticeKind = z.infer<typeof NoticeKind>;

/**
 * Something that happened and is told once, wherever people asked for it. `about` names what happened: the same name
 * is never told twice. `next` is the command that deals with it.
 */
export const Notice = z.object({
  kind: NoticeKind,
  about: z.string(),
  task: TaskId.nullable(),
  session: SessionId.nullable(),
  workspace: WorkspaceId.nullable(),
  /** The task's slug, or the session's id. */
  name: z.string(),
  text: z.string(),
  next: z.string(),
  at: z.number(),
});
export type Notice = z.infer<typeof Notice>;
