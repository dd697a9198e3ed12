import { describe, expect, test } from "bun:test";
import type { Session } from "../../src/protocol/session.ts";
import { SessionWorld } from "./session-world.ts";
import { TmuxServer } from "./tmux.ts";

async function outsiders(world: SessionWorld): Promise<Session[]> {
  return (await world.client.call("listSessions", {}, { origin: "external" })).sessions;
}

describe("an agent in a pane of tmux", () => {
  test("is listed with its address, and told what is sent, once and whole", async () => {
    await using world = new SessionWorld();
    await using tmux = new TmuxServer(world);
    await tmux.agent("work", "11111111-1111-4111-8111-111111111111");
    const [session, ...others] = await outsiders(world);
    expect(others).toEqual([]);
    expect(session).toMatchObject({
      agent: "claude",
      folder: world.repo,
      status: { state: "ready" },
      conversation: "11111111-1111-4111-8111-111111111111",
      outside: { hooks: false, proven: true, pane: { address: "work:0.0" } },
    });
    const text = "one \u001b[201~\r; touch pwned\n\ttwo\u0007 `three` $(touch pwned)";
    const { message } = await world.tell(session!.id, text);
    await world.untilMessage(message.id, "delivered");
    await world.appears("said");
    const prefix =
      "A message from the person you work for, sent to this session with Dispatch. Take it as if they had said it here:\n";
    const clean = "one ␛[201~\n; touch pwned\n\ttwo␇ `three` $(touch pwned)";
    await tmux.shows("work", (screen) => screen.includes("❯"));
    expect(tmux.said()).toEqual([`${prefix}\`\`\`\n${clean}\n\`\`\``]);
    expect(world.git("status", "--porcelain")).toBe("?? said\n");
    await world.untilMessage(message.id, "ended");
    expect(await world.message(message.id)).toMatchObject({
      receipt: { state: "consumed" },
      endedAt: expect.any(Number),
    });
  });

  test("is told nothing while it is busy, or while somebody types", async () => {
    await using world = new SessionWorld();
    await using tmux = new TmuxServer(world);
    await tmux.agent("work", crypto.randomUUID());
    const [session] = await outsiders(world);
    await world.tell(session!.id, "hold on");
    await tmux.shows("work", (screen) => screen.includes("working"));
    const { message } = await world.tell(session!.id, "then this");
    expect(message.receipt.state).not.toBe("delivered");
    tmux.type("work", "draft");
    world.write("go", "");
    await tmux.shows("work", (screen) => screen.includes("❯ draft"));
    const third = await world.tell(session!.id, "and this");
    expect(tmux.said()).toHaveLength(1);
    tmux.type("work", "Enter");
    await world.untilMessage(third.message.id, "ended"); // typed, it is not read yet
    expect(tmux.said().map((text) => /draft|hold on|then this|and this/.exec(text)?.[0])).toEqual([
      "hold on",
      "draft",
      "then this",
      "and this",
    ]);
  });

  test("is followed in what it does, though it has no hooks and nobody asks", async () => {
    await using world = new SessionWorld();
    await using tmux = new TmuxServer(world);
    await tmux.agent("work", crypto.randomUUID());
    const [first] = await outsiders(world);
    tmux.type("work", "hold");
    tmux.type("work", "Enter");
    await world.untilSession(first!.id, ({ session }) => session.status.state === "busy");
  });

  test("is told nothing once a shell stands in its place", async () => {
    await using world = new SessionWorld();
    await using tmux = new TmuxServer(world);
    await tmux.agent("work", crypto.randomUUID());
    const [session] = await outsiders(world);
    tmux.run("respawn-pane", "-k", "-t", "work", "PS1='❯ ' sh -i");
    await tmux.shows("work", (screen) => screen.includes("❯"));
    expect((await world.run("tell", session!.id, "touch pwned")).code).toBe(3);
    expect(await outsiders(world)).toEqual([]);
    expect(world.git("status", "--porcelain")).toBe("");
  });

  test("is none where only its name says so, or where Dispatch runs it", async () => {
    await using world = new SessionWorld();
    await using tmux = new TmuxServer(world);
    tmux.open("claude", "exec sleep infinity");
    tmux.open("$(touch pwned) \u001b[2J", "exec sh -c 'exec -a \"#(touch pwned)\" sleep infinity'");
    await tmux.agent("ours", crypto.randomUUID());
    tmux.run("set-environment", "-g", "DISPATCH_RUN", "ses_x:1");
    await tmux.agent("worker", crypto.randomUUID());
    expect((await outsiders(world)).map(({ outside }) => outside?.pane?.address)).toEqual(["ours:0.0"]);
    expect(world.git("status", "--porcelain")).toBe("");
  });
});

test("without tmux there is nothing, and nothing is said of it", async () => {
  await using world = new SessionWorld();
  const tools = ["git", "ps", "sh"].map((name) => Bun.which(name)!);
  Bun.spawnSync(["mkdir", `${world.root}/bin`]);
  for (const tool of tools) Bun.spawnSync(["ln", "-s", tool, `${world.root}/bin/`]);
  world.environment["PATH"] = `${world.root}/bin`;
  expect(await world.run("sessions")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^No sessions/),
    stderr: "",
  });
});
