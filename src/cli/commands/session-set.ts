import type { CallInput } from "../../protocol/api.ts";
import type { Thinking } from "../../protocol/thinking.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { reportNotice } from "../failure.ts";
import { usageError } from "../parse.ts";
import { sessionText } from "../session-words.ts";
import { LEVEL_FLAG } from "../thinking.ts";

export const sessionSet = command({
  operands: ["ID"],
  details:
    "From the next turn on. A conversation stays with its agent, so the model is another one of that agent.",
  examples: ["dispatch session set api --model opus --thinking high"],
  flags: { model: { value: "NAME", help: "the model to use", short: "m" }, thinking: LEVEL_FLAG },
  async run({ client, output }, { operands: [session = ""], flags }) {
    const { model, thinking } = flags;
    if (model === undefined && thinking === undefined)
      throw usageError("nothing is set: --model or --thinking is missing", "dispatch session set --help");
    const change: CallInput<"changeSession"> = {};
    if (model !== undefined) change.model = model;
    if (thinking !== undefined) change.thinking = thinking === "default" ? null : (thinking as Thinking);
    const { session: changed, notices } = await client.call("changeSession", { session }, change);
    for (const notice of notices) reportNotice(notice);
    const detail = await client.call("getSession", { session: changed.id }, {});
    await output.show(detail, (view, look) => sessionText(view, look, Date.now()));
    return EXIT.done;
  },
});
