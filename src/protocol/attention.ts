import { z } from "zod";
import { Approval } from "./approval.ts";
import { Flag } from "./flag.ts";
import { Question } from "./question.ts";

/** Everything that waits for a human, oldest first; the same list on every surface. */
export const Attention = z.object({
  questions: z.array(Question),
  approvals: z.array(Approval),
  flags: z.array(Flag),
});
export type Attention = z.infer<typeof Attention>;
