import type { AcpRow, ExecRow, TerminalRow } from "../agent-row.ts";
import { COMMON_THINKING, levelsBy } from "./thinking.ts";

export const codex: AcpRow = {
  protocol: "acp",
  agent: "codex",
  name: "Codex",
  program: {
    names: ["codex"],
    versionArguments: ["--version"],
    login: {
      variables: ["OPENAI_API_KEY", "CODEX_API_KEY"],
      files: [{ variable: "CODEX_HOME", folder: ".codex", path: "auth.json" }],
      statusArguments: ["login", "status"],
      without: "no",
    },
    install: "npm install -g @openai/codex",
    logIn: "codex login",
  },
  command: { by: "adapter", adapter: "codex-acp", program: "CODEX_PATH" },
  environment: { NO_BROWSER: "1" },
  variables: ["OPENAI_*", "CODEX_API_KEY", "CODEX_HOME", "MODEL_PROVIDER"],
  // The modes of codex-acp. Anything below full access keeps commands off .git, the network and other folders.
  gates: {
    ask: { environment: { INITIAL_AGENT_MODE: "read-only" } },
    edits: { environment: { INITIAL_AGENT_MODE: "workspace-write" } },
    all: { environment: { INITIAL_AGENT_MODE: "agent-full-access" } },
    "read-only": { environment: { INITIAL_AGENT_MODE: "read-only" } },
  },
  ungated: "commands that only read: its sandbox makes all others fail until they ask",
  plan: { in: "plan" },
  resume: { by: "resume" },
  model: "set_config_option",
  thinking: COMMON_THINKING,
  cost: null,
  workerTools: "mcp",
  commandLine: "input",
};

function sandbox(mode: "read-only" | "workspace-write" | "danger-full-access") {
  // As settings: to go on with a conversation, it takes no `--sandbox`.
  return { arguments: ["-c", `sandbox_mode="${mode}"`, "-c", `approval_policy="never"`] };
}

/** `codex exec`: its sandbox keeps it to a preset, and what that forbids fails. */
export const codexExec: ExecRow = {
  protocol: "exec",
  agent: "codex-exec",
  name: "Codex",
  program: codex.program,
  verb: "exec",
  dropped: [],
  options: [{ names: ["--json"] }, { names: ["--skip-git-repo-check"] }],
  permissionOptions: [
    "-s",
    "--sandbox",
    "-a",
    "--ask-for-approval",
    "-p",
    "--profile",
    "--full-auto",
    "--approve-for-me",
    "--dangerously-bypass-approvals-and-sandbox",
    "--yolo",
    "--add-dir",
  ],
  environment: {},
  variables: codex.variables,
  folders: { by: "setting", option: "-c", key: "sandbox_workspace_write.writable_roots" },
  gates: {
    ask: null,
    edits: sandbox("workspace-write"),
    all: sandbox("danger-full-access"),
    "read-only": sandbox("read-only"),
  },
  ungated: "commands: its sandbox keeps them from writing, and from the network",
  input: { by: "stdin", marker: "-" },
  output: "codex",
  plan: true,
  resume: ["resume"],
  model: "-m",
  thinking: levelsBy((level) => ["-c", `model_reasoning_effort="${level}"`]),
  cost: null,
  tokens: "session",
  workerTools: "mcp",
  server: { by: "toml", option: "-c" },
  exits: {},
};

function gate(mode: "read-only" | "workspace-write", asks: "on-request" | "never") {
  return { arguments: ["--sandbox", mode, "--ask-for-approval", asks] };
}

const CODEX_EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PostToolUse",
  "PermissionRequest",
  "Stop",
  "SubagentStop",
  "PreCompact",
  "Interrupt",
  "SessionEnd",
];

/** `codex` itself. */
export const codexTerminal: TerminalRow = {
  protocol: "terminal",
  agent: "codex-terminal",
  name: "Codex",
  program: codex.program,
  environment: {},
  variables: codex.variables,
  arguments: ["--no-daemon"], // a server that its sessions share would end with the first of them
  gates: {
    ask: gate("read-only", "on-request"),
    edits: gate("workspace-write", "on-request"),
    all: { arguments: ["--dangerously-bypass-approvals-and-sandbox"] },
    "read-only": gate("read-only", "never"),
  },
  notForRoot: [],
  model: "--model",
  thinking: codexExec.thinking,
  named: null,
  resume: ["resume"],
  hooks: { by: "config", option: "-c", atStart: false, events: CODEX_EVENTS },
  prompt: { marks: ["›"], busy: null, opened: "for agents" },
  interrupt: "\x1b",
};
