import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { ruleLine } from "../rule-words.ts";

export const rulesRemove = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("removeRule", { rule: operands[0]! }, {});
    await output.show(answer, ({ rule }) => `Removed: ${ruleLine(rule)}`);
    return EXIT.done;
  },
});
