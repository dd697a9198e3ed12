import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../../src/base/id.ts";
import { openLedger } from "../../src/daemon/commit.ts";
import type { RouteAnswer } from "../../src/protocol/routing.ts";
import { sampleSession, sampleTask, sampleWorkspace } from "../../src/store/sample.fixture.ts";
import { saveSession } from "../../src/store/session.ts";
import { saveWorkspace } from "../../src/store/workspace.ts";
import type { World } from "../../test/e2e/world.ts";
import type { Bench, Case } from "../bench.ts";
import { end, spawnReady } from "../processes.ts";
import { figure, interleaved, median, quantile, ratio, timed } from "../samples.ts";
import { openStage, startDaemon } from "../stage.ts";

const REPOSITORIES = 2_000;
const SESSIONS = 10_000;
/** Times that each query is asked. */
const ROUNDS = 100;
const LIMIT_MS = 5;

const VERBS =
  "add check clean fix grow merge move mend prove read rename review sort split test trace tune undo update write".split(
    " ",
  );
const NOUNS =
  "build cache colours cookies cron dates docs emails errors fonts forms graphs hooks icons invoices keys labels limits lists locks".split(
    " ",
  );
const SUBJECTS = "billing search mail login orders images reports maps".split(" ");
const KINDS = "server client app tools docs".split(" ");
const [SESSION, REPOSITORY] = [sessionName(4_321), repositoryName(321)];

const QUERIES = {
  "a repository's name": { query: "billing-server-80", verdict: "ambiguous" },
  "a session's name": { query: SESSION, verdict: "session" },
  "a part of many names": { query: "billing", verdict: "ambiguous" },
  "a misspelled name": { query: SESSION.replace("es", "se"), verdict: "session" },
  "a sentence": { query: `look at ${SESSION} in ${REPOSITORY}`, verdict: "session" },
  "what nobody is called": { query: "nothing like it", verdict: "nothing" },
} as const satisfies Record<string, { query: string; verdict: RouteAnswer["verdict"]["kind"] }>;
type Kind = keyof typeof QUERIES;

export const route: Case = {
  name: "route",
  about: `Queries of each kind, asked of a daemon that knows ${SESSIONS.toLocaleString("en")} sessions in ${REPOSITORIES.toLocaleString("en")} repositories, without anything being sent, ${ROUNDS} times each. Beside it the same bytes to a bare Bun.serve that echoes them. Then the search for the repositories.`,
  run: async (bench) => {
    await using world = openStage(bench, { workers: 1 });
    fill(world);
    await startDaemon(world);
    const searched = await timed(() => world.client.call("discoverProjects", {}, {}));
    const first = await timed(() => ask(world, "a session's name"));
    const { echo, ...times } = await measured(bench, world);
    const base = median(echo);
    const rows = Object.entries(times).map(([kind, ms]) => [
      kind,
      figure(median(ms)),
      figure(quantile(ms, 0.99)),
      ratio(median(ms), base),
    ]);
    const all = Object.values(times).flat();
    return {
      rows: [
        ["", "p50 ms", "p99 ms", "p50 to echo"],
        ...rows,
        ["bare echo", figure(base), figure(quantile(echo, 0.99)), ""],
        ["the first query of a daemon", figure(first), "", ratio(first, base)],
        ["the search for all repositories", figure(searched), "", ratio(searched, base)],
      ],
      targets: [{ what: "all queries, p50", value: median(all), limit: LIMIT_MS, unit: "ms" }],
    };
  },
};

async function measured(bench: Bench, world: World): Promise<Record<Kind | "echo", number[]>> {
  const socket = join(world.root, "echo.sock");
  const options = { cwd: world.root, env: world.environment };
  const echo = await spawnReady([await bench.bare("echo"), socket], options);
  const body = JSON.stringify({ query: QUERIES["a sentence"].query, dryRun: true });
  const kinds = Object.keys(QUERIES) as Kind[];
  const ways = Object.fromEntries(kinds.map((kind) => [kind, () => timed(() => ask(world, kind))]));
  const samples = await interleaved(
    {
      ...(ways as Record<Kind, () => Promise<number>>),
      echo: () =>
        timed(async () => (await fetch("http://localhost/", { unix: socket, method: "POST", body })).json()),
    },
    ROUNDS,
  );
  await end(echo);
  return samples;
}

async function ask(world: World, kind: Kind): Promise<void> {
  const { query, verdict } = QUERIES[kind];
  const answer = await world.client.call("route", {}, { query, dryRun: true });
  if (answer.verdict.kind !== verdict) throw new Error(`${query}: ${JSON.stringify(answer)}`);
}

/** Half of the repositories have another one of their name. */
function repositoryName(number: number): string {
  return `${SUBJECTS[number % SUBJECTS.length]!}-${KINDS[number % KINDS.length]!}-${number % (REPOSITORIES / 2)}`;
}

function sessionName(number: number): string {
  const noun = Math.floor(number / VERBS.length);
  return `${VERBS[number % VERBS.length]!}-${NOUNS[noun % NOUNS.length]!}-${Math.floor(noun / NOUNS.length)}`;
}

/** Gives a world whose daemon was not started yet its repositories and sessions. */
function fill(world: World): void {
  const ledger = openLedger({
    path: join(world.home, "dispatch.db"),
    report: (error) => console.error(error),
  });
  ledger.commit(({ db }) => {
    for (let repository = 0; repository < REPOSITORIES; repository++) {
      const team = `team-${Math.floor(repository / 50)}`;
      const path = join(world.root, "user", "src", team, repositoryName(repository));
      mkdirSync(join(path, ".git"), { recursive: true });
      const workspace = sampleWorkspace(path);
      saveWorkspace(db, workspace);
      const task = sampleTask(workspace);
      for (let at = repository; at < SESSIONS; at += REPOSITORIES)
        saveSession(
          db,
          sampleSession(task, {
            id: newId("ses"),
            origin: "manual",
            task: null,
            name: at < REPOSITORIES ? null : sessionName(at),
            folder: path,
            status: { state: "stopped", why: "idle" },
            updatedAt: Date.now(),
          }),
        );
    }
  });
  ledger.close();
}
