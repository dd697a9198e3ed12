import type { Command } from "./command.ts";

export type Group = "Tasks" | "What needs you" | "Sessions" | "The program";

/**
 * A line of the list. `load` loads one file, and only for the command that runs. `decides`: it acts for a person, so
 * that an agent which Dispatch runs may not use it.
 */
export interface Entry {
  group: Group;
  summary: string;
  load: () => Promise<Command>;
  decides?: true;
}

/** Every command by its words; the one without words is what a bare `dispatch` does. */
export const COMMANDS: Record<string, Entry> = {
  "": {
    group: "What needs you",
    summary: "What needs you and what runs",
    load: async () => (await import("./commands/overview.ts")).overview,
  },
  run: {
    group: "Tasks",
    summary: "Hand a task, or many, to background workers",
    load: async () => (await import("./commands/run.ts")).run,
  },
  sweeps: {
    group: "Tasks",
    summary: "List what was handed over together, newest first",
    load: async () => (await import("./commands/sweeps.ts")).sweeps,
  },
  "sweeps budget": {
    group: "Tasks",
    summary: "Let a sweep use more than its budget, or stop what is left of it",
    load: async () => (await import("./commands/sweeps-budget.ts")).sweepsBudget,
    decides: true,
  },
  summary: {
    group: "Tasks",
    summary: "Sum up what happened, what to merge, what needs you, cost and time",
    load: async () => (await import("./commands/summary.ts")).summary,
  },
  compare: {
    group: "Tasks",
    summary: "Show the tasks of a sweep side by side",
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  tasks: {
    group: "Tasks",
    summary: "List tasks, newest first",
    load: async () => (await import("./commands/tasks.ts")).tasks,
  },
  status: {
    group: "Tasks",
    summary: "Show a task, a sweep or a session, or all tasks that are open: state, what to do next",
    load: async () => (await import("./commands/status.ts")).status,
  },
  watch: {
    group: "Tasks",
    summary: "Watch a task, a sweep, or all that is open, live",
    load: async () => (await import("./commands/watch.ts")).watch,
  },
  wait: {
    group: "Tasks",
    summary: "Return at the next question, approval, flag, finish or failure",
    load: async () => (await import("./commands/wait.ts")).wait,
  },
  logs: {
    group: "Tasks",
    summary: "Print what the agent of a task or a session said and did",
    load: async () => (await import("./commands/logs.ts")).logs,
  },
  note: {
    group: "Tasks",
    summary: "Tell a running worker something",
    load: async () => (await import("./commands/note.ts")).note,
  },
  cancel: {
    group: "Tasks",
    summary: "Cancel a task or a sweep; worktrees stay",
    load: async () => (await import("./commands/cancel.ts")).cancel,
  },
  attempts: {
    group: "Tasks",
    summary: "A task's attempts, side by side",
    load: async () => (await import("./commands/attempts.ts")).attempts,
  },
  retry: {
    group: "Tasks",
    summary: "Start the next attempt at the first open item",
    load: async () => (await import("./commands/retry.ts")).retry,
  },
  resume: {
    group: "Tasks",
    summary: "Go on where an agent stopped, in its own conversation",
    load: async () => (await import("./commands/resume.ts")).resume,
  },
  result: {
    group: "Tasks",
    summary: "Print what a task left behind",
    load: async () => (await import("./commands/result.ts")).result,
  },
  search: {
    group: "Tasks",
    summary: "Find a text in all that was asked, said and done",
    load: async () => (await import("./commands/search.ts")).search,
  },
  export: {
    group: "Tasks",
    summary: "Print a task or a session as one document",
    load: async () => (await import("./commands/export.ts")).exportTranscript,
  },
  diff: {
    group: "Tasks",
    summary: "Print what a task changed",
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  merge: {
    group: "Tasks",
    summary: "Merge worktrees, at once or through the queue; a conflict changes nothing",
    load: async () => (await import("./commands/merge.ts")).merge,
  },
  merges: {
    group: "Tasks",
    summary: "List the merge queue, newest first",
    load: async () => (await import("./commands/merges.ts")).merges,
  },
  pr: {
    group: "Tasks",
    summary: "Print a task's branch as a pull request; push and open it where you say so",
    load: async () => (await import("./commands/pr.ts")).pr,
  },
  clean: {
    group: "Tasks",
    summary: "Remove what ended tasks left behind; never unsaved work",
    load: async () => (await import("./commands/clean.ts")).clean,
  },
  inbox: {
    group: "What needs you",
    summary: "List questions, approvals and flags that wait for you",
    load: async () => (await import("./commands/inbox.ts")).inbox,
  },
  answer: {
    group: "What needs you",
    summary: "Answer a worker's question",
    load: async () => (await import("./commands/answer.ts")).answer,
  },
  approve: {
    group: "What needs you",
    summary: "Allow a tool call that waits",
    load: async () => (await import("./commands/approve.ts")).approve,
    decides: true,
  },
  deny: {
    group: "What needs you",
    summary: "Deny a tool call that waits",
    load: async () => (await import("./commands/deny.ts")).deny,
    decides: true,
  },
  release: {
    group: "What needs you",
    summary: "Let a held message go to its session",
    load: async () => (await import("./commands/release.ts")).release,
    decides: true,
  },
  refuse: {
    group: "What needs you",
    summary: "Keep a held message from its session",
    load: async () => (await import("./commands/refuse.ts")).refuse,
    decides: true,
  },
  approvals: {
    group: "What needs you",
    summary: "List the tool calls that wait for a decision",
    load: async () => (await import("./commands/approvals.ts")).approvals,
  },
  "session new": {
    group: "Sessions",
    summary: "Open a session with a first message; prints its id as JSON",
    load: async () => (await import("./commands/session-new.ts")).sessionNew,
  },
  rules: {
    group: "What needs you",
    summary: "List what is allowed, denied or asked about without you",
    load: async () => (await import("./commands/rules.ts")).rules,
  },
  "rules list": {
    group: "What needs you",
    summary: "The same",
    load: async () => (await import("./commands/rules.ts")).rules,
  },
  "rules add": {
    group: "What needs you",
    summary: "Allow, deny, or be asked about commands, files or tools from now on",
    load: async () => (await import("./commands/rules-add.ts")).rulesAdd,
    decides: true,
  },
  "rules rm": {
    group: "What needs you",
    summary: "Take a rule back",
    load: async () => (await import("./commands/rules-rm.ts")).rulesRemove,
    decides: true,
  },
  "rules test": {
    group: "What needs you",
    summary: "Say what would be done about a command or a tool, and why",
    load: async () => (await import("./commands/rules-test.ts")).rulesTest,
  },
  audit: {
    group: "What needs you",
    summary: "List every decision, newest first",
    load: async () => (await import("./commands/audit.ts")).audit,
  },
  "audit verify": {
    group: "What needs you",
    summary: "Check that the log of decisions is as it was written",
    load: async () => (await import("./commands/audit-verify.ts")).auditVerify,
  },
  sessions: {
    group: "Sessions",
    summary: "List sessions, newest first: who is busy, idle or waits",
    load: async () => (await import("./commands/sessions.ts")).sessions,
  },
  open: {
    group: "Sessions",
    summary: "Open an agent in a terminal that goes on without you",
    load: async () => (await import("./commands/open.ts")).open,
  },
  attach: {
    group: "Sessions",
    summary: "Sit down at the terminal of a session; ctrl-\\ d to leave it",
    load: async () => (await import("./commands/attach.ts")).attach,
    decides: true,
  },
  screen: {
    group: "Sessions",
    summary: "Print what the terminal of a session shows",
    load: async () => (await import("./commands/screen.ts")).screen,
  },
  "create-worker": {
    group: "Sessions",
    summary: "Open an agent in a terminal of a repository, and name its workspace",
    load: async () => (await import("./commands/create-worker.ts")).createWorker,
  },
  "skip-permissions": {
    group: "Sessions",
    summary: "Have agents in new terminals ask nobody for anything, or ask again",
    load: async () => (await import("./commands/skip-permissions.ts")).skipPermissions,
    decides: true,
  },
  tell: {
    group: "Sessions",
    summary: "Send a message to a session, which it is told after what it does now",
    load: async () => (await import("./commands/tell.ts")).tell,
  },
  messages: {
    group: "Sessions",
    summary: "List a session's messages and how far each one is",
    load: async () => (await import("./commands/messages.ts")).messages,
  },
  stop: {
    group: "Sessions",
    summary: "End a session's agent; the next message brings it back",
    load: async () => (await import("./commands/stop.ts")).stop,
  },
  conversations: {
    group: "Sessions",
    summary: "List the conversations in the agents' own files, to go on with one",
    load: async () => (await import("./commands/conversations.ts")).conversations,
  },
  "session adopt": {
    group: "Sessions",
    summary: "Go on with an agent's own conversation as a session of Dispatch",
    load: async () => (await import("./commands/session-adopt.ts")).sessionAdopt,
  },
  "session show": {
    group: "Sessions",
    summary: "Show a session: state, model, what is open, what to do next",
    load: async () => (await import("./commands/session-show.ts")).sessionShow,
  },
  "session resume": {
    group: "Sessions",
    summary: "Start a session's agent again, in its own conversation",
    load: async () => (await import("./commands/session-resume.ts")).sessionResume,
  },
  "session fork": {
    group: "Sessions",
    summary: "Open a session that begins where another one is",
    load: async () => (await import("./commands/session-fork.ts")).sessionFork,
  },
  "session rename": {
    group: "Sessions",
    summary: "Give a session another name",
    load: async () => (await import("./commands/session-rename.ts")).sessionRename,
  },
  "session set": {
    group: "Sessions",
    summary: "Give a session another model, or another level of thinking",
    load: async () => (await import("./commands/session-set.ts")).sessionSet,
  },
  "session rm": {
    group: "Sessions",
    summary: "Forget a session that is stopped",
    load: async () => (await import("./commands/session-rm.ts")).sessionRemove,
  },
  route: {
    group: "Sessions",
    summary: "Send a message to the session that a repository, a task or a text means",
    load: async () => (await import("./commands/route.ts")).route,
  },
  projects: {
    group: "Sessions",
    summary: "List the folders that messages can be routed to",
    load: async () => (await import("./commands/projects.ts")).projects,
  },
  "projects discover": {
    group: "Sessions",
    summary: "Look for projects; no file is changed",
    load: async () => (await import("./commands/projects-discover.ts")).projectsDiscover,
  },
  workspaces: {
    group: "Sessions",
    summary: "List the folders where agents work, and what is set for each",
    load: async () => (await import("./commands/workspaces.ts")).workspaces,
  },
  "workspaces add": {
    group: "Sessions",
    summary: "Make a folder a workspace, or give one another name",
    load: async () => (await import("./commands/workspaces-add.ts")).workspacesAdd,
  },
  "workspaces set": {
    group: "Sessions",
    summary: "Set what the tasks and worktrees of a workspace get: model, budget, setup, gate and more",
    load: async () => (await import("./commands/workspaces-set.ts")).workspacesSet,
    decides: true,
  },
  "workspaces rm": {
    group: "Sessions",
    summary: "Take a workspace off the list; no file is touched",
    load: async () => (await import("./commands/workspaces-rm.ts")).workspacesRemove,
    decides: true,
  },
  setup: {
    group: "The program",
    summary: "Find agents and models, choose the default, write the configuration",
    load: async () => (await import("./commands/setup.ts")).setup,
    decides: true,
  },
  config: {
    group: "The program",
    summary: "Show where the configuration is and what is set in it",
    load: async () => (await import("./commands/config.ts")).config,
  },
  "config get": {
    group: "The program",
    summary: "Print one value",
    load: async () => (await import("./commands/config-get.ts")).configGet,
  },
  "config set": {
    group: "The program",
    summary: "Set one value; comments and unknown keys stay",
    load: async () => (await import("./commands/config-set.ts")).configSet,
    decides: true,
  },
  "config migrate": {
    group: "The program",
    summary: "Rewrite the old form of the configuration",
    load: async () => (await import("./commands/config-migrate.ts")).configMigrate,
    decides: true,
  },
  "config compat": {
    group: "The program",
    summary: "Let another program's clients work with this daemon: oppi, workstation",
    load: async () => (await import("./commands/config-compat.ts")).configCompat,
    decides: true,
  },
  "config path": {
    group: "The program",
    summary: "Print where the file is",
    load: async () => (await import("./commands/config-path.ts")).configPath,
  },
  models: {
    group: "The program",
    summary: "List models and aliases",
    load: async () => (await import("./commands/models.ts")).models,
  },
  "models add": {
    group: "The program",
    summary: "Add a model",
    load: async () => (await import("./commands/models-add.ts")).modelsAdd,
    decides: true,
  },
  "models rm": {
    group: "The program",
    summary: "Remove a model or an alias",
    load: async () => (await import("./commands/models-rm.ts")).modelsRemove,
    decides: true,
  },
  "models default": {
    group: "The program",
    summary: "Choose the model of tasks that name none",
    load: async () => (await import("./commands/models-default.ts")).modelsDefault,
    decides: true,
  },
  aliases: {
    group: "The program",
    summary: "List aliases",
    load: async () => (await import("./commands/aliases.ts")).aliases,
  },
  "aliases add": {
    group: "The program",
    summary: "Add an alias for a model, with a role",
    load: async () => (await import("./commands/aliases-add.ts")).aliasesAdd,
    decides: true,
  },
  "aliases rm": {
    group: "The program",
    summary: "Remove an alias",
    load: async () => (await import("./commands/aliases-rm.ts")).aliasesRemove,
    decides: true,
  },
  schedule: {
    group: "Tasks",
    summary: "List work that begins by itself, and when",
    load: async () => (await import("./commands/schedule.ts")).schedule,
  },
  "schedule add": {
    group: "Tasks",
    summary: "Hand over a task, or send a message, at a time or again and again",
    load: async () => (await import("./commands/schedule-add.ts")).scheduleAdd,
    decides: true,
  },
  "schedule rm": {
    group: "Tasks",
    summary: "Forget a schedule; what it has begun goes on",
    load: async () => (await import("./commands/schedule-rm.ts")).scheduleRemove,
    decides: true,
  },
  "schedule on": {
    group: "Tasks",
    summary: "Switch a schedule on again",
    load: async () => (await import("./commands/schedule-on.ts")).scheduleOn,
    decides: true,
  },
  "schedule off": {
    group: "Tasks",
    summary: "Switch a schedule off",
    load: async () => (await import("./commands/schedule-off.ts")).scheduleOff,
    decides: true,
  },
  "schedule run": {
    group: "Tasks",
    summary: "Do now what a schedule does",
    load: async () => (await import("./commands/schedule-run.ts")).scheduleRun,
    decides: true,
  },
  webhooks: {
    group: "The program",
    summary: "List the addresses that are told of what happens",
    load: async () => (await import("./commands/webhooks.ts")).webhooks,
  },
  "webhooks add": {
    group: "The program",
    summary: "Have an address told when a task is done, failed or needs you",
    load: async () => (await import("./commands/webhooks-add.ts")).webhooksAdd,
    decides: true,
  },
  "webhooks rm": {
    group: "The program",
    summary: "Tell an address no more",
    load: async () => (await import("./commands/webhooks-rm.ts")).webhooksRemove,
    decides: true,
  },
  "webhooks test": {
    group: "The program",
    summary: "Send a test message to an address",
    load: async () => (await import("./commands/webhooks-test.ts")).webhooksTest,
  },
  "webhooks show": {
    group: "The program",
    summary: "Show what was sent to an address, newest first",
    load: async () => (await import("./commands/webhooks-show.ts")).webhooksShow,
  },
  agents: {
    group: "The program",
    summary: "List agents and what each one lacks",
    load: async () => (await import("./commands/agents.ts")).agents,
  },
  doctor: {
    group: "The program",
    summary: "Check that everything works, and say what to do where it does not",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  "daemon start": {
    group: "The program",
    summary: "Start the daemon (any command that needs it does so too)",
    load: async () => (await import("./commands/daemon-start.ts")).daemonStart,
  },
  "daemon stop": {
    group: "The program",
    summary: "Stop the daemon; workers go on",
    load: async () => (await import("./commands/daemon-stop.ts")).daemonStop,
    decides: true,
  },
  "daemon status": {
    group: "The program",
    summary: "Say whether the daemon runs",
    load: async () => (await import("./commands/daemon-status.ts")).daemonStatus,
  },
  "daemon restart": {
    group: "The program",
    summary: "Stop and start the daemon; workers go on",
    load: async () => (await import("./commands/daemon-restart.ts")).daemonRestart,
    decides: true,
  },
  "daemon logs": {
    group: "The program",
    summary: "Print the end of the daemon's log",
    load: async () => (await import("./commands/daemon-logs.ts")).daemonLogs,
  },
  "daemon run": {
    group: "The program",
    summary: "Run the daemon here, for a service manager",
    load: async () => (await import("./commands/daemon-run.ts")).daemonRun,
  },
  mcp: {
    group: "The program",
    summary: "Serve the tasks as tools to an agent session (MCP)",
    load: async () => (await import("./commands/mcp.ts")).mcp,
  },
  hook: {
    group: "The program",
    summary: "Tell an agent's session what happened to its tasks (its plugin runs this)",
    load: async () => (await import("./commands/hook.ts")).hook,
  },
  "plugin install": {
    group: "The program",
    summary: "Give an agent the skills, the tools and the hooks",
    load: async () => (await import("./commands/plugin-install.ts")).pluginInstall,
    decides: true,
  },
  "plugin remove": {
    group: "The program",
    summary: "Take what plugin install gave an agent away again",
    load: async () => (await import("./commands/plugin-remove.ts")).pluginRemove,
    decides: true,
  },
  "plugin show": {
    group: "The program",
    summary: "Print the setting that gives an agent the tools of dispatch mcp",
    load: async () => (await import("./commands/plugin-show.ts")).pluginShow,
  },
  completions: {
    group: "The program",
    summary: "Print completions for bash, zsh or fish",
    load: async () => (await import("./commands/completions.ts")).completions,
  },
};
