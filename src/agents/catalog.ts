import type { AcpRow, AgentRow, Gate, ThinkingWay, ThinkingWays } from "./agent-row.ts";

function option(...values: string[]): ThinkingWay {
  return { by: "option", values };
}

/** The levels that the models of most products have; some call the highest by another name. */
const COMMON_THINKING: ThinkingWays = {
  low: option("low"),
  medium: option("medium"),
  high: option("high"),
  xhigh: option("xhigh", "max"),
};
/** A product of many makers' models: what one of them has is known when its session opens. */
const ALL_THINKING: ThinkingWays = {
  off: option("off", "none"),
  minimal: option("minimal"),
  ...COMMON_THINKING,
};

/** A repository's hooks, MCP servers and key helper run commands that no gate sees: its settings, CLAUDE.md too, stay out. */
const CLAUDE_OF_USER = { settingSources: ["user"] };
const CLAUDE_EDITS: Gate = { meta: { claudeCode: { options: CLAUDE_OF_USER } } };
/** Claude asks for every call, its subagents' too, under this rule. */
const CLAUDE_ASKS: Gate = {
  meta: { claudeCode: { options: { ...CLAUDE_OF_USER, settings: { permissions: { ask: ["*"] } } } } },
};

const claude: AcpRow = {
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
  thinking: {
    // Nothing less is heeded by each of its models.
    off: { by: "environment", environment: { CLAUDE_CODE_DISABLE_THINKING: "1" } },
    ...COMMON_THINKING,
  },
  cost: "process",
  workerTools: "mcp",
  commandLine: "input",
};

const codex: AcpRow = {
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

/** A repository's settings can allow tools in Gemini's default mode; a policy of this priority stands above them. */
const GEMINI_ASKS: Gate = {
  arguments: ["--approval-mode", "default"],
  file: {
    option: "--policy",
    name: "gemini-ask.toml",
    text: `[[rule]]\ntoolName = "*"\ndecision = "ask_user"\npriority = 999\n`,
  },
};

const gemini: AcpRow = {
  protocol: "acp",
  agent: "gemini",
  name: "Gemini CLI",
  program: {
    names: ["gemini"],
    versionArguments: ["--version"],
    login: {
      variables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
      files: [{ variable: "GEMINI_CLI_HOME", folder: "", path: ".gemini/oauth_creds.json" }],
      statusArguments: null,
      without: "unknown",
    },
    install: "npm install -g @google/gemini-cli",
    logIn: "gemini",
  },
  command: { by: "program", arguments: ["--acp"] },
  environment: {
    GEMINI_CLI_TRUST_WORKSPACE: "true", // else MCP servers do not start, and nothing says so
    GEMINI_CLI_NO_RELAUNCH: "true", // else it runs twice, and the outer process forgets the inner one
  },
  variables: ["GEMINI_API_KEY", "GEMINI_MODEL", "GEMINI_CLI_HOME", "GOOGLE_*"],
  // Its plan mode would hide our own worker tools too, so reading only is the host's answers.
  gates: {
    ask: GEMINI_ASKS,
    edits: GEMINI_ASKS,
    all: { arguments: ["--approval-mode", "yolo"] },
    "read-only": GEMINI_ASKS,
  },
  ungated:
    "commands that it knows to be harmless, such as ls, cat and echo, and what the repository's .gemini/settings.json starts",
  plan: null,
  // It records a session in a file named by the minute and the start of the id as it was told. Loaded in the minute in
  // which it began, a session would be overwritten before it is read; with a blank before the id, which the search for
  // the session ignores, the record of the new process is another file.
  resume: { by: "load", replayEnds: "later", prefix: " " },
  model: "set_model",
  thinking: {},
  cost: null,
  workerTools: "mcp",
  commandLine: "title",
};

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

const opencode: AcpRow = {
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

/** Any other agent that speaks ACP, by the command that the config gives it. */
const acp: AcpRow = {
  protocol: "acp",
  agent: "acp",
  name: "ACP agent",
  program: null,
  command: { by: "config" },
  environment: {},
  variables: [],
  gates: { ask: {}, edits: {}, all: {}, "read-only": {} },
  ungated: "whatever the agent does not ask about",
  plan: { in: "plan" },
  resume: { by: "load", replayEnds: "with the answer" },
  model: "set_config_option",
  thinking: ALL_THINKING,
  cost: "session",
  workerTools: "mcp",
  commandLine: "input",
};

const shell: AgentRow = {
  protocol: "shell",
  agent: "shell",
  name: "Shell",
  cost: null,
  workerTools: "files",
};

/** The products, in the order in which they are offered. */
export const CATALOG: readonly AgentRow[] = [claude, codex, opencode, gemini, shell, acp];

/** The row of an agent, or null when no product is called that. */
export function agentRow(agent: string): AgentRow | null {
  return CATALOG.find((row) => row.agent === agent) ?? null;
}
