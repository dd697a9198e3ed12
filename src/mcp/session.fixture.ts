import { pathToFileURL } from "node:url";
import { Client, type ProgressCallback } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { World } from "../../test/e2e/world.ts";

/** The protocol's two eras: an `initialize` that opens a connection, and requests that each say who asks. */
export const ERAS = { "2025": "legacy", "2026": { pin: "2026-07-28" } } as const;

/** What a tool said. */
export interface Said {
  facts: Record<string, unknown>;
  text: string;
  failed: boolean;
  /** All that a host can put before its model. */
  characters: number;
}

type Decision = "approve" | "deny" | "cancel";

export interface SessionOptions {
  era?: keyof typeof ERAS;
  /** The host's product. */
  name?: string;
  environment?: Record<string, string>;
  /** What starts another server of ours than that of agent sessions. */
  words?: string[];
  /** The session whose host, by its command line, stands above the server. */
  hostOf?: string;
  /** Folders that its person works in. */
  roots?: readonly string[];
  /** What its person says in a dialogue. */
  decide?: (message: string) => Decision | Promise<Decision>;
}

/** A host's session with the real `dispatch mcp` in a world's repository. */
export class Session implements AsyncDisposable {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async open(world: World, options: SessionOptions = {}): Promise<Session> {
    const { era = "2025", name = "test", environment = {} } = options;
    const { roots, decide, hostOf, words: verbs = ["mcp"] } = options;
    const program = [...world.self, ...verbs];
    const words = program.map((word) => `'${word}'`).join(" ");
    const [command = "", ...args] = hostOf ? ["sh", "-c", `${words}; exit $?`, "host", hostOf] : program;
    const capabilities = { ...(roots ? { roots: {} } : {}), ...(decide ? { elicitation: {} } : {}) };
    const client = new Client(
      { name, version: "1" },
      { capabilities, versionNegotiation: { mode: ERAS[era] } },
    );
    if (roots)
      client.setRequestHandler("roots/list", () => ({
        roots: roots.map((path) => ({ uri: pathToFileURL(path).href })),
      }));
    if (decide)
      client.setRequestHandler("elicitation/create", async ({ params }) => {
        const decision = await decide(params.message);
        return decision === "cancel" ? { action: "cancel" } : { action: "accept", content: { decision } };
      });
    const env = { ...world.environment, ...environment };
    await client.connect(new StdioClientTransport({ command, args, env, cwd: world.repo }));
    return new Session(client);
  }

  async call(name: string, input: object = {}, onprogress?: ProgressCallback): Promise<Said> {
    const result = await this.client.callTool(
      { name, arguments: { ...input } },
      onprogress ? { onprogress } : {},
    );
    const [first] = result.content as { type: string; text?: string }[];
    const facts = (result.structuredContent ?? {}) as Record<string, unknown>;
    const text = first?.text ?? "";
    const characters = text.length + JSON.stringify(result.structuredContent ?? "").length;
    return { facts, text, failed: result.isError === true, characters };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
