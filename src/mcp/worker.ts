import { McpServer, type ServerContext, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { DispatchError } from "../base/error.ts";
import { connectJson, type JsonSocket } from "../base/json-socket.ts";
import { VERSION } from "../base/version.ts";
import { FromWorkerDesk, WORKER_TOOLS, type WorkerCall } from "../protocol/worker.ts";

/** How often a call that waits says so, in milliseconds; products give up on a silent one. */
const PROGRESS_MS = 5_000;

/** What a model reads of each tool. */
const DESCRIPTIONS: Record<WorkerCall["tool"], string> = {
  ask: "Ask the person who dispatched you a question. If the answer says that it is parked, end your turn: the answer comes as your next message.",
  flag: "Raise something urgent for the person to see, without waiting.",
  plan_update:
    "Mark items of your checklist, by number or exact text: done, error or blocked (with a note), or open. An unknown text adds an item.",
  finish: "Report the outcome: your last call, with a short summary and the files you changed.",
};

/**
 * The MCP server of a worker: the tools of `protocol/worker.ts` on standard input and output, and nothing else of
 * Dispatch. It holds no state: each call goes to the host at `DISPATCH_WORKER_SOCKET`. Resolves when its client is gone.
 * @throws DispatchError `invalid` outside a task, `unavailable` when the host is gone
 */
export async function runWorkerTools(environment: Record<string, string | undefined>): Promise<void> {
  const path = environment["DISPATCH_WORKER_SOCKET"];
  if (!path)
    throw new DispatchError("invalid", "worker tools run inside a task only", {
      hint: 'dispatch run "<task>"',
    });
  const desk = await Desk.connect(path);
  const ended = Promise.withResolvers<void>();
  const handle = serveStdio(() => createServer(desk));
  process.stdin.once("end", () => ended.resolve());
  process.stdin.once("close", () => ended.resolve());
  await ended.promise;
  await handle.close();
  desk.close();
}

function createServer(desk: Desk): McpServer {
  const server = new McpServer({ name: "dispatch", version: VERSION }, { capabilities: { tools: {} } });
  for (const tool of Object.keys(WORKER_TOOLS) as WorkerCall["tool"][]) {
    const inputSchema: StandardSchemaWithJSON = WORKER_TOOLS[tool];
    server.registerTool(tool, { description: DESCRIPTIONS[tool], inputSchema }, async (input, context) => {
      const progress = announceProgress(context);
      try {
        const reply = await desk.call({ tool, ...(input as object) } as WorkerCall);
        const text = reply.type === "refused" ? reply.message : reply.text;
        return { content: [{ type: "text", text }], isError: reply.type === "refused" };
      } finally {
        clearInterval(progress);
      }
    });
  }
  return server;
}

/** Says that a call goes on, where the client asked to be told. */
function announceProgress(context: ServerContext): ReturnType<typeof setInterval> | undefined {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return setInterval(() => {
    progress += PROGRESS_MS / 1_000;
    const message = "waiting for an answer";
    void context.mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken, progress, message },
    });
  }, PROGRESS_MS);
}

/** The host's end of the worker's calls. */
class Desk {
  readonly #waiting = new Map<number, PromiseWithResolvers<FromWorkerDesk>>();
  #socket!: JsonSocket;
  #calls = 0;
  #gone = false;

  static async connect(path: string): Promise<Desk> {
    const desk = new Desk();
    desk.#socket = await connectJson(path, () => ({
      onMessage: (message) => desk.#receive(FromWorkerDesk.parse(message)),
      onClose: () => desk.#end(),
    }));
    return desk;
  }

  call(call: WorkerCall): Promise<FromWorkerDesk> {
    if (this.#gone) return Promise.resolve(goneReply(0));
    const id = ++this.#calls;
    const reply = Promise.withResolvers<FromWorkerDesk>();
    this.#waiting.set(id, reply);
    this.#socket.send({ id, call });
    return reply.promise;
  }

  close(): void {
    this.#socket.close();
  }

  #receive(reply: FromWorkerDesk): void {
    this.#waiting.get(reply.id)?.resolve(reply);
    this.#waiting.delete(reply.id);
  }

  #end(): void {
    this.#gone = true;
    for (const [id, reply] of this.#waiting) reply.resolve(goneReply(id));
    this.#waiting.clear();
  }
}

function goneReply(id: number): FromWorkerDesk {
  return { type: "refused", id, message: "the task's host is gone: end your turn" };
}
