import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acquireLock } from "../base/lock.ts";
import { newId } from "../base/id.ts";
import { removeSessionFolder } from "./session-folder.ts";

const ROUNDS = 500;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sf-"));
  mkdirSync(join(home, "sessions"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Makes a folder, takes its lock and removes it, again and again, as the hosts of one session do. */
const HOSTS = `
  import { mkdirSync } from "node:fs";
  import { join } from "node:path";
  import { acquireLock, removeLockedFolder } from ${JSON.stringify(join(import.meta.dir, "../base/lock.ts"))};
  const [folder, rounds] = process.argv.slice(1);
  for (let round = 0; round < Number(rounds); round++) {
    const lock = held(join(folder, "lock"));
    if (!lock) continue;
    mkdirSync(join(folder, "log"));
    removeLockedFolder(folder);
    lock.release();
  }
  function held(path) {
    try {
      mkdirSync(folder, { recursive: true });
      return acquireLock(path);
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error; // removed as it was made, or before it had a lock
      return null;
    }
  }
`;

test("a folder that its host removes meanwhile is no failure", async () => {
  const session = newId("ses");
  const folder = join(home, "sessions", session);
  const hosts = Bun.spawn([process.execPath, "-e", HOSTS, folder, String(ROUNDS)], { stderr: "inherit" });
  while (hosts.exitCode === null) {
    for (let at = 0; at < ROUNDS; at++) removeSessionFolder(home, session);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(hosts.exitCode).toBe(0);
  expect(removeSessionFolder(home, session)).toBeTrue();
  expect(readdirSync(join(home, "sessions"))).toEqual([]);
});

test("a folder whose host is alive stays", () => {
  const session = newId("ses");
  const folder = join(home, "sessions", session);
  mkdirSync(folder);
  const lock = acquireLock(join(folder, "lock"))!;
  expect(removeSessionFolder(home, session)).toBeFalse();
  expect(readdirSync(folder)).toEqual(["lock"]);
  lock.release();
});
