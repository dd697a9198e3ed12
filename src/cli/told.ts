import type { Client } from "../client/client.ts";
import { noticesText } from "../core/notice-text.ts";
import type { CallerNotice, ListenerRef } from "../protocol/notice.ts";
import type { HookRef } from "../protocol/outside.ts";

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

/**
 * Tells an agent what there is for it, in one text: notices of its tasks, and the next message where it may be handed
 * one. A text that nobody reads was not told.
 * @returns whether there was anything
 */
export async function tellAll(
  client: Client,
  { ref, hook }: { ref: ListenerRef; hook: HookRef | null },
  tell: (text: string) => void,
): Promise<boolean> {
  const { notices } = await client.call("claimNotices", {}, ref);
  const { handing } = hook ? await client.call("claimMessage", {}, hook) : { handing: null };
  if (notices.length === 0 && handing === null) return false;
  const said = notices.length === 0 ? [] : [noticesText(notices)];
  let told = false;
  try {
    tell([...said, ...(handing ? [handing.text] : [])].join("\n\n"));
    told = true;
  } finally {
    if (handing) await client.call("acknowledgeMessage", {}, { message: handing.message, told });
  }
  if (notices.length > 0)
    await client.call("acknowledgeNotices", {}, { notices: notices.map(({ id }) => id) });
  return true;
}
