import type { AcpRow, ExecRow, TerminalRow } from "../agent-row.ts";
import { ALL_THINKING } from "./thinking.ts";

/** Any other agent that speaks ACP, by the command that the config gives it. */
export const acp: AcpRow = {
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

/** Any other command of the config: it gets the prompt as its last argument, and prints its answer. */
export const exec: ExecRow = {
  protocol: "exec",
  agent: "exec",
  name: "the command",
  program: null,
  verb: null,
  dropped: [],
  options: [],
  permissionOptions: [],
  environment: {},
  variables: [],
  gates: { ask: null, edits: null, all: {}, "read-only": null },
  ungated: "everything: nothing keeps a command from it",
  input: { by: "argument" },
  output: "text",
  plan: false,
  resume: null,
  model: null,
  thinking: {},
  cost: null,
  tokens: "step",
  workerTools: "files",
  server: null,
  exits: {},
};

/** The same for one that reads the prompt from its standard input. */
export const execStdin: ExecRow = { ...exec, agent: "exec-stdin", input: { by: "stdin" } };

/** Any other command in a terminal: what it asks before it does, it asks there. */
export const terminal: TerminalRow = {
  protocol: "terminal",
  agent: "terminal",
  name: "the command",
  program: null,
  environment: {},
  variables: [],
  arguments: [],
  gates: { ask: {}, edits: null, all: {}, "read-only": null },
  notForRoot: [],
  model: null,
  thinking: {},
  named: null,
  resume: null,
  hooks: null,
  prompt: { marks: [">", "❯", "›"], busy: null, opened: null },
  interrupt: "\x1b",
};
