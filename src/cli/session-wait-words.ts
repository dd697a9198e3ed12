import { saidBy } from "../core/notice.ts";
import { awaited, wayTo } from "../core/terminal-wait.ts";
import { quote } from "../core/quote.ts";
import type { SessionDetail } from "../protocol/api.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import { receiptStep, receiptText } from "./message-words.ts";
import { indent, type Look } from "./output.ts";
import { type Answered, type Rest, restOf } from "./session-wait.ts";
import { sessionName } from "./session-words.ts";
import { approvalText } from "./task-text.ts";

const EXITS: Record<Rest | Answered["end"], number> = {
  idle: EXIT.done,
  done: EXIT.done,
  waits: EXIT.waits,
  failed: EXIT.failed,
};

/** Shows how a session came to rest; the exit code says it, too. */
export async function showRest(context: Context, detail: SessionDetail | null): Promise<number> {
  if (!detail) return EXIT.interrupted;
  await context.output.show(detail, restText);
  return EXITS[restOf(detail) ?? "idle"];
}

/** Shows what became of a message, and what its agent answered; the exit code says how that ended. */
export async function showAnswer(context: Context, answered: Answered | null): Promise<number> {
  if (!answered) return EXIT.interrupted;
  const { detail, ...rest } = answered;
  if (context.output.json) await context.output.show({ ...rest, session: detail.session }, () => "");
  else await context.output.show(answered, answerText);
  return EXITS[answered.end];
}

function restText(detail: SessionDetail, look: Look): string {
  const { session } = detail;
  const name = look.bold(detail.called);
  switch (session.status.state) {
    case "error":
      return `${name} failed: ${session.status.message}\nNext: dispatch session resume ${session.id}`;
    case "stopped":
      return session.status.why === "lost"
        ? `${name} was lost.\nNext: dispatch session resume ${session.id}`
        : `${name} is stopped.`;
    case "busy":
      return needText(detail, name);
    case "ready":
      return detail.messages.length > 0 ? needText(detail, name) : `${name} is idle.`;
    case "starting":
    case "stopping":
      return `${name} is ${session.status.state}.`;
  }
}

/** What a session waits for, with the commands that deal with it. */
function needText({ session, approvals, messages }: SessionDetail, name: string): string {
  const asked = approvals.map(
    (each) =>
      `${name} wants to use a tool:\n${indent(approvalText(each))}\nNext: dispatch approve ${each.id}`,
  );
  const held = messages.flatMap((each) => {
    const step = receiptStep(each);
    return step === null ? [] : [`A message to ${name} is ${receiptText(each.receipt)}\nNext: ${step}`];
  });
  if (asked.length + held.length > 0) return [...asked, ...held].join("\n");
  const next = `dispatch ${wayTo(session)} ${quote(sessionName(session))}`;
  return `${name} waits at its terminal: ${awaited(session) ?? ""}\nNext: ${next}`;
}

function answerText({ message, detail, end, answer, reason }: Answered, look: Look): string {
  const name = look.bold(detail.called);
  const step = receiptStep(message);
  if (end === "done") return answer === null ? where(detail, `${name} took it, and is done.`) : answer.trim();
  if (end === "failed" && reason !== null) return [answer?.trim() ?? "", reason].filter(Boolean).join("\n");
  if (step !== null) return `The message is ${receiptText(message.receipt)}\nNext: ${step}`;
  if (end === "waits") return needText(detail, name);
  const isUntold = message.receipt.state === "refused" || message.receipt.state === "expired";
  return isUntold ? `The message is ${receiptText(message.receipt)}.` : restText(detail, look);
}

function where({ session }: SessionDetail, done: string): string {
  return `${done}\nIts answer: dispatch ${saidBy(session)} ${quote(sessionName(session))}`;
}
