import type { Attention } from "../protocol/attention.ts";
import type { Message } from "../protocol/message.ts";
import type { Task } from "../protocol/task.ts";
import { cut } from "./output.ts";

/** The longest text of a row: the whole is in `dispatch status`. */
const ROW_CHARS = 200;

export interface AttentionRow {
  text: string;
  /** The command that deals with it. */
  next: string;
}

/** What waits for a person, a row each; a task is named by its slug where it is among `tasks`. */
export function attentionRows(attention: Attention, tasks: readonly Task[]): AttentionRow[] {
  const slugs = new Map(tasks.map((task) => [task.id as string, task.slug]));
  const nameOf = (task: string | null, otherwise: string) =>
    task === null ? otherwise : (slugs.get(task) ?? task);
  return [
    ...attention.questions.map((each) => {
      const name = nameOf(each.task, each.id);
      return { text: `${name} asks: ${cut(each.text, ROW_CHARS)}`, next: `dispatch answer ${name} <text>` };
    }),
    ...attention.approvals.map((each) => {
      const name = nameOf(each.task, each.session);
      return {
        text: `${name} wants to use ${each.call.tool}: ${cut(each.call.title, ROW_CHARS)}`,
        next: `dispatch approve ${name} ${each.id}`,
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
  ];
}

function senderName({ from }: Message): string {
  switch (from.kind) {
    case "person":
      return "your message";
    case "session":
      return `a message of ${from.name}`;
    case "schedule":
      return `a message of ${from.schedule}`;
  }
}

function heldBecause({ receipt }: Message): string {
  if (receipt.state !== "held") return "";
  return receipt.because === "uncertain"
    ? ", which its agent may have taken before it died"
    : ", whose agent may do more";
}
