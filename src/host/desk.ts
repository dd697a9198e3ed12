import type { WorkerDesk } from "../agents/driver.ts";
import { newId } from "../base/id.ts";
import { setMarks } from "../core/plan.ts";
import type { QuestionId } from "../protocol/id.ts";
import type { Plan } from "../protocol/plan.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import type { FromWorkerDesk, WorkerCall } from "../protocol/worker.ts";
import { ASK_WAIT_MS } from "../protocol/limit.ts";

/** The plan, as the desk reads and changes it. */
interface DeskPlan {
  readonly plan: Plan;
  change(by: (plan: Plan) => Plan): void;
}

/** What a call comes to, before it has an id. */
export interface DeskReply {
  type: Exclude<FromWorkerDesk["type"], "refused">;
  text: string;
}

type Ask = Extract<WorkerCall, { tool: "ask" }>;

interface Asked {
  readonly text: string;
  readonly answered: PromiseWithResolvers<string>;
  /** Calls that wait for it now; at 0 the question is parked. */
  waiting: number;
}

const PARKED: DeskReply = {
  type: "parked",
  text: "Nobody has answered yet, so the question is parked. End your turn now: the answer comes as your next message.",
};

/** The worker's side of its task: its questions, its plan, its word that it is done. */
export class Desk implements WorkerDesk {
  readonly #task: DeskPlan;
  readonly #write: (event: TranscriptEvent) => void;
  readonly #open = new Map<QuestionId, Asked>();
  readonly #askWaitMs: number;
  #finished = false;

  /** @param options.askWaitMs after which a question is parked */
  constructor(
    task: DeskPlan,
    write: (event: TranscriptEvent) => void,
    { askWaitMs = ASK_WAIT_MS }: { askWaitMs?: number } = {},
  ) {
    this.#task = task;
    this.#write = write;
    this.#askWaitMs = askWaitMs;
  }

  /** True when the worker called `finish` since this was asked last. */
  takeFinished(): boolean {
    const finished = this.#finished;
    this.#finished = false;
    return finished;
  }

  plan(): Plan {
    return this.#task.plan;
  }

  async call(call: WorkerCall): Promise<string> {
    return (await this.serve(call, new AbortController().signal)).text;
  }

  /**
   * Carries a call out; it is in the log when this resolves, a question before it waits.
   * @param signal the caller is gone: an answer then goes another way
   * @throws DispatchError `invalid`, `limited`, `too_large` where a plan update cannot be
   */
  async serve(call: WorkerCall, signal: AbortSignal): Promise<DeskReply> {
    switch (call.tool) {
      case "ask":
        return await this.#ask(call, signal);
      case "flag":
        this.#write({ type: "flag", flag: newId("flg"), text: call.text });
        return { type: "done", text: "The flag is raised. Go on." };
      case "plan_update":
        this.#task.change((plan) => setMarks(plan, call.items));
        return { type: "done", text: "The checklist is updated." };
      case "finish":
        this.#finished = true;
        this.#write({ type: "finish", summary: call.summary, files: call.files });
        return { type: "done", text: "Noted. End your turn now." };
    }
  }

  /** Gives an answer to the calls that wait for it. False when none does: the question is parked, or not ours. */
  answer(question: QuestionId, text: string): boolean {
    const asked = this.#open.get(question);
    this.#open.delete(question);
    if (asked === undefined || asked.waiting === 0) return false;
    asked.answered.resolve(text);
    return true;
  }

  async #ask(call: Ask, signal: AbortSignal): Promise<DeskReply> {
    const asked = this.#find(call.question) ?? this.#begin(call);
    const { promise: left, resolve } = Promise.withResolvers<null>();
    asked.waiting++;
    const leave = () => {
      asked.waiting--; // at once: an answer that comes in this very moment must know that nobody takes it here
      resolve(null);
    };
    const timer = setTimeout(leave, this.#askWaitMs);
    signal.addEventListener("abort", leave, { once: true });
    const answer = await Promise.race([asked.answered.promise, left]);
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    return answer === null ? PARKED : { type: "done", text: answer };
  }

  /** Agents retry a call that timed out: the same text is the same question as long as it is open. */
  #find(text: string): Asked | undefined {
    return this.#open.values().find((asked) => asked.text === text);
  }

  #begin({ question: text, options }: Ask): Asked {
    const question = newId("qst");
    const asked: Asked = { text, answered: Promise.withResolvers(), waiting: 0 };
    this.#open.set(question, asked);
    this.#write({ type: "question", question, text, options, via: "tool" });
    return asked;
  }
}
