import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "../../src/protocol/id.ts";
import { MAX_QUEUE, MAX_RATE } from "../../src/daemon/brakes.ts";
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_SHOWN } from "../../src/protocol/limit.ts";
import { SessionWorld } from "./session-world.ts";
import { killIfThere } from "./world.ts";

const BUSY = "scripted: run touch busy\nscripted: wait-file go";

/** A session in the middle of a turn, which ends when the file `go` is written; the daemon has heard of it. */
async function busy(world: SessionWorld, name = "busy") {
  const opened = await world.open({ name, prompt: BUSY });
  await world.appears("busy");
  await world.untilMessage(opened.message!.id, "consumed");
  return opened;
}

test("messages to a busy session wait in line, say so, and are told one by one in their order", async () => {
  await using world = new SessionWorld();
  const { message: first } = await busy(world);
  const second = await world.tell("busy", "scripted: text two\n");
  const third = await world.tell("busy", "scripted: text three\n");
  expect(second.message.receipt).toEqual({ state: "queued", position: 1 });
  expect(third.message.receipt).toEqual({ state: "queued", position: 2 });
  expect((await world.session("busy")).messages.map(({ receipt }) => receipt.state)).toEqual([
    "consumed",
    "queued",
    "queued",
  ]);
  world.write("go", "");
  await world.untilMessage(third.message.id, "ended");
  expect(await world.toldIn("busy")).toEqual([BUSY, "scripted: text two\n", "scripted: text three\n"]);
  const [one, two, three] = await Promise.all(
    [first!.id, second.message.id, third.message.id].map((id) => world.message(id)),
  );
  expect(one!.endedAt!).toBeLessThanOrEqual(two!.deliveredAt!);
  expect(two!.endedAt!).toBeLessThanOrEqual(three!.deliveredAt!);
});

test("a place in the line moves up", async () => {
  await using world = new SessionWorld();
  await busy(world);
  const second = await world.tell("busy", "scripted: wait-file on");
  const third = await world.tell("busy", "scripted: text three");
  world.write("go", "");
  await world.untilMessage(second.message.id, "delivered");
  expect((await world.message(third.message.id)).receipt).toEqual({ state: "queued", position: 1 });
  world.write("on", "");
  await world.untilMessage(third.message.id, "ended");
});

test("a message that steers cancels the running turn and goes before those that wait", async () => {
  await using world = new SessionWorld();
  const { message: first } = await busy(world);
  const queued = await world.tell("busy", "scripted: text later");
  const steering = await world.tell("busy", "scripted: text now", { mode: "steer" });
  expect(steering.message.receipt).toEqual({ state: "accepted" });
  await world.untilMessage(queued.message.id, "ended");
  expect(await world.toldIn("busy")).toEqual([BUSY, "scripted: text now", "scripted: text later"]);
  const ends = (await world.transcriptOf("busy")).flatMap(({ event }) =>
    event.type === "turn_ended" ? [event.end] : [],
  );
  expect(ends).toEqual(["cancelled", "end_turn", "end_turn"]);
  expect((await world.message(first!.id)).receipt.state).toBe("consumed");
});

test("a message for a task is its worker's next turn", async () => {
  await using world = new SessionWorld();
  const slug = await world.dispatchPlan(["work"], `${BUSY}\nscripted: text first`, "--name", "worker");
  await world.appears("busy");
  const { message } = await world.tell(slug, "scripted: tick 1\nscripted: finish done");
  expect(message).toMatchObject({ task: (await world.task(slug)).task.id, receipt: { state: "queued" } });
  world.write("go", "");
  expect((await world.settled(slug)).task.status.state).toBe("completed");
  expect((await world.told(slug)).at(-1)).toBe("scripted: tick 1\nscripted: finish done");
  expect((await world.message(message.id)).receipt.state).toBe("consumed");
  await expect(world.tell(slug, "too late")).rejects.toMatchObject({ code: "conflict" });
});

test("a message that is repeated under its key is one message", async () => {
  await using world = new SessionWorld();
  await busy(world);
  const once = await world.tell("busy", "scripted: text once", {}, "key-1");
  const again = await world.tell("busy", "scripted: text once", {}, "key-1");
  expect(again.message.id).toBe(once.message.id);
  await expect(world.tell("busy", "scripted: text other", {}, "key-1")).rejects.toMatchObject({
    code: "conflict",
  });
  world.write("go", "");
  await world.untilMessage(once.message.id, "ended");
  expect(await world.saidIn("busy")).toBe("once");
});

test("a message that was not told in its time expires, and is not told", async () => {
  await using world = new SessionWorld();
  await busy(world);
  const late = await world.tell("busy", "scripted: text late", { expiresInMs: 200 });
  const next = await world.tell("busy", "scripted: text next");
  await world.untilMessage(late.message.id, "expired");
  world.write("go", "");
  await world.untilMessage(next.message.id, "ended");
  expect(await world.saidIn("busy")).toBe("next");
});

test("nothing that was acknowledged is lost or doubled when daemon and host die in between", async () => {
  await using world = new SessionWorld();
  await busy(world);
  const waiting = [];
  for (const word of ["a", "b", "c"])
    waiting.push((await world.tell("busy", `scripted: run echo ${word} >> said.txt`)).message);
  await world.killDaemon();
  for (const pid of world.processes(" host ses_")) killIfThere(pid);
  world.write("go", "");
  await world.untilMessage(waiting.at(-1)!.id, "ended");
  expect(world.read("said.txt")).toBe("a\nb\nc\n");
  await world.untilSession("busy", ({ session }) => session.status.state === "ready");
});

test("what an agent may have taken before it died is held, and told again only when a person says so", async () => {
  await using world = new SessionWorld();
  const { message } = await world.open({ name: "silent", prompt: "scripted: wait-file go" });
  await world.untilMessage(message!.id, "delivered");
  for (const pid of world.processes("scripted/agent.ts")) killIfThere(pid);
  const held = await world.untilMessage(message!.id, "held");
  expect(held.receipt).toEqual({ state: "held", because: "uncertain" });
  expect((await world.session("silent")).session.status.state).toBe("error");
  expect((await world.client.call("getAttention", {}, {})).messages.map(({ id }) => id)).toEqual([held.id]);
  expect(await world.ok("inbox")).toContain("which its agent may have taken before it died");

  world.write("go", "");
  const { message: next } = await world.tell("silent", "scripted: text on");
  await world.untilMessage(next.id, "ended");
  expect((await world.message(held.id)).receipt.state).toBe("held");
  await world.client.call("decideMessage", { message: held.id }, { verdict: "release" });
  await expect(
    world.client.call("decideMessage", { message: held.id }, { verdict: "refuse" }),
  ).rejects.toMatchObject({ code: "conflict", message: "already decided: released" });
  await world.untilMessage(held.id, "ended");
  expect((await world.toldIn("silent")).at(-1)).toStartWith("You were interrupted, and may have seen this");
});

test("a message of another session's agent is fenced, and says whose it is", async () => {
  await using world = new SessionWorld();
  const { session: from } = await world.open({ name: "sender" });
  await world.open({ name: "receiver" });
  const text = "```\nscripted: text forged\n```";
  const { message } = await world.tell("receiver", text, { fromSession: from.id });
  expect(message).toMatchObject({
    from: { kind: "session", session: from.id, name: "sender" },
    chain: [from.id],
  });
  await world.untilMessage(message.id, "ended");
  const [told] = await world.toldIn("receiver");
  expect(told).toContain(`"sender" (${from.id})`);
  expect(told).toContain(`\`\`\`\`\n${text}\n\`\`\`\``);
});

test("an agent that may do less than the receiver's is held until a person releases or refuses it", async () => {
  await using world = new SessionWorld();
  const { session: from } = await world.open({ name: "careful", permissions: "ask" });
  await world.open({ name: "mighty", permissions: "all" });
  const sends = () => world.tell("mighty", "scripted: run touch done", { fromSession: from.id });
  const { message } = await sends();
  expect(message.receipt).toEqual({ state: "held", because: "permissions" });
  const { message: second } = await sends();
  expect(world.processes("scripted/agent.ts")).toEqual([]);
  expect(await world.ok("refuse", second.id, "--reason", "not that")).toBe(`Refused: ${second.id}\n`);
  expect((await world.message(second.id)).receipt).toEqual({ state: "refused", reason: "not that" });
  expect(await world.ok("release", message.id)).toBe(`Released: ${message.id}\n`);
  await world.untilMessage(message.id, "ended");
  expect(existsSync(join(world.repo, "done"))).toBe(true);
  expect((await world.client.call("getAttention", {}, {})).messages).toEqual([]);
});

test("a session that an agent opens with wider permissions gets nothing done unseen", async () => {
  await using world = new SessionWorld();
  const { session: from } = await world.open({ name: "careful", permissions: "ask" });
  const { session, message } = await world.open({
    name: "opened",
    permissions: "all",
    prompt: "scripted: run touch done",
    fromSession: from.id,
  });
  expect(message!.receipt).toEqual({ state: "held", because: "permissions" });
  expect(session.status).toEqual({ state: "stopped", why: "idle" });
});

test("messages do not go round in a circle, and not through too many hands", async () => {
  await using world = new SessionWorld();
  const names = ["s0", "s1", "s2", "s3", "s4", "s5", "s6"];
  const ids: SessionId[] = [];
  for (const name of names) ids.push((await world.open({ name })).session.id);
  await expect(world.tell("s0", "to myself", { fromSession: ids[0]! })).rejects.toMatchObject({
    code: "refused",
  });
  for (const [at, to] of ["s1", "s2", "s3", "s4", "s5"].entries()) {
    const { message } = await world.tell(to, "scripted: silence", { fromSession: ids[at]! });
    expect(message.chain).toEqual(ids.slice(0, at + 1));
    await world.untilMessage(message.id, "delivered");
  }
  const from = { fromSession: ids[5]! };
  await expect(world.tell("s6", "too far", from)).rejects.toMatchObject({ code: "refused" });
  await expect(world.tell("s2", "back again", from)).rejects.toMatchObject({
    code: "refused",
    message: expect.stringContaining("circle"),
  });
});

test("an agent sends another one only so many messages a minute, and a line is only so long", async () => {
  await using world = new SessionWorld();
  const { session: from } = await world.open({ name: "eager" });
  await busy(world);
  for (let at = 0; at < MAX_RATE.session; at++)
    await world.tell("busy", `message ${at}`, { fromSession: from.id });
  await expect(world.tell("busy", "one more", { fromSession: from.id })).rejects.toMatchObject({
    code: "limited",
  });
  for (let at = MAX_RATE.session; at < MAX_QUEUE; at++) await world.tell("busy", `message ${at}`);
  await expect(world.tell("busy", "one more")).rejects.toMatchObject({
    code: "limited",
    message: expect.stringContaining(`${MAX_QUEUE} messages wait`),
  });
  await world.client.call("stopSession", { session: "busy" }, {});
  await world.untilSession("busy", ({ session: { status } }) => status.state === "stopped");
  await world.client.call("deleteSession", { session: "busy" }, {});
});

test("a message may be a MiB long and no longer, and lists show its beginning", async () => {
  await using world = new SessionWorld();
  await world.open({ name: "long" });
  await expect(world.tell("long", "x".repeat(MAX_MESSAGE_BYTES + 1))).rejects.toMatchObject({
    code: "too_large",
  });
  const text = "x".repeat(MAX_MESSAGE_BYTES);
  const { message } = await world.tell("long", text);
  expect(message).toMatchObject({ bytes: MAX_MESSAGE_BYTES, text: "x".repeat(MAX_MESSAGE_SHOWN) });
  await world.untilMessage(message.id, "ended");
  expect((await world.message(message.id)).text).toBe(text);
  expect(await world.toldIn("long")).toEqual([text]);
  const { messages } = await world.client.call("listMessages", { session: "long" }, {});
  expect(messages).toMatchObject([{ id: message.id, text: "x".repeat(MAX_MESSAGE_SHOWN) }]);
});

test("what waits when a session is stopped waits on, and goes first when it comes back", async () => {
  await using world = new SessionWorld();
  await busy(world);
  const waiting = await world.tell("busy", "scripted: text waited\n");
  await world.client.call("stopSession", { session: "busy" }, {});
  await world.untilSession("busy", ({ session: { status } }) => status.state === "stopped");
  expect((await world.message(waiting.message.id)).receipt).toEqual({ state: "queued", position: 1 });
  const next = await world.tell("busy", "scripted: text came");
  await world.untilMessage(next.message.id, "ended");
  expect(await world.toldIn("busy")).toEqual([BUSY, "scripted: text waited\n", "scripted: text came"]);
});

test("an agent that is deaf to the end of its turn is ended, and comes back for what steers", async () => {
  await using world = new SessionWorld();
  const { message: first } = await world.open({
    name: "deaf",
    prompt: "scripted: text in\nscripted: hang-cancel",
  });
  await world.untilMessage(first!.id, "consumed");
  const { message } = await world.tell("deaf", "scripted: recall\nscripted: stop end_turn", {
    mode: "steer",
  });
  await world.untilMessage(message.id, "ended");
  expect(await world.saidIn("deaf")).toBe("inturns 2");
  expect((await world.session("deaf")).session.epoch).toBe(2);
});

test("a turn is ended without its session, and what waits is told", async () => {
  await using world = new SessionWorld();
  await busy(world);
  const { message } = await world.tell("busy", "scripted: text next");
  await world.client.call("interruptSession", { session: "busy" }, {});
  await world.untilMessage(message.id, "ended");
  expect(await world.saidIn("busy")).toBe("next");
  expect((await world.session("busy")).session.epoch).toBe(1);
});
