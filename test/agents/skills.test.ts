import { afterAll, expect, test } from "bun:test";
import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { ClaudeSession } from "./claude-session.ts";
import { type Call, marker } from "./model/script.ts";
import { startModelServer } from "./model/server.ts";
import { PluginWorld } from "./plugin-world.ts";

const SKILLS = join(dirname(dirname(import.meta.dir)), "plugins/claude-code/skills");
const MAY_RUN = ["Bash(dispatch:*)", "Skill"];

function shell(command: string, more: { background?: boolean } = {}): Call {
  return { do: "shell", command, ...more };
}

const model = startModelServer({
  discover: [{ calls: [shell("dispatch projects discover")] }, { text: "$RESULT" }],
  open: [
    { calls: [shell("dispatch open api --agent claude --task 'watch the tests'")] },
    { text: "$RESULT" },
  ],
  alone: [
    {
      calls: [
        shell("dispatch run 'scripted: ask Which colour?' --name paint --permissions all --for me --json"),
      ],
    },
    { calls: [shell("dispatch wait --any --for me --json", { background: true })] },
    { text: "Dispatched it." },
    { calls: [shell("dispatch answer paint red")] },
    { calls: [shell("dispatch wait --any --for me --json", { background: true })] },
    { text: "Answered." },
    { text: "It is done: $ANSWER" },
  ],
});
afterAll(() => model.close());

/** True when a skill's text came before the model. */
function wasRead(title: string): boolean {
  return model.seen.some(({ said }) => said.includes(title));
}

test("find projects, and open an agent in a terminal of one", async () => {
  await using world = await PluginWorld.open("claude", model.url);
  const api = join(world.user, "src", "api");
  Bun.spawnSync(["git", "init", "-q", api], { env: world.environment });
  await world.ok("plugin", "install", "claude");
  await using session = new ClaudeSession(world, MAY_RUN);
  await session.say(`/dispatch:discover-projects ${marker("discover")}`);
  expect(await session.ends()).toContain("api");
  await session.say(`/dispatch:create-worker api to watch the tests ${marker("open")}`);
  expect(await session.ends()).toContain("dispatch attach");
  expect(["# Find projects", "# Open a worker"].map(wasRead)).toEqual([true, true]);
  const { sessions } = await world.client.call("listSessions", {}, { origin: "manual" });
  expect(sessions).toMatchObject([
    { kind: "terminal", name: "watch the tests", folder: api, agent: "claude" },
  ]);
});

test("without the plugin the skill waits in the background, and its session is woken", async () => {
  await using world = await PluginWorld.open("claude", model.url);
  cpSync(join(SKILLS, "dispatch"), join(world.user, ".claude/skills/dispatch"), { recursive: true });
  await using session = new ClaudeSession(world, MAY_RUN);
  await session.say(`/dispatch paint it ${marker("alone")}`);
  expect(await session.ends()).toBe("Dispatched it.");
  expect(await session.ends()).toBe("Answered."); // nobody said anything: the command in the background ended
  expect(await session.ends()).toContain("It is done: ");
  expect(wasRead("# Dispatch")).toBe(true);
  const { task, questions } = await world.task("paint");
  expect(task.status.state).toBe("completed");
  expect(questions).toMatchObject([{ status: { state: "answered", text: "red" } }]);
});
