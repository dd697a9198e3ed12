import { join } from "node:path";
import { freePort, type World } from "./world.ts";

/** A frame of oppi's wire, as far as tests look into it. */
export interface Frame {
  type: string;
  command?: string;
  requestId?: string;
  success?: boolean;
  error?: string;
  sessionId?: string;
  seq?: number;
  delta?: string;
  id?: string;
  code?: string;
  stage?: string;
  duplicate?: boolean;
  data?: Record<string, unknown>;
  session?: { id: string; status: string; model: string; thinkingLevel: string | null };
}

/** The daemon by oppi's wire. */
export interface Oppi {
  port: number;
  token: string;
}

/** A world whose daemon serves oppi's clients, and whose repository is the workspace `repo`. */
export async function serve(world: World): Promise<Oppi> {
  const port = freePort();
  await world.ok("workspaces", "add", world.repo);
  await world.ok("config", "compat", "oppi");
  await world.ok("config", "set", "compat.oppi.port", String(port));
  await world.ok("daemon", "restart");
  const { token } = (await Bun.file(configOf(world)).json()) as { token: string };
  return { port, token };
}

export function configOf(world: World): string {
  return join(world.environment["HOME"]!, ".config/oppi/config.json");
}

/** Every request of oppi's program says that it is JSON and carries the token, also one without a body. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an assertion that each call makes
export async function call<T>(
  { port, token }: Oppi,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as T };
}

/** A connection to `/stream` that subscribes as soon as it is open, before a first frame has come. */
export class Socket implements Disposable {
  readonly frames: Frame[] = [];
  readonly #socket: WebSocket;
  #changed = Promise.withResolvers<void>();

  constructor({ port, token }: Oppi, subscribe: object) {
    const headers = { authorization: `Bearer ${token}` };
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/stream`, { headers });
    this.#socket.addEventListener("open", () => this.say({ type: "subscribe", level: "full", ...subscribe }));
    this.#socket.addEventListener("message", ({ data }) => {
      this.frames.push(JSON.parse(String(data)) as Frame);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
  }

  say(frame: unknown): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** The first frame that is as wanted, waited for where it has not come yet. */
  async frame(isSo: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(isSo);
      if (found) return found;
      await this.#changed.promise;
    }
  }

  /** The answer to a command. */
  async result(command: string): Promise<Frame> {
    return this.frame((frame) => frame.type === "command_result" && frame.command === command);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/**
 * What oppi's program does, from the workspace's name to the acknowledged prompt. Then it hangs up.
 * @throws Error with what an `error` frame said before the prompt was acknowledged
 */
export async function dispatch(
  oppi: Oppi,
  options: { workspace: string; prompt: string; name?: string; model?: string; thinking?: string },
): Promise<string> {
  const { workspace, prompt, thinking, ...body } = options;
  const listed = await call<{ workspaces: { id: string; name: string }[] }>(oppi, "GET", "/workspaces");
  const found = listed.body.workspaces.find(
    ({ id, name }) => id === workspace || name.toLowerCase() === workspace,
  );
  if (!found) throw new Error(`no workspace ${workspace}`);
  const path = `/workspaces/${found.id}/sessions`;
  const made = await call<{ session: { id: string }; error?: string }>(oppi, "POST", path, body);
  if (made.status !== 201) throw new Error(made.body.error);
  const sessionId = made.body.session.id;
  await call(oppi, "POST", `${path}/${sessionId}/resume`);
  using socket = new Socket(oppi, { sessionId });
  await socket.frame(
    ({ type, command, success }) => type === "command_result" && command === "subscribe" && !!success,
  );
  if (thinking) socket.say({ type: "set_thinking_level", sessionId, level: thinking });
  socket.say({ type: "prompt", sessionId, message: prompt, requestId: "dispatch-prompt" });
  const told = await socket.frame(
    ({ type, requestId, success }) =>
      type === "error" || type === "agent_start" || (requestId === "dispatch-prompt" && success === true),
  );
  if (told.type === "error") throw new Error(told.error);
  return sessionId;
}
