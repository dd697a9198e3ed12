import type { PlacedEvent } from "../protocol/event.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { indent, type Look } from "./output.ts";
import { visibleAll } from "./visible.ts";

const MAX_TOOL_OUTPUT_LINES = 12;

/** Where a transcript is written: a command's output, or a screen. */
export interface TranscriptSink {
  readonly json: boolean;
  readonly look: Look;
  raw(text: string): Promise<void> | void;
  stream(item: PlacedEvent, render: () => string): Promise<void> | void;
}

/** Writes a session's transcript as people read it; what the agent says in pieces becomes running text. */
export class TranscriptWriter {
  readonly #output: TranscriptSink;
  #running: "text" | "thought" | null = null;
  #titles = new Map<string, string>();

  constructor(output: TranscriptSink) {
    this.#output = output;
  }

  async write(placed: PlacedEvent): Promise<void> {
    if (placed.event.type !== "transcript") return;
    if (this.#output.json) {
      await this.#output.stream(placed, () => "");
      return;
    }
    const event = visibleAll(placed.event.record.event);
    if (event.type === "text" || event.type === "thought") return this.#say(event.type, event.text);
    const text = this.#words(event, this.#output.look);
    if (text === "") return;
    await this.end();
    await this.#output.raw(`${text}\n`);
  }

  /** Ends the line that is being written. */
  async end(): Promise<void> {
    if (this.#running) await this.#output.raw("\n");
    this.#running = null;
  }

  async #say(kind: "text" | "thought", text: string): Promise<void> {
    if (this.#running !== kind) await this.end();
    this.#running = kind;
    await this.#output.raw(kind === "thought" ? this.#output.look.dim(text) : text);
  }

  #words(event: Exclude<TranscriptEvent, { type: "text" | "thought" }>, look: Look): string {
    if (event.type !== "tool") return eventText(event, look);
    const title = event.title ?? this.#titles.get(event.call) ?? event.call;
    this.#titles.set(event.call, title);
    if (event.status === "pending" || event.status === "in_progress") return "";
    this.#titles.delete(event.call);
    const mark = event.status === "failed" ? look.colour("red", "✗") : look.colour("green", "●");
    return [`${mark} ${title}`, ...(event.output ? [look.dim(indent(head(event.output)))] : [])].join("\n");
  }
}

function head(text: string): string {
  const lines = text.trimEnd().split("\n");
  if (lines.length <= MAX_TOOL_OUTPUT_LINES) return lines.join("\n");
  return [
    ...lines.slice(0, MAX_TOOL_OUTPUT_LINES),
    `… ${lines.length - MAX_TOOL_OUTPUT_LINES} more lines`,
  ].join("\n");
}

/** A line or more for an event; nothing for those that only a program wants. */
function eventText(
  event: Exclude<TranscriptEvent, { type: "text" | "thought" | "tool" }>,
  look: Look,
): string {
  switch (event.type) {
    case "turn_started":
      return `${look.bold("» prompt")}\n${indent(event.prompt)}`;
    case "turn_typed":
      return look.bold("» typed in its terminal");
    case "dialogue":
      return look.colour("yellow", `? waits at its terminal: ${event.about ?? event.needs}`);
    case "turn_ended":
      return event.end === "end_turn" ? "" : look.dim(`turn ended: ${event.message ?? event.end}`);
    case "start_failed":
      return look.colour("red", `the agent could not start: ${event.message}`);
    case "gone":
      return event.reason === "stopped"
        ? ""
        : look.colour("red", `the agent is gone: ${event.message ?? event.reason}`);
    case "notice":
      return event.level === "error" ? look.colour("red", event.text) : look.dim(event.text);
    case "question":
      return `${look.colour("yellow", "? question")}\n${indent([event.text, ...event.options].join("\n"))}`;
    case "flag":
      return `${look.colour("red", "! flag")}\n${indent(event.text)}`;
    case "finish":
      return `${look.colour("green", "✓ finished")}\n${indent(event.summary)}`;
    case "approval":
      return look.colour("yellow", `? asks to use ${event.call.tool}: ${event.call.title}`);
    case "approval_applied":
      return look.dim(event.verdict === "allow" ? "allowed" : "denied");
    case "question_withdrawn":
      return look.dim("the question was withdrawn");
    case "approval_withdrawn":
      return look.dim("the request was withdrawn");
    case "plan":
      return look.dim(
        `plan: ${event.plan.items.filter((item) => item.mark === "done").length}/${event.plan.items.length}`,
      );
    case "started":
    case "conversation":
    case "prompt_taken":
    case "dialogue_ended":
    case "command":
    case "todos":
    case "usage":
      return "";
  }
}
