import type { Client } from "../client/client.ts";
import { noticesText } from "../core/notice-text.ts";
import type { CallerNotice, ListenerRef } from "../protocol/notice.ts";
import type { Handing, HookRef } from "../protocol/outside.ts";

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
 * @param to.longest the characters of a message that fit where it is told; a longer one waits for another hook
 * @returns whether there was anything
 */
export async function tellAll(
  client: Client,
  { ref, hook, longest = Infinity }: { ref: ListenerRef; hook: HookRef | null; longest?: number },
  tell: (text: string) => void,
): Promise<boolean> {
  const { notices } = await client.call("claimNotices", {}, ref);
  const handing = hook && (await takeMessage(client, hook, longest));
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

async function takeMessage(client: Client, hook: HookRef, longest: number): Promise<Handing | null> {
  const { handing } = await client.call("claimMessage", {}, hook);
  if (handing === null || handing.text.length <= longest) return handing;
  await client.call("acknowledgeMessage", {}, { message: handing.message, told: false });
  return null;
}
