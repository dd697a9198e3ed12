import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "bun:test";
import { call, configOf, dispatch, serve, Socket } from "./oppi-client.ts";
import { AGENT, freePort, World } from "./world.ts";

async function saidIn(world: World, session: string): Promise<string> {
  const { events } = await world.client.call("getSessionEvents", { session }, {});
  const texts = events.map(({ event }) =>
    event.type === "transcript" && event.record.event.type === "text" ? event.record.event.text : "",
  );
  return texts.join("");
}

test("oppi's program hands over a prompt, hangs up, and the session goes on", async () => {
  await using world = new World();
  const oppi = await serve(world);
  expect(statSync(configOf(world)).mode & 0o777).toBe(0o600);
  const prompt = "scripted: text first\nscripted: wait-file go\nscripted: text last";
  const sessionId = await dispatch(oppi, { workspace: "repo", prompt, name: "review" });
  world.write("go", "");
  using socket = new Socket(oppi, { sessionId, sinceSeq: 0 });
  await socket.frame(({ type }) => type === "agent_end");
  expect(await saidIn(world, sessionId)).toBe("firstlast");
  const order = socket.frames.map(({ type }) => type).filter((type) => type !== "state");
  expect(order[0]).toBe("stream_connected");
  expect(order.indexOf("agent_start")).toBeLessThan(order.indexOf("text_delta"));
  expect(order.indexOf("text_delta")).toBeLessThan(order.indexOf("agent_end"));
  const stopped = await call<{ status: string }>(oppi, "POST", `/workspaces/repo/sessions/${sessionId}/stop`);
  expect(["stopping", "stopped"]).toContain(stopped.body.status);
  const path = `/workspaces/repo/sessions/${sessionId}`;
  expect(await call(oppi, "DELETE", path)).toMatchObject({ status: 200, body: { ok: true } });
  expect((await call(oppi, "GET", path)).status).toBe(404);
});

test("a prompt to a busy session is queued and says so, once for each turn id, and thinking is kept", async () => {
  await using world = new World();
  const oppi = await serve(world);
  const prompt = "scripted: wait-file go";
  const sessionId = await dispatch(oppi, { workspace: "repo", prompt, thinking: "high" });
  using socket = new Socket(oppi, { sessionId });
  expect((await socket.frame(({ type }) => type === "connected")).session!.thinkingLevel).toBe("high");
  await socket.result("subscribe");
  const second = { type: "prompt", sessionId, message: "scripted: text second", clientTurnId: "t1" };
  for (const requestId of ["a", "b"]) socket.say({ ...second, requestId });
  const results = await Promise.all(
    ["a", "b"].map((wanted) => socket.frame(({ requestId }) => requestId === wanted)),
  );
  expect(results.map(({ data }) => data!["queued"])).toEqual([true, true]);
  expect(results[0]!.data!["messageId"]).toBe(results[1]!.data!["messageId"]);
  socket.say({ ...second, requestId: "c", message: "other" });
  expect(await socket.frame(({ requestId }) => requestId === "c")).toMatchObject({
    success: false,
    code: "conflict",
    error: expect.stringContaining("clientTurnId conflict: t1"),
  });
  world.write("go", "");
  await socket.frame(({ type, delta }) => type === "text_delta" && delta === "second");
  expect(await saidIn(world, sessionId)).toBe("second");
  socket.say({ ...second, requestId: "d" });
  await socket.frame(({ requestId }) => requestId === "d");
  const acks = socket.frames.filter(({ type }) => type === "turn_ack");
  expect(acks.map(({ stage, duplicate }) => [stage, duplicate ?? false])).toEqual([
    ["accepted", false],
    ["dispatched", false],
    ["dispatched", true],
    ["started", false],
    ["started", true],
  ]);
});

test("images go to an agent that looks at them, and are refused in words by another", async () => {
  await using world = new World();
  const oppi = await serve(world);
  const sessionId = await dispatch(oppi, { workspace: "repo", prompt: "scripted: text ready" });
  using socket = new Socket(oppi, { sessionId });
  await socket.result("subscribe");
  const images = [{ data: "aGVsbG8=", mimeType: "image/png" }];
  const look = { type: "prompt", sessionId, message: "What is it?" };
  socket.say({ ...look, images });
  await socket.frame(({ delta }) => delta === "image/png of 8 characters");
  const svg = [{ data: "aGk=", mimeType: "image/svg+xml" }];
  socket.say({ ...look, images: svg, requestId: "svg" });
  expect(await socket.frame(({ requestId }) => requestId === "svg")).toMatchObject({
    success: false,
    code: "invalid",
  });

  world.agent("env", "SCRIPTED_START=blind", ...AGENT);
  await world.ok("config", "set", "compat.oppi.port", String(oppi.port));
  const blind = await dispatch(oppi, { workspace: "repo", prompt: "scripted: text ready", name: "blind" });
  using other = new Socket(oppi, { sessionId: blind, sinceSeq: 0 });
  await other.frame(({ type }) => type === "agent_end");
  other.say({ ...look, sessionId: blind, images, requestId: "i" });
  expect(await other.frame(({ requestId }) => requestId === "i")).toMatchObject({
    success: false,
    code: "refused",
    error: expect.stringContaining("takes no images"),
  });
});

test("all sessions are listed, and models have the windows that agents told", async () => {
  await using world = new World();
  const oppi = await serve(world);
  const prompt = "scripted: usage 1200";
  const sessionId = await dispatch(oppi, { workspace: "repo", prompt });
  using socket = new Socket(oppi, { sessionId, sinceSeq: 0 });
  await socket.frame(({ type }) => type === "agent_end");
  const { body } = await call<{ models: { contextWindow: number | null }[] }>(oppi, "GET", "/models");
  expect(body.models.map(({ contextWindow }) => contextWindow)).toContain(200_000);
  for (let at = 0; at < 51; at++)
    await world.client.call("createSession", {}, { workspace: world.repo, name: `s${at}` });
  const listed = await call<{ sessions: unknown[] }>(oppi, "GET", "/workspaces/repo/sessions");
  expect(listed.body.sessions).toHaveLength(52);
});

test("a call that waits is decided from there", async () => {
  await using world = new World({ also: "permissions: ask\n" });
  const oppi = await serve(world);
  const sessionId = await dispatch(oppi, { workspace: "repo", prompt: "scripted: edit made.txt hello" });
  using socket = new Socket(oppi, { sessionId });
  const { id } = await socket.frame(({ type }) => type === "permission_request");
  socket.say({ type: "permission_response", sessionId, id, action: "allow" });
  expect((await socket.result("permission_response")).success).toBe(true);
  await world.appears("made.txt");
});

test("what is wrong is told at once, and nobody else gets in", async () => {
  await using world = new World();
  const oppi = await serve(world);
  await expect(dispatch(oppi, { workspace: "repo", prompt: " " })).rejects.toThrow("empty");
  await expect(dispatch(oppi, { workspace: "repo", prompt: "x", model: "no-such" })).rejects.toThrow(
    "no-such",
  );
  using lost = new Socket(oppi, { sessionId: "ses_none", requestId: "r" });
  expect(await lost.result("subscribe")).toMatchObject({
    success: false,
    error: "Session not found: ses_none",
  });
  lost.say({ type: "dance", requestId: "d" });
  expect(await lost.frame(({ requestId }) => requestId === "d")).toMatchObject({ success: false });
  expect((await call({ ...oppi, token: "wrong" }, "GET", "/workspaces")).status).toBe(401);
  expect(await call(oppi, "GET", "/nothing")).toMatchObject({
    status: 404,
    body: { error: expect.any(String) },
  });
  const page = { authorization: `Bearer ${oppi.token}`, origin: "https://example.org" };
  expect((await fetch(`http://127.0.0.1:${oppi.port}/workspaces`, { headers: page })).status).toBe(403);
});

test("an own configuration of oppi is honoured, https too, and never changed", async () => {
  await using world = new World();
  const port = freePort();
  const own = `${JSON.stringify({ token: "mine", port, tls: { mode: "self-signed" }, kept: 1 })}\n`;
  mkdirSync(dirname(configOf(world)), { recursive: true });
  writeFileSync(configOf(world), own);
  await world.ok("config", "compat", "oppi");
  await world.ok("daemon", "restart");
  expect(await Bun.file(configOf(world)).text()).toBe(own);
  const headers = { authorization: "Bearer mine" };
  const tls = { rejectUnauthorized: false };
  const models = await fetch(`https://127.0.0.1:${port}/models`, { headers, tls });
  expect(((await models.json()) as { models: { id: string }[] }).models[0]!.id).toContain("/");
});

test("a face that cannot open says why, and the daemon works without it", async () => {
  await using world = new World({ also: "compat: { oppi: {} }\n" });
  await world.ok("tasks");
  const { notices } = await world.client.call("health", {}, {});
  expect(notices.join("\n")).toContain("dispatch config compat oppi");
});
