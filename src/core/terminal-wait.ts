import type { Session } from "../protocol/session.ts";

/** What a session waits for at its terminal, as far as that is known; null for one that waits for nothing. */
export function awaited({ status, outside }: Session): string | null {
  if (status.state !== "busy" || status.waiting === null) return null;
  return status.doing ?? outside?.tool?.command ?? outside?.tool?.name ?? status.waiting;
}

/** By which command a person comes to what waits there: a terminal of somebody else's is only to be looked at. */
export function wayTo({ outside }: Session): "attach" | "session show" {
  return outside === null ? "attach" : "session show";
}
