/**
 * The scripted agent as an interactive program in a terminal. It has a line to type in below what was said, takes pasted
 * text as one piece, and sends with Enter; what is sent while it works is its next turn. What it is told is remembered
 * in a file, and its scripted steps are played:
 *
 *   text WORDS       says it                     recall          says how many turns it remembers
 *   environment NAME says the variable           size            says how large its terminal is
 *   lines N          says N numbered lines       draw TEXT       writes it as it is (`\e` is ESC, `\a` BEL, `\n` a line)
 *   busy             is busy until Escape        wait-file NAME  is busy until there is such a file, or Escape
 *   tool NAME ABOUT  uses a tool                 ask NAME ABOUT  asks before it uses a tool: `y`, or Escape
 *   shell            has a shell's prompt in place of its own until `exit`; what is sent there is run
 *   exit CODE        ends
 *
 *   tui.ts [--session-id ID] [--resume ID | resume ID] [--model ID] [FLAG…], and says which flags it got
 *
 * It runs the hooks that Claude Code's `--settings` and Codex's `-c hooks.…` name, and has the mark of either before its
 * line. SCRIPTED_START breaks its start: crash; trust (asks first whether the folder is trusted, `y` goes on);
 * trust-soon (a moment after it has shown its line), trust-late (when it is sent its first prompt, which it takes then);
 * no-resume. SCRIPTED_SCREEN=alternate has it draw on the alternate screen.
 */
import { existsSync, watch } from "node:fs";
import { parseArgs } from "node:util";
import { Hooks } from "./hooks.ts";
import { Keyboard, type Key } from "./keyboard.ts";
import { StoredConversation } from "./memory.ts";
import { firstWord, parseScript, type Step } from "./script.ts";

const words = process.argv.slice(2);
const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    "session-id": { type: "string" },
    resume: { type: "string" },
    model: { type: "string" },
    settings: { type: "string" },
    config: { type: "string", short: "c", multiple: true },
  },
});
const { SCRIPTED_START: fault, SCRIPTED_SCREEN: place, HOME: home = "/" } = process.env;

const SWITCHED_ON = `${place === "alternate" ? "\x1b[?1049h" : ""}\x1b[?2004h`;
const SWITCHED_OFF = `\x1b[?2004l${place === "alternate" ? "\x1b[?1049l" : ""}`;
/** The line to type in, by what reads it. */
const PROMPTS = {
  agent: values.config === undefined ? "> " : "› ",
  shell: "$ ",
  trust: "Do you trust this folder? (y/n) ",
  ask: "Do you want to proceed? (y/n) ",
  busy: "* working ",
};
/** Codex takes so long to find that it does not trust the folder, in milliseconds. */
const ASKS_AFTER_MS = 500;
/** A draft of more lines or characters is shown as what it is: pasted. */
const MAX_SHOWN_LINES = 3;
const MAX_SHOWN_CHARS = 800;
/** Flags that are too long to be said. */
const UNSAID = /^(--settings|-c|\{.*|hooks\..*)$/s;

const DRAWN: Readonly<Record<string, string>> = { e: "\x1b", a: "\x07", n: "\r\n" };

let reader: keyof typeof PROMPTS = fault === "trust" ? "trust" : "agent";
let isTrusted = fault !== "trust-late" && fault !== "trust-soon";
let draft = "";
/** Escape was pressed in this turn. */
let isInterrupted = false;
let waiting: PromiseWithResolvers<void> | null = null;
const queued: string[] = [];

function write(text: string): void {
  process.stdout.write(text);
}

/** Writes lines above the line to type in. */
function say(...lines: string[]): void {
  write(`\r\x1b[K${lines.map((line) => `${line}\r\n`).join("")}`);
  drawPrompt();
}

function drawPrompt(): void {
  const room = process.stdout.columns - PROMPTS[reader].length - 1;
  write(`\r\x1b[K${PROMPTS[reader]}${shownDraft().slice(0, Math.max(room, 0))}${hint()}`);
}

/** Codex says so below its line once its conversation is open: here it stands in the line, drawn faint. */
function hint(): string {
  const isShown = reader === "agent" && draft === "" && values.config !== undefined && isTrusted;
  return isShown ? "\x1b7\x1b[2m← for agents\x1b[22m\x1b8" : "";
}

function shownDraft(): string {
  const lines = draft.split("\n").length;
  const isLong = lines > MAX_SHOWN_LINES || draft.length > MAX_SHOWN_CHARS;
  return isLong ? `[Pasted text #1 +${lines} lines]` : draft.replaceAll("\n", "⏎");
}

function conversation(): StoredConversation {
  const resume = values.resume ?? (positionals[0] === "resume" ? positionals[1] : undefined);
  const model = String(values.model ?? "scripted-large");
  if (resume === undefined) return StoredConversation.create(home, model, namedId());
  const loaded = fault === "no-resume" ? null : StoredConversation.load(home, String(resume));
  if (loaded !== null) return loaded;
  console.error(`No conversation found with session ID: ${String(resume)}`);
  process.exit(1);
}

function namedId(): string {
  return String(values["session-id"] ?? crypto.randomUUID());
}

function send(): void {
  const text = draft;
  draft = "";
  switch (reader) {
    case "agent":
    case "busy":
      queued.push(text);
      if (!isTrusted) reader = "trust";
      if (reader === "agent") void takeAll();
      return;
    case "shell":
      return run(text);
    case "trust":
      if (text !== "y") return void end(1);
      reader = "agent";
      isTrusted = true;
      return void begin().then(takeAll);
    case "ask":
      if (text !== "y") isInterrupted = true;
      waiting?.resolve();
  }
}

async function takeAll(): Promise<void> {
  for (let text = queued.shift(); text !== undefined; text = queued.shift())
    if (text !== "") await take(text);
}

async function take(text: string): Promise<void> {
  reader = "busy";
  isInterrupted = false;
  await hooks.run("UserPromptSubmit", { prompt: text });
  talk.change({ turns: [...talk.memory.turns, text] });
  say(...text.split("\n").map((line) => `you: ${line.slice(0, process.stdout.columns)}`));
  for (const step of parseScript(text)) if (!isInterrupted) await play(step);
  await hooks.run(isInterrupted ? "Interrupt" : "Stop");
  if (reader === "busy") reader = "agent";
  drawPrompt();
}

async function play({ verb, rest }: Step): Promise<void> {
  switch (verb) {
    case "tool":
      return await use(rest, { asks: false });
    case "ask":
      return await use(rest, { asks: true });
    case "busy":
      return await until("busy", Promise.withResolvers());
    case "wait-file":
      return await until("busy", fileThere(rest));
    case "exit":
      return await end(Number(firstWord(rest)[0]));
    default:
      return playAtOnce(verb, rest);
  }
}

function playAtOnce(verb: string, rest: string): void {
  switch (verb) {
    case "text":
      return say(rest);
    case "recall":
      return say(`turns ${talk.memory.turns.length}`);
    case "environment":
      return say(`${rest}=${process.env[rest] ?? ""}`);
    case "size":
      return say(process.stdout.getWindowSize().join("x"));
    case "lines":
      return say(...Array.from({ length: Number(rest) }, (_, at) => `line ${at + 1}`));
    case "draw":
      return write(rest.replaceAll(/\\([ean])/g, (_, letter: string) => DRAWN[letter]!));
    case "shell":
      reader = "shell";
      return drawPrompt();
  }
}

async function use(rest: string, { asks }: { asks: boolean }): Promise<void> {
  const [name, about] = firstWord(rest);
  const call = {
    tool_name: name,
    tool_use_id: crypto.randomUUID(),
    tool_input: name === "Bash" ? { command: about } : { file_path: about },
  };
  await hooks.run("PreToolUse", call);
  if (asks) {
    await hooks.run("PermissionRequest", call);
    await until("ask", Promise.withResolvers());
  }
  if (!isInterrupted) await hooks.run("PostToolUse", call);
}

/** Shows what it waits for; Escape ends that, too. */
async function until(shown: typeof reader, wait: PromiseWithResolvers<void>): Promise<void> {
  if (isInterrupted) return;
  reader = shown;
  drawPrompt();
  waiting = wait;
  await wait.promise;
  waiting = null;
  reader = "busy";
  drawPrompt();
}

function interrupt(): void {
  isInterrupted = true;
  waiting?.resolve();
}

function fileThere(name: string): PromiseWithResolvers<void> {
  const wait = Promise.withResolvers<void>();
  const watcher = watch(process.cwd(), look);
  function look(): void {
    if (existsSync(name)) wait.resolve();
  }
  look();
  void wait.promise.finally(() => watcher.close());
  return wait;
}

function run(command: string): void {
  if (command === "exit") reader = "agent";
  else say(Bun.spawnSync(["sh", "-c", command]).stdout.toString().trimEnd());
  drawPrompt();
}

async function end(code: number): Promise<never> {
  await hooks.run("SessionEnd");
  write(`\r\n${SWITCHED_OFF}`);
  process.exit(code);
}

function askTrust(): void {
  reader = "trust";
  drawPrompt();
}

/** It is there for its person. */
async function begin(): Promise<void> {
  if (values.config === undefined)
    await hooks.run("SessionStart", { source: values.resume === undefined ? "startup" : "resume" });
  drawPrompt();
}

function press(key: Key): void {
  switch (key) {
    case "enter":
      send();
      break;
    case "backspace":
      draft = draft.slice(0, -1);
      break;
    case "kill":
      draft = draft.slice(0, Math.max(draft.lastIndexOf("\n"), 0));
      break;
    case "escape":
      interrupt();
      break;
    case "interrupt":
      if (draft === "") return void end(0);
      draft = "";
  }
  drawPrompt();
}

if (fault === "crash") process.exit(3);
const talk = conversation();
const hooks = new Hooks(words, talk.id);
const keyboard = new Keyboard({
  typed(text) {
    draft += text;
    drawPrompt();
  },
  pressed: press,
});
process.stdin.setRawMode(true);
process.stdin.on("data", (bytes: Buffer) => keyboard.read(bytes));
process.stdout.on("resize", drawPrompt);
write(SWITCHED_ON);
say(["scripted", ...words.filter((word) => !UNSAID.test(word))].join(" "));
if (reader === "agent") await begin();
if (fault === "trust-soon") setTimeout(askTrust, ASKS_AFTER_MS);
