import { afterEach, beforeEach, expect, test } from "bun:test";
import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DispatchError } from "../base/error.ts";
import { ConfigFile } from "./config.ts";
import { parseKey } from "./config-text.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
  path = join(folder, "config.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

function failure(use: () => unknown): DispatchError {
  try {
    use();
  } catch (error) {
    if (error instanceof DispatchError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

test("without a file everything has its default; a file that comes later is read", () => {
  const file = new ConfigFile(path);
  expect(file.contents()).toMatchObject({ text: "", value: {} });
  expect(file.read().web.port).toBe(8001);
  writeFileSync(path, "web: {port: 9000}\n");
  expect(file.read().web.port).toBe(9000);
  rmSync(path);
  expect(file.read().web.port).toBe(8001);
});

test("a fault names its place, and the last good values go on", () => {
  writeFileSync(path, "default: opus\n");
  const file = new ConfigFile(path);
  file.read();
  writeFileSync(path, "default: opus\nmodels:\n  opus: {backend: [\n");
  const syntax = failure(() => file.read());
  expect(syntax.code).toBe("invalid");
  expect(syntax.message).toStartWith(`${path}:`);
  expect(syntax.hint).toContain("correct line");
  writeFileSync(path, "# mine\nweb:\n  port: many\n");
  const schema = failure(() => file.read());
  expect(schema.message).toStartWith(`${path}:3:9: web.port:`);
  writeFileSync(path, "- a list\n");
  expect(failure(() => file.read()).code).toBe("invalid");
  expect(file.last().default).toBe("opus");
});

test("an edit keeps comments, order and unknown keys", () => {
  writeFileSync(
    path,
    "# my models\nmodels:\n  opus:\n    backend: claude # the big one\nmine: [stays]\naliases:\n",
  );
  const file = new ConfigFile(path);
  file.edit([
    { key: ["models", "opus-4.5", "backend"], value: "claude" },
    { key: ["aliases", "reviewer"], value: { model: "opus", prompt: "Review." } },
    { key: ["default"], value: "opus" },
  ]);
  expect(readFileSync(path, "utf8")).toBe(
    "# my models\nmodels:\n  opus:\n    backend: claude # the big one\n  opus-4.5:\n    backend: claude\n" +
      "mine: [ stays ]\naliases:\n  reviewer:\n    model: opus\n    prompt: Review.\ndefault: opus\n",
  );
  expect(statSync(path).mode & 0o777).toBe(0o600);
  file.edit([{ key: ["default"], value: undefined }]);
  expect(file.read().default).toBeUndefined();
  expect(new ConfigFile(path).read().aliases["reviewer"]!.model).toBe("opus");
});

test("an edit that would break the file writes nothing", () => {
  writeFileSync(path, "default: opus\n");
  const file = new ConfigFile(path);
  expect(failure(() => file.edit([{ key: ["web", "port"], value: "many" }])).code).toBe("invalid");
  expect(failure(() => file.edit([{ key: ["default", "model"], value: "x" }])).code).toBe("invalid");
  expect(readFileSync(path, "utf8")).toBe("default: opus\n");
});

test("a linked file stays linked", () => {
  const target = join(folder, "dotfiles.yaml");
  writeFileSync(target, "default: opus\n");
  symlinkSync(target, path);
  new ConfigFile(path).edit([{ key: ["default"], value: "sonnet" }]);
  expect(lstatSync(path).isSymbolicLink()).toBeTrue();
  expect(readFileSync(target, "utf8")).toBe("default: sonnet\n");
});

test("keys are dotted, and a name with dots is quoted", () => {
  expect(parseKey("web.port")).toEqual(["web", "port"]);
  expect(parseKey('models."opus-4.5".backend')).toEqual(["models", "opus-4.5", "backend"]);
  for (const wrong of ["", ".", "a.", ".a", "a..b", 'a."b', '"a"b'])
    expect(() => parseKey(wrong)).toThrow("is not a key");
});
