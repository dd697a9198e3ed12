import { z } from "zod";
import { Approval } from "./approval.ts";
import { Flag } from "./flag.ts";
import { TaskId } from "./id.ts";
import { Message } from "./message.ts";
import { Question } from "./question.ts";
import { Schedule } from "./schedule.ts";
import { Session } from "./session.ts";

/** A failed or canceled task that keeps others from starting: a person retries it, or cancels them. */
export const Blocker = z.object({
  task: TaskId,
  slug: z.string(),
  state: z.string(),
  /** What mends its failure, where that is known, and the models that can start where its own could not. */
  hint: z.string().nullable(),
  instead: z.array(z.string()),
  /** The slugs of those that it keeps from starting. */
  blocks: z.array(z.string()),
});
export type Blocker = z.infer<typeof Blocker>;

/**
 * Everything that waits for a human, oldest first; the same list on every surface. `messages` are the held ones,
 * `terminals` the sessions whose agents wait at their own terminals, where alone they can be answered,
 * `schedules` those whose last time failed.
 */
export const Attention = z.object({
  questions: z.array(Question),
  approvals: z.array(Approval),
  flags: z.array(Flag),
  messages: z.array(Message),
  terminals: z.array(Session),
  blockers: z.array(Blocker),
  schedules: z.array(Schedule),
});
export type Attention = z.infer<typeof Attention>;
