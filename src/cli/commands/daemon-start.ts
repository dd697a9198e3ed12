import { startDaemon } from "../../client/daemon.ts";
import { daemonHealth } from "../../client/local.ts";
import { command } from "../command.ts";
import { healthText } from "../daemon-words.ts";
import { EXIT } from "../exit.ts";

export const daemonStart = command({
  operands: [],
  flags: {},
  async run({ local, output }) {
    if (!(await daemonHealth(local))) await startDaemon(local);
    await output.show(await daemonHealth(local), healthText);
    return EXIT.done;
  },
});
