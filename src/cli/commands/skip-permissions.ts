import { command, type Context } from "../command.ts";
import { quote } from "../../core/quote.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { usageError } from "../parse.ts";
import { workspaceRef } from "../../client/user-path.ts";

const MEANING =
  "agents in new terminals will edit, run commands and use the network without asking anybody; what they read (files, web pages, issues) can make them do harm. Sessions that are open keep what they were opened with";

export const skipPermissions = command({
  operands: ["on|off"],
  details:
    "For new sessions in terminals only. What one session may do: dispatch open PATH --permissions PRESET.",
  examples: ["dispatch skip-permissions on --workspace api", "dispatch skip-permissions off"],
  flags: { workspace: { value: "NAME", help: "only in this workspace" } },
  async run(context, { operands, flags }) {
    const [wanted] = operands;
    if (wanted !== "on" && wanted !== "off")
      throw usageError("say on or off", "dispatch skip-permissions --help");
    const permissions = wanted === "on" ? "all" : "ask";
    if (flags.workspace === undefined) await setForAll(context, permissions);
    else {
      const workspace = workspaceRef(flags.workspace, context.environment);
      await context.client.call("setWorkspace", { workspace }, { key: "terminals", value: permissions });
    }
    if (wanted === "on") reportNotice(MEANING);
    const where = flags.workspace === undefined ? "" : ` in ${flags.workspace}`;
    await context.output.show({ permissions, workspace: flags.workspace ?? null }, () =>
      wanted === "on"
        ? `New terminals${where} skip permissions. Take it back: dispatch skip-permissions off${flags.workspace === undefined ? "" : ` --workspace ${quote(flags.workspace)}`}`
        : `New terminals${where} ask.`,
    );
    return EXIT.done;
  },
});

/** One word alone may stand for the permissions of tasks and terminals: then the tasks keep it. */
async function setForAll({ client }: Context, terminals: "all" | "ask"): Promise<void> {
  const { value } = await client.call("getConfig", {}, {});
  const { permissions } = value;
  await (typeof permissions === "string"
    ? client.call("setConfig", {}, { key: "permissions", value: { tasks: permissions, terminals } })
    : client.call("setConfig", {}, { key: "permissions.terminals", value: terminals }));
}
