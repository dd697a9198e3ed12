import type { Attention } from "../../protocol/attention.ts";
import type { Task } from "../../protocol/task.ts";
import { attentionRows } from "../attention-words.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Look } from "../output.ts";

export const inbox = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const attention = await client.call("getAttention", {}, {});
    if (output.json) {
      await output.show(attention, () => "");
      return EXIT.done;
    }
    const { tasks } = await client.call("listTasks", {}, { state: "all", limit: 500 });
    await output.show({ attention, tasks }, inboxText);
    return EXIT.done;
  },
});

function inboxText(view: { attention: Attention; tasks: Task[] }, look: Look): string {
  const rows = attentionRows(view.attention, view.tasks);
  if (rows.length === 0) return "Nothing needs you.";
  return rows.map((row) => `${row.text}\n  ${look.dim(row.next)}`).join("\n");
}
