import { writeSync } from "node:fs";
import { processMark } from "../client/process-mark.ts";
import { createRunningClient, type LocalOptions } from "../client/local.ts";
import { noticesText } from "../core/notice-text.ts";
import type { ListenerRef } from "../protocol/notice.ts";
import { EXIT } from "./exit.ts";
import { readHookEvent } from "./hook-input.ts";
import { tellNotices } from "./told.ts";

export const HOOKS = ["session-start", "user-prompt-submit", "stop", "wake"] as const;
type Hook = (typeof HOOKS)[number];

/** What a hook may take of its agent's time, in milliseconds; a daemon answers in a few. */
const HOOK_MS = 250;

export function isHook(word: string): word is Hook {
  return HOOKS.some((hook) => hook === word);
}

/** Does what a host's event asks for. Whatever goes wrong is no concern of the host's: it is told later, or by the status. */
export async function runHook(hook: Hook, local: LocalOptions): Promise<number> {
  try {
    const ref = await listenerFrom(local.environment);
    if (hook === "wake") {
      const { wakeHost } = await import("./hook-wake.ts");
      return await wakeHost(ref, local);
    }
    await tellNow(hook, ref, local);
    return EXIT.done;
  } catch {
    return EXIT.done; // what was taken and not acknowledged is told by a later hook
  }
}

/** The session that runs the hook: by the process that Claude Code says it is, else by the parent. */
async function listenerFrom(environment: LocalOptions["environment"]): Promise<ListenerRef> {
  const event: { session_id?: unknown } = await readHookEvent();
  const pid = Number(environment["CLAUDE_PID"]);
  const caller = processMark(Number.isInteger(pid) && pid > 1 ? pid : process.ppid);
  const session = event.session_id;
  return typeof session === "string" && session !== "" ? { caller, session } : { caller };
}

async function tellNow(hook: Exclude<Hook, "wake">, ref: ListenerRef, local: LocalOptions): Promise<void> {
  const signal = AbortSignal.timeout(HOOK_MS);
  const running = createRunningClient(local);
  const client: typeof running = {
    call: (name, params, input) => running.call(name, params, input, { signal }),
  };
  await tellNotices(client, ref, (notices) => {
    writeSync(1, `${JSON.stringify(hookOutput(hook, noticesText(notices)))}\n`); // throws when nobody reads it
  });
}

/** The words of https://code.claude.com/docs/en/hooks: text for the model, which a stop goes on with. */
function hookOutput(hook: Exclude<Hook, "wake">, text: string): object {
  switch (hook) {
    case "stop":
      return { decision: "block", reason: text };
    case "session-start":
      return { hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: text } };
    case "user-prompt-submit":
      return { hookSpecificOutput: { hookEventName: "UserPromptSubmit", additionalContext: text } };
  }
}
