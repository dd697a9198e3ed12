import { basename } from "node:path";
import { CATALOG } from "./catalog.ts";
import { claudeOutside } from "./outside/claude.ts";
import { codexOutside } from "./outside/codex.ts";
import { type Entry, readHead } from "./outside/files.ts";

/** A conversation in a product's own files. `title` is its first prompt, as it was written. */
export interface KeptConversation {
  readonly agent: string;
  readonly id: string;
  readonly folder: string;
  readonly title: string;
  /** When something was last written to it, in milliseconds. */
  readonly updatedAt: number;
}

/** What a product has written down of one of its processes: its conversation, and what it does since when. */
export interface OwnRecord {
  readonly conversation: string;
  readonly state: "idle" | "busy" | "waiting";
  readonly since: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What is known of a product beyond its catalog row, where somebody else starts it. */
export interface OutsideProduct {
  readonly agent: string;
  /** What stands before the line where a person types to it. */
  readonly marks: readonly string[];
  /** True for a process of it that runs the conversations of several terminals, also when they are closed. */
  isServer(argv: readonly string[]): boolean;
  /** The command that ends such a process; null where there is none. */
  readonly stopServer: string | null;
  /** Null where it writes down nothing, or nothing of this process. `mark`: see `client/process-mark.ts`. */
  recordOf(process: { pid: number; mark: string }, environment: Environment): OwnRecord | null;
  /** The processes of which it has a record, living or not. */
  recorded(environment: Environment): number[];
  /** True where this process has the conversation open, as far as the system shows it. */
  holds(process: { pid: number }, conversation: string): boolean;
  /** The files of its conversations, at the most so many as can be looked at. */
  files(environment: Environment): Promise<Entry[]>;
  /** The id in a file's name; null for a file of another kind. */
  idOf(path: string): string | null;
  /** Reads the beginning of a file. Null where it is no conversation that a person began. */
  read(head: string): Pick<KeptConversation, "folder" | "title"> | null;
}

const PRODUCTS: readonly OutsideProduct[] = [claudeOutside, codexOutside];
/** What runs a program that is a script: its second word is the program. */
const INTERPRETERS = /^(node|bun|deno|sh|bash|dash|zsh)$/;
const SCRIPT = /\.(exe|[cm]?js)$/;
/** Files of one product whose beginnings are read for one list. */
const MAX_READ = 500;

/** The agent that a command line is; null for any other program. Only names that one product has count. */
export function agentOf(argv: readonly string[]): string | null {
  const [first = "", ...rest] = argv;
  const isInterpreter = INTERPRETERS.test(programName(first)) && !rest.some(isCode);
  const script = isInterpreter ? rest.find(isWord) : undefined;
  const names = [first, ...(script === undefined ? [] : [script])].map(programName);
  const row = CATALOG.find(
    (each) => "program" in each && names.some((name) => name === each.program?.names[0]),
  );
  return row?.agent ?? null;
}

function programName(path: string): string {
  return basename(path).replace(SCRIPT, "");
}

function isWord(argument: string): boolean {
  return !argument.startsWith("-");
}

/** The option by which an interpreter takes the program itself. */
function isCode(argument: string): boolean {
  return argument === "-c" || argument === "-e";
}

/** Null for a product of which nothing more is known. */
export function outsideProduct(agent: string): OutsideProduct | null {
  return PRODUCTS.find((each) => each.agent === agent) ?? null;
}

/** The products of which more is known, in the order of the catalog. */
export function outsideProducts(): readonly OutsideProduct[] {
  return PRODUCTS;
}

/**
 * The conversations in the products' own files, newest first. Files are read at their beginnings only; what is no
 * plain file, or makes no sense, is passed over.
 * @param find.ref only those whose id begins like this
 */
export async function keptConversations(
  environment: Environment,
  { limit, ref = "" }: { limit: number; ref?: string },
): Promise<KeptConversation[]> {
  const found = await Promise.all(PRODUCTS.map((each) => keptBy(each, environment, { limit, ref })));
  return found
    .flat()
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .slice(0, limit);
}

async function keptBy(
  product: OutsideProduct,
  environment: Environment,
  { limit, ref }: { limit: number; ref: string },
): Promise<KeptConversation[]> {
  const entries = (await product.files(environment))
    .filter(({ path }) => product.idOf(path)?.startsWith(ref) ?? false)
    .toSorted((a, b) => b.updatedAt - a.updatedAt)
    .slice(0, MAX_READ);
  const kept: KeptConversation[] = [];
  for (const { path, updatedAt } of entries) {
    if (kept.length === limit) break;
    const read = product.read(await readHead(path));
    if (read) kept.push({ agent: product.agent, id: product.idOf(path)!, updatedAt, ...read });
  }
  return kept;
}
