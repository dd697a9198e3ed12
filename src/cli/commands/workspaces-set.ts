import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";
import { workspaceRef } from "../user-path.ts";
import { workspaceTable } from "../workspace-words.ts";

type Setting = CallInput<"setWorkspace">;

const KEYS = [
  "model",
  "agent",
  "permissions",
  "worktree",
  "budget",
  "limits.timeout",
] as const satisfies Setting["key"][];

export const workspacesSet = command({
  operands: ["WORKSPACE", "KEY", "[VALUE]"],
  details: `KEY is ${KEYS.join(", ")}. Without a value the setting is taken back. It stands in the configuration, whose comments stay.`,
  examples: ["dispatch workspaces set api model opus", "dispatch workspaces set api worktree true"],
  flags: {},
  async run({ client, output, environment }, { operands: [name = "", key = "", value] }) {
    const workspace = workspaceRef(name, environment);
    const answer = await client.call("setWorkspace", { workspace }, settingOf(key, value));
    await output.show(answer, ({ workspace }, look) => workspaceTable([workspace], look));
    return EXIT.done;
  },
});

/** The daemon checks the value: it knows the models and presets. */
function settingOf(key: string, value: string | undefined): Setting {
  if (!(KEYS as readonly string[]).includes(key))
    throw usageError(
      `a workspace has no setting ${key}, but ${KEYS.join(", ")}`,
      "dispatch workspaces set --help",
    );
  if (value === undefined) return { key } as Setting;
  if (key !== "worktree") return { key, value } as Setting;
  if (value !== "true" && value !== "false")
    throw usageError(`worktree is true or false, not ${value}`, "dispatch workspaces set --help");
  return { key, value: value === "true" };
}
