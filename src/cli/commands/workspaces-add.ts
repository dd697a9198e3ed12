import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { userPath } from "../../client/user-path.ts";

export const workspacesAdd = command({
  operands: ["FOLDER"],
  examples: ["dispatch workspaces add ~/src/api", "dispatch workspaces add . --name api"],
  flags: { name: { value: "NAME", help: "what to call it (default: the folder's name)" } },
  async run({ client, output, environment }, { operands, flags }) {
    const body: CallInput<"addWorkspace"> = { path: userPath(operands[0]!, environment) };
    if (flags.name !== undefined) body.name = flags.name;
    const answer = await client.call("addWorkspace", {}, body);
    await output.show(answer, ({ workspace: { name, path } }) => `${name} is the workspace ${path}.`);
    return EXIT.done;
  },
});
