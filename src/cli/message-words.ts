import { formatDuration } from "./duration.ts";
import type { HoldReason, Message, Receipt, Sender } from "../protocol/message.ts";

/** What is shown of a message that was sent, in characters. */
const SHOWN_CHARS = 50;

const HELD: Record<HoldReason, string> = {
  uncertain: "its agent may have taken it before it died",
  unconfirmed: "its agent has not said that it took it",
  permissions: "the session's agent may do more than the sender's",
};

/** How far a message is, in words. */
export function receiptText(receipt: Receipt): string {
  switch (receipt.state) {
    case "accepted":
      return "accepted, next to be told";
    case "queued":
      return `queued, ${ordinal(receipt.position)} in line`;
    case "delivered":
      return "delivered";
    case "consumed":
      return "taken by the agent";
    case "held":
      return `held: ${HELD[receipt.because]}`;
    case "refused":
      return `refused: ${receipt.reason}`;
    case "expired":
      return "expired";
  }
}

/** The same, with how long ago its agent took it. */
export function takenText({ receipt, consumedAt }: Message, now: number): string {
  const when = consumedAt === null ? "" : ` ${formatDuration(now - consumedAt)} ago`;
  return receipt.state === "consumed" ? `${receiptText(receipt)}${when}` : receiptText(receipt);
}

/** What is to be done about a message, if anything. */
export function receiptStep({ id, receipt }: Message): string | null {
  return receipt.state === "held" ? `dispatch release ${id}, or dispatch refuse ${id}` : null;
}

/** That a message was sent, and how far it is. */
export function sentText(message: Message): string {
  const step = receiptStep(message);
  return [
    `Dispatched to session ${message.session}.`,
    `Message sent: "${beginning(message.text)}"`,
    receiptText(message.receipt),
    ...(step === null ? [] : [`Next: ${step}`]),
  ].join("\n");
}

function beginning(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  return characters.slice(0, SHOWN_CHARS).join("") + (characters.length > SHOWN_CHARS ? "..." : "");
}

export function senderText(from: Sender): string {
  switch (from.kind) {
    case "person":
      return "you";
    case "session":
    case "schedule":
      return from.name;
    case "agent":
      return from.name;
    case "tasks":
      return "its tasks";
  }
}

function ordinal(place: number): string {
  const teen = place % 100 >= 11 && place % 100 <= 13;
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending}`;
}
