import { DispatchError } from "../base/error.ts";
import { alternativesTo } from "../core/alternatives.ts";
import { parseDuration } from "../core/duration.ts";
import { firstPrompt } from "../core/prompt.ts";
import { isEnded } from "../core/run.ts";
import type { Approval } from "../protocol/approval.ts";
import type { Launch } from "../protocol/host.ts";
import type { Session } from "../protocol/session.ts";
import type { Task } from "../protocol/task.ts";
import { countingApprovals } from "../store/approval.ts";
import { getSession } from "../store/session.ts";
import { getTaskText } from "../store/task.ts";
import { getWorkspace } from "../store/workspace.ts";
import { taskFolderPath } from "../workspaces/task-folder.ts";
import { Environments } from "./environment.ts";
import { KnownAgents, rowOf, usableAgents } from "./known-agents.ts";
import { type AgentRequest, startOf } from "./launch.ts";
import type { Ground } from "./parts.ts";
import { type Place, preparePlace } from "./place.ts";
import { keepProgram, spawnHost } from "./program.ts";
import { loadRun } from "./run.ts";
import { Scheduler, type SchedulerPorts } from "./scheduler.ts";
import { Supervisor } from "./supervisor.ts";
import { Timers } from "./timers.ts";
import { Turns } from "./turns.ts";
import { Watchdog } from "./watchdog.ts";

/** What makes tasks run. */
export interface Work {
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  readonly environments: Environments;
  readonly knownAgents: KnownAgents;
  readonly turns: Turns;
  /** Takes over what an earlier daemon left, and starts what waits. */
  start(): void;
  /** Resolves when nothing is being written any more. Hosts and agents go on. */
  close(): Promise<void>;
}

/** Connects scheduler, supervisor and timers; nothing happens before `start`. */
export function openWork(ground: Ground): Work {
  const { home, ledger, config, log } = ground;
  const self = keepProgram(home, ground.self);
  const environments = new Environments(ground.environment);
  const knownAgents = new KnownAgents();

  async function start({ key, agent, permissions, thinking }: Starting) {
    const environment = await environments.of(key);
    return startOf(
      config.last(),
      { agent, permissions, thinking, environment },
      { home, self, environment: ground.environment },
    );
  }

  const alternatives: SchedulerPorts["alternatives"] = async (model, unusable) => {
    const sources = knownAgents.sources(config.last(), ground.environment);
    const usable = await usableAgents(sources.known, ground.environment);
    return alternativesTo(model, { ...sources, unusable, usable });
  };

  const supervisor: Supervisor = new Supervisor({
    home,
    ledger,
    log,
    async spawnHost(session) {
      const said = await spawnHost(session, { self, home, environment: ground.environment });
      if (said !== "") log.warn("host-ended", { session, said });
    },
    launch: (session) => launchOf(session, ground, start),
    freed: () => scheduler.consider(),
    alternatives,
    seen: (session, vitals) => watchdog.seen(session, vitals),
  });
  const scheduler: Scheduler = new Scheduler({
    home,
    ledger,
    log,
    workerLimit: () => config.last().limits.concurrent,
    async prepareAgent(task) {
      config.read(); // what a person is editing must be whole before a task starts by it
      await start(startingTask(task));
    },
    alternatives,
    firstPrompt: (task, place) => promptOf(task, place, ground),
    attend: (session) => supervisor.attend(session),
  });
  const timers = new Timers({
    ledger,
    idleMs: () => parseDuration(config.last().limits.idle),
    attend: (session) => supervisor.attend(session),
  });
  const watchdog = new Watchdog({
    ledger,
    stallMs: () => spanOf(config.last().limits.stall),
    look: (session) => supervisor.look(session),
    attend: (session) => supervisor.attend(session),
  });

  return {
    scheduler,
    supervisor,
    environments,
    knownAgents,
    turns: new Turns(),
    start() {
      ledger.subscribe((events) => {
        knownAgents.learn(events, (id) => getSession(ledger.db, id)?.agent ?? null);
        for (const { event } of events)
          if (event.type === "task" && isEnded(event.task)) environments.forget(event.task.id);
      });
      timers.start();
      watchdog.start();
      supervisor.start();
      scheduler.consider();
    },
    async close() {
      timers.close();
      watchdog.close();
      await scheduler.close();
      await supervisor.close();
    },
  };
}

/** A span of the config; null where it is switched off. */
function spanOf(text: string | false): number | null {
  return text === false || text === "off" ? null : parseDuration(text);
}

/** What an agent is started by; `key` is whose environment it gets. */
interface Starting extends Omit<AgentRequest, "environment"> {
  readonly key: string;
}

function startingTask({ id: key, model: { agent }, permissions, thinking }: Task): Starting {
  return { key, agent, permissions, thinking };
}

async function launchOf(
  session: Session,
  ground: Ground,
  start: (starting: Starting) => Promise<Pick<Launch, "agent" | "command" | "environment">>,
): Promise<Launch> {
  const { db } = ground.ledger;
  const { folder, conversation, forkedFrom } = session;
  const carried = countingApprovals(db, session.id).filter(isCarried);
  const cost = session.usage.cost ?? 0;
  const place = { folder, cost, carried: carried.map(({ id, inputHash }) => ({ approval: id, inputHash })) };
  if (session.task === null) {
    const { id: key, agent, model, permissions, thinking } = session;
    const fork = conversation === null && forkedFrom !== null;
    const resume = fork ? getSession(db, forkedFrom)!.conversation : conversation;
    const started = await start({ key, agent, permissions, thinking });
    return {
      ...started,
      ...place,
      model: model?.id ?? null,
      thinking,
      permissions,
      resume,
      fork,
      task: null,
    };
  }
  const { task } = loadRun(db, session.task);
  const [started, taskFolder] = await Promise.all([
    start(startingTask(task)),
    taskFolderFor(session, task, ground),
  ]);
  const { model, thinking, permissions } = task;
  return {
    ...started,
    ...place,
    model: model.id,
    thinking,
    permissions,
    resume: conversation,
    fork: false,
    task: { title: task.title, folder: taskFolder, plan: task.plan },
  };
}

/** The first life's place was made with its session; a later one may find that it is gone. */
async function taskFolderFor(session: Session, task: Task, { home, ledger }: Ground): Promise<string> {
  if (session.epoch === 1) return taskFolderPath(session.folder, task.slug);
  const workspace = getWorkspace(ledger.db, task.workspace)!;
  const place = await preparePlace(home, { task, workspace }, () => {
    throw new DispatchError("conflict", `${task.slug} has lost its worktree`, {
      hint: `dispatch retry ${task.slug}`,
    });
  });
  return place.taskFolder;
}

/** An approval whose call died with its agent: the same call of the next one takes it over. */
function isCarried({ status }: Approval): boolean {
  return status.state === "withdrawn" || status.state === "decided";
}

function promptOf(task: Task, place: Place, { ledger, config }: Ground): string {
  const { prompt, context } = getTaskText(ledger.db, task.id)!;
  return firstPrompt({
    prompt,
    context,
    role: task.model.role,
    plan: task.plan,
    folder: place.taskFolder,
    tools: rowOf(config.last(), task.model.agent).workerTools,
    again: task.attempt > 1,
  });
}
