import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { signalGroup } from "../processes/group.ts";
import { spawnAgent } from "./agent-process.ts";

test("an agent can be ended by its process group, as drivers do", async () => {
  const agent = spawnAgent(["sleep", "300"], {
    environment: { PATH: process.env["PATH"] ?? "" },
    folder: tmpdir(),
  });
  signalGroup(agent, "SIGKILL");
  expect(await agent.exited).toBeNull();
});
