import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const configPath = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    const { path } = await client.call("getConfig", {}, {});
    await output.show({ path }, (view) => view.path);
    return EXIT.done;
  },
});
