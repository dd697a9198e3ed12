import { startDaemon, stopDaemon } from "../../client/daemon.ts";
import { daemonHealth } from "../../client/local.ts";
import { command } from "../command.ts";
import { healthText } from "../daemon-words.ts";
import { EXIT } from "../exit.ts";

export const daemonRestart = command({
  operands: [],
  flags: {},
  async run({ local, output }) {
    await stopDaemon(local);
    await startDaemon(local);
    await output.show(await daemonHealth(local), healthText);
    return EXIT.done;
  },
});
