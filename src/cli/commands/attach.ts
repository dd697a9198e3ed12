import { isatty } from "node:tty";
import { homeFiles } from "../../base/home.ts";
import { DispatchError } from "../../base/error.ts";
import { TerminalVisit, type VisitEnd } from "../../client/terminal.ts";
import { hasAgent } from "../../core/run.ts";
import { visible } from "../../core/visible.ts";
import type { Outside } from "../../protocol/outside.ts";
import type { Session } from "../../protocol/session.ts";
import { DetachKeys } from "../attach/detach-keys.ts";
import { OwnTerminal } from "../attach/own-terminal.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { resumeSession } from "../resume-session.ts";
import { sessionName } from "../session-words.ts";

export const attach = command({
  operands: ["ID"],
  details:
    "ctrl-\\ d leaves it, and it goes on; ctrl-\\ twice sends one. Several may sit at one terminal: it has the size of the last who typed.",
  flags: {},
  async run(context, { operands }) {
    const session = await sessionOf(context, operands[0]!);
    const first = await visit(context, session);
    // A host that died is missed a moment later; by then its agent can be brought back.
    const isMissed = first.end === "gone" && !first.wasSeen;
    const end = isMissed ? await visit(context, await sessionOf(context, session.id)) : first;
    const name = visible(sessionName(session));
    switch (end.end) {
      case "left":
        await context.output.raw(`Left ${name}, which goes on. Back to it: dispatch attach ${session.id}\n`);
        return EXIT.done;
      case "exited":
        await context.output.raw(`The agent of ${name} has ended${codeText(end.exitCode)}.\n`);
        return EXIT.done;
      case "gone":
        throw new DispatchError("conflict", `${name} cannot be seen any more: ${end.reason}`, {
          hint: `dispatch session resume ${session.id}`,
        });
    }
  },
});

function codeText(exitCode: number | null): string {
  return exitCode === null || exitCode === 0 ? "" : ` with exit code ${exitCode}`;
}

/** The session, with an agent. @throws DispatchError where there is no terminal, here or there */
async function sessionOf(context: Context, ref: string): Promise<Session> {
  const { session } = await context.client.call("getSession", { session: ref }, {});
  if (session.outside !== null)
    throw new DispatchError("conflict", `${sessionName(session)} is in a terminal outside of Dispatch`, {
      hint: placeOf(session.outside) ?? `dispatch tell ${session.id} <message>`,
    });
  if (session.kind !== "terminal")
    throw new DispatchError("conflict", `${sessionName(session)} is not in a terminal`, {
      hint: `dispatch logs ${session.id} -f`,
    });
  if (!isatty(0) || !isatty(1))
    throw new DispatchError("invalid", "attach needs a terminal, and this is none", {
      hint: `dispatch screen ${session.id}`,
    });
  return hasAgent(session) ? session : await resumeSession(context, session.id);
}

/** How a person gets to a pane of tmux. */
function placeOf({ pane }: Outside): string | null {
  return pane && `tmux -S ${pane.server} attach-session -t ${pane.address.split(":")[0]}`;
}

async function visit({ local, client, interrupted }: Context, { id }: Session): Promise<VisitEnd> {
  const terminal = new OwnTerminal();
  const keys = new DetachKeys();
  const visiting = new TerminalVisit({
    socket: homeFiles(local.home).socket,
    session: id,
    size: terminal.size,
    show: (bytes) => terminal.show(bytes),
    isAlive: async () => hasAgent((await client.call("getSession", { session: id }, {})).session),
  });
  interrupted.addEventListener("abort", () => visiting.leave(), { once: true });
  terminal.lend({
    typed(bytes) {
      const { text, leaves } = keys.read(bytes.toString("latin1"));
      if (text !== "") visiting.type(Buffer.from(text, "latin1"));
      if (leaves) visiting.leave();
    },
    resized: () => visiting.resize(terminal.size),
  });
  try {
    return await visiting.last();
  } finally {
    terminal.restore();
  }
}
