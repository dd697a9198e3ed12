import { homeFiles } from "../base/home.ts";
import { startDaemon } from "../client/local.ts";
import { followStream, type StreamItem } from "../client/stream.ts";
import type { Attention } from "../protocol/attention.ts";
import type { Task } from "../protocol/task.ts";
import { allTasks } from "./all-tasks.ts";
import { attentionRows } from "./attention-words.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import { cut, indent, type Look } from "./output.ts";
import { isEnded, planText, progress, stateCell, stateSentence } from "./task-words.ts";
import { visibleAll } from "./visible.ts";

/** What is shown: the tasks that are watched, and what waits for a person. */
interface View {
  tasks: Map<string, Task>;
  attention: Attention;
}

/**
 * Shows one task, or all that are open, as they change; ends when the one task has ended.
 * On a terminal the picture is drawn over the last one; else each change is a line.
 */
export async function watchTasks(context: Context, id: string | null): Promise<number> {
  const only = id === null ? null : (await context.client.call("getTask", { task: id }, {})).task.id;
  await context.client.call("health", {}, {});
  const screen = new Screen(context);
  const view: View = { tasks: new Map(), attention: { questions: [], approvals: [], flags: [] } };
  const standing = Promise.withResolvers<void>();
  const over = new AbortController();
  const stream = followStream({
    socket: homeFiles(context.local.home).socket,
    topics: ["tasks", "attention"],
    signal: AbortSignal.any([context.interrupted, over.signal]),
    subscribed: () => standing.resolve(),
    revive: () => startDaemon(context.local),
  });
  let next = stream.next();
  await Promise.race([standing.promise, next]);
  await readView(context, only, view);
  await screen.draw(view);
  while (!isOver(view, only)) {
    const item = await next;
    if (item.done) return EXIT.interrupted;
    if (item.value.type === "reset") await readView(context, only, view);
    else if (!apply(view, item.value, only)) {
      next = stream.next();
      continue;
    }
    await screen.change(item.value, view);
    next = stream.next();
  }
  over.abort(); // not `stream.return`, which would wait for the event that was asked for
  await next;
  const last = only === null ? undefined : view.tasks.get(only);
  return !last || last.status.state === "completed" ? EXIT.done : EXIT.failed;
}

function isOver(view: View, only: string | null): boolean {
  const task = only === null ? undefined : view.tasks.get(only);
  return task !== undefined && isEnded(task);
}

async function readView(context: Context, only: string | null, view: View): Promise<void> {
  view.attention = await context.client.call("getAttention", {}, {});
  const tasks =
    only === null
      ? await allTasks(context.client, "open")
      : [(await context.client.call("getTask", { task: only }, {})).task];
  view.tasks = new Map(tasks.map((task) => [task.id, task]));
}

/** Takes an event into the view; false when it changes nothing of it. */
function apply(view: View, item: Extract<StreamItem, { type: "event" }>, only: string | null): boolean {
  const { event } = item;
  const wanted = (task: string | null) => only === null || task === only;
  const { attention } = view;
  switch (event.type) {
    case "task":
      if (!wanted(event.task.id)) return false;
      view.tasks.set(event.task.id, event.task);
      return true;
    case "question":
      attention.questions = replaced(
        attention.questions,
        event.question,
        event.question.status.state === "open",
      );
      return wanted(event.question.task);
    case "approval":
      attention.approvals = replaced(
        attention.approvals,
        event.approval,
        event.approval.status.state === "open",
      );
      return wanted(event.approval.task);
    case "flag":
      attention.flags = replaced(attention.flags, event.flag, event.flag.seenAt === null);
      return wanted(event.flag.task);
    case "workspace":
    case "session":
    case "transcript":
      return false;
  }
}

function replaced<T extends { id: string }>(list: readonly T[], item: T, waits: boolean): T[] {
  const others = list.filter((each) => each.id !== item.id);
  return waits ? [...others, item] : others;
}

/** Where the view is drawn. */
class Screen {
  readonly #context: Context;
  #height = 0;
  #told = new Map<string, string>();

  constructor(context: Context) {
    this.#context = context;
  }

  async draw(view: View): Promise<void> {
    const { output } = this.#context;
    if (output.json || !output.look.terminal) {
      for (const task of view.tasks.values()) await this.#tell(task);
      return;
    }
    const lines = fit(viewText(visibleAll(view), output.look), output.look.width);
    const up = this.#height === 0 ? "" : `\u001b[${this.#height}A`;
    await output.raw(`${up}\u001b[0J${lines.join("\n")}\n`);
    this.#height = lines.length;
  }

  async change(item: StreamItem, view: View): Promise<void> {
    const { output } = this.#context;
    if (output.json) return output.stream(item, () => "");
    if (output.look.terminal || item.type === "reset") return this.draw(view);
    if (item.event.type === "task") return this.#tell(item.event.task);
    const rows = attentionRows(view.attention, [...view.tasks.values()]);
    const last = rows.at(-1);
    if (last) await output.stream(last, (row) => `${row.text} (${row.next})`);
  }

  /** A line for a task whose state or progress is new. */
  async #tell(task: Task): Promise<void> {
    const { output } = this.#context;
    const text = `${stateSentence(task, null, task.status.since)} ${progress(task.plan)}`;
    if (this.#told.get(task.id) === text && !output.json) return;
    this.#told.set(task.id, text);
    await output.stream({ type: "task", task }, ({ task }, look) =>
      [task.slug, stateCell(task, look), progress(task.plan)].filter((cell) => cell !== "").join("  "),
    );
  }
}

function viewText(view: View, look: Look): string {
  const tasks = [...view.tasks.values()];
  const shown =
    tasks.length === 0 ? "Nothing runs." : tasks.map((task) => taskPicture(task, look)).join("\n\n");
  const rows = attentionRows(view.attention, tasks);
  if (rows.length === 0) return shown;
  const waiting = rows.map((row) => `${row.text}\n  ${look.dim(row.next)}`).join("\n");
  return `${shown}\n\n${look.colour("yellow", "Needs you")}\n${indent(waiting)}`;
}

function taskPicture(task: Task, look: Look): string {
  const head = `${look.bold(task.slug)}  ${stateCell(task, look)}  ${look.dim(task.model.name)}  ${progress(task.plan)}`;
  return task.plan.items.length === 0 ? head : `${head}\n${indent(planText(task.plan, look))}`;
}

/** One row of the terminal for each line, so that the height of the picture is known. */
function fit(text: string, width: number): string[] {
  return text.split("\n").map((line) => {
    if (Bun.stringWidth(line) <= width) return line;
    const inset = /^\s*/.exec(Bun.stripANSI(line))![0];
    return inset + cut(Bun.stripANSI(line), width - inset.length);
  });
}
