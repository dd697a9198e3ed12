import { expect, test } from "bun:test";
import { Update } from "./messages.ts";
import { Trouble } from "./trouble.ts";

function heard(...updates: object[]): Trouble {
  const trouble = new Trouble();
  for (const update of updates) trouble.hear(Update.parse(update));
  return trouble;
}

function rateLimit(info: object): object {
  return { sessionUpdate: "usage_update", used: 1, size: 2, _meta: { "_claude/rateLimit": info } };
}

function codex(of: object): object {
  return { sessionUpdate: "session_info_update", _meta: { codex: of } };
}

test("the end of a limit that Claude Code tells apart from its error is the limit's", () => {
  const error = { message: "You've hit your limit", data: { errorKind: "rate_limit" } };
  const rejected = heard(rateLimit({ status: "rejected", resetsAt: 1_786_100_400 }));
  expect(rejected.failed(error).limit).toEqual({ kind: "usage", resetsAt: 1_786_100_400_000 });
  const warned = heard(rateLimit({ status: "allowed_warning", resetsAt: 1_786_100_400 }));
  expect(warned.failed(error).limit).toEqual({ kind: "usage", resetsAt: null });
  expect(rejected.failed({ message: "no such model" })).toEqual({ end: "model", message: "no such model" });
});

test("what Codex told before its retries says what its last words mean", () => {
  const retry = codex({ error: { message: "Reconnecting… 1/5", codexErrorInfo: "serverOverloaded" } });
  const failed = codex({ threadStatus: { type: "systemError" } });
  expect(heard(retry, failed).turn).toEqual({
    end: "error",
    message: "the agent's turn failed",
    limit: { kind: "rate", resetsAt: null },
  });
  expect(heard(retry).turn).toBeNull();
  expect(heard(failed, codex({ threadStatus: { type: "active" } })).turn).toBeNull();
});
