import { chmodSync, existsSync, lstatSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { DispatchError } from "../../base/error.ts";
import type { Face } from "../core.ts";
import { Announcements } from "./announced.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { DiscoveryFile } from "./discovery.ts";
import { failed } from "./wire.ts";

const MAX_CONNECTIONS = 64;
/** How often it is looked whether the files are there by which clients find the face. */
const LOOK_MS = 10_000;

export interface WorkstationOptions extends Omit<ConnectionOptions, "announced"> {
  /** Where the face listens: a file of a folder that is this daemon's alone. */
  readonly socketPath: string;
}

/** Workstation's unix socket. @throws DispatchError `conflict` while a Workstation lives, `unavailable` */
export async function openWorkstation(options: WorkstationOptions): Promise<Face> {
  const face = new Workstation(options);
  try {
    await face.open();
    return face;
  } catch (error) {
    await face.close();
    if (error instanceof DispatchError || (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new DispatchError("unavailable", `Workstation's face is closed: ${(error as Error).message}`);
  }
}

class Workstation implements Face {
  readonly #options: WorkstationOptions;
  readonly #discovery: DiscoveryFile;
  readonly #announced = new Announcements();
  readonly #connections = new Set<Connection>();
  #server: Server | null = null;
  #looks: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: WorkstationOptions) {
    this.#options = options;
    this.#discovery = new DiscoveryFile(options.home, options.socketPath);
  }

  async open(): Promise<void> {
    await this.#discovery.checkFree();
    await this.#listen();
    this.#discovery.write();
    this.#looks = setInterval(() => {
      this.#looking = this.#look().catch(this.#options.report);
    }, LOOK_MS);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#looks);
    await this.#looking;
    this.#discovery.release();
    this.#server?.close();
    rmSync(this.#options.socketPath, { force: true });
    await Promise.all([...this.#connections].map((connection) => connection.close()));
  }

  /** Files of a temporary folder or a tidied home vanish, and with them the face for its clients. */
  async #look(): Promise<void> {
    if (!existsSync(this.#options.socketPath)) await this.#listen();
    this.#discovery.restore();
  }

  /** Who holds the daemon's lock is the only one who listens there: what is left of another daemon goes. */
  async #listen(): Promise<void> {
    const { socketPath } = this.#options;
    this.#server?.close();
    if (lstatSync(socketPath, { throwIfNoEntry: false })?.isSocket()) rmSync(socketPath);
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket));
    const listening = Promise.withResolvers<void>();
    server.once("error", listening.reject);
    server.listen(socketPath, listening.resolve);
    await listening.promise;
    server.off("error", listening.reject).on("error", this.#options.report);
    chmodSync(socketPath, 0o600);
    this.#server = server;
  }

  #connected(socket: Socket): void {
    const connection = new Connection(socket, { ...this.#options, announced: this.#announced });
    if (this.#connections.size >= MAX_CONNECTIONS) return connection.refuse(failed("Too many connections"));
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
  }
}
