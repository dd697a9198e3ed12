import type { Attention } from "../../protocol/attention.ts";
import type { Session } from "../../protocol/session.ts";
import type { Task } from "../../protocol/task.ts";
import { attentionRows } from "../attention-words.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Look } from "../output.ts";

/** The newest tasks and sessions, whose names are shown. */
const MAX_NAMED = 500;

export const inbox = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const attention = await client.call("getAttention", {}, {});
    if (output.json) {
      await output.show(attention, () => "");
      return EXIT.done;
    }
    const [{ tasks }, { sessions }] = await Promise.all([
      client.call("listTasks", {}, { state: "all", limit: MAX_NAMED }),
      client.call("listSessions", {}, { origin: "manual", limit: MAX_NAMED }),
    ]);
    await output.show({ attention, tasks, sessions }, inboxText);
    return EXIT.done;
  },
});

function inboxText(view: { attention: Attention; tasks: Task[]; sessions: Session[] }, look: Look): string {
  const rows = attentionRows(view.attention, view);
  if (rows.length === 0) return "Nothing needs you.";
  return rows.map((row) => `${row.text}\n  ${look.dim(row.next)}`).join("\n");
}
