import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";

/** The name under which the folders of a host come back; a decision comes back under the id of what it is about. */
const ROOTS = "roots";
const MAX_ROOTS = 100;

/** What a tool wants of its host before it goes on: it is run again with the answer. */
export type Wish =
  | { readonly wish: "roots" }
  | { readonly wish: "decision"; readonly about: string; readonly message: string };

/** What a person says in a dialogue; `none`: they closed it. */
export type Decision = "approve" | "deny" | "none";

/** What the host of a call can be asked for, and what it has answered; null: it was not asked. */
export interface HostInput {
  readonly canListRoots: boolean;
  readonly canAsk: boolean;
  /** Folders that its person works in; those that are there. */
  readonly roots: readonly string[] | null;
  /** What its person said of this and nothing else: what waits may have changed while the dialogue stood. */
  decisionOn(about: string): Decision | null;
}

/** Reads the call's own capabilities where the protocol sends them with each, else the connection's. */
export function hostInput(server: McpServer, { mcpReq }: ServerContext): HostInput {
  const told: { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } | undefined = mcpReq.envelope;
  const capabilities = told?.[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
  const roots = inputResponse(mcpReq.inputResponses, ROOTS);
  return {
    canListRoots: capabilities?.roots !== undefined,
    canAsk: capabilities?.elicitation !== undefined,
    roots:
      roots.kind === "roots" ? roots.roots.slice(0, MAX_ROOTS).flatMap(({ uri }) => folderOf(uri)) : null,
    decisionOn(about) {
      const said = inputResponse(mcpReq.inputResponses, about);
      return said.kind === "elicit" ? decided(said) : null;
    },
  };
}

/** The wish as the protocol has it. */
export function wishResult(wish: Wish): InputRequiredResult {
  if (wish.wish === "roots") return inputRequired({ inputRequests: { [ROOTS]: inputRequired.listRoots() } });
  return inputRequired({
    inputRequests: {
      [wish.about]: inputRequired.elicit({
        message: wish.message,
        requestedSchema: {
          type: "object",
          properties: { decision: { type: "string", enum: ["approve", "deny"] } },
          required: ["decision"],
        },
      }),
    },
  });
}

interface Said {
  action: string;
  content?: Record<string, unknown>;
}

function decided({ action, content }: Said): Decision {
  if (action === "decline") return "deny";
  const decision = action === "accept" ? content?.["decision"] : undefined;
  return decision === "approve" || decision === "deny" ? decision : "none";
}

/** Nothing for what is no folder of this machine. */
function folderOf(uri: string): string[] {
  try {
    return [realpathSync(fileURLToPath(uri))];
  } catch (error) {
    if (error instanceof TypeError || (error as NodeJS.ErrnoException).code !== undefined) return [];
    throw error;
  }
}
