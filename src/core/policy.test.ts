import { expect, test } from "bun:test";
import type { GatedCall, Verdict } from "../protocol/approval.ts";
import type { Permissions } from "../protocol/permission.ts";
import { judge } from "./policy.ts";
import { FOLDER, call } from "./run.fixture.ts";

const CASES: [Permissions, GatedCall, Verdict | null][] = [
  ["all", call("execute"), "allow"],
  ["all", call("delete", "/etc/passwd"), "allow"],
  ["ask", call("read", "/repo/a.ts"), null],
  ["ask", call("execute"), null],
  ["read-only", call("read", "/etc/hosts"), "allow"],
  ["read-only", call("search"), "allow"],
  ["read-only", call("think"), "allow"],
  ["read-only", call("edit", "/repo/a.ts"), "deny"],
  ["read-only", call("execute"), "deny"],
  ["read-only", call("switch_mode"), "deny"],
  ["edits", call("read", "/etc/hosts"), "allow"],
  ["edits", call("edit", "/repo/a.ts"), "allow"],
  ["edits", call("edit", "/repo"), "allow"],
  ["edits", call("move", "/repo/a.ts", "/repo/b.ts"), "allow"],
  ["edits", call("move", "/repo/a.ts", "/tmp/b.ts"), null],
  ["edits", call("edit", "/repository/a.ts"), null],
  ["edits", call("delete", "/etc/passwd"), null],
  ["edits", call("edit"), null],
  ["edits", call("execute"), null],
  ["edits", call("fetch"), null],
  ["edits", call("other", "/repo/a.ts"), null],
];

test.each(CASES)("%s: %j → %p", (permissions, gated, verdict) => {
  expect(judge(permissions, gated, FOLDER)).toBe(verdict);
});

test("a folder may be given with its slash, and may be the root", () => {
  expect(judge("edits", call("edit", "/repo/a.ts"), "/repo/")).toBe("allow");
  expect(judge("edits", call("edit", "/etc/passwd"), "/")).toBe("allow");
});
