import { expect, test } from "bun:test";
import { join } from "node:path";
import { listenJson } from "../../src/base/json-socket.ts";
import { World } from "./world.ts";

const PROMPT = { session_id: "c-1", cwd: "/repo", hook_event_name: "UserPromptSubmit", prompt: "a secret" };

async function report(world: World, socket: string, event: unknown) {
  const input = typeof event === "string" ? event : JSON.stringify(event);
  return await world.runWith(input, "hook", "report", "--to", socket, "--agent", "codex");
}

test("a hook tells its session's host what happened, and no words of it", async () => {
  await using world = new World();
  const socket = join(world.home, "hooks.sock");
  const reports: unknown[] = [];
  const server = await listenJson(socket, (client) => ({
    onMessage(message) {
      reports.push(message);
      client.send({});
    },
    onClose() {},
  }));
  try {
    expect(await report(world, socket, PROMPT)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(reports).toMatchObject([
      { agent: "codex", conversation: "c-1", folder: "/repo", event: "prompt" },
    ]);
    expect(JSON.stringify(reports)).not.toContain("secret");
  } finally {
    server.close();
  }
});

test("a hook is silent for whatever goes wrong", async () => {
  await using world = new World();
  const nowhere = join(world.home, "hooks.sock");
  for (const event of [PROMPT, "", "no JSON", "[]", { hook_event_name: "Stop" }])
    expect(await report(world, nowhere, event)).toEqual({ code: 0, stdout: "", stderr: "" });
  const deaf = await listenJson(nowhere, () => ({ onMessage() {}, onClose() {} }));
  try {
    expect((await report(world, nowhere, PROMPT)).code).toBe(0);
  } finally {
    deaf.close();
  }
});
