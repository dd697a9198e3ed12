import { McpServer, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { DispatchError } from "../base/error.ts";
import { connectJson, type JsonSocket } from "../base/json-socket.ts";
import { VERSION } from "../base/version.ts";
import { FromWorkerDesk, WORKER_TOOLS, type WorkerCall } from "../protocol/worker.ts";
import { withProgress } from "./progress.ts";
import { StdioTransport } from "./stdio.ts";

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
  const transport = new StdioTransport();
  const handle = serveStdio(() => createServer(desk), { transport });
  await transport.ended;
  await handle.close();
  desk.close();
}

function createServer(desk: Desk): McpServer {
  const server = new McpServer({ name: "dispatch", version: VERSION }, { capabilities: { tools: {} } });
  for (const tool of Object.keys(WORKER_TOOLS) as WorkerCall["tool"][]) {
    const inputSchema: StandardSchemaWithJSON = WORKER_TOOLS[tool];
    server.registerTool(tool, { description: DESCRIPTIONS[tool], inputSchema }, async (input, context) => {
      const call = { tool, ...(input as object) } as WorkerCall;
      const reply = await withProgress(context, "waiting for an answer", () => desk.call(call));
      const text = reply.type === "refused" ? reply.message : reply.text;
      return { content: [{ type: "text", text }], isError: reply.type === "refused" };
    });
  }
  return server;
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
