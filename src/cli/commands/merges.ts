import type { CallInput } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { mergeCell, mergeNote, targetText } from "../merge-words.ts";
import { table } from "../output.ts";
import { pageInput, PAGE_FLAGS, pageNote } from "../page.ts";

const STATES = ["open", "ended", "all"] as const;

export const merges = command({
  operands: [],
  flags: {
    state: { value: "STATE", choices: STATES, help: "only merges that are open, or that have ended" },
    ...PAGE_FLAGS,
  },
  async run({ client, output }, { flags }) {
    const input: CallInput<"listMerges"> = pageInput(flags);
    if (flags.state !== undefined) input.state = flags.state as (typeof STATES)[number];
    const now = Date.now();
    await output.show(await client.call("listMerges", {}, input), ({ merges, next }, look) => {
      const rows = merges.map((merge) => [
        look.bold(merge.slug),
        targetText(merge),
        mergeCell(merge, look),
        formatDuration(now - merge.status.since),
        mergeNote(merge),
      ]);
      return rows.length === 0 ? "No merges." : table(rows, look) + pageNote("merges", next);
    });
    return EXIT.done;
  },
});
