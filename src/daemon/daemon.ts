import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { homeFiles } from "../base/home.ts";
import { createClient } from "../client/client.ts";
import { VERSION } from "../base/version.ts";
import { openLedger } from "./commit.ts";
import { ConfigFile } from "./config.ts";
import { takeHome, takeTemporary } from "./home.ts";
import { Faces } from "./faces.ts";
import { createDispatch } from "./http/dispatch.ts";
import { type Listener, listenOnLoopback, listenOnSocket } from "./http/listen.ts";
import { Stream } from "./http/stream.ts";
import { Terminals } from "./http/terminals.ts";
import { FileLog } from "./log.ts";
import type { Ground, Parts } from "./parts.ts";
import { Policy } from "./policy.ts";
import { Projects } from "./projects.ts";
import { HANDLERS } from "./routes/handlers.ts";
import { RoutingIndex } from "./routing-index.ts";
import { Schedules } from "./schedules.ts";
import { SearchIndex } from "./search-index.ts";
import { Tenancy } from "./tenancy.ts";
import { localToken } from "./token.ts";
import { NoticeInbox } from "./notice-inbox.ts";
import { Notices } from "./notices.ts";
import { Notifier } from "./notifier.ts";
import { TaskNews } from "./task-news.ts";
import { Webhooks } from "./webhooks.ts";
import { OutsideSessions } from "./outside.ts";
import { openWork } from "./work.ts";

export interface DaemonOptions {
  home: string;
  /** The argv that runs this program. */
  self: string[];
  /** The loopback port instead of the config's; 0 takes a free one. */
  port?: number;
  /** Called once calls are answered, with the loopback port that is served, if any. */
  ready?: (port: number | null) => void;
}

/**
 * Runs the daemon of a home until it is told to stop (SIGTERM, SIGINT, `POST /stop`). Agents go on without it.
 * @throws DispatchError when it cannot start: another daemon has the home, or the home cannot be used
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const closing = new Closing();
  try {
    await run(options, closing);
  } finally {
    await closing.run();
  }
}

async function run({ home, self, port, ready }: DaemonOptions, closing: Closing): Promise<void> {
  const files = homeFiles(home);
  const stopped = stopSignal(closing);
  const lock = takeHome(home, files.lock);
  closing.later(() => lock.release());
  const environment = ownEnvironment();
  takeTemporary(home);
  const log = new FileLog(files.log);
  closing.later(() => log.close());
  logCrashes(log, closing);
  const report = (error: unknown) => log.error("subscriber-failed", { error });
  const ledger = openLedger({ path: join(home, "dispatch.db"), report });
  closing.later(() => ledger.close());
  const config = new ConfigFile(join(home, "config.yaml"), { kept: join(home, "config.last.yaml") });
  faultsOf(config);
  const policy = new Policy(environment["HOME"] ?? "/");
  const ground: Ground = { home, self, environment, ledger, config, log, policy };
  const work = openWork(ground);
  closing.later(() => work.close());

  const routing = new RoutingIndex(ledger);
  closing.later(() => routing.close());
  const tenancy = new Tenancy(ledger);
  closing.later(() => tenancy.close());
  const projects = new Projects(ground, () => routing.forgetPlaces());
  const search = new SearchIndex(ledger);
  closing.later(() => search.close());
  const webhooks = new Webhooks(ledger, log);
  closing.later(() => webhooks.close());
  const notifier = new Notifier(ground);
  closing.later(() => notifier.close());
  const notices = new Notices(ledger, {
    write(tx, notice) {
      webhooks.enqueue(tx, notice);
      inbox.write(tx, notice);
    },
    told(all) {
      webhooks.deliver();
      news.consider();
      for (const notice of all) notifier.tell(notice);
    },
  });
  closing.later(() => notices.close());
  const outside = new OutsideSessions(ground);
  closing.later(() => outside.close());
  const inbox = new NoticeInbox(ledger, outside, () => notices.catchUp());
  const news = new TaskNews({ ...ground, ...work, inbox });
  closing.later(() => news.close());

  const wanted = port ?? config.last().web.port;
  const faces = new Faces(ground);
  const schedules = new Schedules(ledger, createClient({ kind: "socket", path: files.socket }));
  let loopback: Listener | null = null;
  const parts: Parts = {
    ...ground,
    ...work,
    projects,
    routing,
    tenancy,
    search,
    schedules,
    webhooks,
    inbox,
    outside,
    startedAt: Date.now(),
    port: () => loopback?.port ?? null,
    notices: () => [
      ...faultsOf(config),
      ...(loopback ? [] : [portTaken(wanted)]),
      ...faces.notices(),
      ...notifier.notices(),
    ],
    stop: () => stopped.resolve("a client asked"),
  };
  const stream = new Stream(ledger, { log });
  const terminals = new Terminals(ledger.db, home);
  const desk = { dispatch: createDispatch(HANDLERS, parts), stream, terminals, log };
  const socket = listenOnSocket(files.socket, desk);
  closing.later(() => socket.close());
  loopback = listenOnLoopback(wanted, localToken(files.token), desk);
  if (loopback) closing.later(() => loopback?.close());
  closing.later(() => stream.close());
  closing.later(() => terminals.close());
  closing.later(() => inbox.close()); // before the doors, which wait for their calls
  closing.later(() => faces.close());
  closing.later(() => schedules.close());

  work.start();
  outside.start();
  search.start();
  notices.start();
  news.start();
  webhooks.deliver();
  schedules.consider();
  await faces.open();
  log.info("ready", { version: VERSION, pid: process.pid, port: parts.port() });
  ready?.(parts.port());
  Bun.shrink(); // what only the start needed
  log.info("stopping", { because: await stopped.promise });
}

/** Resolves with why the daemon is to stop. Taken before anything is opened, so that no signal finds it half open. */
function stopSignal(closing: Closing): PromiseWithResolvers<string> {
  const stopped = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, stopped.resolve);
    closing.later(() => void process.off(signal, stopped.resolve));
  }
  return stopped;
}

/** A defect that nobody caught ends the daemon, as it would anyway, but not without a line in the log. */
function logCrashes(log: FileLog, closing: Closing): void {
  const crash = (error: unknown) => {
    log.error("crashed", { error });
    process.exit(1);
  };
  for (const kind of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(kind, crash);
    closing.later(() => void process.off(kind, crash));
  }
}

/** A configuration that cannot be read is told; what it said last, or the defaults, serve meanwhile. */
function faultsOf(config: ConfigFile): string[] {
  try {
    config.read();
    return [];
  } catch (error) {
    if (error instanceof DispatchError) return [error.message];
    throw error;
  }
}

function portTaken(port: number): string {
  return `port ${port} is taken by another program: only the socket is served`;
}

function ownEnvironment(): Record<string, string> {
  const set = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(set);
}

/** What was opened, closed in the opposite order. */
class Closing {
  readonly #steps: (() => unknown)[] = [];

  later(step: () => unknown): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await step();
  }
}
