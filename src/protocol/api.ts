import { z } from "zod";
import { AgentInfo, ModelInfo, SetUp } from "./agent.ts";
import { Approval, Grant, Verdict } from "./approval.ts";
import { AuditCheck, AuditRow } from "./audit.ts";
import { Attention } from "./attention.ts";
import { DiffText, FileChange, MergeResult, PlaceChanges, PlaceMerge } from "./change.ts";
import { PlacedEvent, Position } from "./event.ts";
import { Finding } from "./finding.ts";
import { Flag } from "./flag.ts";
import { MessageId, SessionId } from "./id.ts";
import { MAX_PAGE, MAX_TRANSCRIPT_PAGE } from "./limit.ts";
import { Message, MessageRequest, MessageVerdict } from "./message.ts";
import { Merge } from "./merge.ts";
import { CallerNotice, ListenerRef } from "./notice.ts";
import { Project } from "./project.ts";
import { Conversation, Handing, HookCall, HookRef, ProcessMark } from "./outside.ts";
import { PullRequest } from "./pull-request.ts";
import { Question } from "./question.ts";
import { Permissions } from "./permission.ts";
import { Judgement, Rule, RuleRequest } from "./rule.ts";
import type { RouteName } from "./route.ts";
import { RouteAnswer, RouteRequest } from "./routing.ts";
import { Schedule, ScheduleRequest } from "./schedule.ts";
import { SearchHit, SearchRequest } from "./search.ts";
import { Session, SessionName, SessionRequest } from "./session.ts";
import { ScreenText } from "./terminal.ts";
import { Thinking } from "./thinking.ts";
import { Attempt, Budget, BudgetText, Parked, Task, TaskContext, TaskRequest, Tree } from "./task.ts";
import { Report, Sweep, SweepDetail, SweepRequest } from "./sweep.ts";
import { Delivery, Webhook, WebhookRequest } from "./webhook.ts";
import { Workspace, WorkspaceInfo, WorkspaceName, WorkspaceSetting } from "./workspace.ts";
import { Words } from "./words.ts";

const MAX_AGENTS_MS = 15_000;
/** The longest that one call waits for notices. */
export const MAX_NOTICE_WAIT_MS = 4 * 60 * 1_000;
const MAX_NOTICES = 1_000;
export const DEFAULT_PAGE = 50;

/** A task with everything that lists and events leave out. */
export const TaskDetail = z.object({
  task: Task,
  workspace: Workspace,
  /** Those of `task.also`, in their order. */
  also: z.array(Workspace),
  prompt: z.string(),
  context: TaskContext,
  attempts: z.array(Attempt),
  questions: z.array(Question),
  approvals: z.array(Approval),
  flags: z.array(Flag),
  /** Place in the queue from 1, for a task that waits for a free worker. */
  queue: z.number().int().positive().nullable(),
  /** The wait for the limit of its agent, where such a task waits for that before it waits for a worker. */
  held: Parked.nullable(),
  /** The tasks that it comes after. */
  after: z.array(Task),
  /** Its way through the merge queue since it ended. */
  merge: Merge.nullable(),
  /** Merges of its work pass a gate, in the queue. */
  gated: z.boolean(),
  /** The slug of the rival whose result was merged in place of its own. */
  mergedInstead: z.string().nullable(),
  workedMs: z.number().nonnegative(),
  tree: Tree,
});
export type TaskDetail = z.infer<typeof TaskDetail>;

/** A session with what is open in it: approvals, and messages that are not told, or held, or whose turn still runs. */
export const SessionDetail = z.object({
  session: Session,
  /** What people call it: its name, or its task, or else its workspace. */
  called: z.string(),
  workspace: Workspace,
  approvals: z.array(Approval),
  messages: z.array(Message),
  tree: Tree,
});
export type SessionDetail = z.infer<typeof SessionDetail>;

const Nothing = z.strictObject({});
const Environment = z.record(z.string(), z.string()).optional();
/** From a position of the stream on, or the `last` so many events: what a task or a session said and did. */
const TranscriptPage = {
  query: z.object({
    after: z.coerce.number().int().nonnegative().default(0),
    limit: z.coerce.number().int().min(1).max(MAX_TRANSCRIPT_PAGE).default(1_000),
    last: z.coerce.number().int().min(1).max(MAX_TRANSCRIPT_PAGE).optional(),
  }),
  answer: z.object({ events: z.array(PlacedEvent), position: Position, more: z.boolean() }),
};
const Page = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  before: z.string().optional(),
};

/** What a person decides; `forMs` is how long, with the grant `until`. */
const Decided = {
  verdict: Verdict,
  grant: Grant.default("once"),
  forMs: z.number().int().positive().optional(),
  reason: z.string().optional(),
};
/** `rules` are those that the grant made. */
const DecisionMade = z.object({ approval: Approval, rules: z.array(Rule) });

/**
 * A call's schemas: `query` is read from the address, `body` from a JSON document, `answer` is what a 200 carries.
 * A `:task` or `:sweep` in the path is an id, a unique prefix of one (at least 6 characters), or a slug; a `:session` is
 * an id, a prefix, a name, or the slug of the task that it belongs to.
 */
interface Call {
  summary: string;
  query?: z.ZodObject;
  body?: z.ZodType;
  answer: z.ZodType;
}

/** Every call of the daemon. A row without a handler, or a handler without a row, does not compile. */
export const API = {
  health: {
    summary: "The daemon's version, process and store",
    answer: z.object({
      version: z.string(),
      pid: z.number().int(),
      port: z.number().int().nullable(),
      startedAt: z.number(),
      position: Position,
      workers: z.object({ running: z.number().int(), queued: z.number().int(), limit: z.number().int() }),
      notices: z.array(z.string()),
    }),
  },
  stopDaemon: { summary: "Stop the daemon; agents go on", body: Nothing, answer: Nothing },
  listTasks: {
    summary: "Tasks, newest first",
    query: z.object({
      ...Page,
      state: z.enum(["open", "ended", "all"]).default("all"),
      workspace: z.string().optional(),
      sweep: z.string().optional(),
      /** Only those that were handed over from this session. */
      from: z.string().optional(),
    }),
    answer: z.object({ tasks: z.array(Task), next: z.string().nullable() }),
  },
  createTask: {
    summary: "Hand over a task; it is on disk when this answers",
    body: TaskRequest,
    /** `existing`: the caller asked before, and this is the task that it got. */
    answer: z.object({
      task: Task,
      workspace: Workspace,
      notices: z.array(z.string()),
      existing: z.boolean(),
    }),
  },
  createSweep: {
    summary: "Hand over several tasks: all are on disk when this answers, or none is",
    body: SweepRequest,
    /** `existing`: the caller asked for the same before, and this is what it got. */
    answer: z.object({
      sweep: Sweep,
      tasks: z.array(Task),
      notices: z.array(z.string()),
      existing: z.boolean(),
    }),
  },
  listSweeps: {
    summary: "Tasks that were handed over together, newest first, with how many are in which state",
    query: z.object({ ...Page }),
    answer: z.object({
      sweeps: z.array(z.object({ sweep: Sweep, states: z.record(z.string(), z.number().int()) })),
      next: z.string().nullable(),
    }),
  },
  getSweep: {
    summary: "How the tasks of a sweep stand, with sums; `changes` counts the lines that each changed",
    query: z.object({ changes: z.stringbool().default(false) }),
    answer: SweepDetail,
  },
  setSweepBudget: {
    summary: "Let a sweep use more than its budget, or stop what is left of it",
    body: z.strictObject({ more: Words }),
    answer: z.object({ sweep: Sweep, tasks: z.array(Task) }),
  },
  cancelSweep: {
    summary: "Cancel all tasks of a sweep that have not ended; worktrees stay",
    body: z.strictObject({ dryRun: z.boolean().optional() }),
    /** `tasks`: those that are canceled, or with `dryRun` would be. */
    answer: z.object({ sweep: Sweep, tasks: z.array(Task) }),
  },
  getReport: {
    summary: "What happened to tasks since a time in milliseconds, what to merge and what waits for a human",
    query: z.object({ since: z.coerce.number().nonnegative() }),
    answer: Report,
  },
  getTask: { summary: "One task, whole", answer: TaskDetail },
  getTranscript: {
    summary:
      "What happened in a task or one attempt of it, in order, from a position, or only the last so many events",
    query: TranscriptPage.query.extend({ attempt: z.coerce.number().int().min(1).optional() }),
    answer: TranscriptPage.answer,
  },
  exportTask: {
    summary: "A task as one Markdown document: prompt, plan, transcript, result",
    answer: z.object({ markdown: z.string() }),
  },
  getDiff: {
    summary:
      "What a task changed up to now or to the end of an attempt, in all or `since` the end of another one; of several repositories all, below their names, or `only` one",
    query: z.object({
      only: z.string().optional(),
      attempt: z.coerce.number().int().min(1).optional(),
      since: z.coerce.number().int().min(1).optional(),
    }),
    /** `places`: each repository for itself, where there are several. */
    answer: z.object({ files: z.array(FileChange), diff: DiffText, places: z.array(PlaceChanges) }),
  },
  answerTask: {
    summary: "Answer a worker's question, once",
    body: z.strictObject({ text: Words, question: z.string().optional(), fromSession: SessionId.optional() }),
    answer: z.object({ task: Task, question: Question }),
  },
  noteTask: {
    summary: "Tell a running worker something",
    body: z.strictObject({ text: Words, fromSession: SessionId.optional() }),
    answer: z.object({ task: Task }),
  },
  cancelTask: {
    summary: "Cancel a task, and on request all that come after it; worktrees stay",
    body: z.strictObject({
      withDependents: z.boolean().optional(),
      dryRun: z.boolean().optional(),
      fromSession: SessionId.optional(),
    }),
    /** `tasks`: all that are canceled, or with `dryRun` would be. */
    answer: z.object({ task: Task, tasks: z.array(Task) }),
  },
  retryTask: {
    summary: "Start the next attempt; ticks are kept",
    body: z.strictObject({
      model: z.string().optional(),
      /** Null: as the model would by itself. Absent: as the last attempt. */
      thinking: Thinking.nullable().optional(),
      /** Writes the model into the config, in the place that had chosen the one before. */
      save: z.boolean().optional(),
      skip: z.number().int().positive().optional(),
      fresh: z.boolean().optional(),
      budget: z.union([Budget, BudgetText]).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      fromSession: SessionId.optional(),
    }),
    answer: z.object({ task: Task, notices: z.array(z.string()) }),
  },
  resumeTask: {
    summary: "Go on with a task whose agent stopped, in the agent's own conversation where it has one",
    body: z.strictObject({ environment: z.record(z.string(), z.string()).optional() }),
    answer: z.object({ task: Task }),
  },
  mergeTask: {
    summary: "Merge a task's worktree; a conflict changes nothing and is reported",
    /** `ungated`: at once, although merges of this workspace pass a gate. */
    body: z.strictObject({
      message: z.string().optional(),
      squash: z.boolean().optional(),
      ungated: z.boolean().optional(),
    }),
    /** `places`: what became of each repository, where there are several. */
    answer: z.object({ task: Task, merge: MergeResult, places: z.array(PlaceMerge) }),
  },
  getPullRequest: {
    summary: "The text of a pull request for an ended task's branch",
    /** `also`: one for each further repository of the task that it changed. */
    answer: z.object({ pullRequest: PullRequest, also: z.array(PullRequest) }),
  },
  pushPullRequest: {
    summary: "Push an ended task's branch, with what is uncommitted, to a remote of its repository",
    body: z.strictObject({ remote: z.string().min(1) }),
    answer: z.object({
      remote: z.string(),
      branch: z.string(),
      commit: z.string(),
      also: z.array(z.object({ name: z.string(), branch: z.string(), commit: z.string() })),
    }),
  },
  queueMerges: {
    summary: "Queue the merges of tasks: each lands as one commit that has passed the workspace's gate",
    /** `handback`: what conflicts or fails the gate goes back to its worker first. */
    body: z.strictObject({
      tasks: z.array(z.string().min(1)).min(1).max(MAX_PAGE),
      handback: z.boolean().default(true),
      environment: z.record(z.string(), z.string()).optional(),
    }),
    answer: z.object({ merges: z.array(Merge) }),
  },
  listMerges: {
    summary: "Merges that were queued, newest first",
    query: z.object({ ...Page, state: z.enum(["open", "ended", "all"]).default("all") }),
    answer: z.object({ merges: z.array(Merge), next: z.string().nullable() }),
  },
  cancelMerge: {
    summary: "Take a merge out of the queue; its task and branch stay as they are",
    body: Nothing,
    answer: z.object({ merge: Merge }),
  },
  cleanTask: {
    summary: "Remove what an ended task left behind; never uncommitted or unmerged work unless forced",
    body: z.strictObject({ force: z.boolean().optional() }),
    answer: z.object({
      task: Task,
      kept: z.array(z.string()),
      removed: z.array(z.string()),
      notices: z.array(z.string()),
    }),
  },
  decideApproval: {
    summary: "Allow or deny a gated tool call, once",
    body: z.strictObject({ approval: z.string().optional(), ...Decided }),
    answer: DecisionMade,
  },
  listRules: { summary: "The rules that hold, oldest first", answer: z.object({ rules: z.array(Rule) }) },
  addRule: {
    summary: "Deny, allow, or be asked about calls from now on",
    body: RuleRequest,
    answer: z.object({ rule: Rule }),
  },
  removeRule: { summary: "Take a rule back", answer: z.object({ rule: Rule }) },
  testRules: {
    summary: "What would be said of a command or a tool, part by part; nothing is done",
    query: z.object({
      command: z.string().optional(),
      tool: z.string().optional(),
      path: z.string().optional(),
      workspace: z.string().optional(),
      permissions: Permissions.optional(),
    }),
    answer: z.object({ judgement: Judgement, permissions: Permissions, folder: z.string() }),
  },
  listAudit: {
    summary: "Every decision and change of the rules, newest first",
    query: z.object({
      limit: Page.limit,
      before: z.coerce.number().int().positive().optional(),
    }),
    answer: z.object({ rows: z.array(AuditRow), next: z.number().int().nullable() }),
  },
  verifyAudit: { summary: "Whether the log of decisions is as it was written", answer: AuditCheck },
  getAttention: { summary: "Everything that waits for a human", answer: Attention },
  seeFlag: { summary: "Take a flag off the list", body: Nothing, answer: z.object({ flag: Flag }) },
  listApprovals: {
    summary: "Tool calls that wait, or waited, for a decision, newest first",
    query: z.object({
      ...Page,
      state: z.enum(["open", "all"]).default("open"),
      session: z.string().optional(),
    }),
    answer: z.object({ approvals: z.array(Approval), next: z.string().nullable() }),
  },
  decide: {
    summary: "Allow or deny a gated tool call by its own id, once",
    body: z.strictObject(Decided),
    answer: DecisionMade,
  },
  listSessions: {
    summary: "Sessions, newest first",
    query: z.object({
      ...Page,
      state: z
        .enum(["starting", "ready", "busy", "stopping", "stopped", "error", "live", "open", "all"])
        .default("all"),
      origin: z.enum(["task", "manual", "external"]).optional(),
      workspace: z.string().optional(),
    }),
    /** `called`: what people call each, by its id: its name, or its task, or else its workspace. */
    answer: z.object({
      sessions: z.array(Session),
      called: z.record(z.string(), z.string()),
      next: z.string().nullable(),
    }),
  },
  createSession: {
    summary: "Open a session; it is on disk, and so is its prompt, when this answers",
    body: SessionRequest,
    answer: z.object({
      session: Session,
      workspace: Workspace,
      message: Message.nullable(),
      notices: z.array(z.string()),
    }),
  },
  resumeAll: {
    summary: "Bring back everything that ran when the machine or its hosts went down",
    body: z.strictObject({ environment: Environment }),
    /** `called`: what people call each session, by its id. */
    answer: z.object({
      sessions: z.array(Session),
      called: z.record(z.string(), z.string()),
      tasks: z.array(Task),
    }),
  },
  getSession: { summary: "One session, with what is open in it", answer: SessionDetail },
  changeSession: {
    summary: "Rename a session, or give it another model or level of thinking from its next start on",
    body: z.strictObject({
      name: SessionName.nullable().optional(),
      model: z.string().min(1).optional(),
      thinking: Thinking.nullable().optional(),
    }),
    answer: z.object({ session: Session, notices: z.array(z.string()) }),
  },
  deleteSession: {
    summary: "Forget a session that is stopped; what happened in it stays in the store, and is found no more",
    answer: z.object({ session: Session }),
  },
  interruptSession: {
    summary: "End the turn that runs; what waits is told then",
    body: Nothing,
    answer: z.object({ session: Session }),
  },
  stopSession: {
    summary: "End a session's agent; the next message brings it back",
    body: Nothing,
    answer: z.object({ session: Session }),
  },
  resumeSession: {
    summary: "Start a session's agent again, in its own conversation",
    body: z.strictObject({ environment: Environment }),
    answer: z.object({ session: Session }),
  },
  forkSession: {
    summary: "Open a session that begins where another one is, where its agent can",
    body: z.strictObject({ name: SessionName.optional(), environment: Environment }),
    answer: z.object({ session: Session }),
  },
  getSessionEvents: {
    summary: "What happened in a session, in order, from a position, or only the last so many events",
    ...TranscriptPage,
  },
  getScreen: {
    summary: "What the terminal of a session shows, as text, and with `history` what has left it at the top",
    query: z.object({ history: z.stringbool().default(false) }),
    answer: ScreenText,
  },
  exportSession: {
    summary: "A session as one Markdown document",
    answer: z.object({ markdown: z.string() }),
  },
  sendMessage: {
    summary: "Send a message to a session; it is on disk when this answers",
    body: MessageRequest,
    answer: z.object({ message: Message, session: Session }),
  },
  listMessages: {
    summary: "A session's messages, newest first",
    query: z.object({ ...Page }),
    answer: z.object({ messages: z.array(Message), next: z.string().nullable() }),
  },
  getMessage: { summary: "One message, with all of its text", answer: z.object({ message: Message }) },
  decideMessage: {
    summary: "Release or refuse a held message, once",
    body: z.strictObject({ verdict: MessageVerdict, reason: z.string().optional() }),
    answer: z.object({ message: Message }),
  },
  listWorkspaces: {
    summary: "The folders where agents work, and what is set for each",
    answer: z.object({ workspaces: z.array(WorkspaceInfo) }),
  },
  addWorkspace: {
    summary: "Make a folder a workspace, or give one another name",
    body: z.strictObject({ path: z.string().min(1), name: WorkspaceName.optional() }),
    answer: z.object({ workspace: WorkspaceInfo }),
  },
  setWorkspace: {
    summary: "Set what a workspace's tasks and sessions get unless they say otherwise",
    body: WorkspaceSetting,
    answer: z.object({ workspace: WorkspaceInfo }),
  },
  removeWorkspace: {
    summary: "Take a workspace off the list, with its settings; no file is touched",
    answer: z.object({ workspace: Workspace }),
  },
  route: {
    summary: "Find the session that a text means, or open a repository's first one, and send it a message",
    body: RouteRequest,
    answer: RouteAnswer,
  },
  listProjects: {
    summary: "Folders that messages can be routed to, those that were used last first",
    query: z.object({
      limit: Page.limit,
      offset: z.coerce.number().int().nonnegative().default(0),
      /** Only those that this text means where it stands for a workspace: by name, or by the end of the path. */
      called: z.string().min(1).optional(),
    }),
    /** `next`: the `offset` of the next page. */
    answer: z.object({ projects: z.array(Project), next: z.number().int().nullable() }),
  },
  discoverProjects: {
    summary: "Look for projects below the roots of the config, or below one folder; no file is changed",
    body: z.strictObject({ path: z.string().min(1).optional() }),
    /** `added`: how many were not known. `complete`: false where a limit ended the search. */
    answer: z.object({
      roots: z.array(z.string()),
      projects: z.array(Project),
      added: z.number().int().nonnegative(),
      complete: z.boolean(),
    }),
  },
  listSchedules: {
    summary: "Work that begins by itself, and when",
    answer: z.object({ schedules: z.array(Schedule) }),
  },
  addSchedule: {
    summary: "Have a task handed over, or a message sent, at a time or again and again",
    body: ScheduleRequest,
    answer: z.object({ schedule: Schedule }),
  },
  changeSchedule: {
    summary: "Switch a schedule off, or on again",
    body: z.strictObject({ enabled: z.boolean() }),
    answer: z.object({ schedule: Schedule }),
  },
  removeSchedule: {
    summary: "Forget a schedule; what it has begun goes on",
    answer: z.object({ schedule: Schedule }),
  },
  runSchedule: {
    summary: "Do what a schedule does now, whatever its time is",
    body: Nothing,
    answer: z.object({ schedule: Schedule }),
  },
  listWebhooks: {
    summary: "Addresses that are told of what happens",
    answer: z.object({ webhooks: z.array(Webhook) }),
  },
  addWebhook: {
    summary: "Have an address told when a task is done, failed or needs somebody",
    body: WebhookRequest,
    /** `secret` signs every message (Standard Webhooks); it is told this once. */
    answer: z.object({ webhook: Webhook, secret: z.string() }),
  },
  removeWebhook: {
    summary: "Tell an address no more; what was on its way to it is dropped",
    answer: z.object({ webhook: Webhook }),
  },
  testWebhook: {
    summary: "Send a test message, and say what became of it",
    body: Nothing,
    answer: z.object({ delivery: Delivery }),
  },
  listDeliveries: {
    summary: "What was sent to an address, newest first",
    answer: z.object({ deliveries: z.array(Delivery) }),
  },
  awaitNotices: {
    summary: "Wait until there are notices for a caller, or no task of its is open",
    query: ListenerRef.extend({
      forMs: z.coerce.number().int().nonnegative().max(MAX_NOTICE_WAIT_MS),
      /** Of the waits that say so only the last one goes on: the others end, `replaced`. */
      alone: z.literal("true").optional(),
      /** The hook that waits beside an agent, which is woken for messages too, however long that takes. */
      beside: ProcessMark.optional(),
    }),
    answer: z.object({
      waiting: z.number().int().nonnegative(),
      open: z.number().int().nonnegative(),
      replaced: z.boolean(),
    }),
  },
  claimNotices: {
    summary: "Take a caller's notices to tell it; what is not acknowledged soon can be taken again",
    body: ListenerRef,
    /** `open`: tasks of this caller that have not ended. */
    answer: z.object({ notices: z.array(CallerNotice), open: z.number().int().nonnegative() }),
  },
  acknowledgeNotices: {
    summary: "Say that notices were told, so that they are told no more",
    body: z.strictObject({ notices: z.array(z.number().int().positive()).max(MAX_NOTICES) }),
    answer: Nothing,
  },
  reportHook: {
    summary: "Say what happened in an agent that was started outside of Dispatch; its hook calls this",
    body: HookCall,
    /** Null: the hook stands below no agent, or below one that a host of ours runs. */
    answer: z.object({ session: SessionId.nullable() }),
  },
  claimMessage: {
    summary: "Take the next message to the agent whose hook calls; what is not acknowledged soon is held",
    body: HookRef,
    answer: z.object({ handing: Handing.nullable() }),
  },
  acknowledgeMessage: {
    summary: "Say that a message that was taken was told, or could not be",
    body: z.strictObject({ message: MessageId, told: z.boolean() }),
    answer: Nothing,
  },
  listConversations: {
    summary: "The conversations in the agents' own files, newest first",
    query: z.object({ limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE) }),
    answer: z.object({ conversations: z.array(Conversation) }),
  },
  adoptConversation: {
    summary: "Go on with a conversation of an agent's own as a session of Dispatch",
    body: z.strictObject({
      name: SessionName.optional(),
      model: z.string().min(1).optional(),
      permissions: Permissions.optional(),
      environment: Environment,
    }),
    answer: z.object({ session: Session, workspace: Workspace, notices: z.array(z.string()) }),
  },
  listModels: {
    summary: "Models and aliases of the config",
    answer: z.object({ models: z.array(ModelInfo) }),
  },
  addModel: {
    summary: "Add a model to the config",
    body: z.strictObject({
      name: z.string().min(1),
      /** Without one the agents' own lists say whose it is. */
      agent: z.string().min(1).optional(),
      isDefault: z.boolean().optional(),
    }),
    answer: z.object({ models: z.array(ModelInfo) }),
  },
  addAlias: {
    summary: "Add an alias to the config, or change it",
    body: z.strictObject({
      name: z.string().min(1),
      model: z.string().min(1),
      prompt: z.string().optional(),
    }),
    answer: z.object({ models: z.array(ModelInfo) }),
  },
  removeModel: {
    summary: "Remove a model or an alias from the config",
    answer: z.object({ models: z.array(ModelInfo) }),
  },
  search: {
    summary: "Find a text in all that was ever asked, said, done and answered",
    query: SearchRequest,
    /** `next`: the `offset` of the next page. */
    answer: z.object({ hits: z.array(SearchHit), next: z.number().int().nullable() }),
  },
  listAgents: {
    summary: "Agents found on this machine, and what each one lacks",
    query: z.object({ withinMs: z.coerce.number().int().positive().max(MAX_AGENTS_MS).optional() }),
    answer: z.object({ agents: z.array(AgentInfo) }),
  },
  setUp: {
    summary: "Find the agents and their models, and write what is missing into the config",
    body: z.strictObject({
      /** False: nothing is written. */
      apply: z.boolean().default(true),
      /** Whether agents are opened to be asked for their models, which takes seconds. */
      ask: z.boolean().default(true),
      default: z.string().min(1).optional(),
      environment: z.record(z.string(), z.string()).optional(),
    }),
    answer: SetUp,
  },
  doctor: {
    summary: "What is wrong with the config and the agents, and how to mend it",
    answer: z.object({ findings: z.array(Finding) }),
  },
  migrateConfig: {
    summary: "Rewrite the old form of the config; comments and unknown keys stay, and a copy is kept",
    body: Nothing,
    answer: z.object({ path: z.string(), backup: z.string().nullable(), changes: z.array(z.string()) }),
  },
  getConfig: {
    summary: "The configuration file as it stands",
    answer: z.object({ path: z.string(), text: z.string(), value: z.record(z.string(), z.unknown()) }),
  },
  setConfig: {
    summary: "Set one value; comments and unknown keys stay",
    body: z.strictObject({ key: z.string().min(1), value: z.unknown() }),
    answer: z.object({ path: z.string(), value: z.unknown() }),
  },
} as const satisfies Record<RouteName, Call>;

type Api = typeof API;
type InputOf<C> = (C extends { body: infer B extends z.ZodType } ? z.input<B> : unknown) &
  (C extends { query: infer Q extends z.ZodType } ? z.input<Q> : unknown);
type ParsedOf<C> = (C extends { body: infer B extends z.ZodType } ? { body: z.output<B> } : unknown) &
  (C extends { query: infer Q extends z.ZodType } ? { query: z.output<Q> } : unknown);

/** What a client sends with a call (query and body are one object: their names never overlap). */
export type CallInput<Name extends RouteName> = InputOf<Api[Name]>;
/** What a handler gets: parsed, with defaults. */
export type CallParsed<Name extends RouteName> = ParsedOf<Api[Name]>;
export type CallAnswer<Name extends RouteName> = z.infer<Api[Name]["answer"]>;
