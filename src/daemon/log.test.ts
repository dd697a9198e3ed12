import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileLog } from "./log.ts";
import { localToken } from "./token.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "log-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("a line is one JSON document, with an error's causes", () => {
  const log = new FileLog(join(folder, "daemon.log"));
  log.error("host-lost", { session: "ses_1", error: new Error("outer", { cause: new Error("inner") }) });
  log.close();
  const line = JSON.parse(readFileSync(join(folder, "daemon.log"), "utf8")) as Record<string, string>;
  expect(line).toMatchObject({ level: "error", event: "host-lost", session: "ses_1" });
  expect(line["error"]).toMatch(/outer[^]*inner/);
});

test("three files are kept, the newest lines in the first", () => {
  const path = join(folder, "daemon.log");
  for (let index = 0; index < 5; index++) {
    writeFileSync(path, "x".repeat(5 * 1024 * 1024));
    const log = new FileLog(path);
    log.info(`round-${index}`);
    log.close();
  }
  expect(readdirSync(folder).sort()).toEqual(["daemon.log", "daemon.log.1", "daemon.log.2"]);
  expect(readFileSync(path, "utf8")).toContain("round-4");
});

test("the token is made once, for its owner alone, and a broken file is replaced", () => {
  const path = join(folder, "local.token");
  const token = localToken(path);
  expect(localToken(path)).toBe(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, "");
  expect(localToken(path)).not.toBe(token);
});
