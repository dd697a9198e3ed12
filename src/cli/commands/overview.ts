import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { indent, type Look } from "../output.ts";
import { attentionRows } from "../attention-words.ts";
import { taskTable } from "../task-table.ts";
import type { Attention } from "../../protocol/attention.ts";
import type { Session } from "../../protocol/session.ts";
import type { Task } from "../../protocol/task.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { sessionTable } from "../session-words.ts";

/** What a bare `dispatch` says: what needs you, what runs, what new tasks run on. */
export const overview = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const [attention, { tasks }, { models }, { sessions }, { workspaces }] = await Promise.all([
      client.call("getAttention", {}, {}),
      client.call("listTasks", {}, { state: "open" }),
      client.call("listModels", {}, {}),
      client.call("listSessions", {}, { state: "live", origin: "manual" }),
      client.call("listWorkspaces", {}, {}),
    ]);
    const model = models.find((each) => each.isDefault)?.name ?? null;
    await output.show({ attention, tasks, model, sessions, workspaces }, overviewText);
    return EXIT.done;
  },
});

interface View {
  attention: Attention;
  tasks: Task[];
  model: string | null;
  sessions: Session[];
  workspaces: Workspace[];
}

function overviewText(view: View, look: Look): string {
  const now = Date.now();
  const waiting = attentionRows(view.attention, view);
  return [
    view.model === null ? "No default model: dispatch models default <name>" : `Default model: ${view.model}`,
    waiting.length === 0
      ? "Nothing needs you."
      : `${look.bold("Needs you")}\n${indent(waiting.map((row) => `${row.text}\n${look.dim(`  ${row.next}`)}`).join("\n"))}`,
    view.tasks.length === 0
      ? 'Nothing runs. Hand something over: dispatch run "<what is to be done>"'
      : `${look.bold("Open tasks")}\n${indent(taskTable(view.tasks, look, now))}`,
    ...(view.sessions.length === 0
      ? []
      : [`${look.bold("Sessions")}\n${indent(sessionTable(view.sessions, { ...view, now, look }))}`]),
  ].join("\n\n");
}
