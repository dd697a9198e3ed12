import type { PlacedEvent } from "../protocol/event.ts";
import type { Question } from "../protocol/question.ts";
import type { TranscriptEvent } from "../protocol/transcript.ts";
import { fence } from "./prompt.ts";

/**
 * A transcript as Markdown, under headings of the third level: what the agent says in pieces is one text, a tool call
 * is a line with its output, a question stands with its answer.
 */
export function transcriptMarkdown(events: readonly PlacedEvent[], questions: readonly Question[]): string {
  const blocks: string[] = [];
  const titles = new Map<string, string>();
  let said = "";
  for (const { event } of events) {
    if (event.type !== "transcript") continue;
    const happened = event.record.event;
    if (happened.type === "text") {
      said += happened.text;
      continue;
    }
    const block = blockOf(happened, titles, questions);
    if (block === null) continue;
    blocks.push(...agentSaid(said), block);
    said = "";
  }
  return [...blocks, ...agentSaid(said)].join("\n\n");
}

function agentSaid(text: string): string[] {
  return text.trim() === "" ? [] : [`### Agent\n\n${text.trim()}`];
}

/** Null for what only a program wants. */
function blockOf(
  event: Exclude<TranscriptEvent, { type: "text" }>,
  titles: Map<string, string>,
  questions: readonly Question[],
): string | null {
  switch (event.type) {
    case "turn_started":
      return `### Prompt\n\n${fence(event.prompt)}`;
    case "turn_typed":
      return "### Typed in its terminal";
    case "dialogue":
      return `*It waited at its terminal: ${event.about === null ? event.needs : code(event.about)}*`;
    case "turn_ended":
      return event.end === "end_turn" ? null : `*The turn ended: ${event.message ?? event.end}*`;
    case "tool":
      return toolBlock(event, titles);
    case "question":
      return questionBlock(event, questions);
    case "flag":
      return `### Flag\n\n${fence(event.text)}`;
    case "finish":
      return `### Finished\n\n${fence(event.summary)}`;
    case "approval":
      return `### Asked to use ${code(event.call.tool)}\n\n${fence(event.call.title)}`;
    case "approval_applied":
      return event.verdict === "allow" ? "*Allowed*" : "*Denied*";
    case "start_failed":
      return `*The agent could not start: ${event.message}*`;
    case "gone":
      return event.reason === "stopped" ? null : `*The agent is gone: ${event.message ?? event.reason}*`;
    case "notice":
      return event.level === "info" ? null : `*${event.text}*`;
    case "thought":
    case "plan":
    case "todos":
    case "usage":
    case "command":
    case "started":
    case "conversation":
    case "prompt_taken":
    case "dialogue_ended":
    case "question_withdrawn":
    case "approval_withdrawn":
      return null;
  }
}

/** A call is told when it is over; its title came with an earlier update. */
function toolBlock(
  { call, title, status, output }: Extract<TranscriptEvent, { type: "tool" }>,
  titles: Map<string, string>,
): string | null {
  const name = title ?? titles.get(call) ?? call;
  titles.set(call, name);
  if (status === "pending" || status === "in_progress") return null;
  const head = `- ${code(name)}${status === "failed" ? " failed" : ""}`;
  return output === undefined || output.trim() === "" ? head : `${head}\n\n${fence(output.trimEnd())}`;
}

function questionBlock(
  { question, text, options }: Extract<TranscriptEvent, { type: "question" }>,
  questions: readonly Question[],
): string {
  const status = questions.find((each) => each.id === question)?.status;
  const asked = `### Question\n\n${fence([text, ...options.map((option, at) => `${at + 1}. ${option}`)].join("\n"))}`;
  return status?.state === "answered" ? `${asked}\n\n### Answer\n\n${fence(status.text)}` : asked;
}

/** A word or a line as code, whatever backticks and line breaks stand in it. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const ticks = "`".repeat(longest + 1);
  return line.includes("`") ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`;
}
