import { DispatchError } from "../base/error.ts";
import { listenJson, type JsonServer, type JsonSocket, type JsonSocketEvents } from "../base/json-socket.ts";
import type { FromWorkerDesk, ToWorkerDesk } from "../protocol/worker.ts";
import type { Desk } from "./desk.ts";

/** Calls of one connection that may wait at a time; products call one tool after the other, or a few at once. */
const MAX_WAITING_CALLS = 32;
/** The id of a reply to what was no call. */
const NO_CALL = -1;

/** Serves the worker's MCP server (`dispatch mcp --worker`) at a socket, in the words of protocol/worker.ts. */
export function serveDesk(path: string, desk: Desk): Promise<JsonServer> {
  return listenJson(path, (socket) => serveWorker(socket, desk));
}

function serveWorker(socket: JsonSocket, desk: Desk): JsonSocketEvents {
  // Loaded for the first worker that connects: the schemas are a third of what a host weighs, and many never meet one.
  const schemas = import("../protocol/worker.ts");
  const gone = new AbortController();
  let waiting = 0;
  const reply = (message: FromWorkerDesk) => void socket.send(message);
  async function serve({ id, call }: ToWorkerDesk): Promise<void> {
    waiting++;
    try {
      reply({ ...(await desk.serve(call, gone.signal)), id });
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      reply({ type: "refused", id, message: [error.message, error.hint].filter(Boolean).join("; ") });
    } finally {
      waiting--;
    }
  }
  async function receive(message: unknown): Promise<void> {
    const { ToWorkerDesk } = await schemas;
    const parsed = ToWorkerDesk.safeParse(message);
    if (!parsed.success) reply({ type: "refused", id: idOf(message), message: parsed.error.message });
    else if (waiting >= MAX_WAITING_CALLS)
      reply({ type: "refused", id: parsed.data.id, message: `${waiting} calls wait already` });
    else await serve(parsed.data);
  }
  return {
    onMessage: (message) => void receive(message),
    onClose: () => gone.abort(),
  };
}

function idOf(message: unknown): number {
  const id = typeof message === "object" && message !== null && "id" in message ? message.id : null;
  return Number.isSafeInteger(id) ? (id as number) : NO_CALL;
}
