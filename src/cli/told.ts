import type { Client } from "../client/client.ts";
import type { CallerNotice, ListenerRef } from "../protocol/notice.ts";

/** Takes what a caller is to be told, has it told, and only then acknowledges it. @returns what was told */
export async function tellNotices(
  client: Client,
  ref: ListenerRef,
  tell: (notices: readonly CallerNotice[]) => void | Promise<void>,
): Promise<readonly CallerNotice[]> {
  const { notices } = await client.call("claimNotices", {}, ref);
  if (notices.length === 0) return notices;
  await tell(notices);
  await client.call("acknowledgeNotices", {}, { notices: notices.map(({ id }) => id) });
  return notices;
}
