import type { Webhook } from "../../protocol/webhook.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";

export const webhooks = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const [answer, { workspaces }] = await Promise.all([
      client.call("listWebhooks", {}, {}),
      client.call("listWorkspaces", {}, {}),
    ]);
    const names = new Map<string, string>(workspaces.map(({ id, name }) => [id, name]));
    await output.show(answer, (_, look) =>
      answer.webhooks.length === 0
        ? "No webhooks: dispatch webhooks add <url>"
        : webhookTable(answer.webhooks, names, look),
    );
    return EXIT.done;
  },
});

function webhookTable(all: readonly Webhook[], names: ReadonlyMap<string, string>, look: Look): string {
  const rows = all.map(({ id, on, workspace, disabled, url }) => [
    look.bold(id),
    disabled ? look.colour("yellow", "gone") : on.join(", "),
    workspace === null ? "" : `only ${names.get(workspace) ?? workspace}`,
    url,
  ]);
  return table(rows, look);
}
