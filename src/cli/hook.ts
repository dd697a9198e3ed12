import { writeSync } from "node:fs";
import { processMark } from "../processes/mark.ts";
import type { Client } from "../client/client.ts";
import { createRunningClient, type LocalOptions } from "../client/local.ts";
import type { ListenerRef } from "../protocol/notice.ts";
import type { HookRef } from "../protocol/outside.ts";
import { EXIT } from "./exit.ts";
import { readHookEvent, reportOf } from "./hook-input.ts";
import { tellAll } from "./told.ts";

/** Hooks that only say what happens. */
const REPORTS = [
  "pre-tool-use",
  "post-tool-use",
  "permission-request",
  "notification",
  "interrupt",
  "pre-compact",
  "session-end",
] as const;
/** Hooks that take something to the agent too: as context, as what it goes on with, or to wake it. */
const TELLS = ["session-start", "user-prompt-submit", "stop", "wake"] as const;
export const HOOKS = [...TELLS, ...REPORTS] as const;
type Hook = (typeof HOOKS)[number];
type Telling = Exclude<(typeof TELLS)[number], "wake">;

/** What a hook may take of its agent's time for each call, in milliseconds; a daemon answers in a few. */
const HOOK_MS = 1_000;
/** The same to say that a message was told, which a person is asked about otherwise. */
const ACKNOWLEDGE_MS = 3_000;

/** What a hook adds to a prompt whole, in characters: of more than 10,000 Claude Code shows the beginning. */
const MAX_CONTEXT = 9_000;

/** The words of https://code.claude.com/docs/en/hooks. */
interface HookEvent {
  session_id?: unknown;
  permission_mode?: unknown;
  stop_hook_active?: unknown;
}

/** The agent's session that runs the hook: as notices know it, and as an agent outside. */
export interface HookPlace {
  readonly ref: ListenerRef;
  readonly hook: HookRef;
}

export function isHook(word: string): word is Hook {
  return HOOKS.some((hook) => hook === word);
}

/** Does what a host's event asks for. Whatever goes wrong is no concern of the host's: it is told later, or by the status. */
export async function runHook(hook: Hook, local: LocalOptions): Promise<number> {
  try {
    const at = Date.now();
    const event: HookEvent = await readHookEvent();
    const place = placeOf(event, local.environment);
    if (hook === "wake") {
      const { wakeHost } = await import("./hook-wake.ts");
      return await wakeHost(place, local); // what happened is said by the hook that runs beside it
    }
    await report(event, { place, at, local });
    if (isTelling(hook)) await tellNow(hook, event, place, local);
    return EXIT.done;
  } catch {
    return EXIT.done; // what was taken and not acknowledged is told by a later hook, or held for a person
  }
}

function isTelling(hook: Hook): hook is Telling {
  return hook !== "wake" && TELLS.some((each) => each === hook);
}

/** By the process that Claude Code says it is, else by the parent. */
function placeOf(event: HookEvent, environment: LocalOptions["environment"]): HookPlace {
  const pid = Number(environment["CLAUDE_PID"]);
  const caller = processMark(Number.isInteger(pid) && pid > 1 ? pid : process.ppid);
  const reporter = processMark(process.pid);
  const session = event.session_id;
  return typeof session === "string" && session !== ""
    ? { ref: { caller, session }, hook: { reporter, conversation: session } }
    : { ref: { caller }, hook: { reporter } };
}

/** Which agent it is, the daemon finds out by itself: by the process. */
async function report(
  event: HookEvent,
  { place, at, local }: { place: HookPlace; at: number; local: LocalOptions },
): Promise<void> {
  const said = reportOf(event, "");
  if (said === null) return;
  const mode = typeof event.permission_mode === "string" ? { mode: event.permission_mode } : {};
  const server = local.environment["TMUX"]?.split(",")[0];
  const tmux = server ? { tmux: server } : {};
  const { reporter } = place.hook;
  await bounded(local).call("reportHook", {}, { reporter, report: said, at, ...mode, ...tmux });
}

async function tellNow(
  hook: Telling,
  event: HookEvent,
  place: HookPlace,
  local: LocalOptions,
): Promise<void> {
  // At its start an agent begins no turn, and it may not be kept from its end again and again: there, it is woken.
  const mayHand =
    hook !== "session-start" && !(event.stop_hook_active === true && local.environment["AI_AGENT"]);
  const client = bounded(local);
  const hand = { hook: mayHand ? place.hook : null, ...(hook !== "stop" && { longest: MAX_CONTEXT }) };
  await tellAll(client, { ref: place.ref, ...hand }, (text) => {
    writeSync(1, `${JSON.stringify(hookOutput(hook, text))}\n`); // throws when nobody reads it
  });
}

/** A client that starts no daemon and waits for none. */
function bounded(local: LocalOptions): Client {
  const running = createRunningClient(local);
  return {
    call: (name, params, input) =>
      running.call(name, params, input, {
        signal: AbortSignal.timeout(name === "acknowledgeMessage" ? ACKNOWLEDGE_MS : HOOK_MS),
      }),
  };
}

/** The words of https://code.claude.com/docs/en/hooks: text for the model, which a stop goes on with. */
function hookOutput(hook: Telling, text: string): object {
  switch (hook) {
    case "stop":
      return { decision: "block", reason: text };
    case "session-start":
      return { hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: text } };
    case "user-prompt-submit":
      return { hookSpecificOutput: { hookEventName: "UserPromptSubmit", additionalContext: text } };
  }
}
