import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { reportText } from "../sweep-words.ts";

/** From the evening to the morning. */
const DEFAULT_SINCE = "16h";

export const summary = command({
  operands: ["[SWEEP]"],
  details:
    "What happened, what to merge, what needs you, what it cost and how long it took: of a sweep, or of late.",
  flags: {
    since: { value: "DURATION", help: `how far back to look, without a sweep (default: ${DEFAULT_SINCE})` },
  },
  async run({ client, output }, { operands, flags }) {
    const [sweep] = operands;
    const since = Date.now() - parseDuration(flags.since ?? DEFAULT_SINCE);
    const report =
      sweep === undefined
        ? await client.call("getReport", {}, { since })
        : await client.call("getSweep", { sweep }, {});
    await output.show(report, reportText);
    return EXIT.done;
  },
});
