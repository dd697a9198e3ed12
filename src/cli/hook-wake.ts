import { watch, writeSync } from "node:fs";
import { processMark } from "../processes/mark.ts";
import type { Client } from "../client/client.ts";
import { createRunningClient, daemonHealth, isGone, type LocalOptions } from "../client/local.ts";
import type { ListenerRef } from "../protocol/notice.ts";
import { EXIT } from "./exit.ts";
import type { HookPlace } from "./hook.ts";
import { tellAll } from "./told.ts";

/** The exit code by which an `asyncRewake` hook wakes its session, with what stands on standard error. */
const WAKE = 2;
/** What one call waits, in milliseconds; between two it is seen whether the host is still there. */
const CALL_MS = 60_000;
/** What a daemon gets to come back, which it does when a worker needs it. */
const RETURN_MS = 10 * 60_000;

/**
 * Waits beside an idle session until something happens to its tasks, or there is a message for it, and wakes it. Ends
 * when a later hook of the session waits, with the session, and where the daemon knows nothing of it. Claude Code that says no `AI_AGENT` is too old to run a hook beside
 * itself, and would wait for this one.
 */
export async function wakeHost({ ref, hook }: HookPlace, local: LocalOptions): Promise<number> {
  const { AI_AGENT, CLAUDE_CODE_ENTRYPOINT, CLAUDE_CODE_SESSION_ATTENDED } = local.environment;
  if (!AI_AGENT) return EXIT.done;
  // One that nobody sits at ends when its work is done, and would wait for this with it: it waits for its tasks only.
  const isAttended = CLAUDE_CODE_ENTRYPOINT === "cli" && CLAUDE_CODE_SESSION_ATTENDED !== "0";
  const wait = { ...ref, ...(isAttended && { beside: hook.reporter }) };
  const client = createRunningClient(local);
  await client.call("health", {}, {}); // none is started, and none that is not there is waited for
  for (;;) {
    const { waiting, open, replaced } = await waitOnce(client, wait, local);
    if (replaced || !isThere(ref)) return EXIT.done;
    if (waiting > 0 && (await wake(client, { ref, hook }))) return WAKE;
    if (waiting === 0 && open === 0) return EXIT.done;
  }
}

async function waitOnce(
  client: Client,
  wait: ListenerRef & { beside?: string },
  local: LocalOptions,
): Promise<{ waiting: number; open: number; replaced: boolean }> {
  try {
    return await client.call("awaitNotices", {}, { ...wait, forMs: CALL_MS, alone: "true" });
  } catch (error) {
    if (!isGone(error) || !(await daemonReturns(local))) throw error;
    return { waiting: 0, open: 1, replaced: false };
  }
}

async function wake(client: Client, place: HookPlace): Promise<boolean> {
  return await tellAll(client, place, (text) => {
    writeSync(2, `${text}\n`); // throws when nobody reads it
  });
}

function isThere({ caller }: ListenerRef): boolean {
  return processMark(Number.parseInt(caller, 10)) === caller;
}

/** Resolves when a daemon answers; false when none came. */
async function daemonReturns(local: LocalOptions): Promise<boolean> {
  const changes = watch(local.home);
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, RETURN_MS);
  const end = Date.now() + RETURN_MS;
  try {
    while (Date.now() < end) {
      const changed = Promise.withResolvers<void>();
      changes.once("change", () => changed.resolve());
      if (await daemonHealth(local)) return true;
      await Promise.race([changed.promise, over.promise]);
    }
    return false;
  } finally {
    clearTimeout(timer);
    changes.close();
  }
}
