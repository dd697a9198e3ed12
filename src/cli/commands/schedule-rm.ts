import { command } from "../command.ts";
import { EXIT } from "../exit.ts";

export const scheduleRemove = command({
  operands: ["ID"],
  flags: {},
  async run({ client, output }, { operands }) {
    const answer = await client.call("removeSchedule", { schedule: operands[0]! }, {});
    await output.show(answer, ({ schedule }) => `${schedule.name} is forgotten.`);
    return EXIT.done;
  },
});
