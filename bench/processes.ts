import { readFileSync } from "node:fs";
import { readStat } from "../src/processes/proc.ts";
import { readProcessTable } from "../src/processes/table.ts";
import { killIfThere } from "../test/e2e/world.ts";

/** What a process has in memory, in MiB. `shared`: with others, such as the program's own code; `own`: with none. */
export interface Memory {
  readonly resident: number;
  readonly proportional: number;
  readonly own: number;
}

const KIB_PER_MIB = 1024;
const TICKS_PER_SECOND = 100; // USER_HZ of proc(5), the same on every Linux that we run on

/** By the kernel's own sums (smaps_rollup of proc(5)). */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const read = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text)![1]) / KIB_PER_MIB;
  return {
    resident: read("Rss"),
    proportional: read("Pss"),
    own: read("Private_Clean") + read("Private_Dirty"),
  };
}

/** The most that a process had in memory so far, in MiB (VmHWM of proc(5)). */
export function peakOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)![1]) / KIB_PER_MIB;
}

/** The processor time that a process has used so far, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const { utime, stime } = readStat(pid)!;
  return (utime + stime) / TICKS_PER_SECOND;
}

/** Starts a program and resolves when it has written its first line. */
export async function spawnReady(
  command: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<Bun.Subprocess<"ignore", "pipe", "inherit">> {
  const child = Bun.spawn([...command], { ...options, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const { done } = await child.stdout.getReader().read();
  if (done) throw new Error(`${command.join(" ")} ended before it was ready`);
  return child;
}

/** When each event came to each follower, in milliseconds since the epoch, and how long it took to come. */
export interface Followed {
  readonly times: number[];
  readonly delays: number[];
}

/** Starts `bare/follow`; it follows when this resolves. `end` answers with what it has seen. */
export async function spawnFollower(
  command: readonly string[],
  cwd: string,
): Promise<{ end(): Promise<Followed> }> {
  const child = Bun.spawn([...command], { cwd, stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    async end() {
      await child.stdin.write("\n");
      await child.stdin.end();
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read())
        text += new TextDecoder().decode(part.value);
      return JSON.parse(text) as Followed;
    },
  };
}

/** Ends a program and resolves when it is gone. */
export async function end(child: Bun.Subprocess): Promise<void> {
  child.kill();
  await child.exited;
}

/** Ends everything that was started with a folder, or one below it, in its environment. */
export function endAllOf(folder: string): void {
  for (const { pid, environment } of readProcessTable().values())
    if (pid !== process.pid && environment.includes(folder)) killIfThere(pid);
}
