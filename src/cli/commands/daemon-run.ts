import { command } from "../command.ts";
import { usageError } from "../parse.ts";

/** Only for `--help`: main.ts starts the daemon's process without the CLI. */
export const daemonRun = command({
  operands: [],
  details: 'Stays in the foreground and writes its log to standard error; says "ready" on standard output.',
  flags: {},
  async run() {
    throw usageError("dispatch daemon run takes no other words before it", "dispatch daemon run");
  },
});
