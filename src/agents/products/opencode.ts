import type { AcpRow, ExecRow } from "../agent-row.ts";
import { ALL_THINKING } from "./thinking.ts";

/** What OpenCode may do unasked in every preset but `ask`. */
const OPENCODE_READS = {
  read: "allow",
  glob: "allow",
  grep: "allow",
  list: "allow",
  todowrite: "allow",
  "dispatch_*": "allow",
};
// A subagent's requests never reach the client and its turn would hang, so where calls ask there are no subagents. Each
// tool is named, since a name in another config wins over the star.
const OPENCODE_ASKS = {
  "*": "ask",
  ...Object.fromEntries(
    [
      ..."read edit glob grep list bash webfetch websearch codesearch todowrite todoread lsp skill".split(
        " ",
      ),
      "external_directory",
      "doom_loop",
    ].map((tool) => [tool, "ask"]),
  ),
  task: "deny",
};
const OPENCODE_DENIES = Object.fromEntries(Object.keys(OPENCODE_ASKS).map((tool) => [tool, "deny"]));
/** A repository's config can start plugins and MCP servers that no gate sees: it stays out. */
const OPENCODE_OF_USER = { OPENCODE_DISABLE_PROJECT_CONFIG: "1" };

export const opencode: AcpRow = {
  protocol: "acp",
  agent: "opencode",
  name: "OpenCode",
  program: {
    names: ["opencode"],
    versionArguments: ["--version"],
    login: {
      variables: [],
      files: [{ variable: "XDG_DATA_HOME", folder: ".local/share", path: "opencode/auth.json" }],
      statusArguments: null,
      without: "unknown", // a provider of the config, or a free model, needs none
    },
    install: "npm install -g opencode-ai",
    logIn: "opencode auth login",
  },
  command: { by: "program", arguments: ["acp"] },
  environment: { OPENCODE_DISABLE_AUTOUPDATE: "1" },
  variables: [
    "OPENCODE_API_KEY",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_DIR",
    "OPENCODE_DISABLE_*",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "GEMINI_API_KEY",
    "OPENROUTER_API_KEY",
  ],
  folders: { by: "permission", variable: "OPENCODE_PERMISSION", key: "external_directory" },
  // The variable wins over the user's and the repository's config.
  gates: {
    ask: { environment: { ...OPENCODE_OF_USER, OPENCODE_PERMISSION: JSON.stringify(OPENCODE_ASKS) } },
    edits: {
      environment: {
        ...OPENCODE_OF_USER,
        OPENCODE_PERMISSION: JSON.stringify({ ...OPENCODE_ASKS, ...OPENCODE_READS }),
      },
    },
    all: { environment: { OPENCODE_PERMISSION: JSON.stringify({ "*": "allow" }) } },
    "read-only": {
      // Of commands some only read: those are asked about.
      environment: {
        ...OPENCODE_OF_USER,
        OPENCODE_PERMISSION: JSON.stringify({ ...OPENCODE_DENIES, ...OPENCODE_READS, bash: "ask" }),
      },
    },
  },
  ungated: "the plugins and MCP servers of the repository's .opencode and opencode.json",
  plan: { in: "tool", title: "todowrite", list: "todos", text: "content", state: "status" },
  resume: { by: "resume" },
  model: "set_config_option",
  thinking: ALL_THINKING,
  cost: "session",
  workerTools: "mcp",
  commandLine: "input",
};

/** `opencode run`: what its rules do not allow is denied. */
export const opencodeExec: ExecRow = {
  protocol: "exec",
  agent: "opencode-exec",
  name: "OpenCode",
  program: opencode.program,
  verb: "run",
  dropped: [],
  options: [{ names: ["--format"], value: "json" }],
  permissionOptions: ["--auto", "--dangerously-skip-permissions"],
  environment: opencode.environment,
  variables: opencode.variables,
  folders: opencode.folders!,
  gates: {
    ask: null,
    edits: {
      environment: {
        ...OPENCODE_OF_USER,
        OPENCODE_PERMISSION: JSON.stringify({ ...OPENCODE_DENIES, ...OPENCODE_READS, edit: "allow" }),
      },
    },
    all: opencode.gates.all,
    "read-only": opencode.gates["read-only"],
  },
  ungated: opencode.ungated,
  input: { by: "stdin" },
  output: "opencode",
  plan: true,
  resume: ["--session"],
  model: "--model",
  thinking: {},
  cost: "step",
  tokens: "step",
  workerTools: "mcp",
  server: { by: "variable", variable: "OPENCODE_CONFIG_CONTENT" },
  exits: {},
};
