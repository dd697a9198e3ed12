import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { stateWord } from "../task-words.ts";

export const cancel = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("cancelTask", { task: operands[0]! }, {});
    await output.show(answer, ({ task }) => `${task.slug}: ${stateWord(task)}. Its files stay.`);
    return EXIT.done;
  },
});
