import { DispatchError } from "../../base/error.ts";
import type { Client } from "../../client/client.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportHint, reportNotice } from "../failure.ts";
import { indent, inset, type Look } from "../output.ts";
import { attentionRows } from "../attention-words.ts";
import { taskTable } from "../task-table.ts";
import type { Attention } from "../../protocol/attention.ts";
import type { Session } from "../../protocol/session.ts";
import type { Task } from "../../protocol/task.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { sessionTable } from "../session-words.ts";

/** How many of the newest tasks are looked at for those that ended within a day. */
const LATEST = 5;
const DAY_MS = 86_400_000;

/** What a bare `dispatch` says: what needs you, what runs and lately ran, what new tasks run on. */
export const overview = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const [attention, { tasks }, { tasks: ended }, model, ours, outside, { workspaces }] = await Promise.all([
      client.call("getAttention", {}, {}),
      client.call("listTasks", {}, { state: "open" }),
      client.call("listTasks", {}, { state: "ended", limit: LATEST }),
      defaultModel(client),
      client.call("listSessions", {}, { state: "live", origin: "manual" }),
      client.call("listSessions", {}, { state: "live", origin: "external" }),
      client.call("listWorkspaces", {}, {}),
    ]);
    const sessions = [...ours.sessions, ...outside.sessions];
    const called = { ...ours.called, ...outside.called };
    const lately = ended.filter(({ updatedAt }) => Date.now() - updatedAt < DAY_MS);
    await output.show({ attention, tasks, lately, model, sessions, called, workspaces }, overviewText);
    return EXIT.done;
  },
});

/** Null: there is none. A fault in the configuration is told beside what needs you, not instead. */
async function defaultModel(client: Client): Promise<string | null | undefined> {
  try {
    const { models } = await client.call("listModels", {}, {});
    return models.find((each) => each.isDefault)?.name ?? null;
  } catch (error) {
    if (!(error instanceof DispatchError) || error.code !== "invalid") throw error;
    reportNotice(error.message);
    if (error.hint !== undefined) reportHint(error.hint);
    return undefined;
  }
}

interface View {
  attention: Attention;
  tasks: Task[];
  lately: Task[];
  /** Undefined where the configuration has a fault. */
  model: string | null | undefined;
  sessions: Session[];
  called: Record<string, string>;
  workspaces: Workspace[];
}

function modelLine(model: View["model"]): string[] {
  if (model === undefined) return [];
  return [model === null ? "No default model: dispatch models default <name>" : `Default model: ${model}`];
}

function overviewText(view: View, look: Look): string {
  const now = Date.now();
  const section = (title: string, text: string) => `${look.bold(title)}\n${indent(text)}`;
  const waiting = attentionRows(view.attention, view);
  const rows = waiting.map((row) => `${row.text}\n${look.dim(`  ${row.next}`)}`);
  return [
    ...modelLine(view.model),
    rows.length === 0 ? "Nothing needs you." : section("Needs you", rows.join("\n")),
    view.tasks.length === 0
      ? 'Nothing runs. Hand something over: dispatch run "<what is to be done>"'
      : section("Open tasks", taskTable(view.tasks, inset(look), now)),
    ...(view.sessions.length === 0
      ? []
      : [section("Sessions", sessionTable(view, { now, look: inset(look) }))]),
    ...(view.lately.length === 0 ? [] : [section("Ended lately", taskTable(view.lately, inset(look), now))]),
  ].join("\n\n");
}
