import { DispatchError } from "../base/error.ts";
import { gatePreset } from "../core/opinion.ts";
import type { Approval } from "../protocol/approval.ts";
import type { Config } from "../protocol/config.ts";
import type { Launch } from "../protocol/host.ts";
import type { Permissions } from "../protocol/permission.ts";
import type { Session } from "../protocol/session.ts";
import type { Task } from "../protocol/task.ts";
import { countingApprovals } from "../store/approval.ts";
import { getAttempt } from "../store/attempt.ts";
import { listRules } from "../store/rule.ts";
import { getSession } from "../store/session.ts";
import { openFolder } from "../workspaces/repository.ts";
import { taskFolderPath } from "../workspaces/task-folder.ts";
import { rowOf, sessionKind } from "./known-agents.ts";
import type { AgentRequest } from "./launch.ts";
import type { Ground } from "./parts.ts";
import { checkPlace, findPlace } from "./place.ts";
import { alsoIn, furtherFolders, roomsOf } from "./rooms.ts";
import { loadRun } from "./run.ts";
import { briefOf } from "./task-prompt.ts";

/** A terminal that nobody has looked at yet. */
const TERMINAL_SIZE = { columns: 120, rows: 40 };

/** What an agent is started by; `key` is whose environment it gets. */
export interface Starting extends Omit<AgentRequest, "environment"> {
  readonly key: string;
}

/** Makes the command line and the environment of an agent. */
type Start = (starting: Starting) => Promise<Pick<Launch, "agent" | "command" | "environment">>;

/** What the agent of a task is started by. */
export function startingTask(
  { id: key, model, permissions, thinking }: Task,
  { config, folders }: { config: Config; folders: readonly string[] },
): Starting {
  return { key, agent: model.agent, kind: sessionKind(config, model), permissions, thinking, folders };
}

/**
 * Everything that a host needs to bring the agent of a session to life, in the conversation that it had.
 * @throws DispatchError for a folder that is gone, what the agent lacks, and a gate that it cannot have
 */
export async function launchOf(session: Session, ground: Ground, start: Start): Promise<Launch> {
  const { db } = ground.ledger;
  const { folder } = session;
  const task = session.task === null ? null : loadRun(db, session.task).task;
  if (task) await checkPlace(task);
  await openFolder(folder); // a program in a folder that is gone fails as if it were gone itself
  const permissions = gateOf(session, ground);
  const carried = countingApprovals(db, session.id).filter(isCarried);
  const own = task
    ? await taskLaunch(session, { task, permissions, ground, start })
    : await conversationLaunch(session, { permissions, ground, start });
  return {
    ...own,
    folder,
    permissions,
    cost: session.usage.cost ?? 0,
    carried: carried.map(({ id, inputHash }) => ({ approval: id, inputHash })),
  };
}

interface Starter {
  readonly permissions: Permissions;
  readonly ground: Ground;
  readonly start: Start;
}

/** What is the same for every session. */
type Common = "folder" | "permissions" | "cost" | "carried";

async function conversationLaunch(
  session: Session,
  { permissions, ground, start }: Starter,
): Promise<Omit<Launch, Common>> {
  const { id: key, agent, kind, model, thinking, conversation, forkedFrom } = session;
  const fork = conversation === null && forkedFrom !== null;
  return {
    ...(await start({ key, agent, kind, permissions, thinking, folders: [] })),
    also: [],
    model: model?.id ?? null,
    thinking,
    resume: fork ? getSession(ground.ledger.db, forkedFrom)!.conversation : conversation,
    fork,
    terminal: kind === "terminal" ? TERMINAL_SIZE : null,
    task: null,
  };
}

async function taskLaunch(
  session: Session,
  { task, permissions, ground, start }: Starter & { task: Task },
): Promise<Omit<Launch, Common>> {
  const { db } = ground.ledger;
  const also = furtherFolders(db, task);
  const [started, taskFolder] = await Promise.all([
    start({ ...startingTask(task, { config: ground.config.last(), folders: also }), permissions }),
    taskFolderFor(session, task, ground),
  ]);
  return {
    ...started,
    also,
    model: task.model.id,
    thinking: task.thinking,
    resume: session.conversation,
    fork: false,
    terminal: null,
    task: {
      title: task.title,
      folder: taskFolder,
      plan: task.plan,
      left: getAttempt(db, task.id, task.attempt - 1)?.plan ?? null,
      brief: briefOf(task, { taskFolder }, ground),
    },
  };
}

/**
 * What the agent itself is told: it asks where a rule may have something to say.
 * @throws DispatchError `refused` where rules restrict an agent that nobody can be asked by
 */
function gateOf(
  { permissions, workspace, agent, kind, id: session, task }: Session,
  { ledger, config }: Ground,
): Permissions {
  const now = Date.now();
  const rules = listRules(ledger.db, now);
  const also = alsoIn(ledger.db, task);
  const place = { workspace, session, now, also };
  const gate = gatePreset(permissions, rules, place);
  if (gate === permissions || kind === "terminal") return gate;
  const row = rowOf(config.last(), agent);
  if (row.protocol !== "exec") return gate;
  if (gatePreset("all", rules, place) === "all") return permissions; // rules that only allow keep it from nothing
  throw new DispatchError(
    "refused",
    `a rule denies or asks, and ${row.name} runs as a one-shot command here, whose calls no rule reaches`,
    { hint: "dispatch rules" },
  );
}

/** The first life's place was made with its session; a later one may find that it is gone. */
async function taskFolderFor(session: Session, task: Task, { ledger }: Ground): Promise<string> {
  if (session.epoch === 1) return taskFolderPath(session.folder, task.slug);
  const place = await findPlace({ task, rooms: roomsOf(ledger.db, task) });
  if (place) return place.taskFolder;
  throw new DispatchError("conflict", `${task.slug} has lost its worktree`, {
    hint: `dispatch retry ${task.slug}`,
  });
}

/** An approval whose call died with its agent: the same call of the next one takes it over. */
function isCarried({ status }: Approval): boolean {
  return status.state === "withdrawn" || status.state === "decided";
}
