import { callerEnvironment } from "../../client/environment.ts";
import { quote } from "../../core/quote.ts";
import type { Session } from "../../protocol/session.ts";
import type { Task } from "../../protocol/task.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { usageError } from "../parse.ts";
import { resumeSession } from "../resume-session.ts";
import { findSubject } from "../subject.ts";

interface Resumed {
  tasks: Task[];
  sessions: Session[];
  /** What people call each session, by its id. */
  called: Record<string, string>;
}

export const resume = command({
  operands: ["[ID]"],
  details: "ID is a task or a session.",
  flags: {
    all: { help: "all that lost their agent, as when the machine went down, and all that wait for a limit" },
  },
  async run(context, { operands: [ref], flags }) {
    if ((ref === undefined) !== (flags.all === true))
      throw usageError("resume needs an ID, or --all", "dispatch resume --help");
    const resumed = ref === undefined ? await resumeAll(context) : await resumeOne(context, ref);
    await context.output.show(resumed, resumedText);
    return EXIT.done;
  },
});

async function resumeAll({ client, environment }: Context): Promise<Resumed> {
  return await client.call("resumeAll", {}, { environment: callerEnvironment(environment) });
}

async function resumeOne(context: Context, ref: string): Promise<Resumed> {
  const { client, environment } = context;
  const subject = await findSubject(client, ref, ["task", "session", "sweep"]);
  if (subject.kind === "sweep")
    throw usageError(
      `${ref} is a sweep`,
      `dispatch retry ${quote(ref)} starts what failed of it, dispatch resume --all what was lost`,
    );
  if (subject.kind === "session") {
    const { session, called } = subject.detail;
    return {
      tasks: [],
      sessions: [await resumeSession(context, session.id)],
      called: { [session.id]: called },
    };
  }
  const body = { environment: callerEnvironment(environment) };
  const { task } = await client.call("resumeTask", { task: subject.detail.task.id }, body);
  return { tasks: [task], sessions: [], called: {} };
}

function resumedText({ tasks, sessions, called }: Resumed): string {
  const names = [...tasks.map(({ slug }) => slug), ...sessions.map(({ id }) => called[id]!)];
  return names.length === 0 ? "Nothing to resume." : names.map((name) => `${name} goes on.`).join("\n");
}
