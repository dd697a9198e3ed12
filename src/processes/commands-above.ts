import { ps, readArgv, readStat } from "./proc.ts";

/** More than stand above any process that people or their tools start. */
export const MAX_ANCESTORS = 32;

interface Ancestor {
  readonly parent: number;
  readonly argv: readonly string[];
}

/** The command lines of a process and of those above it, nearest first, whosever they are. */
export function* commandsAbove(pid: number): Generator<readonly string[]> {
  const lookUp = process.platform === "linux" ? lookUpProc : lookUpPs();
  let at = lookUp(pid);
  for (let depth = 0; at && depth < MAX_ANCESTORS; depth++) {
    yield at.argv;
    at = at.parent > 1 ? lookUp(at.parent) : null;
  }
}

function lookUpProc(pid: number): Ancestor | null {
  const stat = readStat(pid);
  return stat && { parent: stat.ppid, argv: readArgv(pid) };
}

/** macOS: all processes in one call. */
function lookUpPs(): (pid: number) => Ancestor | null {
  const rows = ps("-axww", "-o", "pid=,ppid=,command=")
    .split("\n")
    .map((line) => line.trim().split(/ +/));
  const all = new Map(rows.map(([pid, parent, ...argv]) => [Number(pid), { parent: Number(parent), argv }]));
  return (pid) => all.get(pid) ?? null;
}
