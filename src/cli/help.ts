import type { Command, Flags } from "./command.ts";
import { COMMANDS, type Group } from "./commands.ts";
import { indent, inset, type Look, table } from "./output.ts";
import { GLOBAL_FLAGS } from "./parse.ts";

const GROUPS: Group[] = ["Tasks", "What needs you", "Sessions", "The program"];
const GAP = "  ";
/** Columns of a meaning at the least, however narrow the terminal is. */
const NARROWEST = 20;
const PLAIN: Look = {
  terminal: false,
  width: Infinity,
  height: Infinity,
  bold: (text) => text,
  dim: (text) => text,
  colour: (_, text) => text,
};

/** What `dispatch --help` says: every command on a line. */
export function programHelp(look: Look): string {
  const sections = GROUPS.map((group) => {
    const rows = Object.entries(COMMANDS)
      .filter(([name, entry]) => entry.group === group && name !== "")
      .map(([name, entry]) => [name, entry.summary]);
    return `${look.bold(group)}\n${meanings(rows, look)}`;
  });
  return [
    "Hand work to agents, wherever they run, and keep your own session lean.",
    `${look.bold("Usage")}\n  dispatch                  what needs you and what runs\n  dispatch <command> …      see dispatch <command> --help`,
    ...sections,
    `${look.bold("Flags of every command")}\n${meanings(flagRows(GLOBAL_FLAGS), look)}`,
    `${look.bold("Exit codes")}\n  0 done, 1 failed, 2 usage, 3 not found or ambiguous, 4 waits for you, 5 refused, 6 no daemon, 130 interrupted`,
  ].join("\n\n");
}

/** What `dispatch <command> --help` says. */
export function commandHelp(name: string, command: Command, look: Look): string {
  const flags = flagRows(command.flags);
  const words = [
    "dispatch",
    name,
    ...command.operands.map(shownOperand),
    ...(flags.length > 0 ? ["[flags]"] : []),
  ];
  return [
    COMMANDS[name]!.summary,
    `${look.bold("Usage")}\n  ${words.join(" ")}`,
    ...(command.details === undefined ? [] : [command.details]),
    ...(flags.length > 0 ? [`${look.bold("Flags")}\n${meanings(flags, look)}`] : []),
    ...(command.examples ? [`${look.bold("Examples")}\n${indent(command.examples.join("\n"))}`] : []),
    `${look.bold("Flags of every command")}\n${meanings(flagRows(GLOBAL_FLAGS), look)}`,
  ].join("\n\n");
}

/** The commands that begin with a word. */
export function groupHelp(word: string): string {
  const rows = Object.entries(COMMANDS)
    .filter(([name]) => name.startsWith(`${word} `))
    .map(([name, entry]) => [`dispatch ${name}`, entry.summary]);
  return table(rows, PLAIN);
}

/** Names, and beside each what it means: whole, on as many lines as that takes. */
function meanings(rows: readonly string[][], look: Look): string {
  const { width } = inset(look);
  const widest = Math.max(...rows.map(([name]) => name!.length));
  const column = width === Infinity ? widest : Math.min(widest, Math.floor(width / 3));
  const lines = rows.flatMap(([name = "", meaning = ""]) => {
    const [first, ...further] = wrapped(meaning, width - column - GAP.length);
    const below = further.map((line) => " ".repeat(column) + GAP + line);
    const begun =
      name.length > column ? [name, " ".repeat(column) + GAP + first] : [name.padEnd(column) + GAP + first];
    return [...begun, ...below];
  });
  return indent(lines.join("\n"));
}

function wrapped(text: string, width: number): string[] {
  return width === Infinity ? [text] : Bun.wrapAnsi(text, Math.max(width, NARROWEST)).split("\n");
}

function shownOperand(operand: string): string {
  return operand.startsWith("[") ? operand : `<${operand}>`;
}

function flagRows(flags: Flags): string[][] {
  return Object.entries(flags).map(([name, flag]) => [
    [
      flag.short ? `-${flag.short}, ` : "",
      flag.negatable ? `--[no-]${name}` : `--${name}`,
      flag.value === undefined ? "" : ` ${flag.choices ? flag.choices.join("|") : flag.value}`,
      flag.many ? " …" : "",
    ].join(""),
    flag.help,
  ]);
}
