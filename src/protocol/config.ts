import { z } from "zod";
import { spanMs } from "./span.ts";
import { NoticeKind } from "./notice.ts";
import { Permissions } from "./permission.ts";

/** Where the web UI and the API listen, on loopback. */
export const DEFAULT_WEB_PORT = 8001;
/** A background worker must not stall at a question that nobody sees. */
export const DEFAULT_TASK_PERMISSIONS: Permissions = "all";
/** A terminal has a human in front of it. */
export const DEFAULT_TERMINAL_PERMISSIONS: Permissions = "ask";
export const DEFAULT_CONCURRENT_WORKERS = 8;
export const MAX_CONCURRENT_WORKERS = 200;
/** How long a worker may show no sign of life (events, computing, bytes) before it counts as stalled. */
export const DEFAULT_STALL = "10m";
/**
 * How long a worker without tools waits for the file with its answer before it leaves `[?]` and `context.md`. The
 * question itself has no limit: neither here nor for workers with tools, which are let go after `idle` and brought back.
 */
export const DEFAULT_QUESTION_WAIT = "3m";

/** How long a task waits in one go for the end of its provider's limit. */
export const DEFAULT_PARK = "6h";

/** How long an agent is kept while its task waits for a person; the answer brings it back in its own conversation. */
export const DEFAULT_IDLE = "10m";
/** What all commands of a worktree's setup, of its teardown, and of a gate may take together. */
const DEFAULT_SETUP_TIME = "15m";
const DEFAULT_GATE_TIME = "30m";
/** Commands or paths in one list of a workspace. */
const MAX_LINES = 100;
/** Folders below which projects are looked for. */
const MAX_ROOTS = 50;

/** A section of the config; `key:` with nothing behind it is an empty one. */
function section<Schema extends z.ZodType>(schema: Schema) {
  return z
    .record(z.string(), schema)
    .nullish()
    .transform((entries) => entries ?? {});
}

/** Like `section`, for one with known keys: all of them have defaults. */
function settings<Shape extends z.ZodRawShape>(shape: Shape) {
  const schema = z.looseObject(shape);
  return z.preprocess((value) => value ?? {}, schema);
}

/** A span of time above zero as people write it, such as `90s`, `20m`, `1h30m`; `core/duration.ts` reads it. */
export const DurationText = z
  .string()
  .refine((text) => spanMs(text) !== null, "write it as 90s, 20m or 1h30m; 24d is the most");

/** A span of time, or `off`, which some readers of YAML take for false. */
const Switchable = z.union([DurationText, z.literal("off"), z.literal(false)]);

/**
 * How an agent is started: a command line (a product's stock command means its driver, any other runs as `exec`, once
 * for each turn), or nothing, which means the product of that name. `protocol: acp`: the command speaks ACP;
 * `input`: where any other one finds its prompt, if not in its last argument; `variables` are what the agent may take
 * from its caller's environment, names and prefixes that end in `*`. `concurrent`: how many of its
 * workers run at once, within the limit for all. `terminal` is the command of its interactive program, where that is not
 * the product's own.
 */
export const Backend = z.preprocess(
  (value) => (typeof value === "string" ? { command: value } : (value ?? {})),
  z.looseObject({
    command: z.string().min(1).optional(),
    protocol: z.enum(["acp", "exec"]).optional(),
    input: z.enum(["argument", "stdin"]).optional(),
    terminal: z.string().min(1).optional(),
    variables: z.array(z.string()).optional(),
    concurrent: z.number().int().min(1).max(MAX_CONCURRENT_WORKERS).optional(),
  }),
);
export type Backend = z.infer<typeof Backend>;

/**
 * A model by the name people use. `backend` is its agent (absent: the one its name's family belongs to); `id` is what
 * the agent calls it (absent: the name itself). `failover` are the models that take over where it cannot be used.
 */
export const ModelEntry = z
  .looseObject({
    backend: z.string().min(1).optional(),
    id: z.string().min(1).optional(),
    failover: z.array(z.string().min(1)).optional(),
  })
  .nullish()
  .transform((entry) => entry ?? {});
export type ModelEntry = z.infer<typeof ModelEntry>;

/** A named shortcut to a model; `prompt` is the role that its workers take on. */
export const AliasEntry = z.looseObject({ model: z.string().min(1), prompt: z.string().optional() });
export type AliasEntry = z.infer<typeof AliasEntry>;

const AMOUNT = /(?:\$\d+(?:\.\d+)?|\d+(?:\.\d+)?[km]?tok|(?:\d+[dhms])+)/.source;

/** A budget as people write it, such as `$5`, `200ktok`, `2h` or `$5 2h`; `core/budget.ts` reads it. */
export const BudgetText = z
  .string()
  .regex(
    new RegExp(`^\\s*${AMOUNT}(?:[\\s,]+${AMOUNT}){0,2}\\s*$`, "i"),
    "write it as $5, 200ktok, 2h or several of them",
  );

/** Commands of the user's own shell, or paths, in order. */
export const WorkspaceLines = z.array(z.string().min(1)).max(MAX_LINES);
const Lines = WorkspaceLines.nullish();

/**
 * The defaults of a workspace, under its name or path. `permissions` are those of tasks and background sessions,
 * `terminals` those of agents in terminals. `worktree`: whether tasks get one unless they say otherwise.
 * A new worktree gets `copy` (globs of ignored files) and `link` (folders that are shared with the checkout), then
 * `setup` runs in it, and `teardown` before it is removed. `gate` has to pass on what a queued merge would make of the
 * target branch.
 */
export const WorkspaceEntry = settings({
  path: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  agent: z.string().min(1).optional(),
  permissions: Permissions.optional(),
  terminals: Permissions.optional(),
  worktree: z.boolean().optional(),
  budget: BudgetText.optional(),
  limits: z.looseObject({ timeout: DurationText.optional() }).nullish(),
  copy: Lines,
  link: Lines,
  setup: Lines,
  teardown: Lines,
  gate: Lines,
});
export type WorkspaceEntry = z.infer<typeof WorkspaceEntry>;

/** What agents may do without asking, by the kind of work they do; one word alone serves for both kinds. */
export const PermissionDefaults = z.preprocess(
  (value) => (typeof value === "string" ? { tasks: value, terminals: value } : (value ?? {})),
  z.looseObject({
    tasks: Permissions.default(DEFAULT_TASK_PERMISSIONS),
    terminals: Permissions.default(DEFAULT_TERMINAL_PERMISSIONS),
  }),
);
export type PermissionDefaults = z.infer<typeof PermissionDefaults>;

/**
 * Limits on what runs. `timeout` absent: a task may take as long as it works; `budget` absent: and use what it likes.
 */
export const Limits = settings({
  concurrent: z.number().int().min(1).max(MAX_CONCURRENT_WORKERS).default(DEFAULT_CONCURRENT_WORKERS),
  stall: Switchable.default(DEFAULT_STALL),
  timeout: DurationText.optional(),
  budget: BudgetText.optional(),
  question_wait: DurationText.default(DEFAULT_QUESTION_WAIT),
  park: Switchable.default(DEFAULT_PARK),
  idle: DurationText.default(DEFAULT_IDLE),
  setup: DurationText.default(DEFAULT_SETUP_TIME),
  gate: DurationText.default(DEFAULT_GATE_TIME),
});
export type Limits = z.infer<typeof Limits>;

/** The web UI; `port` taken by another program: the daemon serves its socket only. */
export const WebSettings = settings({
  port: z.number().int().min(1).max(65_535).default(DEFAULT_WEB_PORT),
});
export type WebSettings = z.infer<typeof WebSettings>;

/**
 * How a person is told of what happens while they do something else: by the desktop, and by a command line that the
 * shell runs, with the notice as JSON on its standard input and its parts as DISPATCH_NOTICE_* variables.
 */
export const NotifySettings = settings({
  desktop: z.boolean().default(false),
  command: z.string().min(1).optional(),
  on: z.array(NoticeKind).default(["done", "failed", "needs-you"]),
});
export type NotifySettings = z.infer<typeof NotifySettings>;

/** Where projects are looked for; absent: in the folders of the home where people usually keep them. */
export const ProjectSettings = settings({
  roots: z.array(z.string().min(1)).max(MAX_ROOTS).optional(),
});
export type ProjectSettings = z.infer<typeof ProjectSettings>;

/** The faces of other programs' wire; each is off unless it is named. */
export const CompatSettings = settings({
  oppi: z.looseObject({ port: z.number().int().min(1).max(65_535).optional() }).nullish(),
  workstation: z.boolean().default(false),
});
export type CompatSettings = z.infer<typeof CompatSettings>;

/**
 * `config.yaml`, read. An empty file is a config; sections may be absent or empty; unknown keys are kept. Names keep
 * the order of the file, which decides between several models that a prompt names.
 */
export const Config = settings({
  /** The model or alias of tasks that name none. */
  default: z.string().min(1).optional(),
  /** False: the skill dispatches to an unnamed default without asking first. */
  confirm_default: z.boolean().default(true),
  /** Agent to command. */
  backends: section(Backend),
  /** Model to agent. */
  models: section(ModelEntry),
  aliases: section(AliasEntry),
  /** The old form: agents with their command inline, each of them its own model. `config migrate` rewrites it. */
  agents: section(Backend),
  workspaces: section(WorkspaceEntry),
  projects: ProjectSettings,
  permissions: PermissionDefaults,
  limits: Limits,
  /** The models that take over, in this order, from one that cannot be used and names none itself. */
  failover: z.array(z.string().min(1)).default([]),
  /** `auto`: a task whose agent was lost and has no conversation to go on with begins its next attempt by itself. */
  resume: z.enum(["auto", "manual"]).default("manual"),
  /** Whether tasks run in a worktree unless they or their workspace say otherwise. */
  worktree: z.boolean().default(false),
  /** Relays to other people: name to address. */
  brokers: section(z.union([z.string(), z.looseObject({ url: z.string() })])),
  /** Where approvals of other people's tasks are answered, among what their edge allows. */
  approval_ui: z.enum(["form", "local", "picker"]).default("local"),
  notify: NotifySettings,
  compat: CompatSettings,
  web: WebSettings,
});
export type Config = z.infer<typeof Config>;
