import { isAbsolute } from "node:path";
import { outsideProduct } from "../agents/outside.ts";
import { DispatchError } from "../base/error.ts";
import { ended, heard, isOutside, type OutsideSession, permissionsOf, seen } from "../core/outside.ts";
import { isWaiting } from "../core/run.ts";
import type { MessageId, SessionId } from "../protocol/id.ts";
import type { Handing, HookCall, HookRef } from "../protocol/outside.ts";
import type { Session } from "../protocol/session.ts";
import type { Workspace } from "../protocol/workspace.ts";
import type { Db } from "../sqlite/database.ts";
import { dropPending } from "../store/command.ts";
import { openMessages } from "../store/message.ts";
import { getSession, outsideSessions, sessionsOfProcess } from "../store/session.ts";
import { findRepository } from "../workspaces/repository.ts";
import type { Tx } from "./commit.ts";
import { Handings } from "./handings.ts";
import { outsideSession } from "./new-session.ts";
import { agentAbove, inPane, isShown, type Sighting, sightings } from "./outside-sight.ts";
import type { Ground } from "./parts.ts";
import { folderOf, type Running, runningAs } from "../processes/running.ts";
import { bootId } from "../processes/table.ts";
import { advanceTalk, loadTalk, writeSession } from "./talk.ts";
import { Tmux } from "./tmux.ts";
import { openWorkspace, settleWorkspace, writeWorkspace } from "./workspace.ts";

/** How often it is looked whether agents outside are still there, and what those do whose hooks do not say it, in milliseconds. */
const LOOK_MS = 5_000;
/** The same while one of them is to be told something, or goes on with it. */
const TOLD_LOOK_MS = 1_000;
/** What was seen is true for so long, in milliseconds: lists are asked for in bursts. */
const FRESH_MS = 500;
/** What the hook at the end of a turn gets to take a message, before the agent is woken for it, or it is typed. */
const SETTLE_MS = 1_000;

/**
 * The sessions whose agents somebody else started: they come by their hooks, by the panes of tmux and by their
 * products' own records, and go with their processes. Messages wait for them in the store, and are taken to them by a
 * hook, or typed where an agent stands at its prompt.
 */
export class OutsideSessions {
  readonly #ground: Ground;
  readonly #tmux: Tmux;
  readonly #boot = bootId();
  /** Waits beside idle agents, by process: each can wake its agent. */
  readonly #wakers = new Map<string, number>();
  readonly #handings: Handings;
  readonly #typing = new Set<SessionId>();
  #unsubscribe: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** When the timer fires, in milliseconds. */
  #due = Infinity;
  #looking: Promise<void> | null = null;
  #lookedAt = 0;
  #closed = false;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#handings = new Handings(ground.ledger);
    this.#tmux = new Tmux(ground.environment);
  }

  /** What an earlier daemon left: sessions whose agents may be gone, and claims that were not acknowledged to it. */
  start(): void {
    this.#sweep();
    for (const { id } of outsideSessions(this.#db)) this.#handings.giveUp(id);
    this.#unsubscribe = this.#ground.ledger.subscribe((events) => {
      const waiting = events.flatMap(({ event }) =>
        event.type === "message" && isWaiting(event.message) ? event.message.session : [],
      );
      const told = waiting.filter((id) => getSession(this.#db, id)?.outside);
      for (const id of told) void this.#deliver(id);
      if (told.length > 0) this.#arm();
    });
    this.#arm();
  }

  /** Takes what a hook says. @returns the session that it is of; null where no agent outside stands above the hook */
  async hear({ reporter, report, mode, at, tmux, relayed }: HookCall): Promise<Session | null> {
    const found = agentAbove(reporter);
    if (!found) return null;
    this.#tmux.learn(tmux ?? null);
    const { agent, running } = found;
    const mine = isOf(found, report.conversation);
    const known = this.#sessionOf(running, mine);
    if (!known && report.event === "ended") return null;
    const folder = isAbsolute(report.folder) ? report.folder : folderOf(running);
    const id = known?.id ?? (await this.#register({ agent, running, folder, mine }));
    if (id === null) return null;
    const told = {
      report: { ...report, folder: folder ?? "" },
      relayed,
      permissions: permissionsOf(mode),
      at,
    };
    const { session } = this.#ground.ledger.ingest((tx) =>
      advanceTalk(tx, id, (talk, { now }) => heard(talk, told, now)),
    );
    this.#arm();
    return session;
  }

  /** The session of the agent that a process stands below; null where there is no such agent, or none is known of it. */
  sessionAbove({ reporter, conversation }: HookRef): OutsideSession | null {
    const found = agentAbove(reporter);
    if (!found) return null;
    const session = this.#sessionOf(found.running, isOf(found, conversation));
    return session?.deletedAt === null ? session : null;
  }

  /** Gives a hook the next message of its agent, in the caller's transaction; null where there is none to tell now. */
  claim(tx: Tx, hook: HookRef): Handing | null {
    const session = this.sessionAbove(hook);
    return session && this.#handings.claim(tx, session.id);
  }

  /** A hook has told a message to its agent, or could not, in the caller's transaction. */
  acknowledge(tx: Tx, id: MessageId, { told }: { told: boolean }): void {
    this.#handings.settle(tx, id, { told });
  }

  /** How many messages wait for the agent above a hook, and when it may be woken for them; null where there is no such agent. */
  waitingFor(hook: HookRef): { waiting: number; freeAt: number } | null {
    if (!agentAbove(hook.reporter)) return null;
    const session = this.sessionAbove(hook);
    if (session?.status.state !== "ready") return { waiting: 0, freeAt: 0 };
    return { waiting: this.#handings.waiting(session.id), freeAt: session.outside.saidAt + SETTLE_MS };
  }

  /** A hook waits beside its idle agent from now on, and can wake it. @returns how to end that */
  attend({ reporter }: HookRef): () => void {
    const mark = agentAbove(reporter)?.running.mark;
    if (mark === undefined) return () => {};
    this.#wakers.set(mark, (this.#wakers.get(mark) ?? 0) + 1);
    return () => {
      const left = this.#wakers.get(mark)! - 1;
      if (left === 0) this.#wakers.delete(mark);
      else this.#wakers.set(mark, left);
    };
  }

  /** Looks what runs now, so that lists are true. */
  look(): Promise<void> {
    this.#sweep();
    if (Date.now() - this.#lookedAt < FRESH_MS) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** The agents outside that are to be seen now; those that are gone are off the list. */
  async running(): Promise<Sighting[]> {
    this.#sweep();
    return await sightings(this.#tmux, this.#ground.environment);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe?.();
    if (this.#timer) clearTimeout(this.#timer);
    this.#handings.close();
    await this.#looking;
  }

  get #db(): Db {
    return this.#ground.ledger.db;
  }

  #sessionOf({ mark }: Running, mine: (session: Session) => boolean): OutsideSession | null {
    const all = sessionsOfProcess(this.#db, mark).filter(isOutside);
    return all.find((each) => each.outside.boot === this.#boot && mine(each)) ?? null;
  }

  /** @returns null for an agent in a folder that is not there */
  async #register(found: {
    agent: string;
    running: Running;
    folder: string | null;
    mine: (session: Session) => boolean;
  }): Promise<SessionId | null> {
    const { agent, running, folder, mine } = found;
    if (folder === null) return null;
    const opened = await this.#workspaceOf(folder);
    if (!opened) return null;
    return this.#ground.ledger.commit((tx) => {
      const meanwhile = this.#sessionOf(running, mine);
      if (meanwhile) return meanwhile.id;
      const workspace = settleWorkspace(tx.db, opened);
      writeWorkspace(tx, workspace);
      const session = outsideSession({
        agent,
        folder,
        workspace: workspace.id,
        process: running.mark,
        boot: this.#boot,
      });
      writeSession(tx, session);
      return session.id;
    });
  }

  async #workspaceOf(folder: string): Promise<Workspace | null> {
    try {
      const repository = await findRepository(folder);
      return await openWorkspace(this.#db, repository && !repository.bare ? repository.root : folder);
    } catch (error) {
      if (error instanceof DispatchError) return null; // it is gone, or no folder
      throw error;
    }
  }

  /** Sees to the next look; a nearer one stays. */
  #arm(): void {
    const sessions = this.#closed ? [] : outsideSessions(this.#db);
    if (sessions.length === 0) return;
    const isTold = sessions.some(({ id }) => openMessages(this.#db, id).length > 0);
    const due = Date.now() + (isTold ? TOLD_LOOK_MS : LOOK_MS);
    if (due >= this.#due) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      void this.#tick().finally(() => this.#arm());
    }, due - Date.now());
  }

  async #tick(): Promise<void> {
    try {
      this.#sweep();
      const sessions = outsideSessions(this.#db);
      const open = sessions.filter(({ id }) => openMessages(this.#db, id).length > 0);
      const isSilent = sessions.some((each) => isOutside(each) && !each.outside.hooks);
      if (open.length > 0 || isSilent) await this.look();
      for (const { id } of open) await this.#deliver(id);
    } catch (error) {
      this.#ground.log.error("look-failed", { error }); // the next look tries again
    }
  }

  async #look(): Promise<void> {
    try {
      for (const sighting of await this.running()) await this.#see(sighting);
      this.#arm();
    } catch (error) {
      this.#ground.log.error("look-failed", { error }); // lists say what was seen before
    }
    this.#lookedAt = Date.now();
  }

  /** Takes the agents off the list whose processes are gone. */
  #sweep(): void {
    const gone = outsideSessions(this.#db).filter((each) => isOutside(each) && !this.#isThere(each));
    for (const { id } of gone) this.#end(id);
  }

  #end(id: SessionId): void {
    this.#ground.ledger.commit((tx) => {
      advanceTalk(tx, id, (talk, { now }) => ended(talk, now));
      dropPending(tx.db, id);
    });
  }

  #isThere(session: OutsideSession): boolean {
    const { agent, folder, conversation, outside } = session;
    const running = outside.boot === this.#boot ? runningAs(outside.process) : null;
    if (!running || conversation === null || !isServed(session)) return running !== null;
    return outsideProduct(agent)!.holds(running, conversation) && isShown(agent, folder);
  }

  async #see({ agent, running, pane, record }: Sighting): Promise<void> {
    const folder = folderOf(running);
    const own = this.#sessionOf(running, () => true);
    const served = folder === null ? null : this.#servedIn(agent, folder);
    const known = served ?? own;
    if (known?.deletedAt != null) return; // its hooks said so
    if (served && own && own.id !== served.id) this.#end(own.id);
    const id = known?.id ?? (await this.#register({ agent, running, folder, mine: () => true }));
    if (id === null || this.#closed) return;
    const sight = {
      conversation: record?.conversation ?? null,
      pane,
      state: record?.state ?? null,
      since: record?.since ?? 0,
    };
    const talk = loadTalk(this.#db, id)!;
    const next = seen(talk, sight, Date.now());
    if (next.run !== talk)
      this.#ground.ledger.commit((tx) => advanceTalk(tx, id, (now) => seen(now, sight, Date.now())));
  }

  /** The one conversation of a server of this agent that a terminal in a folder shows. */
  #servedIn(agent: string, folder: string): OutsideSession | null {
    const served = outsideSessions(this.#db).filter(
      (each): each is OutsideSession =>
        isOutside(each) && each.agent === agent && each.folder === folder && isServed(each),
    );
    return served.length === 1 ? served[0]! : null;
  }

  /** Types what waits for a session into its pane, where nothing else takes it there. */
  async #deliver(id: SessionId): Promise<void> {
    if (this.#typing.has(id) || this.#closed) return;
    this.#typing.add(id);
    try {
      await this.#type(id);
    } catch (error) {
      this.#ground.log.error("not-typed", { session: id, error }); // the next look tries again
    } finally {
      this.#typing.delete(id);
    }
  }

  async #type(id: SessionId): Promise<void> {
    const session = getSession(this.#db, id);
    if (!session || !this.#mayType(session)) return;
    const pane = (await this.#tmux.panes()).find(
      (each) => each.server === session.outside.pane?.server && each.id === session.outside.pane.id,
    );
    const front = pane && inPane(pane, this.#ground.environment);
    if (!front || !isFree(session, front)) return;
    const marks = outsideProduct(session.agent)?.marks ?? [];
    if (!(await this.#tmux.isAtPrompt(pane, marks))) return;
    const { ledger } = this.#ground;
    const handing = ledger.commit((tx) => {
      const now = getSession(tx.db, id)!;
      return this.#mayType(now) ? this.#handings.hand(tx, id) : null;
    });
    if (!handing) return;
    const { message, text } = handing;
    const typed = await this.#tmux.type(pane, text, { key: message, marks }).catch((error: unknown) => {
      this.#ground.log.error("not-typed", { session: id, error });
      return "unsure" as const;
    });
    if (typed === "unsure") this.#handings.giveUp(id);
    else ledger.commit((tx) => this.#handings.settle(tx, message, { told: typed === "typed" }));
  }

  /** True where an agent is idle by its own word and nothing of its own takes messages to it. */
  #mayType(session: Session): session is OutsideSession {
    if (!isOutside(session) || session.deletedAt !== null || session.status.state !== "ready") return false;
    const { outside } = session;
    const settled = !outside.hooks || Date.now() - outside.saidAt >= SETTLE_MS;
    return outside.proven && outside.pane !== null && settled && !this.#wakers.has(outside.process);
  }
}

/** True where the agent in front of a pane is that of the session, and does nothing by its own record, where it has one. */
function isFree(session: OutsideSession, { agent, running, record }: Sighting): boolean {
  const isIt = running.mark === session.outside.process || (agent === session.agent && isServed(session));
  return isIt && (record === null || record.state === "idle");
}

/** True for a session whose agent's process runs the conversations of several terminals. */
function isServed({ agent, outside }: OutsideSession): boolean {
  const argv = runningAs(outside.process)?.argv ?? [];
  return outsideProduct(agent)?.isServer(argv) ?? false;
}

/** Which sessions of a process are meant by a conversation: all, unless it runs several. */
function isOf({ agent, running }: { agent: string; running: Running }, conversation: string | undefined) {
  const isServer = outsideProduct(agent)?.isServer(running.argv) ?? false;
  return (session: Session): boolean => !isServer || session.conversation === conversation;
}
