import { homeFiles } from "../base/home.ts";
import { VERSION } from "../base/version.ts";
import type { CallAnswer } from "../protocol/api.ts";
import { type Client, createClient, LostCallError, NoDaemonError } from "./client.ts";

export interface LocalOptions {
  home: string;
  /** The argv that runs this program. */
  self: string[];
  environment: Record<string, string | undefined>;
  /** Told once what a person should know, such as a daemon of another version. */
  notice?: (text: string, hint: string) => void;
}

/**
 * A client of this home's daemon. A call that finds none starts one, and one that the daemon took with it is made
 * again: its key sees to it that it is carried out once.
 */
export function createLocalClient(options: LocalOptions): Client {
  const client = createRunningClient(options);
  return {
    async call(name, params, input, { key = crypto.randomUUID(), signal } = {}) {
      try {
        return await client.call(name, params, input, { key, signal });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
      const { startDaemon } = await import("./daemon.ts"); // most calls find one, and never load this
      await startDaemon(options);
      return await client.call(name, params, input, { key, signal });
    },
  };
}

/** The same without starting one: its calls throw `unavailable` where none runs. */
export function createRunningClient(options: LocalOptions): Client {
  let told = false;
  const answeredBy = (version: string | null) => {
    if (told || version === null || version === VERSION) return;
    told = true;
    options.notice?.(`the daemon is version ${version}, this is ${VERSION}`, "dispatch daemon restart");
  };
  const address = { kind: "socket", path: homeFiles(options.home).socket } as const;
  return createClient(address, { ...here(), answeredBy });
}

/** Nothing in a folder that was deleted. */
function here(): { folder?: string } {
  try {
    return { folder: process.cwd() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** Asks the daemon how it is; null where none runs, or it is just going. */
export async function daemonHealth(options: LocalOptions): Promise<CallAnswer<"health"> | null> {
  try {
    return await createRunningClient(options).call("health", {}, {});
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** True where the daemon was not there, or went away with the call. */
export function isGone(error: unknown): boolean {
  return error instanceof NoDaemonError || error instanceof LostCallError;
}
