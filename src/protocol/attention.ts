import { z } from "zod";
import { Approval } from "./approval.ts";
import { Flag } from "./flag.ts";
import { Message } from "./message.ts";
import { Question } from "./question.ts";

/** Everything that waits for a human, oldest first; the same list on every surface. `messages` are the held ones. */
export const Attention = z.object({
  questions: z.array(Question),
  approvals: z.array(Approval),
  flags: z.array(Flag),
  messages: z.array(Message),
});
export type Attention = z.infer<typeof Attention>;
