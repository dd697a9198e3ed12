import type { Session } from "../../protocol/session.ts";
import { command } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit.ts";
import { type Look, table } from "../output.ts";
import { PAGE_FLAGS, pageInput, pageNote } from "../page.ts";

export const sessions = command({
  operands: [],
  flags: PAGE_FLAGS,
  async run({ client, output }, { flags }) {
    const answer = await client.call("listSessions", {}, pageInput(flags));
    await output.show(answer, ({ sessions, next }, look) =>
      sessions.length === 0 ? "No sessions." : sessionTable(sessions, look) + pageNote("sessions", next),
    );
    return EXIT.done;
  },
});

function sessionTable(sessions: Session[], look: Look): string {
  const now = Date.now();
  return table(
    sessions.map((session) => [
      session.id,
      stateText(session),
      session.agent,
      formatDuration(now - session.updatedAt),
      session.folder,
    ]),
    look,
  );
}

function stateText({ status }: Session): string {
  if (status.state === "busy" && status.waiting) return `waits: ${status.waiting}`;
  return status.state;
}
