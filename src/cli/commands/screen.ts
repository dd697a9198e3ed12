import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const screen = command({
  operands: ["ID"],
  details: "As text, without colours. To sit down at it: dispatch attach.",
  flags: {},
  async run({ client, output }, { operands }) {
    const shown = await client.call("getScreen", { session: operands[0]! }, {});
    await output.show(shown, ({ lines }) => lines.join("\n").trimEnd());
    return EXIT.done;
  },
});
