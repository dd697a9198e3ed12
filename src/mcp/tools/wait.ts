import { z } from "zod";
import { nextStep, noticesText } from "../../core/notice-text.ts";
import type { CallerNotice } from "../../protocol/notice.ts";
import { type Reply, tool } from "../tool.ts";

/** The longest that one call waits, in seconds: products give up on calls that take much longer. */
const MAX_WAIT_S = 20;

export const wait = tool({
  name: "dispatch_wait",
  description: "Wait for what happens next to your tasks, each told once. For hosts that nothing else wakes.",
  input: z.strictObject({
    seconds: z.int().min(1).max(MAX_WAIT_S).optional().describe(`at most; default ${MAX_WAIT_S}`),
  }),
  async run({ client, listener: caller, place, signal }, { seconds = MAX_WAIT_S }) {
    await client.call("awaitNotices", {}, { caller, forMs: seconds * 1_000 }, { signal });
    signal.throwIfAborted(); // what nobody reads is left for the next call
    const { notices, open } = await client.call("claimNotices", {}, { caller });
    await client.call("acknowledgeNotices", {}, { notices: notices.map(({ id }) => id) });
    if (notices.length > 0) return factsAndText(notices, { open, canAsk: place.kind === "outside" });
    const text = open === 0 ? "None of your tasks is open." : `Nothing yet; ${open} open.`;
    return { facts: { open, happened: [] }, text };
  },
});

function factsAndText(
  notices: readonly CallerNotice[],
  { open, canAsk }: { open: number; canAsk: boolean },
): Reply {
  const happened = notices.map((notice) => factsOf(notice, canAsk));
  return { facts: { open, happened }, text: noticesText(notices, { canAsk }) };
}

function factsOf({ notice, options, done, all }: CallerNotice, canAsk: boolean): object {
  const { kind, name, text } = notice;
  const step = nextStep(notice, { canAsk });
  return {
    task: name,
    kind,
    ...(all > 0 ? { plan: `${done}/${all}` } : {}),
    ...(step === null ? {} : { step }),
    ...(text.endsWith("…") ? { whole: "dispatch_status" } : {}),
    from_worker: { text, ...(options.length > 0 ? { options } : {}) },
  };
}
