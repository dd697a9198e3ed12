import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { nextHappening, nothingHappened } from "../happening.ts";
import { showHappening } from "../happening-words.ts";
import { usageError } from "../parse.ts";

export const wait = command({
  operands: ["[ID…]"],
  details: [
    "Without an ID it waits for whatever comes first of all tasks (so does --any). What waits already counts;",
    "a flag that is reported is taken off the list.",
    "Exit code: 0 done, 1 failed (or nothing happened in time), 4 waits for a person.",
  ].join("\n"),
  flags: {
    any: { help: "of all tasks, whatever comes first" },
    timeout: { value: "DURATION", help: "give up after this time, such as 10m" },
  },
  async run(context, { operands, flags }) {
    if (flags.any && operands.length > 0)
      throw usageError("--any goes without an ID", "dispatch wait --help");
    const details = await Promise.all(operands.map((id) => context.client.call("getTask", { task: id }, {})));
    const timeoutMs = flags.timeout === undefined ? null : parseDuration(flags.timeout);
    const happened = await nextHappening(context, {
      tasks: operands.length === 0 ? null : details.map(({ task }) => task.id),
      timeoutMs,
    });
    if (!happened && !context.interrupted.aborted) throw nothingHappened(flags.timeout ?? "the time");
    return await showHappening(context, happened);
  },
});
