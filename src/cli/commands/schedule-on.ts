import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { nextText } from "../schedule-words.ts";

export const scheduleOn = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("changeSchedule", { schedule: operands[0]! }, { enabled: true });
    await output.show(answer, ({ schedule }) => `${schedule.name} begins ${nextText(schedule)}.`);
    return EXIT.done;
  },
});
