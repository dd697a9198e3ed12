import {
  DEFAULT_CONCURRENT_WORKERS,
  DEFAULT_IDLE,
  DEFAULT_QUESTION_WAIT,
  DEFAULT_STALL,
  DEFAULT_TASK_PERMISSIONS,
  DEFAULT_TERMINAL_PERMISSIONS,
  DEFAULT_WEB_PORT,
} from "../protocol/config.ts";

/** What a setting is for, and how it is written; `chosen` stands as it is, an example is a comment. */
interface Section {
  readonly about: string;
  readonly chosen?: string;
  readonly example: string;
}

const HEAD = `# Configuration of Dispatch, made by \`dispatch setup\`. Run that again after installing an agent: it adds what is new
# and keeps what you wrote. Settings in comments are examples, or what holds without them.
`;

/** The first configuration file: what was chosen, and everything else as a comment that explains it. */
export function firstConfig({
  models,
  preferred,
}: {
  models: readonly ModelLine[];
  preferred: string | null;
}): string {
  const chosen = models.map(({ name, agent }) =>
    `  ${JSON.stringify(name)}: { backend: ${agent} }`.replace(/"([\w-]+)":/, "$1:"),
  );
  const sections: Section[] = [
    {
      about: "The model or alias of tasks that name none.",
      ...(preferred === null ? {} : { chosen: `default: ${preferred}` }),
      example: "default: opus",
    },
    {
      about: "Models by the name that you use; `id` is what the agent calls it, where that is another name.",
      ...(chosen.length === 0 ? {} : { chosen: ["models:", ...chosen].join("\n") }),
      example: "models:\n  opus: { backend: claude }\n  fast: { backend: claude, id: haiku }",
    },
    ...REST,
  ];
  return [HEAD, ...sections.map(sectionText)].join("\n");
}

interface ModelLine {
  readonly name: string;
  readonly agent: string;
}

const REST: readonly Section[] = [
  {
    about: "Named shortcuts to a model; `prompt` is the role that its workers take on.",
    example:
      'aliases:\n  reviewer: { model: opus, prompt: "You are a strict reviewer. You change nothing." }',
  },
  {
    about:
      "Agents of your own, by the command that speaks ACP; `variables` are what it may take from your environment.",
    example: 'backends:\n  mine: { command: "my-agent --acp", protocol: acp, variables: [MY_AGENT_KEY] }',
  },
  {
    about: "Defaults of a folder, by its name or path.",
    example: "workspaces:\n  my-repo: { model: opus, permissions: edits, worktree: true }",
  },
  {
    about: "Where route and open look for repositories, other than in the usual folders of your home.",
    example: "projects: { roots: [~/work] }",
  },
  {
    about: "What agents may do without asking: ask, edits, all or read-only.",
    example: `permissions: { tasks: ${DEFAULT_TASK_PERMISSIONS}, terminals: ${DEFAULT_TERMINAL_PERMISSIONS} }`,
  },
  {
    about:
      "Workers at a time, how long one may be silent, how long questions and idle agents wait, how long a task may take.",
    example: `limits: { concurrent: ${DEFAULT_CONCURRENT_WORKERS}, stall: ${DEFAULT_STALL}, question_wait: ${DEFAULT_QUESTION_WAIT}, idle: ${DEFAULT_IDLE}, timeout: 2h }`,
  },
  { about: "Whether every task gets a git worktree of its own.", example: "worktree: false" },
  { about: "Whether /dispatch asks before it uses the default model.", example: "confirm_default: true" },
  {
    about: "The port of the web UI and the API, on this machine only.",
    example: `web: { port: ${DEFAULT_WEB_PORT} }`,
  },
];

function sectionText({ about, chosen, example }: Section): string {
  return [`# ${about}`, chosen ?? example.replaceAll(/^/gm, "# "), ""].join("\n");
}
