import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const sweepsBudget = command({
  operands: ["ID", "MORE…"],
  details:
    "MORE is beyond what is used by now: $5, 200ktok, 2h, +50%, no limit; or stop, which ends what is left.",
  examples: ["dispatch sweeps budget launch '$10'", "dispatch sweeps budget launch stop"],
  flags: {},
  async run({ client, output }, { operands }) {
    const [sweep = "", ...words] = operands;
    const more = words.join(" ");
    const answer = await client.call("setSweepBudget", { sweep }, { more });
    await output.show(answer, (view) =>
      more.trim() === "stop" ? `${view.sweep.slug} is stopped.` : `${view.sweep.slug} goes on.`,
    );
    return EXIT.done;
  },
});
