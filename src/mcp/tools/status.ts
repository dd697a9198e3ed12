import { z } from "zod";
import { overviewReply } from "../overview.ts";
import { taskReply } from "../task-facts.ts";
import { ref, taskRef, tool } from "../tool.ts";

/** Tasks on one page. */
const PAGE = 10;

export const status = tool({
  name: "dispatch_status",
  description:
    "One task: state, checklist, open question, summary. Without a task: what waits, open tasks, models.",
  input: z.strictObject({
    task: taskRef.optional(),
    before: ref.optional().describe("`next` of the page before"),
  }),
  reads: true,
  async run({ client }, { task, before }) {
    if (task !== undefined) return taskReply(await client.call("getTask", { task }, {}));
    const page = { state: "open", limit: PAGE, ...(before === undefined ? {} : { before }) } as const;
    const [tasks, attention, { models }, { value }] = await Promise.all([
      client.call("listTasks", {}, page),
      client.call("getAttention", {}, {}),
      client.call("listModels", {}, {}),
      client.call("getConfig", {}, {}),
    ]);
    return overviewReply({ ...tasks, attention, models, confirms: value["confirm_default"] !== false });
  },
});
