import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const webhooksRemove = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("removeWebhook", { webhook: operands[0]! }, {});
    await output.show(answer, ({ webhook }) => `${webhook.url} is told no more.`);
    return EXIT.done;
  },
});
