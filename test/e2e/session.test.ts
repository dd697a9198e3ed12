import { expect, test } from "bun:test";
import { SessionWorld } from "./session-world.ts";

test("a session is on disk before its agent is started, and takes its prompt", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({ name: "api", prompt: "scripted: text hello" });
  expect(session).toMatchObject({ name: "api", task: null, origin: "manual", status: { state: "starting" } });
  expect(message).toMatchObject({ text: "scripted: text hello", receipt: { state: "accepted" } });
  await world.untilMessage(message!.id, "ended");
  expect(await world.saidIn(session.id)).toBe("hello");
  expect(await world.toldIn(session.id)).toEqual(["scripted: text hello"]);
});

test("a session goes on in its own conversation after it was stopped", async () => {
  await using world = new SessionWorld();
  const { session, message } = await world.open({ prompt: "scripted: text one" });
  await world.untilMessage(message!.id, "ended");
  await world.client.call("stopSession", { session: session.id }, {});
  const stopped = await world.untilSession(
    session.id,
    ({ session: { status } }) => status.state === "stopped",
  );
  expect(stopped.session.status).toEqual({ state: "stopped", why: "asked" });
  const { message: next } = await world.tell(session.id, "scripted: recall");
  await world.untilMessage(next.id, "ended");
  expect(await world.saidIn(session.id)).toBe("oneturns 2");
});
