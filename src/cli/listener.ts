import { processMark } from "../client/process-mark.ts";
import type { Flag } from "./command.ts";
import { usageError } from "./parse.ts";

/** `dispatch run --for` and `dispatch wait --for` name an agent's session by its process. */
export const FOR_FLAG = {
  value: "PID",
  help: "for agents: the process of the session that is told what happens",
} as const satisfies Flag;

/** @throws DispatchError `invalid` for what is no number of a process */
export function listenerOf(pid: string): string {
  if (!/^[1-9]\d{0,9}$/.test(pid))
    throw usageError(`--for takes the number of a process, not ${pid}`, "dispatch wait --help");
  return processMark(Number(pid));
}
