import { afterEach, beforeEach, expect, test } from "bun:test";
import { newId } from "../base/id.ts";
import type { AuditEntry } from "../protocol/audit.ts";
import { appendAudit, listAudit, verifyAudit } from "./audit.ts";
import { openStore } from "./sample.fixture.ts";

let store: ReturnType<typeof openStore>;
beforeEach(() => {
  store = openStore();
  for (let at = 1; at <= 5; at++) appendAudit(store.db, decision(at));
});
afterEach(() => store.remove());

function decision(at: number): AuditEntry {
  return {
    type: "decision",
    at,
    by: "person",
    verdict: "allow",
    grant: "once",
    tool: "Bash",
    title: "ls",
    approval: newId("apr"),
    session: newId("ses"),
    task: null,
    call: "hash",
    rules: [],
    because: null,
    reason: "ä\ud83d\ude00",
  };
}

test("a log that nobody touched is whole, also when it is empty", () => {
  expect(verifyAudit(store.db)).toEqual({ rows: 5, broken: null });
  const empty = openStore();
  expect(verifyAudit(empty.db)).toEqual({ rows: 0, broken: null });
  empty.remove();
});

test("pages go from the newest to the oldest", () => {
  const first = listAudit(store.db, { limit: 3 });
  expect(first.rows.map(({ seq }) => seq)).toEqual([5, 4, 3]);
  const last = listAudit(store.db, { limit: 3, before: first.next! });
  expect([last.rows.map(({ seq }) => seq), last.next]).toEqual([[2, 1], null]);
});

test.each([
  ["a changed entry", "UPDATE audit SET body = replace(body, 'allow', 'deny') WHERE seq = 3", 3],
  ["one blank more", "UPDATE audit SET body = body || ' ' WHERE seq = 2", 2],
  ["a changed hash", "UPDATE audit SET hash = 'x' WHERE seq = 2", 2],
  ["a row that is gone", "DELETE FROM audit WHERE seq = 3", 3],
  ["the first row gone", "DELETE FROM audit WHERE seq = 1", 1],
  ["the last row gone", "DELETE FROM audit WHERE seq = 5", 5],
  ["all rows gone", "DELETE FROM audit", 1],
  [
    "rows that changed places",
    "UPDATE audit SET seq = -seq WHERE seq > 3; UPDATE audit SET seq = 9 + seq WHERE seq < 0",
    4,
  ],
  ["a row that was added", "INSERT INTO audit VALUES (6, '{}', '', '')", 6],
])("%s is found, and the first broken row is named", (_, sql, seq) => {
  store.db.script(sql);
  expect(verifyAudit(store.db).broken?.seq).toBe(seq);
  appendAudit(store.db, decision(6));
  expect(verifyAudit(store.db).broken?.seq).toBe(seq);
});

test.each(["{}", "no JSON"])("a row that was made %j is told instead of shown", (body) => {
  store.db.run("UPDATE audit SET body = $body WHERE seq = 3", { body });
  expect(() => listAudit(store.db, { limit: 5 })).toThrow("row 3 of the log was changed");
  expect(listAudit(store.db, { limit: 2 }).rows).toHaveLength(2);
});
