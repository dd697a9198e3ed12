import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const note = command({
  operands: ["ID", "TEXT…"],
  flags: {},
  async run({ client, output }, { operands }) {
    const [task = "", ...words] = operands;
    const noted = await client.call("noteTask", { task }, { text: words.join(" ") });
    await output.show(noted, ({ task }) => `Noted for ${task.slug}.`);
    return EXIT.done;
  },
});
