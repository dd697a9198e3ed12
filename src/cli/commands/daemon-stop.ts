import { stopDaemon } from "../../client/daemon.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const daemonStop = command({
  operands: [],
  flags: {},
  async run({ local, output }) {
    const stopped = await stopDaemon(local);
    await output.show({ stopped }, (view) =>
      view.stopped ? "The daemon is stopped. Workers go on." : "The daemon was not running.",
    );
    return EXIT.done;
  },
});
