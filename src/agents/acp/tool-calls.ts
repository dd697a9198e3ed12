import type { GatedCall, ToolKind } from "../../protocol/approval.ts";
import type { AcpRow } from "../agent-row.ts";
import type { AgentOutput } from "../driver.ts";
import { capText } from "../capped-text.ts";
import { boundInput } from "../bounded-input.ts";
import type { ToolContent, ToolPart } from "./messages.ts";
import { placeOf } from "./paths.ts";

/** What is kept of a tool's output: characters, half of them from its head and half from its tail. */
const MAX_TOOL_OUTPUT = 32_000;
const MAX_KNOWN_CALLS = 1_000;
const MAX_PATHS = 200;
/** Keys of a tool's input that hold a path, in the products seen. More paths only make a policy stricter. */
const PATH_KEY = /(?:path|^file|^destination|^source|^directory|^dir)$/i;

/** How Gemini tells where a command runs. */
const FOLDER_NOTE = /^\[(?:current working directory|in) ([^]*?)\](?: \(|$)/;

interface KnownCall {
  title?: string;
  name?: string;
  kind?: ToolKind;
  status: "pending" | "in_progress" | "completed" | "failed";
  paths: string[];
  input?: unknown;
  content?: ToolContent[];
}

/**
 * The tool calls of a conversation, put together from their parts: each message names only what is new of a call, and
 * a request for permission may be the first to name it, or the last to say what it is.
 */
export class ToolCalls {
  readonly #folder: string;
  readonly #commandLine: AcpRow["commandLine"];
  readonly #known = new Map<string, KnownCall>();

  /** @param folder absolute; relative paths of a call start here */
  constructor(folder: string, commandLine: AcpRow["commandLine"]) {
    this.#folder = folder;
    this.#commandLine = commandLine;
  }

  /** What this part says, for the log. */
  output(part: ToolPart): AgentOutput {
    const call = this.#merge(part);
    const output = outputOf(part);
    return {
      type: "tool",
      call: part.toolCallId,
      status: call.status,
      ...(part.title ? { title: part.title } : {}),
      ...(part.kind ? { kind: part.kind } : {}),
      ...(part.locations || part.content ? { paths: call.paths } : {}),
      ...(part.rawInput === undefined ? {} : { input: call.input }),
      ...(output === null ? {} : { output: capText(output, MAX_TOOL_OUTPUT) }),
    };
  }

  /**
   * All that is known of a call that asks for permission. A product that does not name its tool has it named by the
   * kind, and where that says nothing by the title: what a person allows for a session must not reach further.
   */
  gated(part: ToolPart): GatedCall {
    const call = this.#merge(part);
    const kind = call.kind ?? "other";
    const title = call.title ?? kind;
    return {
      tool: call.name ?? (kind === "other" ? title : kind),
      kind,
      title,
      paths: call.paths,
      input: call.input ?? this.#shown(call),
    };
  }

  /** What a product without raw input shows instead: what changes, or a command and where it runs. */
  #shown({ kind, title, content }: KnownCall): unknown {
    if (this.#commandLine === "input" || kind !== "execute") return boundInput(content ?? null);
    const [text = ""] = (content ?? []).flatMap(textOf);
    const folder = FOLDER_NOTE.exec(text)?.[1] ?? "/"; // unknown: no path of the command counts as the agent's own
    return boundInput({ command: title, directory: folder, note: text });
  }

  /** What the product calls the tool of a call, or shows as the call's title. */
  nameOf(id: string): string | undefined {
    const call = this.#known.get(id);
    return call?.name ?? call?.title;
  }

  /** Forgets all calls: the turn is over. */
  clear(): void {
    this.#known.clear();
  }

  #merge(part: ToolPart): KnownCall {
    const known = this.#known.get(part.toolCallId) ?? { status: "pending", paths: [] };
    const call: KnownCall = {
      ...known,
      ...(part.title ? { title: part.title } : {}),
      ...(part.name ? { name: part.name } : {}),
      ...(part.kind ? { kind: part.kind } : {}),
      ...(part.status ? { status: part.status } : {}),
      ...(part.rawInput === undefined ? {} : { input: boundInput(part.rawInput) }),
      ...(part.content ? { content: part.content } : {}),
      paths: this.#paths(part, known.paths),
    };
    this.#known.set(part.toolCallId, call);
    if (this.#known.size > MAX_KNOWN_CALLS) this.#known.delete(this.#known.keys().next().value!);
    return call;
  }

  #paths(part: ToolPart, known: string[]): string[] {
    const named = [
      ...(part.locations ?? []).map(({ path }) => path),
      ...(part.content ?? []).flatMap((content) => ("path" in content ? content.path : [])),
      ...pathsIn(part.rawInput),
    ];
    const resolved = named.slice(0, MAX_PATHS).map((path) => placeOf(this.#folder, path));
    return [...new Set([...known, ...resolved])].slice(0, MAX_PATHS);
  }
}

function pathsIn(input: unknown): string[] {
  if (typeof input !== "object" || input === null) return [];
  return Object.entries(input).flatMap(([key, value]) =>
    typeof value === "string" && value !== "" && PATH_KEY.test(key) ? value : [],
  );
}

/** Null where the part says nothing of the call's output. Diffs are shown as paths and terminals not at all. */
function outputOf(part: ToolPart): string | null {
  if (part.content) {
    const texts = part.content.flatMap(textOf);
    return texts.length > 0 ? texts.join("\n") : null;
  }
  return typeof part.rawOutput === "string" ? part.rawOutput : null;
}

function textOf(content: ToolContent): string | [] {
  return "content" in content && "text" in content.content ? content.content.text : [];
}
