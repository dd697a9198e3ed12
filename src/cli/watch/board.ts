import { DispatchError } from "../../base/error.ts";
import { callerEnvironment } from "../../client/environment.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { Attention } from "../../protocol/attention.ts";
import type { Event } from "../../protocol/event.ts";
import type { TaskId } from "../../protocol/id.ts";
import type { Task } from "../../protocol/task.ts";
import { everyTask } from "../../client/every.ts";
import { attentionRows } from "../attention-words.ts";
import type { Context } from "../command.ts";
import { follow } from "../follow.ts";
import { visible } from "../../core/visible.ts";
import { visibleAll } from "../visible.ts";
import {
  changesBlockers,
  countOf,
  NOTHING,
  ofTask,
  outsideTasks,
  tasksOf,
  withEvent,
} from "./attention-list.ts";
import { inOrder, SHOWN_ENDED } from "./order.ts";
import { Tail } from "./tail.ts";

/** Events that the transcript of a selected task begins with. */
const FIRST_EVENTS = 300;

/** What is under the plan of the selected task. */
export type Pane = "transcript" | "diff";

/** What the screen shows; each change makes a new one. */
export interface Picture {
  readonly tasks: readonly Task[];
  readonly attention: Attention;
  readonly selected: Task | null;
  readonly pane: Pane;
  /** The lines of the pane, oldest first. */
  readonly lines: readonly string[];
  /** What became of the last action, until the next one. */
  readonly said: { readonly text: string; readonly failed: boolean } | null;
}

/**
 * The model of the full-screen view: it takes the daemon's events, and does what the keys ask for. Every action says
 * in the picture what became of it.
 */
export class Board {
  readonly #context: Context;
  readonly #listeners = new Set<() => void>();
  readonly #tasks = new Map<TaskId, Task>();
  #attention: Attention = NOTHING;
  readonly #shown = new WeakMap<object, object>();
  #areBlockersStale = false;
  #readsBlockers = false;
  #selected: TaskId | null = null;
  #pane: Pane = "transcript";
  #tail: Tail;
  #diff: readonly string[] = [];
  #tailed = new AbortController();
  #said: Picture["said"] = null;
  #picture: Picture;

  constructor(context: Context) {
    this.#context = context;
    this.#tail = new Tail(context.output.look);
    this.#picture = this.#draw();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly picture = (): Picture => this.#picture;

  /** Follows the daemon until the signal. @throws DispatchError `unavailable` when it does not come back */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#tailed.abort(), { once: true });
    for await (const item of follow(this.#context, ["tasks", "attention"], signal)) {
      if (item.type === "reset") await this.#read();
      else this.#take(item.event);
      this.#changed();
    }
  }

  /** Moves the selection by so many rows. */
  move(by: number): void {
    const { tasks } = this.#picture;
    const at = tasks.findIndex(({ id }) => id === this.#selected);
    const next = tasks[Math.max(0, Math.min(tasks.length - 1, at + by))];
    if (next) this.#select(next.id);
  }

  /** Selects the next task that waits for a person. */
  nextWaiting(): void {
    const { tasks } = this.#picture;
    const from = tasks.findIndex(({ id }) => id === this.#selected) + 1;
    const waiting = [...tasks.slice(from), ...tasks.slice(0, from)].find(({ id }) => this.#waits(id));
    if (waiting) this.#select(waiting.id);
    else this.#say(this.#saidOfSessions());
  }

  /** Sessions have no row here: what waits in them is named with the command that deals with it. */
  #saidOfSessions(): string {
    const [row] = attentionRows(outsideTasks(this.#attention), { tasks: [] });
    return row ? visible(`${row.next}: ${row.text}`) : "Nothing needs you.";
  }

  /** Takes back what was said of the last action. */
  quiet(): void {
    if (this.#said === null) return;
    this.#said = null;
    this.#changed();
  }

  async togglePane(): Promise<void> {
    this.#pane = this.#pane === "transcript" ? "diff" : "transcript";
    if (this.#pane === "diff") await this.#readDiff();
    this.#changed();
  }

  async answer(text: string): Promise<void> {
    await this.#act("Answered.", async ({ id }) => {
      const [question] = ofTask(this.#attention, id).questions;
      if (!question) throw new DispatchError("not_found", "no question is open here");
      await this.#context.client.call("answerTask", { task: id }, { text, question: question.id });
    });
  }

  /** The call of the selected task that waits for a decision. */
  get call(): Approval | null {
    return (this.#selected !== null && ofTask(this.#attention, this.#selected).approvals[0]) || null;
  }

  /** Decides this call of the selected task. */
  async decide(
    call: Approval | null,
    { verdict, grant }: { verdict: "allow" | "deny"; grant: "once" | "session" },
  ): Promise<void> {
    await this.#act(verdict === "allow" ? "Allowed." : "Denied.", async ({ id }) => {
      if (call === null) throw new DispatchError("not_found", "no request is open here");
      await this.#context.client.call("decideApproval", { task: id }, { verdict, grant, approval: call.id });
    });
  }

  /** Says why a key does nothing. */
  refuse(text: string): void {
    this.#say(visible(text), true);
  }

  async note(text: string): Promise<void> {
    await this.#act("Noted.", ({ id }) => this.#context.client.call("noteTask", { task: id }, { text }));
  }

  async cancel(): Promise<void> {
    await this.#act("Canceling.", ({ id }) => this.#context.client.call("cancelTask", { task: id }, {}));
  }

  async retry(): Promise<void> {
    const environment = callerEnvironment(this.#context.environment);
    await this.#act("Next attempt.", ({ id }) =>
      this.#context.client.call("retryTask", { task: id }, { environment }),
    );
  }

  async seeFlags(): Promise<void> {
    await this.#act("Seen.", async ({ id }) => {
      for (const flag of ofTask(this.#attention, id).flags)
        await this.#context.client.call("seeFlag", { flag: flag.id }, {});
    });
  }

  async #act(done: string, action: (task: Task) => Promise<unknown>): Promise<void> {
    const task = this.#picture.selected;
    if (!task) return;
    try {
      await action(task);
      this.#say(done);
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      this.#say(error.hint ? `${error.message} (${error.hint})` : error.message, true);
    }
  }

  async #read(): Promise<void> {
    const { client } = this.#context;
    const [open, ended, attention] = await Promise.all([
      everyTask(client, { state: "open" }),
      client.call("listTasks", {}, { state: "ended", limit: SHOWN_ENDED }),
      client.call("getAttention", {}, {}),
    ]);
    this.#tasks.clear();
    for (const task of [...open, ...ended.tasks]) this.#tasks.set(task.id, task);
    this.#attention = attention;
    void this.#readBlockers();
    await this.#readMissing();
    if (this.#selected === null || !this.#tasks.has(this.#selected)) {
      const [first] = inOrder(this.#tasks.values(), (id) => this.#waits(id));
      if (first) this.#select(first.id);
    }
  }

  #take(event: Event): void {
    if (event.type === "task") {
      const before = this.#tasks.get(event.task.id);
      if (changesBlockers(this.#attention, before, event.task)) void this.#readBlockers();
      this.#tasks.set(event.task.id, event.task);
      if (this.#selected === null) this.#select(event.task.id);
    }
    this.#attention = withEvent(this.#attention, event);
  }

  /** Reads again what blocks others, once for all that changes meanwhile. */
  async #readBlockers(): Promise<void> {
    this.#areBlockersStale = true;
    if (this.#readsBlockers) return;
    this.#readsBlockers = true;
    try {
      while (this.#areBlockersStale) {
        this.#areBlockersStale = false;
        const { blockers } = await this.#context.client.call("getAttention", {}, {});
        this.#attention = { ...this.#attention, blockers };
        await this.#readMissing();
        this.#changed();
      }
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      this.#say(error.message, true);
    } finally {
      this.#readsBlockers = false;
    }
  }

  /** Tasks that need somebody have a row, however long ago they ended. */
  async #readMissing(): Promise<void> {
    for (const id of tasksOf(this.#attention)) {
      if (this.#tasks.has(id)) continue;
      const { task } = await this.#context.client.call("getTask", { task: id }, {});
      if (!this.#tasks.has(id)) this.#tasks.set(id, task);
    }
  }

  #select(id: TaskId): void {
    if (this.#selected === id) return;
    this.#selected = id;
    this.#said = null;
    this.#tailed.abort();
    this.#tailed = new AbortController();
    this.#tail = new Tail(this.#context.output.look);
    this.#diff = [];
    void this.#follow(id, this.#tail, this.#tailed.signal);
    if (this.#pane === "diff") void this.#readDiff();
    this.#changed();
  }

  /** What was said so far, and what comes, while the task is selected. */
  async #follow(task: TaskId, tail: Tail, signal: AbortSignal): Promise<void> {
    try {
      const { client } = this.#context;
      const end = await client.call("getTranscript", { task }, { last: FIRST_EVENTS });
      for (const event of end.events) await tail.write(event);
      this.#changed();
      for await (const item of follow(this.#context, [`task:${task}`], signal, end.position)) {
        if (item.type !== "event" || item.event.type !== "transcript") continue;
        await tail.write(item);
        this.#changed();
      }
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      this.#say(error.message, true);
    }
  }

  async #readDiff(): Promise<void> {
    const task = this.#selected;
    if (task === null) return;
    try {
      const { diff } = await this.#context.client.call("getDiff", { task }, {});
      if (this.#selected === task)
        this.#diff = diff.text === "" ? ["Nothing changed."] : diff.text.split("\n");
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      this.#diff = [error.message];
    }
    this.#changed();
  }

  #say(text: string, failed = false): void {
    this.#said = { text, failed };
    this.#changed();
  }

  #changed(): void {
    this.#picture = this.#draw();
    for (const listener of this.#listeners) listener();
  }

  #draw(): Picture {
    const selected = this.#selected === null ? undefined : this.#tasks.get(this.#selected);
    return {
      tasks: inOrder(this.#tasks.values(), (id) => this.#waits(id)).map((task) => this.#visible(task)),
      attention: this.#visible(this.#attention),
      selected: selected ? this.#visible(selected) : null,
      pane: this.#pane,
      lines: this.#pane === "diff" ? this.#diff.map(visible) : this.#tail.lines,
      said: this.#said,
    };
  }

  /** As a terminal may show it; the same object for the same document. */
  #visible<T extends object>(document: T): T {
    const shown = this.#shown.get(document) ?? visibleAll(document);
    this.#shown.set(document, shown);
    return shown as T;
  }

  #waits(id: string): boolean {
    return countOf(ofTask(this.#attention, id)) > 0;
  }
}
