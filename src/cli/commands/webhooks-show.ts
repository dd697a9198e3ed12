import { command } from "../command.ts";
import { deliveryLine } from "../delivery-words.ts";
import { EXIT } from "../exit.ts";

export const webhooksShow = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("listDeliveries", { webhook: operands[0]! }, {});
    await output.show(answer, ({ deliveries }) =>
      deliveries.length === 0
        ? "Nothing was sent yet."
        : deliveries.map((each) => deliveryLine(each, Date.now())).join("\n"),
    );
    return EXIT.done;
  },
});
