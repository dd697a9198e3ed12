import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ErrorBody } from "../protocol/error.ts";

const FIXTURE = join(import.meta.dir, "daemon.fixture.ts");
const BUN = [process.execPath, "--no-env-file", "--config=/dev/null", FIXTURE];

export interface Answer {
  status: number;
  headers: Headers;
  body: { error?: ErrorBody } & Record<string, unknown>;
}

/** A real daemon in a process of its own. */
export interface TestDaemon {
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly port: number;
  readonly token: string;
  /** A call over the loopback port, with the token unless other headers are given. */
  call(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: unknown },
  ): Promise<Answer>;
  /** Asks it to stop and resolves with its exit code. */
  stop(): Promise<number>;
  kill(): Promise<void>;
}

/** A temp folder for a home, with room in its path for a socket. */
export function makeHome(): { home: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "dd-"));
  return { home: join(folder, "home"), remove: () => rmSync(folder, { recursive: true }) };
}

/** Resolves when it is ready. @throws what it said on stderr when it ends instead */
export async function startDaemon(
  home: string,
  wrap: (command: string[]) => string[] = (all) => all,
): Promise<TestDaemon> {
  const child = Bun.spawn(wrap([...BUN, home]), {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, HOME: home, DISPATCH_HOME: home },
  });
  const ready = await firstLine(child.stdout);
  if (ready === null) throw new Error(await new Response(child.stderr).text());
  const { port, token } = JSON.parse(ready) as { port: number; token: string };
  return {
    child,
    port,
    token,
    async call(method, path, { headers, body } = {}) {
      const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(text !== undefined && { body: text }),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Answer["body"],
      };
    },
    async stop() {
      child.kill("SIGTERM");
      return child.exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  return null;
}
