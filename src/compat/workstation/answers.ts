import { z } from "zod";
import { DispatchError } from "../../base/error.ts";
import { senderOf } from "./sessions.ts";
import { Target, withSession } from "./target.ts";
import { command, missing, ok } from "./wire.ts";

const MAX_ANSWER_CHARS = 256;
const MAX_ANSWERS = 20;

const Answers = z
  .array(
    z.string(missing("answers")).max(MAX_ANSWER_CHARS, `answer exceeds maximum length (${MAX_ANSWER_CHARS})`),
    missing("answers"),
  )
  .min(1, missing("answers"))
  .max(MAX_ANSWERS, missing("answers"));

/** Answers the questions that are open in a session, the oldest first. */
export const dispatchAnswers = command({
  payload: z.object({ targetSessionId: Target, answers: Answers }),
  run: (desk, { targetSessionId, answers }, sender) =>
    withSession(desk, targetSessionId, async ({ task, kind, id }) => {
      if (kind === "terminal")
        throw new DispatchError(
          "conflict",
          `what it asks is answered in its terminal: dispatch attach ${id}`,
        );
      const { client } = desk;
      const detail = task === null ? null : await client.call("getTask", { task }, {});
      const open = detail?.questions.filter(({ status }) => status.state === "open") ?? [];
      if (open.length < answers.length)
        throw new DispatchError("conflict", `${open.length} questions are open in it`);
      const from = await senderOf(client, sender);
      for (const [at, text] of answers.entries()) {
        const answer = { text, question: open[at]!.id, ...(from ? { fromSession: from.id } : {}) };
        await client.call("answerTask", { task: task! }, answer);
      }
      return ok("dispatch_answers", { targetSessionId });
    }),
});
