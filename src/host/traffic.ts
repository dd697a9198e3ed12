const SS = ["-H", "-t", "-i", "-n", "-p"];
/** It answers in some milliseconds; a machine on which it does not shall not hold up a look. */
const SS_LIMIT_MS = 5_000;

/**
 * The bytes that the open TCP connections of some processes have received, as `ss` of iproute2 counts them. An answer
 * that comes in pieces costs its reader next to no time, so that nothing else shows it. Null where there is no `ss`.
 */
export async function readTraffic(pids: ReadonlySet<number>): Promise<number | null> {
  const ss = process.platform === "linux" ? Bun.which("ss", { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }) : null;
  if (ss === null) return null;
  const child = start(ss);
  return child && sumReceived(await new Response(child.stdout).text(), pids);
}

/** Null on a machine that can start nothing more: it has nothing to tell then. */
function start(ss: string): Bun.Subprocess<"ignore", "pipe", "ignore"> | null {
  try {
    return spawnSs(ss);
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function spawnSs(ss: string): Bun.Subprocess<"ignore", "pipe", "ignore"> {
  return Bun.spawn([ss, ...SS], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { LC_ALL: "C" },
    timeout: SS_LIMIT_MS,
    killSignal: "SIGKILL",
  });
}

/** A connection is a line with its processes, and what follows it up to the next one. */
function sumReceived(output: string, pids: ReadonlySet<number>): number {
  let received = 0;
  for (const connection of output.split(/\n(?=\S)/)) {
    const isOurs = [...connection.matchAll(/\bpid=(\d+)/g)].some(([, pid]) => pids.has(Number(pid)));
    if (isOurs) received += Number(/\bbytes_received:(\d+)/.exec(connection)?.[1] ?? 0);
  }
  return received;
}
