import { DispatchError } from "../base/error.ts";
import { VERSION } from "../base/version.ts";
import type { LocalOptions } from "../client/local.ts";
import type { Command, Context } from "./command.ts";
import { COMMANDS, type Entry } from "./commands.ts";
import { EXIT } from "./exit.ts";
import { reportHint, reportNotice } from "./failure.ts";
import { Output } from "./output.ts";
import { checkOperands, parseWords, usageError } from "./parse.ts";
import { closest } from "./suggest.ts";

/**
 * Runs the command that the words name. Resolves with the exit code.
 * @throws DispatchError for what the person or the daemon got wrong
 */
export async function runCli(words: string[], program: { home: string; self: string[] }): Promise<number> {
  const { name, entry, rest } = findCommand(words);
  const usage = `dispatch ${name}${name && " "}--help`;
  if (!entry) return await withoutCommand(name, rest);
  const command = await entry.load();
  const parsed = parseWords(rest, command.flags, usage);
  const { json, help, version, ...flags } = parsed.flags;
  const output = new Output({ json: json === true, environment: process.env });
  if (help) return await showHelp(output, name, command);
  if (version) return await showVersion(output);
  if (name === "" && parsed.operands.length > 0) throw unknownCommand(parsed.operands[0]!);
  checkOperands(parsed.operands, command, usage);
  if (entry.decides) refuseInsideAgent(name);
  return await command.run(await contextOf(program, output), { operands: parsed.operands, flags });
}

interface Found {
  name: string;
  entry: Entry | undefined;
  rest: string[];
}

/** The command is the first word that is no flag, with the next one where both together are a command. */
function findCommand(words: string[]): Found {
  const at = words.findIndex((word) => !word.startsWith("-"));
  if (at < 0 || words.slice(0, at).includes("--")) return { name: "", entry: COMMANDS[""], rest: words };
  const first = words[at]!;
  if (first === "help") return findCommand([...words.toSpliced(at, 1), "--help"]);
  const both = `${first} ${words[at + 1] ?? ""}`;
  if (Object.hasOwn(COMMANDS, both))
    return { name: both, entry: COMMANDS[both], rest: words.toSpliced(at, 2) };
  const entry = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  return { name: first, entry, rest: words.toSpliced(at, 1) };
}

/** Words that are the first half of commands, or no command at all. */
async function withoutCommand(name: string, rest: string[]): Promise<number> {
  const members = Object.keys(COMMANDS).filter((each) => each.startsWith(`${name} `));
  if (members.length === 0) throw unknownCommand(name);
  const { flags, operands } = parseWords(rest, {}, `dispatch ${name} --help`);
  const { groupHelp } = await import("./help.ts");
  if (flags["help"] === true) {
    await new Output({ json: false, environment: process.env }).show(null, () => groupHelp(name));
    return EXIT.done;
  }
  const word = operands[0];
  const verbs = members.map((each) => each.slice(name.length + 1));
  if (word === undefined)
    throw usageError(`dispatch ${name} needs one of ${verbs.join(", ")}`, `dispatch ${name} --help`);
  const guess = closest(word, verbs);
  throw usageError(
    `unknown command ${name} ${word}${guess ? `; did you mean ${guess}?` : ""}`,
    guess ? `dispatch ${name} ${guess}` : `dispatch ${name} --help`,
  );
}

function unknownCommand(word: string): DispatchError {
  const names = Object.keys(COMMANDS).map((name) => name.split(" ")[0]!);
  const guess = closest(word, names);
  return usageError(
    `unknown command ${word}${guess ? `; did you mean ${guess}?` : ""}`,
    guess ? `dispatch ${guess}` : "dispatch --help",
  );
}

async function showHelp(output: Output, name: string, command: Command): Promise<number> {
  const { commandHelp, programHelp } = await import("./help.ts");
  await output.show(null, (_, look) => (name === "" ? programHelp(look) : commandHelp(name, command, look)));
  return EXIT.done;
}

async function showVersion(output: Output): Promise<number> {
  await output.show({ version: VERSION }, ({ version }) => `dispatch ${version}`);
  return EXIT.done;
}

/** A worker may read, hand on work and ask; what a person decides is not for it. This stops accidents (SECURITY.md). */
function refuseInsideAgent(name: string): void {
  if (!process.env["DISPATCH_RUN"]) return;
  throw new DispatchError(
    "forbidden",
    `dispatch ${name} is for people, and this runs inside an agent's task`,
    {
      hint: "ask the person who started this task",
    },
  );
}

async function contextOf(program: { home: string; self: string[] }, output: Output): Promise<Context> {
  const local: LocalOptions = {
    ...program,
    environment: process.env,
    notice: (text, hint) => {
      reportNotice(text);
      reportHint(hint);
    },
  };
  const { createLocalClient } = await import("../client/local.ts");
  let interrupted: AbortSignal | undefined;
  return {
    local,
    client: createLocalClient(local),
    output,
    environment: process.env,
    get interrupted() {
      interrupted ??= onInterrupt();
      return interrupted;
    },
  };
}

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}
