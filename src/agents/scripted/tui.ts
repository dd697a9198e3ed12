/**
 * The scripted agent as an interactive program in a terminal. It has a line to type in below what was said, takes pasted
 * text as one piece, and sends with Enter. What it is told is remembered in a file, and its scripted steps are played:
 *
 *   text WORDS       says it                     recall          says how many turns it remembers
 *   environment NAME says the variable           size            says how large its terminal is
 *   lines N          says N numbered lines       draw TEXT       writes it as it is (`\e` is ESC, `\a` BEL, `\n` a line)
 *   busy             is busy until Escape        shell           has a shell's prompt in place of its own until `exit`;
 *                                                                what is sent there is run
 *   exit CODE        ends
 *
 *   tui.ts [--session-id ID] [--resume ID | resume ID] [--model ID] [FLAG…], and says which flags it got
 *
 * SCRIPTED_START breaks its start: crash; trust (asks first whether the folder is trusted, `y` goes on); no-resume.
 * SCRIPTED_SCREEN=alternate has it draw on the alternate screen.
 */
import { parseArgs } from "node:util";
import { StoredConversation } from "./memory.ts";
import { firstWord, parseScript } from "./script.ts";
import { Keyboard } from "./keyboard.ts";

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    "session-id": { type: "string" },
    resume: { type: "string" },
    model: { type: "string" },
  },
});
const { SCRIPTED_START: fault, SCRIPTED_SCREEN: place, HOME: home = "/" } = process.env;

const SWITCHED_ON = `${place === "alternate" ? "\x1b[?1049h" : ""}\x1b[?2004h`;
const SWITCHED_OFF = `\x1b[?2004l${place === "alternate" ? "\x1b[?1049l" : ""}`;
/** The line to type in, by what reads it. */
const PROMPTS = { agent: "> ", shell: "$ ", trust: "Do you trust this folder? (y/n) ", busy: "* working " };

const DRAWN: Readonly<Record<string, string>> = { e: "\x1b", a: "\x07", n: "\r\n" };

let reader: keyof typeof PROMPTS = fault === "trust" ? "trust" : "agent";
let draft = "";

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
  const shown = draft.replaceAll("\n", "⏎").slice(0, Math.max(room, 0));
  write(`\r\x1b[K${PROMPTS[reader]}${shown}`);
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
      return take(text);
    case "shell":
      return run(text);
    case "trust":
      if (text !== "y") return end(1);
      reader = "agent";
      return drawPrompt();
    case "busy":
      draft = text; // it is kept until there is somebody to read it
  }
}

function take(text: string): void {
  if (text === "") return drawPrompt();
  talk.change({ turns: [...talk.memory.turns, text] });
  say(...text.split("\n").map((line) => `you: ${line.slice(0, process.stdout.columns)}`));
  for (const { verb, rest } of parseScript(text)) play(verb, rest);
}

function play(verb: string, rest: string): void {
  switch (verb) {
    case "text":
      return say(rest);
    case "recall":
      return say(`turns ${talk.memory.turns.length}`);
    case "environment":
      return say(`${rest}=${process.env[rest] ?? ""}`);
    case "size":
      return say(`${process.stdout.columns}x${process.stdout.rows}`);
    case "lines":
      return say(...Array.from({ length: Number(rest) }, (_, at) => `line ${at + 1}`));
    case "draw":
      return write(rest.replaceAll(/\\([ean])/g, (_, letter: string) => DRAWN[letter]!));
    case "busy":
    case "shell":
      reader = verb;
      return drawPrompt();
    case "exit":
      return end(Number(firstWord(rest)[0]));
  }
}

function run(command: string): void {
  if (command === "exit") reader = "agent";
  else say(Bun.spawnSync(["sh", "-c", command]).stdout.toString().trimEnd());
  drawPrompt();
}

function end(code: number): void {
  write(SWITCHED_OFF);
  process.exit(code);
}

if (fault === "crash") process.exit(3);
const talk = conversation();
const keyboard = new Keyboard({
  typed(text) {
    draft += text;
    drawPrompt();
  },
  pressed(key) {
    if (key === "enter") send();
    if (key === "backspace") draft = draft.slice(0, -1);
    if (key === "escape" && reader === "busy") reader = "agent";
    if (key === "interrupt" && draft === "") end(0);
    if (key === "interrupt") draft = "";
    drawPrompt();
  },
});
process.stdin.setRawMode(true);
process.stdin.on("data", (bytes: Buffer) => keyboard.read(bytes));
process.stdout.on("resize", drawPrompt);
write(SWITCHED_ON);
say(["scripted", ...process.argv.slice(2)].join(" "));
