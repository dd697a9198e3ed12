import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const scheduleOff = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("changeSchedule", { schedule: operands[0]! }, { enabled: false });
    await output.show(answer, ({ schedule }) => `${schedule.name} is off.`);
    return EXIT.done;
  },
});
