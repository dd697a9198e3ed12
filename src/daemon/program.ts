import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { SELF_VARIABLE } from "../base/home.ts";
import type { SessionId } from "../protocol/id.ts";
import { type Environment, listed } from "./environment.ts";
import type { HostStart } from "./host-link.ts";

/**
 * The argv for this program's own children: a link to the running binary below `DISPATCH_HOME/bin`, so that an upgrade
 * or removal of the installed file takes nothing from live sessions. From source: the argv as it is.
 */
export function keepProgram(home: string, self: readonly string[]): string[] {
  const [binary, ...rest] = self;
  if (!binary || rest.length > 0) return [...self];
  const { dev, ino, size, mtimeNs } = statSync(binary, { bigint: true });
  const kept = join(home, "bin", Bun.hash(`${dev} ${ino} ${size} ${mtimeNs}`).toString(36));
  if (existsSync(kept)) return [kept];
  mkdirSync(join(home, "bin"), { recursive: true, mode: 0o700 });
  const draft = `${kept}.${process.pid}`;
  try {
    linkSync(binary, draft);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    copyFileSync(binary, draft); // another file system, or one without links
  }
  renameSync(draft, kept);
  return [kept];
}

/** Removes the programs of earlier versions: for when no session has a host that may still run one. */
export function dropOtherPrograms(home: string, [kept]: readonly string[]): void {
  const folder = join(home, "bin");
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (path !== kept) rmSync(path, { force: true });
  }
}

/**
 * Starts the host of a session, detached. Resolves when it listens, or when it has ended: because another host has the
 * session, or because it cannot start. `said` is what it then wrote to stderr.
 */
export async function spawnHost(
  session: SessionId,
  { self, home, environment }: { self: readonly string[]; home: string; environment: Environment },
): Promise<{ start: HostStart; said: string }> {
  const child = Bun.spawn([...self, "host", session], {
    cwd: home,
    env: { ...listed(environment, []), DISPATCH_HOME: home, [SELF_VARIABLE]: home },
    detached: true,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  child.unref();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  if (!done) {
    await child.stderr.cancel();
    return { start: "listens", said: "" };
  }
  const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  return { start: code === 0 ? "held" : "ended", said };
}
