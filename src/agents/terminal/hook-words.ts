import type { HookWay } from "../agent-row.ts";

/** What a hook may take, in seconds: it answers in a few hundredths, on a machine that is far too busy in a few. */
const TIMEOUT_S = 10;
/** What Codex gives at the most to those that run when it is about to stop. */
const LAST_TIMEOUT_S = 3;
const LAST_EVENTS = new Set(["Interrupt", "SessionEnd"]);
/** Where Codex has the hooks of its command line, among those of its files. */
const CODEX_SOURCE = "/<session-flags>/config.toml";

/**
 * The words of a command line by which a product runs our hook at each of these events, for this run alone: no file of
 * the user's is changed.
 * @param report the command that a hook runs; it takes the event on its standard input
 */
export function hookWords(way: HookWay, report: readonly string[]): string[] {
  const command = ["BUN_BE_BUN=0", ...report.map(quoted)].join(" ");
  switch (way.by) {
    case "settings":
      return [way.option, JSON.stringify({ hooks: settingsOf(way.events, command) })];
    case "config":
      return [...way.events.map((event) => configOf(event, command)), trustOf(way.events, command)].flatMap(
        (setting) => [way.option, setting],
      );
  }
}

function settingsOf(events: readonly string[], command: string): Record<string, unknown> {
  const hooks = [{ type: "command", command, timeout: TIMEOUT_S }];
  return Object.fromEntries(events.map((event) => [event, [{ hooks }]]));
}

function configOf(event: string, command: string): string {
  return `hooks.${event}=[{hooks=[{type="command",command=${JSON.stringify(command)},timeout=${timeoutOf(event)}}]}]`;
}

/**
 * Codex runs a hook only when its user has trusted it, by the hash of what it is; the command line may trust, too. Here
 * these hooks are trusted for this run and no others. Where it reckons otherwise one day, it asks its user.
 */
function trustOf(events: readonly string[], command: string): string {
  const states = events.map((event) => {
    const hook = { async: false, command, timeout: timeoutOf(event), type: "command" };
    const identity = JSON.stringify({ event_name: snake(event), hooks: [hook] }); // the keys in order, as it hashes them
    const hash = new Bun.CryptoHasher("sha256").update(identity).digest("hex");
    return `"${CODEX_SOURCE}:${snake(event)}:0:0"={trusted_hash="sha256:${hash}"}`;
  });
  return `hooks.state={${states.join(",")}}`;
}

function timeoutOf(event: string): number {
  return LAST_EVENTS.has(event) ? LAST_TIMEOUT_S : TIMEOUT_S;
}

function snake(event: string): string {
  return event.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase();
}

/** A word for a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
