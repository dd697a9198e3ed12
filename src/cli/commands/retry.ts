import { callerEnvironment } from "../../client/environment.ts";
import type { CallInput } from "../../protocol/api.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { parseCount } from "../page.ts";
import { usageError } from "../parse.ts";
import { LEVEL_FLAG } from "../thinking.ts";

export const retry = command({
  operands: ["ID"],
  details: "Ticks are kept: the next attempt starts at the first open item.",
  flags: {
    model: { value: "NAME", help: "use another model", short: "m" },
    thinking: LEVEL_FLAG,
    save: { help: "make --model the default from now on (the workspace's, where that chose the model)" },
    skip: { value: "ITEM", help: "leave out this item of the plan, by its number" },
    budget: { value: "AMOUNT", help: "what it may use from here on, such as $5 or 200ktok" },
    fresh: { help: "start over, with an empty plan" },
  },
  async run({ client, output, environment }, { operands, flags }) {
    const body: CallInput<"retryTask"> = { environment: callerEnvironment(environment) };
    if (flags.model !== undefined) body.model = flags.model;
    if (flags.thinking !== undefined)
      body.thinking = flags.thinking === "default" ? null : (flags.thinking as Thinking);
    if (flags.save) {
      if (flags.model === undefined)
        throw usageError("--save needs --model", "dispatch models default <name>");
      body.save = true;
    }
    if (flags.skip !== undefined) body.skip = parseCount(flags.skip, "--skip");
    if (flags.budget !== undefined) body.budget = flags.budget;
    if (flags.fresh !== undefined) body.fresh = flags.fresh;
    const answer = await client.call("retryTask", { task: operands[0]! }, body);
    for (const notice of answer.notices) reportNotice(notice);
    await output.show(
      answer,
      ({ task }) => `Attempt ${task.attempt} of ${task.slug} using ${task.model.name}.`,
    );
    return EXIT.done;
  },
});
