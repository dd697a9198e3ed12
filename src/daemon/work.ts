import { alternativesTo } from "../core/alternatives.ts";
import { parseDuration } from "../core/duration.ts";
import { goesOnWith } from "../core/failover.ts";
import { isSettled } from "../core/merge.ts";
import type { Limits } from "../core/queue.ts";
import { isEnded } from "../core/run.ts";
import type { Config } from "../protocol/config.ts";
import { listAttempts } from "../store/attempt.ts";
import { activeSessions, getSession } from "../store/session.ts";
import { AgentLimits } from "./agent-limits.ts";
import { earlierWork } from "./earlier-work.ts";
import { Environments } from "./environment.ts";
import { Intake } from "./intake.ts";
import { KnownAgents, rowOf, sessionKind, usableAgents } from "./known-agents.ts";
import { startOf } from "./launch.ts";
import { MergeQueue } from "./merge-queue.ts";
import { Overlaps } from "./overlaps.ts";
import type { Ground } from "./parts.ts";
import { dropOtherPrograms, keepProgram, spawnHost } from "./program.ts";
import { Scheduler, type SchedulerPorts } from "./scheduler.ts";
import { Supervisor } from "./supervisor.ts";
import { launchOf, type Starting, startingTask } from "./session-launch.ts";
import { SharedTime } from "./shared-time.ts";
import { SweepTimers } from "./sweep-timers.ts";
import { firstPromptOf, nextPromptOf } from "./task-prompt.ts";
import { Timers } from "./timers.ts";
import { Turns } from "./turns.ts";
import { Watchdog } from "./watchdog.ts";
import { passGate, settingsOf, setUpTask } from "./worktree-setup.ts";

/** What makes tasks run. */
export interface Work {
  readonly scheduler: Scheduler;
  readonly supervisor: Supervisor;
  readonly sweepTimers: SweepTimers;
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
  const { home, ledger, config, log, policy } = ground;
  const self = keepProgram(home, ground.self);
  if (activeSessions(ledger.db).length === 0) dropOtherPrograms(home, self);
  const environments = new Environments(ground.environment);
  const turns = new Turns();
  const closing = new AbortController();
  const knownAgents = new KnownAgents(ledger);

  async function start({ key, ...starting }: Starting) {
    const environment = await environments.of(key);
    const started = await startOf(
      config.last(),
      { ...starting, environment },
      { home, self, environment: ground.environment },
    );
    // A `dispatch` that an agent runs speaks to this daemon, whatever its home.
    return { ...started, environment: { ...started.environment, DISPATCH_HOME: home } };
  }

  const alternatives: SchedulerPorts["alternatives"] = async (model, unusable) => {
    const sources = knownAgents.sources(config.last(), ground.environment);
    const usable = await usableAgents(sources.known, ground.environment);
    return alternativesTo(model, { ...sources, unusable, usable });
  };

  const goesOn: SchedulerPorts["goesOnWith"] = (task, failure) => {
    const attempts = listAttempts(ledger.db, task.id);
    return goesOnWith({ task, failure, attempts }, knownAgents.sources(config.last(), ground.environment));
  };
  const agentLimits = new AgentLimits(ledger);

  const supervisor: Supervisor = new Supervisor({
    home,
    ledger,
    log,
    intake: new Intake({ ledger, policy }),
    async spawnHost(session) {
      const { start, said } = await spawnHost(session, { self, home, environment: ground.environment });
      if (said !== "") log.warn("host-ended", { session, said });
      return start;
    },
    launch: (session) => launchOf(session, ground, start),
    freed: () => scheduler.consider(),
    alternatives,
    goesOnWith: goesOn,
    seen: (session, vitals) => watchdog.seen(session, vitals),
  });
  const scheduler: Scheduler = new Scheduler({
    home,
    ledger,
    log,
    turns,
    agentLimits,
    limits: () => workerLimits(config.last()),
    async prepareAgent(task) {
      config.sound(); // what a person is editing has to be whole before a task starts by it
      await start(startingTask(task, { config: config.last(), folders: [] }));
    },
    alternatives,
    async setUp(task, rooms, taskFolder) {
      const environment = await environments.of(task.id);
      await setUpTask(task, { rooms, taskFolder, environment }, { config, ledger, signal: closing.signal });
    },
    goesOnWith: goesOn,
    base: (task, repository) => earlierWork(ledger.db, task, { repository, turns, config: config.last() }),
    sessionKind: ({ model }) => sessionKind(config.last(), model),
    firstPrompt: (task, place) => firstPromptOf(task, place, ground),
    nextPrompt: (task) => nextPromptOf(task, ground),
    attend: (session) => supervisor.attend(session),
  });
  const merges = new MergeQueue({
    home,
    ledger,
    log,
    turns,
    hasGate: (workspace) => settingsOf(config.last(), workspace).gate.length > 0,
    async gate({ id }, room) {
      return passGate(config.last(), { ...room, environment: await environments.of(id) }, closing.signal);
    },
    canResolve: (task) => rowOf(config.last(), task.model.agent).protocol !== "shell",
    consider: () => scheduler.consider(),
  });
  const overlaps = new Overlaps({ ledger, log });
  const timers = new Timers({
    ledger,
    idleMs: () => parseDuration(config.last().limits.idle),
    parkMs: () => spanOf(config.last().limits.park) ?? 0,
    limitOver: () => scheduler.consider(),
    attend: (session) => supervisor.attend(session),
  });
  const watchdog = new Watchdog({
    ledger,
    stallMs: () => spanOf(config.last().limits.stall),
    look: (session) => supervisor.look(session),
    attend: (session) => supervisor.attend(session),
  });
  const sweepTimers = new SweepTimers({
    ledger,
    ended: (session) => (session ? supervisor.attend(session) : scheduler.consider()),
  });
  const sharedTime = new SharedTime({ ledger, attend: (session) => supervisor.attend(session) });

  return {
    scheduler,
    supervisor,
    sweepTimers,
    environments,
    knownAgents,
    turns,
    start() {
      ledger.subscribe((events) => {
        knownAgents.learn(events, (id) => getSession(ledger.db, id)?.agent ?? null);
        for (const { event } of events) {
          if (event.type === "task" && isEnded(event.task)) environments.forget(event.task.id);
          if (event.type === "merge" && isSettled(event.merge)) environments.forget(event.merge.id);
        }
      });
      agentLimits.start(() => scheduler.consider());
      timers.start();
      watchdog.start();
      sweepTimers.start();
      sharedTime.start();
      supervisor.start();
      merges.start();
      overlaps.start();
      scheduler.consider();
    },
    async close() {
      agentLimits.close();
      timers.close();
      sweepTimers.close();
      sharedTime.close();
      watchdog.close();
      closing.abort();
      await Promise.all([scheduler.close(), merges.close(), overlaps.close()]);
      await supervisor.close();
    },
  };
}

/** A span of the config; null where it is switched off. */
function spanOf(text: string | false): number | null {
  return text === false || text === "off" ? null : parseDuration(text);
}

/** How many workers may run at once, in all and of one product. */
function workerLimits({ limits, backends }: Config): Omit<Limits, "sweeps"> {
  const agents = Object.entries(backends).flatMap(([agent, { concurrent }]) =>
    concurrent === undefined ? [] : [[agent, concurrent] as const],
  );
  return { total: limits.concurrent, agents: new Map(agents) };
}
