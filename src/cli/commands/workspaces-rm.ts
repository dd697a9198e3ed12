import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { workspaceRef } from "../../client/user-path.ts";

export const workspacesRemove = command({
  operands: ["WORKSPACE"],
  details:
    "Its settings go with it. What ran there is kept, and a new task there makes it a workspace again.",
  flags: {},
  async run({ client, output, environment }, { operands }) {
    const workspace = workspaceRef(operands[0]!, environment);
    const answer = await client.call("removeWorkspace", { workspace }, {});
    await output.show(answer, ({ workspace: { name, path } }) => `Removed ${name}. ${path} is as it was.`);
    return EXIT.done;
  },
});
