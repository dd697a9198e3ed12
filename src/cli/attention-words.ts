import { quote } from "../core/quote.ts";
import { awaited, wayTo } from "../core/terminal-wait.ts";
import type { Attention } from "../protocol/attention.ts";
import type { HoldReason, Message } from "../protocol/message.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Task } from "../protocol/task.ts";
import { namesOf } from "./named.ts";
import { cut } from "./output.ts";
import { lastText } from "./schedule-words.ts";
import { sessionName } from "./session-words.ts";
import { failedStep } from "./task-text.ts";

/** Why a message is held, behind its name. */
const HELD: Record<HoldReason, string> = {
  uncertain: "which its agent may have taken before it died",
  unconfirmed: "which its agent has not said that it took",
  permissions: "whose agent may do more",
};
/** The longest text of a row: the whole is in `dispatch status`. */
const ROW_CHARS = 200;

export interface AttentionRow {
  text: string;
  /** The command that deals with it. */
  next: string;
}

/** What waits for a person, a row each; tasks and sessions have their names where they are among these. */
export function attentionRows(
  attention: Attention,
  named: { tasks: readonly Task[]; sessions?: readonly Session[]; workspaces?: readonly Workspace[] },
): AttentionRow[] {
  const { sessions = [], ...others } = named;
  const names = namesOf({ ...others, sessions: [...sessions, ...attention.terminals] });
  const nameOf = (task: string | null, otherwise: string) =>
    names.get(task ?? otherwise) ?? task ?? otherwise;
  return [
    ...attention.questions.map((each) => {
      const name = nameOf(each.task, each.id);
      return { text: `${name} asks: ${cut(each.text, ROW_CHARS)}`, next: `dispatch answer ${name} <text>` };
    }),
    ...attention.approvals.map((each) => {
      const name = nameOf(each.task, each.session);
      return {
        text: `${name} wants to use ${each.call.tool}: ${cut(each.call.title, ROW_CHARS)}`,
        next: `dispatch approve ${each.task === null ? "" : `${name} `}${each.id}`,
      };
    }),
    ...attention.flags.map((each) => {
      const name = nameOf(each.task, each.id);
      return { text: `${name} flags: ${cut(each.text, ROW_CHARS)}`, next: `dispatch status ${name}` };
    }),
    ...attention.messages.map((each) => {
      const name = nameOf(each.task, each.session);
      return {
        text: `${senderName(each)} to ${name}${heldBecause(each)}: ${cut(each.text, ROW_CHARS)}`,
        next: `dispatch release ${each.id}`,
      };
    }),
    ...attention.terminals.map((each) => {
      return {
        text: `${names.get(each.id)!} waits at its terminal: ${cut(awaited(each) ?? "", ROW_CHARS)}`,
        next: `dispatch ${wayTo(each)} ${quote(sessionName(each))}`,
      };
    }),
    ...attention.blockers.map(({ slug, state, blocks, ...failure }) => ({
      text: `${slug} ${state === "failed" ? "failed" : "was canceled"}, so these do not start: ${cut(blocks.join(", "), ROW_CHARS)}`,
      next: failedStep(slug, failure),
    })),
    ...attention.schedules.map((each) => ({
      text: `the schedule ${each.name} ${cut(lastText(each), ROW_CHARS)}`,
      next: `dispatch schedule run ${each.name}`,
    })),
  ];
}

function senderName({ from }: Message): string {
  switch (from.kind) {
    case "person":
      return "your message";
    case "session":
    case "schedule":
      return `a message of ${from.name}`;
    case "agent":
      return `a message of an agent called ${from.name}`;
    case "tasks":
      return "what happened to its tasks";
  }
}

function heldBecause({ receipt }: Message): string {
  return receipt.state === "held" ? `, ${HELD[receipt.because]}` : "";
}
