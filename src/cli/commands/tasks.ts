import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { pageInput, PAGE_FLAGS, pageNote } from "../page.ts";
import { taskTable } from "../task-table.ts";
import { workspaceRef } from "../../client/user-path.ts";

const STATES = ["open", "ended", "all"] as const;

export const tasks = command({
  operands: [],
  flags: {
    state: { value: "STATE", choices: STATES, help: "only tasks that are open, or that have ended" },
    workspace: { value: "NAME", help: "only tasks of this workspace" },
    sweep: { value: "SWEEP", help: "only tasks that were handed over together" },
    from: { value: "SESSION", help: "only tasks that this session's agent handed over" },
    ...PAGE_FLAGS,
  },
  async run({ client, output, environment }, { flags }) {
    const input: CallInput<"listTasks"> = pageInput(flags);
    if (flags.state !== undefined) input.state = flags.state as (typeof STATES)[number];
    if (flags.workspace !== undefined) input.workspace = workspaceRef(flags.workspace, environment);
    if (flags.sweep !== undefined) input.sweep = flags.sweep;
    if (flags.from !== undefined) input.from = flags.from;
    const answer = await client.call("listTasks", {}, input);
    await output.show(answer, ({ tasks, next }, look) =>
      tasks.length === 0 ? "No tasks." : taskTable(tasks, look, Date.now()) + pageNote("tasks", next),
    );
    return EXIT.done;
  },
});
