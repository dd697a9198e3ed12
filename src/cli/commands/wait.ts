import type { TaskId } from "../../protocol/id.ts";
import { command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { nextHappening, nothingHappened } from "../happening.ts";
import { showHappening } from "../happening-words.ts";
import { findSubject, type Subject } from "../subject.ts";
import { nextOfSweep } from "../sweep-happening.ts";
import { showSweepHappening } from "../sweep-words.ts";
import { FOR_FLAG, listenerOf } from "../listener.ts";
import { showNotices } from "../notice-wait.ts";
import { nextRest } from "../session-wait.ts";
import { showRest } from "../session-wait-words.ts";
import { usageError } from "../parse.ts";

type Waited = Subject<"task" | "sweep" | "session">;

/** A session without a task: one that has one ends with it, and is waited for as that. */
function isAlone(subject: Waited): subject is Extract<Waited, { kind: "session" }> {
  return subject.kind === "session" && subject.detail.session.task === null;
}

function taskIn({ kind, detail }: Waited): TaskId[] {
  if (kind === "task") return [detail.task.id];
  return kind === "session" && detail.session.task !== null ? [detail.session.task] : [];
}

export const wait = command({
  operands: ["[ID…]"],
  details: [
    "Without an ID it waits for whatever comes first of all tasks (so does --any). What waits already counts;",
    "a flag that is reported is taken off the list. Of a sweep: at the next question, approval or flag, or when",
    "nothing of it goes on by itself any more. Of a session: when its agent is idle, or waits for its person. With --for it is what an agent's session was not told yet of the",
    "tasks that it handed over, each once, also what happened before.",
    "Exit code: 0 done, 1 failed (or nothing happened in time), 4 waits for a person.",
  ].join("\n"),
  flags: {
    any: { help: "of all tasks, whatever comes first" },
    for: FOR_FLAG,
    timeout: { value: "DURATION", help: "give up after this time, such as 10m" },
  },
  async run(context, { operands, flags }) {
    if (flags.any && operands.length > 0)
      throw usageError("--any goes without an ID", "dispatch wait --help");
    const timeoutMs = flags.timeout === undefined ? null : parseDuration(flags.timeout);
    if (flags.for !== undefined) {
      if (operands.length > 0) throw usageError("--for goes without an ID", "dispatch wait --help");
      const end = timeoutMs === null ? null : Date.now() + timeoutMs;
      const code = await showNotices(context, { caller: listenerOf(flags.for, context.environment), end });
      if (code === null) throw nothingHappened(flags.timeout ?? "the time");
      return code;
    }
    const find = (id: string) => findSubject(context.client, id, ["task", "sweep", "session"]);
    const found = await Promise.all(operands.map(find));
    const late = nothingHappened(flags.timeout ?? "the time");
    const sweep = found.flatMap(({ kind, detail }) => (kind === "sweep" ? detail.sweep.id : []))[0];
    if (sweep !== undefined) {
      if (found.length > 1) throw usageError("a sweep is waited for by itself", "dispatch wait --help");
      const happened = await nextOfSweep(context, sweep, timeoutMs);
      if (!happened && !context.interrupted.aborted) throw late;
      return await showSweepHappening(context, happened);
    }
    const session = found.flatMap((each) => (isAlone(each) ? each.detail : []))[0];
    if (session !== undefined) {
      if (found.length > 1) throw usageError("a session is waited for by itself", "dispatch wait --help");
      const rested = await nextRest(context, session, timeoutMs);
      if (!rested && !context.interrupted.aborted) throw late;
      return await showRest(context, rested);
    }
    const tasks = found.flatMap(taskIn);
    const happened = await nextHappening(context, { tasks: found.length === 0 ? null : tasks, timeoutMs });
    if (!happened && !context.interrupted.aborted) throw late;
    return await showHappening(context, happened);
  },
});
