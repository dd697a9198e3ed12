import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const config = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("getConfig", {}, {}), ({ text }) => text);
    return EXIT.done;
  },
});
