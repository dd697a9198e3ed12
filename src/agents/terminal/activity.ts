import { promptKey } from "../../core/hook-report.ts";
import type { HookReport, HookTool } from "../../protocol/hook-report.ts";
import type { ToolKind } from "../../protocol/approval.ts";
import type { TerminalNeed } from "../../protocol/session.ts";
import type { AgentOutput, DriverInput, Turn } from "../driver.ts";
import { Pulse } from "./pulse.ts";

/** The kinds of the tools that products have, by what their names begin with in small letters. */
const KINDS: readonly [begin: RegExp, kind: ToolKind][] = [
  [/^(bash|shell|exec|local_shell)/, "execute"],
  [/^(edit|multiedit|write|notebookedit|apply_patch)/, "edit"],
  [/^(read|view)/, "read"],
  [/^(grep|glob|search|ls)/, "search"],
  [/^(webfetch|websearch|web_)/, "fetch"],
];

/** Prompts that were given up on and may still be taken: beyond so many the oldest is forgotten. */
const MAX_LATE = 20;

/** A prompt that was typed here: it is known again by its digest. */
interface OwnTurn {
  readonly digest: string;
  isTaken: boolean;
  readonly taken: () => void;
  readonly ended: PromiseWithResolvers<Turn>;
}

/**
 * What an agent in a terminal does, by the word of its own hooks: whose turn runs, which tool it uses, and what it asks
 * its person. Turns and dialogues that nobody here began are signed in the session's log.
 */
export class Activity {
  readonly #input: DriverInput;
  /** Beats after each change. */
  readonly changed = new Pulse();
  #state: "unknown" | "idle" | "busy" = "unknown";
  #own: OwnTurn | null = null;
  #late: OwnTurn[] = [];
  #isTyped = false;
  #need: TerminalNeed | null = null;
  #conversation: string | null = null;

  constructor(input: DriverInput) {
    this.#input = input;
  }

  /** `unknown` until its hooks have said something, and once it has gone. */
  get state(): "unknown" | "idle" | "busy" {
    return this.#state;
  }

  get need(): TerminalNeed | null {
    return this.#need;
  }

  /** Expects that a text which is being typed is taken as a prompt. @returns how the turn that it begins ends */
  expect(text: string, taken: () => void): Promise<Turn> {
    const digest = new Bun.CryptoHasher("sha256").update(promptKey(text)).digest("hex");
    this.#own = { digest, taken, isTaken: false, ended: Promise.withResolvers() };
    return this.#own.ended.promise;
  }

  get isTaken(): boolean {
    return this.#own?.isTaken === true;
  }

  /** True while a text is on its way that the agent has not taken yet. */
  get isExpecting(): boolean {
    return this.#own?.isTaken === false;
  }

  /** Nobody waits any more for the text that was expected. One that was not taken may still be: it is heard of then. */
  settle(): void {
    if (this.#own?.isTaken === false) this.#late = [...this.#late, this.#own].slice(-MAX_LATE);
    this.#own = null;
    this.changed.beat();
  }

  /** Takes in what a hook of the agent says. */
  hear(report: HookReport): void {
    switch (report.event) {
      case "started":
        if (this.#state !== "busy" || report.source !== "compact") this.#state = "idle";
        break;
      case "prompt":
        this.#named(report.conversation);
        this.answered();
        this.#begin(report.digest);
        break;
      case "tool_started":
        this.answered();
        if (!report.subagent) this.#begin(null); // theirs may go on beside the turn
        this.#tell(report.tool, "in_progress");
        break;
      case "tool_ended":
        this.answered();
        this.#tell(report.tool, report.failed ? "failed" : "completed");
        break;
      case "asks":
        this.#begin(null);
        this.#ask(report.needs, report.tool && titleOf(report.tool));
        break;
      case "turn_ended":
        this.end({ end: report.failed ? "error" : "end_turn" });
        break;
      case "interrupted":
        this.end({ end: "cancelled" });
        break;
      case "ended":
        this.end({ end: "cancelled" });
        this.#state = "unknown";
        break;
      case "subagent_ended":
      case "compacting":
        break;
    }
    this.changed.beat();
  }

  /** The agent took what was typed, as its screen shows: it has no hook to say so. */
  takenBySight(): void {
    this.#state = "busy";
    this.#take();
    this.changed.beat();
  }

  /** The turn that runs is over. */
  end(turn: Turn): void {
    this.answered();
    this.#state = "idle";
    const own = this.#own;
    if (this.#isTyped) this.#input.sign({ type: "turn_ended", said: "", ...turn });
    this.#isTyped = false;
    if (own?.isTaken) own.ended.resolve(turn);
    this.changed.beat();
  }

  /** Something waits for the terminal, which shows no prompt; null: it does not any more. */
  standStill(about: string | null): void {
    if (about === null && this.#need === "terminal") this.answered();
    if (about !== null && this.#need === null) this.#ask("terminal", about);
  }

  /** A turn runs from now on: the one that was expected, or one that nobody here began. */
  #begin(digest: string | null): void {
    const wasBusy = this.#state === "busy";
    this.#state = "busy";
    if (digest !== null && digest === this.#own?.digest) return this.#take();
    this.#takeLate(digest);
    if (wasBusy || this.isTaken) return;
    this.#isTyped = true;
    this.#input.sign({ type: "turn_typed" });
  }

  #take(): void {
    if (this.#own === null || this.#own.isTaken) return;
    this.#own.isTaken = true;
    this.#own.taken();
  }

  #takeLate(digest: string | null): void {
    const late = this.#late.find((each) => each.digest === digest);
    this.#late = this.#late.filter((each) => each !== late);
    late?.taken();
  }

  #ask(needs: TerminalNeed, about: string | null): void {
    if (this.#need === needs && about === null) return; // the same, told by another hook
    this.#need = needs;
    this.#input.sign({ type: "dialogue", needs, about });
  }

  /** The dialogue is over: what was asked is answered, or not asked any more. */
  answered(): void {
    if (this.#need === null) return;
    this.#need = null;
    this.#input.sign({ type: "dialogue_ended", busy: this.#state === "busy" || this.isExpecting });
  }

  #tell(tool: HookTool, status: "in_progress" | "completed" | "failed"): void {
    const { name, path, call } = tool;
    const output: AgentOutput = {
      type: "tool",
      call: call ?? name,
      status,
      title: titleOf(tool),
      kind: KINDS.find(([begin]) => begin.test(name.toLowerCase()))?.[1] ?? "other",
      ...(path !== null && { paths: [path] }),
    };
    void this.#input.emit(output);
  }

  #named(conversation: string): void {
    if (conversation === this.#conversation) return;
    this.#conversation = conversation;
    this.#input.named(conversation);
  }
}

/** A tool with what it is about. */
function titleOf({ name, path, command }: HookTool): string {
  const about = command ?? path;
  return about === null ? name : `${name}: ${about}`;
}
