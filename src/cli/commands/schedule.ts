import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { scheduleTable } from "../schedule-words.ts";

export const schedule = command({
  operands: [],
  flags: {},
  async run({ client, output }) {
    await output.show(await client.call("listSchedules", {}, {}), ({ schedules }, look) =>
      schedules.length === 0
        ? 'No schedules: dispatch schedule add "0 9 * * 1-5" <text>'
        : scheduleTable(schedules, look),
    );
    return EXIT.done;
  },
});
