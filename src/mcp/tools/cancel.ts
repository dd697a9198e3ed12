import { z } from "zod";
import { isEnded } from "../../core/run.ts";
import { ownSession } from "../place.ts";
import { shortFacts } from "../task-facts.ts";
import { taskRef, tool } from "../tool.ts";

export const cancel = tool({
  name: "dispatch_cancel",
  description: "Cancel a task. What it changed stays, in its worktree or the folder.",
  input: z.strictObject({ task: taskRef }),
  async run({ client, place }, { task }) {
    const canceled = await client.call("cancelTask", { task }, ownSession(place));
    const text = isEnded(canceled.task) ? "Canceled" : "Canceling";
    return { facts: shortFacts(canceled.task), text: `${text} ${canceled.task.slug}.` };
  },
});
