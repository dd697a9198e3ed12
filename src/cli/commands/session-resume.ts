import { command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { resumeSession } from "../resume-session.ts";
import { sessionName } from "../session-words.ts";

export const sessionResume = command({
  operands: ["ID"],
  details: "A message does so too: dispatch tell.",
  flags: {},
  async run(context, { operands }) {
    const session = await resumeSession(context, operands[0]!);
    await context.output.show({ session }, (view) => `${sessionName(view.session)} goes on.`);
    return EXIT.done;
  },
});
