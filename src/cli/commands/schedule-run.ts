import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { lastText } from "../schedule-words.ts";

export const scheduleRun = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("runSchedule", { schedule: operands[0]! }, {});
    await output.show(answer, ({ schedule }) => `${schedule.name}: ${lastText(schedule)}.`);
    return answer.schedule.last?.outcome.type === "failed" ? EXIT.failed : EXIT.done;
  },
});
