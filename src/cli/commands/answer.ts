import { callingSession } from "../../client/calling-session.ts";
import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const answer = command({
  operands: ["ID", "TEXT…"],
  flags: { question: { value: "ID", help: "which question, where the task asks several" } },
  async run(context, { operands, flags }) {
    const { client, output } = context;
    const [task = "", ...words] = operands;
    const body = {
      text: words.join(" "),
      ...callingSession(context),
      ...(flags.question === undefined ? {} : { question: flags.question }),
    };
    await output.show(
      await client.call("answerTask", { task }, body),
      (answered) => `Answered ${answered.task.slug}. It goes on.`,
    );
    return EXIT.done;
  },
});
