import { expect, setDefaultTimeout, test } from "bun:test";
import { homeFiles } from "../../src/base/home.ts";
import { followStream } from "../../src/client/stream.ts";
import { World } from "../e2e/world.ts";
import { Chance } from "./chance.ts";

setDefaultTimeout(240_000);

const STREAMING = 20;
const ASKING = 5;
const LINES = 240;
const KILLS = 6;
const numbered = Array.from({ length: LINES }, (_, at) => `${at + 1}\n`).join("");

test("a daemon that is killed again and again loses nothing, doubles nothing, and stops nobody", async () => {
  await using world = new World({ also: `limits:\n  concurrent: ${STREAMING + ASKING}\n` });
  const chance = new Chance("daemon");
  const streaming = await Promise.all(
    Array.from({ length: STREAMING }, (_, at) =>
      world.dispatch(
        `scripted: edit up-${at} yes\nscripted: wait-file go\nscripted: stream 40 ${LINES}\nscripted: finish all said`,
        "--name",
        `stream-${at}`,
      ),
    ),
  );
  const asking = await Promise.all(
    Array.from({ length: ASKING }, (_, at) =>
      world.dispatch(`scripted: ask Which ${at}?\nscripted: finish answered`, "--name", `ask-${at}`),
    ),
  );
  const asked = await Promise.all(asking.map((slug) => world.settled(slug)));
  for (const at of streaming.keys()) await world.appears(`up-${at}`); // its agent is at work
  world.write("go", "");
  const agents = world.processes("scripted/agent.ts");
  expect(agents).toHaveLength(STREAMING + ASKING);

  for (let kill = 0; kill < KILLS; kill++) {
    await after(world, chance.upTo(60));
    await world.killDaemon();
    await world.ok("daemon", "start");
  }
  expect(world.processes("scripted/agent.ts")).toEqual(agents);

  for (const [at, slug] of asking.entries()) {
    const { questions } = await world.task(slug);
    expect(questions.map(({ id }) => id)).toEqual(asked[at]!.questions.map(({ id }) => id));
    await world.killDaemon();
    await world.ok("answer", slug, `answer ${at}`);
    const again = await world.run("answer", slug, "another", "--question", questions[0]!.id);
    expect(again).toMatchObject({ code: 1, stderr: `dispatch: error: already answered: answer ${at}\n` });
  }

  for (const slug of [...streaming, ...asking]) {
    expect((await world.settled(slug)).task.status.state).toBe("completed");
    const records = await world.transcript(slug);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at + 1));
    expect(records.filter(({ event }) => event.type === "started")).toHaveLength(1);
  }
  for (const slug of streaming) expect(await world.said(slug)).toBe(numbered);
  for (const [at, slug] of asking.entries()) expect(await world.said(slug)).toBe(`ask: answer ${at}`);
});

/** Waits for so many events of anybody. */
async function after(world: World, events: number): Promise<void> {
  const over = new AbortController();
  const stream = followStream({
    socket: homeFiles(world.home).socket,
    topics: ["*"],
    signal: over.signal,
  });
  for (let seen = 0; seen < events; seen++) await stream.next();
  over.abort();
}
