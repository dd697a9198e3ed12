import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../protocol/host.ts";
import { TestSession } from "./test-session.fixture.ts";

const MAIN = join(import.meta.dir, "../main.ts");
const AGENT = join(import.meta.dir, "../agents/scripted/agent.ts");

let session: TestSession;
beforeEach(() => {
  session = new TestSession();
});
afterEach(() => session.close());

function scripted(...items: string[]): Launch {
  return { ...session.taskLaunch(...items), agent: "acp", command: [process.execPath, AGENT] };
}

test("the program's own host drives an ACP agent, whose worker tools come back to it", async () => {
  await session.host([process.execPath, "--no-env-file", "--config=/dev/null", MAIN, "host"]);
  const daemon = await session.connect();
  daemon.start(1, scripted("write the file"));
  const order = ["edit made.txt content", "ask which?|a|b", "tick 1", "finish it is made|made.txt"];
  daemon.order({ type: "prompt", text: order.map((line) => `scripted: ${line}`).join("\n") });
  const { approval, call } = await daemon.event("approval");
  expect(call.paths).toEqual([expect.stringContaining("made.txt")]);
  daemon.order({ type: "decide", approval, verdict: "allow" });
  const { question, options } = await daemon.event("question");
  expect(options).toEqual(["a", "b"]);
  daemon.order({ type: "answer", question, text: "b", prompt: "not needed" });
  expect(await daemon.event("turn_ended")).toMatchObject({ end: "end_turn" });
  expect(daemon.events("plan").at(-1)?.plan.items[0]?.mark).toBe("done");
  expect(daemon.events("finish")).toEqual([{ type: "finish", summary: "it is made", files: ["made.txt"] }]);
  expect(daemon.events("approval")).toHaveLength(1);
  expect(readFileSync(join(session.work, "made.txt"), "utf8")).toStartWith("content");
  daemon.order({ type: "stop", graceMs: 1_000 });
  expect((await daemon.event("gone")).reason).toBe("stopped");
});
