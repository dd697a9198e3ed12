import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PLAIN_BUN } from "../processes/plain-bun.ts";

const BUILT = process.env["TEST_PROGRAM"];
/** The real program: the one that was built for this run of the tests, or the source. */
export const SELF =
  BUILT === undefined ? [process.execPath, ...PLAIN_BUN, join(dirname(import.meta.dir), "main.ts")] : [BUILT];

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A home for one test file's programs. */
export interface Machine {
  readonly home: string;
  readonly folder: string;
  readonly environment: Record<string, string>;
  run(words: string[], options?: { environment?: Record<string, string>; stdin?: string }): Promise<Ended>;
  /** Stops the daemon, if one was started, and removes everything. */
  close(): Promise<void>;
}

export function makeMachine(): Machine {
  const folder = mkdtempSync(join(tmpdir(), "dc-"));
  const home = join(folder, "home");
  mkdirSync(join(folder, "user"));
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: join(folder, "user"),
    DISPATCH_HOME: home,
    LANG: "C.UTF-8",
  };
  async function run(
    words: string[],
    options: { environment?: Record<string, string>; stdin?: string } = {},
  ) {
    const child = Bun.spawn([...SELF, ...words], {
      cwd: folder,
      env: { ...environment, ...options.environment },
      stdin: options.stdin === undefined ? "ignore" : new Blob([options.stdin]),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, stdout, stderr };
  }
  return {
    home,
    folder,
    environment,
    run,
    async close() {
      await run(["daemon", "stop"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
