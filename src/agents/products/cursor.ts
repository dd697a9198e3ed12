import type { AcpRow, ExecRow } from "../agent-row.ts";
import { ALL_THINKING } from "./thinking.ts";

/** Not on npm; what is said here of it is what its documentation says (https://cursor.com/docs/cli). */
export const cursor: AcpRow = {
  protocol: "acp",
  agent: "cursor",
  name: "Cursor",
  program: {
    names: ["cursor-agent", "agent"], // the installer makes both, and other programs are called `agent` too
    versionArguments: ["--version"],
    login: {
      variables: ["CURSOR_API_KEY", "CURSOR_AUTH_TOKEN"],
      files: [],
      statusArguments: ["status"],
      without: "unknown",
    },
    install: "curl https://cursor.com/install -fsS | bash",
    logIn: "cursor-agent login",
  },
  command: { by: "program", arguments: ["acp"] },
  environment: { NO_OPEN_BROWSER: "1" },
  variables: ["CURSOR_*"],
  // Its own settings say what it asks about, and no option of this mode changes that.
  gates: { ask: {}, edits: {}, all: {}, "read-only": {} },
  ungated: "reading and editing files, and whatever your settings of Cursor let run",
  authenticate: "cursor_login",
  plan: { in: "plan" },
  resume: { by: "load", replayEnds: "with the answer" },
  model: "set_config_option",
  thinking: ALL_THINKING,
  cost: null,
  workerTools: "mcp",
  commandLine: "title",
};

/** `cursor-agent -p`: without `--force` it proposes changes and makes none. */
export const cursorExec: ExecRow = {
  protocol: "exec",
  agent: "cursor-exec",
  name: "Cursor",
  program: cursor.program,
  verb: null,
  dropped: [],
  options: [
    { names: ["-p", "--print"] },
    { names: ["--output-format"], value: "stream-json" },
    { names: ["--trust"] },
  ],
  permissionOptions: ["-f", "--force", "--yolo", "--mode", "--plan", "--sandbox", "--approve-mcps"],
  environment: cursor.environment,
  variables: cursor.variables,
  gates: {
    ask: null,
    edits: null,
    all: { arguments: ["--force"] },
    "read-only": { arguments: ["--mode", "ask"] },
  },
  ungated: "whatever your settings of Cursor let run",
  input: { by: "argument" },
  output: "cursor",
  plan: false,
  resume: ["--resume"],
  model: "--model",
  thinking: {},
  cost: null,
  tokens: "step",
  workerTools: "files",
  server: null,
  exits: {},
};
