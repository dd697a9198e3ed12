import { z } from "zod";
import { shortFacts } from "../task-facts.ts";
import { ownSession } from "../place.ts";
import { taskRef, tool, words } from "../tool.ts";

export const note = tool({
  name: "dispatch_note",
  description: "Tell a running worker something to take into account.",
  input: z.strictObject({ task: taskRef, text: words }),
  async run({ client, place }, { task, text }) {
    const noted = await client.call("noteTask", { task }, { text, ...ownSession(place) });
    return { facts: shortFacts(noted.task), text: `Told ${noted.task.slug}.` };
  },
});
