import type { Utterance } from "./wire.ts";

/** A line of a plan call, in the words that every product's own todo tool can be told. */
export interface PlanLine {
  text: string;
  state: "pending" | "in_progress" | "completed";
}

/**
 * What a script wants done, whatever the product calls it. Paths may be relative to the agent's folder.
 * `unconfined`: the model asks to run the command outside the product's own sandbox, where it has one. `background`:
 * the call returns at once, and the product says when the command has ended; for products that can.
 */
export type Call =
  | { do: "read"; path: string }
  | { do: "list"; path: string }
  | { do: "search"; path: string; pattern: string }
  | { do: "write"; path: string; content: string }
  | { do: "edit"; path: string; old: string; new: string }
  | { do: "shell"; command: string; unconfined?: boolean; background?: boolean }
  | { do: "fetch"; url: string }
  | { do: "plan"; items: PlanLine[] }
  | { do: "delegate"; prompt: string }
  | { do: "mcp"; tool: string; input: Record<string, unknown> };

/**
 * One answer of the model: text, then calls. An answer without calls ends the agent's turn; the step after it is played
 * at the next prompt. `overMs` spreads the text, word by word, over that time.
 *
 * In every string of a step `$ARG` is the marker's argument, `$RESULT` the last tool result, `$ANSWER` the last thing the
 * user said after the marker and `$MARKERS` how many messages of the conversation named a script.
 */
export interface Step {
  text?: string;
  overMs?: number;
  calls?: Call[];
}
export type Script = readonly Step[];

/** Where a conversation stands: the script that it names and the step that comes next; null when it is played out. */
export interface Position {
  script: string;
  index: number;
  step: Step | null;
}

const MARKER = /\[\[([\w-]+)(?:\|([^\]]*))?\]\]/g;
const MAX_QUOTED_CHARS = 2000; // of a result or an answer that a step reads back
// Products put notes of their own into the user's turn; nobody said those.
const INJECTED = /^\s*<(system-reminder|environment_context|user_instructions|session_context)\b/;

/** How a prompt names a script: `[[name]]` or `[[name|argument]]`. */
export function marker(script: string, argument?: string): string {
  return argument === undefined ? `[[${script}]]` : `[[${script}|${argument}]]`;
}

/**
 * Finds the next step from the conversation alone, so that a resumed agent needs nothing from the server: the last
 * marker names the script, and what the assistant did after it tells how far it got.
 * @returns null when nobody named a script
 */
export function locate(
  conversation: readonly Utterance[],
  scripts: Readonly<Record<string, Script>>,
): Position | null {
  const marked = markers(conversation);
  const start = marked.at(-1);
  if (start === undefined) return null;
  const after = conversation.slice(start.at + 1);
  const script = scripts[start.name] ?? [{ text: `no script is named ${start.name}` }];
  const index = stepsPlayed(script, after);
  const step = script[index];
  if (step === undefined) return { script: start.name, index, step: null };
  return {
    script: start.name,
    index,
    step: fill(step, { $ARG: start.argument, $MARKERS: String(marked.length), ...quotes(after) }),
  };
}

interface Marked {
  at: number;
  name: string;
  argument: string;
}

/** The messages that name a script, in order. */
function markers(conversation: readonly Utterance[]): Marked[] {
  return conversation.flatMap((utterance, at) => {
    if (utterance.by !== "user") return [];
    const found = [...utterance.text.matchAll(MARKER)].at(-1);
    return found?.[1] === undefined ? [] : { at, name: found[1], argument: found[2] ?? "" };
  });
}

/**
 * A cancelled turn leaves an answer half kept: a call where the script expects closing text means that the text was lost,
 * and text where it expects calls means that the calls were, so they are made again.
 */
function stepsPlayed(script: Script, after: readonly Utterance[]): number {
  let index = 0;
  let callsMade = 0; // of the step at index
  for (const utterance of after) {
    if (utterance.by !== "assistant") continue;
    if (utterance.calls === 0 && callCount(script[index]) === 0) index += 1;
    for (let call = 0; call < utterance.calls; call++) {
      while (index < script.length && callCount(script[index]) === 0) index += 1;
      callsMade += 1;
      if (callsMade < callCount(script[index])) continue;
      index += 1;
      callsMade = 0;
    }
  }
  return Math.min(index, script.length);
}

function callCount(step: Step | undefined): number {
  return step?.calls?.length ?? 0;
}

function quotes(after: readonly Utterance[]): Record<string, string> {
  const result = after.findLast((utterance) => utterance.by === "tool");
  const answer = after.findLast((utterance) => utterance.by === "user" && !INJECTED.test(utterance.text));
  return {
    $RESULT: result?.by === "tool" ? result.text.slice(0, MAX_QUOTED_CHARS) : "",
    $ANSWER: answer?.by === "user" ? answer.text.slice(-MAX_QUOTED_CHARS) : "",
  };
}

function fill(step: Step, quoted: Record<string, string>): Step {
  return JSON.parse(JSON.stringify(step), (_key, value: unknown) =>
    typeof value === "string"
      ? value.replace(/\$(ARG|RESULT|ANSWER|MARKERS)\b/g, (name) => quoted[name] ?? "")
      : value,
  ) as Step;
}
