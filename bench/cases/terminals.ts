import { homeFiles } from "../../src/base/home.ts";
import { TerminalVisit } from "../../src/client/terminal.ts";
import type { SessionId } from "../../src/protocol/id.ts";
import { World } from "../../test/e2e/world.ts";
import type { Bench, Case, Target } from "../bench.ts";
import { peakOf } from "../processes.ts";
import { figure, median, quantile, timed } from "../samples.ts";
import { startDaemon } from "../stage.ts";

const TERMINALS = 50;
const LINES = 20_000;
const KEYS = 300;
const SIZE = { columns: 80, rows: 24 };
const KEY = "k";
/** Waits for a key, prints numbered lines as fast as it can, and then says each key again. */
const PROGRAM = `stty -icanon -echo; printf ready; head -c 1 >/dev/null; seq 1 ${LINES}; exec cat`;

export const terminals: Case = {
  name: "terminals",
  about: `${TERMINALS} agents in terminals print ${LINES.toLocaleString("en")} lines each, all at once and as fast as they can, and one client watches each of them. Then ${KEYS} keys are typed in one of them, each when the one before has come back from its program; beside it the same in a pseudo-terminal without Dispatch.`,
  async run(bench) {
    await using world = openWorld(bench);
    const daemon = await startDaemon(world);
    const watched: Watched[] = [];
    for (let number = 1; number <= TERMINALS; number++) watched.push(await Watched.open(world, number));
    const ms = await timed(async () => {
      for (const each of watched) each.type(KEY);
      await Promise.all(watched.map((each) => each.shows(`${LINES}\n`)));
    });
    const read = watched.map((each) => linesIn(each.seen));
    const echo = await echoOf(watched[0]!);
    const plain = await plainEcho(world);
    const peak = peakOf(daemon);
    for (const each of watched) each.leave();
    return {
      rows: [
        ["", "p50 ms", "p99 ms"],
        ["a key, by Dispatch", figure(median(echo)), figure(quantile(echo, 0.99))],
        ["a key, without", figure(median(plain)), figure(quantile(plain, 0.99))],
        ["seconds for all lines", figure(ms / 1_000), ""],
      ],
      targets: targetsOf({ read, echo, peak }),
    };
  },
};

function targetsOf({ read, echo, peak }: { read: Read[]; echo: number[]; peak: number }): Target[] {
  const sum = (of: (each: Read) => number) => read.reduce((total, each) => total + of(each), 0);
  return [
    { what: "lines that a client missed", value: sum(({ missed }) => missed), limit: 0, unit: "" },
    { what: "lines out of order", value: sum(({ disordered }) => disordered), limit: 0, unit: "" },
    { what: "a key, p99", value: quantile(echo, 0.99), limit: 30, unit: "ms" },
    { what: "daemon, peak", value: peak, limit: 150, unit: "MiB" },
  ];
}

function openWorld({ folder, program }: Bench): World {
  const command = JSON.stringify(`sh -c '${PROGRAM}'`);
  const world = new World({ parent: folder, settings: `default: lines\nbackends:\n  lines: ${command}\n` });
  world.self = [program];
  return world;
}

/** A terminal, and one who watches it. */
class Watched {
  seen = "";
  readonly #visit: TerminalVisit;
  #wake: (() => void) | null = null;

  private constructor(world: World, session: SessionId) {
    this.#visit = new TerminalVisit({
      socket: homeFiles(world.home).socket,
      session,
      size: SIZE,
      show: async (bytes) => {
        this.seen += Buffer.from(bytes).toString("latin1").replaceAll("\r", "");
        this.#wake?.();
      },
      isAlive: async () => true,
    });
    void this.#visit.last();
  }

  static async open(world: World, number: number): Promise<Watched> {
    const request = { kind: "terminal", workspace: world.repo, name: `${number}` } as const;
    const { session } = await world.client.call("createSession", {}, request);
    const watched = new Watched(world, session.id);
    await watched.shows("ready");
    watched.seen = "";
    return watched;
  }

  type(text: string): void {
    this.#visit.type(Buffer.from(text));
  }

  async shows(text: string): Promise<void> {
    while (!this.seen.includes(text)) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  leave(): void {
    this.#visit.leave();
  }
}

async function echoOf(watched: Watched): Promise<number[]> {
  const samples: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    watched.seen = "";
    samples.push(
      await timed(async () => {
        watched.type(KEY);
        await watched.shows(KEY);
      }),
    );
  }
  return samples;
}

/** The same program in a pseudo-terminal of our own. */
async function plainEcho({ environment }: World): Promise<number[]> {
  let next = Promise.withResolvers<void>();
  const child = Bun.spawn(["sh", "-c", "stty -icanon -echo; printf ready; exec cat"], {
    env: environment,
    terminal: { cols: SIZE.columns, rows: SIZE.rows, data: () => next.resolve() },
  });
  await next.promise;
  const samples: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    next = Promise.withResolvers();
    samples.push(
      await timed(async () => {
        child.terminal!.write(KEY);
        await next.promise;
      }),
    );
  }
  child.kill("SIGKILL");
  await child.exited;
  return samples;
}

interface Read {
  readonly missed: number;
  readonly disordered: number;
}

/** Numbers that are not the next one after the one before: those left out, and those that go back. */
function linesIn(text: string): Read {
  let last = 0;
  let missed = 0;
  let disordered = 0;
  for (const [number] of text.matchAll(/^\d+$/gm)) {
    const at = Number(number);
    if (at <= last) disordered += 1;
    else missed += at - last - 1;
    last = Math.max(last, at);
  }
  return { missed, disordered };
}
