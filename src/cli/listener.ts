import { processMark } from "../processes/mark.ts";
import type { Flag } from "./command.ts";
import { usageError } from "./parse.ts";

/** By this word an agent names its own session: a variable in its place would be asked about by the agent's gate. */
const OWN = "me";

/** `dispatch run --for` and `dispatch wait --for` name an agent's session by its process. */
export const FOR_FLAG = {
  value: "PID",
  help: "for agents: the process of the session that is told what happens; me: Claude Code's own",
} as const satisfies Flag;

/** @throws DispatchError `invalid` for what is no number of a process, and where an agent does not say its own */
export function listenerOf(named: string, environment: Record<string, string | undefined>): string {
  const pid = named === OWN ? (environment["CLAUDE_PID"] ?? named) : named;
  if (!/^[1-9]\d{0,9}$/.test(pid))
    throw usageError(`--for takes the number of a process, not ${pid}`, "dispatch wait --help");
  return processMark(Number(pid));
}
