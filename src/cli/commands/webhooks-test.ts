import { command } from "../command.ts";
import { deliveryLine } from "../delivery-words.ts";
import { EXIT } from "../exit.ts";

export const webhooksTest = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("testWebhook", { webhook: operands[0]! }, {});
    await output.show(answer, ({ delivery }) => deliveryLine(delivery, Date.now()));
    return answer.delivery.state === "delivered" ? EXIT.done : EXIT.failed;
  },
});
