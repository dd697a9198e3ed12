/**
 * The daemon's calls as plain data: the client and the CLI read this without loading the schemas.
 * `api.ts` gives each its schemas; `daemon/routes/` its handler.
 */
export const ROUTES = {
  health: ["GET", "/health"],
  stopDaemon: ["POST", "/stop"],
  listTasks: ["GET", "/tasks"],
  createTask: ["POST", "/tasks"],
  createSweep: ["POST", "/sweeps"],
  listSweeps: ["GET", "/sweeps"],
  getSweep: ["GET", "/sweeps/:sweep"],
  setSweepBudget: ["POST", "/sweeps/:sweep/budget"],
  cancelSweep: ["POST", "/sweeps/:sweep/cancel"],
  getReport: ["GET", "/report"],
  getTask: ["GET", "/tasks/:task"],
  getTranscript: ["GET", "/tasks/:task/transcript"],
  exportTask: ["GET", "/tasks/:task/export"],
  getDiff: ["GET", "/tasks/:task/diff"],
  answerTask: ["POST", "/tasks/:task/answer"],
  noteTask: ["POST", "/tasks/:task/notes"],
  cancelTask: ["POST", "/tasks/:task/cancel"],
  retryTask: ["POST", "/tasks/:task/retry"],
  resumeTask: ["POST", "/tasks/:task/resume"],
  mergeTask: ["POST", "/tasks/:task/merge"],
  cleanTask: ["POST", "/tasks/:task/clean"],
  getPullRequest: ["GET", "/tasks/:task/pull-request"],
  pushPullRequest: ["POST", "/tasks/:task/pull-request/push"],
  queueMerges: ["POST", "/merges"],
  listMerges: ["GET", "/merges"],
  cancelMerge: ["POST", "/merges/:merge/cancel"],
  decideApproval: ["POST", "/tasks/:task/approvals"],
  listRules: ["GET", "/rules"],
  addRule: ["POST", "/rules"],
  removeRule: ["DELETE", "/rules/:rule"],
  testRules: ["GET", "/rules/test"],
  listAudit: ["GET", "/audit"],
  verifyAudit: ["GET", "/audit/check"],
  getAttention: ["GET", "/attention"],
  seeFlag: ["POST", "/flags/:flag/seen"],
  listApprovals: ["GET", "/approvals"],
  decide: ["POST", "/approvals/:approval"],
  listSessions: ["GET", "/sessions"],
  createSession: ["POST", "/sessions"],
  resumeAll: ["POST", "/sessions/resume-all"],
  getSession: ["GET", "/sessions/:session"],
  changeSession: ["PATCH", "/sessions/:session"],
  deleteSession: ["DELETE", "/sessions/:session"],
  interruptSession: ["POST", "/sessions/:session/interrupt"],
  stopSession: ["POST", "/sessions/:session/stop"],
  resumeSession: ["POST", "/sessions/:session/resume"],
  forkSession: ["POST", "/sessions/:session/fork"],
  getSessionEvents: ["GET", "/sessions/:session/events"],
  getScreen: ["GET", "/sessions/:session/screen"],
  exportSession: ["GET", "/sessions/:session/export"],
  sendMessage: ["POST", "/sessions/:session/messages"],
  listMessages: ["GET", "/sessions/:session/messages"],
  getMessage: ["GET", "/messages/:message"],
  decideMessage: ["POST", "/messages/:message"],
  listWorkspaces: ["GET", "/workspaces"],
  addWorkspace: ["POST", "/workspaces"],
  setWorkspace: ["PUT", "/workspaces/:workspace"],
  removeWorkspace: ["DELETE", "/workspaces/:workspace"],
  route: ["POST", "/route"],
  listProjects: ["GET", "/projects"],
  discoverProjects: ["POST", "/projects/discover"],
  listSchedules: ["GET", "/schedules"],
  addSchedule: ["POST", "/schedules"],
  changeSchedule: ["PATCH", "/schedules/:schedule"],
  removeSchedule: ["DELETE", "/schedules/:schedule"],
  runSchedule: ["POST", "/schedules/:schedule/run"],
  listWebhooks: ["GET", "/webhooks"],
  addWebhook: ["POST", "/webhooks"],
  removeWebhook: ["DELETE", "/webhooks/:webhook"],
  testWebhook: ["POST", "/webhooks/:webhook/test"],
  listDeliveries: ["GET", "/webhooks/:webhook/deliveries"],
  awaitNotices: ["GET", "/notices/wait"],
  claimNotices: ["POST", "/notices/claim"],
  acknowledgeNotices: ["POST", "/notices/acknowledge"],
  reportHook: ["POST", "/hooks"],
  claimMessage: ["POST", "/hooks/claim"],
  acknowledgeMessage: ["POST", "/hooks/acknowledge"],
  listConversations: ["GET", "/conversations"],
  adoptConversation: ["POST", "/conversations/:conversation/adopt"],
  listModels: ["GET", "/models"],
  addModel: ["POST", "/models"],
  addAlias: ["POST", "/aliases"],
  removeModel: ["DELETE", "/models/:model"],
  search: ["GET", "/search"],
  listAgents: ["GET", "/agents"],
  setUp: ["POST", "/setup"],
  doctor: ["GET", "/doctor"],
  getConfig: ["GET", "/config"],
  migrateConfig: ["POST", "/config/migrate"],
  setConfig: ["PUT", "/config"],
} as const satisfies Record<
  string,
  readonly [method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: `/${string}`]
>;

export type RouteName = keyof typeof ROUTES;

type NamesIn<Path extends string> = Path extends `${string}/:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Name | NamesIn<`/${Tail}`>
    : Rest
  : never;

/** The `:names` of a call's path, decoded. */
export type RouteParams<Name extends RouteName> = Record<NamesIn<(typeof ROUTES)[Name][1]>, string>;

/** The header that names the version of the daemon that answers. */
export const VERSION_HEADER = "dispatch-version";

/** The header that names the caller's folder, URI-encoded: of tasks of one name, the one that was handed over there is meant. */
export const FOLDER_HEADER = "dispatch-folder";
