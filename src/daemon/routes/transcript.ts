import type { CallAnswer, CallParsed } from "../../protocol/api.ts";
import type { PlacedEvent } from "../../protocol/event.ts";
import type { Ledger } from "../commit.ts";

/** What a call answers that was asked for a part of a transcript. @param events that part */
export function transcriptPage(
  events: PlacedEvent[],
  { after, limit, last }: CallParsed<"getSessionEvents">["query"],
  { store }: Pick<Ledger, "store">,
): CallAnswer<"getSessionEvents"> {
  const position = events.at(-1)?.position ?? { store, seq: after };
  return { events, position, more: last === undefined && events.length === limit };
}
