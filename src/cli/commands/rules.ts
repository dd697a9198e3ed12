import type { Rule } from "../../protocol/rule.ts";
import type { Workspace } from "../../protocol/workspace.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";
import { matchText } from "../rule-words.ts";

export const rules = command({
  operands: [],
  flags: {},
  details: "deny wins over ask, and ask over allow; where no rule speaks, the preset of --permissions does.",
  async run({ client, output }) {
    const [found, { workspaces }] = await Promise.all([
      client.call("listRules", {}, {}),
      client.call("listWorkspaces", {}, {}),
    ]);
    if (output.json) await output.show(found, () => "");
    else await output.show({ rules: found.rules, workspaces }, rulesText);
    return EXIT.done;
  },
});

function rulesText(view: { rules: Rule[]; workspaces: Workspace[] }, look: Look): string {
  if (view.rules.length === 0) return "No rules: dispatch rules add --help";
  const names = new Map(view.workspaces.map(({ id, name }) => [id, name]));
  const now = Date.now();
  return table(
    view.rules.map((rule) => [
      look.dim(rule.id),
      look.colour(COLOURS[rule.effect], rule.effect),
      matchText(rule),
      rule.session ??
        (rule.workspace === null ? "everywhere" : (names.get(rule.workspace) ?? rule.workspace)),
      [
        ...(rule.until === null ? [] : [`for ${formatDuration(rule.until - now)}`]),
        ...(rule.note === null ? [] : [rule.note]),
      ].join(", "),
    ]),
    look,
  );
}

const COLOURS = { deny: "red", ask: "yellow", allow: "green" } as const;
