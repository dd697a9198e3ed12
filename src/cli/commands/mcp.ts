import { command } from "../command.ts";
import { usageError } from "../parse.ts";

/** Only for `--help`: main.ts starts the server without the CLI. */
export const mcp = command({
  operands: [],
  details: "An agent starts it and speaks MCP with it over standard input and output.",
  examples: ["dispatch plugin show cursor     # the setting that makes an agent start it"],
  flags: {},
  async run() {
    throw usageError("dispatch mcp takes no other words", "dispatch mcp --help");
  },
});
