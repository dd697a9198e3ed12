import type { Permissions } from "../protocol/permission.ts";
import type { Thinking } from "../protocol/thinking.ts";
import type { TurnEnd } from "../protocol/transcript.ts";

/** An agent product as the catalog describes it: data only, so that adding one is adding a row. */
export type AgentRow = AcpRow | ExecRow | ShellRow;

/** Speaks the Agent Client Protocol, by itself or through an adapter. */
export interface AcpRow {
  readonly protocol: "acp";
  readonly agent: string;
  readonly name: string;
  /** The user's own command line program; null where the config names the whole command. */
  readonly program: Program | null;
  readonly command: AcpCommand;
  /** Set for every run, over whatever the caller had. */
  readonly environment: Readonly<Record<string, string>>;
  /** The product's own variables that a run may take from its caller: names, and prefixes that end in `*`. */
  readonly variables: readonly string[];
  /** How it is told of further folders, where ACP's `additionalDirectories` do not tell it. */
  readonly folders?: FoldersOption;
  /** What makes the product keep to each preset. Requests that still come are the host's to answer, once each. */
  readonly gates: Readonly<Record<Permissions, Gate>>;
  /** What runs under `ask` without a request, for a person to read; null: nothing does. */
  readonly ungated: string | null;
  /** ACP's method of authentication that takes the user's login, where a session is refused before it is called. */
  readonly authenticate?: string;
  readonly plan: PlanSource;
  readonly resume: Resume;
  /** How a model is chosen in an open session: ACP's config option `model`, `session/set_model`, or not at all. */
  readonly model: "set_config_option" | "set_model" | null;
  /** The levels of thinking that it can be told, and how. */
  readonly thinking: ThinkingWays;
  /**
   * What the cost that it reports counts from: the start of the session, or that of its process, so that a resumed one
   * begins at zero. Null: it reports none.
   */
  readonly cost: "session" | "process" | null;
  /** Whether worker tools reach it as an MCP server of `session/new`, or it is told the file protocol. */
  readonly workerTools: "mcp" | "files";
  /** Where a request for permission has the command line that it is about: in its raw input, or as its title. */
  readonly commandLine: "input" | "title";
}

/** A command that takes one prompt, works on it and ends: each turn is a run of it. Nobody can be asked meanwhile. */
export interface ExecRow {
  readonly protocol: "exec";
  readonly agent: string;
  readonly name: string;
  /** The product that it is a form of; null for a command of the config. */
  readonly program: Program | null;
  /** The subcommand that takes a prompt, behind the program's name. */
  readonly verb: string | null;
  /** What the config's command may have and ours must not. */
  readonly dropped: readonly string[];
  /** What the command line must have; what the config's command has of it already is not added. */
  readonly options: readonly Option[];
  /** Options by which a command of the config would set permissions itself. */
  readonly permissionOptions: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly variables: readonly string[];
  readonly folders?: FoldersOption;
  /** As of AcpRow; null: the preset is refused, because nothing would keep the command to it. */
  readonly gates: Readonly<Record<Permissions, Gate | null>>;
  readonly ungated: string | null;
  readonly input: PromptInput;
  readonly output: ExecOutput;
  /** Whether its output shows a todo list of its own, written whole. */
  readonly plan: boolean;
  /** What stands before the id of a conversation to go on with; null: every turn begins a new one. */
  readonly resume: readonly string[] | null;
  /** The option that chooses a model; null: there is none. */
  readonly model: string | null;
  readonly thinking: Readonly<Partial<Record<Thinking, Gate>>>;
  /** Whether a cost that it reports counts from the start of the conversation, or adds to the one before. */
  readonly cost: "session" | "step" | null;
  readonly tokens: "session" | "step";
  readonly workerTools: "mcp" | "files";
  /** How it is told of our MCP server; null: not at all. */
  readonly server: ServerSetting | null;
  /** What the product means by an exit code, where it is more than a failure. */
  readonly exits: Readonly<Record<number, TurnEnd>>;
}

/** An option of a command line by all of its names, and its value where it takes one. */
interface Option {
  readonly names: readonly [string, ...string[]];
  readonly value?: string;
}

/**
 * An option before each folder, or with all of them as the list of a setting. `list`: it takes the folders of one option
 * apart at commas, so that one with a comma cannot be told. `permission`: patterns that are allowed under a key of the
 * permissions which the gate has in this variable as JSON.
 */
export type FoldersOption =
  | { readonly by: "option"; readonly option: string; readonly list?: true }
  | { readonly by: "setting"; readonly option: string; readonly key: string }
  | { readonly by: "permission"; readonly variable: string; readonly key: string };

/** The prompt as the last argument, or on standard input; `marker` is the argument that says so. */
export type PromptInput = { readonly by: "argument" } | { readonly by: "stdin"; readonly marker?: string };

/** What a run prints: plain text, or a product's lines of JSON. */
export type ExecOutput = "text" | "claude" | "codex" | "cursor" | "gemini" | "opencode";

/** An MCP server as JSON behind an option, as TOML keys behind one each, or as a config in a variable. */
export type ServerSetting =
  | { readonly by: "json"; readonly option: string }
  | { readonly by: "toml"; readonly option: string }
  | { readonly by: "variable"; readonly variable: string };

/** A product's own interactive program, in a terminal that people attach to: its screen is its interface. */
export interface TerminalRow {
  readonly protocol: "terminal";
  readonly agent: string;
  readonly name: string;
  /** The product that it is a form of; null for a command of the config. */
  readonly program: Program | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly variables: readonly string[];
  /** What its command line has, whatever else it says. */
  readonly arguments: readonly string[];
  /** What makes it keep to a preset from its start on; null: nothing would, so the preset is refused. */
  readonly gates: Readonly<Record<Permissions, Gate | null>>;
  /** The presets that it refuses to root. */
  readonly notForRoot: readonly Permissions[];
  /** The option that chooses a model; null: there is none. */
  readonly model: string | null;
  readonly thinking: Readonly<Partial<Record<Thinking, Gate>>>;
  /** The option by which a new conversation is given its id; null: it has one of its own, if any. */
  readonly named: string | null;
  /** What stands before the id of a conversation to go on with; null: each start begins a new one. */
  readonly resume: readonly string[] | null;
  /** How its own hooks come to report what happens in it; null: its screen is all that is known. */
  readonly hooks: HookWay | null;
  readonly prompt: PromptRow;
  /** The key that ends a running turn. */
  readonly interrupt: string;
}

/**
 * Hooks as JSON behind an option, or as TOML keys behind one each; `events` in the product's own words. `atStart`: they
 * say that it has started before it is told anything.
 */
export interface HookWay {
  readonly atStart: boolean;
  readonly by: "settings" | "config";
  readonly option: string;
  readonly events: readonly string[];
}

/**
 * The line of a screen where a person types: what may stand before it, and what is said below it while a turn runs, and
 * once its conversation is open (null: it shows the line no sooner).
 */
export interface PromptRow {
  readonly marks: readonly string[];
  readonly busy: string | null;
  readonly opened: string | null;
}

/** The built-in agent: each prompt is a command line of the user's shell. */
interface ShellRow {
  readonly protocol: "shell";
  readonly agent: string;
  readonly name: string;
  readonly cost: null;
  readonly workerTools: "files";
}

export interface Program {
  /** Its names, in the order in which they are looked for on the PATH. */
  readonly names: readonly string[];
  readonly versionArguments: readonly string[];
  readonly login: Login;
  /** What a person does to get it, and to log in. */
  readonly install: string;
  readonly logIn: string;
}

/**
 * The signs of a login, none of which is a secret read: one of `variables` is set, one of `files` is there, or
 * `statusArguments` make the program exit with 0. `without` is what it means that none of them was found.
 */
export interface Login {
  readonly variables: readonly string[];
  readonly files: readonly UserFile[];
  readonly statusArguments: readonly string[] | null;
  readonly without: "no" | "unknown";
}

/** `path` in the folder that `variable` names, or else in `folder` of the user's home. */
export interface UserFile {
  readonly variable: string;
  readonly folder: string;
  readonly path: string;
}

/** The adapters that Dispatch can fetch; see `adapter-packages.ts`. */
export type AdapterName = "claude-agent-acp" | "codex-acp" | "pi-acp";

/**
 * The command that speaks ACP on its standard streams: the user's own program with `arguments`, an adapter that is told
 * where that program is by the variable `program`, or a command of the config.
 */
type AcpCommand =
  | { readonly by: "program"; readonly arguments: readonly string[] }
  | { readonly by: "adapter"; readonly adapter: AdapterName; readonly program: string }
  | { readonly by: "config" };

/**
 * Where a product has to be told: its arguments, its environment, the `_meta` of `session/new|load|resume`, and a file
 * that `option` names to it.
 */
export interface Gate {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly file?: { readonly option: string; readonly name: string; readonly text: string };
}

/**
 * How a level of thinking is told: by a variable at the start, or by ACP's option of the category `thought_level`, with
 * the first of `values` that the chosen model has.
 */
export type ThinkingWay =
  | { readonly by: "environment"; readonly environment: Readonly<Record<string, string>> }
  | { readonly by: "option"; readonly values: readonly string[] };
export type ThinkingWays = Readonly<Partial<Record<Thinking, ThinkingWay>>>;

/**
 * Where the agent's own todo list is seen: in ACP's plan updates, or in the raw input of the tool call of this title,
 * as `list` of entries with a text and a state (`pending`, `in_progress`, `completed`). Null: it is not shown.
 */
export type PlanSource =
  | { readonly in: "plan" }
  | {
      readonly in: "tool";
      readonly title: string;
      readonly list: string;
      readonly text: string;
      readonly state: string;
    }
  | null;

/**
 * How a later process goes on with a session. `load` replays the conversation as updates, which are not news; where
 * `replayEnds` is `later`, some of it comes after the answer, and all that comes before the first prompt is replay.
 * `prefix` goes before the id wherever a process that loaded the session is told it.
 */
export type Resume =
  | { readonly by: "resume" }
  | { readonly by: "load"; readonly replayEnds: "with the answer" | "later"; readonly prefix?: string }
  | null;
