import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { PAGE_FLAGS, pageInput, pageNote } from "../page.ts";
import { sessionTable } from "../session-words.ts";
import { workspaceRef } from "../../client/user-path.ts";

const STATES = ["open", "live", "starting", "ready", "busy", "stopping", "stopped", "error", "all"] as const;
const ORIGINS = ["manual", "task", "external"] as const;

export const sessions = command({
  operands: [],
  details:
    "A session of a task is listed while its agent runs, under the name of the task. An agent that was started outside of Dispatch is listed while it runs, where its plugin, its own records or tmux show it.",
  flags: {
    state: {
      value: "STATE",
      choices: STATES,
      help: "only those; live: with an agent; open: also those to go on with",
    },
    origin: {
      value: "ORIGIN",
      choices: ORIGINS,
      help: "only those that you opened, of tasks, or from outside",
    },
    workspace: { value: "NAME", help: "only sessions of this workspace" },
    ...PAGE_FLAGS,
  },
  async run({ client, output, environment }, { flags }) {
    const query: CallInput<"listSessions"> = pageInput(flags);
    if (flags.state !== undefined) query.state = flags.state as (typeof STATES)[number];
    else if (flags.origin === undefined) query.state = "open";
    if (flags.origin !== undefined) query.origin = flags.origin as (typeof ORIGINS)[number];
    if (flags.workspace !== undefined) query.workspace = workspaceRef(flags.workspace, environment);
    const answer = await client.call("listSessions", {}, query);
    if (output.json) {
      await output.show(answer, () => "");
      return EXIT.done;
    }
    const { workspaces } = await client.call("listWorkspaces", {}, {});
    await output.show({ ...answer, workspaces }, (view, look) =>
      view.sessions.length === 0
        ? "No sessions. Open one: dispatch open . (in a terminal), or dispatch session new --workspace . --prompt <text>"
        : sessionTable(view, { now: Date.now(), look }) + pageNote("sessions", view.next),
    );
    return EXIT.done;
  },
});
