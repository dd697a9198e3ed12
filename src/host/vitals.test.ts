import { afterEach, beforeEach, expect, test } from "bun:test";
import { showsLife } from "../core/vitals.ts";
import type { Vitals } from "../protocol/vitals.ts";
import { prompt, TestSession } from "./test-session.fixture.ts";
import type { TestDaemon } from "./test-daemon.fixture.ts";

let session: TestSession;
beforeEach(() => {
  session = new TestSession();
});
afterEach(() => session.close());

async function look(daemon: TestDaemon): Promise<Vitals> {
  const before = daemon.vitals.length;
  daemon.send({ type: "look" });
  await daemon.until(() => daemon.vitals.length > before);
  return daemon.vitals.at(-1)!;
}

/** Looks until `isSo`, or for good: the test's own limit ends it. */
async function lookUntil(daemon: TestDaemon, isSo: (vitals: Vitals) => boolean): Promise<Vitals> {
  for (;;) {
    const vitals = await look(daemon);
    if (isSo(vitals)) return vitals;
  }
}

test("a host tells what its processes compute, also those that left the agent's group", async () => {
  const { daemon } = await session.started();
  prompt(daemon, { sh: "setsid sh -c 'while :; do :; done' & echo up; wait" });
  await daemon.event("text");
  const first = await look(daemon);
  const later = await lookUntil(daemon, ({ cpuMs }) => cpuMs >= first.cpuMs + 50);
  expect(showsLife(first, later, 1_000)).toBeTrue();
});

test("a host tells what its processes read and write", async () => {
  const { daemon } = await session.started();
  prompt(daemon, { sh: "echo up; sh -c 'while cat /etc/passwd > copy; do :; done'" });
  await daemon.event("text");
  const first = await look(daemon);
  await lookUntil(daemon, ({ bytes }) => bytes! > first.bytes!);
});

test("a host whose processes do nothing shows nothing new", async () => {
  const { daemon } = await session.started();
  prompt(daemon, { sh: "echo up; exec sleep 300" });
  await daemon.event("text");
  let before = await look(daemon);
  const isQuiet = (now: Vitals) => {
    const quiet = !showsLife(before, now, 60_000);
    before = now;
    return quiet;
  };
  await lookUntil(daemon, isQuiet); // the shell is still to become `sleep` at first
});
