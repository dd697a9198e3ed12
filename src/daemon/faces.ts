import { join } from "node:path";
import { homeFiles } from "../base/home.ts";
import { DispatchError } from "../base/error.ts";
import { createClient } from "../client/client.ts";
import { followStream } from "../client/stream.ts";
import type { Core, Face } from "../compat/core.ts";
import type { Ground } from "./parts.ts";

/** The faces of other programs' wire that the config names, and what a person should know of those that are closed. */
export class Faces {
  readonly #ground: Ground;
  readonly #open: Face[] = [];
  readonly #notices: string[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** To be called when the daemon's own socket answers. */
  async open(): Promise<void> {
    const { oppi, workstation } = this.#ground.config.last().compat;
    if (oppi) await this.#try(() => this.#openOppi(oppi));
    if (workstation) await this.#try(() => this.#openWorkstation());
  }

  notices(): readonly string[] {
    return this.#notices;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((face) => face.close()));
  }

  async #try(open: () => Promise<Face>): Promise<void> {
    try {
      this.#open.push(await open());
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      this.#notices.push(error.hint ? `${error.message} (${error.hint})` : error.message);
    }
  }

  /** Loaded here, so that a daemon without faces is none the larger. */
  async #openOppi({ port }: { port?: number | undefined }): Promise<Face> {
    const { readOppiConfig } = await import("../compat/oppi/settings.ts");
    const { openOppi } = await import("../compat/oppi/server.ts");
    const { environment, home, log } = this.#ground;
    const config = readOppiConfig(environment["HOME"] ?? home);
    const tls = config.tls.mode === "disabled" ? {} : { tls: await this.#certificate() };
    const report = (error: unknown) => log.error("oppi-failed", { error });
    return openOppi({ core: coreOf(home), token: config.token, port: port ?? config.port, ...tls, report });
  }

  async #openWorkstation(): Promise<Face> {
    const { openWorkstation } = await import("../compat/workstation/server.ts");
    const { environment, home, log } = this.#ground;
    return openWorkstation({
      client: coreOf(home).client,
      home: environment["HOME"] ?? home,
      socketPath: join(home, "workstation.sock"),
      report: (error) => log.error("workstation-failed", { error }),
    });
  }

  async #certificate(): Promise<{ cert: string; key: string }> {
    const { ownCertificate } = await import("./certificate.ts");
    return ownCertificate(this.#ground.home);
  }
}

/** A face is a client like every other: it calls the daemon by its socket. */
function coreOf(home: string): Core {
  const { socket } = homeFiles(home);
  return {
    client: createClient({ kind: "socket", path: socket }),
    follow: (topics, after, signal) => followStream({ socket, topics, after, signal }),
  };
}
