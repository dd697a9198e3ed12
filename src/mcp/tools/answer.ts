import { z } from "zod";
import { ownSession } from "../place.ts";
import { ref, taskRef, tool, words } from "../tool.ts";
import { shortFacts } from "../task-facts.ts";

export const answer = tool({
  name: "dispatch_answer",
  description: "Answer a worker's question; it goes on where it stopped.",
  input: z.strictObject({
    task: taskRef,
    text: words,
    question: ref.optional().describe("its id, where several are open"),
  }),
  async run({ client, place }, { task, text, question }) {
    const body = { text, ...(question === undefined ? {} : { question }), ...ownSession(place) };
    const answered = await client.call("answerTask", { task }, body);
    return {
      facts: shortFacts(answered.task),
      text: `Answered ${answered.task.slug}. It goes on.`,
    };
  },
});
