import pLimit from "p-limit";
import { DispatchError } from "../base/error.ts";
import { offering, unusableBy } from "../core/alternatives.ts";
import { endingOf, hasAgent, isLive, still, type Run } from "../core/run.ts";
import { failed, vanishAlone } from "../core/session.ts";
import { conclude, fail } from "../core/end.ts";
import { vanish } from "../core/epoch.ts";
import type { FileChange } from "../protocol/change.ts";
import type { SessionId, TaskId } from "../protocol/id.ts";
import type { Session } from "../protocol/session.ts";
import type { ModelChoice, Task } from "../protocol/task.ts";
import type { Vitals } from "../protocol/vitals.ts";
import { saveFlag } from "../store/flag.ts";
import { activeSessions, getSession } from "../store/session.ts";
import { boundaryFlag, withoutOthers } from "./boundary.ts";
import type { Ledger, Tx } from "./commit.ts";
import { HostLink, type HostPorts } from "./host-link.ts";
import type { Log } from "./log.ts";
import { changesOf, keepCurrentAttempt } from "./place.ts";
import { leftSessions, removeSessionFolder } from "./session-folder.ts";
import type { SchedulerPorts } from "./scheduler.ts";
import { endOrGoOn } from "./restart.ts";
import { loadRun, runOfSession, saveRun } from "./run.ts";
import { facts, loadTalk, saveTalk } from "./talk.ts";

/** Attempts whose ends are told at once: of each, git says what it changed and keeps it. */
const MAX_ENDS = 4;

/** What a supervisor needs of the daemon. `freed` is called when a worker's place may have become free. */
export interface SupervisorPorts extends Omit<HostPorts, "taken" | "vanished" | "lost" | "left" | "seen"> {
  freed(): void;
  /** Models that can start here where one cannot. */
  alternatives: SchedulerPorts["alternatives"];
  goesOnWith: SchedulerPorts["goesOnWith"];
  /** A host told what its processes did. */
  seen(session: SessionId, vitals: Vitals): void;
}

/**
 * Keeps a link to the host of every session that has, or is about to have, an agent, and tells the end of an attempt
 * when nothing of its run is left.
 */
export class Supervisor {
  readonly #ports: SupervisorPorts;
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #links = new Map<SessionId, HostLink>();
  readonly #concluding = new Map<TaskId, Promise<void>>();
  readonly #ends = pLimit(MAX_ENDS);
  #closed = false;

  constructor(ports: SupervisorPorts) {
    this.#ports = ports;
    this.#ledger = ports.ledger;
    this.#log = ports.log;
  }

  /** Takes over every session that an earlier daemon left, and clears what is left of those that are over. */
  start(): void {
    for (const id of leftSessions(this.#ports.home, this.#ledger.db)) this.#leave(id);
    for (const session of activeSessions(this.#ledger.db)) this.attend(session.id);
  }

  /** Something about a session was committed: its host is started, told its orders, or let go, as the store now says. */
  attend(id: SessionId): void {
    if (this.#closed) return;
    const session = getSession(this.#ledger.db, id);
    if (!session || session.outside !== null) return;
    const run = runOfSession(this.#ledger.db, id);
    if (run && endingOf(run.task) && !hasAgent(session)) return this.#conclude(run);
    const link = this.#links.get(id);
    if (link) link.reconcile();
    else if (hasAgent(session)) this.#open(id);
  }

  /** Has the host of a session told its vitals, where there is one. */
  look(id: SessionId): void {
    this.#links.get(id)?.look();
  }

  /** Lets go of all hosts; they and their agents go on. Resolves when every end that was being written is written. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    await Promise.all(this.#concluding.values());
  }

  #open(id: SessionId): void {
    const link = new HostLink(id, {
      ...this.#ports,
      seen: (vitals) => this.#ports.seen(id, vitals),
      taken: (session) => this.#settle(session),
      vanished: (reason) => this.#vanished(id, reason),
      lost: (error) => this.#abandon(id, error),
      left: () => this.#links.delete(id),
    });
    this.#links.set(id, link);
    link.open();
  }

  #settle(session: Session | null): void {
    if (!session) return;
    this.attend(session.id);
    if (!hasAgent(session)) this.#ports.freed();
  }

  #vanished(id: SessionId, reason: "stopped" | "lost"): void {
    this.#ledger.commit((tx) => {
      const run = runOfSession(tx.db, id);
      if (run) return void saveRun(tx, run, vanish(run, reason, facts()));
      const talk = loadTalk(tx.db, id);
      if (talk) saveTalk(tx, talk, vanishAlone(talk, reason, facts()));
    });
    this.#settled(id);
  }

  /** A host that cannot be started or spoken to, or whose agent cannot be launched: its run is over. */
  #abandon(id: SessionId, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const known = error instanceof DispatchError ? error : null;
    if (!known) this.#log.error("host-lost", { session: id, error });
    this.#ledger.commit((tx) => {
      const talk = loadTalk(tx.db, id);
      if (talk) return void saveTalk(tx, talk, still(failed(talk, message)));
      const run = runOfSession(tx.db, id);
      if (!run) return;
      const broken = { ...run, session: { ...run.session, status: { state: "error" as const, message } } };
      const hint = known?.hint ?? `dispatch retry ${run.task.slug}`;
      const unusable = unusableBy(error);
      const failure = {
        reason: known ? "setup" : "lost",
        message,
        hint,
        ...(unusable && { unusable }),
      } as const;
      saveRun(tx, run, isLive(run.task) ? fail(broken, failure, facts()) : { run: broken, orders: [] });
    });
    this.#settled(id);
  }

  #settled(id: SessionId): void {
    this.attend(id);
    this.#ports.freed();
  }

  #conclude({ task }: Run): void {
    if (this.#concluding.has(task.id)) return;
    const done = this.#ends(() => this.#writeEnd(task.id))
      .catch((error: unknown) => this.#log.error("end-unwritten", { task: task.id, error })) // the next attend tries again
      .finally(() => {
        this.#concluding.delete(task.id);
        this.#ports.freed();
      });
    this.#concluding.set(task.id, done);
  }

  /** Nothing of the session is needed any more: its host clears up, and where none is, we do. */
  #leave(id: SessionId): void {
    const link = this.#links.get(id);
    if (link) link.reconcile();
    else if (!removeSessionFolder(this.#ports.home, id)) this.#open(id);
  }

  async #writeEnd(id: TaskId): Promise<void> {
    if (this.#closed) return; // the next daemon writes it
    const { task } = loadRun(this.#ledger.db, id);
    const files = await this.#leftBehind(task);
    const instead = await this.#alternatives(task);
    this.#ledger.commit((tx) => {
      const run = loadRun(tx.db, id);
      const ending = endingOf(run.task);
      if (!ending) return;
      const next = ending.state === "failed" ? this.#ports.goesOnWith(run.task, ending) : null;
      writeOutcome(tx, offering(run, instead), { changed: files, next });
    });
    if (task.session) this.#leave(task.session);
  }

  /** The files that an attempt has changed, which are kept as they are now. That either fails holds up no end. */
  async #leftBehind(task: Task): Promise<FileChange[]> {
    const { db } = this.#ledger;
    const told = (event: string) => (error: unknown) => {
      this.#log.error(event, { task: task.id, error });
      return null;
    };
    const kept = await keepCurrentAttempt(db, task).catch(told("attempt-unkept"));
    return kept ?? (await changesOf(db, task).catch(told("changes-unreadable"))) ?? [];
  }

  async #alternatives({ id, model, status }: Task): Promise<string[]> {
    const ending = "ending" in status ? status.ending : null;
    if (ending?.state !== "failed" || !ending.unusable) return [];
    return this.#ports.alternatives(model, ending.unusable).catch((error: unknown) => {
      this.#log.error("alternatives-unknown", { task: id, error });
      return [];
    });
  }
}

/** Tells the end of an attempt, and what it changed outside its boundary. */
function writeOutcome(
  tx: Tx,
  run: Run,
  { changed, next }: { changed: readonly FileChange[]; next: ModelChoice | null },
): void {
  const { task, session } = run;
  const files = withoutOthers(
    tx.db,
    task,
    changed.map(({ path }) => path),
  );
  const flag = boundaryFlag(tx.db, { task, session: session.id, files });
  if (flag) {
    saveFlag(tx.db, flag);
    tx.announce({ type: "flag", flag });
  }
  endOrGoOn(tx, conclude(run, files, facts()), next);
}
