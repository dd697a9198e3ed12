import type { AcpRow, ExecRow, Gate, TerminalRow } from "../agent-row.ts";
import { COMMON_THINKING, levelsBy } from "./thinking.ts";

/** A repository's hooks, MCP servers and key helper run commands that no gate sees: its settings, CLAUDE.md too, stay out. */
const CLAUDE_OF_USER = { settingSources: ["user"] };
const CLAUDE_EDITS: Gate = { meta: { claudeCode: { options: CLAUDE_OF_USER } } };
/** Claude asks for every call, its subagents' too, under this rule. */
const CLAUDE_ASKS: Gate = {
  meta: { claudeCode: { options: { ...CLAUDE_OF_USER, settings: { permissions: { ask: ["*"] } } } } },
};

/** Nothing less is heeded by each of its models. */
const NO_THINKING = { environment: { CLAUDE_CODE_DISABLE_THINKING: "1" } };

export const claude: AcpRow = {
  protocol: "acp",
  agent: "claude",
  name: "Claude Code",
  program: {
    names: ["claude"],
    versionArguments: ["--version"],
    login: {
      variables: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
      files: [{ variable: "CLAUDE_CONFIG_DIR", folder: ".claude", path: ".credentials.json" }],
      statusArguments: ["auth", "status"],
      without: "no",
    },
    install: "npm install -g @anthropic-ai/claude-code",
    logIn: "claude auth login",
  },
  command: { by: "adapter", adapter: "claude-agent-acp", program: "CLAUDE_CODE_EXECUTABLE" },
  environment: {
    ENABLE_TOOL_SEARCH: "false", // else MCP tools hide behind a search tool
    CLAUDE_CODE_ENABLE_TODO_TOOLS: "1", // else there is no todo list, and so no plan
    DISABLE_AUTOUPDATER: "1",
  },
  variables: [
    "ANTHROPIC_*",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_PROFILE",
    "AWS_REGION",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLOUD_ML_REGION",
    "GOOGLE_APPLICATION_CREDENTIALS",
  ],
  // Its bypass mode is refused to root, so `all` is the host's answers.
  gates: { ask: CLAUDE_ASKS, edits: CLAUDE_EDITS, all: {}, "read-only": CLAUDE_ASKS },
  ungated: null,
  plan: { in: "plan" },
  resume: { by: "resume" },
  model: "set_config_option",
  thinking: { off: { by: "environment", ...NO_THINKING }, ...COMMON_THINKING },
  cost: "process",
  workerTools: "mcp",
  commandLine: "input",
};

/** All that it has built in and may use unasked: a run as root is refused the mode that allows everything. */
const CLAUDE_TOOLS =
  "Bash,Edit,Write,Read,NotebookEdit,Glob,Grep,WebFetch,WebSearch,Skill,Task,Agent,Monitor,Workflow,mcp__dispatch";
const CLAUDE_READS = "Read,Glob,Grep,WebFetch,WebSearch,TaskCreate,TaskUpdate,TaskList,TaskGet";
const OURS = ["--allowedTools", "mcp__dispatch"];

/** `claude -p`: one prompt, then it ends. What it may not do unasked is denied, since nobody can be asked. */
export const claudeExec: ExecRow = {
  protocol: "exec",
  agent: "claude-exec",
  name: "Claude Code",
  program: claude.program,
  verb: null,
  dropped: [],
  options: [
    { names: ["-p", "--print"] },
    { names: ["--output-format"], value: "stream-json" },
    { names: ["--verbose"] },
  ],
  permissionOptions: [
    "--permission-mode",
    "--dangerously-skip-permissions",
    "--allow-dangerously-skip-permissions",
    "--allowedTools",
    "--allowed-tools",
    "--disallowedTools",
    "--disallowed-tools",
    "--tools",
    "--settings",
    "--setting-sources",
    "--permission-prompt-tool",
  ],
  environment: claude.environment,
  variables: claude.variables,
  folders: { by: "option", option: "--add-dir" },
  gates: {
    ask: null,
    edits: { arguments: ["--setting-sources", "user", "--permission-mode", "acceptEdits", ...OURS] },
    all: { arguments: ["--permission-mode", "acceptEdits", "--allowedTools", CLAUDE_TOOLS] },
    "read-only": { arguments: ["--setting-sources", "user", "--tools", CLAUDE_READS, ...OURS] },
  },
  ungated: "what your own settings of Claude Code allow",
  input: { by: "stdin" },
  output: "claude",
  plan: false,
  resume: ["--resume"],
  model: "--model",
  thinking: { off: NO_THINKING, ...levelsBy((level) => ["--effort", level]) },
  cost: "session",
  tokens: "step",
  workerTools: "mcp",
  server: { by: "json", option: "--mcp-config" },
  exits: {},
};

const CLAUDE_EVENTS = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PostToolUse",
  "PostToolUseFailure",
  "PermissionRequest",
  "Notification",
  "Stop",
  "StopFailure",
  "SubagentStop",
  "PreCompact",
  "SessionEnd",
];

/** `claude` itself. The settings are the user's and the repository's, as in any terminal. */
export const claudeTerminal: TerminalRow = {
  protocol: "terminal",
  agent: "claude-terminal",
  name: "Claude Code",
  program: claude.program,
  environment: { DISABLE_AUTOUPDATER: "1" },
  variables: claude.variables,
  arguments: [],
  gates: {
    ask: { arguments: ["--permission-mode", "default"] },
    edits: { arguments: ["--permission-mode", "acceptEdits"] },
    all: { arguments: ["--dangerously-skip-permissions"] },
    "read-only": { arguments: ["--permission-mode", "plan"] },
  },
  notForRoot: ["all"],
  model: "--model",
  thinking: claudeExec.thinking,
  named: "--session-id",
  resume: ["--resume"],
  hooks: { by: "settings", option: "--settings", atStart: true, events: CLAUDE_EVENTS },
  prompt: { marks: ["❯", ">"], busy: "esc to interrupt", opened: null }, // after an interruption no hook runs
  interrupt: "\x1b",
};
