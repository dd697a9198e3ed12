import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { table } from "../output.ts";

export const workspaces = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("listWorkspaces", {}, {}), ({ workspaces }, look) =>
      workspaces.length === 0
        ? "No workspaces yet: a folder becomes one with its first task."
        : table(
            workspaces.map(({ name, path }) => [name, path]),
            look,
          ),
    );
    return EXIT.done;
  },
});
