import { callingSession } from "../../client/calling-session.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const note = command({
  operands: ["ID", "TEXT…"],
  flags: {},
  async run(context, { operands }) {
    const { client, output } = context;
    const [task = "", ...words] = operands;
    const noted = await client.call(
      "noteTask",
      { task },
      {
        text: words.join(" "),
        ...callingSession(context),
      },
    );
    await output.show(noted, ({ task }) => `Noted for ${task.slug}.`);
    return EXIT.done;
  },
});
