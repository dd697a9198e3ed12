import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../base/id.ts";
import { readEvents } from "../store/event.ts";
import { sampleRecord, sampleWorkspace } from "../store/sample.fixture.ts";
import { saveWorkspace, listWorkspaces } from "../store/workspace.ts";
import { type Ledger, openLedger, type Tx } from "./commit.ts";

let folder: string;
let ledger: Ledger;
let reported: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  reported = [];
  ledger = open();
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

function open(): Ledger {
  return openLedger({ path: join(folder, "dispatch.db"), report: (error) => reported.push(error) });
}

function addWorkspace(tx: Tx, path: string): void {
  const workspace = sampleWorkspace(path);
  saveWorkspace(tx.db, workspace);
  tx.announce({ type: "workspace", workspace });
}

test("events are told after the commit, in order, with the numbers that the store has", () => {
  const told: number[] = [];
  ledger.subscribe((events) => {
    expect(listWorkspaces(ledger.db).length).toBeGreaterThan(0);
    told.push(...events.map(({ position }) => position.seq));
  });
  const answer = ledger.commit((tx) => {
    addWorkspace(tx, "/one");
    addWorkspace(tx, "/two");
    expect(told).toEqual([]);
    return "done";
  });
  ledger.ingest((tx) => addWorkspace(tx, "/three"));
  expect(answer).toBe("done");
  expect(told).toEqual([1, 2, 3]);
  expect(ledger.position()).toEqual({ store: ledger.store, seq: 3 });
  expect(readEvents(ledger.db, { after: 0, topics: ["*"], limit: 9 })).toHaveLength(3);
});

test("a throw keeps nothing and tells nothing", () => {
  const told: unknown[] = [];
  ledger.subscribe((events) => told.push(events));
  expect(() =>
    ledger.commit((tx) => {
      addWorkspace(tx, "/one");
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(() => ledger.commit(() => ledger.ingest((tx) => addWorkspace(tx, "/two")))).toThrow(
    "inside a commit",
  );
  expect(listWorkspaces(ledger.db)).toEqual([]);
  expect(told).toEqual([]);
  expect(ledger.position().seq).toBe(0);
});

test("a subscriber that throws harms nobody; one that commits comes after those that were told first", () => {
  const told: string[] = [];
  const leave = ledger.subscribe(() => {
    throw new Error("a bad subscriber");
  });
  ledger.subscribe(([first]) => {
    if (first!.position.seq === 1) ledger.commit((tx) => addWorkspace(tx, "/two"));
  });
  ledger.subscribe((events) => told.push(...events.map(({ position }) => `seq ${position.seq}`)));
  ledger.commit((tx) => addWorkspace(tx, "/one"));
  expect(told).toEqual(["seq 1", "seq 2"]);
  expect(reported).toHaveLength(2);
  leave();
  ledger.commit((tx) => addWorkspace(tx, "/three"));
  expect(reported).toHaveLength(2);
});

test("a record that is known is not told again", () => {
  const record = sampleRecord(newId("ses"), null, 1);
  const told: unknown[] = [];
  ledger.subscribe((events) => told.push(...events));
  expect(ledger.ingest((tx) => tx.announce(record))).toBeTrue();
  expect(ledger.commit((tx) => tx.announce(record))).toBeFalse();
  expect(told).toHaveLength(1);
});

test("the store keeps its id and its place when it is opened again; another store has another id", () => {
  ledger.commit((tx) => addWorkspace(tx, "/one"));
  const before = ledger.position();
  ledger.close();
  ledger = open();
  expect(ledger.position()).toEqual(before);
  ledger.close();
  rmSync(join(folder, "dispatch.db"));
  ledger = open();
  expect(ledger.store).not.toBe(before.store);
});

test("a store whose machine was started anew has another id: its last numbers may be given again", () => {
  const before = ledger.store;
  ledger.close();
  ledger = open();
  expect(ledger.store).toBe(before);
  ledger.db.run("UPDATE meta SET value = 'an earlier boot' WHERE key = 'boot'");
  ledger.close();
  ledger = open();
  expect(ledger.store).not.toBe(before);
});
