import type { StreamItem } from "../client/stream.ts";
import { isEnded } from "../core/run.ts";
import type { Attention } from "../protocol/attention.ts";
import type { Event } from "../protocol/event.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Task } from "../protocol/task.ts";
import { everyTask } from "../client/every.ts";
import { attentionRows } from "./attention-words.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import { follow } from "./follow.ts";
import { cut, indent, type Look } from "./output.ts";
import { findSubject, type Subject } from "./subject.ts";
import { isSettled } from "./sweep-happening.ts";
import { failure, NO_WAIT, planText, progress, stateCell, stateSentence } from "./task-words.ts";
import { visibleAll } from "./visible.ts";
import { changesBlockers, NOTHING, ofTask, withEvent } from "./watch/attention-list.ts";

/** What is shown: the tasks that are watched, and what waits for a person. */
interface View {
  tasks: Map<string, Task>;
  attention: Attention;
}

/** The task or the sweep to which the view is closed. */
type Only = Subject<"task" | "sweep">;

/**
 * Shows a task, the tasks of a sweep, or all that are open, as they change; ends when the task has ended, or nothing of
 * the sweep goes on by itself. On a terminal the picture is drawn over the last one; else each change is a line.
 */
export async function watchTasks(context: Context, ref: string | null): Promise<number> {
  const only = ref === null ? null : await findSubject(context.client, ref, ["task", "sweep"]);
  const isOver = only?.kind === "sweep" ? isSettled : isEnded;
  const screen = new Screen(context);
  let view: View = { tasks: new Map(), attention: NOTHING };
  for await (const item of follow(context, ["tasks", "attention"], context.interrupted)) {
    if (item.type === "reset") view = await readView(context, only);
    else if (!(await apply(context, view, { event: item.event, only }))) continue;
    await screen.change(item, view);
    const tasks = [...view.tasks.values()];
    if (only && tasks.every(isOver))
      return tasks.every(({ status }) => status.state === "completed") ? EXIT.done : EXIT.failed;
  }
  return EXIT.interrupted;
}

async function readView(context: Context, only: Only | null): Promise<View> {
  const attention = await readAttention(context, only);
  const tasks = await readTasks(context, only);
  return { tasks: new Map(tasks.map((task) => [task.id, task])), attention };
}

async function readAttention({ client }: Context, only: Only | null): Promise<Attention> {
  if (only?.kind === "sweep")
    return (await client.call("getSweep", { sweep: only.detail.sweep.id }, {})).attention;
  const attention = await client.call("getAttention", {}, {});
  return only === null ? attention : ofTask(attention, only.detail.task.id);
}

async function readTasks({ client }: Context, only: Only | null): Promise<Task[]> {
  if (only === null) return await everyTask(client, { state: "open" });
  if (only.kind === "task") return [(await client.call("getTask", { task: only.detail.task.id }, {})).task];
  const { tasks } = await client.call("getSweep", { sweep: only.detail.sweep.id }, {});
  return tasks.map(({ task }) => task);
}

/** Takes an event into the view; false when it changes nothing of it. No other tasks come into one that shows `only` some. */
async function apply(
  context: Context,
  view: View,
  { event, only }: { event: Event; only: Only | null },
): Promise<boolean> {
  const task = taskOf(event);
  if (task === undefined || (only !== null && !view.tasks.has(task ?? ""))) return false;
  view.attention = withEvent(view.attention, event);
  if (event.type !== "task") return true;
  const isStale = changesBlockers(view.attention, view.tasks.get(event.task.id), event.task);
  view.tasks.set(event.task.id, event.task);
  if (isStale) {
    const { blockers } = await readAttention(context, only);
    view.attention = { ...view.attention, blockers };
  }
  return true;
}

/** The task that an event is of; undefined for those that are not shown. */
function taskOf(event: Event): string | null | undefined {
  switch (event.type) {
    case "task":
      return event.task.id;
    case "question":
      return event.question.task;
    case "approval":
      return event.approval.task;
    case "flag":
      return event.flag.task;
    case "message":
      return event.message.task;
    case "workspace":
    case "session":
    case "merge":
    case "schedule":
    case "transcript":
      return undefined;
  }
}

/** Where the view is drawn. */
class Screen {
  readonly #context: Context;
  /** The picture that stands: its rows, and the terminal's size for which it was drawn. */
  #drawn = { rows: 0, size: "" };
  #told = new Map<string, string>();

  constructor(context: Context) {
    this.#context = context;
  }

  async change(item: StreamItem, view: View): Promise<void> {
    const { output } = this.#context;
    if (output.look.terminal && !output.json) return this.#draw(view);
    if (item.type === "reset") for (const task of view.tasks.values()) await this.#tell(task);
    else if (item.event.type === "task") await this.#tell(item.event.task);
    else if (output.json) await output.stream(item.event, () => "");
    else await this.#tellWaiting(item.event, view);
  }

  /** The picture, over the last one; below it where the terminal's new size has wrapped that one's rows. */
  async #draw(view: View): Promise<void> {
    const { output } = this.#context;
    const { look } = output;
    const lines = fit(visibleAll([...view.tasks.values()]), visibleAll(view.attention), look);
    const size = `${look.width}x${look.height}`;
    const up = size === this.#drawn.size ? `\u001b[${this.#drawn.rows}A` : "";
    await output.raw(`${up}\u001b[0J${lines.join("\n")}\n`);
    this.#drawn = { rows: lines.length, size };
  }

  /** A line for what waits for a person since this event. */
  async #tellWaiting(event: Event, view: View): Promise<void> {
    for (const row of attentionRows(withEvent(NOTHING, event), { tasks: [...view.tasks.values()] }))
      await this.#context.output.stream(row, ({ text, next }) => `${text} (${next})`);
  }

  /** A line for a task whose state or progress is new. */
  async #tell(task: Task): Promise<void> {
    const { output } = this.#context;
    const text = `${stateSentence(task, NO_WAIT, task.status.since)} ${progress(task.plan)}`;
    if (this.#told.get(task.id) === text && !output.json) return;
    this.#told.set(task.id, text);
    await output.stream({ type: "task", task }, ({ task }, look) =>
      cells(task.slug, stateCell(task, look), progress(task.plan), failure(task)),
    );
  }
}

/**
 * One row of the terminal for each line, and no more rows than it has, so that the picture can be drawn over. What is
 * done goes first, what waits for a person last.
 */
function fit(tasks: Task[], attention: Attention, look: Look): string[] {
  const room = look.height - 1;
  const whole = rowsOf(
    viewText(tasks, attention, look, (plan) => plan),
    look,
  );
  if (whole.length <= room) return whole;
  const left = rowsOf(viewText(tasks, attention, look, withoutDone), look);
  if (left.length <= room) return left;
  return [...left.slice(0, room - 1), `… ${left.length - room + 1} more lines`];
}

function rowsOf(text: string, { width }: Look): string[] {
  return text.split("\n").map((line) => {
    if (Bun.stringWidth(line) <= width) return line;
    const plain = Bun.stripANSI(line);
    const inset = plain.length - plain.trimStart().length;
    return plain.slice(0, inset) + cut(plain, width - inset);
  });
}

function withoutDone(plan: Plan): Plan {
  return { ...plan, items: plan.items.filter((item) => item.mark !== "done") };
}

/** @param shown what of a plan there is room for */
function viewText(tasks: Task[], attention: Attention, look: Look, shown: (plan: Plan) => Plan): string {
  const pictures = tasks.map((task) => taskPicture(task, look, shown(task.plan)));
  const work = tasks.length === 0 ? "Nothing runs." : pictures.join("\n\n");
  const rows = attentionRows(attention, { tasks });
  if (rows.length === 0) return work;
  const waiting = rows.map((row) => `${row.text}\n  ${look.dim(row.next)}`).join("\n");
  return `${look.colour("yellow", "Needs you")}\n${indent(waiting)}\n\n${work}`;
}

function taskPicture(task: Task, look: Look, plan: Plan): string {
  const [name, model] = [look.bold(task.slug), look.dim(task.model.name)];
  const head = cells(name, stateCell(task, look), model, progress(task.plan), failure(task));
  return plan.items.length === 0 ? head : `${head}\n${indent(planText(plan, look))}`;
}

/** What there is to say, in a row. */
function cells(...texts: string[]): string {
  return texts.filter((text) => text !== "").join("  ");
}
