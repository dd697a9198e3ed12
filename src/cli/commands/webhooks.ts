import type { Webhook } from "../../protocol/webhook.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";

export const webhooks = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("listWebhooks", {}, {}), (answer, look) =>
      answer.webhooks.length === 0
        ? "No webhooks: dispatch webhooks add <url>"
        : webhookTable(answer.webhooks, look),
    );
    return EXIT.done;
  },
});

function webhookTable(all: readonly Webhook[], look: Look): string {
  const rows = all.map(({ id, on, disabled, url }) => [
    look.bold(id),
    disabled ? look.colour("yellow", "gone") : on.join(", "),
    url,
  ]);
  return table(rows, look);
}
