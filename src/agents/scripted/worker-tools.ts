import { JsonRpcPeer } from "../json-rpc.ts";

const MCP_VERSION = "2025-06-18";

/** A stdio server as `session/new` passes it. */
export interface McpServer {
  readonly name: string;
  readonly command: string;
  readonly args: string[];
  readonly env: { name: string; value: string }[];
}

/** The tools of an MCP server over its standard streams; the server is started when one is called first. */
export class WorkerTools {
  readonly #server: McpServer;
  #peer: Promise<JsonRpcPeer> | null = null;
  #calls = 0;

  constructor(server: McpServer) {
    this.#server = server;
  }

  /** What the tool says, as text. */
  async call(tool: string, input: object): Promise<string> {
    this.#peer ??= this.#start();
    const peer = await this.#peer;
    const params = { name: tool, arguments: input, _meta: { progressToken: ++this.#calls } };
    const result = (await peer.request("tools/call", params)) as {
      content: { type: string; text?: string }[];
      isError?: boolean;
    };
    const text = result.content.map((block) => block.text ?? "").join("\n");
    return result.isError ? `error: ${text}` : text;
  }

  async #start(): Promise<JsonRpcPeer> {
    const { command, args, env } = this.#server;
    const child = Bun.spawn([command, ...args], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
      env: { ...process.env, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) },
    });
    const peer = new JsonRpcPeer({
      async send(line) {
        void child.stdin.write(line);
        await child.stdin.flush();
      },
    });
    void readAll(child.stdout, peer);
    const clientInfo = { name: "scripted", version: "0" };
    await peer.request("initialize", { protocolVersion: MCP_VERSION, capabilities: {}, clientInfo });
    await peer.notify("notifications/initialized", {});
    return peer;
  }
}

async function readAll(output: ReadableStream<Uint8Array>, peer: JsonRpcPeer): Promise<void> {
  await peer.read(output);
  peer.close(new Error("the tool server is gone"));
}
