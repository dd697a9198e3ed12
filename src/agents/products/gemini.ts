import type { AcpRow, ExecRow, Gate } from "../agent-row.ts";

/** A repository's settings can allow tools in Gemini's default mode; a policy of this priority stands above them. */
const GEMINI_ASKS: Gate = {
  arguments: ["--approval-mode", "default"],
  file: {
    option: "--policy",
    name: "gemini-ask.toml",
    text: `[[rule]]\ntoolName = "*"\ndecision = "ask_user"\npriority = 999\n`,
  },
};

export const gemini: AcpRow = {
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
  folders: { by: "option", option: "--include-directories", list: true },
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

/** What its exit codes mean (https://geminicli.com/docs/cli/headless). */
export const GEMINI_EXITS = { 41: "login", 53: "max_turn_requests" } as const;

function approval(mode: string) {
  return { arguments: ["--approval-mode", mode] };
}

/** `gemini -p`: what it may not do unasked is not on offer to the model. */
export const geminiExec: ExecRow = {
  protocol: "exec",
  agent: "gemini-exec",
  name: "Gemini CLI",
  program: gemini.program,
  verb: null,
  dropped: ["-p", "--prompt"],
  options: [{ names: ["-o", "--output-format"], value: "stream-json" }],
  permissionOptions: [
    "-y",
    "--yolo",
    "--approval-mode",
    "--allowed-tools",
    "--policy",
    "--admin-policy",
    "--include-directories",
  ],
  environment: gemini.environment,
  variables: gemini.variables,
  folders: gemini.folders!,
  gates: { ask: null, edits: approval("auto_edit"), all: approval("yolo"), "read-only": approval("plan") },
  ungated: gemini.ungated,
  input: { by: "stdin" },
  output: "gemini",
  plan: true,
  resume: ["--resume"],
  model: "-m",
  thinking: {},
  cost: null,
  tokens: "step",
  workerTools: "files",
  server: null,
  exits: GEMINI_EXITS,
};
