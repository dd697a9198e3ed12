import type { PlanItem } from "../../protocol/plan.ts";
import type { Conversation, DriverInput, Turn, WorkerDesk } from "../driver.ts";
import { commandOf, type ShellCommand } from "./command.ts";
import { runCommand } from "./run-command.ts";

/** What a failed item's note holds of its command's output, in characters. */
const MAX_NOTE = 400;

/** What became of one command: `failure` says why it did not do its work. */
type Outcome = { did: "succeed" } | { did: "fail"; failure: string } | { did: "stop" };

/**
 * The built-in worker that runs the items of its plan as commands, in order, up to the first that fails. Prompts are
 * only the sign to go on: what a task's framework says to agents is no command. Without a task, a prompt is one.
 */
export class ShellConversation implements Conversation {
  readonly id = "shell";
  readonly resumable = false;
  readonly resumed = false;
  readonly forkable = false;
  readonly models = [];
  readonly closed: Promise<{ exitCode: number | null; message: string }>;
  readonly #input: DriverInput;
  readonly #close: (end: { exitCode: number | null; message: string }) => void;
  #turn: AbortController | null = null;
  #running: Promise<Turn> | null = null;
  #commands = 0;

  constructor(input: DriverInput) {
    this.#input = input;
    const closed = Promise.withResolvers<{ exitCode: number | null; message: string }>();
    this.closed = closed.promise;
    this.#close = closed.resolve;
  }

  async prompt(text: string): Promise<Turn> {
    const turn = new AbortController();
    this.#turn = turn;
    const { desk } = this.#input;
    this.#running = desk === null ? this.#runPrompt(text, turn.signal) : this.#runPlan(desk, turn.signal);
    try {
      return await this.#running;
    } finally {
      this.#turn = null;
    }
  }

  async cancel(): Promise<void> {
    this.#turn?.abort();
  }

  async close(): Promise<void> {
    this.#turn?.abort();
    await this.#running;
    this.#close({ exitCode: 0, message: "" });
  }

  async #runPrompt(text: string, signal: AbortSignal): Promise<Turn> {
    const outcome = await this.#run({ command: text, title: text }, signal);
    switch (outcome.did) {
      case "succeed":
        return { end: "end_turn" };
      case "fail":
        await this.#say(outcome.failure);
        return { end: "end_turn" };
      case "stop":
        return { end: "cancelled" };
    }
  }

  async #runPlan(desk: WorkerDesk, signal: AbortSignal): Promise<Turn> {
    for (let next = nextItem(desk); next !== null; next = nextItem(desk)) {
      const outcome = await this.#run(commandOf(next.item.text), signal);
      if (outcome.did === "stop") return { end: "cancelled" };
      const mark = outcome.did === "succeed" ? { mark: "done" as const } : failed(outcome.failure);
      await desk.call({ tool: "plan_update", items: [{ item: next.number, ...mark }] });
    }
    const summary = summaryOf(desk.plan().items);
    await desk.call({ tool: "finish", summary, files: [] });
    await this.#say(summary);
    return { end: "end_turn" };
  }

  async #run(command: ShellCommand, signal: AbortSignal): Promise<Outcome> {
    if (!(await this.#mayRun(command, signal))) {
      return signal.aborted ? { did: "stop" } : { did: "fail", failure: "it was not allowed to run" };
    }
    const call = `${process.pid}-${++this.#commands}`;
    const { exitCode, output } = await runCommand(this.#input, command, { call, signal });
    if (signal.aborted) return { did: "stop" };
    if (exitCode === 0) return { did: "succeed" };
    const how = exitCode === null ? "ended by a signal" : `exit code ${exitCode}`;
    const last = output.end(MAX_NOTE).trim();
    return { did: "fail", failure: last === "" ? how : `${how}: ${last}` };
  }

  async #mayRun({ command, title }: ShellCommand, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#input.launch.permissions === "all") return true;
    const call = { tool: "shell", kind: "execute" as const, title, paths: [], input: { command } };
    try {
      return (await this.#input.gate(call, signal)) === "allow";
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  async #say(text: string): Promise<void> {
    await this.#input.emit({ type: "text", text });
  }
}

function failed(note: string): { mark: "error"; note: string } {
  return { mark: "error", note };
}

/** The first open item with its number (from 1); null after the last, and behind an item that failed. */
function nextItem(desk: WorkerDesk): { number: number; item: PlanItem } | null {
  for (const [index, item] of desk.plan().items.entries()) {
    if (item.mark === "error") return null;
    if (item.mark === "open") return { number: index + 1, item };
  }
  return null;
}

function summaryOf(items: readonly PlanItem[]): string {
  if (items.length === 0) return "There was nothing to run: the plan has no items.";
  const done = items.filter(({ mark }) => mark === "done").length;
  const failed = items.find(({ mark }) => mark === "error");
  const ran = `${done} of ${items.length} commands ran.`;
  return failed === undefined ? ran : `${ran} Stopped at: ${failed.text}: ${failed.notes.join(" ")}`;
}
