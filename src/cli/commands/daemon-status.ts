import { daemonHealth } from "../../client/local.ts";
import { command } from "../command.ts";
import { healthText } from "../daemon-words.ts";
import { EXIT } from "../exit.ts";

export const daemonStatus = command({
  operands: [],
  details: "Starts nothing. Exit code 6 when the daemon is not running.",
  flags: {},
  async run({ local, output }) {
    const health = await daemonHealth(local);
    await output.show(health, healthText);
    return health ? EXIT.done : EXIT.noDaemon;
  },
});
