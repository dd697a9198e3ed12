import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";
import { workspaceRef } from "../../client/user-path.ts";
import { workspaceTable } from "../workspace-words.ts";

type Setting = CallInput<"setWorkspace">;

const KEYS = [
  "model",
  "agent",
  "permissions",
  "terminals",
  "worktree",
  "budget",
  "limits.timeout",
] as const satisfies Setting["key"][];
/** Keys that take several values: globs, folders or commands, each of them one value. */
const LISTS = ["copy", "link", "setup", "teardown", "gate"] as const satisfies Setting["key"][];
const ALL: readonly string[] = [...KEYS, ...LISTS];
const USAGE = "dispatch workspaces set --help";

export const workspacesSet = command({
  operands: ["WORKSPACE", "KEY", "[VALUE…]"],
  details: [
    `KEY is ${KEYS.join(", ")},`,
    `or, with one value or more for its worktrees, ${LISTS.join(", ")}.`,
    "Without a value the setting is taken back. It stands in the configuration, whose comments stay.",
  ].join("\n"),
  examples: [
    "dispatch workspaces set api model opus",
    "dispatch workspaces set api worktree true",
    'dispatch workspaces set api setup "npm ci" "npm run generate"',
  ],
  flags: {},
  async run({ client, output, environment }, { operands: [name = "", key = "", ...values] }) {
    const workspace = workspaceRef(name, environment);
    const answer = await client.call("setWorkspace", { workspace }, settingOf(key, values));
    await output.show(answer, ({ workspace }, look) => workspaceTable([workspace], look));
    return EXIT.done;
  },
});

/** The daemon checks the value: it knows the models and presets. */
function settingOf(key: string, values: string[]): Setting {
  if (!ALL.includes(key)) throw usageError(`a workspace has no setting ${key}, but ${ALL.join(", ")}`, USAGE);
  const [value, ...more] = values;
  if (value === undefined) return { key } as Setting;
  if ((LISTS as readonly string[]).includes(key)) return { key, value: values } as Setting;
  if (more.length > 0) throw usageError(`${key} takes one value, not ${values.length}`, USAGE);
  if (key !== "worktree") return { key, value } as Setting;
  if (value !== "true" && value !== "false")
    throw usageError(`worktree is true or false, not ${value}`, USAGE);
  return { key, value: value === "true" };
}
