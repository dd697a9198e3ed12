import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { sessionText } from "../session-words.ts";

export const sessionShow = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const detail = await client.call("getSession", { session: operands[0]! }, {});
    await output.show(detail, (view, look) => sessionText(view, look, Date.now()));
    return EXIT.done;
  },
});
