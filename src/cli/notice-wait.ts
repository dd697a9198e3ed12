import { noticesText } from "../core/notice-text.ts";
import type { CallerNotice } from "../protocol/notice.ts";
import type { Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import { tellNotices } from "./told.ts";

/** What one call waits, in milliseconds. */
const CALL_MS = 60_000;

/**
 * Shows what happens next to the tasks of an agent's session, each once; at once what happened before.
 * @param options.end when to give up, in milliseconds; null: never
 * @returns the exit code; null when the time is over
 */
export async function showNotices(
  { client, output, interrupted }: Context,
  { caller, end }: { caller: string; end: number | null },
): Promise<number | null> {
  const signal = interrupted;
  for (;;) {
    const left = end === null ? CALL_MS : Math.max(0, Math.min(CALL_MS, end - Date.now()));
    const { open } = await client.call("awaitNotices", {}, { caller, forMs: left }, { signal });
    const told = await tellNotices(client, { caller }, async (notices) => {
      await output.show({ notices }, () => noticesText(notices));
    });
    if (told.length > 0) return exitOf(told);
    if (open === 0) {
      await output.show({ notices: [] }, () => "None of this session's tasks is open.");
      return EXIT.done;
    }
    if (end !== null && Date.now() >= end) return null;
  }
}

function exitOf(notices: readonly CallerNotice[]): number {
  const kinds = new Set(notices.map(({ notice }) => notice.kind));
  if (kinds.has("needs-you")) return EXIT.waits;
  return kinds.has("failed") ? EXIT.failed : EXIT.done;
}
