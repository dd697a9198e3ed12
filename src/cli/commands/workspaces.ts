import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { workspaceTable } from "../workspace-words.ts";

export const workspaces = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("listWorkspaces", {}, {}), ({ workspaces }, look) =>
      workspaces.length === 0
        ? "No workspaces yet: a folder becomes one with its first task, or by dispatch workspaces add <folder>."
        : workspaceTable(workspaces, look),
    );
    return EXIT.done;
  },
});
