/**
 * The scripted agent as a one-shot command: it plays what its prompt names (see agent.ts), prints it, and ends. Nobody
 * is asked for permission. It goes by the command lines of the products that it stands in for:
 *
 *   one-shot.ts [FLAG…] [PROMPT]                       prints text
 *   one-shot.ts --output-format stream-json [FLAG…]    prints Claude Code's lines; with SCRIPTED_FORMAT=cursor Cursor's
 *   --resume ID, --model ID, --mcp-config JSON         as theirs; the prompt is the last argument or standard input
 *
 * SCRIPTED_START breaks it: crash, silence, mute (ends without a word), rubbish (prints no JSON), login, no-resume.
 */
import { parseArgs } from "node:util";
import { StoredConversation } from "./memory.ts";
import { claudeLines, cursorLines, textLines, type Print } from "./one-shot-lines.ts";
import { parseScript } from "./script.ts";
import { STEPS, type Scene } from "./steps.ts";
import { WorkerTools } from "./worker-tools.ts";

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    "output-format": { type: "string" },
    resume: { type: "string" },
    model: { type: "string" },
    "mcp-config": { type: "string" },
    "permission-mode": { type: "string" },
    "setting-sources": { type: "string" },
    allowedTools: { type: "string" },
    tools: { type: "string" },
    effort: { type: "string" },
    mode: { type: "string" },
  },
});
const fault = process.env.SCRIPTED_START;
const output = Bun.stdout.writer();

async function write(text: string): Promise<void> {
  void output.write(text);
  await output.flush();
}

function printer(id: string): Print {
  if (values["output-format"] !== "stream-json") return textLines(write);
  return process.env.SCRIPTED_FORMAT === "cursor" ? cursorLines(write, id) : claudeLines(write, id);
}

function openConversation(home: string): StoredConversation | null {
  const { resume, model = "scripted-large" } = values;
  if (resume === undefined) return StoredConversation.create(home, String(model));
  return fault === "no-resume" ? null : StoredConversation.load(home, String(resume));
}

function tools(): WorkerTools | null {
  const config = values["mcp-config"];
  if (config === undefined) return null;
  const { mcpServers } = JSON.parse(String(config)) as {
    mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
  };
  const { env, ...server } = mcpServers["dispatch"]!;
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  return new WorkerTools({ name: "dispatch", ...server, env: variables });
}

async function main(): Promise<number> {
  if (fault === "crash") return 3;
  if (fault === "mute") return 0;
  if (fault === "silence") await new Promise(() => undefined);
  if (fault === "rubbish") await write("usage: this is another program\n".repeat(20));
  if (fault === "rubbish") return 0;
  const prompt = positionals.at(-1) ?? (await Bun.stdin.text());
  const conversation = openConversation(process.env.HOME ?? "/");
  if (conversation === null) {
    console.error(`No conversation found with session ID: ${values.resume}`);
    return 1;
  }
  if (values.model !== undefined) conversation.change({ model: String(values.model) });
  conversation.change({ turns: [...conversation.memory.turns, prompt] });
  const print = printer(conversation.id);
  await print.begin();
  return fault === "login" ? print.noLogin() : play(prompt, conversation, print);
}

async function play(prompt: string, conversation: StoredConversation, print: Print): Promise<number> {
  const never = new AbortController();
  const scene: Scene = {
    folder: process.cwd(),
    conversation,
    tools: tools(),
    signal: never.signal,
    update: (update) => print.update(update),
    request: async () => ({ outcome: { outcome: "selected", optionId: "2" } }),
    write,
    spend: () => undefined,
  };
  for (const { verb, rest } of parseScript(prompt)) {
    const end = await STEPS[verb]!(scene, rest);
    if (end === "never") await new Promise(() => undefined);
    if (typeof end === "object" && "error" in end) return print.failed(end.error);
    if (end) break;
  }
  return print.end();
}

process.on("SIGTERM", () => process.exit(143)); // so that what it started ends with it
process.exit(await main());
