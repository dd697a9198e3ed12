import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const configSet = command({
  operands: ["KEY", "VALUE"],
  details: 'A value that reads as JSON (true, 5, ["a"]) is taken as such, anything else as text.',
  examples: ["dispatch config set default opus", "dispatch config set limits.concurrent 4"],
  flags: {},
  async run({ client, output }, { operands }) {
    const [key = "", text = ""] = operands;
    await output.show(
      await client.call("setConfig", {}, { key, value: valueOf(text) }),
      ({ path }) => `Set ${key} in ${path}.`,
    );
    return EXIT.done;
  },
});

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
