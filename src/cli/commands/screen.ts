import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";

export const screen = command({
  operands: ["ID"],
  details: "As text, without colours. To sit down at it: dispatch attach.",
  examples: ["dispatch screen api", "dispatch screen api --history | tail -n 100"],
  flags: { history: { help: "also what has left the screen at its top" } },
  async run({ client, output }, { operands, flags }) {
    const query = flags.history ? { history: "true" } : {};
    const shown = await client.call("getScreen", { session: operands[0]! }, query);
    if (shown.left > 0) reportNotice(`${shown.left} older lines are left out`);
    await output.show(shown, ({ above, lines }) => [...above, ...lines].join("\n").trimEnd());
    return EXIT.done;
  },
});
