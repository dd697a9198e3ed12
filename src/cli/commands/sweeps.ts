import type { CallAnswer } from "../../protocol/api.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";
import { pageInput, PAGE_FLAGS, pageNote } from "../page.ts";

export const sweeps = command({
  operands: [],
  details: "A sweep is what was handed over together; its name goes wherever a task's does that takes it.",
  flags: PAGE_FLAGS,
  async run({ client, output }, { flags }) {
    await output.show(await client.call("listSweeps", {}, pageInput(flags)), sweepsText);
    return EXIT.done;
  },
});

function sweepsText({ sweeps, next }: CallAnswer<"listSweeps">, look: Look): string {
  if (sweeps.length === 0) return "No sweeps.";
  const rows = sweeps.map(({ sweep, states }) => [
    look.bold(sweep.slug),
    Object.entries(states)
      .map(([state, count]) => `${count} ${state}`)
      .join(", "),
    formatDuration(Date.now() - sweep.createdAt),
    sweep.title,
  ]);
  return table(rows, look) + pageNote("sweeps", next);
}
