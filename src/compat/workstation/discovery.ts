import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { z } from "zod";
import { DispatchError } from "../../base/error.ts";

/** The version of the wire, as Workstation's daemon names it. */
const WIRE_VERSION = "0.1.0";
/** Where its clients look when no file names a socket. */
const DEFAULT_SOCKET = "/tmp/varie-workstation.sock";

const Discovery = z.looseObject({ socketPath: z.string().min(1), pid: z.number().int() });
type Discovery = z.infer<typeof Discovery>;

/** The file in the user's home by which Workstation's clients find a socket. */
export class DiscoveryFile {
  readonly #path: string;
  readonly #socketPath: string;
  readonly #startedAt = new Date().toISOString();

  constructor(home: string, socketPath: string) {
    this.#path = join(home, ".varie-workstation", "daemon.json");
    this.#socketPath = socketPath;
  }

  /** @throws DispatchError `conflict` while another program answers these clients */
  async checkFree(): Promise<void> {
    const theirs = this.#read()?.socketPath ?? DEFAULT_SOCKET;
    if (theirs !== this.#socketPath && (await isAnswered(theirs)))
      throw new DispatchError("conflict", `another program serves Workstation's clients, on ${theirs}`, {
        hint: "quit it, then: dispatch daemon restart",
      });
  }

  /** Has it name our socket. */
  write(): void {
    const { pid } = process;
    const known = { socketPath: this.#socketPath, pid, startedAt: this.#startedAt, version: WIRE_VERSION };
    const draft = `${this.#path}.${pid}`;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.#path);
  }

  /** Writes it again where it is gone. One that another program wrote meanwhile stays. */
  restore(): void {
    if (!existsSync(this.#path)) this.write();
  }

  /** Removes it where it is still ours. */
  release(): void {
    const found = this.#read();
    if (found?.pid === process.pid && found.socketPath === this.#socketPath)
      rmSync(this.#path, { force: true });
  }

  /** Null where there is none that its clients could read. */
  #read(): Discovery | null {
    try {
      return Discovery.safeParse(JSON.parse(readFileSync(this.#path, "utf8"))).data ?? null;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).syscall !== undefined) return null;
      throw error;
    }
  }
}

/** False for what is another user's: that is not this user's Workstation, whatever it is. */
async function isAnswered(path: string): Promise<boolean> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isSocket() || found.uid !== process.getuid?.()) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path, () => resolve(true)).on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
