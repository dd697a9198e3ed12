import { existsSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { watchFolder } from "../folder-watch.ts";
import { setInterval } from "node:timers/promises";
import type { StoredConversation } from "./memory.ts";
import { firstWord, parts } from "./script.ts";
import type { WorkerTools } from "./worker-tools.ts";

/** What a step can reach. */
export interface Scene {
  readonly folder: string;
  readonly conversation: StoredConversation;
  readonly tools: WorkerTools | null;
  /** Aborted when the turn is cancelled. */
  readonly signal: AbortSignal;
  /** Sends a session update. */
  update(update: object): Promise<void>;
  /** Asks the client. */
  request(method: string, params: object): Promise<unknown>;
  /** Writes to standard output as it is. */
  write(text: string): Promise<void>;
  /** The turn's answer tells of these tokens. */
  spend(inputTokens: number, outputTokens: number): void;
}

/** How a step ends its turn: with a stop reason, with an error, or never. */
export type StepEnd = { stop: string } | { error: string; data?: unknown } | "never";

type Play = (scene: Scene, rest: string) => Promise<StepEnd | void>;

const NEVER: StepEnd = "never";

/** The verbs; see agent.ts for what they mean. */
export const STEPS: Readonly<Record<string, Play>> = {
  text: say,
  thought: (scene, rest) => scene.update({ sessionUpdate: "agent_thought_chunk", content: textBlock(rest) }),
  model: (scene) => say(scene, `model ${scene.conversation.memory.model}`),
  thinking: (scene) => say(scene, `thinking ${scene.conversation.memory.effort}`),
  recall: (scene) => say(scene, `turns ${scene.conversation.memory.turns.length}`),
  environment: (scene, name) => say(scene, `${name}=${process.env[name] ?? ""}`),
  edit,
  "client-write": async (scene, rest) => {
    const [path, content] = firstWord(rest);
    const named = isAbsolute(path) ? path : `${scene.folder}/${path}`; // links and dots as they are
    await scene.request("fs/write_text_file", { path: named, content });
  },
  run,
  setsid: async (scene, rest) => {
    Bun.spawn(["setsid", "sh", "-c", rest], {
      cwd: scene.folder,
      stdio: ["ignore", "ignore", "ignore"],
    }).unref();
  },
  permission: async (scene, rest) => {
    const [kind, title] = firstWord(rest);
    const answer = await mayI(scene, { toolCallId: crypto.randomUUID(), title, kind, rawInput: { title } });
    await say(scene, `permission ${answer}`);
  },
  tool: async (scene, rest) => {
    const [title, input] = firstWord(rest);
    const call = {
      toolCallId: crypto.randomUUID(),
      title,
      kind: "other",
      rawInput: JSON.parse(input) as unknown,
    };
    await scene.update({ sessionUpdate: "tool_call", status: "completed", ...call });
  },
  plan: (scene, rest) =>
    scene.update({
      sessionUpdate: "plan",
      entries: parts(rest).map((entry) => ({
        content: entry.replace(/^\+/, ""),
        priority: "medium",
        status: entry.startsWith("+") ? "completed" : "pending",
      })),
    }),
  usage: (scene, rest) => {
    const [used, amount] = firstWord(rest);
    const cost = amount === "" ? null : { amount: Number(amount), currency: "USD" };
    return scene.update({ sessionUpdate: "usage_update", used: Number(used), size: 200_000, cost });
  },
  spend: async (scene, rest) => {
    const [input, output] = rest.split(" ").map(Number);
    scene.spend(input!, output!);
  },
  ask: async (scene, rest) => {
    const [question, ...options] = parts(rest);
    const answer = await callTool(scene, "ask", { question, options });
    await say(scene, `ask: ${answer}`);
    return /\bparked\b/i.test(answer) ? { stop: "end_turn" } : undefined;
  },
  flag: async (scene, text) => void (await callTool(scene, "flag", { text })),
  tick: (scene, rest) => mark(scene, `${rest} done`),
  mark,
  finish: async (scene, rest) => {
    const [summary, ...files] = parts(rest);
    await callTool(scene, "finish", { summary, files });
  },
  flood: async (scene, rest) => {
    const [lines, bytes] = rest.split(" ").map(Number);
    for (let line = 1; line <= lines! && !scene.signal.aborted; line++) {
      await say(scene, `${line} `.padEnd(bytes ?? 0, "."));
    }
  },
  stream: async (scene, rest) => {
    const [perSecond, lines] = rest.split(" ").map(Number);
    let line = 0;
    if (lines === 0) return;
    for await (const _ of setInterval(1_000 / perSecond!)) {
      if (scene.signal.aborted) return;
      await say(scene, `${++line}\n`);
      if (line === lines) return;
    }
  },
  rubbish: (scene, rest) => scene.write(`${rest === "" ? "this is no JSON" : rest}\n`.repeat(3)),
  line: (scene, bytes) => scene.write(`${"x".repeat(Number(bytes))}\n`),
  "wait-file": waitFile,
  hang: async (scene, name) => {
    await waitFile(scene, name);
    if (scene.signal.aborted) process.exit(1);
  },
  network: async (scene, port) => {
    const closed = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(port),
      socket: { data() {}, close: () => closed.resolve() },
    });
    await Promise.race([closed.promise, aborted(scene.signal)]);
    socket.end();
  },
  silence: (scene) => aborted(scene.signal),
  "hang-cancel": async () => NEVER,
  crash: async (_scene, code) => process.exit(Number(code || 1)),
  stop: async (_scene, reason) => ({ stop: reason }),
  error: async (_scene, message) => ({ error: message }),
  "silent-error": async (scene, message) => {
    const _meta = { codex: { threadStatus: { type: "systemError" } } };
    await scene.update({ sessionUpdate: "session_info_update", _meta });
    await say(scene, `${message}\n\n`);
    return { stop: "end_turn" };
  },
  limit: async (_scene, seconds) => reachedLimit(seconds),
};

/** Steps that are behind an agent as soon as it begins them: played again after a resume, they would never end. */
export const ONCE: ReadonlySet<string> = new Set([
  "ask",
  "crash",
  "error",
  "silent-error",
  "limit",
  "stop",
  "line",
]);

/** The error of an account that has used up what it has, in the form of the service behind Codex. */
export function reachedLimit(seconds: string): { error: string; data: object } {
  const resets = seconds === "" ? {} : { resets_in_seconds: Number(seconds) };
  return { error: "The usage limit has been reached", data: { type: "usage_limit_reached", ...resets } };
}

function textBlock(text: string): object {
  return { type: "text", text };
}

function say(scene: Scene, text: string): Promise<void> {
  return scene.update({ sessionUpdate: "agent_message_chunk", content: textBlock(text) });
}

async function edit(scene: Scene, rest: string): Promise<void> {
  const [name, content] = firstWord(rest);
  const path = resolve(scene.folder, name);
  const call = { toolCallId: crypto.randomUUID(), title: `Edit ${name}`, kind: "edit", name: "edit" };
  const asked = { ...call, locations: [{ path }], rawInput: { path, content } };
  await scene.update({ sessionUpdate: "tool_call", status: "pending", ...asked });
  const allowed = (await mayI(scene, asked)) === "allowed";
  if (allowed) writeFileSync(path, `${content}\n`);
  const diff = [{ type: "diff", path, oldText: null, newText: `${content}\n` }];
  const status = allowed ? "completed" : "failed";
  await scene.update({
    sessionUpdate: "tool_call_update",
    toolCallId: call.toolCallId,
    status,
    content: diff,
  });
}

async function run(scene: Scene, command: string): Promise<void> {
  const toolCallId = crypto.randomUUID();
  const call = { toolCallId, title: command, kind: "execute", name: "run", rawInput: { command } };
  await scene.update({ sessionUpdate: "tool_call", status: "pending", ...call });
  const allowed = (await mayI(scene, call)) === "allowed";
  const update = { sessionUpdate: "tool_call_update", toolCallId };
  if (!allowed) return scene.update({ ...update, status: "failed" });
  const child = Bun.spawn(["sh", "-c", `exec 2>&1; ${command}`], {
    cwd: scene.folder,
    detached: true,
    stdin: "ignore",
    stdout: "pipe",
  });
  const kill = () => void process.kill(-child.pid, "SIGKILL");
  scene.signal.addEventListener("abort", kill, { once: true });
  process.once("exit", kill);
  await scene.update({ ...update, status: "in_progress" });
  const output = await new Response(child.stdout).text();
  const status = (await child.exited) === 0 ? "completed" : "failed";
  scene.signal.removeEventListener("abort", kill);
  process.off("exit", kill);
  return scene.update({ ...update, status, content: [{ type: "content", content: textBlock(output) }] });
}

/** Asks for permission, and says what the answer was. */
async function mayI(scene: Scene, toolCall: object): Promise<"allowed" | "rejected" | "cancelled"> {
  const answer = (await scene.request("session/request_permission", {
    toolCall,
    options: [
      { optionId: "1", name: "Always", kind: "allow_always" },
      { optionId: "2", name: "Yes", kind: "allow_once" },
      { optionId: "3", name: "No", kind: "reject_once" },
    ],
  })) as { outcome: { outcome: string; optionId?: string } };
  if (answer.outcome.outcome === "cancelled") return "cancelled";
  return answer.outcome.optionId === "2" ? "allowed" : "rejected";
}

async function mark(scene: Scene, rest: string): Promise<void> {
  const [item, more] = firstWord(rest);
  const [mark, note] = firstWord(more);
  const change = { item: Number(item), mark, ...(note === "" ? {} : { note }) };
  await callTool(scene, "plan_update", { items: [change] });
}

async function callTool(scene: Scene, tool: string, input: object): Promise<string> {
  if (scene.tools === null) throw new Error("no MCP server `dispatch` was passed");
  return scene.tools.call(tool, input);
}

async function waitFile(scene: Scene, name: string): Promise<void> {
  const path = resolve(scene.folder, name);
  const { promise, resolve: appear } = Promise.withResolvers<void>();
  const watcher = watchFolder(dirname(path), () => {
    if (existsSync(path)) appear();
  });
  if (existsSync(path)) appear();
  await Promise.race([promise, aborted(scene.signal)]);
  watcher.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
