/** An MCP server with a worker's tools, whose calls go to the desk of a test's stage: a stand-in for `dispatch mcp --worker`. */
import { z } from "zod";
import { LineReader } from "../base/line-reader.ts";
import { FromWorkerDesk, WorkerCall } from "../protocol/worker.ts";
import { JsonRpcPeer, METHOD_NOT_FOUND, RpcError } from "./json-rpc.ts";

const MAX_LINE_BYTES = 1024 * 1024;
const waiting = new Map<number, (text: string) => void>();
let calls = 0;

const reader = new LineReader({ maxBytes: MAX_LINE_BYTES });
const desk = await Bun.connect({
  unix: process.env.DESK!,
  socket: {
    data(_socket, chunk) {
      for (const line of reader.push(chunk)) {
        if (line.kind !== "line") continue;
        const reply = FromWorkerDesk.parse(JSON.parse(line.text));
        waiting.get(reply.id)?.(reply.type === "refused" ? reply.message : reply.text);
      }
    },
  },
});

function callDesk(call: unknown): Promise<string> {
  const id = ++calls;
  const { promise, resolve } = Promise.withResolvers<string>();
  waiting.set(id, resolve);
  desk.write(`${JSON.stringify({ id, call })}\n`);
  return promise;
}

const tools = WorkerCall.options.map((option) => {
  const { properties, required, ...schema } = z.toJSONSchema(option, { io: "input" });
  const { tool: _, ...inputs } = properties ?? {};
  const name = option.shape.tool.value;
  const inputSchema = { ...schema, properties: inputs, required: required?.filter((key) => key !== "tool") };
  return { name, description: `The worker tool ${name}.`, inputSchema };
});

const peer = new JsonRpcPeer({
  async send(line) {
    process.stdout.write(line);
  },
  async answer(method, params) {
    switch (method) {
      case "initialize":
        return {
          protocolVersion: (params as { protocolVersion: string }).protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "dispatch", version: "0" },
        };
      case "tools/list":
        return { tools };
      case "tools/call": {
        const { name, arguments: input } = params as { name: string; arguments: object };
        return { content: [{ type: "text", text: await callDesk({ tool: name, ...input }) }] };
      }
      default:
        throw new RpcError(METHOD_NOT_FOUND, `no method ${method}`);
    }
  },
});

await peer.read(Bun.stdin.stream());
process.exit(0);
