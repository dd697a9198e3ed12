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
  /** The task's slug, the session's name or its workspace's, or the schedule's name. */
  name: z.string(),
  text: z.string(),
  next: z.string(),
  at: z.number(),
});
export type Notice = z.infer<typeof Notice>;

const MAX_CALLER_LENGTH = 200;
/** Names a process of an agent host, such as one Claude Code (see `client/process-mark.ts`), or a session of ours by its id. */
export const Listener = z.string().min(1).max(MAX_CALLER_LENGTH);

/**
 * Whose notices are meant: those of a host's process, and of every process in which this session of the host was seen,
 * since people close a host and go on in the next one.
 */
export const ListenerRef = z.strictObject({
  caller: Listener,
  session: z.string().min(1).max(MAX_CALLER_LENGTH).optional(),
});
export type ListenerRef = z.infer<typeof ListenerRef>;

/** A notice for the caller that handed the task over. `options` are the question's; `done` of `all` items are ticked. */
export const CallerNotice = z.object({
  id: z.number().int().positive(),
  notice: Notice,
  options: z.array(z.string()),
  done: z.number().int().nonnegative(),
  all: z.number().int().nonnegative(),
});
export type CallerNotice = z.infer<typeof CallerNotice>;
