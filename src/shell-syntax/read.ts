import {
  type Command,
  type ParsedScript,
  type Redirection as Redirect,
  type SyntaxNode,
  forEachChild,
  parse,
} from "unbash";
import type { CommandLine, LinePart, ShellWord } from "../protocol/command-line.ts";
import { baseName, carriedBy } from "./carrier.ts";
import { hazardOf, isExported } from "./hazard.ts";
import { inputOf, openedBy } from "./redirect.ts";
import { assignmentWord, shellWord } from "./word.ts";

/** The longest line that is read, in characters; how many parts it may have; how deep scripts may lie in scripts. */
const MAX_LINE = 65_536;
const MAX_PARTS = 500;
const MAX_DEPTH = 8;
const MAX_PATHS = 200;
/** Shells differ in what they take for white space, and in what they do with control characters. */
const STRANGE = /[^\S \t\n]|[\p{Cc}](?<![\t\n])/u;
const MOVES = new Set(["cd", "pushd", "popd", "chdir", "chroot", "unshare", "nsenter"]);

/** Where the line would run. */
export interface Whereabouts {
  /** What an unquoted `~` stands for. */
  readonly home: string;
  /** Where a word of the line leads as a path: absolute, links followed; null: nowhere. */
  resolve(path: string): string | null;
}

/**
 * Reads a command line in the way of bash, and only as far as that is certain: whatever is malformed, is known only
 * when it runs, or would mean something else to another common shell is a part that is `unread`. Never throws.
 */
export function readCommandLine(text: string, where: Whereabouts): CommandLine {
  const reader = new Reader(where);
  reader.script(text, 0);
  return reader.line(text);
}

class Reader {
  readonly #where: Whereabouts;
  readonly #parts: LinePart[] = [];
  /** Redirections whose path is another one once the line has moved to another folder. */
  readonly #relative = new Set<LinePart>();
  #paths = 0;
  #moves = false;

  constructor(where: Whereabouts) {
    this.#where = where;
  }

  line(text: string): CommandLine {
    if (this.#parts.length === 0) this.#unread(text, "there is no command in it");
    if (!this.#moves) return { parts: this.#parts, moves: false };
    return { parts: this.#parts.map((part) => (this.#relative.has(part) ? lost(part) : part)), moves: true };
  }

  script(text: string, depth: number): void {
    if (text.length > MAX_LINE) return this.#unread(`${text.slice(0, 60)}…`, "it is too long to be read");
    if (STRANGE.test(text)) return this.#unread(text, "it has characters that shells read differently");
    if (depth > MAX_DEPTH) return this.#unread(text, "it lies too deep in other commands");
    try {
      this.#node(parse(text), depth);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // nested so deep that the stack was not enough
      this.#unread(text, "it is nested too deep to be read");
    }
  }

  #node(node: SyntaxNode, depth: number): void {
    if (node.type === "Script") this.#errors(node);
    const hazard = hazardOf(node);
    if (hazard !== null) this.#unread("text" in node ? node.text : node.type, hazard);
    if (node.type === "Command") this.#command(node, depth);
    if (node.type === "For" || node.type === "Select") this.#variable(node.name.value);
    if (node.type === "Redirected") this.#redirections(node.redirects);
    forEachChild(node, (child) => this.#node(child, depth));
  }

  #errors({ errors }: ParsedScript): void {
    for (const { message } of errors ?? []) this.#unread("", `it is no whole command line: ${message}`);
  }

  #command(node: Command, depth: number): void {
    const { home } = this.#where;
    const assignments = node.prefix.flatMap((each) =>
      each.type === "Assignment" ? assignmentWord(each, home) : [],
    );
    const args = node.args.map((each) =>
      each.type === "Assignment" ? assignmentWord(each, home) : shellWord(each, home),
    );
    this.#redirections(node.redirects);
    const words = node.name ? [shellWord(node.name, home), ...args] : [];
    this.#simple({ assignments, words, input: inputOf(node.redirects, home), depth });
  }

  #simple({ assignments, words, input, depth }: Found): void {
    if (assignments.length === 0 && words.length === 0) return;
    const text = [...assignments, ...words].map((word) => word.text).join(" ");
    const name = words[0]?.value;
    if (name === null) return this.#unread(text, "which command it is, is only known when it runs");
    if (name === undefined)
      return this.#add({ type: "command", text, assignments, words, carrier: false, paths: [] });
    if (depth > MAX_DEPTH) return this.#unread(text, "it lies too deep in other commands");
    const carried = carriedBy(words, input);
    if (this.#leaves(words)) this.#moves = true;
    this.#add({
      type: "command",
      text,
      assignments,
      words,
      carrier: carried.only && assignments.length === 0,
      paths: this.#pathsOf(words),
    });
    if (carried.unread !== null) this.#unread(text, carried.unread);
    for (const inner of carried.commands) this.#simple({ ...inner, input, depth: depth + 1 });
    for (const script of carried.scripts) this.script(script, depth + 1);
  }

  /** True for a command that takes those after it to another folder; `cd` to the agent's own is none. */
  #leaves([name, folder, ...more]: readonly ShellWord[]): boolean {
    const where = this.#where;
    if (!MOVES.has(baseName(name!.value!))) return false;
    const isHere = name!.value === "cd" && more.length === 0 && folder?.value != null && folder.value !== "-";
    return !isHere || where.resolve(folder.value) !== where.resolve(".");
  }

  /** A loop's variable, which the commands of its body see. */
  #variable(name: string): void {
    if (isExported(name)) this.#unread(name, `it changes ${name}`);
  }

  #redirections(redirects: readonly Redirect[]): void {
    for (const redirect of redirects) {
      const opened = openedBy(redirect, this.#where);
      if (opened === null) continue;
      if (opened.relative) this.#relative.add(opened.part);
      this.#add(opened.part);
    }
  }

  #pathsOf(words: readonly ShellWord[]): string[] {
    const values = words.flatMap(({ value }) => (value === null || value.includes("\0") ? [] : value));
    const named = values.flatMap((value) =>
      value.includes("=") ? [value, value.slice(value.indexOf("=") + 1)] : value,
    );
    const room = named.filter((each) => each !== "").slice(0, Math.max(0, MAX_PATHS - this.#paths));
    this.#paths += room.length;
    return room.flatMap((path) => this.#where.resolve(path) ?? []);
  }

  #unread(text: string, because: string): void {
    this.#add({ type: "unread", text, because });
  }

  #add(part: LinePart): void {
    if (this.#parts.length < MAX_PARTS) this.#parts.push(part);
    else if (this.#parts.length === MAX_PARTS)
      this.#parts.push({ type: "unread", text: "…", because: "it has too many parts" });
  }
}

function lost(part: LinePart): LinePart {
  return part.type === "redirection" ? { ...part, path: null } : part;
}

interface Found {
  readonly assignments: readonly ShellWord[];
  readonly words: readonly ShellWord[];
  /** What stands on its standard input, where that is in the line itself. */
  readonly input: string | null;
  readonly depth: number;
}
