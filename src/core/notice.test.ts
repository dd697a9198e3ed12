import { expect, test } from "bun:test";
import { noticeOf } from "./notice.ts";
import { heard, seen } from "./outside.ts";
import { at, START } from "./run.fixture.ts";
import type { Talk } from "./run.ts";
import { hear, outside, talk } from "./talk.fixture.ts";

const TOLD = { agent: "claude", conversation: "c", folder: "/work/api" } as const;

function told({ session }: Talk) {
  return noticeOf({ type: "session", session });
}

test("a wait at a terminal is told once, and the next one again", () => {
  const asks = { type: "dialogue", needs: "approval", about: "Bash: make deploy" } as const;
  const waits = hear(talk({ kind: "terminal" }), asks, at(5)).run;
  const found = told(waits);
  expect(found).toMatchObject({
    kind: "needs-you",
    text: "waits at its terminal: Bash: make deploy",
    verb: "attach",
  });
  expect(told(hear(waits, { ...asks, about: "Bash: make all" }, at(6)).run)?.about).toBe(found!.about);
  const over = hear(waits, { type: "dialogue_ended", busy: true }, at(7)).run;
  expect(told(over)).toBeNull();
  expect(told(hear(over, asks, at(8)).run)?.about).not.toBe(found!.about);
});

test("so is one of an agent outside, by its hooks and by the look of it", () => {
  const report = { ...TOLD, event: "asks", needs: "approval", tool: null } as const;
  const said = { report, permissions: null, relayed: false, at: START + 1 };
  const waits = heard(outside(), said, START + 2).run;
  const found = told(waits);
  expect(found).toMatchObject({ kind: "needs-you", verb: "session show" });
  const again = heard(waits, { ...said, at: START + 3 }, START + 4).run;
  expect(told(again)?.about).toBe(found!.about);
  const sight = { conversation: null, pane: null, state: "waiting", since: START + 5 } as const;
  expect(told(seen(again, sight, START + 6).run)?.about).toBe(found!.about);
});

test("an agent that asks through Dispatch is told of by its approval alone", () => {
  expect(told(talk({ kind: "acp", status: { state: "busy", waiting: "approval" } }))).toBeNull();
});
