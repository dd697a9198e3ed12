import { expect, test } from "bun:test";
import { World } from "./world.ts";

const STALLS = { also: "limits:\n  stall: 2s\n" };

test("a worker that hangs is reminded, then started anew, then given up", async () => {
  await using world = new World(STALLS);
  const slug = await world.dispatch(
    "scripted: hang-cancel\nscripted: hang-cancel\nscripted: hang-cancel\nscripted: hang-cancel",
  );
  const { task, attempts, flags } = await world.until(
    slug,
    (detail) => detail.task.status.state === "failed",
  );
  expect(task.status).toMatchObject({
    state: "failed",
    reason: "timeout",
    message: "stalled: no sign of life for 2s",
    hint: `dispatch resume ${slug}`,
  });
  expect(attempts[0]).toMatchObject({ stalls: 3, resumes: 0 });
  expect(flags).toHaveLength(1);
  expect(await world.ok("inbox")).toContain("no sign of life");
  expect((await world.told(slug)).join("\n")).toContain("There was no sign of life from you for 2s");
  await world.ended(world.processes(" host "));
  expect(world.processes("scripted/agent")).toEqual([]);
}, 120_000);

test("a worker that hangs in silence goes on when it is reminded", async () => {
  await using world = new World(STALLS);
  const slug = await world.dispatch("scripted: silence");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  const told = await world.told(slug);
  expect(told).toHaveLength(2);
  expect(told[1]).toStartWith("There was no sign of life from you for 2s");
});

test("a worker that waits for an answer from the network that never comes is reminded", async () => {
  await using world = new World(STALLS);
  using server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const slug = await world.dispatch(`scripted: network ${server.port}`);
  await world.settled(slug);
  expect(await world.told(slug)).toHaveLength(2);
});

test("one that is sent a byte now and then is alive", async () => {
  await using world = new World(STALLS);
  using server = trickle({ everyMs: 200, bytes: 25 });
  const slug = await world.dispatch(`scripted: network ${server.port}\nscripted: finish done`);
  const { task, attempts } = await world.settled(slug);
  expect(task.status.state).toBe("completed");
  expect(attempts[0]!.stalls).toBe(0);
  expect(await world.told(slug)).toHaveLength(1);
});

test("one that builds without a word is alive", async () => {
  await using world = new World(STALLS);
  const slug = await world.dispatch(
    "scripted: run timeout 5 sh -c 'while :; do :; done'; true\nscripted: finish done",
  );
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(await world.told(slug)).toHaveLength(1);
});

test("one that waits for a person is alive", async () => {
  await using world = new World({ also: "limits:\n  stall: 1s\n" });
  const asks = await world.dispatch("scripted: ask Which?\nscripted: finish done");
  const gated = await world.dispatch("scripted: run true\nscripted: finish done", "--permissions", "ask");
  await world.settled(asks);
  await world.settled(gated);
  const hangs = await world.dispatch("scripted: silence"); // while this one is found to hang, those are not
  await world.settled(hangs);
  expect(await world.told(hangs)).toHaveLength(2);
  expect(await world.told(asks)).toHaveLength(1);
  expect(await world.told(gated)).toHaveLength(1);
});

test("off switches it off", async () => {
  await using world = new World({ also: "limits:\n  stall: 1s\n" });
  await world.ok("config", "set", "limits.stall", "off");
  using server = trickle({ everyMs: 3_000, bytes: 1 });
  const slug = await world.dispatch(`scripted: network ${server.port}\nscripted: finish done`);
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect(await world.told(slug)).toHaveLength(1);
});

/** Sends so many single bytes, one at a time, to whoever connects, and closes. */
function trickle({ everyMs, bytes }: { everyMs: number; bytes: number }) {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data() {},
      open(socket) {
        let left = bytes;
        const timer = setInterval(() => {
          socket.write(".");
          if (--left > 0) return;
          clearInterval(timer);
          socket.end();
        }, everyMs);
      },
    },
  });
}
