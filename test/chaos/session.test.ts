import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { within } from "../../src/base/within.ts";
import type { Message } from "../../src/protocol/message.ts";
import { SessionWorld } from "../e2e/session-world.ts";
import { killIfThere } from "../e2e/world.ts";
import { Chance } from "./chance.ts";

setDefaultTimeout(1_200_000);

/** About a minute; CHAOS_ROUNDS=200 is for a long night. */
const ROUNDS = Number(process.env["CHAOS_ROUNDS"] ?? 25);
/** From the start of a call to well after its answer: something is killed at some moment of it, in milliseconds. */
const CALL_MS = 250;
/** Far more than a round takes, in milliseconds: one that is not over by then waits for what does not come. */
const ROUND_MS = 60_000;

const chance = new Chance("sessions");

/** A call under which the daemon dies, or the session's host, or both. `name` is new in each round. */
type Round = (world: SessionWorld, name: string) => Promise<void>;

/** Makes a call and kills meanwhile, at a moment that chance picks. */
async function struck<T>(world: SessionWorld, session: string, call: () => Promise<T>): Promise<T> {
  const daemon = await world.daemonPid();
  const victims = chance.of([["daemon"], ["host"], ["daemon", "host"]]);
  const running = call();
  await Bun.sleep(chance.upTo(CALL_MS)); // waits for nothing: it is the moment that is random
  if (victims.includes("daemon")) killIfThere(daemon);
  if (victims.includes("host")) for (const pid of world.processes(` host ${session}`)) killIfThere(pid);
  return running;
}

/** Waits until a message is told and its turn is over; one that is held then is released. */
async function through(world: SessionWorld, { id, text }: Message): Promise<void> {
  const now = await world.untilMessage(id, "ended", "held");
  const times = (await world.toldIn(now.session)).filter((prompt) => prompt.includes(text)).length;
  // A host may die between saying that it tells a message and telling it.
  const isHeld = now.receipt.state === "held";
  expect([text, isHeld, times]).toEqual([text, isHeld, isHeld ? Math.min(times, 1) : 1]);
  if (!isHeld) return;
  await world.client.call("decideMessage", { message: id }, { verdict: "release" });
  expect((await world.untilMessage(id, "ended")).receipt.state).toBe("consumed");
}

/** Nothing of a session's log is missing or there twice, and it can still be talked to in its own conversation. */
async function isSound(world: SessionWorld, name: string): Promise<void> {
  const numbers = (await world.transcriptOf(name)).map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
  const { session } = await world.session(name);
  const { message } = await world.tell(name, `scripted: recall\nscripted: text ${name} is here`);
  await world.untilMessage(message.id, "ended");
  expect(await world.saidIn(name)).toMatch(new RegExp(`turns ([2-9]|\\d\\d)${name} is here`));
  expect((await world.session(name)).session.conversation).toBe(session.conversation);
}

/** Looks at a session a last time, and deletes it. */
async function leave(world: SessionWorld, name: string): Promise<void> {
  await isSound(world, name);
  await world.client.call("stopSession", { session: name }, {});
  await world.untilSession(name, ({ session: { status } }) => status.state === "stopped");
  await world.client.call("deleteSession", { session: name }, {});
}

const ROUND: Record<string, Round> = {
  async open(world, name) {
    const request = { name, prompt: `scripted: text ${name}` };
    const daemon = await world.daemonPid();
    const opening = world.open(request, name);
    await Bun.sleep(chance.upTo(CALL_MS));
    killIfThere(daemon);
    const opened = await opening;
    expect((await world.open(request, name)).session.id).toBe(opened.session.id);
    await through(world, opened.message!);
  },
  async prompt(world, name) {
    const { session } = await started(world, name);
    const { message } = await struck(world, session, () =>
      world.tell(name, `scripted: text ${name}`, {}, name),
    );
    expect((await world.tell(name, `scripted: text ${name}`, {}, name)).message.id).toBe(message.id);
    await through(world, message);
  },
  async line(world, name) {
    const { session } = await started(world, name);
    const texts = ["one", "two", "three"].map((word) => `scripted: text ${name}-${word}`);
    const sent: Message[] = [];
    await struck(world, session, async () => {
      for (const text of texts) sent.push((await world.tell(name, text)).message);
    });
    for (const message of sent) await through(world, message);
    const all = await Promise.all(sent.map(({ id }) => world.message(id)));
    const neverHeld = all.filter(({ decision }) => decision === null); // a held one leaves the line
    const told = await world.toldIn(name);
    const order = neverHeld.map(({ text }) => told.findIndex((prompt) => prompt.includes(text)));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  },
  async approval(world, name) {
    const { session } = await started(world, name, "ask");
    await world.tell(name, `scripted: run echo ran >> .git/${name}`);
    const { approvals } = await world.untilSession(name, (detail) => detail.approvals.length > 0);
    const approval = approvals[0]!.id;
    await struck(world, session, () =>
      world.client.call("decide", { approval }, { verdict: "allow" }, { key: name }),
    );
    await expect(world.client.call("decide", { approval }, { verdict: "deny" })).rejects.toMatchObject({
      code: "conflict",
    });
    // Where its agent died the call is made again in the next turn. It has its decision, unless that was applied: such
    // a call may have run, and is asked about anew.
    const { message } = await world.tell(name, `scripted: text ${name} went on`);
    await world.untilMessage(message.id, "consumed");
    const now = await world.untilSession(
      name,
      ({ session: { status }, approvals: open }) => status.state === "ready" || open.length > 0,
    );
    const anew = now.approvals.map(({ id }) => id);
    for (const again of anew) {
      await world.client.call("decide", { approval: again }, { verdict: "allow" });
    }
    await world.untilMessage(message.id, "ended");
    const { approvals: all } = await world.client.call("listApprovals", {}, { state: "all", session: name });
    expect(all.map(({ id }) => id).toSorted()).toEqual([approval, ...anew].toSorted());
    expect(all.map(({ status }) => status.state)).toEqual(all.map(() => "applied"));
    expect(world.read(`.git/${name}`)).toStartWith("ran\n");
  },
  async answer(world, name) {
    await world.dispatch(`scripted: ask Which?\nscripted: finish done`, "--name", name);
    const { task, questions } = await world.settled(name);
    const question = questions[0]!.id;
    await struck(world, task.session!, () =>
      world.client.call("answerTask", { task: name }, { text: `the ${name}`, question }, { key: name }),
    );
    let now = await world.settled(name);
    expect(now.questions[0]).toMatchObject({
      id: question,
      status: { state: "answered", text: `the ${name}` },
    });
    // An agent that died before it was told begins anew, and asks again.
    if (now.task.status.state === "input-required") {
      await world.ok("answer", name, "again");
      now = await world.settled(name);
    }
    expect([name, now.task.status.state]).toEqual([name, "completed"]);
  },
  async stop(world, name) {
    const { session } = await started(world, name);
    const { message } = await world.tell(name, "scripted: text in\nscripted: wait-file .git/never");
    await world.untilMessage(message.id, "consumed");
    await struck(world, session, () =>
      world.client.call("stopSession", { session: name }, {}, { key: name }),
    );
    const stopped = await world.untilSession(name, ({ session: { status } }) => status.state === "stopped");
    expect(stopped.messages).toEqual([]);
    world.write(".git/never", "");
  },
};

/** Plays a round of this kind to its end. */
async function play(world: SessionWorld, kind: string, name: string): Promise<true> {
  await ROUND[kind]!(world, name);
  if (kind !== "answer") await leave(world, name);
  return true;
}

/** A session that has had a turn. */
async function started(world: SessionWorld, name: string, permissions: "all" | "ask" = "all") {
  const { session, message } = await world.open({ name, permissions, prompt: "scripted: text begun" });
  await world.untilMessage(message!.id, "ended");
  return { session: session.id };
}

test("what was acknowledged is done, once, wherever the daemon or a host dies under it", async () => {
  await using world = new SessionWorld();
  await world.ok("tasks");
  const kinds = Object.keys(ROUND);
  for (let round = 0; round < ROUNDS; round++) {
    const kind = kinds[round % kinds.length]!;
    const name = `${kind}-${round}`;
    try {
      if (!(await within(play(world, kind, name), ROUND_MS)))
        throw new Error("it waits for what does not come");
    } catch (error) {
      throw new Error([`round ${name} failed`, ...world.defects()].join("\n"), { cause: error });
    }
  }
  expect(world.defects()).toEqual([]);
  await world.ended(world.processes(" host "));
  expect(world.processes()).toEqual([await world.daemonPid()]);
  expect(readdirSync(join(world.home, "sessions"))).toEqual([]);
});
