import type { AgentProcess } from "../agents/driver.ts";
import { stepBack } from "./step-back.ts";

/**
 * Starts a program of the agent's. `environment` is all that it gets.
 * @throws where the program is missing or cannot be run, as `Bun.spawn` does
 */
export function spawnAgent(
  command: string[],
  { environment, folder }: { environment: Record<string, string>; folder: string },
): AgentProcess {
  const child = Bun.spawn(command, {
    cwd: folder,
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true, // leads a process group of its own, by which a driver can end it
  });
  stepBack(child.pid);
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    async write(bytes) {
      await child.stdin.write(bytes);
      await child.stdin.flush();
    },
    end() {
      void endInput(child.stdin);
    },
    exited: child.exited.then((code) => (child.signalCode === null ? code : null)),
  };
}

async function endInput(input: Bun.FileSink): Promise<void> {
  try {
    await input.end();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error; // the program is gone, and its input with it
  }
}
